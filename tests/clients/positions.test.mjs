// Parley-Position: what an answer knows, and what a read must know.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { patience } from '../support/server.mjs';
import { as, tokenOf, useIdentityServer } from './identity.mjs';
import { rest, unique, useServer } from './support.mjs';

const knownOf = (answer) => Number(answer.headers['parley-position']);
const knowing = (server, position, route) => rest(server, 'GET', route, undefined, { 'parley-position': `${position}` });

async function say(server, conversationId, content = 'hello') {
  const answer = await rest(server, 'POST', '/chat/messages', { conversationId, fromUserId: 'olga', fromRole: 'cx-agent', content });
  assert.equal(answer.status, 201, answer.text);
  return answer;
}

async function headOf(server) {
  return (await rest(server, 'GET', '/log/events?limit=1')).body.head;
}

describe('what an answer knows', () => {
  const world = useServer();

  test('the answer to a command knows its own event', async () => {
    const room = unique('room');
    const sent = await say(world.server, room);
    assert.equal(knownOf(sent), sent.body.position);
    const joined = await rest(world.server, 'POST', `/chat/conversations/${room}/join`, { userId: 'zoe', userRole: 'cx-agent' });
    assert.equal(knownOf(joined), joined.body.position);
    const left = await rest(world.server, 'POST', `/chat/conversations/${room}/leave`, { userId: 'zoe' });
    assert.equal(knownOf(left), await headOf(world.server));
    const start = { createdBy: 'olga', createdByRole: 'cx-agent', initialParticipants: ['ann', 'ben'] };
    const started = await rest(world.server, 'POST', '/chat/conversations/start', start);
    assert.equal(knownOf(started), await headOf(world.server));
    const refused = await rest(world.server, 'POST', '/chat/messages', {});
    assert.equal(refused.headers['parley-position'], undefined);
  });

  test('each read knows what was answered before it', async () => {
    const room = unique('room');
    const { position } = (await say(world.server, room, 'parcel')).body;
    const reads = [
      '/chat/conversations', '/chat/conversations?sort=activity', `/chat/conversations/${room}`,
      `/chat/conversations/${room}/messages`, `/chat/conversations/${room}/messages/last/1`,
      `/chat/conversations/${room}/participants`, '/chat/search?q=parcel', '/chat/dashboard/stats', '/chat/stats/minutes',
      '/log/events', `/log/events/${position}`, '/console/status',
    ];
    for (const route of reads) {
      const answer = await rest(world.server, 'GET', route);
      assert.equal(answer.status, 200, `${route}: ${answer.text}`);
      assert.ok(knownOf(answer) >= position, `${route}: ${answer.headers['parley-position']}`);
    }
  });

  test('an answer about the past knows what was there then, and pages of other origins may read it', async () => {
    const room = unique('room');
    const { position } = (await say(world.server, room)).body;
    await say(world.server, room);
    assert.equal(knownOf(await rest(world.server, 'GET', `/chat/conversations/${room}?asOf=${position}`)), position);
    const headers = { origin: 'http://localhost:8080' };
    const shown = await rest(world.server, 'GET', `/chat/conversations/${room}`, undefined, headers);
    assert.match(shown.headers['access-control-expose-headers'], /Parley-Position/);
  });
});

describe('what a read must know', () => {
  const world = useServer();

  test('an event that is there: the read does not wait', async () => {
    const room = unique('room');
    const { position } = (await say(world.server, room)).body;
    for (const known of [0, 1, position]) {
      const answer = await knowing(world.server, known, `/chat/conversations/${room}/messages`);
      assert.deepEqual([answer.status, answer.body.length], [200, 1]);
    }
  });

  test('an event that comes meanwhile: the read waits, and has it', async () => {
    const room = unique('room');
    const { position } = (await say(world.server, room, 'first')).body;
    const routes = [`/chat/conversations/${room}/messages`, `/chat/conversations/${room}/messages/last/2`, `/log/events?after=${position}`];
    const waiting = Promise.all(routes.map((route) => knowing(world.server, position + 1, route)));
    const done = { yet: false };
    waiting.then(() => (done.yet = true));
    await rest(world.server, 'GET', '/chat/dashboard/stats'); // it says nothing, so it does not wait
    assert.equal(done.yet, false);
    await say(world.server, room, 'second');
    const [messages, last, events] = await waiting;
    assert.deepEqual(messages.body.map(({ content }) => content), ['first', 'second']);
    assert.deepEqual(last.body.map(({ content }) => content), ['first', 'second']);
    assert.equal(events.body.events[0].position, position + 1);
  });

  test('an event that does not come: busy, and the connection goes on', async () => {
    const head = await headOf(world.server);
    const answer = await knowing(world.server, head + 1000, '/chat/conversations');
    assert.deepEqual([answer.status, answer.body.code], [503, 'busy']);
    assert.match(answer.body.error, new RegExp(`position ${head + 1000} `));
    assert.match(answer.headers['retry-after'], /^\d+$/);
    assert.equal((await rest(world.server, 'GET', '/chat/conversations')).status, 200);
  });

  test('what is no position', async () => {
    for (const value of ['x', '-1', '1.5', '1, 2', '0x10', '99999999999999999999', ' 1 2']) {
      const answer = await knowing(world.server, value, '/chat/conversations');
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_value'], value);
    }
    const twice = await rest(world.server, 'GET', '/chat/conversations', undefined, { 'parley-position': ['1', '2'] });
    assert.equal(twice.body.code, 'invalid_value');
  });

  test('probes, metrics and commands do not look at it', async () => {
    for (const route of ['/healthz', '/readyz', '/metrics']) {
      for (const value of ['x', '999999999']) assert.equal((await knowing(world.server, value, route)).status, 200, route);
    }
    const body = { conversationId: unique('room'), fromUserId: 'olga', fromRole: 'cx-agent', content: 'x' };
    const sent = await rest(world.server, 'POST', '/chat/messages', body, { 'parley-position': '999999999' });
    assert.equal(sent.status, 201);
  });

  test('clients that go away while they wait cost nothing', async () => {
    const head = await headOf(world.server);
    for (let i = 0; i < 20; i++) {
      const given = new AbortController();
      const asked = fetch(`${world.server.url}/chat/conversations`, { headers: { 'parley-position': `${head + 1000}` }, signal: given.signal });
      setTimeout(() => given.abort(), 20);
      await assert.rejects(asked);
    }
    assert.equal((await rest(world.server, 'GET', '/chat/conversations')).status, 200);
  });
});

describe('many reads that wait', { timeout: 60_000 * patience }, () => {
  const world = useServer({ args: ['--io.threads', '1'] });

  test('beyond 1,024 of a loop: busy at once, and none is lost', async () => {
    const head = await headOf(world.server);
    const asked = Array.from({ length: 1100 }, () => knowing(world.server, head + 1, '/chat/dashboard/stats'));
    let refused = 0;
    const first = new Promise((resolve) => asked.forEach((one) => one.then(({ status }) => {
      refused += status === 503;
      resolve();
    })));
    await first;
    await say(world.server, unique('room'));
    const answers = await Promise.all(asked);
    assert.equal(answers.filter(({ status }) => status === 200).length + refused, 1100);
    assert.ok(refused >= 76, `${refused}`);
    const told = answers.find(({ status }) => status === 503);
    assert.match(told.body.error, /too many reads|is not here yet/);
  });
});

describe('with tokens', () => {
  const world = useIdentityServer();

  test('a read that waits answers as its token may', async () => {
    const room = unique('room');
    const note = { conversationId: room, fromUserId: 'olga', fromRole: 'cx-agent' };
    const first = await as(world, world.back, 'POST', '/chat/messages', { ...note, content: 'hello' });
    assert.equal(first.status, 201, first.text);
    const next = { 'parley-position': `${first.body.position + 1}` };
    const waiting = as(world, tokenOf('agent', 'zoe'), 'GET', `/chat/conversations/${room}/messages`, undefined, next);
    const stranger = as(world, tokenOf('customer', 'eve'), 'GET', `/chat/conversations/${room}/messages`, undefined, next);
    const nobody = await as(world, null, 'GET', `/chat/conversations/${room}/messages`, undefined, next);
    assert.equal(nobody.status, 401);
    await as(world, world.back, 'POST', '/chat/messages', { ...note, content: 'a note', isVisible: false });
    assert.deepEqual((await waiting).body.map(({ content }) => content), ['hello', 'a note']);
    assert.equal((await stranger).body.code, 'conversation_not_found');
  });
});
