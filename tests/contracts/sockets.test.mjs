// What the schemas say of requests and events, asked of a real server: each example is sent, each
// answer and each event checked, and each request refused as it is described.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, connect, tokenOf, useIdentityServer } from '../clients/identity.mjs';
import { bounded, fence, kinds, recovering, rest, scenario, unique, useServer } from '../clients/support.mjs';
import { repliesByEvent } from '../clients/shapes.mjs';
import { check, eventNames, requestNames, requests } from './contracts.mjs';

/// Checks the answer to a request, carried out or refused. Returns the code; nothing: carried out.
function checkReply(name, reply) {
  if (reply?.success !== false) {
    check(`requests/${name}.json#/$defs/answer`, reply, `the answer to ${name}`);
    return undefined;
  }
  check('types.json#/$defs/Refusal', reply, `the refusal of ${name}`);
  check(`requests/${name}.json#/$defs/code`, reply.code, `the refusal of ${name}`);
  return reply.code;
}

/// Checks each event that the client has received, and returns their names.
function checkEvents(client) {
  const heard = client.take().filter(({ name }) => !name.startsWith('ack:'));
  for (const { name, body } of heard) {
    if (repliesByEvent.includes(name)) checkReply(name, body);
    else check(`events/${name}.json`, body, `the event ${name}`);
  }
  return heard.map(({ name }) => name);
}

/// A request as the example, or those that the server makes ids for with the ids that it made.
const withIds = (example, ids) =>
  Object.fromEntries(Object.entries(example).map(([name, value]) => [name, ids[name] ?? value]));

describe('the examples of requests', () => {
  const world = useServer();

  scenario(world, 'are answered as their schemas say, and cause events as theirs do', async (open, server) => {
    const room = 'late-parcel';
    const [olga, ann, dashboard] = await Promise.all([open(kinds.v4WebSocket), open(recovering(kinds.v4WebSocket)), open(kinds.v4Polling)]);
    await dashboard.do('join_dashboard', { presence: true });
    await dashboard.do('join_log', {});
    await ann.join(room, 'ann', 'cx-customer');
    await ann.do('typing_start', { conversationId: room, userId: 'ann', userName: 'Ann' });
    await dashboard.receives('typing_changed');
    const robot = await ann.do('send_message', { conversationId: room, content: '42', fromUserId: 'triage', fromRole: 'robot', type: 'robot' });
    const order = [
      'join_room', 'send_message', 'typing_start', 'typing_stop', 'get_messages', 'share_robot_message', 'join_dashboard',
      'leave_dashboard', 'leave_room', 'watch_room', 'unwatch_room', 'join_log', 'leave_log', 'authenticate',
    ];
    assert.deepEqual(requestNames.filter((name) => !order.includes(name)), [], 'each request is tried');
    const codes = {};
    for (const name of order) {
      codes[name] = [];
      for (const example of requests[name].examples) {
        codes[name].push(checkReply(name, await olga.ask(name, withIds(example, { originalMessageId: robot.id }))));
      }
    }
    for (const name of order) {
      const refused = { send_message: [undefined, undefined, 'conflict'], authenticate: ['unknown_event'] };
      assert.deepEqual(codes[name], refused[name] ?? codes[name].map(() => undefined), name);
    }
    await dashboard.receives('presence_changed');
    await fence(server, [olga, ann, dashboard]);
    await dashboard.until(() => dashboard.log.some(({ name }) => name === 'log_events'), 'log_events');
    const names = new Set([olga, ann, dashboard].flatMap(checkEvents));
    for (const name of eventNames) {
      if (name !== 'exception' && name !== 'token_expiring') assert.ok(names.has(name), `no ${name}`);
    }
  });

  scenario(world, 'without an acknowledgement, are answered by events of the same shapes', async (open, server) => {
    const room = unique('told');
    const olga = await open(kinds.v4WebSocket);
    const robot = await olga.do('send_message', { conversationId: room, content: '42', fromUserId: 'triage', fromRole: 'robot', type: 'robot' });
    const ids = { conversationId: room, originalMessageId: robot.id, userId: 'olga' };
    const silent = { send_message: 'new_message', typing_start: undefined, typing_stop: undefined, authenticate: 'exception' };
    for (const name of ['join_room', 'send_message', 'typing_start', 'typing_stop', 'get_messages', 'share_robot_message', 'join_dashboard', 'leave_dashboard', 'authenticate', 'leave_room', 'watch_room', 'unwatch_room', 'join_log', 'leave_log']) {
      const { joinData, ...example } = requests[name].examples[0];
      assert.equal(joinData, undefined);
      olga.tell(name, withIds(example, ids));
      const answer = name in silent ? silent[name] : name;
      if (answer) await olga.receives(answer);
    }
    olga.tell('get_messages', { conversationId: unique('nowhere') });
    await olga.receives('exception', ({ code }) => code === 'conversation_not_found');
    olga.tell('send_message', { conversationId: room, content: 'late', fromUserId: 'olga', fromRole: 'cx-agent', expectedSeq: 0 });
    await olga.receives('exception', ({ code }) => code === 'conflict');
    await fence(server, [olga]);
    const names = checkEvents(olga);
    for (const name of repliesByEvent) if (name !== 'authenticate') assert.ok(names.includes(name), name);
  });
});

describe('refusals of requests', () => {
  const world = useServer();
  const room = 'refusals';
  const shared = { originalMessageId: '0197d7e1-ffd0-763b-ac3c-91cac8890593', conversationId: room, fromUserId: 'olga' };
  const cases = [
    ['join_room', {}, 'missing_field'],
    ['join_room', 'text', 'invalid_request'],
    ['join_room', { conversationId: 1, userId: 'ann', userRole: 'cx-agent' }, 'wrong_type'],
    ['join_room', { conversationId: '', userId: 'ann', userRole: 'cx-agent' }, 'invalid_id'],
    ['join_room', { conversationId: room, userId: 'ann', userRole: 'boss' }, 'unknown_role'],
    ['leave_room', { conversationId: 'nowhere', userId: 'ann' }, 'conversation_not_found'],
    ['leave_room', { conversationId: room, userId: 'nobody' }, 'not_participant'],
    ['watch_room', { conversationId: room }, 'missing_field'],
    ['watch_room', { conversationId: 'nowhere', userId: 'zoe', userRole: 'cx-agent' }, 'conversation_not_found'],
    ['watch_room', { conversationId: room, userId: 'ann', userRole: 'cx-customer' }, 'forbidden'],
    ['unwatch_room', { conversationId: 'nowhere' }, 'conversation_not_found'],
    ['send_message', { conversationId: room }, 'missing_field'],
    ['send_message', { conversationId: room, content: '' }, 'invalid_value'],
    ['send_message', { conversationId: room, content: '\0' }, 'invalid_text'],
    ['send_message', { conversationId: room, content: 'x'.repeat(600_000) }, 'too_long'],
    ['send_message', { conversationId: room, content: 'x', type: 'song' }, 'unknown_type'],
    ['send_message', { conversationId: room, content: 'x', expectedSeq: 0 }, 'conflict'],
    ['send_message', { conversationId: room, content: 'x', clientMessageId: '1' }, undefined],
    ['send_message', { conversationId: room, content: 'y', clientMessageId: '1' }, 'client_message_id_reused'],
    ['send_message', { conversationId: room, content: 'x', fromUserId: 'ann', fromRole: 'cx-customer', isVisible: false }, 'forbidden'],
    ['typing_start', { conversationId: room, userId: 'olga' }, 'missing_field'],
    ['typing_start', { conversationId: room, userId: 'nobody', userName: 'N' }, 'not_participant'],
    ['typing_start', { conversationId: room, userId: 'olga', userName: 'x'.repeat(300) }, 'too_long'],
    ['typing_stop', { conversationId: 'nowhere', userId: 'olga' }, 'conversation_not_found'],
    ['join_dashboard', { userId: 1 }, 'wrong_type'],
    ['join_dashboard', { userId: 'olga' }, 'missing_field'],
    ['join_dashboard', { userId: 'olga', userRole: 'boss' }, 'unknown_role'],
    ['join_log', { after: -1 }, 'invalid_value'],
    ['join_log', { filter: 'all' }, 'invalid_request'],
    ['join_log', { filter: { type: 'song' } }, 'invalid_value'],
    ['join_log', { filter: { conversationId: '' } }, 'invalid_id'],
    ['get_messages', { conversationId: room, limit: 0 }, 'invalid_value'],
    ['get_messages', { conversationId: room, limit: 'x' }, 'wrong_type'],
    ['get_messages', { conversationId: 'nowhere' }, 'conversation_not_found'],
    ['share_robot_message', shared, 'message_not_found'],
    ['share_robot_message', { ...shared, conversationId: 'nowhere' }, 'conversation_not_found'],
    ['share_robot_message', { ...shared, originalMessageId: 'x'.repeat(200) }, 'too_long'],
    ['authenticate', { token: 'x' }, 'unknown_event'],
  ];

  scenario(world, 'have a code that the schema of the request names', async (open) => {
    const olga = await open(kinds.v4WebSocket);
    await olga.join(room, 'olga', 'cx-agent');
    await olga.say(room, 'Hello');
    for (const [name, body, code] of cases) {
      const reply = await olga.ask(name, body);
      assert.equal(checkReply(name, reply), code, `${name} ${JSON.stringify(body).slice(0, 100)}`);
    }
    const [message] = await olga.do('get_messages', { conversationId: room, limit: 1 });
    const reply = await olga.ask('share_robot_message', { ...shared, originalMessageId: message.id });
    assert.equal(checkReply('share_robot_message', reply), 'not_robot_message');
  });

  scenario(world, 'are the same of both twins', async (open, server) => {
    const olga = await open(kinds.v4WebSocket);
    await olga.join(unique('twin'), 'olga', 'cx-agent');
    const body = { conversationId: unique('c'), fromUserId: 'olga', fromRole: 'cx-agent', content: 'x', type: 'song' };
    const { success, error, code } = await olga.ask('send_message', body);
    assert.deepEqual((await rest(server, 'POST', '/chat/messages', body)).body, { success, error, code });
  });
});

describe('requests and events with tokens', () => {
  const world = useIdentityServer(['--auth.expiry-warning', '3600000']);
  const endsIn = (seconds) => Math.floor(Date.now() / 1000) + seconds;

  test('authenticate and token_expiring', async () => {
    const socket = await connect(world, tokenOf('agent', 'olga', { exp: endsIn(600) }));
    await bounded(new Promise((resolve) => (socket.frames.length > 0 ? resolve() : socket.once('token_expiring', resolve))), 15_000, 'token_expiring');
    for (const [name, body] of socket.frames) check(`events/${name}.json`, body, name);
    assert.equal(socket.frames[0][0], 'token_expiring');
    assert.equal(checkReply('authenticate', await ask(socket, 'authenticate', requests.authenticate.examples[0])), 'unauthenticated');
    assert.equal(checkReply('authenticate', await ask(socket, 'authenticate', {})), 'missing_field');
    assert.equal(checkReply('authenticate', await ask(socket, 'authenticate', { token: tokenOf('agent', 'olga') })), undefined);
    const closed = new Promise((resolve) => socket.once('disconnect', resolve));
    assert.equal(checkReply('authenticate', await ask(socket, 'authenticate', { token: tokenOf('agent', 'ben') })), 'forbidden');
    await bounded(closed, 15_000, 'the end');
  });

  test('what a customer and an auditor may not do', async () => {
    const [ann, auditor] = await Promise.all([connect(world, tokenOf('customer', 'ann')), connect(world, tokenOf('auditor', 'ida'))]);
    const { conversation } = await ask(ann, 'join_room', {});
    const bodies = {
      join_room: { conversationId: conversation.id, userId: 'ben', userRole: 'cx-agent' },
      leave_room: { conversationId: conversation.id, userId: 'ben' },
      send_message: { conversationId: conversation.id, content: 'x', isVisible: false },
      typing_start: { conversationId: conversation.id, userName: 'Ann', toRole: 'robot' },
      share_robot_message: { conversationId: conversation.id, originalMessageId: conversation.id },
      watch_room: { conversationId: conversation.id },
      unwatch_room: { conversationId: conversation.id },
      join_dashboard: {},
      join_log: {},
    };
    for (const [name, body] of Object.entries(bodies)) {
      for (const socket of [ann, auditor]) checkReply(name, await ask(socket, name, body));
    }
    const stranger = await ask(ann, 'get_messages', { conversationId: 'nowhere' });
    assert.equal(checkReply('get_messages', stranger), 'conversation_not_found');
  });
});
