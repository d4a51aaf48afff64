// Leaves and removals: how the log records them, and that a removal applies on every connection and
// session of the user.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe } from 'node:test';
import { run } from '../support/server.mjs';
import { back, comingBack, cut, fence, kinds, reconnectMsMax, rest, scenario, unique, useServer } from './support.mjs';

const plain = kinds.v4WebSocket;
const recovers = comingBack(plain);

/// Makes clients join; each is [client, userId, userRole].
async function joined(server, room, ...joins) {
  for (const [client, userId, userRole] of joins) await client.join(room, userId, userRole);
  await fence(server, joins.map(([client]) => client));
  for (const [client] of joins) client.take();
}

const of = (room) => (entry) => entry.body?.conversationId === room && !entry.name.startsWith('ack:');
const told = (client, room) => client.take().filter(of(room)).map(({ name, body }) => body.content ?? name);

/// The log's events about leaving this conversation.
async function leaves(server, room) {
  const { exit, output } = await run(['export', '--data', server.dataDir]);
  assert.equal(exit.code, 0, output);
  const events = output.trim().split('\n').slice(1, -1).map((line) => JSON.parse(line));
  return events
    .filter(({ type, conversationId }) => type === 'participant_left' && conversationId === room)
    .map(({ actor, version, cause, data }) => ({ actor, version, cause, data }));
}

describe('leaving', () => {
  const world = useServer();

  scenario(world, 'the log records who removed whom, and tells removals from leaves', async (open, server) => {
    const room = unique('causes');
    const [ann, bob, stranger] = [await open(plain), await open(plain), await open(plain)];
    await bob.join(room, 'bob', 'cx-agent');
    const leave = async (client, userId) => {
      await ann.join(room, 'ann', 'cx-customer');
      await client.do('leave_room', { conversationId: room, userId });
    };
    await leave(ann, 'ann');
    await leave(ann, undefined);
    await leave(bob, 'ann');
    await leave(stranger, 'ann');
    await ann.join(room, 'ann', 'cx-customer');
    assert.equal((await rest(server, 'POST', `/chat/conversations/${room}/leave`, { userId: 'ann' })).status, 200);
    const own = { actor: 'ann', version: 1, cause: undefined, data: {} };
    const removed = { actor: 'ann', version: 2, cause: 'removed' };
    assert.deepEqual(await leaves(server, room), [own, own, { ...removed, data: { by: 'bob' } }, { ...removed, data: {} }, own]);
  });

  scenario(world, 'a removal at the same moment as a join or a message comes in one order for everybody', async (open, server) => {
    const room = unique('at-once');
    const [ann, bob] = [await open(plain), await open(plain)];
    await joined(server, room, [bob, 'bob', 'cx-agent'], [ann, 'ann', 'cx-customer']);
    const answers = [];
    for (let i = 0; i < 50; i++) {
      answers.push(bob.ask('leave_room', { conversationId: room, userId: 'ann' }));
      answers.push(bob.ask('send_message', { conversationId: room, content: `without ${i}` }));
      answers.push(ann.ask('join_room', { conversationId: room, userId: 'ann', userRole: 'cx-customer' }));
      answers.push(bob.ask('send_message', { conversationId: room, content: `maybe ${i}` }));
    }
    await Promise.all(answers);
    await fence(server, [ann, bob]);
    // She receives nothing between her removal and joining again.
    let inside = true;
    for (const { name, body } of ann.take()) {
      if (name === 'user_left') inside = false;
      if (name === 'ack:join_room') inside = true;
      if (name === 'new_message') assert.ok(inside, `heard "${body.content}" while removed`);
    }
    assert.equal(inside, true);
  });

  scenario(world, 'a removed agent reads like a stranger: without notes', async (open, server) => {
    const room = unique('reads');
    const [ann, bob] = [await open(plain), await open(plain)];
    await joined(server, room, [bob, 'bob', 'cx-supervisor'], [ann, 'ann', 'cx-agent']);
    await bob.say(room, 'between us', { isVisible: false });
    assert.equal((await ann.ask('get_messages', { conversationId: room })).length, 1);
    await bob.do('leave_room', { conversationId: room, userId: 'ann' });
    assert.deepEqual(await ann.ask('get_messages', { conversationId: room }), []);
  });

  scenario(world, 'a client that was away during its removal receives everything up to the removal and nothing after', async (open, server) => {
    const [room, other] = [unique('away'), unique('other')];
    const [ann, bob] = [await open(recovers), await open(plain)];
    await joined(server, room, [bob, 'bob', 'cx-agent'], [ann, 'ann', 'cx-customer']);
    await joined(server, other, [bob, 'bob', 'cx-agent'], [ann, 'ann', 'cx-customer']);
    await cut(ann);
    await bob.say(room, 'before');
    await bob.do('leave_room', { conversationId: room, userId: 'ann' });
    await bob.say(room, 'after');
    await bob.say(other, 'elsewhere');
    await server.restart({ signal: 'SIGKILL' });
    await back(ann);
    await ann.receives('new_message', ({ content }) => content === 'elsewhere');
    await bob.connected(reconnectMsMax);
    await bob.join(room, 'bob', 'cx-agent');
    await bob.say(room, 'live');
    await fence(server, [ann]);
    const heard = ann.take();
    assert.deepEqual(heard.filter(of(room)).map(({ name, body }) => body.content ?? name), ['before', 'user_left']);
    assert.deepEqual(heard.filter(of(other)).map(({ body }) => body.content), ['elsewhere']);
    // It does not receive the same events a second time.
    await cut(ann);
    await bob.say(room, 'later');
    await back(ann);
    await fence(server, [ann]);
    assert.deepEqual(told(ann, room), []);
  });

  scenario(world, 'a returning session that was removed and joined again elsewhere receives nothing from in between', async (open, server) => {
    const room = unique('again');
    const [phone, laptop, bob] = [await open(recovers), await open(plain), await open(plain)];
    await joined(server, room, [bob, 'bob', 'cx-agent'], [phone, 'ann', 'cx-customer']);
    await cut(phone);
    await bob.say(room, 'before');
    await bob.do('leave_room', { conversationId: room, userId: 'ann' });
    await bob.say(room, 'between');
    await laptop.join(room, 'ann', 'cx-customer');
    await bob.say(room, 'after');
    await back(phone);
    await phone.receives('user_left');
    await bob.say(room, 'live');
    await fence(server, [phone, laptop]);
    assert.deepEqual(told(phone, room), ['before', 'user_left']);
    assert.deepEqual(told(laptop, room), ['after', 'live']);
  });

  scenario(world, 'a session that was removed and joined again recovers both stays, and nothing from in between', async (open, server) => {
    const room = unique('stays');
    const [ann, bob] = [await open(recovers), await open(plain)];
    await joined(server, room, [bob, 'bob', 'cx-agent'], [ann, 'ann', 'cx-customer']);
    const offset = ann.socket._lastOffset;
    await bob.say(room, 'first stay');
    await bob.do('leave_room', { conversationId: room, userId: 'ann' });
    await bob.say(room, 'between');
    await ann.join(room, 'ann', 'cx-customer');
    await bob.say(room, 'second stay');
    await fence(server, [ann]);
    const live = ['first stay', 'user_left', 'second stay'];
    assert.deepEqual(told(ann, room), live);
    // As if it had received nothing.
    await cut(ann);
    ann.socket._lastOffset = offset;
    await bob.do('leave_room', { conversationId: room, userId: 'ann' });
    await bob.say(room, 'after');
    await back(ann);
    await fence(server, [ann]);
    assert.deepEqual(told(ann, room), [...live, 'user_left']);
  });

  scenario(world, 'v1_participant shows who left and who was removed', async (open, server) => {
    const room = unique('view');
    const bob = await open(plain);
    const join = (userId) => rest(server, 'POST', `/chat/conversations/${room}/join`, { userId, userRole: 'cx-agent' });
    for (const user of ['back', 'left', 'removed', 'stays']) await join(user);
    await bob.join(room, 'bob', 'cx-agent');
    for (const user of ['back', 'removed']) await bob.do('leave_room', { conversationId: room, userId: user });
    await rest(server, 'POST', `/chat/conversations/${room}/leave`, { userId: 'left' });
    await join('back');
    const query = `SELECT user_id, left_at IS NULL, left_cause FROM v1_participant WHERE conversation_id = '${room}' ORDER BY 1`;
    const rows = () => execFileSync('sqlite3', [`${server.dataDir}/parley.db`, query], { encoding: 'utf8' }).trim().split('\n');
    const expected = ['back|1|', 'bob|1|', 'left|0|', 'removed|0|removed', 'stays|1|'];
    assert.deepEqual(rows(), expected);
    // It shows the same after a rebuild.
    await server.stop();
    const { exit, output } = await run(['rebuild', '--data', server.dataDir]);
    assert.equal(exit.code, 0, output);
    assert.deepEqual(rows(), expected);
    await server.start(server.port);
  });
});
