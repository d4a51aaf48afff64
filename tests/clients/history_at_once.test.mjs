// Many history requests at once, as a client sends them when it returns to its rooms.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { io } from 'socket.io-client';
import { bounded, patience, startServer } from '../support/server.mjs';
import { metric, until } from './metrics.mjs';
import { frame, stalledMember } from './raw_socket.mjs';

const rooms = 50;
const messagesEach = 60;
const content = 'x'.repeat(4000);
const answerMsMax = 60_000 * patience;

let server;
before(async () => {
  server = await startServer();
});
after(async () => {
  await server.finish();
});

const open = (to = server) => io(to.url, { forceNew: true, reconnection: false, transports: ['websocket'] });
const ask = (socket, name, body) =>
  bounded(
    new Promise((resolve, reject) => {
      socket.once('disconnect', (reason) => reject(new Error(`disconnected: ${reason}`)));
      socket.emit(name, body, resolve);
    }),
    answerMsMax,
    name,
  );

test('a client that asks for the history of fifty rooms at once gets all of them', async () => {
  const socket = open();
  for (let room = 0; room < rooms; room++) {
    await fill(socket, `r${room}`);
  }
  // From memory and, with paging by position, from the log.
  for (const page of [{}, { after: 0 }]) {
    const histories = await Promise.all(
      Array.from({ length: rooms }, (_, room) =>
        ask(socket, 'get_messages', { conversationId: `r${room}`, limit: messagesEach, ...page }),
      ),
    );
    for (const history of histories) assert.equal(history.length, messagesEach);
  }
  socket.disconnect();
});

async function fill(socket, conversationId) {
  const message = { conversationId, fromUserId: 'ann', fromRole: 'cx-agent', content };
  await Promise.all(Array.from({ length: messagesEach }, () => ask(socket, 'send_message', message)));
}

test('reads of a client that takes no replies wait, and beyond a thousand they get busy', async () => {
  const asked = 3000;
  const greedy = await stalledMember(server, 'r1', 'greedy');
  const before = await metric(server, 'parley_reads_busy_total');
  const request = JSON.stringify(['get_messages', { conversationId: 'r1' }]);
  greedy.send(Buffer.concat(Array.from({ length: asked }, (_, i) => frame(`42${i}${request}`))));
  await until(server, 'parley_reads_waiting', (reads) => reads > 900 && reads <= 1000);
  await until(server, 'parley_reads_busy_total', (busy) => busy > before);
  assert.ok((await metric(server, 'parley_outbox_bytes')) < 2_000_000);
  greedy.close();
  await until(server, 'parley_reads_waiting', (reads) => reads === 0);
  await until(server, 'parley_answers_held_bytes', (bytes) => bytes === 0);
});

test('waiting reads of clients that take nothing leave room for other clients, and a read that need not wait never gets busy', async () => {
  const most = 20;
  const small = await startServer({ args: ['--readers.waiting', String(most), '--io.send-buffer=65536'] });
  try {
    const socket = open(small);
    await fill(socket, 'r');
    const request = JSON.stringify(['get_messages', { conversationId: 'r' }]);
    const greedy = [];
    let bound = 0;
    for (let others = 0; others < 4; others++) {
      const busy = await metric(small, 'parley_reads_busy_total');
      greedy.push(await stalledMember(small, 'r', `greedy ${others}`));
      greedy.at(-1).send(Buffer.concat(Array.from({ length: 100 }, (_, i) => frame(`42${i}${request}`))));
      await until(small, 'parley_reads_busy_total', (now) => now >= busy + 100 - most);
      // The first client gets at most half of it, and each later one half of what is left.
      bound += Math.ceil((most - bound) / 2);
      const waiting = await metric(small, 'parley_reads_waiting');
      assert.ok(waiting > 0 && waiting <= bound, `${waiting} wait, of ${bound} at most`);
      for (let i = 0; i < 5; i++) {
        assert.equal((await ask(socket, 'get_messages', { conversationId: 'r', after: 0 })).length, 50);
      }
    }
    for (const one of greedy) one.close();
    await until(small, 'parley_reads_waiting', (reads) => reads === 0);
    socket.disconnect();
  } finally {
    await small.finish();
  }
});
