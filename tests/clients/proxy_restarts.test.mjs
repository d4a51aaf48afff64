// A proxy in front of Parley, or Parley behind it, ends and starts again under clients: they come
// back by themselves and miss nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asAgent, closeAll, hear, open, roomOf, talk, testMsMax, until, useProxy } from './proxied.mjs';
import { HAProxy, Nginx } from './proxies.mjs';
import { kinds, patience, reconnectMsMax, rest } from './support.mjs';

const polling = '/socket.io/?EIO=4&transport=polling';
const transports = [kinds.v4, kinds.v4WebSocket, kinds.v4Polling];

const openAll = async (world) => {
  const clients = [];
  for (const kind of transports) clients.push(await open(world, kind));
  return clients;
};

/// Says something that no client can hear yet, past the proxy.
async function sayMeanwhile(world, conversationId) {
  const answer = await rest(world.server, 'POST', '/chat/messages', { conversationId, content: 'meanwhile' }, asAgent());
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

/// Each client has come back once more than `times`, recovered, and heard `said`.
async function cameBack(clients, said, times = 1) {
  for (const client of clients) {
    await client.until(() => client.connects > times && client.socket.connected, 'coming back', reconnectMsMax);
    assert.equal(client.socket.recovered, true, client.kind.name);
    await hear(client, said);
    const heard = client.log.filter(({ name }) => name === 'new_message').map(({ body }) => body.position);
    assert.deepEqual(heard, [...new Set(heard)].sort((a, b) => a - b), 'each message once, in order');
  }
}

for (const Kind of [Nginx, HAProxy]) {
  describe(`${Kind.name}: restarts`, () => {
    const world = useProxy(Kind);

    test('a reload of the proxy disconnects nobody, and new connections see the new certificate', testMsMax, async () => {
      const clients = await openAll(world);
      const room = await roomOf(...clients);
      await talk(room, clients);
      await world.proxy.reload();
      await talk(room, clients, 'after the reload');
      const late = await open(world, kinds.v4);
      await late.join(room, late.user, 'cx-agent');
      await talk(room, [...clients, late], 'all together');
      for (const client of clients) assert.deepEqual([client.connects, client.disconnects], [1, []], client.kind.name);
      closeAll(...clients, late);
    });

    test('after a kill of the proxy clients come back and have missed nothing', testMsMax, async () => {
      const clients = await openAll(world);
      const room = await roomOf(...clients);
      const said = await talk(room, clients);
      await world.proxy.kill();
      for (const client of clients) await client.dropped();
      said.push(await sayMeanwhile(world, room));
      await world.proxy.start();
      await cameBack(clients, said);
      await talk(room, clients, 'after the kill');
      closeAll(...clients);
    });

    for (const signal of ['SIGTERM', 'SIGKILL']) {
      test(`after ${signal} to Parley clients come back and have missed nothing`, testMsMax, async () => {
        const clients = await openAll(world);
        const room = await roomOf(...clients);
        const said = await talk(room, clients);
        if (signal === 'SIGKILL') await world.server.kill9();
        else await world.server.stop();
        for (const client of clients) await client.dropped();
        for (const client of clients) {
          assert.match(client.disconnects.at(-1), /^transport (close|error)$/, client.kind.name);
        }
        const answer = await world.proxy.request('GET', `${polling}&sid=secret`);
        assert.equal(answer.status, Kind === Nginx ? 502 : 503);
        await world.server.start(world.server.port);
        said.push(await sayMeanwhile(world, room));
        await cameBack(clients, said);
        await talk(room, clients, 'after the restart');
        assert.ok(!(await world.proxy.log()).includes('secret'), 'a sid in the log');
        closeAll(...clients);
      });
    }
  });

  describe(`${Kind.name}: a drain`, () => {
    const notice = 3000 * patience;
    const world = useProxy(Kind, [`--drain.notice=${notice}`, `--drain.timeout=${3 * notice}`]);

    test('gets no new clients, while those that are there go on', testMsMax, async () => {
      const clients = await openAll(world);
      const room = await roomOf(...clients);
      world.server.signal('SIGTERM');
      // HAProxy refuses by itself; nginx passes on the refusal of Parley, which has code 3.
      const isRefused = async () => {
        const answer = await world.proxy.request('GET', polling);
        return answer.status === 503 && (Kind === Nginx) === (answer.body?.code === 3);
      };
      await until(isRefused, 'the refusal of a handshake');
      const said = await talk(room, clients, 'while it drains');
      for (const client of clients) assert.deepEqual(client.disconnects, []);
      assert.deepEqual(await world.server.ended(), { code: 0, signal: null });
      for (const client of clients) await client.dropped();
      await world.server.start(world.server.port);
      said.push(await sayMeanwhile(world, room));
      await cameBack(clients, said);
      closeAll(...clients);
      await world.server.kill9(); // no other notice to wait for
    });
  });
}
