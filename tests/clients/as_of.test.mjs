// Conversations as of a moment of the past, and through another viewer's eyes, over REST.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { as, ask, connect, done, ratesOff, tokenOf, useIdentityServer } from './identity.mjs';
import { bounded, answerMsMax, kinds, rest, scenario, unique, useServer } from './support.mjs';
import * as shapes from './shapes.mjs';

const asOfIn = (answer) => JSON.parse(answer.headers['parley-as-of']);
const nextIn = (answer) => /^<([^>]+)>; rel="next"$/.exec(answer.headers.link ?? '')?.[1];
const askers = ['', 'userId=cust&userRole=cx-customer', 'userId=ann&userRole=cx-agent', 'userId=nobody'];
const routes = ['', '/messages', '/messages?limit=2', '/messages?limit=2&after=0', '/participants'];
const join = (route, ...queries) => {
  const more = queries.filter((one) => one !== '').join('&');
  return more === '' ? route : route + (route.includes('?') ? '&' : '?') + more;
};

async function get(server, path) {
  const answer = await rest(server, 'GET', path);
  assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  return answer;
}

async function refused(server, path, status, code, headers = {}) {
  const answer = await rest(server, 'GET', path, undefined, headers);
  assert.equal(answer.status, status, `${path}: ${answer.text}`);
  assert.equal(answer.body.code, code);
  return answer.body;
}

/// What the live routes answer at this moment, by route and asker.
async function snapshot(server, room) {
  const found = {};
  for (const route of routes) {
    for (const asker of askers) {
      const path = join(route, asker);
      found[path] = (await get(server, `/chat/conversations/${room}${path}`)).body;
    }
  }
  return found;
}

/// The same as of a moment, without what only answers about the past have.
async function snapshotAsOf(server, room, asOf) {
  const found = {};
  for (const route of routes) {
    for (const asker of askers) {
      const path = join(route, asker);
      const answer = await get(server, `/chat/conversations/${room}${join(path, `asOf=${asOf}`)}`);
      shapes.asOf(asOfIn(answer), 'Parley-As-Of');
      if (route === '') {
        shapes.pastConversation(answer.body);
        assert.deepEqual(answer.body.asOf, asOfIn(answer));
        const { typing, asOf: moment, ...usual } = answer.body;
        found[path] = usual;
      } else if (route.startsWith('/messages')) {
        shapes.pastMessages(answer.body);
        found[path] = answer.body.map(({ sharedPosition, ...usual }) => usual);
      } else {
        found[path] = answer.body;
      }
    }
  }
  return found;
}

/// A conversation in which everything happens that makes a difference later. Its `moments` hold
/// what the live routes answered after each step, by position.
async function live(open, server) {
  const room = unique('past');
  const agent = await open(kinds.v4);
  const moments = new Map();
  const post = async (path, body) => {
    const answer = await rest(server, 'POST', path, body);
    assert.ok(answer.status < 300, answer.text);
    return answer.body;
  };
  const say = (fromUserId, fromRole, content, more = {}) =>
    post('/chat/messages', { conversationId: room, fromUserId, fromRole, content, ...more });
  const note = async (message) => moments.set(message.position, await snapshot(server, room));

  await post('/chat/conversations/start', {
    conversationId: room, createdBy: 'cust', createdByRole: 'cx-customer', initialParticipants: ['cust'], title: 'Late',
  });
  await note(await say('cust', 'cx-customer', 'where is it?'));
  await agent.join(room, 'ann', 'cx-agent');
  const draft = await say('bot', 'robot', 'a draft', { type: 'robot' });
  await note(draft);
  await note(await say('ann', 'cx-agent', 'a note', { isVisible: false }));
  await agent.do('typing_start', { conversationId: room, userId: 'ann', userName: 'Ann' });
  const question = await say('cust', 'cx-customer', 'hello?');
  const share = await agent.do('share_robot_message', {
    conversationId: room, originalMessageId: draft.id, fromUserId: 'ann',
  });
  await note(share);
  await post(`/chat/conversations/${room}/leave`, { userId: 'cust' });
  const later = await say('ann', 'cx-agent', 'after they left');
  await note(later);
  return { room, moments, draft, question, share, later, say };
}

describe('as of a moment', () => {
  const world = useServer();

  scenario(world, 'every route answers what it answered then, for every asker', async (open, server) => {
    const { room, moments } = await live(open, server);
    assert.equal(moments.size, 5);
    for (const [position, expected] of moments) {
      assert.deepEqual(await snapshotAsOf(server, room, position), expected, `as of ${position}`);
    }
  });

  scenario(world, 'a time means the last event that is not later', async (open, server) => {
    const { room, later } = await live(open, server);
    const at = Date.parse(later.timestamp);
    const path = (asOf) => `/chat/conversations/${room}?asOf=${encodeURIComponent(asOf)}`;
    const found = await get(server, path(later.timestamp));
    assert.deepEqual(asOfIn(found), { position: later.position, at: later.timestamp, emptied: false });
    const berlin = new Date(at + 3_600_000).toISOString().replace('Z', '+01:00');
    assert.deepEqual(asOfIn(await get(server, path(berlin))), asOfIn(found));
    // Unescaped, a plus sign of a URL is a space.
    assert.deepEqual(asOfIn(await get(server, `/chat/conversations/${room}?asOf=${berlin}`)), asOfIn(found));
    // The log's end, which the records of the questions have moved.
    assert.ok(asOfIn(await get(server, path('-0s'))).position >= later.position);
    const before = asOfIn(await get(server, path(new Date(at - 1).toISOString())));
    assert.ok(before.position < later.position && before.at < later.timestamp, JSON.stringify(before));
  });

  scenario(world, 'who typed, and what was shared, is told as of then', async (open, server) => {
    const { room, draft, question, share } = await live(open, server);
    const typing = async (asOf, more = '') =>
      (await get(server, `/chat/conversations/${room}?asOf=${asOf}${more}`)).body.typing;
    assert.deepEqual(await typing(question.position), [{ userId: 'ann', userName: 'Ann' }]);
    assert.deepEqual(await typing(share.position), []);
    const drafted = async (asOf) =>
      (await get(server, `/chat/conversations/${room}/messages?asOf=${asOf}`)).body.find(({ id }) => id === draft.id);
    assert.equal((await drafted(question.position)).sharedPosition, undefined);
    assert.equal((await drafted(share.position)).sharedPosition, share.position);
  });

  scenario(world, 'pages stay of their moment while more is said', async (open, server) => {
    const { room, later, say } = await live(open, server);
    const whole = (await get(server, `/chat/conversations/${room}/messages?asOf=${later.position}`)).body;
    for (const direction of ['', '&after=0']) {
      const found = [];
      let path = `/chat/conversations/${room}/messages?asOf=${later.timestamp}&limit=2${direction}`;
      while (path) {
        const answer = await get(server, path);
        if (direction) found.push(...answer.body);
        else found.unshift(...answer.body);
        path = nextIn(answer);
        await say('ann', 'cx-agent', 'meanwhile');
      }
      assert.deepEqual(found.map(({ id }) => id), whole.map(({ id }) => id));
    }
  });

  scenario(world, 'a viewer sees what was theirs to see then', async (open, server) => {
    const { room, moments, question, share, later } = await live(open, server);
    const path = (route, ...queries) => `/chat/conversations/${room}${join(route, ...queries)}`;
    const contents = async (...queries) =>
      (await get(server, path('/messages', ...queries))).body.map(({ content }) => content);
    const seen = ['where is it?', 'hello?'];
    assert.deepEqual(await contents('viewer=cust', `asOf=${question.position}`), seen);
    assert.deepEqual(await contents('viewer=cust', `asOf=${share.position}`), [...seen, 'a draft']);
    // They have left: nothing later, and no longer the conversation itself.
    assert.deepEqual(await contents('viewer=cust', `asOf=${later.position}`), [...seen, 'a draft']);
    assert.deepEqual(await contents('viewer=cust'), [...seen, 'a draft']);
    await refused(server, path('', 'viewer=cust'), 404, 'conversation_not_found');
    await refused(server, path('/participants', 'viewer=cust'), 404, 'conversation_not_found');
    const then = (await get(server, path('', 'viewer=cust', `asOf=${share.position}`))).body;
    assert.equal(then.messageCount, 3);
    assert.deepEqual(then.typing, []);
    // Staff see all, in the role that they had, or in the one that is named.
    assert.equal((await contents('viewer=ann')).length, moments.size + 1);
    await refused(server, path('/messages', 'viewer=ann', 'viewerRole=cx-customer', `asOf=2`), 404, 'conversation_not_found');
    assert.ok((await contents('viewer=stranger', 'viewerRole=cx-supervisor')).includes('a note'));
    await refused(server, path('/messages', 'viewer=stranger'), 404, 'conversation_not_found');
    // What both the asker and the viewer may see.
    assert.deepEqual(await contents('userId=nobody', 'viewer=ann'), [...seen, 'a draft', 'after they left']);
  });

  scenario(world, 'whether there is a conversation that the viewer cannot see is not told', async (open, server) => {
    const { room } = await live(open, server);
    const answersTo = async (path) => {
      const answer = await rest(server, 'GET', path);
      // The questions themselves move the log's end.
      const text = answer.text.replace(/the log ends at position .*Z/, 'the log ends');
      return [answer.status, text.replaceAll(room, 'ROOM').replaceAll('nowhere', 'ROOM')];
    };
    for (const viewer of ['viewer=stranger', 'viewer=ann&viewerRole=cx-customer', 'viewer=ann&userId=stranger']) {
      for (const query of ['', '&asOf=2', '&asOf=999999999', '&asOf=2999-01-01', '&asOf=2001-01-01']) {
        if (viewer.includes('userId') && query === '') continue;
        for (const route of ['', '/messages', '/participants']) {
          const path = (id) => `/chat/conversations/${id}${route}?${viewer}${query}`;
          const found = await answersTo(path(room));
          if (found[0] === 200) continue;
          assert.deepEqual(found, await answersTo(path('nowhere')), `${route} ${viewer} ${query}`);
        }
      }
    }
    for (const eyes of ['viewer=stranger', 'userId=stranger', 'viewer=ann&userId=stranger']) {
      const path = (id) => `/chat/search?q=hello&conversationId=${id}&${eyes}`;
      const found = await answersTo(path(room));
      assert.equal(found[0], 404, eyes);
      assert.deepEqual(found, await answersTo(path('nowhere')), eyes);
    }
  });

  scenario(world, 'what cannot be answered is refused', async (open, server) => {
    const { room, later } = await live(open, server);
    const path = (query) => `/chat/conversations/${room}?${query}`;
    await refused(server, path('asOf=0'), 404, 'conversation_not_found');
    await refused(server, path('asOf=2001-01-01'), 404, 'conversation_not_found');
    await refused(server, '/chat/conversations/nowhere?asOf=1', 404, 'conversation_not_found');
    const beyond = await refused(server, path(`asOf=${later.position + 1000}`), 400, 'invalid_value');
    assert.match(beyond.error, new RegExp(`the log ends at position `));
    await refused(server, path('asOf=2999-01-01T00:00Z'), 400, 'invalid_value');
    for (const query of ['asOf=yesterday', 'asOf=', 'asOf=-1', 'asOf=1&asOf=1', 'viewerRole=cx-agent',
      'asOf=99999999999999999999', 'viewer=ann&viewer=ann']) {
      await refused(server, path(query), 400, 'invalid_value');
    }
    for (const twice of ['/messages?limit=2&limit=3', '/messages?offset=1&offset=1', '/messages?before=2&before=3',
      '/messages?after=0&after=1', '/participants?after=0&after=1', '/messages?limit=2&limit=2&asOf=1',
      '/participants?asOf=1&asOf=1', '/messages/last/2?viewer=ann&viewer=ann']) {
      const { error } = await refused(server, `/chat/conversations/${room}${twice}`, 400, 'invalid_value');
      assert.match(error, /must be given only once/);
    }
    await refused(server, `/chat/conversations//?conversationId=${room}&conversationId=x&asOf=1`, 400, 'invalid_value');
    await refused(server, path('viewer='), 400, 'invalid_id');
    await refused(server, path('viewer=ann&viewerRole=boss'), 400, 'unknown_role');
  });
});

describe('as of a moment, behind a proxy, without authentication', () => {
  const world = useServer({ args: ['--proxy.trusted', '127.0.0.1,::1'] });

  scenario(world, 'routes that know only the present say so, and do not answer as if they did', async (open, server) => {
    await live(open, server);
    for (const path of ['/chat/conversations?asOf=2', '/chat/conversations?viewer=ann', '/chat/dashboard/stats?asOf=2', '/chat/search?q=x&asOf=2']) {
      await refused(server, path, 400, 'invalid_value');
    }
  });

  scenario(world, 'only clients on the same machine are answered', async (open, server) => {
    const { room } = await live(open, server);
    const path = `/chat/conversations/${room}`;
    const from = (address) => ({ 'x-forwarded-for': address });
    for (const query of ['asOf=2', 'viewer=ann', 'asOf=2&userId=cust']) {
      for (const address of ['203.0.113.7', '2001:db8::1', '128.0.0.1']) {
        await refused(server, `${path}?${query}`, 403, 'forbidden', from(address));
        await refused(server, `${path}/messages?${query}`, 403, 'forbidden', from(address));
        await refused(server, `${path}/participants?${query}`, 403, 'forbidden', from(address));
      }
    }
    assert.equal((await rest(server, 'GET', path, undefined, from('203.0.113.7'))).status, 200);
    assert.equal((await rest(server, 'GET', `${path}?viewer=ann`, undefined, from('127.0.0.1'))).status, 200);
    // For whom a trusted proxy asks, it has to say in a way that is read.
    await refused(server, `${path}?viewer=ann`, 403, 'forbidden', from('unknown'));
    await refused(server, `${path}?viewer=ann`, 403, 'forbidden', { forwarded: 'for=203.0.113.7' });
    assert.equal((await rest(server, 'GET', `${path}?viewer=ann`)).status, 200);
  });
});

describe('as of a moment, behind a proxy that is not trusted, without authentication', () => {
  const world = useServer({ args: ['--proxy.trusted', '10.0.0.0/8'] });

  scenario(world, 'a request that a proxy on the same machine forwards is not one of this machine', async (open, server) => {
    const { room } = await live(open, server);
    const path = `/chat/conversations/${room}`;
    for (const headers of [{ 'x-forwarded-for': '203.0.113.7' }, { 'x-forwarded-for': '127.0.0.1' },
      { 'x-forwarded-for': '10.0.0.1' }, { 'x-forwarded-for': '' }, { forwarded: 'for=203.0.113.7' }]) {
      for (const route of [`${path}?asOf=2`, `${path}/messages?viewer=ann`, '/chat/search?q=draft']) {
        await refused(server, route, 403, 'forbidden', headers);
      }
      assert.equal((await rest(server, 'GET', path, undefined, headers)).status, 200);
    }
    await get(server, `${path}/messages?viewer=ann`);
  });
});

describe('as of a moment, with tokens', () => {
  const world = useIdentityServer(ratesOff);

  async function prepare() {
    const room = unique('room');
    const user = unique('cust');
    const post = (path, body) => done(world, world.back, 'POST', path, body);
    await post('/chat/conversations/start', { conversationId: room, createdBy: 'ann', createdByRole: 'cx-agent' });
    const first = await post('/chat/messages', { conversationId: room, fromUserId: 'ann', fromRole: 'cx-agent', content: 'early' });
    await post(`/chat/conversations/${room}/join`, { userId: user, userRole: 'cx-customer' });
    const second = await post('/chat/messages', { conversationId: room, fromUserId: 'ann', fromRole: 'cx-agent', content: 'late' });
    const hidden = await post('/chat/messages', {
      conversationId: room, fromUserId: 'ann', fromRole: 'cx-agent', content: 'hidden', isVisible: false,
    });
    return { path: `/chat/conversations/${room}`, user, first, second, hidden };
  }
  const contents = async (token, path) => (await done(world, token, 'GET', path)).map(({ content }) => content);

  test('customers read the past of what they take part in, as it was theirs', async () => {
    const { path, user, first, second } = await prepare();
    const token = tokenOf('customer', user);
    assert.deepEqual(await contents(token, `${path}/messages?asOf=${second.position}`), ['early', 'late']);
    assert.deepEqual(await contents(token, `${path}/messages?viewer=${user}`), ['early', 'late']);
    // Before they joined they could see nothing.
    for (const route of ['', '/messages', '/participants']) {
      const early = await as(world, token, 'GET', `${path}${route}?asOf=${first.position}`);
      assert.equal(early.body.code, 'conversation_not_found');
      const named = await as(world, token, 'GET', `${path}${route}?viewer=ann`);
      assert.equal(named.body.code, 'forbidden');
    }
    const role = await as(world, token, 'GET', `${path}?viewer=${user}&viewerRole=cx-agent`);
    assert.equal(role.body.code, 'forbidden');
  });

  test('supervisors, services and auditors read through others\' eyes; agents do not', async () => {
    const { path, user, first, second, hidden } = await prepare();
    const now = `${path}/messages?viewer=${user}&asOf=${hidden.position}`;
    for (const actor of ['supervisor', 'service', 'auditor']) {
      const token = tokenOf(actor, unique(actor));
      assert.deepEqual(await contents(token, now), ['early', 'late'], actor);
      assert.deepEqual(await contents(token, `${path}/messages?asOf=${hidden.position}`), ['early', 'late', 'hidden']);
      const early = await as(world, token, 'GET', `${path}/messages?viewer=${user}&asOf=${first.position}`);
      assert.equal(early.body.code, 'conversation_not_found');
    }
    for (const actor of ['agent', 'robot', 'customer', 'operator']) {
      assert.equal((await as(world, tokenOf(actor, unique(actor)), 'GET', now)).body.code, 'forbidden', actor);
    }
    assert.deepEqual(await contents(tokenOf('agent', unique('agent')), `${path}/messages?asOf=${second.position}`), ['early', 'late']);
  });

  test('a service that acts as a customer sees no more than both do', async () => {
    const { path, user, hidden } = await prepare();
    const query = `asOf=${hidden.position}&viewer=ann&userId=${user}&userRole=cx-customer`;
    assert.deepEqual(await contents(world.back, `${path}/messages?${query}`), ['early', 'late']);
  });

  test('a customer whom somebody removed cannot read the past either', async () => {
    const { path, user, second } = await prepare();
    await done(world, world.back, 'POST', `${path}/join`, { userId: 'boss', userRole: 'cx-supervisor' });
    await done(world, tokenOf('supervisor', 'boss'), 'POST', `${path}/leave`, { userId: user });
    const asked = await as(world, tokenOf('customer', user), 'GET', `${path}/messages?asOf=${second.position}`);
    assert.equal(asked.body.code, 'conversation_not_found');
    const auditor = tokenOf('auditor', unique('auditor'));
    assert.deepEqual(await contents(auditor, `${path}/messages?asOf=${second.position}&viewer=${user}`), ['early', 'late']);
    const removed = await as(world, auditor, 'GET', `${path}/messages?viewer=${user}`);
    assert.equal(removed.body.code, 'conversation_not_found');
  });
});
