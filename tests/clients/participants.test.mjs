// The limit of participants, and the replies to many joins at once.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { history, kinds, rest, scenario, unique, useServer } from './support.mjs';

const join = (conversationId, userId, userRole = 'cx-agent') => ({ conversationId, userId, userRole });

describe('participants', () => {
  scenario(
    useServer({ args: ['--participants.max=3'] }),
    'a full conversation refuses every request that would add a participant, and stores nothing',
    async (open, server) => {
      const room = unique('full');
      const clients = await Promise.all(Array.from({ length: 4 }, () => open(kinds.v4WebSocket)));
      for (const [i, client] of clients.slice(0, 3).entries()) await client.join(room, `u${i}`, 'cx-agent');
      const [first, second, , late] = clients;

      await late.refused('join_room', join(room, 'u3'), 'limit_reached');
      const words = { conversationId: room, content: 'let me in' };
      await late.refused('send_message', { ...words, fromUserId: 'u3', fromRole: 'cx-customer' }, 'limit_reached');
      const url = `/chat/conversations/${room}`;
      for (const [path, body] of [
        [`${url}/join`, join(room, 'u3')],
        ['/chat/messages', { ...words, fromUserId: 'u3', fromRole: 'cx-customer' }],
      ]) {
        const answer = await rest(server, 'POST', path, body);
        assert.deepEqual([answer.status, answer.body.code], [429, 'limit_reached'], answer.text);
      }
      const initialParticipants = ['a', 'b', 'c', 'd'];
      const start = { createdBy: 'a', createdByRole: 'cx-agent', conversationId: `${room}-2`, initialParticipants };
      assert.equal((await rest(server, 'POST', '/chat/conversations/start', start)).body.code, 'limit_reached');
      assert.equal((await rest(server, 'GET', `/chat/conversations/${room}-2`)).status, 404);
      assert.deepEqual(await history(server, room), []);

      // Participants are not affected: a second tab, another role, messages.
      await second.join(room, 'u0', 'cx-agent');
      await second.join(room, 'u0', 'cx-supervisor');
      await first.say(room, 'hello');
      // When one leaves, another may join.
      await first.do('leave_room', { conversationId: room, userId: 'u2' });
      await late.join(room, 'u3', 'cx-customer');
    },
  );

  scenario(
    useServer(),
    'a conversation that is larger than the limit stays so, and refuses only new participants',
    async (open, server) => {
      const room = unique('larger');
      for (let i = 0; i < 5; i++) {
        await rest(server, 'POST', `/chat/conversations/${room}/join`, join(room, `u${i}`));
      }
      await server.stop();
      await server.start(0, { env: { PARLEY_PARTICIPANTS_MAX: '3' } });
      const client = await open(kinds.v4WebSocket);
      const { conversation } = await client.join(room, 'u4', 'cx-agent');
      assert.deepEqual(conversation.participantIds, ['u0', 'u1', 'u2', 'u3', 'u4']);
      await client.say(room, 'still here');
      await client.refused('join_room', join(room, 'u5'), 'limit_reached');
      await client.do('leave_room', { conversationId: room, userId: 'u0' });
      await client.refused('join_room', join(room, 'u0'), 'limit_reached');
      await server.check();
    },
  );

  scenario(
    useServer(),
    'of many users who join at once, each is shown a conversation that includes them, in one order',
    async (open, server) => {
      const room = unique('rush');
      const client = await open(kinds.v4WebSocket);
      const users = Array.from({ length: 300 }, (_, i) => `user-${i}`);
      const answers = await Promise.all(
        users.map(async (userId, i) => {
          if (i % 10 === 0) {
            const answer = await rest(server, 'POST', `/chat/conversations/${room}/join`, join(room, userId));
            assert.equal(answer.status, 200, answer.text);
            return answer.body;
          }
          if (i % 7 === 0) await client.ask('leave_room', { conversationId: room, userId: users[i - 1] });
          return client.ask('join_room', join(room, userId, i % 2 ? 'cx-agent' : 'cx-customer'));
        }),
      );
      const last = answers.reduce((a, b) => (a.position > b.position ? a : b));
      for (const [i, { success, participant, conversation, position }] of answers.entries()) {
        assert.equal(success, true);
        assert.equal(participant.userId, users[i]);
        const at = conversation.participantIds.indexOf(users[i]);
        assert.equal(conversation.participantRoles[at], participant.userRole);
        assert.equal(conversation.participantIds.length, conversation.participantRoles.length);
        assert.ok(position <= last.position);
        assert.equal(new Set(conversation.participantIds).size, conversation.participantIds.length);
        // All replies have the same order, regardless of leaves in the meantime.
        const common = last.conversation.participantIds.filter((id) => conversation.participantIds.includes(id));
        const others = new Set(last.conversation.participantIds);
        assert.deepEqual(conversation.participantIds.filter((id) => others.has(id)), common);
      }
      const shown = await rest(server, 'GET', `/chat/conversations/${room}/participants`);
      const again = await client.join(room, last.participant.userId, last.participant.userRole);
      assert.deepEqual(again.conversation.participantIds, shown.body.map(({ userId }) => userId));
    },
  );
});
