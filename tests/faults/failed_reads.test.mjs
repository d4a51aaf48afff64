// Without memory for a large reply, only that read is refused with `internal`, and the server
// continues.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { rest } from '../support/rest.mjs';
import { patience } from '../support/server.mjs';
import { answerMsMax, connect, faultyProgram, request, send, startServer, withFolder } from './support.mjs';

// A message, its JSON or its frame in one piece is larger than the server may allocate at once.
const large = 'x'.repeat(400_000);
const env = { FAULT_ALLOCATIONS: '300000' };

async function failedReads(server) {
  const { text } = await rest(server, 'GET', '/metrics');
  return Number(/^parley_reads_failed_total (\d+)$/m.exec(text)[1]);
}

/// The state of a stock client: its pid and its last cursor.
const held = ({ _pid: pid, _lastOffset: offset }) => ({ pid, offset });

describe('a read that throws', { timeout: 4 * answerMsMax + 60_000 * patience }, () => {
  test('is refused on the socket and over REST, disconnects a client that catches up, and does nothing else', async () => {
    await withFolder(async (dataDir) => {
      // Stored by the normal program.
      const server = await startServer({ dataDir });
      const join = (conversationId) => ({ conversationId, userId: 'anna', userRole: 'cx-customer' });
      const anna = await connect(server, { auth: { recovery: true } });
      await request(anna, 'join_room', join('large'));
      await request(anna, 'join_room', join('small'));
      assert.equal((await send(anna, 'large', 'first')).content, 'first');
      await request(anna, 'join_dashboard', {}); // everything before has been delivered
      const before = held(anna);
      anna.io.engine.close();
      const writer = await connect(server);
      assert.equal((await send(writer, 'large', large)).content.length, large.length);
      assert.equal((await send(writer, 'small', 'hello')).content, 'hello');
      writer.disconnect();
      await server.stop();

      // Read without enough memory.
      await server.start(server.port, { program: faultyProgram(), env });
      const bob = await connect(server);
      await request(bob, 'join_room', join('small'));
      for (let i = 1; i <= 3; i++) { // more than the reads of one client that run at once
        const refusal = await request(bob, 'get_messages', { conversationId: 'large' });
        assert.deepEqual([refusal.success, refusal.code], [false, 'internal']);
        const answer = await rest(server, 'GET', '/chat/conversations/large/messages');
        assert.deepEqual([answer.status, answer.body.code], [500, 'internal']);
        assert.equal(await failedReads(server), 2 * i);
      }
      const page = await request(bob, 'get_messages', { conversationId: 'small' });
      assert.deepEqual(page.map(({ content }) => content), ['hello']);
      assert.equal((await send(bob, 'small', 'again')).content, 'again');
      // A client that comes back to it is disconnected, and may try again.
      const caught = await connect(server, { auth: before });
      for (let i = 0; i < 600 * patience && caught.connected; i++) await pause(50);
      assert.equal(caught.connected, false);
      assert.equal(caught._pid, before.pid);
      assert.equal(await failedReads(server), 7);
      assert.match(server.stderr, /read_failed/);
      bob.disconnect();
      await server.stop();

      // Once there is memory again, nothing is lost.
      await server.start(server.port);
      const heard = [];
      const back = await connect(server, { auth: before }, { new_message: ({ content }) => heard.push(content) });
      await request(back, 'join_dashboard', {});
      for (let i = 0; i < 600 * patience && heard.length < 3; i++) await pause(50);
      assert.deepEqual(heard, [large, 'hello', 'again']);
      back.disconnect();
      await server.stop();
    });
  });
});
