// Slowness is measured in time. The server does not read from a client with much unsent output
// until the client has taken it. It disconnects the client only if it takes nothing, or almost
// nothing, for a while, or if all clients together have too much unsent output. Other clients never
// wait for it.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { bounded, history, kinds, patience, rest, scenario, unique, useServer } from './support.mjs';
import { metric, metrics, until } from './metrics.mjs';
import { frame, stalledMember } from './raw_socket.mjs';

const handshake = '/socket.io/?EIO=4&transport=polling';
const slowClosed = 'parley_slow_clients_closed_total';
const paused = 'parley_clients_paused';

/// The texts of all complete frames that have arrived after the handshake of a raw WebSocket.
function textsOf(socket) {
  const texts = [];
  let bytes = socket.received.subarray(socket.received.indexOf('\r\n\r\n') + 4);
  while (bytes.length >= 2) {
    const short = bytes[1] & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < head) break;
    const length =
      short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
    if (bytes.length < head + length) break;
    texts.push(bytes.subarray(head, head + length).toString('utf8'));
    bytes = bytes.subarray(head + length);
  }
  return texts;
}

const event = (name, body) => frame(`42${JSON.stringify([name, body])}`);
const heardBy = (socket) =>
  textsOf(socket)
    .filter((text) => text.startsWith('42["new_message"'))
    .map((text) => JSON.parse(text.slice(2))[1].content);

describe('a client with much unsent output', () => {
  const large = 'x'.repeat(400_000);
  for (const [kind, count] of [[kinds.v4WebSocket, 100], [kinds.v4Polling, 40]]) {
    scenario(
      useServer(),
      `that reads receives all ${count} messages of 400 kB that it sends to its own room, over ${kind.endsOn}`,
      async (open, server) => {
        const client = await open(kind);
        const room = unique('large');
        await client.join(room, 'u', 'cx-agent');
        const told = Array.from({ length: count }, (_, i) => client.say(room, `${i} ${large}`));
        await Promise.all(told);
        await client.until(
          () => client.log.filter(({ name }) => name === 'new_message').length === count,
          'all of them',
        );
        const heard = client.log.filter(({ name }) => name === 'new_message');
        assert.deepEqual(heard.map(({ body }) => parseInt(body.content, 10)), [...Array(count).keys()]);
        assert.deepEqual(client.disconnects, []);
        assert.equal(await metric(server, slowClosed), 0);
        await until(server, paused, (clients) => clients === 0);
      },
      { msMax: 120_000 },
    );
  }

  scenario(
    useServer({
      args: [
        '--io.outbox=65536', '--io.send-buffer=65536', '--io.stalled=600000', '--ping.interval=300',
        `--ping.timeout=${1000 * patience}`,
      ],
    }),
    'over WebSocket is not read, and not timed out by pings, until it takes its output; nobody waits for it',
    async (open, server) => {
      const writer = await open(kinds.v4WebSocket);
      const room = unique('owed');
      await writer.join(room, 'writer', 'cx-agent');
      const member = await stalledMember(server, room, 'member');
      const told = [];
      for (let i = 0; i < 40; i++) {
        told.push(`${i} `.padEnd(50_000, 'x'));
        await writer.say(room, told.at(-1));
      }
      await until(server, paused, (clients) => clients === 1);
      const dropped = await metric(server, 'parley_frames_dropped_total');
      writer.tell('typing_start', { conversationId: room, userId: 'writer', userName: 'W' });
      await until(server, 'parley_frames_dropped_total', (frames) => frames > dropped);

      member.send(event('send_message', { conversationId: room, content: 'asked while owed' }));
      await pause((1000 * patience + 300) * 2); // longer than the time for a pong
      assert.equal((await metrics(server)).get('parley_ping_timeouts_total'), 0);
      assert.equal((await history(server, room)).length, told.length, 'it was heard');

      const pongs = setInterval(() => member.send(frame('3')), 200);
      try {
        member.socket.resume();
        await member.until(() => heardBy(member).length === told.length + 1, 'its own message');
        assert.deepEqual(heardBy(member), [...told, 'asked while owed']);
        assert.equal(textsOf(member).filter((text) => text.includes('user_typing')).length, 0);
        await until(server, paused, (clients) => clients === 0);
        assert.equal(await metric(server, slowClosed), 0);
      } finally {
        clearInterval(pongs);
      }
      // The server stops in time although a client does not read: see the end of the suite.
      await stalledMember(server, room, 'another');
      for (let i = 0; i < 40; i++) await writer.say(room, told[i]);
      await until(server, paused, (clients) => clients >= 1);
    },
    { msMax: 120_000 },
  );

  scenario(
    useServer({ args: ['--polling.queue=65536', '--io.stalled=600000', '--ping.interval=300', `--ping.timeout=${1000 * patience}`] }),
    'over long-polling gets no reply to its POST until it takes its output',
    async (open, server) => {
      const writer = await open(kinds.v4WebSocket);
      const room = unique('polled');
      await writer.join(room, 'writer', 'cx-agent');
      const { text } = await rest(server, 'GET', handshake);
      const session = `${handshake}&sid=${JSON.parse(text.slice(1)).sid}`;
      const join = ['join_room', { conversationId: room, userId: 'poller', userRole: 'cx-agent' }];
      assert.equal((await rest(server, 'POST', session, `40\x1e420${JSON.stringify(join)}`)).text, 'ok');
      await until(server, 'parley_connections_joined', (clients) => clients === 2);
      for (let i = 0; i < 4; i++) await writer.say(room, `${i}`.padEnd(50_000, 'x'));
      await until(server, paused, (clients) => clients === 1);
      let answered = false;
      const posted = rest(server, 'POST', session, '3').then((answer) => {
        answered = true;
        return answer;
      });
      await pause((1000 * patience + 300) * 2);
      assert.equal(answered, false);
      const polled = await rest(server, 'GET', session);
      assert.equal(polled.status, 200);
      assert.equal(polled.text.match(/new_message/g).length, 4);
      assert.equal((await posted).text, 'ok');
      assert.equal(await metric(server, paused), 0);
      assert.equal(await metric(server, 'parley_ping_timeouts_total'), 0);
    },
  );
});

describe('a client that takes nothing', () => {
  scenario(
    useServer({ args: [`--io.stalled=${1500 * patience}`, '--io.send-buffer=65536'] }),
    'is disconnected after io.stalled, even if it keeps sending and has little unsent output',
    async (open, server) => {
      const writer = await open(kinds.v4WebSocket);
      const room = unique('nothing');
      await writer.join(room, 'writer', 'cx-agent');
      const member = await stalledMember(server, room, 'member');
      const { text } = await rest(server, 'GET', handshake);
      const session = `${handshake}&sid=${JSON.parse(text.slice(1)).sid}`;
      const join = ['join_room', { conversationId: room, userId: 'poller', userRole: 'cx-agent' }];
      await rest(server, 'POST', session, `40\x1e420${JSON.stringify(join)}`);
      const pongs = setInterval(() => {
        member.send(frame('3'));
        rest(server, 'POST', session, '3').catch(() => {});
      }, 250);
      try {
        for (let i = 0; i < 8; i++) await writer.say(room, 'x'.repeat(100_000)); // below the limit
        assert.equal(await metric(server, paused), 0);
        await until(server, slowClosed, (clients) => clients === 2);
        await until(server, 'parley_sessions_open', (sessions) => sessions === 1);
        await until(server, 'parley_outbox_bytes', (bytes) => bytes === 0);
      } finally {
        clearInterval(pongs);
      }
      const polled = await rest(server, 'GET', session);
      assert.deepEqual([polled.status, polled.body.code], [400, 1]); // stock clients then reconnect
      member.close();
      assert.deepEqual(writer.disconnects, []);
    },
    { msMax: 120_000 },
  );

  scenario(
    useServer({ args: ['--io.outbox-total=6000000', '--io.stalled=600000', '--io.send-buffer=65536'] }),
    'does not keep others from reading history, and neither do many such clients',
    async (open, server) => {
      const client = await open(kinds.v4WebSocket);
      const room = unique('budget');
      await client.join(room, 'u', 'cx-agent');
      for (let i = 0; i < 50; i++) await client.say(room, 'x'.repeat(10_000));
      client.take();
      const silent = [];
      for (let i = 0; i < 40; i++) silent.push(await stalledMember(server, unique('own'), `s-${i}`));
      const asking = setInterval(() => {
        for (const socket of silent) {
          socket.send(Buffer.concat([frame('3'), event('get_messages', { conversationId: room })]));
        }
      }, 100);
      try {
        await until(server, slowClosed, (clients) => clients > 0);
        let inARow = 0;
        for (let i = 0; i < 400 && inARow < 20; i++) {
          const reply = await client.ask('get_messages', { conversationId: room, limit: 5 });
          inARow = Array.isArray(reply) ? inARow + 1 : 0;
          await pause(10);
        }
        assert.equal(inARow, 20, 'always busy');
        const page = `/chat/conversations/${room}/messages?limit=5`;
        await bounded(
          (async () => {
            while ((await rest(server, 'GET', page)).status !== 200) await pause(50);
          })(),
          10_000 * patience,
          'a history over REST',
        );
      } finally {
        clearInterval(asking);
      }
      assert.deepEqual(client.disconnects, []);
      for (const socket of silent) socket.close();
    },
    { msMax: 120_000 },
  );
});
