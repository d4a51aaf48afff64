// Every request and event of the wire, with each kind of client: exact fields, which clients
// receive an event and which do not, and the order.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { fence, heard, kinds, scenario, unique, useServer } from './support.mjs';

for (const kind of Object.values(kinds)) {
  describe(`${kind.name}: events`, () => {
    const world = useServer();

    scenario(world, `the client ends on ${kind.endsOn}`, async (open) => {
      const client = await open(kind);
      await client.settled();
      assert.equal(typeof client.socket.id, 'string');
    });

    scenario(world, 'a conversation starts with its first join', async (open, server) => {
      const room = unique('first');
      const [dashboard, customer] = [await open(kind), await open(kind)];
      await dashboard.do('join_dashboard', {});
      const reply = await customer.join(room, 'cust', 'cx-customer');
      assert.equal(reply.participant.userId, 'cust');
      assert.equal(reply.participant.userRole, 'cx-customer');
      assert.equal(reply.conversation.id, room);
      assert.deepEqual(reply.conversation.participantIds, ['cust']);
      assert.deepEqual(reply.conversation.participantRoles, ['cx-customer']);
      assert.equal(reply.conversation.messageCount, 0);
      assert.equal(reply.conversation.isActive, true);
      assert.deepEqual(await heard(server, [dashboard, customer]), [
        ['ack:join_dashboard', 'conversation_created', 'conversation_participant_added'],
        ['ack:join_room'],
      ]);
    });

    scenario(world, 'join_room accepts its fields inside joinData', async (open) => {
      const joinData = { conversationId: unique('nested'), userId: 'cust', userRole: 'cx-customer' };
      const client = await open(kind);
      const reply = await client.do('join_room', { joinData });
      assert.equal(reply.conversation.id, joinData.conversationId);
      assert.equal(reply.participant.userId, 'cust');
    });

    scenario(world, 'a second user is announced to the others and the dashboard', async (open, server) => {
      const room = unique('second');
      const [dashboard, customer, agent] = [await open(kind), await open(kind), await open(kind)];
      await customer.join(room, 'cust', 'cx-customer');
      await dashboard.do('join_dashboard', {});
      await fence(server, [dashboard, customer, agent]);
      for (const client of [dashboard, customer, agent]) client.take();
      const { participant } = await agent.join(room, 'agent', 'cx-agent');
      await fence(server, [dashboard, customer, agent]);
      const [told] = dashboard.take();
      assert.deepEqual(told.body.participant, participant);
      assert.equal(told.name, 'conversation_participant_added');
      assert.deepEqual(customer.take(), [
        { name: 'user_joined', body: { conversationId: room, participant } },
      ]);
      assert.deepEqual(agent.take().map(({ name }) => name), ['ack:join_room']);
    });

    scenario(world, 'a message reaches the room once, and its sender before the ack', async (open, server) => {
      const room = unique('message');
      const [dashboard, customer, agent] = [await open(kind), await open(kind), await open(kind)];
      await customer.join(room, 'cust', 'cx-customer');
      await agent.join(room, 'agent', 'cx-agent');
      await dashboard.do('join_dashboard', {});
      await fence(server, [dashboard, customer, agent]);
      for (const client of [dashboard, customer, agent]) client.take();

      const sent = await customer.say(room, 'where is my order?', { clientMessageId: 'mine-1' });
      assert.equal(sent.fromUserId, 'cust');
      assert.equal(sent.fromRole, 'cx-customer');
      assert.equal(sent.type, 'text');
      assert.equal(sent.isVisible, true);
      assert.equal(sent.clientMessageId, 'mine-1');
      await fence(server, [dashboard, customer, agent]);
      const [update, ...noMore] = dashboard.take();
      assert.deepEqual(noMore, []);
      assert.equal(update.name, 'conversation_updated');
      assert.equal(update.body.conversationId, room);
      assert.equal(update.body.changes.messageCount, 1);
      assert.equal(update.body.changes.lastMessageAt, sent.timestamp);
      assert.deepEqual(customer.take(), [
        { name: 'new_message', body: sent },
        { name: 'ack:send_message', body: sent },
      ]);
      assert.deepEqual(agent.take(), [{ name: 'new_message', body: sent }]);
    });

    scenario(world, 'the other members see typing, and a message ends it first', async (open, server) => {
      const room = unique('typing');
      const [customer, agent] = [await open(kind), await open(kind)];
      await customer.join(room, 'cust', 'cx-customer');
      await agent.join(room, 'agent', 'cx-agent');
      await fence(server, [customer, agent]);
      customer.take();
      const typing = { conversationId: room, userId: 'agent', userName: 'Ada' };
      await agent.do('typing_start', typing);
      await agent.do('typing_stop', { conversationId: room, userId: 'agent' });
      await agent.do('typing_start', typing);
      const sent = await agent.say(room, 'let me look');
      await fence(server, [customer, agent]);
      assert.deepEqual(customer.take(), [
        { name: 'user_typing', body: { ...typing, isTyping: true } },
        { name: 'user_typing', body: { ...typing, isTyping: false } },
        { name: 'user_typing', body: { ...typing, isTyping: true } },
        { name: 'user_typing', body: { ...typing, isTyping: false } },
        { name: 'new_message', body: sent },
      ]);
      assert.ok(!agent.take().some(({ name }) => name === 'user_typing'));
    });

    scenario(world, 'a customer sees a robot message only after an agent shares it', async (open, server) => {
      const room = unique('share');
      const [customer, agent, robot] = [await open(kind), await open(kind), await open(kind)];
      await customer.join(room, 'cust', 'cx-customer');
      await agent.join(room, 'agent', 'cx-agent');
      await robot.join(room, 'bot', 'robot');
      await fence(server, [customer, agent, robot]);
      for (const client of [customer, agent, robot]) client.take();

      const draft = await robot.say(room, 'refund: 14 days', { type: 'robot' });
      const note = await agent.say(room, 'careful with this one', { isVisible: false });
      assert.equal(draft.isVisible, false);
      assert.equal(note.isVisible, false);
      const shared = await agent.do('share_robot_message', {
        originalMessageId: draft.id,
        conversationId: room,
        fromUserId: 'agent',
      });
      assert.notEqual(shared.id, draft.id);
      assert.equal(shared.originalMessageId, draft.id);
      assert.equal(shared.content, draft.content);
      assert.equal(shared.fromUserId, 'agent');
      assert.equal(shared.isVisible, true);
      await fence(server, [customer, agent, robot]);
      const messagesAt = (client) =>
        client.take().filter(({ name }) => name === 'new_message').map(({ body }) => body);
      assert.deepEqual(messagesAt(customer), [shared]);
      assert.deepEqual(messagesAt(agent), [draft, note, shared]);
      assert.deepEqual(messagesAt(robot), [draft, note, shared]);
      assert.deepEqual(await customer.do('get_messages', { conversationId: room }), [shared]);
      assert.deepEqual(await agent.do('get_messages', { conversationId: room }), [draft, note, shared]);
    });

    scenario(world, 'history pages by limit, offset, before and after', async (open) => {
      const room = unique('history');
      const client = await open(kind);
      await client.join(room, 'agent', 'cx-agent');
      const sent = [];
      for (let i = 0; i < 7; i++) sent.push(await client.say(room, `line ${i}`));
      const read = (more) => client.do('get_messages', { conversationId: room, ...more });
      assert.deepEqual(await read({}), sent);
      assert.deepEqual(await read({ limit: 3 }), sent.slice(4));
      assert.deepEqual(await read({ limit: 3, offset: 2 }), sent.slice(2, 5));
      assert.deepEqual(await read({ limit: 2, before: sent[4].position }), sent.slice(2, 4));
      assert.deepEqual(await read({ after: sent[4].position }), sent.slice(5));
      assert.deepEqual(await read({ offset: 7 }), []);
    });

    scenario(world, 'the room and the dashboard are told of a leave, then nothing more arrives', async (open, server) => {
      const room = unique('leave');
      const [dashboard, customer, agent] = [await open(kind), await open(kind), await open(kind)];
      await customer.join(room, 'cust', 'cx-customer');
      const { participant } = await agent.join(room, 'agent', 'cx-agent');
      await dashboard.do('join_dashboard', {});
      await fence(server, [dashboard, customer, agent]);
      for (const client of [dashboard, customer, agent]) client.take();

      await agent.do('leave_room', { conversationId: room });
      await dashboard.receives('conversation_participant_removed');
      await dashboard.do('leave_dashboard', {});
      await customer.say(room, 'hello?');
      await fence(server, [dashboard, customer, agent]);
      const [removed, left, ...noMore] = dashboard.take();
      assert.equal(removed.name, 'conversation_participant_removed');
      assert.equal(removed.body.conversationId, room);
      assert.deepEqual(removed.body.participant, participant);
      assert.equal(left.name, 'ack:leave_dashboard');
      assert.deepEqual(noMore, []);
      assert.deepEqual(customer.take()[0], {
        name: 'user_left',
        body: { conversationId: room, userId: 'agent' },
      });
      assert.deepEqual(agent.take().map(({ name }) => name), ['ack:leave_room']);
    });

    scenario(world, 'a connection in the room and on the dashboard gets each pair of events in order', async (open, server) => {
      const room = unique('pairs');
      const [watcher, customer] = [await open(kind), await open(kind)];
      await watcher.do('join_dashboard', {});
      await watcher.join(room, 'agent', 'cx-agent');
      await fence(server, [watcher]);
      watcher.take();
      await customer.join(room, 'cust', 'cx-customer');
      await customer.say(room, 'hi');
      await customer.do('leave_room', { conversationId: room });
      assert.deepEqual(await heard(server, [watcher]), [
        [
          'conversation_participant_added',
          'user_joined',
          'conversation_updated',
          'new_message',
          'conversation_participant_removed',
          'user_left',
        ],
      ]);
    });

    scenario(world, 'without an ack the reply is an event of the same name', async (open, server) => {
      const room = unique('no-ack');
      const [agent, robot] = [await open(kind), await open(kind)];
      await robot.join(room, 'bot', 'robot');
      const draft = await robot.say(room, 'draft', { type: 'robot' });

      agent.tell('join_dashboard');
      agent.tell('join_room', { conversationId: room, userId: 'agent', userRole: 'cx-agent' });
      agent.tell('send_message', { conversationId: room, content: 'hi' });
      agent.tell('share_robot_message', {
        originalMessageId: draft.id,
        conversationId: room,
        fromUserId: 'agent',
      });
      await agent.receives('share_robot_message');
      agent.tell('leave_dashboard');
      agent.tell('get_messages', { conversationId: room });
      const read = await agent.receives('get_messages');
      assert.deepEqual(read.map(({ content }) => content), ['draft', 'hi', 'draft']);
      agent.tell('typing_start', { conversationId: room, userId: 'agent', userName: 'Ada' });
      agent.tell('typing_stop', { conversationId: room, userId: 'agent' });
      agent.tell('leave_room', { conversationId: room });
      await agent.receives('leave_room');
      assert.deepEqual(await heard(server, [agent]), [
        [
          'join_dashboard',
          'conversation_participant_added',
          'join_room',
          'conversation_updated',
          'new_message',
          'conversation_updated',
          'new_message',
          'share_robot_message',
          'leave_dashboard',
          'get_messages',
          'leave_room',
        ],
      ]);
    });

    scenario(world, 'a refusal has its code in the ack, or in the exception event', async (open) => {
      const client = await open(kind);
      await client.refused('typing_start', { conversationId: unique('none'), userId: 'u', userName: 'U' }, 'conversation_not_found');
      client.tell('send_message', { content: 'to nobody' });
      const exception = await client.receives('exception');
      assert.equal(exception.code, 'missing_field');
      assert.equal(exception.event, 'send_message');
    });

    scenario(world, 'closing ends the typing, and the participant stays', async (open, server) => {
      const room = unique('close');
      const [customer, agent] = [await open(kind), await open(kind)];
      await agent.join(room, 'agent', 'cx-agent');
      await customer.join(room, 'cust', 'cx-customer');
      await customer.do('typing_start', { conversationId: room, userId: 'cust', userName: 'Cy' });
      await agent.receives('user_typing', ({ isTyping }) => isTyping);
      customer.close();
      assert.deepEqual(customer.disconnects, ['io client disconnect']);
      const stopped = await agent.receives('user_typing', ({ isTyping }) => !isTyping);
      assert.deepEqual(stopped, { conversationId: room, userId: 'cust', userName: 'Cy', isTyping: false });
      const { conversation } = await agent.join(room, 'agent', 'cx-agent');
      assert.deepEqual([...conversation.participantIds].sort(), ['agent', 'cust']);
      assert.ok(!agent.log.some(({ name }) => name === 'user_left'));
      await fence(server, [agent]);
    });
  });
}
