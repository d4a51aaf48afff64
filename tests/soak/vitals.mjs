// What a server holds at one moment: the memory and descriptors of its process, its files, its
// gauges.
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { rest } from '../support/rest.mjs';

/// Gauges that must return to their initial value.
const gauges = [
  'connections_open',
  'web_sockets_open',
  'sessions_open',
  'polls_parked',
  'outbox_bytes',
  'mailbox_tasks',
  'requests_in_flight',
  'writer_queue_requests',
  'writer_queue_bytes',
  'reader_queue_requests',
  'connections_joined',
  'typing_users',
  'rooms',
  'room_members',
];

/// The process's anonymous memory in bytes: { all, sqlite, own }. `own` is all memory without
/// SQLite's caches, whose size is bounded separately.
export async function memory(server) {
  const sqlite = (await metrics(server)).get('sqlite_memory_bytes');
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  const all = Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)[1]) * 1024;
  return { all, sqlite, own: all - sqlite };
}

export async function descriptors(pid) {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

export async function fileBytes(dataDir, name) {
  return stat(path.join(dataDir, name)).then(({ size }) => size, () => 0);
}

/// All metrics, by name without `parley_`.
export async function metrics(server) {
  const { text } = await rest(server, 'GET', '/metrics');
  const values = new Map();
  for (const [, name, value] of text.matchAll(/^parley_(\w+) (\S+)$/gm)) values.set(name, Number(value));
  return values;
}

/// The gauges and the number of descriptors, by name.
export async function holdings(server) {
  const all = await metrics(server);
  const missing = gauges.filter((name) => !all.has(name));
  if (missing.length > 0) throw new Error(`/metrics lacks ${missing.join(', ')}`);
  const held = Object.fromEntries(gauges.map((name) => [name, all.get(name)]));
  return { ...held, descriptors: await descriptors(server.pid) };
}
