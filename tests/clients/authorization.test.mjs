// Every cell of docs/authorization.md, over every way in that can ask for it: the general path of a
// socket, its quick path, and REST.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readDocument } from '../support/documents.mjs';
import { as, ask, connect, done, ratesOff, tokenOf, useIdentityServer } from './identity.mjs';
import { patience, unique } from './support.mjs';

const relations = ['takesPart', 'left', 'stranger', 'absent'];
const roles = { customer: 'cx-customer', agent: 'cx-agent', supervisor: 'cx-supervisor', robot: 'robot' };
const refusals = { f: 'forbidden', p: 'not_participant', h: 'conversation_not_found' };

/// The rows of both tables: {action, cells: {actor: 'fhhh'}}.
async function tables() {
  const text = await readDocument('docs/authorization.md');
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  const cells = (row) => row.split('|').slice(1, -1).map((cell) => cell.trim());
  const actors = cells(rows[0]).slice(1);
  return rows
    .map(cells)
    .filter(([action]) => action !== 'action')
    .map(([action, ...letters]) => ({
      action,
      cells: Object.fromEntries(actors.map((actor, i) => [actor, letters[i]])),
    }));
}

// What a role is named in requests of a service, which acts as an agent here.
const roleOf = (actor) => roles[actor] ?? 'cx-agent';

/// Whom a request names: nobody where the token says it, the user that a service acts as.
const from = (actor, user) => (actor === 'service' ? { fromUserId: user, fromRole: roleOf(actor) } : {});
const self = (actor, user) => (actor === 'service' ? { userId: user } : {});
const selfWithRole = (actor, user) => (actor === 'service' ? { userId: user, userRole: roleOf(actor) } : {});

const general = { extra: { nested: true } }; // the quick path reads flat objects only
const overSocket = (name, body) => ({
  path: 'socket',
  run: ({ socket }, room) => ask(socket, name, { ...body(room), ...general }),
});
const quick = (name, body) => ({ path: 'quick', run: ({ socket }, room) => ask(socket, name, body(room)) });
const overRest = (method, url, body = () => undefined) => ({
  path: 'REST',
  run: async ({ world, token }, room) => {
    const answer = await as(world, token, method, url(room), body(room));
    return answer.body ?? answer.text;
  },
});
const at = (more) => (room) => `/chat/conversations/${room}${more}`;

/// How each action is asked for. `not`: actors that cannot ask for it.
const ways = {
  'start with a given id': (actor, user) => [
    overRest('POST', () => '/chat/conversations/start', (conversationId) => ({
      conversationId,
      ...(actor === 'service' ? { createdBy: user, createdByRole: roleOf(actor) } : {}),
      ...(['auditor', 'operator'].includes(actor) ? { createdBy: user, createdByRole: 'cx-agent' } : {}),
    })),
  ],
  'join, subscribe': (actor, user) => {
    const named = roles[actor] ? {} : { userId: user, userRole: roleOf(actor) };
    return [
      overSocket('join_room', (conversationId) => ({ conversationId, ...named })),
      overRest('POST', at('/join'), () => named),
    ];
  },
  leave: (actor, user) => [
    overRest('POST', at('/leave'), () => (roles[actor] ? {} : { userId: user })),
    // A service leaves on a socket as the user that it joined as; elsewhere it leaves by itself.
    overSocket('leave_room', (conversationId) => ({ conversationId, ...(roles[actor] ? {} : { userId: user }) })),
  ],
  'bring in or remove another': (actor) =>
    actor === 'service'
      ? []
      : [
          overSocket('leave_room', (conversationId) => ({ conversationId, userId: 'owner' })),
          overSocket('join_room', (conversationId) => ({ conversationId, userId: 'newcomer', userRole: 'cx-customer' })),
          overRest('POST', at('/leave'), () => ({ userId: 'owner' })),
          overRest('POST', at('/join'), () => ({ userId: 'newcomer', userRole: 'cx-customer' })),
        ],
  'send to the customer': (actor, user) => (actor === 'robot' ? [] : sends(actor, user, {})),
  'send what customers cannot see': (actor, user) => sends(actor, user, { isVisible: false }),
  "send type 'system'": (actor, user) => sends(actor, user, { type: 'system' }),
  "send type 'robot'": (actor, user) => sends(actor, user, { type: 'robot' }),
  type: (actor, user) => {
    const body = (conversationId) => ({
      conversationId,
      userName: 'Somebody',
      ...(roles[actor] ? {} : { userId: user }),
    });
    return [
      overSocket('typing_start', body),
      quick('typing_start', (room) => ({ userId: user, ...body(room) })),
      quick('typing_stop', (room) => ({ conversationId: room, userId: user })),
    ];
  },
  "share a robot's message": (actor, user) => [
    {
      path: 'socket',
      run: ({ socket, robots }, conversationId) =>
        ask(socket, 'share_robot_message', {
          conversationId,
          originalMessageId: robots,
          ...(roles[actor] ? {} : { fromUserId: user }),
        }),
    },
  ],
  'read what customers may see': () => [
    overSocket('get_messages', (conversationId) => ({ conversationId })),
    quick('get_messages', (conversationId) => ({ conversationId })),
    overRest('GET', at('/messages')),
    overRest('GET', at('/messages/last/5')),
  ],
  'read what is hidden': () => [],
  'read as of a time': () => [overRest('GET', (room) => at(`/messages?asOf=${new Date().toISOString()}`)(room))],
  'watch without joining': (actor, user) => {
    const named = actor === 'service' ? { userId: user, userRole: roleOf(actor) } : {};
    return [
      overSocket('watch_room', (conversationId) => ({ conversationId, ...named })),
      overSocket('unwatch_room', (conversationId) => ({ conversationId })),
    ];
  },
  'see it and its participants': () => [overRest('GET', at('')), overRest('GET', at('/participants'))],
};

function sends(actor, user, more) {
  const named = roles[actor] ? {} : { fromUserId: user, fromRole: roleOf(actor) };
  const body = (conversationId) => ({ conversationId, content: 'said', ...named, ...more });
  return [
    overSocket('send_message', body),
    quick('send_message', body),
    overRest('POST', () => '/chat/messages', body),
  ];
}

/// Makes a conversation to which `user` stands in `relation`.
async function prepare(world, relation, user, role) {
  const room = unique('room');
  if (relation === 'absent') return { room, robots: '01a21356-d529-71e0-bff1-ede28b6b46f5' };
  const post = (path, body) => done(world, world.back, 'POST', path, body);
  await post('/chat/conversations/start', {
    conversationId: room,
    createdBy: 'owner',
    createdByRole: 'cx-agent',
    initialParticipants: [{ userId: 'owner', userRole: 'cx-agent' }],
  });
  const say = (more) =>
    post('/chat/messages', { conversationId: room, fromUserId: 'owner', fromRole: 'cx-agent', ...more });
  await say({ content: 'shown' });
  await say({ content: 'hidden', isVisible: false });
  const robots = await say({ content: 'robotic', fromUserId: 'robbie', fromRole: 'robot', type: 'robot' });
  if (relation !== 'stranger') {
    await post(`/chat/conversations/${room}/join`, { userId: user, userRole: role });
  }
  if (relation === 'left') {
    await post(`/chat/conversations/${room}/leave`, { userId: user });
    await say({ content: 'later' });
  }
  return { room, robots: robots.id };
}

const codeOf = (reply) => (reply && reply.success === false ? reply.code : undefined);

function checkOutcome(reply, letter, action, what) {
  const code = codeOf(reply);
  if (letter in refusals) return assert.equal(code, refusals[letter], `${what}: ${JSON.stringify(reply)}`);
  if (action === 'start with a given id' && letter !== '+') {
    return assert.equal(code, 'conversation_exists', `${what}: ${JSON.stringify(reply)}`);
  }
  assert.equal(code, undefined, `${what}: ${JSON.stringify(reply)}`);
}

/// Hidden messages are shown to those that may read them, and nothing later than a customer's leave.
function checkMessages(reply, letter, actor, what) {
  if (!Array.isArray(reply)) return;
  const contents = reply.map((message) => message.content);
  assert.equal(contents.includes('hidden'), actor !== 'customer', `${what}: ${contents}`);
  if (letter === 'l') assert.ok(!contents.includes('later') && contents.includes('shown'), `${what}: ${contents}`);
}

const readsMessages = ['read what customers may see', 'read as of a time'];
const rows = await tables();

describe('the authorization table', () => {
  const world = useIdentityServer([...ratesOff, '--auth.customer-ids', 'own']);
  const onConversations = rows.filter((row) => row.cells.customer.length === 4);
  const actors = Object.keys(rows[0].cells).filter((actor) => actor !== 'none');

  test('every row has ways to ask for it', () => {
    assert.deepEqual(Object.keys(ways).sort(), onConversations.map((row) => row.action).sort());
    for (const { cells } of onConversations) assert.equal(cells.none, '✓✓✓✓');
  });

  for (const actor of actors) {
    test(`${actor}: every action, in every relation`, { timeout: 120_000 * patience }, async () => {
      let cells = 0;
      for (const { action, cells: letters } of onConversations) {
        for (const [i, relation] of relations.entries()) {
          const letter = letters[actor][i];
          for (const [n, way] of ways[action](actor, 'placeholder').entries()) {
            const user = unique(actor);
            const { room, robots } = await prepare(world, relation, user, roleOf(actor));
            const token = tokenOf(actor, user);
            const socket = way.path === 'REST' ? null : await connect(world, token);
            const real = ways[action](actor, user)[n];
            const what = `${actor}, ${action}, ${relation}, ${way.path}`;
            if (action === 'type' && relation === 'takesPart' && n === 2) {
              await ask(socket, 'typing_start', { conversationId: room, userId: user, userName: 'Somebody' });
            }
            const reply = await real.run({ world, token, socket, robots }, room);
            checkOutcome(reply, letter, action, what);
            if (readsMessages.includes(action)) checkMessages(reply, letter, actor, what);
            socket?.disconnect();
            cells++;
          }
        }
      }
      assert.ok(cells > 50, `${cells} cells`);
    });
  }

  test('actions without a conversation', { timeout: 60_000 * patience }, async () => {
    const { room } = await prepare(world, 'stranger', 'nobody', 'cx-customer');
    const requests = {
      "read through another's eyes": [
        ({ token }) =>
          as(world, token, 'GET', `/chat/conversations/${room}/messages?viewer=owner`).then((answer) => answer.body),
      ],
      'dashboard: events and figures': [
        ({ socket }) => ask(socket, 'join_dashboard', {}),
        ({ token }) => as(world, token, 'GET', '/chat/dashboard/stats').then((answer) => answer.body),
      ],
      'presence, minutes': [
        ({ token }) => as(world, token, 'GET', '/chat/presence').then((answer) => answer.body),
        ({ token }) => as(world, token, 'GET', '/chat/stats/minutes').then((answer) => answer.body),
      ],
      'list conversations': [
        ({ token }) => as(world, token, 'GET', '/chat/conversations').then((answer) => answer.body),
      ],
      'search in messages': [
        ({ token }) => as(world, token, 'GET', '/chat/search?q=word').then((answer) => answer.body),
      ],
      'start, id made by the server': [
        ({ token, actor, user }) => {
          const named = roles[actor] ? {} : { createdBy: user, createdByRole: 'cx-agent' };
          return as(world, token, 'POST', '/chat/conversations/start', named).then((answer) => answer.body);
        },
        ({ socket, actor, user }) =>
          ask(socket, 'join_room', roles[actor] ? {} : { userId: user, userRole: 'cx-agent' }),
      ],
      'console: status, verify': [
        ({ token }) => as(world, token, 'GET', '/console/status').then((answer) => answer.body),
        ({ token }) => as(world, token, 'POST', '/console/verify').then((answer) => answer.body),
      ],
      // No node of a cluster: `not_found` for those that may ask.
      'nodes of the cluster: /cluster': [
        async ({ token }) => {
          const { body } = await as(world, token, 'GET', '/cluster');
          return body.code === 'not_found' ? {} : body;
        },
      ],
      'console: SQL': [
        ({ token, actor }) => as(world, token, 'POST', '/console/sql', { sql: `SELECT '${actor}'` }).then((answer) => answer.body),
        ({ token }) => as(world, token, 'GET', '/console/questions').then((answer) => answer.body),
      ],
      'read the log: /log, join_log': [
        ({ socket }) => ask(socket, 'join_log', {}),
        ({ token }) => as(world, token, 'GET', '/log/events').then((answer) => answer.body),
        ({ token }) => as(world, token, 'GET', '/log/events/1').then((answer) => answer.body),
      ],
      'read /metrics': [
        ({ token }) => as(world, token, 'GET', '/metrics').then((answer) => answer.body ?? answer.text),
      ],
    };
    const table = rows.filter((row) => row.cells.customer.length === 1);
    const others = ['read why the server is not ready'];
    assert.deepEqual(table.map((row) => row.action).sort(), [...Object.keys(requests), ...others].sort());
    for (const { action, cells } of table) {
      for (const actor of actors) {
        const user = unique(actor);
        const token = tokenOf(actor, user);
        const socket = await connect(world, token);
        for (const request of requests[action] ?? []) {
          const reply = await request({ token, socket, actor, user });
          checkOutcome(reply, cells[actor], action, `${actor}, ${action}`);
        }
        socket.disconnect();
      }
    }
  });

  test('a customer and a robot list the conversations that they take part in', async () => {
    for (const actor of ['customer', 'robot']) {
      const user = unique(actor);
      const { room } = await prepare(world, 'takesPart', user, roleOf(actor));
      await prepare(world, 'left', user, roleOf(actor));
      const list = await done(world, tokenOf(actor, user), 'GET', '/chat/conversations?limit=100');
      assert.deepEqual(list.map((one) => one.id), [room]);
    }
  });

  test('a user that another one removed is a stranger', async () => {
    const user = unique('customer');
    const { room } = await prepare(world, 'takesPart', user, 'cx-customer');
    await done(world, world.back, 'POST', `/chat/conversations/${room}/join`, { userId: 'boss', userRole: 'cx-supervisor' });
    await done(world, tokenOf('supervisor', 'boss'), 'POST', `/chat/conversations/${room}/leave`, { userId: user });
    const answer = await as(world, tokenOf('customer', user), 'GET', `/chat/conversations/${room}/messages`);
    const nowhere = await as(world, tokenOf('customer', user), 'GET', '/chat/conversations/nowhere/messages');
    assert.equal(answer.text, nowhere.text.replace('nowhere', room));
    assert.equal(answer.status, nowhere.status);
  });
});

describe('ids that the server makes', () => {
  const world = useIdentityServer(ratesOff);

  test('a customer\'s unknown id is as unknown as a strange one', async () => {
    const token = tokenOf('customer', unique('customer'));
    const { room } = await prepare(world, 'stranger', 'nobody', 'cx-customer');
    const socket = await connect(world, token);
    for (const conversationId of [room, 'unknown']) {
      const reply = await ask(socket, 'join_room', { conversationId });
      assert.equal(reply.code, 'conversation_not_found');
      assert.equal(reply.error.replace(conversationId, ''), 'there is no conversation ""');
    }
  });

  test('a customer starts a conversation by joining none', async () => {
    const user = unique('customer');
    const socket = await connect(world, tokenOf('customer', user));
    const reply = await ask(socket, 'join_room', {});
    assert.equal(reply.success, true, JSON.stringify(reply));
    assert.match(reply.conversation.id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(reply.conversation.participantIds, [user]);
  });

  test('a token\'s list lets a customer in, and keeps all others out of the rest', async () => {
    const { room } = await prepare(world, 'stranger', 'nobody', 'cx-customer');
    const other = (await prepare(world, 'stranger', 'nobody', 'cx-customer')).room;
    const invited = await connect(world, tokenOf('customer', unique('guest'), { conversations: [room, 'fresh'] }));
    assert.equal((await ask(invited, 'get_messages', { conversationId: room })).code, 'conversation_not_found');
    assert.equal((await ask(invited, 'join_room', { conversationId: room })).success, true);
    assert.equal((await ask(invited, 'join_room', { conversationId: 'fresh' })).success, true);
    assert.equal((await ask(invited, 'join_room', { conversationId: other })).code, 'conversation_not_found');
    const bound = await connect(world, tokenOf('agent', unique('agent'), { conversations: [room] }));
    assert.equal((await ask(bound, 'join_room', { conversationId: room })).success, true);
    for (const conversationId of [other, 'nowhere']) {
      assert.equal((await ask(bound, 'join_room', { conversationId })).code, 'conversation_not_found');
      assert.equal((await ask(bound, 'get_messages', { conversationId })).code, 'conversation_not_found');
    }
  });
});
