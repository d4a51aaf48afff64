// What openapi.json says of REST, asked of a real server: each example is sent, each answer checked,
// and each operation refuses as it is described.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { as, ratesOff, tokenOf, useIdentityServer } from '../clients/identity.mjs';
import { rest, useServer } from '../clients/support.mjs';
import { readText, checkAnswer, codesOf, headersOf, ofEveryServer, operations, fault } from './contracts.mjs';

/// Parameters that mean nothing without another one.
const goesWith = { userRole: { userId: 'olga' }, viewerRole: { viewer: 'ann' } };

const required = ({ parameters }) => parameters.filter((one) => one.required);
const optional = ({ parameters }) => parameters.filter((one) => !one.required);

/// The operation's path with the examples of its parameters, `query` besides.
function target(operation, query = {}) {
  let route = operation.path;
  const all = { ...query };
  for (const { name, in: place, example } of required(operation)) {
    if (place === 'path') route = route.replace(`{${name}}`, encodeURIComponent(example));
    else all[name] ??= example;
  }
  return Object.keys(all).length === 0 ? route : `${route}?${new URLSearchParams(all)}`;
}

const bodies = ({ operation }) =>
  Object.values(operation.requestBody?.content['application/json'].examples ?? { none: {} }).map(({ value }) => value);

const byKey = (key) => operations.find((one) => one.key === key);

describe('the examples of openapi.json', () => {
  const world = useServer();

  test('are answered as it says', async () => {
    const seen = new Set();
    for (const operation of ofEveryServer) {
      for (const body of bodies(operation)) {
        const answer = await rest(world.server, operation.method, target(operation), body);
        assert.ok(answer.status < 300, `${operation.key}: ${answer.status} ${answer.text}`);
        checkAnswer(operation, answer);
        Object.keys(answer.headers).forEach((name) => seen.add(name));
      }
      for (const { name, example, in: place } of optional(operation)) {
        const [query, headers] = place === 'header' ? [{}, { [name]: example }] : [{ ...goesWith[name], [name]: example }, {}];
        const answer = await rest(world.server, operation.method, target(operation, query), undefined, headers);
        assert.ok(answer.status < 300, `${operation.key} ${name}: ${answer.status} ${answer.text}`);
        checkAnswer(operation, answer, `${operation.key} with ${name}`);
        Object.keys(answer.headers).forEach((name) => seen.add(name));
      }
    }
    for (const name of ['parley-position', 'parley-as-of']) assert.ok(seen.has(name), name);
  });

  test('bring the same after more has happened', async () => {
    const say = (more) => rest(world.server, 'POST', '/chat/messages', { conversationId: 'late-parcel', content: 'More of the parcel', ...more });
    const robot = await say({ fromUserId: 'triage', fromRole: 'robot', type: 'robot' });
    await say({ fromUserId: 'olga', fromRole: 'cx-agent', toRole: 'cx-supervisor' });
    await say({ fromUserId: 'zoe', fromRole: 'cx-supervisor', type: 'system' });
    await say({ fromUserId: 'ann', fromRole: 'cx-customer' });
    assert.equal(robot.status, 201);
    for (const operation of ofEveryServer.filter(({ method }) => method === 'GET')) {
      checkAnswer(operation, await rest(world.server, 'GET', target(operation)));
    }
    const types = new Set();
    const page = await rest(world.server, 'GET', '/log/events?after=0&limit=500');
    assert.ok(page.body.events.length > 10);
    for (const { position } of page.body.events) {
      const answer = await rest(world.server, 'GET', `/log/events/${position}`);
      checkAnswer(byKey('GET /log/events/{position}'), answer);
      types.add(answer.body.event.type);
    }
    assert.ok(types.size >= 4, [...types].join());
  });

  test('name the headers that answers have', async () => {
    const first = await rest(world.server, 'GET', '/chat/conversations?limit=1&sort=activity');
    checkAnswer(byKey('GET /chat/conversations'), first);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.link)[1];
    checkAnswer(byKey('GET /chat/conversations'), await rest(world.server, 'GET', next));
    const past = await rest(world.server, 'GET', '/chat/conversations/late-parcel?asOf=5');
    assert.equal(fault('types.json#/$defs/AsOf', JSON.parse(past.headers['parley-as-of'])), undefined);
    assert.deepEqual(JSON.parse(past.headers['parley-as-of']), past.body.asOf);
    assert.ok(headersOf(byKey('GET /chat/conversations/{id}'), 200).includes('Parley-As-Of'));
  });
});

describe('refusals over REST', () => {
  const world = useServer();
  const known = useIdentityServer(ratesOff);
  const message = { conversationId: 'c', fromUserId: 'olga', fromRole: 'cx-agent', content: 'Hello' };
  const start = { createdBy: 'olga', createdByRole: 'cx-agent', conversationId: 'c' };
  const cases = [
    ['POST /chat/conversations/start', start, 'none'],
    ['POST /chat/conversations/start', start, 'conversation_exists'],
    ['POST /chat/conversations/start', {}, 'missing_field'],
    ['POST /chat/conversations/start', 'no JSON', 'invalid_request'],
    ['POST /chat/conversations/start', { ...start, title: 1 }, 'wrong_type'],
    ['POST /chat/conversations/start', { ...start, title: '\0' }, 'invalid_text'],
    ['POST /chat/conversations/start', { ...start, title: 'x'.repeat(2000) }, 'too_long'],
    ['POST /chat/conversations/start', { ...start, conversationId: '' }, 'invalid_id'],
    ['POST /chat/conversations/start', { ...start, createdByRole: 'boss' }, 'unknown_role'],
    ['POST /chat/conversations/start', { ...start, initialParticipants: Array.from({ length: 101 }, (_, i) => `${i}`) }, 'invalid_value'],
    ['POST /chat/messages', { ...message, clientMessageId: '1' }, 'none'],
    ['POST /chat/messages', { ...message, clientMessageId: '1', content: 'else' }, 'client_message_id_reused'],
    ['POST /chat/messages', { ...message, expectedSeq: 0 }, 'conflict'],
    ['POST /chat/messages', { ...message, type: 'song' }, 'unknown_type'],
    ['POST /chat/messages', { ...message, content: '' }, 'invalid_value'],
    ['POST /chat/messages', { ...message, content: 'x'.repeat(600_000) }, 'too_long'],
    ['POST /chat/messages', 'x'.repeat(4_000_000), 'payload_too_large'],
    ['POST /chat/messages', { ...message, fromRole: 'cx-customer', isVisible: false }, 'forbidden'],
    ['GET /chat/conversations', '?limit=0', 'invalid_value'],
    ['GET /chat/conversations', '?before=', 'invalid_id'],
    ['GET /chat/conversations', '?before=nowhere', 'conversation_not_found'],
    ['GET /chat/conversations', '?userRole=boss&userId=ann', 'unknown_role'],
    ['GET /chat/conversations', '?preview=1&userId=ann', 'forbidden'],
    ['GET /chat/conversations', '?limit=x', 'wrong_type'],
    ['GET /chat/conversations/{id}', '', 'conversation_not_found'],
    ['GET /chat/conversations/{id}', '?asOf=soon', 'invalid_value'],
    ['GET /chat/conversations/{id}', '?userId=%FF', 'invalid_id'],
    ['GET /chat/conversations/{id}/messages', '', 'conversation_not_found'],
    ['GET /chat/conversations/{id}/messages', '?limit=x', 'wrong_type'],
    ['GET /chat/conversations/{id}/messages', '?limit=101', 'invalid_value'],
    ['GET /chat/conversations/{id}/messages/last/{n}', '', 'conversation_not_found'],
    ['GET /chat/conversations/{id}/participants', '', 'conversation_not_found'],
    ['GET /chat/conversations/{id}/participants', '?after=x', 'wrong_type'],
    ['POST /chat/conversations/{id}/join', {}, 'missing_field'],
    ['POST /chat/conversations/{id}/join', { userId: 'ann', userRole: 'boss' }, 'unknown_role'],
    ['POST /chat/conversations/{id}/leave', {}, 'missing_field'],
    ['POST /chat/conversations/{id}/leave', { userId: 'ann' }, 'conversation_not_found'],
    ['GET /chat/search', '?q=-x', 'invalid_value'],
    ['GET /chat/search', '?q=x&conversationId=nowhere', 'conversation_not_found'],
    ['GET /chat/search', '?q=x&limit=x', 'wrong_type'],
    ['GET /chat/dashboard/stats', '?asOf=1', 'invalid_value'],
    ['GET /chat/presence', '?asOf=1', 'invalid_value'],
    ['GET /chat/stats/minutes', '?n=0', 'invalid_value'],
    ['POST /console/sql', {}, 'missing_field'],
    ['POST /console/sql', { sql: 'DELETE FROM event' }, 'invalid_value'],
    ['POST /console/sql', { sql: 1 }, 'wrong_type'],
    ['POST /console/sql', { sql: `SELECT '${'x'.repeat(40_000)}'` }, 'too_long'],
    ['GET /chat/conversations', '?conversationId=', 'invalid_id'],
    ['GET /log/events', '?limit=0', 'invalid_value'],
    ['GET /log/events', '?conversationId=', 'invalid_id'],
  ];

  for (const key of new Set(cases.map(([name]) => name))) {
    test(`${key}: as it says`, async () => {
      const operation = byKey(key);
      for (const [, question, code] of cases.filter(([name]) => name === key)) {
        const isQuery = operation.method === 'GET';
        const route = target(operation).replace(/\?.*/, '') + (isQuery ? question : '');
        const answer = await rest(world.server, operation.method, route, isQuery ? undefined : question);
        assert.equal(answer.body.code ?? 'none', code, `${JSON.stringify(question).slice(0, 200)}: ${answer.text}`);
        checkAnswer(operation, answer);
      }
    });
  }

  test('a position that is not there, and a search without words', async () => {
    for (const [route, key, code] of [
      ['/log/events/9000000', 'GET /log/events/{position}', 'not_found'],
      ['/log/events/x', 'GET /log/events/{position}', 'invalid_value'],
      ['/chat/search', 'GET /chat/search', 'missing_field'],
      ['/chat/conversations/c/messages/last/0', 'GET /chat/conversations/{id}/messages/last/{n}', 'invalid_value'],
    ]) {
      const answer = await rest(world.server, 'GET', route);
      assert.equal(answer.body.code, code);
      checkAnswer(byKey(key), answer);
    }
  });

  test('a cluster that is none, and a position that is none', async () => {
    const cluster = await rest(world.server, 'GET', '/cluster');
    assert.equal(cluster.body.code, 'not_found');
    checkAnswer(byKey('GET /cluster'), cluster);
    const reads = operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'Parley-Position'));
    assert.ok(reads.length > 10);
    await Promise.all(reads.flatMap((operation) => [['x', 'invalid_value'], ['90000000', 'busy']].map(async ([position, code]) => {
      const answer = await rest(world.server, 'GET', target(operation), undefined, { 'parley-position': position });
      assert.equal(answer.body.code, code, operation.key);
      checkAnswer(operation, answer);
    })));
  });

  test('each operation: from a strange page, and under a strange host', async () => {
    for (const operation of operations) {
      const body = operation.method === 'POST' ? {} : undefined;
      for (const [headers, code] of [[{ origin: 'https://evil.example' }, 'origin_refused'], [{ host: 'evil.example' }, 'misdirected']]) {
        const answer = await rest(world.server, operation.method, target(operation), body, headers);
        assert.equal(answer.body.code, code, operation.key);
        checkAnswer(operation, answer);
      }
    }
  });

  test('each operation: without a token, with a bad one, and with that of an operator', async () => {
    for (const operation of operations) {
      const asked = codesOf(operation).includes('unauthenticated');
      const body = operation.method === 'POST' ? {} : undefined;
      for (const token of [null, 'x.y.z']) {
        const answer = await as(known, token, operation.method, target(operation), body);
        assert.equal(answer.status === 401, asked, `${operation.key}: ${answer.text}`);
        checkAnswer(operation, answer);
      }
      const operator = await as(known, tokenOf('operator', 'olga'), operation.method, target(operation), body);
      checkAnswer(operation, operator, `${operation.key}, an operator`);
    }
  });

  test('a body of a wrong type', async () => {
    for (const operation of operations.filter(({ method }) => method === 'POST')) {
      const headers = { authorization: `Bearer ${known.back}`, 'content-type': 'text/plain' };
      const answer = await rest(known.server, 'POST', target(operation), '{}', headers);
      if (operation.path.startsWith('/console/')) assert.equal(answer.body.code, 'forbidden');
      else assert.equal(answer.body.code, 'unsupported_media_type', operation.key);
      checkAnswer(operation, answer);
    }
  });

  test('a method that the resource does not know, and a path that is not there, as its words say', async () => {
    assert.match(readText('schema/wire/openapi.json'), /`not_found`, another method with 405 `method_not_allowed`/);
    const wrong = await rest(world.server, 'DELETE', '/chat/messages');
    assert.deepEqual([wrong.status, fault('types.json#/$defs/Refusal', wrong.body)], [405, undefined]);
    const nowhere = await rest(world.server, 'GET', '/chat/nothing');
    assert.deepEqual([nowhere.status, fault('types.json#/$defs/Refusal', nowhere.body)], [404, undefined]);
  });
});

describe('a rate over REST', () => {
  const world = useIdentityServer(['--rate.user-reads', '1/1']);
  test('is refused as it says', async () => {
    const operation = byKey('GET /chat/dashboard/stats');
    let answer;
    for (let i = 0; i < 20; i++) {
      answer = await as(world, tokenOf('agent', 'olga'), 'GET', operation.path);
      checkAnswer(operation, answer);
      if (answer.status === 429) break;
    }
    assert.equal(answer.status, 429);
    assert.match(answer.headers['retry-after'], /^\d+$/);
  });
});
