// A hundred members of a busy room stop reading. The others notice nothing, the server's memory
// stays bounded, and the slow clients are disconnected in time. Typing events are dropped first.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fence, kinds, patience, rest, scenario, unique, useServer } from './support.mjs';
import { metric, metrics } from './metrics.mjs';
import { stalledMember } from './raw_socket.mjs';

const stalledCount = 100;
const silentPollers = 20;
const outboxBytes = 500_000;
const messageBytes = 20_000;
const messageCount = 200;
const stalledMs = 3000 * patience;
const stepCount = 10; // messages that a healthy reader may be behind

async function anonymousBytes(server) {
  const text = await readFile(`/proc/${server.pid}/smaps_rollup`, 'utf8');
  return Number(/^Anonymous:\s+(\d+) kB$/m.exec(text)[1]) * 1024;
}

/// A client that joined over long-polling and never polls again.
async function silentPoller(server, conversationId, userId) {
  const path = '/socket.io/?EIO=4&transport=polling';
  const { text } = await rest(server, 'GET', path);
  const session = `${path}&sid=${JSON.parse(text.slice(1)).sid}`;
  const join = { conversationId, userId, userRole: 'cx-agent' };
  const body = `40\x1e420${JSON.stringify(['join_room', join])}`;
  assert.equal((await rest(server, 'POST', session, body)).text, 'ok');
  return session;
}

describe('back-pressure', () => {
  scenario(
    useServer({
      args: [
        `--io.outbox=${outboxBytes}`, `--polling.queue=${outboxBytes}`, '--io.send-buffer=65536',
        `--io.stalled=${stalledMs}`,
      ],
    }),
    'a hundred stalled readers are disconnected, the others get everything, memory is bounded',
    async (open, server) => {
      const room = unique('busy');
      const writer = await open(kinds.v4WebSocket);
      const readers = [await open(kinds.v4WebSocket), await open(kinds.v4Polling)];
      await writer.join(room, 'writer', 'cx-agent');
      for (const [i, reader] of readers.entries()) await reader.join(room, `reader-${i}`, 'cx-agent');
      const stalled = [];
      for (let i = 0; i < stalledCount; i++) stalled.push(await stalledMember(server, room, `s-${i}`));
      const silent = [];
      for (let i = 0; i < silentPollers; i++) silent.push(await silentPoller(server, room, `p-${i}`));
      await fence(server, [writer, ...readers]);
      for (const client of [writer, ...readers]) client.take();

      const before = await anonymousBytes(server);
      let most = before;
      const told = [];
      for (let i = 0; i < messageCount; i++) {
        const typing = { conversationId: room, userId: 'writer', userName: 'W'.repeat(200) };
        for (let n = 0; n < 5; n++) writer.tell('typing_start', typing);
        told.push(await writer.say(room, `${i} `.padEnd(messageBytes, 'x')));
        if (told.length % stepCount > 0) continue;
        most = Math.max(most, await anonymousBytes(server));
        for (const reader of readers) {
          await reader.receives('new_message', (body) => body.id === told.at(-1).id);
        }
      }
      for (const reader of readers) {
        const got = reader.log.filter(({ name }) => name === 'new_message').map(({ body }) => body);
        assert.deepEqual(got, told, 'everything, once, in order');
        assert.deepEqual(reader.disconnects, []);
      }
      assert.deepEqual(writer.disconnects, []);

      // The stalled clients are gone, and so are their outboxes.
      for (let i = 0; i < 400; i++) {
        const now = await metrics(server);
        if (
          now.get('parley_slow_clients_closed_total') === stalledCount + silentPollers &&
          now.get('parley_connections_joined') === 3
        ) {
          break;
        }
        await pause(25 * patience);
      }
      assert.equal(
        await metric(server, 'parley_slow_clients_closed_total'),
        stalledCount + silentPollers,
      );
      assert.ok((await metric(server, 'parley_frames_dropped_total')) > stalledCount);
      assert.equal(await metric(server, 'parley_sessions_open'), 3);
      for (const session of silent) {
        const answer = await rest(server, 'GET', session);
        assert.equal(answer.status, 400);
        assert.equal(answer.body.code, 1); // unknown session: stock clients then reconnect
      }
      most = Math.max(most, await anonymousBytes(server));
      const clients = stalledCount + silentPollers + readers.length + 1;
      // Frames are shared, so the output for all of them takes about as much memory as for one.
      const bound = 32 * 1024 * 1024 + clients * (outboxBytes + messageBytes);
      console.log(
        `back-pressure: ${stalledCount} stalled readers, ${silentPollers} silent pollers: memory grew by ` +
          `${((most - before) / 1e6).toFixed(1)} MB, bound ${(bound / 1e6).toFixed(1)} MB`,
      );
      // Sanitizers keep freed memory for a while.
      if (patience === 1) assert.ok(most - before < bound, `${most - before} bytes more`);
      for (const socket of stalled) socket.close();
    },
    { msMax: 180_000 },
  );
});
