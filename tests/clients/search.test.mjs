// GET /chat/search: what is found, page by page, and that nobody finds what they may not see.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { as, done, ratesOff, tokenOf, useIdentityServer } from './identity.mjs';
import { rest, unique, useServer } from './support.mjs';

const query = (parameters) => `/chat/search?${new URLSearchParams(parameters)}`;

async function say(server, conversationId, fromUserId, fromRole, content, more = {}) {
  const body = { conversationId, fromUserId, fromRole, content, ...more };
  const answer = await rest(server, 'POST', '/chat/messages', body);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

async function find(server, parameters) {
  const answer = await rest(server, 'GET', query(parameters));
  assert.equal(answer.status, 200, answer.text);
  return answer;
}
const snippets = ({ body }) => body.hits.map(({ snippet }) => snippet);

describe('search', () => {
  const world = useServer();

  test('what was just said is found, with its figures', async () => {
    const word = unique('needle').replaceAll('-', '');
    const room = unique('room');
    const message = await say(world.server, room, 'ann', 'cx-customer', `Where is my ${word}, please?`);
    const { body } = await find(world.server, { q: word });
    const { id, conversationId, fromUserId, fromRole, type, timestamp, isVisible, seq, position } = message;
    assert.deepEqual(body.hits, [{
      id, conversationId, fromUserId, fromRole, type, timestamp, isVisible, seq, position,
      snippet: `Where is my ${word}, please?`,
    }]);
    assert.equal(body.total, 1);
    assert.equal(body.truncated, false);
    assert.ok(body.upTo >= position);
    assert.equal(typeof body.audit.lag, 'number');
  });

  test('pages go back from the newest, each with a link to the next', async () => {
    const word = unique('page').replaceAll('-', '');
    const room = unique('room');
    for (let i = 0; i < 7; i++) await say(world.server, room, 'ann', 'cx-customer', `${word} ${i}`);
    const found = [];
    for (let path = query({ q: word, limit: 3 }); path;) {
      const answer = await rest(world.server, 'GET', path);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.total, 7);
      found.push(...snippets(answer));
      path = /^<([^>]+)>; rel="next"$/.exec(answer.headers.link ?? '')?.[1];
      assert.equal(answer.body.truncated, path !== undefined);
    }
    assert.deepEqual(found, [6, 5, 4, 3, 2, 1, 0].map((i) => `${word} ${i}`));
  });

  test('filters: conversation, author, times', async () => {
    const word = unique('filter').replaceAll('-', '');
    const [one, two] = [unique('one'), unique('two')];
    await say(world.server, one, 'ann', 'cx-customer', `${word} in one by ann`);
    const second = await say(world.server, two, 'ann', 'cx-customer', `${word} in two by ann`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const third = await say(world.server, two, 'bob', 'cx-agent', `${word} in two by bob`);
    const contents = async (more) => snippets(await find(world.server, { q: word, ...more })).map((text) => text.slice(word.length + 1));
    assert.deepEqual(await contents({ conversationId: two }), ['in two by bob', 'in two by ann']);
    assert.deepEqual(await contents({ author: 'ann' }), ['in two by ann', 'in one by ann']);
    assert.deepEqual(await contents({ conversationId: two, author: 'ann' }), ['in two by ann']);
    assert.deepEqual(await contents({ author: 'nobody at all' }), []);
    assert.deepEqual(await contents({ from: third.timestamp }), ['in two by bob']);
    assert.deepEqual(await contents({ to: third.timestamp }), ['in two by ann', 'in one by ann']);
    assert.deepEqual(await contents({ before: second.position }), ['in one by ann']);
    assert.deepEqual(await contents({ from: '-1h', to: '-30m' }), []);
  });

  test('a customer finds what a customer may see in the own conversations, and gets no count', async () => {
    const word = unique('secret').replaceAll('-', '');
    const [room, other] = [unique('room'), unique('other')];
    const [ann, carl] = [unique('ann'), unique('carl')];
    await say(world.server, room, ann, 'cx-customer', `${word} asked`);
    await say(world.server, room, 'bob', 'cx-agent', `${word} answered`);
    await say(world.server, room, 'bob', 'cx-agent', `${word} noted`, { isVisible: false });
    await say(world.server, room, 'pip', 'robot', `${word} suggested`, { type: 'robot' });
    await say(world.server, other, carl, 'cx-customer', `${word} elsewhere`);
    const all = await find(world.server, { q: word });
    assert.equal(all.body.total, 5);
    for (const eyes of [{ userId: ann }, { viewer: ann }, { viewer: ann, viewerRole: 'cx-customer' }]) {
      const { body } = await find(world.server, { q: word, ...eyes });
      assert.deepEqual(body.hits.map(({ snippet }) => snippet), [`${word} answered`, `${word} asked`]);
      assert.equal(body.total, undefined);
    }
    assert.equal((await find(world.server, { q: word, viewer: 'bob', viewerRole: 'cx-agent' })).body.total, 5);
    // Without a role, the one that they have in each conversation: bob has none in the other one.
    const { body: his } = await find(world.server, { q: word, viewer: 'bob' });
    assert.equal(his.hits.length, 4);
    assert.ok(his.hits.every(({ conversationId }) => conversationId === room));
    assert.equal(his.total, undefined);
    assert.equal((await find(world.server, { q: word, viewer: 'nobody' })).body.hits.length, 0);
    await rest(world.server, 'POST', `/chat/conversations/${room}/leave`, { userId: ann });
    await say(world.server, room, 'bob', 'cx-agent', `${word} after she left`);
    assert.equal((await find(world.server, { q: word, viewer: ann })).body.hits.length, 2);
  });

  test('a viewer sees each conversation in the role that they have there', async () => {
    const word = unique('role').replaceAll('-', '');
    const [asked, helped, left] = [unique('asked'), unique('helped'), unique('left')];
    const eve = unique('eve');
    const start = (conversationId, role) => say(world.server, conversationId, eve, role, `${word} begins`);
    await start(left, 'cx-customer');
    await start(asked, 'cx-customer');
    await start(helped, 'cx-agent');
    await rest(world.server, 'POST', `/chat/conversations/${left}/leave`, { userId: eve });
    for (const room of [asked, helped, left]) {
      await say(world.server, room, 'bob', 'cx-agent', `${word} noted`, { isVisible: false });
      await say(world.server, room, 'bob', 'cx-agent', `${word} answered`);
    }
    const found = async (more) => (await find(world.server, { q: word, viewer: eve, ...more })).body.hits
      .map(({ conversationId, snippet }) => `${conversationId.split('-')[0]} ${snippet.slice(word.length + 1)}`);
    assert.deepEqual(await found({}), ['helped answered', 'helped noted', 'asked answered',
      'helped begins', 'asked begins', 'left begins']);
    assert.deepEqual(await found({ conversationId: asked }), ['asked answered', 'asked begins']);
    assert.deepEqual(await found({ conversationId: helped }), ['helped answered', 'helped noted', 'helped begins']);
    assert.deepEqual(await found({ conversationId: left }), ['left begins']);
  });

  test('a query is words, whatever it looks like, and has its bounds', async () => {
    for (const q of ['"a', 'a AND', 'NEAR(a b', 'content:x', 'x*y*', '-a b', "'; DROP TABLE search; --", '{a b}: c', '你']) {
      await find(world.server, { q });
    }
    const refusals = [
      [{}, 400, 'missing_field'], [{ q: '' }, 400, 'invalid_value'], [{ q: '-a' }, 400, 'invalid_value'],
      [{ q: 'x'.repeat(1025) }, 413, 'too_long'], [{ q: 'a', limit: 101 }, 400, 'invalid_value'],
      [{ q: 'a', before: 'x' }, 400, 'invalid_value'], [{ q: 'a', from: 'yesterday' }, 400, 'invalid_value'],
      [{ q: 'a', conversationId: 'nowhere at all' }, 404, 'conversation_not_found'],
      [{ q: 'a', viewerRole: 'cx-agent' }, 400, 'invalid_value'],
    ];
    for (const [parameters, status, code] of refusals) {
      const answer = await rest(world.server, 'GET', query(parameters));
      assert.equal(answer.status, status, `${JSON.stringify(parameters)}: ${answer.text}`);
      assert.equal(answer.body.code, code);
    }
  });

  test('a range that holds no moment is refused, and so is a parameter given twice', async () => {
    const refuses = async (path, words) => {
      const answer = await rest(world.server, 'GET', path);
      assert.equal(answer.status, 400, `${path}: ${answer.text}`);
      assert.equal(answer.body.code, 'invalid_value');
      assert.match(answer.body.error, words);
    };
    const head = async () => (await rest(world.server, 'GET', '/log/events?limit=1')).body.head;
    const before = await head();
    assert.equal(typeof before, 'number');
    const [early, late] = ['2026-11-01', '2026-12-30'];
    await refuses(query({ q: 'a', from: late, to: early }), /to must be later than from/);
    await refuses(query({ q: 'a', from: early, to: early }), /to must be later than from/);
    await refuses(query({ q: 'a', from: '-1h', to: '-2h' }), /to must be later than from/);
    for (const name of ['q', 'conversationId', 'author', 'from', 'to', 'before', 'limit', 'viewer', 'userId', 'userRole']) {
      const value = { from: early, to: late, before: '9', limit: '9', userRole: 'cx-agent' }[name] ?? 'a';
      const asked = new URLSearchParams({ q: 'a', [name]: value });
      asked.append(name, value);
      await refuses(`/chat/search?${asked}`, new RegExp(`^${name} must be given only once`));
    }
    // None of them was recorded: nobody else writes here.
    assert.equal(await head(), before);
  });
});

describe('search without audit.db', () => {
  const world = useServer({ args: ['--audit.follow=false'] });

  test('there is none', async () => {
    const answer = await rest(world.server, 'GET', query({ q: 'a' }));
    assert.equal(answer.status, 404);
    assert.match(answer.body.error, /audit\.follow/);
  });
});

describe('search with tokens', () => {
  const world = useIdentityServer(ratesOff);

  test('each finds what the table lets them read', async () => {
    const word = unique('word').replaceAll('-', '');
    const [room, other] = [unique('room'), unique('other')];
    const [ann, carl] = [unique('ann'), unique('carl')];
    const send = (conversationId, fromUserId, fromRole, content, more = {}) =>
      done(world, world.back, 'POST', '/chat/messages', { conversationId, fromUserId, fromRole, content, ...more });
    await send(room, ann, 'cx-customer', `${word} asked`);
    await send(room, 'bob', 'cx-agent', `${word} noted`, { isVisible: false });
    await send(other, carl, 'cx-customer', `${word} elsewhere`);
    const found = async (token, more = {}) => {
      const body = await done(world, token, 'GET', query({ q: word, ...more }));
      return body.hits.map(({ snippet }) => snippet.slice(word.length + 1));
    };
    assert.deepEqual(await found(tokenOf('customer', ann)), ['asked']);
    assert.deepEqual(await found(tokenOf('customer', unique('stranger'))), []);
    for (const actor of ['agent', 'supervisor', 'robot', 'auditor']) {
      assert.deepEqual(await found(tokenOf(actor, unique(actor))), ['elsewhere', 'noted', 'asked'], actor);
    }
    assert.deepEqual(await found(tokenOf('supervisor', 'sue', { conversations: [room] })), ['noted', 'asked']);
    assert.deepEqual(await found(tokenOf('auditor', 'olga'), { viewer: ann }), ['asked']);
    for (const [token, more] of [
      [tokenOf('agent', 'bob'), { viewer: ann }],
      [tokenOf('customer', ann), { viewer: carl }],
      [tokenOf('operator', 'op'), {}],
    ]) {
      const answer = await as(world, token, 'GET', query({ q: word, ...more }));
      assert.equal(answer.status, 403, answer.text);
    }
    const hidden = await as(world, tokenOf('customer', ann), 'GET', query({ q: word, conversationId: other }));
    assert.equal(hidden.status, 404, hidden.text);
  });
});
