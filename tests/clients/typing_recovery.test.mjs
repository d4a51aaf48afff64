// Typing after recovery: "is typing" neither stays forever nor is missed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe } from 'node:test';
import { back, comingBack, cut, fence, kinds, rest, scenario, unique, useServer } from './support.mjs';

const types = (client, conversationId, userId, isTyping = true) =>
  client.do(isTyping ? 'typing_start' : 'typing_stop', { conversationId, userId, ...(isTyping && { userName: `Name of ${userId}` }) });

const typing = (conversationId, userId, isTyping) => ({ name: 'user_typing', body: { conversationId, userId, userName: `Name of ${userId}`, isTyping } });

/// The typing events that the client received, each name once, in any order.
function toldOfTyping(client) {
  const told = client.take().filter(({ name }) => name === 'user_typing');
  return told.sort((a, b) => (`${a.body.conversationId} ${a.body.userId}` < `${b.body.conversationId} ${b.body.userId}` ? -1 : 1));
}

/// The causes of a room's typing_stopped events.
function stops(server, room) {
  const sql = `SELECT coalesce(cause, '-') FROM v1_event WHERE type = 'typing_stopped' AND conversation_id = '${room}' ORDER BY position`;
  return execFileSync('sqlite3', [`file:${path.join(server.dataDir, 'parley.db')}?mode=ro`, sql], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('typing after recovery', () => {
  const world = useServer({ args: ['--typing.timeout=600000', '--io.threads=2'] });

  for (const kind of [kinds.v4WebSocket, kinds.v4Polling]) {
    scenario(world, `${kind.name}: comes after missed events, once per user who types or has typed since`, async (open) => {
      const [room, quiet] = [unique('types'), unique('quiet')];
      const ann = await open(comingBack(kind));
      for (const one of [room, quiet]) await ann.join(one, 'ann', 'cx-agent');
      const others = {};
      for (const name of ['before', 'goes-on', 'starts', 'comes-and-goes', 'long-gone']) {
        others[name] = await open(kinds.v4WebSocket);
        await others[name].join(name === 'goes-on' ? quiet : room, name, 'cx-agent');
      }
      await types(others['long-gone'], room, 'long-gone');
      await types(others['long-gone'], room, 'long-gone', false);
      await types(others.before, room, 'before');
      await types(others['goes-on'], quiet, 'goes-on');
      await others.before.say(quiet, 'heard', { fromUserId: 'before', fromRole: 'cx-agent' });
      await ann.receives('new_message', ({ content }) => content === 'heard');
      await cut(ann);
      ann.take();
      await types(others.before, room, 'before', false);
      await types(others.starts, room, 'starts');
      await types(others['comes-and-goes'], room, 'comes-and-goes');
      await others['comes-and-goes'].say(room, 'missed'); // ends the typing
      await back(ann);
      await ann.receives('user_typing', ({ userId }) => userId === 'starts');
      await fence(world.server, [ann]);
      assert.equal(ann.log[0].name, 'new_message', 'what was missed comes first');
      assert.deepEqual(toldOfTyping(ann), [
        typing(quiet, 'goes-on', true),
        typing(room, 'before', false),
        typing(room, 'comes-and-goes', false),
        typing(room, 'starts', true),
      ].sort((a, b) => (`${a.body.conversationId} ${a.body.userId}` < `${b.body.conversationId} ${b.body.userId}` ? -1 : 1)));
      for (const other of Object.values(others)) other.close();
    });
  }

  scenario(world, 'is told even if nothing else was missed, and never about oneself', async (open, server) => {
    const room = unique('alone');
    const [ann, tab, bob] = [await open(comingBack(kinds.v4WebSocket)), await open(kinds.v4WebSocket), await open(kinds.v4WebSocket)];
    for (const client of [ann, tab]) await client.join(room, 'ann', 'cx-agent');
    await bob.join(room, 'bob', 'cx-customer');
    await types(bob, room, 'bob');
    await bob.say(room, 'ends it');
    await types(bob, room, 'bob');
    await types(tab, room, 'ann');
    // The last cursor is later: nothing was missed.
    const last = await rest(server, 'POST', '/chat/messages', { conversationId: room, fromUserId: 'x', fromRole: 'cx-agent', content: 'last' });
    await ann.receives('new_message', ({ id }) => id === last.body.id);
    await cut(ann);
    ann.take();
    await back(ann);
    await fence(server, [ann]);
    assert.deepEqual(ann.take(), [typing(room, 'bob', true)]);
  });

  scenario(world, 'a stop during the catching up is told after it', async (open) => {
    const room = unique('meanwhile');
    const [ann, bob] = [await open(comingBack(kinds.v4WebSocket)), await open(kinds.v4WebSocket)];
    await ann.join(room, 'ann', 'cx-agent');
    await bob.join(room, 'bob', 'cx-agent');
    await ann.receives('user_joined');
    await cut(ann);
    ann.take();
    let last;
    for (let i = 0; i < 20; i++) {
      const acks = await Promise.all(Array.from({ length: 50 }, () => bob.socket.emitWithAck('send_message', { conversationId: room, content: 'x'.repeat(16_000) })));
      last = acks.at(-1); // together more than socket buffers hold
    }
    await types(bob, room, 'bob');
    ann.socket.once('connect', () => ann.socket.io.engine.transport.ws._socket.pause());
    await back(ann);
    await types(bob, room, 'bob', false);
    ann.socket.io.engine.transport.ws._socket.resume();
    await ann.receives('user_typing', ({ isTyping }) => !isTyping);
    const heard = ann.take();
    assert.equal(heard[999].body.id, last.id);
    assert.deepEqual(heard.slice(1000), [typing(room, 'bob', true), typing(room, 'bob', false)]);
  }, { msMax: 120_000 });

  scenario(world, 'typing cut off by a crash is ended in the log, once, and clients are told', async (open, server) => {
    const room = unique('crash');
    const ann = await open(comingBack(kinds.v4WebSocket));
    const bob = await open({ ...kinds.v4WebSocket, options: { ...kinds.v4WebSocket.options, reconnection: false } });
    await ann.join(room, 'ann', 'cx-agent');
    await bob.join(room, 'bob', 'cx-customer');
    await types(bob, room, 'bob', false);
    await types(bob, room, 'bob');
    await ann.receives('user_typing', ({ isTyping }) => isTyping);
    await cut(ann);
    ann.take();
    await server.restart({ signal: 'SIGKILL' });
    assert.deepEqual(stops(server, room), ['-', 'restart']);
    await back(ann);
    await ann.receives('user_typing');
    assert.deepEqual(toldOfTyping(ann), [typing(room, 'bob', false)]);
    await cut(ann);
    await server.restart({ signal: 'SIGKILL' });
    assert.deepEqual(stops(server, room), ['-', 'restart']);
    await server.check();
    await back(ann);
  });
});

describe('typing at a start', () => {
  const world = useServer({ args: ['--typing.timeout=1000'] });
  scenario(world, 'typing that already timed out is not ended again', async (open, server) => {
    const room = unique('ended');
    const bob = await open({ ...kinds.v4WebSocket, options: { ...kinds.v4WebSocket.options, reconnection: false } });
    const ann = await open(kinds.v4WebSocket);
    await ann.join(room, 'ann', 'cx-agent');
    await bob.join(room, 'bob', 'cx-customer');
    await types(bob, room, 'bob');
    await ann.receives('user_typing', ({ isTyping }) => !isTyping);
    await server.restart({ signal: 'SIGKILL' });
    assert.deepEqual(stops(server, room), ['timeout']);
  });
});
