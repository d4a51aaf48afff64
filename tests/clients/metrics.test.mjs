// What /metrics counts and measures: each test causes something and looks for it there. promtool is
// Prometheus' own checker of the format.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { metrics, until } from './metrics.mjs';
import { Client, back, comingBack, cut, kinds, patience, recovering, rest, unique } from './support.mjs';
import { startServer } from '../support/server.mjs';

const testMsMax = { timeout: 90_000 * patience };
const count = (name, labels = '') => `${name}_count${labels}`;

describe('metrics', () => {
  let server;
  before(async () => {
    server = await startServer({ args: ['--ping.interval=1000', '--ping.timeout=20000'] });
  });
  after(() => server.finish());

  /// How much each of the metrics grew while `work` ran; a key is a name with its labels.
  async function growth(keys, work) {
    const first = await metrics(server);
    await work();
    const last = await metrics(server);
    for (const key of keys) assert.ok(last.has(key), `there is no ${key}`);
    return keys.map((key) => last.get(key) - (first.get(key) ?? 0));
  }

  async function withClients(given, use) {
    const clients = given.map((kind) => new Client(kind, server.url));
    try {
      for (const client of clients) await client.settled();
      return await use(...clients);
    } finally {
      for (const client of clients) client.close();
    }
  }

  test('promtool has nothing to complain of', testMsMax, async () => {
    const { text } = await rest(server, 'GET', '/metrics');
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.equal(checked.error, undefined);
    assert.equal(checked.stdout + checked.stderr, '');
    assert.equal(checked.status, 0);
  });

  test('a message is counted as a request, with its time, its commit, its event and its fan-out', testMsMax, async () => {
    await withClients([kinds.v4WebSocket, kinds.v4Polling], async (anna, bob) => {
      const room = unique('counted');
      await anna.join(room, 'anna', 'cx-customer');
      await bob.join(room, 'bob', 'cx-agent');
      const keys = [
        'parley_requests_total{request="send_message",outcome="done"}',
        count('parley_request_duration_seconds', '{request="send_message"}'),
        'parley_events_by_type_total{type="message_sent"}',
        'parley_messages_received_total{transport="websocket"}',
        'parley_messages_received_total{transport="polling"}',
        'parley_messages_sent_total{transport="polling"}',
        count('parley_commit_duration_seconds'),
        'parley_batch_events_sum',
        count('parley_fanout_delay_seconds'),
      ];
      const grown = await growth(keys, async () => {
        for (let i = 0; i < 3; i++) await anna.say(room, `to bob ${i}`);
        await bob.say(room, 'to anna');
        await bob.receives('new_message', ({ content }) => content === 'to bob 2');
        await until(server, 'parley_messages_sent_total{transport="polling"}', (sent) => sent >= 4);
      });
      assert.deepEqual(grown.slice(0, 5), [4, 4, 4, 3, 1]);
      const [sent, commits, events, fanouts] = grown.slice(5);
      assert.ok(sent >= 4, `${sent} messages sent`); // three messages and an ack
      assert.ok(commits >= 1 && events >= 4 && fanouts >= 1, `${grown}`);
    });
  });

  test('a refusal is counted with its request and by its code, on sockets and over REST', testMsMax, async () => {
    await withClients([kinds.v4WebSocket], async (anna) => {
      const keys = [
        'parley_requests_total{request="send_message",outcome="refused"}',
        'parley_requests_total{request="unknown",outcome="refused"}',
        'parley_requests_refused_by_code_total{code="conflict"}',
        'parley_requests_refused_by_code_total{code="missing_field"}',
        'parley_requests_refused_by_code_total{code="unknown_event"}',
        'parley_requests_refused_by_code_total{code="conversation_not_found"}',
      ];
      const room = unique('refused');
      await anna.join(room, 'anna', 'cx-agent');
      const grown = await growth(keys, async () => {
        await anna.refused('send_message', { conversationId: room, content: 'x', expectedSeq: 999 }, 'conflict');
        await anna.refused('send_message', { conversationId: room }, 'missing_field');
        await anna.refused('no_such_request', {}, 'unknown_event');
        await rest(server, 'GET', `/chat/conversations/${unique('none')}`);
      });
      assert.deepEqual(grown, [2, 1, 1, 1, 1, 1]);
    });
  });

  test('every kind of request has a time: of the writer, of a reader, of the loop itself', testMsMax, async () => {
    await withClients([kinds.v4WebSocket], async (anna) => {
      const room = unique('times');
      const keys = ['join_room', 'get_messages', 'join_dashboard', 'leave_room'].map((request) =>
        count('parley_request_duration_seconds', `{request="${request}"}`),
      );
      const grown = await growth([...keys, count('parley_read_duration_seconds', '{kind="small"}')], async () => {
        await anna.join(room, 'anna', 'cx-agent');
        await anna.do('get_messages', { conversationId: room });
        await anna.do('join_dashboard', {});
        await rest(server, 'GET', `/chat/conversations/${room}/participants`);
        await anna.do('leave_room', { conversationId: room, userId: 'anna', userRole: 'cx-agent' });
      });
      assert.deepEqual(grown.slice(0, 4), [1, 1, 1, 1]);
      assert.ok(grown[4] >= 1, 'a reader read');
    });
  });

  test('HTTP requests are counted by route and class of status, paths and ids never', testMsMax, async () => {
    const keys = [
      'parley_http_requests_total{route="GET /chat/conversations/:id",status="4xx"}',
      'parley_http_requests_total{route="POST /chat/messages",status="2xx"}',
      'parley_http_requests_total{route="other",status="4xx"}',
      'parley_http_requests_total{route="GET /healthz",status="2xx"}',
      'parley_http_requests_total{route="Engine.IO",status="2xx"}',
    ];
    const grown = await growth(keys, async () => {
      await rest(server, 'GET', '/chat/conversations/secret-id-of-anna');
      const body = { conversationId: unique('http'), fromUserId: 'u', fromRole: 'cx-agent', content: 'x' };
      assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
      await rest(server, 'GET', '/no/such/path');
      await rest(server, 'HEAD', '/healthz');
      await rest(server, 'GET', '/socket.io/?EIO=4&transport=polling');
    });
    assert.deepEqual(grown, [1, 1, 1, 1, 1]);
    assert.doesNotMatch((await rest(server, 'GET', '/metrics')).text, /secret|no\/such/);
  });

  test('clients are told apart by transport, and their ends by reason', testMsMax, async () => {
    const before = await metrics(server);
    await withClients([kinds.v4WebSocket, kinds.v4Polling, kinds.v4], async () => {
      const open = (transport) => `parley_clients{transport="${transport}"}`;
      await until(server, open('websocket'), (now) => now === before.get(open('websocket')) + 2);
      const polling = before.get(open('polling'));
      await until(server, open('polling'), (now) => now === polling + 1);
    });
    await withClients([kinds.v4WebSocket, kinds.v4WebSocket], async (anna, again) => {
      const agents = 'parley_users_online{role="cx-agent"}';
      const room = unique('online');
      for (const client of [anna, again]) await client.join(room, 'anna-twice', 'cx-agent');
      await until(server, agents, (now) => now === before.get(agents) + 1);
      anna.close();
      await pause(50);
      assert.equal((await metrics(server)).get(agents), before.get(agents) + 1);
      again.close();
      await until(server, agents, (now) => now === before.get(agents));
    });
    const closed = 'parley_disconnects_total{reason="transport_close"}';
    await until(server, closed, (now) => now >= before.get(closed) + 3);
  });

  test('the time of a ping is counted once its pong has come', testMsMax, async () => {
    await withClients([kinds.v4WebSocket], async () => {
      await until(server, count('parley_ping_round_trip_seconds'), (now) => now >= 1);
    });
  });

  test('what a client that came back had missed is counted', testMsMax, async () => {
    await withClients([comingBack(kinds.v4WebSocket), recovering(kinds.v4WebSocket)], async (anna, bob) => {
      const room = unique('missed');
      await anna.join(room, 'anna', 'cx-agent');
      await bob.join(room, 'bob', 'cx-agent');
      await bob.say(room, 'seen');
      await anna.receives('new_message', ({ content }) => content === 'seen');
      await cut(anna);
      const [recovered] = await growth(['parley_recovered_events_total'], async () => {
        for (let i = 0; i < 5; i++) await bob.say(room, `missed ${i}`);
        await back(anna);
        await anna.receives('new_message', ({ content }) => content === 'missed 4');
      });
      assert.ok(recovered >= 5, `${recovered} events`);
    });
  });

  test('who waits, and how long, is there one scrape later', testMsMax, async () => {
    const room = unique('waiting');
    const body = { conversationId: room, fromUserId: 'anna', fromRole: 'cx-customer', content: 'hello?' };
    const first = (await metrics(server)).get('parley_conversations{state="waiting"}');
    assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
    await until(server, 'parley_conversations{state="waiting"}', (now) => now === first + 1);
    await until(server, 'parley_longest_wait_seconds', (now) => now > 0);
    const answer = { ...body, fromUserId: 'bob', fromRole: 'cx-agent', content: 'hello' };
    assert.equal((await rest(server, 'POST', '/chat/messages', answer)).status, 201);
    await until(server, 'parley_conversations{state="waiting"}', (now) => now === first);
  });
});
