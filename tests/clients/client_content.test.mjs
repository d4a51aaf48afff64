// Content arrives unchanged: any Unicode, long texts, many rooms on one socket.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { fence, history, kinds, scenario, unique, useServer } from './support.mjs';
import * as shapes from './shapes.mjs';
import { longText, loneSurrogates, textsWithNul, wholeTexts } from './texts.mjs';

const roomCount = 50;

for (const kind of Object.values(kinds)) {
  describe(`${kind.name}: content`, () => {
    const world = useServer();

    scenario(world, 'Unicode arrives as it was sent', async (open, server) => {
      const room = unique('unicode');
      const [writer, reader] = [await open(kind), await open(kind)];
      await writer.join(room, 'cust', 'cx-customer');
      await reader.join(room, 'agent', 'cx-agent');
      const sent = [];
      for (const [what, content] of Object.entries(wholeTexts)) {
        const message = await writer.say(room, content);
        assert.equal(message.content, content, `${what}, in the ack`);
        const seen = await reader.receives('new_message', ({ id }) => id === message.id);
        assert.equal(seen.content, content, `${what}, at the reader`);
        sent.push(message);
      }
      assert.deepEqual(await reader.do('get_messages', { conversationId: room }), sent);
      assert.deepEqual(await history(server, room), sent);
    });

    scenario(world, 'ids and names may be any Unicode', async (open) => {
      const room = unique('räum-日本-🛋️');
      const [writer, reader] = [await open(kind), await open(kind)];
      await reader.join(room, 'agent', 'cx-agent');
      const { participant } = await writer.join(room, 'Ünï "quoted" \\ مستخدم', 'cx-customer');
      assert.equal(participant.userId, 'Ünï "quoted" \\ مستخدم');
      await writer.do('typing_start', { conversationId: room, userId: participant.userId, userName: '名前 👋' });
      assert.equal((await reader.receives('user_typing')).userName, '名前 👋');
    });

    scenario(world, 'a NUL character is refused or kept, but never truncates the text', async (open, server) => {
      const room = unique('nul');
      const [writer, reader] = [await open(kind), await open(kind)];
      await writer.join(room, 'cust', 'cx-customer');
      await reader.join(room, 'agent', 'cx-agent');
      await fence(server, [reader]);
      reader.take();
      const kept = [];
      for (const [what, content] of Object.entries(textsWithNul)) {
        const reply = await writer.ask('send_message', { conversationId: room, content });
        if (reply.success === false) {
          shapes.refusal(reply, what);
          assert.equal(reply.code, 'invalid_text', what);
        } else {
          assert.equal(reply.content, content, what);
          kept.push(reply);
        }
      }
      await fence(server, [reader]);
      assert.deepEqual(reader.take().map(({ body }) => body), kept);
      assert.deepEqual(await history(server, room), kept);
    });

    scenario(world, 'a lone surrogate does not break the connection', async (open, server) => {
      const room = unique('surrogate');
      const [writer, reader] = [await open(kind), await open(kind)];
      await writer.join(room, 'cust', 'cx-customer');
      await reader.join(room, 'agent', 'cx-agent');
      const kept = [];
      for (const [what, content] of Object.entries(loneSurrogates)) {
        const reply = await writer.ask('send_message', { conversationId: room, content });
        if (reply.success === false) {
          shapes.refusal(reply, what);
          assert.ok(['invalid_text', 'invalid_request'].includes(reply.code), `${what}: ${reply.code}`);
        } else {
          assert.equal(reply.content, content, what);
          kept.push(reply);
        }
      }
      writer.tell('send_message', { conversationId: room, content: loneSurrogates['a high surrogate alone'] });
      const last = await writer.say(room, 'still here');
      await reader.receives('new_message', ({ id }) => id === last.id);
      assert.deepEqual(writer.disconnects, []);
      assert.deepEqual(reader.disconnects, []);
      const read = await history(server, room);
      assert.deepEqual(read.slice(0, kept.length), kept);
      assert.deepEqual(read.at(-1), last);
    });

    scenario(world, '200 kB of content arrive in both directions', async (open, server) => {
      const room = unique('long');
      const [writer, reader] = [await open(kind), await open(kind)];
      await writer.settled();
      await writer.join(room, 'cust', 'cx-customer');
      await reader.join(room, 'agent', 'cx-agent');
      const sent = [];
      for (const bytes of [200_000, 200_003]) {
        const content = longText(bytes);
        assert.equal(Buffer.byteLength(content), bytes);
        const message = await writer.say(room, content);
        assert.ok(message.content === content, `${bytes} bytes in the ack`);
        const seen = await reader.receives('new_message', ({ id }) => id === message.id);
        assert.ok(seen.content === content, `${bytes} bytes at the reader`);
        sent.push(message);
      }
      const answer = longText(200_001);
      sent.push(await reader.say(room, answer));
      const seen = await writer.receives('new_message', ({ id }) => id === sent[2].id);
      assert.ok(seen.content === answer);
      const read = await writer.do('get_messages', { conversationId: room });
      assert.deepEqual(read.map(({ id }) => id), sent.map(({ id }) => id));
      assert.ok(read.every(({ content }, index) => content === sent[index].content));
      assert.equal((await history(server, room)).length, 3);
    });

    scenario(world, `${roomCount} rooms on one socket stay separate`, async (open, server) => {
      const [one, other] = [await open(kind), await open(kind)];
      const rooms = Array.from({ length: roomCount }, (_, index) => unique(`room-${index}`));
      await Promise.all(rooms.map((room) => one.join(room, 'cust', 'cx-customer')));
      await Promise.all(rooms.map((room) => other.join(room, 'agent', 'cx-agent')));
      await fence(server, [one]);
      one.take();
      const wanted = await Promise.all(rooms.map((room) => other.say(room, `for ${room}`)));
      await fence(server, [one]);
      const got = one.take();
      assert.equal(got.length, roomCount);
      assert.ok(got.every(({ name }) => name === 'new_message'));
      const byPosition = (a, b) => a.position - b.position;
      assert.deepEqual(got.map(({ body }) => body), wanted.sort(byPosition));

      const left = rooms.filter((_, index) => index % 2 === 0);
      await Promise.all(left.map((conversationId) => one.do('leave_room', { conversationId })));
      await fence(server, [one]);
      one.take();
      await Promise.all(rooms.map((room) => other.say(room, `again for ${room}`)));
      await fence(server, [one]);
      const stayed = rooms.filter((_, index) => index % 2 === 1);
      assert.deepEqual(
        one.take().map(({ body }) => body.conversationId).sort(),
        stayed.sort(),
      );
      for (const room of rooms) assert.equal((await history(server, room)).length, 2);
    });
  });
}
