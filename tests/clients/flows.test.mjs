// The flows of existing clients, exactly as they run them: default options, no authentication,
// replies awaited as events.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { fence, heard, kinds, rest, scenario, unique, useServer } from './support.mjs';
import * as shapes from './shapes.mjs';

describe('public client flows', () => {
  const world = useServer();
  const kind = kinds.v4;

  scenario(world, 'the reply to join_room without an ack is an event named join_room', async (open) => {
    const client = await open(kind);
    client.tell('join_room', { conversationId: unique('flow'), userId: 'u1', userRole: 'cx-customer' });
    assert.equal((await client.receives('join_room')).success, true);
  });

  scenario(world, 'the reply to join_dashboard without an ack is an event with success', async (open) => {
    const client = await open(kind);
    client.tell('join_dashboard');
    assert.equal((await client.receives('join_dashboard')).success, true);
    client.tell('leave_dashboard');
    assert.equal((await client.receives('leave_dashboard')).success, true);
  });

  scenario(world, 'the dashboard follows a conversation from its start to a leave', async (open, server) => {
    const [dashboard, second] = [await open(kind), await open(kind)];
    dashboard.tell('join_dashboard');
    assert.equal((await dashboard.receives('join_dashboard')).success, true);

    const started = await rest(server, 'POST', '/chat/conversations/start', {
      createdBy: 'u1',
      createdByRole: 'cx-customer',
      title: 'A parcel that never came',
      description: 'Ordered two weeks ago',
      initialParticipants: ['u1'],
    });
    assert.equal(started.status, 201);
    shapes.conversation(started.body);
    assert.equal(started.body.title, 'A parcel that never came');
    assert.equal(started.body.description, 'Ordered two weeks ago');
    assert.deepEqual(started.body.participantIds, ['u1']);
    const { id } = started.body;
    assert.ok(id.length > 0);
    const ofThis = (body) => (body.conversationId ?? body.conversation?.id) === id;
    const created = await dashboard.receives('conversation_created', ofThis);
    assert.equal(created.createdBy, 'u1');
    assert.deepEqual(created.initialParticipants.map(({ userId }) => userId), ['u1']);

    second.tell('join_room', { conversationId: id, userId: 'agent-1', userRole: 'cx-agent' });
    assert.equal((await second.receives('join_room')).success, true);
    const added = await dashboard.receives('conversation_participant_added', ofThis);
    // u1 was there from the start; an announcement of u1 would have come first.
    assert.equal(added.participant.userId, 'agent-1');

    second.tell('send_message', {
      conversationId: id,
      fromUserId: 'agent-1',
      fromRole: 'cx-agent',
      content: 'Good morning!',
    });
    const updated = await dashboard.receives('conversation_updated', ofThis);
    assert.equal(updated.changes.messageCount, 1);
    await second.receives('new_message', ofThis);

    const leave = await rest(server, 'POST', `/chat/conversations/${id}/leave`, { userId: 'agent-1' });
    assert.equal(leave.status, 200);
    shapes.done(leave.body, 'leave');
    const removed = await dashboard.receives('conversation_participant_removed', ofThis);
    assert.equal(removed.participant.userId, 'agent-1');

    dashboard.tell('leave_dashboard');
    assert.equal((await dashboard.receives('leave_dashboard')).success, true);
    assert.deepEqual(await heard(server, [dashboard]), [
      [
        'join_dashboard',
        'conversation_created',
        'conversation_participant_added',
        'conversation_updated',
        'conversation_participant_removed',
        'leave_dashboard',
      ],
    ]);
  });

  scenario(world, 'initial participants are announced with the start and not a second time', async (open, server) => {
    const dashboard = await open(kind);
    await dashboard.do('join_dashboard', {});
    dashboard.take();
    const { status, body } = await rest(server, 'POST', '/chat/conversations/start', {
      createdBy: 'agent-7',
      createdByRole: 'cx-agent',
      initialParticipants: ['u1', 'agent-7', { userId: 'bot', userRole: 'robot' }],
    });
    assert.equal(status, 201);
    assert.deepEqual(body.participantIds, ['u1', 'agent-7', 'bot']);
    assert.deepEqual(body.participantRoles, ['cx-customer', 'cx-agent', 'robot']);
    await fence(server, [dashboard]);
    const [created, ...noMore] = dashboard.take();
    assert.deepEqual(noMore, []);
    assert.deepEqual(
      created.body.initialParticipants.map(({ userId, userRole }) => [userId, userRole]),
      [['u1', 'cx-customer'], ['agent-7', 'cx-agent'], ['bot', 'robot']],
    );
  });

  scenario(world, 'typing without further events ends by itself', async (open) => {
    const room = unique('silent');
    const [typist, reader] = [await open(kind), await open(kind)];
    await typist.join(room, 'cust', 'cx-customer');
    await reader.join(room, 'agent', 'cx-agent');
    await typist.do('typing_start', { conversationId: room, userId: 'cust', userName: 'Cy' });
    const ended = await reader.receives('user_typing', ({ isTyping }) => !isTyping);
    assert.deepEqual(ended, { conversationId: room, userId: 'cust', userName: 'Cy', isTyping: false });
  });

  scenario(world, 'joining a room named "dashboard" does not subscribe to the dashboard', async (open, server) => {
    const [curious, customer] = [await open(kind), await open(kind)];
    for (const conversationId of ['dashboard', '/', 'conversation:dashboard', 'room:dashboard']) {
      await curious.join(conversationId, 'curious', 'cx-customer');
    }
    await fence(server, [curious]);
    curious.take();
    await customer.join(unique('private'), 'cust', 'cx-customer');
    assert.deepEqual(await heard(server, [curious]), [[]]);
  });
});
