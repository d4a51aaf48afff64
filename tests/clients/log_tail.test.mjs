// join_log: what comes to be in the log, sent to those who follow it; where they go on after a
// restart, and what happens to those who cannot keep up.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { startServer } from '../support/server.mjs';
import { connect, ratesOff, tokenOf, useIdentityServer } from './identity.mjs';
import { bounded, patience, rest, unique, useServer } from './support.mjs';

const waitMsMax = 20_000 * patience;

async function say(server, conversationId, content, more = {}) {
  const body = { conversationId, fromUserId: 'ann', fromRole: 'cx-customer', content, ...more };
  const answer = await rest(server, 'POST', '/chat/messages', body);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

/// Collects what a socket is sent of the log.
class Tail {
  events = [];
  batches = [];
  #look = () => {};

  constructor(server, options = {}) {
    this.socket = io(server.url, { forceNew: true, transports: ['websocket'], ...options });
    this.socket.on('log_events', (batch, ...more) => {
      assert.deepEqual(more, [], 'log_events has one argument');
      this.batches.push(batch);
      this.events.push(...batch.events);
      this.#look();
    });
  }
  get upTo() {
    return this.batches.at(-1)?.upTo;
  }
  contents() {
    return this.events.filter(({ type }) => type === 'message_sent').map(({ content }) => content);
  }
  ask(name, body) {
    return this.socket.timeout(waitMsMax).emitWithAck(name, body);
  }
  until(holds, what) {
    const met = new Promise((resolve) => {
      this.#look = () => holds() && resolve();
      this.#look();
    });
    return bounded(met, waitMsMax, what);
  }
  close() {
    this.socket.disconnect();
  }
}

async function following(world, body, use, options) {
  const tail = new Tail(world.server, options);
  try {
    const joined = await tail.ask('join_log', body);
    assert.equal(joined.success, true, JSON.stringify(joined));
    await use(tail, joined);
  } finally {
    tail.close();
  }
}

describe('following the log', () => {
  const world = useServer();

  test('what comes to be is sent, in order, each event once, as the log shows it', async () => {
    await say(world.server, unique('room'), 'before');
    await following(world, {}, async (tail, { position }) => {
      const room = unique('room');
      for (let i = 0; i < 30; i++) await say(world.server, room, `${i}`, { isVisible: i % 2 === 0, fromRole: 'cx-agent' });
      await tail.until(() => tail.contents().length >= 30, 'thirty messages');
      assert.deepEqual(tail.events.map((event) => event.position), Array.from(tail.events, (_, i) => position + 1 + i));
      assert.deepEqual(tail.contents(), Array.from({ length: 30 }, (_, i) => `${i}`));
      const page = await rest(world.server, 'GET', `/log/events?after=${position}&limit=500`);
      assert.deepEqual(tail.events, page.body.events.slice(0, tail.events.length));
      assert.equal(tail.upTo, tail.events.at(-1).position);
      assert.ok(tail.batches.every(({ skippedTo }) => skippedTo === undefined));
    });
  });

  test('filters, and an end', async () => {
    const [room, other] = [unique('room'), unique('other')]; // the log does not know them yet
    await following(world, { filter: { conversationId: room, type: ['message_sent', 'message_shared'] } }, async (tail) => {
      await say(world.server, other, 'elsewhere');
      await say(world.server, room, 'one');
      await say(world.server, room, 'two');
      await tail.until(() => tail.events.length >= 2, 'two messages');
      assert.deepEqual(tail.events.map(({ type, content }) => [type, content]), [['message_sent', 'one'], ['message_sent', 'two']]);
      assert.equal((await tail.ask('join_log', { filter: { userId: 'bob' } })).success, true);
      await say(world.server, room, 'not bob');
      await say(world.server, room, 'bob', { fromUserId: 'bob' });
      await tail.until(() => tail.events.at(-1).content === 'bob', 'what bob does');
      assert.ok(!tail.contents().includes('not bob'));
      assert.deepEqual(await tail.ask('leave_log', {}), { success: true });
      const before = tail.batches.length;
      await say(world.server, room, 'later', { fromUserId: 'bob' });
      await pause(400);
      assert.equal(tail.batches.length, before);
    });
  });

  test('a filter that finds nothing still tells how far it has come', async () => {
    await following(world, { filter: { userId: unique('nobody') } }, async (tail, { position }) => {
      const sender = new Tail(world.server);
      try {
        const room = unique('room');
        for (let i = 0; i < 1100; i += 50) {
          await Promise.all(Array.from({ length: 50 }, () =>
            sender.ask('send_message', { conversationId: room, fromUserId: 'ann', fromRole: 'cx-customer', content: 'x' })));
        }
        await tail.until(() => tail.upTo >= position + 1000, 'how far it has come');
        assert.deepEqual(tail.events, []);
      } finally {
        sender.close();
      }
    });
  });

  test('a client that comes back goes on where it was, also after a restart', async () => {
    const room = unique('room');
    let last;
    await following(world, { filter: { conversationId: room } }, async (tail) => {
      await say(world.server, room, 'one');
      await tail.until(() => tail.contents().length === 1, 'one');
      last = tail.upTo;
    });
    await say(world.server, room, 'missed');
    await world.server.restart({ signal: 'SIGKILL' });
    await say(world.server, room, 'missed too');
    await following(world, { filter: { conversationId: room }, after: last }, async (tail, { position }) => {
      assert.equal(position, last);
      await say(world.server, room, 'live');
      await tail.until(() => tail.contents().length >= 3, 'three');
      assert.deepEqual(tail.contents(), ['missed', 'missed too', 'live']);
    });
  });

  test('what is no request is refused in words', async () => {
    const tail = new Tail(world.server);
    const bad = [
      [{ after: -1 }, 'invalid_value'],
      [{ after: 'x' }, 'wrong_type'],
      [{ filter: 7 }, 'invalid_request'],
      [{ filter: { type: 'message' } }, 'invalid_value'],
      [{ filter: { type: [7] } }, 'invalid_value'],
      [{ filter: { type: {} } }, 'invalid_value'],
      [{ filter: { conversationId: '' } }, 'invalid_id'],
    ];
    for (const [body, code] of bad) assert.equal((await tail.ask('join_log', body)).code, code, JSON.stringify(body));
    assert.deepEqual(await tail.ask('leave_log', undefined), { success: true });
    const beyond = await tail.ask('join_log', { after: Number.MAX_SAFE_INTEGER });
    assert.ok(beyond.position < 1_000_000, 'an end that the log does not have is its end');
    tail.close();
  });

  test('a hundred clients may follow', { timeout: 60_000 * patience }, async () => {
    const tails = Array.from({ length: 101 }, () => new Tail(world.server));
    try {
      const codes = [];
      for (const tail of tails) codes.push((await tail.ask('join_log', {})).code);
      assert.deepEqual(codes.filter(Boolean), ['limit_reached']);
      tails[0].close();
      for (let tries = 0; (await tails.at(-1).ask('join_log', {})).code === 'limit_reached'; tries++) {
        assert.ok(tries < 100, 'the place of one that has gone stays taken');
        await pause(50);
      }
      assert.equal((await tails[1].ask('join_log', {})).success, true, 'joining again takes no second place');
    } finally {
      for (const tail of tails) tail.close();
    }
  });
});

describe('a tail that cannot keep up', { timeout: 120_000 * patience }, () => {
  const world = useServer();
  test('goes on at the end, and is told so', async () => {
    const sender = new Tail(world.server);
    const room = unique('room');
    try {
      for (let i = 0; i < 10_200; i += 200) {
        await Promise.all(Array.from({ length: 200 }, () =>
          sender.ask('send_message', { conversationId: room, fromUserId: 'ann', fromRole: 'cx-customer', content: 'x' })));
      }
    } finally {
      sender.close();
    }
    await following(world, { after: 0 }, async (tail) => {
      await tail.until(() => tail.batches.length > 0, 'a batch');
      const [first] = tail.batches;
      assert.deepEqual(first.events, []);
      assert.ok(first.skippedTo > 10_000 && first.skippedTo === first.upTo, JSON.stringify(first));
      await say(world.server, room, 'live');
      await tail.until(() => tail.contents().length > 0, 'what is live');
      assert.deepEqual(tail.contents(), ['live']);
      assert.equal(tail.batches[1].skippedTo, undefined);
    });
    // Within the limit everything is sent, 500 at once.
    await following(world, { after: 3000 }, async (tail) => {
      await tail.until(() => tail.contents().at(-1) === 'live', 'all of it');
      assert.ok(tail.batches.every(({ events }) => events.length <= 500));
      assert.deepEqual(tail.events.map(({ position }) => position), Array.from(tail.events, (_, i) => 3001 + i));
    });
  });
});

describe('who follows the log', () => {
  const world = useIdentityServer(ratesOff);
  test('supervisors and auditors', async () => {
    for (const actor of ['supervisor', 'auditor']) {
      const socket = await connect(world, tokenOf(actor, actor));
      assert.equal((await socket.timeout(waitMsMax).emitWithAck('join_log', {})).success, true, actor);
    }
    for (const actor of ['customer', 'agent', 'robot', 'service', 'operator']) {
      const socket = await connect(world, tokenOf(actor, actor));
      assert.equal((await socket.timeout(waitMsMax).emitWithAck('join_log', {})).code, 'forbidden', actor);
    }
    const bound = await connect(world, tokenOf('supervisor', 'bound', { conversations: ['one'] }));
    assert.equal((await bound.timeout(waitMsMax).emitWithAck('join_log', {})).code, 'forbidden');
  });
});

describe('from where the log is followed', () => {
  const world = useServer({ args: ['--cors.origins=*', '--proxy.trusted=127.0.0.1'] });
  const asking = async (extraHeaders, transport) => {
    const tail = new Tail(world.server, { extraHeaders: { 'x-forwarded-for': '127.0.0.1', ...extraHeaders }, transports: [transport] });
    try {
      return await tail.ask('join_log', {});
    } finally {
      tail.close();
    }
  };
  for (const transport of ['websocket', 'polling']) {
    test(`only from the server's own pages, and this machine: ${transport}`, async () => {
      const own = `http://localhost:${world.server.port}`;
      const host = `localhost:${world.server.port}`;
      assert.equal((await asking({ origin: 'https://shop.example' }, transport)).code, 'origin_refused');
      assert.equal((await asking({ origin: own, host, 'sec-fetch-site': 'cross-site' }, transport)).code, 'origin_refused');
      assert.equal((await asking({ 'x-forwarded-for': '203.0.113.7' }, transport)).code, 'forbidden');
      assert.equal((await asking({ origin: own, host }, transport)).success, true);
      assert.equal((await asking({ 'sec-fetch-site': 'same-origin' }, transport)).success, true);
      assert.equal((await asking({}, transport)).success, true);
    });
  }
});

describe('a server that stops', () => {
  test('ends its tails without a trace', async () => {
    const server = await startServer();
    const tail = new Tail(server);
    assert.equal((await tail.ask('join_log', {})).success, true);
    await say(server, unique('room'), 'one');
    await tail.until(() => tail.contents().length === 1, 'one');
    await server.stop();
    tail.close();
    await server.finish();
  });
});
