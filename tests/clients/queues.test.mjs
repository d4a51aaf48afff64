// Full queues in the real program: the reply is `busy`, never silence, and nothing refused is
// stored.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { kinds, rest, scenario, unique, useServer } from './support.mjs';
import { metric, until } from './metrics.mjs';
import { frame, RawSocket, stalledMember } from './raw_socket.mjs';

describe('full queues', () => {
  const busyRounds = 20; // usually one is enough, but the disk may be faster than the burst

  scenario(
    useServer({ args: ['--writer.queue=1'] }),
    'with a full writer queue every request gets busy, with and without an ack and over REST',
    async (open, server) => {
      const client = await open(kinds.v4WebSocket);
      const conversationId = unique('busy');
      let turnedAway = 0;
      const join = { conversationId, userId: 'u', userRole: 'cx-agent' };
      // The opening of its session may still be in the queue, which has room for one.
      for (let early = 0; ; early++) {
        const reply = await client.ask('join_room', join);
        if (reply.success) break;
        assert.equal(reply.code, 'busy');
        assert.ok(early < busyRounds, 'the queue stays full');
        turnedAway++;
      }
      let stored = 0;
      const seen = { ack: 0, event: 0, rest: 0 };
      for (let round = 0; round < busyRounds && !(seen.ack && seen.event && seen.rest); round++) {
        const burst = Array.from({ length: 200 }, (_, i) => ({ conversationId, content: `${i}` }));
        const replies = await Promise.all(burst.map((body) => client.ask('send_message', body)));
        for (const reply of replies) {
          if (reply.success === false) assert.equal(reply.code, 'busy');
          else stored++;
        }
        seen.ack += replies.filter((reply) => reply.success === false).length;

        client.take();
        for (const body of burst) client.tell('send_message', body);
        // Every request has an outcome: stored and shown, or refused.
        const heard = (name) => client.log.filter((entry) => entry.name === name);
        await client.until(
          () => heard('new_message').length + heard('exception').length === burst.length,
          'an event for each request without ack',
        );
        for (const { body } of heard('exception')) {
          assert.equal(body.code, 'busy');
          assert.equal(body.event, 'send_message');
        }
        stored += heard('new_message').length;
        seen.event += heard('exception').length;
        client.take();

        const posts = burst.slice(0, 100).map((body) =>
          rest(server, 'POST', '/chat/messages', { ...body, fromUserId: 'u', fromRole: 'cx-agent' }),
        );
        for (const answer of await Promise.all(posts)) {
          if (answer.status === 201) {
            stored++;
            continue;
          }
          assert.equal(answer.status, 503, answer.text);
          assert.equal(answer.body.code, 'busy');
          assert.match(answer.headers['retry-after'], /^\d+$/);
          seen.rest++;
        }
      }
      console.log(`writer.queue=1: busy ${JSON.stringify(seen)}, stored ${stored}`);
      for (const [how, count] of Object.entries(seen)) assert.ok(count > 0, `never busy: ${how}`);
      const busy = seen.ack + seen.event + seen.rest;
      assert.equal(await metric(server, 'parley_requests_busy_total'), busy + turnedAway);
      const { body } = await rest(server, 'GET', `/chat/conversations/${conversationId}`);
      assert.equal(body.messageCount, stored, 'what was refused was not stored, all else was');
    },
    { msMax: 120_000 },
  );

  scenario(
    useServer({ args: ['--writer.queue=1'] }),
    'a full writer queue refuses an unknown event under its own name',
    async (open) => {
      const client = await open(kinds.v4WebSocket);
      const conversationId = unique('unknown');
      const message = { conversationId, content: 'x', fromUserId: 'u', fromRole: 'cx-agent' };
      let busy = 0;
      for (let round = 0; round < busyRounds && !busy; round++) {
        client.take();
        // The earlier request is still in progress, so the refusal has to wait for the writer.
        for (let i = 0; i < 100; i++) {
          client.tell('send_message', message);
          client.tell('nonsense', {});
        }
        const refusals = () =>
          client.log.filter((entry) => entry.name === 'exception').map((entry) => entry.body);
        const ofNonsense = () => refusals().filter((body) => body.event !== 'send_message');
        await client.until(() => ofNonsense().length === 100, 'a refusal of each unknown event');
        for (const { event, code } of ofNonsense()) {
          assert.equal(event, 'nonsense');
          assert.ok(code === 'unknown_event' || code === 'busy', code);
        }
        busy = ofNonsense().filter((body) => body.code === 'busy').length;
      }
      assert.ok(busy > 0, 'never busy');
    },
    { msMax: 120_000 },
  );

  scenario(
    useServer({ args: ['--readers.queue=1', '--readers.threads=1'] }),
    "a full readers' queue answers busy, over the socket and over REST",
    async (open, server) => {
      const client = await open(kinds.v4WebSocket);
      const conversationId = unique('reads');
      await client.join(conversationId, 'u', 'cx-agent');
      let last;
      for (let i = 0; i < 51; i++) last = await client.say(conversationId, 'x'.repeat(2000));
      // The newest page may come from memory; this one is read by a reader.
      const page = { conversationId, before: last.position };
      let socketBusy = 0;
      let restBusy = 0;
      for (let round = 0; round < busyRounds && !(socketBusy && restBusy); round++) {
        const asked = Array.from({ length: 100 }, () =>
          client.exchange('get_messages', [page]),
        );
        for (const reply of await Promise.all(asked)) {
          if (Array.isArray(reply)) assert.equal(reply.length, 50);
          else assert.equal(reply.code, 'busy');
          if (!Array.isArray(reply)) socketBusy++;
        }
        const where = `/chat/conversations/${conversationId}/messages`;
        const gets = Array.from({ length: 100 }, () => rest(server, 'GET', where));
        for (const answer of await Promise.all(gets)) {
          if (answer.status === 200) continue;
          assert.equal(answer.status, 503, answer.text);
          assert.equal(answer.body.code, 'busy');
          assert.match(answer.headers['retry-after'], /^\d+$/);
          restBusy++;
        }
      }
      console.log(`readers.queue=1: busy ${socketBusy} over the socket, ${restBusy} over REST`);
      assert.ok(socketBusy > 0 && restBusy > 0, 'never busy');
      assert.equal(await metric(server, 'parley_reads_busy_total'), socketBusy + restBusy);
    },
    { msMax: 120_000 },
  );
});

describe('replies that a client does not take', () => {
  scenario(
    useServer({ args: ['--io.outbox-total=400000', '--io.send-buffer=65536'] }),
    'end the client beyond io.outbox-total, and the reads of others continue',
    async (open, server) => {
      const client = await open(kinds.v4WebSocket);
      const conversationId = unique('unread');
      await client.join(conversationId, 'u', 'cx-agent');
      for (let i = 0; i < 40; i++) await client.say(conversationId, 'x'.repeat(100_000));
      client.take();
      const where = `/chat/conversations/${conversationId}/messages`;
      const greedy = new RawSocket(server);
      await greedy.opened;
      greedy.socket.pause();
      greedy.send(`GET ${where} HTTP/1.1\r\nHost: localhost\r\n\r\n`); // 1 MB
      await until(server, 'parley_slow_clients_closed_total', (clients) => clients === 1);
      await until(server, 'parley_outbox_bytes', (bytes) => bytes === 0);
      assert.equal((await rest(server, 'GET', `${where}?limit=2`)).body.length, 2);
      assert.equal((await client.do('get_messages', { conversationId, limit: 2 })).length, 2);
      await client.say(conversationId, 'writes continue');
      assert.deepEqual(client.disconnects, []);
      greedy.socket.resume();
      await greedy.gone();
    },
  );
});

describe('reads whose client does not wait for them', () => {
  const asked = 1000;

  for (const leaves of [false, true]) {
    const how = leaves ? 'leaves' : 'reads nothing';
    scenario(
      useServer({ args: ['--io.send-buffer=65536', '--readers.threads=1'] }),
      `of ${asked} histories for a client that ${how}, most are never read`,
      async (open, server) => {
        const client = await open(kinds.v4WebSocket);
        const conversationId = unique('greedy');
        await client.join(conversationId, 'u', 'cx-agent');
        let last;
        for (let i = 0; i < 51; i++) last = await client.say(conversationId, 'x'.repeat(10_000));
        // The newest page may come from memory; this one is read by a reader, half a megabyte.
        const page = { conversationId, before: last.position };
        const greedy = await stalledMember(server, conversationId, 'greedy');
        const before = await metric(server, 'parley_reads_total');
        const request = frame(`421${JSON.stringify(['get_messages', page])}`);
        greedy.send(Buffer.concat(Array(asked).fill(request)));
        await until(server, 'parley_reads_total', (reads) => reads > before);
        if (leaves) {
          greedy.close();
          await until(server, 'parley_sessions_open', (sessions) => sessions === 1);
        } else {
          // It is not disconnected: its requests wait until it takes the earlier replies.
          await until(server, 'parley_reads_waiting', (reads) => reads > asked / 2);
        }
        await until(server, 'parley_reader_queue_requests', (reads) => reads === 0);
        const read = (await metric(server, 'parley_reads_total')) - before;
        console.log(`${read} of ${asked} reads of a client that ${how}`);
        assert.ok(read < asked / 2, `${read} reads`);
        assert.equal((await client.do('get_messages', page)).length, 50);
        greedy.close();
      },
      { msMax: 120_000 },
    );
  }

  scenario(
    useServer(),
    'a client that asks for the history of a thousand rooms at once gets each of them',
    async (open, server) => {
      const client = await open(kinds.v4WebSocket);
      const conversationId = unique('eager');
      await client.join(conversationId, 'u', 'cx-agent');
      const last = await client.say(conversationId, 'one');
      const second = await client.say(conversationId, 'two');
      const page = { conversationId, before: second.position };
      const replies = await Promise.all(
        Array.from({ length: asked }, () => client.do('get_messages', page)),
      );
      for (const reply of replies) assert.deepEqual(reply.map(({ id }) => id), [last.id]);
      assert.equal(await metric(server, 'parley_reads_busy_total'), 0);
    },
  );
});
