// A read is never older than what its connection was already shown: a client that renders the reply
// loses no message from its screen. Reads without an ack get their replies in the order asked.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { kinds, scenario, unique, useServer } from './support.mjs';

const positions = (page) => page.map(({ position }) => position);
const from = { fromUserId: 'ann', fromRole: 'cx-agent' };

/// Sends `count` messages to `room` without joining it.
const fill = (client, room, count, content) =>
  Promise.all(Array.from({ length: count }, () => client.say(room, content, from)));

/// Reads on `reader` with each of `queries` in turn (shown positions → a query), `rounds` times,
/// while `writer` keeps sending `content`. Returns descriptions of all errors.
async function readWhileWritten(reader, writer, room, { rounds, content, queries, known }) {
  const model = [...known]; // all messages of the room that the reader may see, in order
  reader.socket.on('new_message', ({ conversationId, position }) => {
    if (conversationId === room) model.push(position);
  });
  let writing = true;
  let last;
  const written = (async () => {
    while (writing) last = (await writer.say(room, content, from)).position;
  })();
  const answers = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const query = queries[round % queries.length](model);
      const asked = model.length;
      await reader.exchange('get_messages', [{ conversationId: room, ...query }], (page) =>
        answers.push({ query, page: positions(page), asked, shown: model.length }),
      );
    }
  } finally {
    writing = false;
    await written;
  }
  await reader.receives('new_message', ({ position }) => position === last);
  const faults = answers.map((answer) => wrongIn(answer, model)).filter(Boolean);
  const overtaken = answers.filter(({ asked, shown }) => shown > asked).length;
  return { faults: faults.slice(0, 5), overtaken };
}

/// Compares a page with its expected value at each moment since the last shown message.
function wrongIn({ query, page, shown }, model) {
  const { limit = 50, offset = 0, before = Infinity, after = 0 } = query;
  for (let said = shown; said <= Math.min(shown + 50, model.length); said++) {
    const then = model.slice(0, said).filter((position) => position > after && position < before);
    const end = Math.max(0, then.length - offset);
    const forward = after > 0 && before === Infinity;
    const right = forward
      ? then.slice(offset, offset + limit)
      : then.slice(Math.max(0, end - limit), end);
    if (right.join() === page.join()) return null;
  }
  const newest = page.at(-1);
  return `${JSON.stringify(query)}: ${page.length} up to ${newest}, while ${model[shown - 1]} was shown`;
}

describe('reads during broadcasts', () => {
  const world = useServer({ args: ['--io.outbox=50000000'] });

  scenario(world, 'a read never shows less than its connection was already shown', async (open) => {
    const room = unique('busy');
    const writer = await open(kinds.v4WebSocket);
    const reader = await open(kinds.v4WebSocket);
    const known = positions(await fill(writer, room, 300, 'x'.repeat(4000)));
    await reader.join(room, 'bob', 'cx-agent');
    const { faults, overtaken } = await readWhileWritten(reader, writer, room, {
      rounds: 700,
      content: 'x'.repeat(4000),
      known,
      queries: [
        () => ({ limit: 100 }),
        (model) => ({ limit: 100, after: model.at(-3) }),
        () => ({ limit: 90, offset: 1 }),
        () => ({ limit: 100, before: Number.MAX_SAFE_INTEGER }),
        (model) => ({ limit: 20, before: model.at(-1) }),
        (model) => ({ limit: 100, after: model.at(-150), before: Number.MAX_SAFE_INTEGER }),
        (model) => ({ limit: 100, after: model.at(-10), offset: 12 }),
      ],
    });
    assert.deepEqual(faults, []);
    assert.ok(overtaken > 20, `only ${overtaken} reads ran during a broadcast`);
  });

  scenario(world, 'the reply includes messages that are too large for memory', async (open) => {
    const room = unique('large');
    const writer = await open(kinds.v4WebSocket);
    const reader = await open(kinds.v4WebSocket);
    const known = positions(await fill(writer, room, 6, 'x'.repeat(300_000)));
    await reader.join(room, 'bob', 'cx-agent');
    const { faults } = await readWhileWritten(reader, writer, room, {
      rounds: 60,
      content: 'x'.repeat(300_000),
      known,
      queries: [() => ({ limit: 3 }), (model) => ({ limit: 3, after: model.at(-1) }), () => ({ limit: 2, offset: 1 })],
    });
    assert.deepEqual(faults, []);
  });

  scenario(world, 'a customer never reads less than shown, and never more than it may see', async (open) => {
    const room = unique('notes');
    const writer = await open(kinds.v4WebSocket);
    const reader = await open(kinds.v4WebSocket);
    const known = [];
    for (let i = 0; i < 150; i++) {
      await writer.say(room, 'note', { ...from, isVisible: false });
      known.push((await writer.say(room, 'x', from)).position);
    }
    await reader.join(room, 'cus', 'cx-customer');
    let noting = true;
    const noted = (async () => {
      while (noting) await writer.say(room, 'note', { ...from, isVisible: false });
    })();
    const { faults } = await readWhileWritten(reader, writer, room, {
      rounds: 200,
      content: 'x',
      known,
      queries: [() => ({ limit: 100 }), (model) => ({ limit: 100, after: model.at(-2) }), () => ({ limit: 60, offset: 3 })],
    });
    noting = false;
    await noted;
    assert.deepEqual(faults, []);
  });

  scenario(world, 'reads without an ack get their replies in the order asked', async (open) => {
    const room = unique('order');
    const client = await open(kinds.v4WebSocket);
    await fill(client, room, 200, 'x'.repeat(4000));
    client.take();
    const heard = () => client.log.map(({ name, body }) => (name === 'exception' ? body.code : body.length));
    const asked = [];
    const tell = (query, expected) => {
      client.tell('get_messages', { conversationId: room, ...query });
      asked.push(expected);
    };
    for (let round = 0; round < 100; round++) {
      tell({ limit: 100 }, 100); // from the log
      tell({ limit: 1 }, 1); // from memory
      tell({ limit: 90, after: 1 }, 90);
      tell({ limit: 2, after: 1 }, 2);
      tell({ limit: 0 }, 'invalid_value');
      tell({ conversationId: 'nowhere' }, 'conversation_not_found');
      // Reads with an ack may overtake; they do not change the order of the others.
      const acked = client.exchange('get_messages', [{ conversationId: room, limit: 3 }]);
      tell({ limit: 4 }, 4);
      assert.equal((await acked).length, 3);
      await client.until(() => client.log.length === asked.length, 'all answers');
    }
    assert.deepEqual(heard(), asked);
  });
});
