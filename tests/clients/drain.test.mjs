// On SIGTERM the server reports that it is not ready, finishes accepted requests, closes all
// connections and exits with 0 in bounded time. A second SIGTERM, a second later, ends it at once.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, history, kinds, patience, reconnectMsMax, rest, unique } from './support.mjs';
import { metric } from './metrics.mjs';
import { RawSocket, frame, stalledMember } from './raw_socket.mjs';
import { startServer } from '../support/server.mjs';

const handshake = '/socket.io/?EIO=4&transport=polling';
const testMsMax = { timeout: 120_000 * patience };

async function untilNotReady(server) {
  for (let i = 0; i < 600; i++) {
    const answer = await rest(server, 'GET', '/readyz');
    if (answer.status === 503) return answer;
    await pause(5);
  }
  assert.fail('/readyz never failed');
}

describe('drain', () => {
  test('/readyz fails and new sessions are refused while clients are still served', testMsMax, async () => {
    const server = await startServer({ args: ['--drain.notice=1500', '--drain.timeout=15000'] });
    const clients = [new Client(kinds.v4WebSocket, server.url), new Client(kinds.v4Polling, server.url)];
    try {
      const room = unique('drain');
      for (const client of clients) await client.connected();
      for (const [i, client] of clients.entries()) await client.join(room, `u${i}`, 'cx-agent');
      server.signal('SIGTERM');
      const answer = await untilNotReady(server);
      const { checks, ...others } = answer.body;
      assert.deepEqual(others, { status: 'draining' });
      assert.deepEqual(checks.filter(({ ok }) => !ok).map(({ name }) => name), ['draining']);
      assert.equal((await rest(server, 'GET', '/healthz')).status, 200);
      assert.equal((await rest(server, 'GET', handshake)).status, 503);
      assert.equal(await metric(server, 'parley_draining'), 1);
      const said = [];
      for (const client of clients) said.push(await client.say(room, 'while it drains'));
      for (const client of clients) await client.receives('new_message', (body) => body.id === said[1].id);
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
      for (const client of clients) {
        await client.dropped();
        assert.ok(['transport close', 'transport error'].includes(client.disconnects.at(-1)));
      }
      await server.start(server.port);
      for (const client of clients) await client.connected(reconnectMsMax);
      assert.deepEqual(await history(server, room), said);
    } finally {
      for (const client of clients) client.close();
      await server.finish();
    }
  });

  test('under load every request is stored and acknowledged, or refused, or unanswered', testMsMax, async () => {
    const server = await startServer();
    const client = new Client(kinds.v4WebSocket, server.url);
    try {
      await client.connected();
      const conversationId = unique('load');
      await client.join(conversationId, 'u', 'cx-agent');
      const acked = [];
      const refusals = [];
      let sent = 0;
      const more = () => {
        if (!client.socket.connected) return;
        client.socket.emit('send_message', { conversationId, content: `${sent++}` }, (reply) => {
          if (reply.success === false) refusals.push(reply.code);
          else acked.push(reply);
          more();
        });
      };
      for (let i = 0; i < 200; i++) more();
      await client.until(() => acked.length > 500, 'the first acknowledgements');
      server.signal('SIGTERM');
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
      await client.dropped();
      client.close();
      await server.start(server.port);
      const stored = new Map((await history(server, conversationId)).map((one) => [one.id, one]));
      for (const message of acked) assert.deepEqual(stored.get(message.id), message);
      for (const code of refusals) assert.equal(code, 'shutting_down');
      console.log(
        `drain under load: ${acked.length} acknowledged, ${stored.size} stored, ` +
          `${refusals.length} refused with shutting_down, ${sent - acked.length - refusals.length} unanswered`,
      );
    } finally {
      client.close();
      await server.finish();
    }
  });

  test('the server ends in time with any kind of client, and closes WebSockets with 1001', testMsMax, async () => {
    const server = await startServer({ args: ['--drain.timeout=3000', '--io.send-buffer=65536'] });
    const room = unique('stalled');
    const sockets = [];
    const raw = (bytes) => {
      const socket = new RawSocket(server);
      socket.send(bytes);
      sockets.push(socket);
      return socket;
    };
    try {
      const stalled = [];
      for (let i = 0; i < 3; i++) stalled.push(await stalledMember(server, room, `s-${i}`));
      sockets.push(...stalled);
      const body = { conversationId: room, fromUserId: 'u', fromRole: 'cx-agent' };
      for (let i = 0; i < 3; i++) {
        const answer = await rest(server, 'POST', '/chat/messages', { ...body, content: 'x'.repeat(400_000) });
        assert.equal(answer.status, 201);
      }
      const reading = await stalledMember(server, unique('reading'), 'r');
      sockets.push(reading);
      reading.socket.resume();
      reading.received = Buffer.alloc(0);
      raw('GET /heal'); // half a request
      raw('POST /chat/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{'); // half a body
      raw(''); // sends nothing
      const half = await stalledMember(server, room, 'half');
      half.send(frame('42["typing_start"]').subarray(0, 7)); // half a frame
      sockets.push(half);
      const parked = raw(`GET ${handshake} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await parked.status();
      const sid = /"sid":"([^"]+)"/.exec(parked.text)[1];
      parked.received = Buffer.alloc(0);
      parked.send(`GET ${handshake}&sid=${sid} HTTP/1.1\r\nHost: localhost\r\n\r\n`); // parked
      await pause(200);
      server.signal('SIGTERM');
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
      await reading.gone();
      assert.deepEqual([...reading.received.subarray(-4)], [0x88, 2, 1001 >> 8, 1001 & 0xff]);
      assert.match(parked.text, /^HTTP\/1\.1 200 [^]*\r\n\r\n6$/, 'the poll ends with a noop');
    } finally {
      for (const socket of sockets) socket.close();
      await server.finish();
    }
  });

  test('a second SIGTERM ends the server at once, and nothing acknowledged is lost', testMsMax, async () => {
    // Without the second signal it would run for a quarter of an hour, longer than the test waits.
    const server = await startServer({ args: ['--drain.notice=900000', '--drain.timeout=1800000'] });
    try {
      const body = { conversationId: 'c', fromUserId: 'u', fromRole: 'cx-agent', content: 'kept' };
      server.signal('SIGTERM');
      await untilNotReady(server);
      const { status, body: message } = await rest(server, 'POST', '/chat/messages', body);
      assert.equal(status, 201);
      await pause(1100); // an earlier signal would count as the same request (signals.test.mjs)
      server.signal('SIGTERM');
      assert.deepEqual(await server.ended(), { code: 143, signal: null });
      await server.start(server.port);
      assert.deepEqual(await history(server, 'c'), [message]);
      await server.kill9(); // it has the same long drain
    } finally {
      await server.finish();
    }
  });
});
