// What a server holds at one moment: the memory and descriptors of its process, its files, its
// gauges.
import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { rest } from '../support/rest.mjs';
import { patience } from '../support/server.mjs';

const settleMsMax = 60_000 * patience;
const lookMs = 250;
const growthMax = 1.25; // of memory without SQLite's, between the two halves of the run
const growthBytesMin = 16 * 1024 * 1024; // smaller growth is noise of the allocator

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

/// Waits until the server has noticed all disconnects: it holds no more than at `start`.
export async function settled(server, start) {
  const until = Date.now() + settleMsMax;
  for (;;) {
    const held = await holdings(server);
    const wanted = start ?? atRest(held);
    const over = Object.keys(wanted).filter((name) => held[name] > wanted[name]);
    if (over.length === 0) return held;
    const what = over.map((name) => `${name} ${held[name]} instead of ${wanted[name]}`);
    if (Date.now() > until) throw new Error(`still held after all clients left: ${what.join(', ')}`);
    await pause(lookMs);
  }
}

// No clients are connected: the one connection is that of this request.
function atRest({ descriptors, ...gauges }) {
  const zeros = Object.fromEntries(Object.keys(gauges).map((name) => [name, 0]));
  return { ...zeros, connections_open: 1, descriptors };
}

/// Fails if the memory without SQLite's, sampled all the time, grew. A burst may need more for a
/// moment, so the halves are compared by their medians.
export function checkGrowth(samples) {
  const middle = (from, to) => median(samples.slice(samples.length * from, samples.length * to));
  const [first, second] = [middle(0, 0.5), middle(0.5, 1)];
  const quarters = [0, 0.25, 0.5, 0.75].map((from) => mb(middle(from, from + 0.25)));
  const allowed = Math.max(first * growthMax, first + growthBytesMin);
  console.log(`memory without SQLite's, medians of the quarters: ${quarters.join(', ')}`);
  console.log(`of the halves: ${mb(first)}, ${mb(second)} (allowed ${mb(allowed)})`);
  // Sanitizers keep freed memory.
  if (patience === 1) assert.ok(second <= allowed, 'the memory grew');
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export const mb = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
