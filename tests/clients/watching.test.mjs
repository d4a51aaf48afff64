// Watching is not joining: staff see a conversation live, and nothing of it is told or stored.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, connect, done, ratesOff, tokenOf, useIdentityServer } from './identity.mjs';
import { back, comingBack, cut, fence, heard, kinds, rest, scenario, unique, useServer } from './support.mjs';

const positionNow = async (server) => Number((await rest(server, 'GET', '/chat/conversations?limit=1')).headers['parley-position']);
const boss = { userId: 'boss', userRole: 'cx-supervisor' };

async function roomWithCustomer(open, server) {
  const room = unique('room');
  const anna = await open(kinds.v4WebSocket);
  await anna.join(room, 'anna', 'cx-customer');
  await fence(server, [anna]);
  anna.take();
  return { room, anna };
}

describe('watching', () => {
  const world = useServer({ args: ['--rooms.per-connection=3'] });

  scenario(world, 'a watch tells nobody, appends nothing, and shows what staff may see', async (open, server) => {
    const { room, anna } = await roomWithCustomer(open, server);
    const [desk, watcher] = [await open(kinds.v4WebSocket), await open(kinds.v4)];
    await desk.do('join_dashboard', {});
    const before = await positionNow(server);
    const { position } = await watcher.do('watch_room', { conversationId: room, ...boss });
    assert.equal(position, before);
    assert.equal(await positionNow(server), before);
    const seen = (await rest(server, 'GET', `/chat/conversations/${room}`)).body;
    assert.deepEqual(seen.participantIds, ['anna']);
    await anna.do('typing_start', { conversationId: room, userId: 'anna', userName: 'Anna' });
    await anna.say(room, 'hello');
    await rest(server, 'POST', '/chat/messages', { conversationId: room, content: 'a note', fromUserId: 'bob', fromRole: 'cx-agent', isVisible: false });
    await rest(server, 'POST', `/chat/conversations/${room}/leave`, { userId: 'bob' });
    const [customer, , watched] = await heard(server, [anna, desk, watcher]);
    assert.deepEqual(watched.slice(1), ['user_typing', 'user_typing', 'new_message', 'user_joined', 'new_message', 'user_left']);
    assert.deepEqual(customer.filter((name) => name.startsWith('user_')), ['user_joined', 'user_left']);
    assert.equal(customer.filter((name) => name === 'new_message').length, 1);
    await watcher.do('unwatch_room', { conversationId: room });
    await anna.say(room, 'unheard');
    assert.deepEqual((await heard(server, [watcher]))[0], ['ack:unwatch_room']);
  });

  scenario(world, 'a message makes the watcher a member by the one subscription', async (open, server) => {
    const { room, anna } = await roomWithCustomer(open, server);
    const watcher = await open(kinds.v4WebSocket);
    await watcher.do('watch_room', { conversationId: room, ...boss });
    const sent = await watcher.do('send_message', { conversationId: room, content: 'may I help?' });
    assert.deepEqual([sent.fromUserId, sent.fromRole], ['boss', 'cx-supervisor']);
    const [customer, own] = await heard(server, [anna, watcher]);
    assert.deepEqual(customer, ['user_joined', 'new_message']);
    assert.deepEqual(own, ['ack:watch_room', 'new_message', 'ack:send_message'], 'once, and no user_joined of its own');
    await watcher.do('unwatch_room', { conversationId: room });
    await watcher.do('watch_room', { conversationId: room, ...boss });
    await anna.say(room, 'yes');
    assert.equal((await heard(server, [watcher]))[0].filter((name) => name === 'new_message').length, 1);
    await watcher.do('leave_room', { conversationId: room });
  });

  scenario(world, 'joining from a watching connection is one subscription too, and leaving ends it', async (open, server) => {
    const { room, anna } = await roomWithCustomer(open, server);
    const watcher = await open(kinds.v4WebSocket);
    await watcher.do('watch_room', { conversationId: room, ...boss });
    await watcher.refused('leave_room', { conversationId: room }, 'missing_field');
    await watcher.join(room, 'boss', 'cx-supervisor');
    await anna.receives('user_joined', ({ participant }) => participant.userId === 'boss');
    await anna.say(room, 'once');
    assert.equal((await heard(server, [watcher]))[0].filter((name) => name === 'new_message').length, 1);
    await watcher.do('leave_room', { conversationId: room });
    await anna.say(room, 'unheard');
    assert.deepEqual((await heard(server, [watcher]))[0], ['ack:leave_room']);
  });

  scenario(world, 'joins and watches count together', async (open, server) => {
    const { room, anna } = await roomWithCustomer(open, server);
    const watcher = await open(kinds.v4WebSocket);
    const rooms = [unique('a'), unique('b')];
    for (const one of rooms) await watcher.join(one, 'boss', 'cx-supervisor');
    await watcher.do('watch_room', { conversationId: room, ...boss });
    await watcher.do('watch_room', { conversationId: room, ...boss });
    const more = unique('c');
    await rest(server, 'POST', '/chat/messages', { conversationId: more, content: 'x', fromUserId: 'u', fromRole: 'cx-customer' });
    await watcher.refused('watch_room', { conversationId: more, ...boss }, 'limit_reached');
    await watcher.refused('join_room', { conversationId: more, ...boss }, 'limit_reached');
    await watcher.do('unwatch_room', { conversationId: room });
    await watcher.do('watch_room', { conversationId: more, ...boss });
    anna.take();
    await watcher.do('leave_room', { conversationId: rooms[0] });
  });

  scenario(world, 'what is no watch is refused, and starts nothing', async (open, server) => {
    const { room } = await roomWithCustomer(open, server);
    const client = await open(kinds.v4WebSocket);
    const before = await positionNow(server);
    await client.refused('watch_room', { conversationId: room }, 'missing_field');
    await client.refused('watch_room', { conversationId: room, userId: 'boss' }, 'missing_field');
    await client.refused('watch_room', { conversationId: room, userRole: 'cx-agent' }, 'missing_field');
    await client.refused('watch_room', { conversationId: room, userId: 'x', userRole: 'cx-customer' }, 'forbidden');
    await client.refused('watch_room', { conversationId: room, userId: 'x', userRole: 'robot' }, 'forbidden');
    await client.refused('watch_room', { conversationId: room, userId: 'x', userRole: 'boss' }, 'unknown_role');
    await client.refused('watch_room', boss, 'missing_field');
    await client.refused('watch_room', { conversationId: unique('nowhere'), ...boss }, 'conversation_not_found');
    await client.refused('unwatch_room', { conversationId: unique('nowhere') }, 'conversation_not_found');
    await client.do('unwatch_room', { conversationId: room });
    assert.equal(await positionNow(server), before);
  });

  scenario(world, 'a watch is recovered, after a cut and after a restart, still without a trace', async (open, server) => {
    const { room } = await roomWithCustomer(open, server);
    const watcher = await open(comingBack(kinds.v4WebSocket));
    await watcher.do('watch_room', { conversationId: room, ...boss });
    const say = async (content) => (await rest(server, 'POST', '/chat/messages', { conversationId: room, content, fromUserId: 'anna', fromRole: 'cx-customer' })).body;
    await say('heard');
    await watcher.receives('new_message', ({ content }) => content === 'heard');
    await cut(watcher);
    await say('missed');
    await back(watcher);
    await watcher.receives('new_message', ({ content }) => content === 'missed');
    const before = await positionNow(server);
    await server.restart();
    await back(watcher);
    await say('after the restart');
    await watcher.receives('new_message', ({ content }) => content === 'after the restart');
    assert.ok((await positionNow(server)) <= before + 2, 'messages, and the end of typing, alone');
    const seen = (await rest(server, 'GET', `/chat/conversations/${room}`)).body;
    assert.ok(!seen.participantIds.includes('boss'));
    const sent = await watcher.do('send_message', { conversationId: room, content: 'hello' });
    assert.equal(sent.fromUserId, 'boss', 'as whom it watched before');
  });
});

describe('watching with tokens', () => {
  const world = useIdentityServer(ratesOff);

  test('a token says who watches, and what is out of its reach does not exist', async () => {
    const room = unique('room');
    await done(world, world.back, 'POST', '/chat/messages', { conversationId: room, content: 'x', fromUserId: 'cust', fromRole: 'cx-customer' });
    const agent = await connect(world, tokenOf('agent', 'ann'));
    assert.deepEqual(Object.keys(await ask(agent, 'watch_room', { conversationId: room })), ['success', 'position']);
    assert.equal((await ask(agent, 'watch_room', { conversationId: room, userId: 'other' })).code, 'forbidden');
    assert.equal((await ask(agent, 'watch_room', { conversationId: room, userRole: 'cx-supervisor' })).code, 'forbidden');
    const bound = await connect(world, tokenOf('agent', unique('agent'), { conversations: ['elsewhere'] }));
    assert.equal((await ask(bound, 'watch_room', { conversationId: room })).code, 'conversation_not_found');
    const auditor = await connect(world, tokenOf('auditor', unique('auditor')));
    assert.equal((await ask(auditor, 'watch_room', { conversationId: room })).success, true);
    const service = await connect(world, world.back);
    assert.equal((await ask(service, 'watch_room', { conversationId: room })).code, 'missing_field');
    assert.equal((await ask(service, 'watch_room', { conversationId: room, userId: 'zoe', userRole: 'cx-agent' })).success, true);
    const note = { conversationId: room, content: 'a note', isVisible: false };
    assert.equal((await ask(auditor, 'send_message', note)).code, 'forbidden');
    const sent = await ask(agent, 'send_message', note);
    for (const socket of [agent, auditor, service]) {
      await ask(socket, 'unwatch_room', { conversationId: room });
      const heard = socket.frames.filter(([name]) => name === 'new_message');
      assert.deepEqual(heard.map(([, message]) => message.id), [sent.id]);
    }
  });
});
