// A restart of the server, seen by each kind of client: the client reconnects by itself, all
// messages are still there, and the conversation continues.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { bounded, fence, history, kinds, reconnectMsMax, scenario, unique, useServer } from './support.mjs';

for (const kind of Object.values(kinds)) {
  describe(`${kind.name}: restart`, () => {
    const world = useServer();
    for (const signal of ['SIGTERM', 'SIGKILL']) {
      scenario(
        world,
        `after ${signal} the client reconnects by itself and continues`,
        (open, server) => liveThrough(open, server, signal),
        { msMax: 120_000 },
      );
    }
  });

  async function liveThrough(open, server, signal) {
    const room = unique('restart');
    const [customer, agent] = [await open(kind), await open(kind)];
    await customer.settled();
    await customer.join(room, 'cust', 'cx-customer');
    await agent.join(room, 'agent', 'cx-agent');
    const sent = [];
    for (let i = 0; i < 10; i++) {
      sent.push(await (i % 2 ? agent : customer).say(room, `before ${i}`));
    }
    await fence(server, [customer, agent]);
    const before = await customer.join(room, 'cust', 'cx-customer');

    if (signal === 'SIGKILL') await server.kill9();
    else await server.stop();
    for (const client of [customer, agent]) await client.dropped();
    // If the reason were a disconnect by the server, a stock client would not reconnect.
    for (const client of [customer, agent]) {
      assert.ok(
        ['transport close', 'transport error'].includes(client.disconnects.at(-1)),
        `the client lost its connection by ${client.disconnects.at(-1)}`,
      );
    }
    // Messages sent in the meantime wait in the client and arrive after the reconnect.
    const late = new Promise((resolve) => {
      const dto = { conversationId: room, fromUserId: 'cust', fromRole: 'cx-customer', content: 'meanwhile' };
      customer.socket.emit('send_message', dto, resolve);
    });
    await server.start(server.port);
    for (const client of [customer, agent]) await client.connected(reconnectMsMax);
    const meanwhile = await bounded(late, reconnectMsMax, 'the ack of what was sent meanwhile');
    assert.equal(meanwhile.content, 'meanwhile');
    assert.equal(meanwhile.seq, sent.at(-1).seq + 1);

    const after = await customer.join(room, 'cust', 'cx-customer');
    await agent.join(room, 'agent', 'cx-agent');
    assert.deepEqual(after.participant, before.participant);
    assert.deepEqual(after.conversation.participantIds, before.conversation.participantIds);
    assert.deepEqual(after.conversation.participantRoles, before.conversation.participantRoles);
    assert.equal(after.conversation.createdAt, before.conversation.createdAt);
    assert.equal(after.conversation.messageCount, sent.length + 1);
    const all = [...sent, meanwhile];
    assert.deepEqual(await customer.do('get_messages', { conversationId: room }), all);

    await fence(server, [customer, agent]);
    for (const client of [customer, agent]) client.take();
    const next = await agent.say(room, 'we are back');
    assert.equal(next.seq, meanwhile.seq + 1);
    assert.ok(next.position > meanwhile.position);
    await fence(server, [customer, agent]);
    assert.deepEqual(customer.take(), [{ name: 'new_message', body: next }]);
    assert.deepEqual(await history(server, room), [...all, next]);
    await customer.settled();
  }
}
