// Bad input over REST: every route, field and query parameter. Each is refused with its status and
// code, and does not change the log.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { bad, oneFieldWrong } from './bad_values.mjs';
import { kinds, rest, scenario, unique, useServer } from './support.mjs';
import * as shapes from './shapes.mjs';

const required = true;
const statusOf = {
  too_long: 413,
  payload_too_large: 413,
  forbidden: 403,
  not_participant: 403,
  conversation_not_found: 404,
  not_found: 404,
  limit_reached: 429,
  conflict: 409,
};

async function setUp(open, server) {
  const watcher = await open(kinds.v4WebSocket);
  const room = unique('bad-rest');
  const dto = { conversationId: room, fromUserId: 'agent', fromRole: 'cx-agent', content: 'hi' };
  const answer = await rest(server, 'POST', '/chat/messages', dto);
  assert.equal(answer.status, 201, answer.text);
  const position = async () => (await watcher.do('join_dashboard', {})).position;
  const refused = async (method, path, body, codes, what) => {
    const before = await position();
    const { status, text, body: reply } = await rest(server, method, path, body);
    shapes.refusal(reply, `${method} ${path.slice(0, 80)}, ${what}: ${status} ${text.slice(0, 200)}`);
    assert.ok(codes.includes(reply.code), `${path}, ${what}: ${reply.code} instead of ${codes}`);
    assert.equal(status, statusOf[reply.code] ?? 400, `${path}, ${what}`);
    assert.equal(await position(), before, `${path}, ${what}: the position moved`);
  };
  return { room, dto, refused };
}

const bodies = {
  '/chat/conversations/start': {
    good: () => ({ createdBy: 'agent', createdByRole: 'cx-agent' }),
    fields: {
      createdBy: { values: bad.id, required },
      createdByRole: { values: bad.role, required },
      conversationId: { values: bad.id },
      title: { values: bad.text(1024) },
      description: { values: bad.text(16 * 1024) },
      initialParticipants: { values: bad.participants },
    },
  },
  '/chat/messages': {
    good: (room) => ({ conversationId: room, fromUserId: 'agent', fromRole: 'cx-agent', content: 'hi' }),
    fields: {
      conversationId: { values: bad.id, required },
      fromUserId: { values: bad.id, required },
      fromRole: { values: bad.role, required },
      content: { values: bad.content, required },
      type: { values: bad.type },
      messageType: { values: bad.type },
      toRole: { values: bad.role },
      isVisible: { values: bad.flag },
      clientMessageId: { values: bad.id },
      expectedSeq: { values: bad.expectedSeq },
    },
  },
  '/chat/conversations/ROOM/join': {
    good: () => ({ userId: 'new', userRole: 'cx-agent' }),
    fields: {
      userId: { values: bad.id, required },
      userRole: { values: bad.role, required },
    },
  },
  '/chat/conversations/ROOM/leave': {
    good: () => ({ userId: 'agent' }),
    fields: { userId: { values: bad.id, required } },
  },
};

describe('bad input over REST', () => {
  const world = useServer();

  for (const [route, { good, fields }] of Object.entries(bodies)) {
    scenario(world, `POST ${route} refuses each bad field and changes nothing`, async (open, server) => {
      const { room, refused } = await setUp(open, server);
      const path = route.replace('ROOM', room);
      for (const { what, body, codes } of oneFieldWrong(good(room), fields)) {
        await refused('POST', path, body, codes, what);
      }
      const { status, text } = await rest(server, 'POST', path, good(room));
      assert.ok([200, 201].includes(status), text);
    });

    scenario(world, `POST ${route} refuses a body that is not a JSON object`, async (open, server) => {
      const { room, refused } = await setUp(open, server);
      const path = route.replace('ROOM', room);
      const texts = ['', '{', 'null', '5', '"text"', '[]', '[{}]', '{"a":1}}', "{'a':1}", '{"a":1,}', '\u0000', 'a=b&c=d'];
      for (const text of texts) {
        await refused('POST', path, text, ['invalid_request'], JSON.stringify(text));
      }
      const deep = `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`;
      await refused('POST', path, deep, ['invalid_request'], 'nested 1000 deep');
    });
  }

  scenario(world, 'a body over the limit is refused whole', async (open, server) => {
    const { dto, refused } = await setUp(open, server);
    const body = { ...dto, padding: 'x'.repeat(3_300_000) };
    await refused('POST', '/chat/messages', body, ['payload_too_large'], '3.3 million bytes of padding');
  });

  scenario(world, 'a query parameter out of range is refused', async (open, server) => {
    const { room, refused } = await setUp(open, server);
    const history = `/chat/conversations/${room}/messages`;
    const table = [
      ...['0', '-1', '101'].map((value) => ['limit', value, 'invalid_value']),
      ...['abc', '', '1.5', '1e1', '0x10', ' 5', '99999999999999999999'].map((value) => ['limit', value, 'wrong_type', 'invalid_value']),
      ['offset', '-1', 'invalid_value'],
      ['offset', 'x', 'wrong_type', 'invalid_value'],
    ];
    const ofHistory = [
      ['before', '-1', 'invalid_value'],
      ['before', 'x', 'wrong_type', 'invalid_value'],
      ['after', '-1', 'invalid_value'],
      ['after', 'x', 'wrong_type', 'invalid_value'],
      ['userRole', 'boss', 'unknown_role'],
    ];
    for (const [name, value, ...codes] of [...table, ...ofHistory]) {
      const query = new URLSearchParams({ [name]: value });
      await refused('GET', `${history}?${query}`, undefined, codes, `${name}=${value}`);
    }
    for (const [name, value, ...codes] of table) {
      const query = new URLSearchParams({ [name]: value });
      await refused('GET', `/chat/conversations?${query}`, undefined, codes, `${name}=${value}`);
    }
    for (const count of ['0', '-1', '101', 'x', '1.5']) {
      await refused('GET', `${history}/last/${count}`, undefined, ['invalid_value', 'wrong_type'], count);
    }
    for (const userId of ['', 'a\nb', 'x'.repeat(129)]) {
      const query = new URLSearchParams({ userId, userRole: 'cx-customer' });
      await refused('GET', `${history}?${query}`, undefined, ['invalid_id'], JSON.stringify(userId));
    }
  });

  scenario(world, 'a bad conversation id in a path is refused', async (open, server) => {
    const { refused } = await setUp(open, server);
    for (const id of ['%00', 'a%0Ab', 'x'.repeat(129), '%FF', '%C3%28', 'a%C2%85', '%E2%80%A8', '%E2%80%AEa']) {
      const path = `/chat/conversations/${id}`;
      const codes = ['invalid_id', 'invalid_request'];
      await refused('GET', path, undefined, codes, id);
      await refused('GET', `${path}/messages`, undefined, codes, id);
      await refused('GET', `${path}/participants`, undefined, codes, id);
      await refused('POST', `${path}/join`, { userId: 'u', userRole: 'cx-agent' }, codes, id);
      await refused('POST', `${path}/leave`, { userId: 'u' }, codes, id);
    }
  });

  scenario(world, 'null counts as absent in optional fields', async (open, server) => {
    const { dto } = await setUp(open, server);
    const nothing = (...names) => Object.fromEntries(names.map((name) => [name, null]));
    const optional = ['type', 'messageType', 'toRole', 'isVisible', 'clientMessageId', 'expectedSeq'];
    const message = await rest(server, 'POST', '/chat/messages', { ...dto, ...nothing(...optional) });
    assert.equal(message.status, 201, message.text);
    shapes.message(message.body, 'message');
    const start = await rest(server, 'POST', '/chat/conversations/start', {
      createdBy: 'agent',
      createdByRole: 'cx-agent',
      ...nothing('conversationId', 'title', 'description', 'initialParticipants'),
    });
    assert.equal(start.status, 201, start.text);
    shapes.conversation(start.body);
    assert.deepEqual(start.body.participantIds, []);
  });

  scenario(world, 'requests that a customer may not make over the socket are refused here too', async (open, server) => {
    const { room, dto, refused } = await setUp(open, server);
    const hidden = { ...dto, fromUserId: 'cust', fromRole: 'cx-customer', isVisible: false };
    await refused('POST', '/chat/messages', hidden, ['forbidden'], 'a hidden message of a customer');
    await refused('POST', '/chat/messages', { ...dto, expectedSeq: 1 }, ['conflict'], 'an old seq');
    const leave = `/chat/conversations/${room}/leave`;
    await refused('POST', leave, { userId: 'nobody' }, ['not_participant'], 'a user who is not a participant leaves');
  });
});
