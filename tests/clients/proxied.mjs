// Shared by the tests of proxies: Parley with the documented settings behind a proxy, and clients
// that come through it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer } from '../support/server.mjs';
import { jwk, tokenOf } from './identity.mjs';
import { parseMetrics } from './metrics.mjs';
import { documented } from './proxies.mjs';
import { Client, kinds, patience, rest, unique } from './support.mjs';

export const testMsMax = { timeout: 120_000 * patience };
export const waitMsMax = 20_000 * patience;

/// Parley with the documented settings, for the tests of the enclosing `describe`, and a proxy of
/// `Kind` in front of it.
export function useProxy(Kind, settings = []) {
  const world = { clients: [] };
  before(async () => {
    world.folder = mkdtempSync(path.join(tmpdir(), 'parley-proxied-'));
    const file = (name) => path.join(world.folder, name);
    writeFileSync(file('keys.json'), JSON.stringify({ keys: [jwk()] }));
    const replaced = [
      ['/etc/parley/keys.pem', file('keys.json')],
      ['/var/backups/parley', file('backups')],
    ];
    writeFileSync(file('parley.conf'), documented('parley.conf', replaced));
    const args = ['--config', file('parley.conf'), '--drain.notice=0', '--io.threads=2', ...settings];
    world.server = await startServer({ args });
    world.proxy = new Kind(world.server.port);
    await world.proxy.start();
  });
  after(async () => {
    for (const client of world.clients) client.close();
    await world.proxy?.finish();
    await world.server?.finish();
    rmSync(world.folder, { recursive: true, force: true });
  });
  return world;
}

/// A client of `kind` behind the proxy, as an agent that can come back; it is closed at the end.
export async function open(world, kind, more = {}) {
  const user = more.user ?? unique('agent');
  const options = world.proxy.options({ token: tokenOf('agent', user), recovery: kind !== kinds.v3 }, more);
  const client = new Client({ ...kind, options: { ...kind.options, ...options } }, world.proxy.origin);
  client.user = user;
  world.clients.push(client);
  await client.settled();
  return client;
}

/// Joins `clients` to a room, and returns its id.
export async function roomOf(...clients) {
  const room = unique('room');
  for (const client of clients) await client.join(room, client.user, 'cx-agent');
  return room;
}

/// Lets each of `clients` say something that all of them hear; returns the messages.
export async function talk(room, clients, content = 'hello') {
  const said = [];
  for (const client of clients) said.push(await client.say(room, `${content} from ${client.user}`));
  for (const client of clients) await hear(client, said);
  return said;
}

export async function hear(client, said) {
  for (const message of said) {
    assert.deepEqual(await client.receives('new_message', (body) => body.id === message.id), message);
  }
}

export function closeAll(...clients) {
  for (const client of clients) {
    client.close();
    for (const fault of client.faults) throw fault;
  }
}

export const asAgent = () => ({ authorization: `Bearer ${tokenOf('agent', unique('agent'))}` });

export async function metric(world, name) {
  const operator = { authorization: `Bearer ${tokenOf('operator', 'ops')}` };
  const answer = await rest(world.server, 'GET', '/metrics', undefined, operator);
  assert.equal(answer.status, 200, answer.text);
  return parseMetrics(answer.text).get(name);
}

/// Waits until `holds()`.
export async function until(holds, what) {
  const end = Date.now() + waitMsMax;
  while (!(await holds())) {
    assert.ok(Date.now() < end, what);
    await pause(20);
  }
}
