// There is one order: everybody sees a conversation in log order, live and later.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { fence, history, kinds, scenario, unique, useServer } from './support.mjs';

const messagesPerSender = 200;

describe('one order', () => {
  const world = useServer();

  for (const kind of Object.values(kinds)) {
    scenario(world, `${kind.name}: broadcasts come before the ack of their request`, async (open) => {
      const room = unique('before-ack');
      const sender = await open(kind);
      await sender.do('join_dashboard', {});
      await sender.join(room, 'agent', 'cx-agent');
      const pairs = [];
      for (let i = 0; i < 20; i++) {
        sender.take();
        await sender.do('typing_start', { conversationId: room, userId: 'agent', userName: 'Ada' });
        await sender.say(room, `line ${i}`);
        pairs.push(sender.take().map(({ name }) => name));
      }
      for (const names of pairs) {
        assert.deepEqual(names, [
          'ack:typing_start',
          'conversation_updated',
          'new_message',
          'ack:send_message',
        ]);
      }
      await sender.do('leave_room', { conversationId: room });
      assert.deepEqual(
        sender.take().map(({ name }) => name),
        ['conversation_participant_removed', 'ack:leave_room'],
      );
    });
  }

  scenario(world, 'two senders and five receivers see the order of the positions', async (open, server) => {
    const room = unique('one-order');
    const senders = [await open(kinds.v4WebSocket), await open(kinds.v4)];
    const receivers = [];
    for (const kind of [...Object.values(kinds), kinds.v4WebSocket]) receivers.push(await open(kind));
    for (const [index, sender] of senders.entries()) await sender.join(room, `sender-${index}`, 'cx-agent');
    for (const [index, receiver] of receivers.entries()) {
      await receiver.join(room, `receiver-${index}`, index % 2 ? 'cx-customer' : 'cx-agent');
    }
    const everybody = [...senders, ...receivers];
    await fence(server, everybody);
    for (const client of everybody) client.take();

    const acks = await Promise.all(
      senders.map((sender, index) =>
        Promise.all(
          Array.from({ length: messagesPerSender }, (_, i) => sender.say(room, `${index}: ${i}`)),
        ),
      ),
    );
    await fence(server, everybody);
    const wanted = acks.flat().sort((a, b) => a.position - b.position);
    assert.deepEqual(await history(server, room), wanted);
    const logs = everybody.map((client) => client.take());
    for (const log of logs) {
      const seen = log.filter(({ name }) => name === 'new_message').map(({ body }) => body);
      assert.deepEqual(seen, wanted);
    }
    for (const [index, log] of logs.slice(0, senders.length).entries()) {
      const contents = acks[index].map(({ content }) => content);
      const own = (name) =>
        log
          .filter((entry) => entry.name === name && entry.body.fromUserId === `sender-${index}`)
          .map(({ body }) => body.content);
      assert.deepEqual(own('new_message'), contents, 'what one sender sends keeps its order');
      assert.deepEqual(own('ack:send_message'), contents, 'and so do the acks');
      const shown = new Set();
      for (const { name, body } of log) {
        if (name === 'new_message') shown.add(body.id);
        else assert.ok(shown.has(body.id), 'an ack came before the broadcast');
      }
    }
  });

  scenario(world, 'rooms and the dashboard on one socket share one order', async (open, server) => {
    const rooms = Array.from({ length: 5 }, () => unique('across'));
    const [watcher, ...senders] = [await open(kinds.v4), await open(kinds.v4WebSocket), await open(kinds.v4)];
    await watcher.do('join_dashboard', {});
    for (const room of rooms) await watcher.join(room, 'watcher', 'cx-supervisor');
    await fence(server, [watcher]);
    watcher.take();
    const sends = rooms.flatMap((room) =>
      senders.flatMap((sender, index) =>
        Array.from({ length: 20 }, (_, i) =>
          sender.say(room, `${i}`, { fromUserId: `sender-${index}`, fromRole: 'cx-agent' }),
        ),
      ),
    );
    const wanted = (await Promise.all(sends)).sort((a, b) => a.position - b.position);
    await fence(server, [watcher]);
    const log = watcher.take();
    const seen = log.filter(({ name }) => name === 'new_message').map(({ body }) => body);
    assert.deepEqual(seen, wanted);
    const updates = log.filter(({ name }) => name === 'conversation_updated').map(({ body }) => body);
    assert.deepEqual(
      updates.map(({ conversationId, changes }) => [conversationId, changes.lastMessageAt]),
      wanted.map(({ conversationId, timestamp }) => [conversationId, timestamp]),
    );
  });
});
