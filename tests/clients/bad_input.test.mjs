// Bad input over the socket: every request, every field, every kind of error. Each is refused with
// its code, with and without an ack, and does not change the log.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { bad, oneFieldWrong } from './bad_values.mjs';
import { kinds, scenario, unique, useServer } from './support.mjs';
import * as shapes from './shapes.mjs';

const kind = kinds.v4WebSocket;
const required = true;
const unknownMessage = '01890000-0000-7000-8000-000000000000';

/// A conversation with a customer, an agent and a robot, each on its own connection and with one
/// message, and a user who is not a participant.
async function cast(open) {
  const room = unique('bad');
  const [customer, agent, robot, stranger] = await Promise.all(Array.from({ length: 4 }, () => open(kind)));
  await customer.join(room, 'cust', 'cx-customer');
  await agent.join(room, 'agent', 'cx-agent');
  await robot.join(room, 'bot', 'robot');
  const own = await customer.say(room, 'hello');
  const draft = await robot.say(room, 'a draft', { type: 'robot' });
  await stranger.do('get_messages', { conversationId: room });
  return { room, customer, agent, robot, stranger, own, draft };
}

async function position(client) {
  return (await client.do('join_dashboard', {})).position;
}

/// `client` sends `name` with `args`, with and without an ack. Both refusals must have one of
/// `codes`, and `watcher` must find the log's position unchanged.
async function refusedBothWays(client, watcher, name, args, codes, what) {
  const before = await position(watcher);
  const reply = await client.ask(name, ...args);
  shapes.refusal(reply, `${name}, ${what}: refusal`);
  assert.ok(codes.includes(reply.code), `${name}, ${what}: ${reply.code} instead of ${codes}`);
  client.take();
  client.tell(name, ...args);
  const exception = await client.receives('exception');
  assert.equal(exception.code, reply.code, `${name}, ${what}: exception's code`);
  assert.equal(exception.message, reply.error, `${name}, ${what}: exception's message`);
  assert.equal(exception.event, name, `${name}, ${what}: exception's event`);
  assert.deepEqual(client.take().map((entry) => entry.name), ['exception'], `${name}, ${what}`);
  assert.equal(await position(watcher), before, `${name}, ${what}: the position moved`);
}

/// The fields of each request, and the client that sends a valid one.
const requests = {
  join_room: {
    by: 'stranger',
    good: ({ room }) => ({ conversationId: room, userId: 'new', userRole: 'cx-agent' }),
    fields: {
      conversationId: { values: bad.id, required },
      userId: { values: bad.id, required },
      userRole: { values: bad.role, required },
    },
  },
  leave_room: {
    by: 'agent',
    good: ({ room }) => ({ conversationId: room, userId: 'agent' }),
    fields: {
      conversationId: { values: bad.id, required },
      userId: { values: bad.id },
    },
  },
  watch_room: {
    by: 'stranger',
    good: ({ room }) => ({ conversationId: room, userId: 'new', userRole: 'cx-agent' }),
    fields: {
      conversationId: { values: bad.id, required },
      userId: { values: bad.id, required },
      userRole: { values: bad.role, required },
    },
  },
  unwatch_room: {
    by: 'stranger',
    good: ({ room }) => ({ conversationId: room }),
    fields: { conversationId: { values: bad.id, required } },
  },
  send_message: {
    by: 'agent',
    good: ({ room }) => ({ conversationId: room, content: 'hi', fromUserId: 'agent', fromRole: 'cx-agent' }),
    fields: {
      conversationId: { values: bad.id, required },
      content: { values: bad.content, required },
      fromUserId: { values: bad.id },
      fromRole: { values: bad.role },
      type: { values: bad.type },
      messageType: { values: bad.type },
      toRole: { values: bad.role },
      isVisible: { values: bad.flag },
      clientMessageId: { values: bad.id },
      expectedSeq: { values: bad.expectedSeq },
    },
  },
  typing_start: {
    by: 'agent',
    good: ({ room }) => ({ conversationId: room, userId: 'agent', userName: 'Ada' }),
    fields: {
      conversationId: { values: bad.id, required },
      userId: { values: bad.id, required },
      userName: { values: bad.text(256), required },
    },
  },
  typing_stop: {
    by: 'agent',
    good: ({ room }) => ({ conversationId: room, userId: 'agent' }),
    fields: {
      conversationId: { values: bad.id, required },
      userId: { values: bad.id, required },
    },
  },
  get_messages: {
    by: 'agent',
    good: ({ room }) => ({ conversationId: room }),
    fields: {
      conversationId: { values: bad.id, required },
      limit: { values: bad.limit },
      offset: { values: bad.offset },
      before: { values: bad.cursor },
      after: { values: bad.cursor },
    },
  },
  share_robot_message: {
    by: 'agent',
    good: ({ room, draft }) => ({ originalMessageId: draft.id, conversationId: room, fromUserId: 'agent' }),
    fields: {
      originalMessageId: { values: bad.messageId, required },
      conversationId: { values: bad.id, required },
      fromUserId: { values: bad.id, required },
      clientMessageId: { values: bad.id },
    },
  },
};

describe('bad input over the socket', () => {
  const world = useServer();

  for (const [name, { by, good, fields }] of Object.entries(requests)) {
    scenario(world, `${name} refuses each bad field and changes nothing`, async (open) => {
      const people = await cast(open);
      const watcher = await open(kind);
      const client = people[by];
      const { id } = client.socket;
      client.take();
      for (const { what, body, codes } of oneFieldWrong(good(people), fields)) {
        await refusedBothWays(client, watcher, name, [body], codes, what);
      }
      assert.equal(client.socket.id, id, 'the connection lived through it');
      await client.do(name, good(people));
    });

    scenario(world, `${name} refuses a payload that is not an object`, async (open) => {
      const [client, watcher] = [await open(kind), await open(kind)];
      for (const [what, ...args] of [
        ['none at all'],
        ['null', null],
        ['a number', 5],
        ['a text', 'conversationId'],
        ['true', true],
        ['an array', [{ conversationId: 'c' }]],
      ]) {
        await refusedBothWays(client, watcher, name, args, ['invalid_request'], what);
      }
    });
  }

  scenario(world, 'bad fields inside joinData are refused too', async (open) => {
    const [client, watcher] = [await open(kind), await open(kind)];
    const good = { conversationId: unique('nested'), userId: 'u', userRole: 'cx-agent' };
    for (const { what, body, codes } of oneFieldWrong(good, requests.join_room.fields)) {
      await refusedBothWays(client, watcher, 'join_room', [{ joinData: body }], codes, what);
    }
    for (const joinData of [5, 'x', true, []]) {
      const what = `joinData ${JSON.stringify(joinData)}`;
      await refusedBothWays(client, watcher, 'join_room', [{ joinData }], ['wrong_type'], what);
    }
  });

  scenario(world, 'a sender that has not joined must name its user and role', async (open) => {
    const { room, stranger, agent } = await cast(open);
    const dto = { conversationId: room, content: 'hi', fromUserId: 'x', fromRole: 'cx-agent' };
    const fields = {
      fromUserId: { values: [], required },
      fromRole: { values: [], required },
    };
    for (const { what, body, codes } of oneFieldWrong(dto, fields)) {
      await refusedBothWays(stranger, agent, 'send_message', [body], codes, what);
    }
  });

  scenario(world, 'an unknown request is refused under its own name', async (open) => {
    const [client, watcher] = [await open(kind), await open(kind)];
    for (const name of ['no_such_request', 'new_message', 'exception', '__proto__', 'constructor', 'toString', '']) {
      await refusedBothWays(client, watcher, name, [{}], ['unknown_event'], JSON.stringify(name).slice(0, 40));
    }
  });

  scenario(world, 'a request that the current state forbids changes nothing', async (open) => {
    const people = await cast(open);
    const { room, customer, agent, robot, stranger, own, draft } = people;
    const nowhere = { conversationId: unique('nowhere') };
    const here = { conversationId: room };
    const share = (fromUserId, originalMessageId) => ({ ...here, fromUserId, originalMessageId });
    const table = [
      [agent, 'leave_room', { ...nowhere, userId: 'agent' }, 'conversation_not_found'],
      [agent, 'typing_start', { ...nowhere, userId: 'agent', userName: 'A' }, 'conversation_not_found'],
      [agent, 'typing_stop', { ...nowhere, userId: 'agent' }, 'conversation_not_found'],
      [agent, 'get_messages', nowhere, 'conversation_not_found'],
      [agent, 'share_robot_message', { ...share('agent', draft.id), ...nowhere }, 'conversation_not_found'],
      [stranger, 'typing_start', { ...here, userId: 'nobody', userName: 'N' }, 'not_participant'],
      [stranger, 'typing_stop', { ...here, userId: 'nobody' }, 'not_participant'],
      [stranger, 'leave_room', { ...here, userId: 'nobody' }, 'not_participant'],
      [customer, 'share_robot_message', share('cust', draft.id), 'forbidden'],
      [robot, 'share_robot_message', share('bot', draft.id), 'forbidden'],
      [stranger, 'share_robot_message', share('nobody', draft.id), 'not_participant', 'forbidden'],
      [agent, 'share_robot_message', share('agent', own.id), 'not_robot_message'],
      [agent, 'share_robot_message', share('agent', unknownMessage), 'message_not_found'],
      [customer, 'send_message', { ...here, content: 'psst', isVisible: false }, 'forbidden'],
      [agent, 'send_message', { ...here, content: 'late', expectedSeq: own.seq }, 'conflict'],
      [agent, 'send_message', { ...here, content: 'early', expectedSeq: draft.seq + 1 }, 'conflict'],
    ];
    const watcher = await open(kind);
    for (const client of [customer, agent, robot, stranger]) client.take();
    for (const [client, name, body, ...codes] of table) {
      await refusedBothWays(client, watcher, name, [body], codes, JSON.stringify(body));
    }
    const held = await agent.say(room, 'in time', { expectedSeq: draft.seq });
    assert.equal(held.seq, draft.seq + 1);
  });

  scenario(world, 'null counts as absent in optional fields, and unknown fields are ignored', async (open) => {
    const { room, agent, own, draft } = await cast(open);
    const nothing = (...names) => Object.fromEntries(names.map((name) => [name, null]));
    const optional = ['fromUserId', 'fromRole', 'type', 'toRole', 'isVisible', 'clientMessageId', 'expectedSeq'];
    const sent = await agent.say(room, 'hi', { ...nothing(...optional, 'messageType'), colour: ['red'] });
    assert.equal(sent.fromUserId, 'agent');
    assert.equal(sent.type, 'text');
    assert.equal(sent.isVisible, true);
    for (const field of ['toRole', 'clientMessageId']) assert.ok(!Object.hasOwn(sent, field));
    const read = { conversationId: room, ...nothing('limit', 'offset', 'before', 'after'), colour: 7 };
    assert.deepEqual(await agent.do('get_messages', read), [own, draft, sent]);
    await agent.do('leave_room', { conversationId: room, userId: null });
  });

  scenario(world, 'values just within their limits are accepted', async (open) => {
    const client = await open(kind);
    const conversationId = unique('x').padEnd(128, 'x');
    const userId = 'ü'.repeat(64);
    await client.join(conversationId, userId, 'cx-agent');
    const content = 'x'.repeat(512 * 1024);
    const sent = await client.say(conversationId, content, { clientMessageId: 'y'.repeat(128) });
    assert.ok(sent.content === content);
    await client.do('typing_start', { conversationId, userId, userName: 'n'.repeat(256) });
    for (const limit of [1, 100]) {
      assert.equal((await client.do('get_messages', { conversationId, limit })).length, 1);
    }
  });
});
