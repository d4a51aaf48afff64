// The list of conversations: orders, filters, previews, and a page that follows it live.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { as, done, tokenOf, useIdentityServer } from './identity.mjs';
import { listedConversation } from './shapes.mjs';
import { kinds, rest, scenario, unique, useServer } from './support.mjs';

const say = (server, conversationId, content, fromUserId = 'cust', fromRole = 'cx-customer', more = {}) =>
  rest(server, 'POST', '/chat/messages', { conversationId, content, fromUserId, fromRole, ...more });
const idsOf = (answer) => answer.body.map(({ id }) => id);

async function list(server, query) {
  const answer = await rest(server, 'GET', `/chat/conversations?${new URLSearchParams(query)}`);
  assert.equal(answer.status, 200, answer.text);
  answer.body.forEach((row) => listedConversation(row));
  return answer;
}

describe('the list of conversations', () => {
  const world = useServer();

  scenario(world, 'waiting, activity and created are three orders, each followed by Link', async (open, server) => {
    const prefix = unique('order');
    const [a, b, c] = ['a', 'b', 'c'].map((name) => `${prefix}-${name}`);
    for (const id of [a, b, c]) await say(server, id, `hello from ${id}`);
    await say(server, a, 'I am here', 'bob', 'cx-agent');
    await say(server, b, 'still there?');
    for (const [sort, wanted] of [['created', [c, b, a]], ['activity', [b, a, c]], ['waiting', [b, c, a]]]) {
      const all = await list(server, { sort, q: prefix });
      assert.deepEqual(idsOf(all), wanted, sort);
      const seen = [];
      for (let next = `/chat/conversations?sort=${sort}&q=${prefix}&limit=1`; next; ) {
        const answer = await rest(server, 'GET', next);
        seen.push(...idsOf(answer));
        next = /^<([^>]*)>; rel="next"$/.exec(answer.headers.link ?? '')?.[1];
      }
      assert.deepEqual(seen, wanted, `${sort} by pages`);
    }
    const rows = (await list(server, { q: prefix, sort: 'waiting' })).body;
    assert.deepEqual(rows.map(({ waitingSince }) => waitingSince === null), [false, false, true]);
    assert.equal(rows[1].waitingSince, rows[1].lastMessageAt);
    assert.deepEqual(rows.map(({ agentIds }) => agentIds), [[], [], ['bob']]);
    assert.deepEqual(idsOf(await list(server, { q: prefix, show: 'waiting', sort: 'activity' })), [b, c]);
    assert.deepEqual(idsOf(await list(server, { q: prefix, show: 'without-agent' })), [c, b]);
    assert.deepEqual(idsOf(await list(server, { q: prefix, sort: 'waiting', offset: 1, limit: 1 })), [c]);
  });

  scenario(world, 'q is a prefix of an id or of a participant', async (open, server) => {
    const [room, user] = [unique('findable'), unique('Änne_%')];
    await say(server, room, 'x', user);
    assert.deepEqual(idsOf(await list(server, { q: room })), [room]);
    assert.deepEqual(idsOf(await list(server, { q: user.slice(0, -1), sort: 'activity' })), [room]);
    assert.deepEqual(idsOf(await list(server, { q: `${user}x` })), []);
  });

  scenario(world, 'a preview is the newest message, cut at 140 characters', async (open, server) => {
    const room = unique('preview');
    const preview = async () => (await list(server, { q: room, preview: 1 })).body[0].lastMessage;
    await rest(server, 'POST', '/chat/conversations/start', { createdBy: 'bob', createdByRole: 'cx-agent', conversationId: room });
    assert.equal(await preview(), null);
    await say(server, room, '🙂'.repeat(200));
    assert.deepEqual(await preview(), { fromUserId: 'cust', fromRole: 'cx-customer', content: '🙂'.repeat(140), type: 'text', isVisible: true });
    await say(server, room, 'a note', 'bob', 'cx-agent', { isVisible: false });
    assert.deepEqual(await preview(), { fromUserId: 'bob', fromRole: 'cx-agent', content: 'a note', type: 'text', isVisible: false });
    const [plain] = (await list(server, { q: room })).body;
    assert.ok(!('lastMessage' in plain));
  });

  scenario(world, 'dashboard events after Parley-Position bring the list up to date', async (open, server) => {
    const room = unique('live');
    await say(server, room, 'before');
    const page = await open(kinds.v4WebSocket);
    await page.ask('join_dashboard', {});
    const answer = await list(server, { q: room });
    const { position } = (await say(server, room, 'after')).body;
    assert.ok(Number(answer.headers['parley-position']) < position);
    assert.ok(answer.headers['access-control-expose-headers'].includes('Parley-Position'));
    const update = await page.receives('conversation_updated');
    assert.equal(update.changes.messageCount, answer.body[0].messageCount + 1);
  });

  scenario(world, 'a customer is told of no order by hidden messages, and asks nothing of staff', async (open, server) => {
    const [user, quiet, loud] = [unique('cust'), unique('quiet'), unique('loud')];
    await say(server, quiet, 'one', user);
    await say(server, loud, 'two', user);
    await say(server, quiet, 'a note', 'bob', 'cx-agent', { isVisible: false });
    const eyes = { userId: user, userRole: 'cx-customer' };
    assert.deepEqual(idsOf(await list(server, { ...eyes, sort: 'activity' })), [loud, quiet]);
    assert.deepEqual((await list(server, { ...eyes, sort: 'activity' })).body.map(({ agentIds }) => agentIds), [[], ['bob']]);
    for (const more of [{ preview: 1 }, { show: 'waiting' }, { show: 'without-agent' }, { sort: 'waiting' }]) {
      const answer = await rest(server, 'GET', `/chat/conversations?${new URLSearchParams({ ...eyes, ...more })}`);
      assert.equal(answer.body.code, 'forbidden', JSON.stringify(more));
    }
  });

  scenario(world, 'what is no list is refused', async (open, server) => {
    for (const query of ['sort=up', 'show=me', 'preview=yes', 'q=', `q=${'x'.repeat(129)}`, 'q=%ff', 'after=x', 'sort=activity&after=w1-2',
      'sort=activity&before=c1', 'sort=waiting&sort=waiting', 'after=c1&before=c1', 'sort=waiting&after=a1-2', 'sort=']) {
      const answer = await rest(server, 'GET', `/chat/conversations?${query}`);
      assert.equal(answer.status, 400, `${query}: ${answer.text}`);
      assert.equal(answer.body.code, 'invalid_value', query);
    }
  });
});

describe('the list of conversations with tokens', () => {
  const world = useIdentityServer();

  test('a customer and a bound agent get the rows of theirs, in the order that was asked for', async () => {
    const [cust, own, other, foreign] = ['cust', 'own', 'other', 'foreign'].map((name) => unique(name));
    for (const [conversationId, fromUserId] of [[own, cust], [other, cust], [foreign, unique('else')], [own, cust]]) {
      await done(world, world.back, 'POST', '/chat/messages', { conversationId, content: 'x', fromUserId, fromRole: 'cx-customer' });
    }
    const ids = async (token, query) => (await done(world, token, 'GET', `/chat/conversations?${query}`)).map(({ id }) => id);
    const customer = tokenOf('customer', cust);
    assert.deepEqual(await ids(customer, 'sort=activity'), [own, other]);
    assert.deepEqual(await ids(customer, `sort=activity&q=${own}`), [own]);
    assert.deepEqual(await ids(customer, `sort=activity&q=${foreign}`), []);
    const bound = tokenOf('agent', unique('agent'), { conversations: [own, other] });
    assert.deepEqual(await ids(bound, 'sort=waiting&preview=1'), [own, other]);
    assert.deepEqual(await ids(bound, 'sort=activity&limit=1'), [own]);
    assert.deepEqual(await ids(bound, `sort=activity&q=${foreign}`), []);
    assert.equal((await as(world, customer, 'GET', '/chat/conversations?preview=1')).status, 403);
    assert.equal((await as(world, tokenOf('operator', 'o'), 'GET', '/chat/conversations?sort=waiting')).status, 403);
    const auditors = await ids(tokenOf('auditor', unique('audit')), 'sort=waiting&show=waiting&preview=1');
    assert.ok([own, other, foreign].every((id) => auditors.includes(id)));
  });
});
