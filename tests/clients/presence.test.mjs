// Who is there and who looks on, what happened in the last minutes, and since when somebody waits.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { as, ask, connect, done, ratesOff, tokenOf, useIdentityServer } from './identity.mjs';
import { wholePresence } from './shapes.mjs';
import { back, comingBack, cut, fence, kinds, rest, scenario, unique, useServer } from './support.mjs';

async function presenceOf(server) {
  const answer = await rest(server, 'GET', '/chat/presence');
  assert.equal(answer.status, 200, answer.text);
  wholePresence(answer.body, 'presence');
  return answer.body;
}
const connectionsOf = ({ users }, userId) => users.find((one) => one.userId === userId)?.connections ?? 0;
const watchersOf = ({ watchers }, room) => (watchers.find((one) => one.conversationId === room)?.users ?? []).map(({ userId }) => userId);
const speak = (server, conversationId, fromUserId, fromRole, more = {}) =>
  rest(server, 'POST', '/chat/messages', { conversationId, content: 'x', fromUserId, fromRole, ...more });

describe('presence', () => {
  const world = useServer();

  scenario(world, 'dashboards that ask for it are told who comes, goes and watches', async (open, server) => {
    const [room, ann, bob, eve] = ['room', 'ann', 'bob', 'eve'].map((name) => unique(name));
    const [desk, plain] = [await open(kinds.v4WebSocket), await open(kinds.v4WebSocket)];
    await desk.do('join_dashboard', { userId: eve, userRole: 'cx-supervisor' });
    await plain.do('join_dashboard', {});
    const [one, two] = [await open(kinds.v4WebSocket), await open(kinds.v4)];
    await one.join(room, ann, 'cx-customer');
    await two.do('watch_room', { conversationId: room, userId: bob, userRole: 'cx-agent' });
    await desk.receives('presence_changed', (news) => connectionsOf(news, ann) === 1);
    await desk.receives('presence_changed', (news) => watchersOf(news, room).includes(bob));
    const now = await presenceOf(server);
    assert.deepEqual([ann, bob, eve].map((user) => connectionsOf(now, user)), [1, 1, 1]);
    assert.ok(connectionsOf(now, null) >= 1, 'the dashboard that names nobody');
    assert.deepEqual(watchersOf(now, room), [bob]);
    const second = await open(kinds.v4WebSocket);
    await second.join(room, ann, 'cx-customer');
    assert.equal(connectionsOf(await presenceOf(server), ann), 2);
    await two.do('send_message', { conversationId: room, content: 'hello' });
    await desk.receives('presence_changed', (news) => news.watchers.some((one) => one.conversationId === room && one.users.length === 0));
    one.close();
    second.close();
    await desk.receives('presence_changed', (news) => news.users.some((one) => one.userId === ann && one.connections === 0));
    const later = await presenceOf(server);
    assert.equal(connectionsOf(later, ann), 0);
    assert.equal(connectionsOf(later, bob), 1);
    assert.ok(later.version > now.version);
    await desk.do('leave_dashboard', {});
    assert.equal(connectionsOf(await presenceOf(server), eve), 0);
    await fence(server, [plain]);
    assert.ok(plain.take().every(({ name }) => name !== 'presence_changed'));
  });

  scenario(world, 'who comes and goes at once is told together, at most once a second', async (open, server) => {
    const desk = await open(kinds.v4WebSocket);
    await desk.do('join_dashboard', { presence: true });
    const people = Array.from({ length: 30 }, () => unique('guest'));
    const client = await open(kinds.v4WebSocket);
    const from = Date.now();
    for (const [i, user] of people.entries()) await client.join(unique(`r${i}`), user, 'cx-customer');
    await desk.receives('presence_changed', (news) => connectionsOf(news, people.at(-1)) === 1);
    const told = desk.take().filter(({ name }) => name === 'presence_changed');
    assert.ok(told.length <= 2 + (Date.now() - from) / 1000, `${told.length} events`);
    client.close();
  });

  scenario(world, 'who follows and who watches is known again after a recovery', async (open, server) => {
    const [room, boss] = [unique('room'), unique('boss')];
    await speak(server, room, 'cust', 'cx-customer');
    const desk = await open(comingBack(kinds.v4WebSocket));
    await desk.do('join_dashboard', { userId: boss, userRole: 'cx-supervisor' });
    await desk.do('watch_room', { conversationId: room, userId: boss, userRole: 'cx-supervisor' });
    await desk.receives('presence_changed');
    await speak(server, room, 'cust', 'cx-customer');
    await desk.receives('new_message');
    await cut(desk);
    await back(desk);
    await server.restart();
    await back(desk);
    desk.take();
    const now = await presenceOf(server);
    assert.equal(connectionsOf(now, boss), 1);
    assert.deepEqual(watchersOf(now, room), [boss]);
    const guest = unique('guest');
    const client = await open(kinds.v4WebSocket);
    await client.join(unique('r'), guest, 'cx-customer');
    await desk.receives('presence_changed', (news) => connectionsOf(news, guest) === 1);
  });

  scenario(world, 'a dashboard names a user and a role, or neither', async (open) => {
    const desk = await open(kinds.v4WebSocket);
    await desk.refused('join_dashboard', { userId: 'x' }, 'missing_field');
    await desk.refused('join_dashboard', { userRole: 'cx-agent' }, 'missing_field');
    await desk.refused('join_dashboard', { userId: 'x', userRole: 'boss' }, 'unknown_role');
    await desk.refused('join_dashboard', { presence: 'yes' }, 'wrong_type');
  });

  scenario(world, 'a dashboard is told when a wait begins and ends', async (open, server) => {
    const room = unique('wait');
    const desk = await open(kinds.v4WebSocket);
    await desk.do('join_dashboard', {});
    const say = async (...who) => (await speak(server, room, ...who)).body;
    const first = await say('cust', 'cx-customer');
    await say('cust', 'cx-customer');
    await say('bob', 'cx-agent', { isVisible: false });
    await say('bob', 'cx-agent');
    const again = await say('cust', 'cx-customer');
    await desk.receives('conversation_updated', ({ conversationId, changes }) => conversationId === room && changes.messageCount === 5);
    const changes = desk.take().filter(({ name, body }) => name === 'conversation_updated' && body.conversationId === room).map(({ body }) => body.changes);
    assert.deepEqual(changes.map(({ lastFromRole }) => lastFromRole), ['cx-customer', 'cx-customer', 'cx-agent', 'cx-agent', 'cx-customer']);
    const waits = changes.map((one) => ('waitingSince' in one ? one.waitingSince : undefined));
    assert.deepEqual(waits, [first.timestamp, undefined, undefined, null, again.timestamp]);
  });

  scenario(world, 'the last minutes are counted by role', async (open, server) => {
    const minutes = async (n) => (await rest(server, 'GET', `/chat/stats/minutes?n=${n}`)).body;
    const sum = ({ minutes }, of) => minutes.reduce((all, one) => all + of(one), 0);
    const before = await minutes(60);
    assert.equal(before.minutes.length, 60);
    assert.equal(before.completeSince, null);
    const room = unique('minutes');
    await speak(server, room, 'cust', 'cx-customer');
    await speak(server, room, 'cust', 'cx-customer');
    await speak(server, room, 'bob', 'cx-agent', { isVisible: false });
    const after = await minutes(60);
    for (const [role, more] of [['cx-customer', 2], ['cx-agent', 1], ['robot', 0]]) {
      assert.equal(sum(after, (one) => one.messages[role]) - sum(before, (one) => one.messages[role]), more, role);
    }
    assert.equal(sum(after, (one) => one.started) - sum(before, (one) => one.started), 1);
    assert.ok(after.position > before.position);
    await server.restart();
    const again = await minutes(60);
    assert.equal(sum(again, (one) => one.started), sum(after, (one) => one.started), 'read again from the log');
    assert.equal((await minutes(1)).minutes.length, 1);
    for (const query of ['n=0', 'n=1441', 'n=x', 'n=', 'n=1&n=2', 'n=1.5', 'n=-1']) {
      const answer = await rest(server, 'GET', `/chat/stats/minutes?${query}`);
      assert.equal(answer.body.code, 'invalid_value', query);
    }
  });
});

describe('typing on dashboards', () => {
  const world = useServer({ args: ['--typing.timeout=600000', '--io.threads=2'] });
  const asksFor = { presence: true };
  const types = (client, conversationId, userId, more = {}) => client.do('typing_start', { conversationId, userId, userName: `Name of ${userId}`, ...more });
  const isOf = (room, ...users) => ({ conversations }) =>
    conversations.some((one) => one.conversationId === room && one.count === users.length && users.every((user) => one.users.some(({ userId }) => userId === user)));
  const tells = (client, room, ...users) => client.receives('typing_changed', isOf(room, ...users));
  /// What the client was told since of conversations, the last word on each.
  const lastWords = (client) =>
    new Map(client.take().flatMap(({ name, body }) => (name === 'typing_changed' ? body.conversations : [])).map((one) => [one.conversationId, one.count]));

  scenario(world, 'those that ask for presence are told who types, and when it ends by whatever ends it', async (open, server) => {
    const room = unique('room');
    const [desk, plain, quiet] = [await open(kinds.v4WebSocket), await open(kinds.v4WebSocket), await open(kinds.v4WebSocket)];
    await desk.do('join_dashboard', asksFor);
    await plain.do('join_dashboard', {});
    await quiet.do('join_dashboard', { userId: unique('q'), userRole: 'cx-agent', presence: false });
    const [ann, bob] = [await open(kinds.v4WebSocket), await open(kinds.v4)];
    await ann.join(room, 'ann', 'cx-customer');
    await bob.join(room, 'bob', 'cx-agent');
    await types(ann, room, 'ann');
    await tells(desk, room, 'ann');
    await types(bob, room, 'bob', { isVisible: false });
    await tells(desk, room, 'ann', 'bob');
    await ann.say(room, 'a message ends it', { fromUserId: 'ann', fromRole: 'cx-customer' });
    await tells(desk, room, 'bob');
    await bob.do('typing_stop', { conversationId: room, userId: 'bob' });
    await tells(desk, room);
    await types(ann, room, 'ann');
    await types(bob, room, 'bob');
    await tells(desk, room, 'ann', 'bob');
    ann.close();
    await tells(desk, room, 'bob');
    await bob.do('leave_room', { conversationId: room, userId: 'bob' });
    await tells(desk, room);
    await fence(server, [plain, quiet]);
    for (const client of [plain, quiet]) assert.ok(client.take().every(({ name }) => name !== 'typing_changed'));
  });

  scenario(world, 'a new dashboard knows who types before its reply', async (open) => {
    const [room, over] = [unique('room'), unique('over')];
    const ann = await open(kinds.v4WebSocket);
    for (const one of [room, over]) {
      await ann.join(one, 'ann', 'cx-customer');
      await types(ann, one, 'ann');
    }
    await ann.do('typing_stop', { conversationId: over, userId: 'ann' });
    const desk = await open(kinds.v4WebSocket);
    await desk.do('join_dashboard', asksFor);
    const heard = desk.take();
    const [told, replied] = [heard.findIndex(({ name }) => name === 'typing_changed'), heard.findIndex(({ name }) => name === 'ack:join_dashboard')];
    assert.ok(told >= 0 && told < replied, JSON.stringify(heard));
    assert.ok(isOf(room, 'ann')(heard[told].body));
    assert.ok(heard[told].body.conversations.every(({ conversationId }) => conversationId !== over));
    ann.close();
    await tells(desk, room);
  });

  scenario(world, 'busy typing is told together, at most once a second', async (open) => {
    const [room, last] = [unique('room'), unique('last')];
    const [desk, ann] = [await open(kinds.v4WebSocket), await open(kinds.v4WebSocket)];
    for (const one of [room, last]) await ann.join(one, 'ann', 'cx-customer');
    await desk.do('join_dashboard', asksFor);
    const from = Date.now();
    for (let i = 0; i < 40; i++) {
      await types(ann, room, 'ann');
      await ann.do('typing_stop', { conversationId: room, userId: 'ann' });
    }
    await types(ann, last, 'ann');
    await tells(desk, last, 'ann');
    const told = desk.take().filter(({ name }) => name === 'typing_changed');
    assert.ok(told.length <= 2 + (Date.now() - from) / 1000, `${told.length} events`);
    ann.close();
  });

  scenario(world, 'a dashboard that comes back is told who types now, also after a restart', async (open, server) => {
    const [starts, ends, ghost] = [unique('starts'), unique('ends'), unique('ghost')];
    const desk = await open(comingBack(kinds.v4WebSocket));
    await desk.do('join_dashboard', { userId: 'boss', userRole: 'cx-supervisor' });
    const ann = await open(kinds.v4WebSocket);
    for (const one of [starts, ends, ghost]) await ann.join(one, 'ann', 'cx-customer');
    await types(ann, ends, 'ann');
    await tells(desk, ends, 'ann');
    await cut(desk);
    desk.take();
    await types(ann, starts, 'ann');
    await ann.do('typing_stop', { conversationId: ends, userId: 'ann' });
    await back(desk);
    await tells(desk, starts, 'ann');
    await fence(server, [desk]);
    assert.ok(!lastWords(desk).get(ends));
    await types(ann, ghost, 'ann');
    await tells(desk, ghost, 'ann');
    await cut(desk);
    desk.take();
    await server.kill9();
    await server.start(server.port);
    await back(desk);
    const bob = await open(kinds.v4WebSocket);
    await bob.join(starts, 'bob', 'cx-agent');
    await types(bob, starts, 'bob');
    await tells(desk, starts, 'bob');
    assert.ok(!lastWords(desk).get(ghost), 'who typed when the server ended does not type any more');
  });
});

describe('presence with tokens', () => {
  const world = useIdentityServer(ratesOff);

  test('a token says who follows, and who may know of it', async () => {
    const [ann, room] = [unique('ann'), unique('room')];
    await done(world, world.back, 'POST', '/chat/messages', { conversationId: room, content: 'x', fromUserId: 'cust', fromRole: 'cx-customer' });
    const agent = await connect(world, tokenOf('agent', ann));
    assert.equal((await ask(agent, 'join_dashboard', {})).success, true);
    assert.equal((await ask(agent, 'join_dashboard', { userId: 'other', userRole: 'cx-agent' })).code, 'forbidden');
    assert.equal((await ask(agent, 'join_dashboard', { userId: ann, userRole: 'cx-supervisor' })).code, 'forbidden');
    const users = async (token) => (await done(world, token, 'GET', '/chat/presence')).users;
    const mine = (await users(tokenOf('supervisor', 'boss'))).find((one) => one.userId === ann);
    assert.deepEqual(mine, { userId: ann, userRole: 'cx-agent', connections: 1 });
    const auditor = unique('audit');
    const auditing = await connect(world, tokenOf('auditor', auditor));
    await ask(auditing, 'join_dashboard', {});
    assert.equal((await users(world.back)).find((one) => one.userId === auditor).userRole, null);
    const customer = await connect(world, tokenOf('customer', unique('cust')));
    assert.equal((await ask(customer, 'join_dashboard', { presence: true })).code, 'forbidden', 'who types where is for staff');
    const service = await connect(world, world.back);
    assert.equal((await ask(service, 'join_dashboard', { userId: 'zoe', userRole: 'cx-agent' })).success, true);
    const bound = tokenOf('supervisor', unique('bound'), { conversations: [room] });
    for (const token of [tokenOf('customer', 'c'), tokenOf('robot', 'r'), tokenOf('operator', 'o'), bound]) {
      assert.equal((await as(world, token, 'GET', '/chat/presence')).status, 403);
      assert.equal((await as(world, token, 'GET', '/chat/stats/minutes')).status, 403);
    }
  });
});
