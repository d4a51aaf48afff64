// Connection state recovery with stock JavaScript clients: they come back with their pid and last
// cursor, and receive exactly what they missed, in order, none twice.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answerMsMax, back, bounded, comingBack, cut, fence, kinds, patience, reconnectMsMax, recovering, rest, scenario, unique, useServer } from './support.mjs';

const fast = comingBack(kinds.v4WebSocket);
const polling = comingBack(kinds.v4Polling);

/// A message sent by no socket (over REST).
async function post(server, conversationId, content, more = {}) {
  const body = { conversationId, fromUserId: 'else', fromRole: 'cx-agent', content, ...more };
  const answer = await rest(server, 'POST', '/chat/messages', body);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

/// Waits for the last of `expected`, then checks for exactly these, in this order.
async function hears(client, expected) {
  const last = expected.at(-1);
  if (last) await client.receives(last.name, (body) => JSON.stringify(body) === JSON.stringify(last.body));
  assert.deepEqual(client.take(), expected);
}

async function storedSessions(server) {
  const { text } = await rest(server, 'GET', '/metrics');
  return Number(/^parley_sessions_stored (\d+)$/m.exec(text)?.[1]);
}

/// Waits until that many connections have joined a room.
async function joined(server, count) {
  const now = async () => Number(/^parley_connections_joined (\d+)$/m.exec((await rest(server, 'GET', '/metrics')).text)?.[1]);
  for (let i = 0; i < 600 * patience && (await now()) !== count; i++) await pause(20);
  assert.equal(await now(), count);
}

const told = (messages) => messages.map((body) => ({ name: 'new_message', body }));

describe('recovery', () => {
  const world = useServer();

  for (const kind of [fast, polling, comingBack(kinds.v4)]) {
    scenario(world, `${kind.name}: a dropped client receives what it missed, then live events`, async (open, server) => {
      const room = unique('drop');
      const [ann, bob] = [await open(kind), await open(kinds.v4WebSocket)];
      await ann.settled();
      await ann.join(room, 'ann', 'cx-agent');
      await bob.join(room, 'bob', 'cx-customer');
      await bob.say(room, 'heard');
      await fence(server, [ann]);
      ann.take();
      const sid = ann.socket.id;
      await cut(ann);
      const missed = [];
      for (let i = 0; i < 20; i++) missed.push(await bob.say(room, `missed ${i}`));
      await bob.do('typing_start', { conversationId: room, userId: 'bob', userName: 'Bob' });
      await bob.do('leave_room', { conversationId: room });
      await back(ann);
      assert.notEqual(ann.socket.id, sid);
      const live = await post(server, room, 'live');
      // The end of Bob's typing comes after the logged events.
      const left = { name: 'user_left', body: { conversationId: room, userId: 'bob' } };
      const first = { name: 'user_joined' };
      await ann.receives('new_message', ({ id }) => id === live.id);
      const heard = ann.take();
      assert.deepEqual(heard.slice(0, 21), [...told(missed), left]);
      assert.deepEqual(heard[21], { name: 'user_typing', body: { conversationId: room, userId: 'bob', userName: 'Bob', isTyping: false } });
      assert.equal(heard[22].name, first.name); // the author over REST joined first
      assert.deepEqual(heard.slice(23), told([live]));
      // It keeps its identity: no userId needed, and a second drop works like the first.
      assert.equal((await ann.say(room, 'as before')).fromUserId, 'ann');
      await ann.receives('new_message', ({ content }) => content === 'as before');
      ann.take();
      await cut(ann);
      const again = await post(server, room, 'missed again');
      await back(ann);
      await hears(ann, told([again]));
    });
  }

  for (const signal of ['SIGTERM', 'SIGKILL']) {
    scenario(world, `${signal}: a restart of the server works like a drop`, async (open, server) => {
      const room = unique('restart');
      const [ann, desk, bob] = [await open(fast), await open(fast), await open(kinds.v4WebSocket)];
      await ann.join(room, 'ann', 'cx-agent');
      await desk.do('join_dashboard', {});
      await bob.join(room, 'bob', 'cx-customer');
      await bob.say(room, 'heard');
      await fence(server, [ann]);
      ann.take();
      // Ann and the desk are disconnected first, so that they miss something.
      for (const client of [ann, desk]) client.socket.io.engine.close();
      const missed = [await bob.say(room, 'one'), await bob.say(room, 'two')];
      bob.close();
      await server.restart({ signal });
      for (const client of [ann, desk]) await back(client);
      const live = await bounded(ann.say(room, 'live'), answerMsMax, 'a message after the restart');
      await ann.receives('new_message', ({ id }) => id === live.id);
      const heard = ann.take().filter(({ name }) => name === 'new_message');
      assert.deepEqual(heard.map(({ body }) => body), [...missed, live]);
      await desk.receives('conversation_updated', ({ timestamp, conversationId }) => conversationId === room && timestamp === live.timestamp);
      const counts = desk.take().filter(({ body }) => body.conversationId === room && body.changes).map(({ body }) => body.changes.messageCount);
      assert.deepEqual(counts, [1, 2, 3, 4]);
    });
  }

  scenario(world, 'a client that received nothing yet recovers from where it joined', async (open, server) => {
    const room = unique('silent');
    await post(server, room, 'before it joined');
    const ann = await open(fast);
    await ann.join(room, 'ann', 'cx-agent');
    assert.equal(ann.socket._lastOffset, undefined);
    await cut(ann);
    const missed = [await post(server, room, 'one'), await post(server, room, 'two')];
    await server.restart({ signal: 'SIGKILL' });
    await back(ann);
    ann.log = ann.log.filter(({ name }) => name !== 'ack:join_room');
    await hears(ann, told(missed));
  });

  scenario(world, 'its own message, committed but never delivered, is delivered after recovery', async (open, server) => {
    const room = unique('own');
    const ann = await open(fast);
    await ann.join(room, 'ann', 'cx-agent');
    // A client that reads nothing gets neither the broadcast nor the ack.
    ann.socket.io.engine.transport.ws._socket.pause();
    ann.tell('send_message', { conversationId: room, content: 'lost on the way', clientMessageId: 'm-1' });
    const bob = await open(kinds.v4WebSocket);
    await bob.join(room, 'bob', 'cx-agent');
    for (let stored = []; stored.length === 0; await pause(20)) stored = await bob.do('get_messages', { conversationId: room });
    await cut(ann);
    await server.restart({ signal: 'SIGKILL' });
    await back(ann);
    const message = await ann.receives('new_message', ({ content }) => content === 'lost on the way');
    // Sent again with its clientMessageId, it is the same message, and nobody receives it twice.
    const again = await ann.do('send_message', { conversationId: room, content: 'lost on the way', clientMessageId: 'm-1' });
    assert.deepEqual(again, message);
    await fence(server, [ann]);
    assert.equal(ann.log.filter(({ name }) => name === 'new_message').length, 1);
  });

  scenario(world, 'after a long absence all 5,000 events come, in order', async (open, server) => {
    const room = unique('long');
    const elsewhere = unique('elsewhere');
    const [ann, bob] = [await open(fast), await open(kinds.v4WebSocket)];
    await ann.join(room, 'ann', 'cx-agent');
    await bob.join(room, 'bob', 'cx-agent');
    await bob.join(elsewhere, 'bob', 'cx-agent');
    await fence(server, [ann]);
    ann.take();
    await cut(ann);
    let last;
    for (let sent = 0; sent < 5000; sent += 250) {
      const batch = Array.from({ length: 250 }, (_, i) => bob.socket.emitWithAck('send_message', { conversationId: i % 5 ? room : elsewhere, content: `${sent + i} ${'x'.repeat(500)}` }));
      const acks = await bounded(Promise.all(batch), answerMsMax, 'storing what is missed');
      last = acks.at(-1);
    }
    bob.log.splice(0);
    await back(ann);
    // Live traffic waits in the meantime.
    const live = [await bob.say(room, 'live 1'), await bob.say(room, 'live 2')];
    await ann.receives('new_message', ({ id }) => id === live[1].id);
    const heard = ann.take().map(({ name, body }) => [name, body.content.split(' ', 1)[0]]);
    const expected = [];
    for (let n = 0; n < 5000; n++) if (n % 250 % 5) expected.push(['new_message', String(n)]);
    assert.deepEqual(heard, [...expected, ['new_message', 'live'], ['new_message', 'live']]);
    assert.equal(last.content.split(' ', 1)[0], '4999');
  }, { msMax: 120_000 });

  scenario(world, 'a client that falls behind while it catches up starts over, and receives everything once', async (open, server) => {
    const room = unique('slow');
    const [ann, bob] = [await open(fast), await open(kinds.v4WebSocket)];
    await ann.join(room, 'ann', 'cx-agent');
    await bob.join(room, 'bob', 'cx-agent');
    await fence(server, [ann]);
    ann.take();
    await cut(ann);
    const ids = [];
    const say = async (count, content) => {
      const acks = Array.from({ length: count }, () => bob.socket.emitWithAck('send_message', { conversationId: room, content }));
      for (const { id } of await bounded(Promise.all(acks), 4 * answerMsMax, 'storing')) ids.push(id);
    };
    for (let i = 0; i < 20; i++) await say(50, 'x'.repeat(16_000)); // more than sockets hold
    // It stops reading as soon as it is back, until more live frames wait than the limit allows.
    ann.socket.once('connect', () => ann.socket.io.engine.transport.ws._socket.pause());
    await back(ann);
    const { ws } = ann.socket.io.engine.transport;
    for (let i = 0; i < 21; i++) await say(1000, 'live');
    ws._socket.resume();
    const heard = () => ann.log.filter(({ name }) => name === 'new_message').map(({ body }) => body.id);
    await ann.until(() => ann.log.length >= ids.length && heard().at(-1) === ids.at(-1), 'all that was said', reconnectMsMax);
    assert.ok(ann.disconnects.length >= 2, 'it was not ended');
    assert.equal(ann.socket.recovered, true);
    assert.deepEqual(heard(), ids);
  }, { msMax: 120_000 });

  scenario(world, 'recovery shows a customer nothing that it may not see', async (open, server) => {
    const room = unique('eyes');
    const [cus, age] = [await open(fast), await open(fast)];
    await cus.join(room, 'cus', 'cx-customer');
    await age.join(room, 'age', 'cx-agent');
    await fence(server, [cus, age]);
    for (const client of [cus, age]) {
      client.take();
      await cut(client);
    }
    const robot = await post(server, room, 'a robot thinks', { fromUserId: 'robo', fromRole: 'robot' });
    const note = await post(server, room, 'a note', { isVisible: false });
    const plain = await post(server, room, 'for all');
    for (const client of [cus, age]) await back(client);
    await fence(server, [cus, age]);
    const messages = (client) => client.take().filter(({ name }) => name === 'new_message').map(({ body }) => body);
    assert.deepEqual(messages(cus), [plain]);
    assert.deepEqual(messages(age), [robot, note, plain]);
  });

  scenario(world, 'a dashboard receives what it missed, with the figures of that time', async (open, server) => {
    const desk = await open(fast);
    const witness = await open(kinds.v4WebSocket);
    for (const one of [desk, witness]) await one.do('join_dashboard', {});
    const room = unique('desk');
    await post(server, room, 'heard');
    await fence(server, [desk, witness]);
    for (const client of [desk, witness]) client.take();
    await cut(desk);
    const started = unique('started');
    await rest(server, 'POST', '/chat/conversations/start', { conversationId: started, createdBy: 'age', createdByRole: 'cx-agent', initialParticipants: ['u1', 'u2'] });
    await post(server, room, 'one');
    await rest(server, 'POST', `/chat/conversations/${room}/join`, { userId: 'ann', userRole: 'cx-customer' });
    await rest(server, 'POST', `/chat/conversations/${room}/join`, { userId: 'ann', userRole: 'cx-agent' });
    await post(server, started, 'two', { fromUserId: 'u1', fromRole: 'cx-customer' });
    await rest(server, 'POST', `/chat/conversations/${room}/leave`, { userId: 'ann' });
    await rest(server, 'POST', `/chat/conversations/${room}/join`, { userId: 'ann', userRole: 'robot' });
    await post(server, room, 'three');
    await back(desk);
    await post(server, room, 'live');
    await fence(server, [desk, witness]);
    const seen = witness.take().filter(({ name }) => name !== 'ack:join_dashboard');
    assert.ok(seen.length >= 9);
    assert.deepEqual(desk.take(), seen);
  });

  scenario(world, 'on the dashboard and in the room, a drop between the two events loses and duplicates nothing', async (open, server) => {
    const room = unique('both');
    const ann = await open(fast);
    await ann.join(room, 'ann', 'cx-agent');
    await ann.do('join_dashboard', {});
    const first = await post(server, room, 'first');
    await ann.receives('new_message', ({ id }) => id === first.id);
    ann.take();
    // As if the connection had ended right after the dashboard's part of the event.
    const [position, fingerprint] = ann.socket._lastOffset.split(':');
    ann.socket._lastOffset = `${position - 1}.5:${fingerprint}`;
    await cut(ann);
    await back(ann);
    await fence(server, [ann]);
    assert.deepEqual(ann.take().filter(({ body }) => body.conversationId === room), told([first]));
  });

  scenario(world, 'recovery leaves out the client\'s own events that are not sent to their sender', async (open, server) => {
    const room = unique('self');
    const [ann, bob] = [await open(fast), await open(kinds.v4WebSocket)];
    await ann.join(room, 'ann', 'cx-agent');
    await bob.join(room, 'bob', 'cx-customer');
    await fence(server, [ann]);
    ann.take();
    const before = ann.socket._lastOffset;
    await ann.do('leave_room', { conversationId: room, userId: 'bob' });
    await ann.join(room, 'ann', 'cx-supervisor');
    ann.take();
    ann.socket._lastOffset = before; // it received nothing since
    await cut(ann);
    const missed = await post(server, room, 'missed', { fromUserId: 'ann', fromRole: 'cx-supervisor' });
    await back(ann);
    await hears(ann, told([missed]));
  });

  scenario(world, 'rooms joined and left in a session stay joined and left', async (open, server) => {
    const [left, kept] = [unique('left'), unique('kept')];
    const ann = await open(fast);
    for (const room of [left, kept]) await ann.join(room, 'ann', 'cx-agent');
    await ann.do('leave_room', { conversationId: left });
    await fence(server, [ann]);
    ann.take();
    await cut(ann);
    await post(server, left, 'not for Ann');
    const missed = await post(server, kept, 'for Ann');
    await back(ann);
    await fence(server, [ann]);
    assert.deepEqual(ann.take().filter(({ name }) => name === 'new_message'), told([missed]));
  });
});

describe('recovery refused', () => {
  const world = useServer();

  /// Connects with this pid and offset, and returns the outcome.
  async function comesWith(open, auth) {
    const client = await open(recovering({ ...fast, options: { ...fast.options, auth } }));
    return { client, pid: client.socket._pid };
  }

  /// A session with something to recover.
  async function session(open, server) {
    const room = unique('prey');
    const ann = await open(fast);
    await ann.join(room, 'ann', 'cx-agent');
    await post(server, room, 'heard');
    await ann.receives('new_message');
    const ticket = { pid: ann.socket._pid, offset: ann.socket._lastOffset };
    return { room, ann, ticket };
  }

  scenario(world, 'an offset without its pid, an unknown pid, or nonsense gives only a new session', async (open, server) => {
    const { room, ann, ticket } = await session(open, server);
    await cut(ann);
    await post(server, room, 'secret');
    const other = `2.${'x'.repeat(32)}`;
    const [bare, fingerprint] = ticket.offset.split(':');
    assert.match(`${bare} ${fingerprint}`, /^\d+ [A-Za-z0-9_-]{8}$/);
    const tickets = [
      { offset: ticket.offset },
      { pid: other, offset: ticket.offset },
      { pid: '', offset: ticket.offset },
      { pid: 17, offset: ticket.offset },
      { pid: [ticket.pid], offset: ticket.offset },
      { pid: ticket.pid.slice(1), offset: ticket.offset },
      { pid: ticket.pid.slice(2), offset: ticket.offset },
      { pid: ticket.pid.slice(3), offset: ticket.offset },
      { pid: `${ticket.pid}x`, offset: ticket.offset },
      { pid: ticket.pid, offset: bare },
      { pid: ticket.pid, offset: ticket.offset.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) },
      { pid: ticket.pid, offset: ticket.offset.replace(bare, Number(bare) - 1) },
      { pid: ticket.pid, offset: ticket.offset.replace(bare, '999999999') },
      { pid: ticket.pid, offset: '999999999' },
      { pid: ticket.pid, offset: '-1' },
      { pid: ticket.pid, offset: 'abc' },
      { pid: ticket.pid, offset: '99999999999999999999' },
      { pid: ticket.pid, offset: 7 },
      { pid: ticket.pid, offset: {} },
    ];
    for (const auth of tickets) {
      const { client, pid } = await comesWith(open, auth);
      assert.notEqual(pid, ticket.pid, JSON.stringify(auth));
      await fence(server, [client]);
      assert.deepEqual(client.take(), [], JSON.stringify(auth));
      client.close();
    }
    // The session itself is still there for its owner.
    const { client, pid } = await comesWith(open, ticket);
    assert.equal(pid, ticket.pid);
    await client.receives('new_message', ({ content }) => content === 'secret');
  });

  scenario(world, 'with an offset beyond the log a client is not recovered, and works as a new one', async (open, server) => {
    const { room, ann, ticket } = await session(open, server);
    ann.take();
    ann.socket._lastOffset = '999999999';
    await cut(ann);
    await back(ann, false);
    assert.notEqual(ann.socket._pid, ticket.pid);
    await ann.join(room, 'ann', 'cx-agent');
    assert.equal((await ann.say(room, 'anew')).fromUserId, 'ann');
  });

  scenario(world, 'a pid and a cursor from before cursors had fingerprints are still recovered', async (open, server) => {
    const { room, ann, ticket } = await session(open, server);
    await cut(ann);
    const missed = await post(server, room, 'missed');
    await server.stop();
    const before = 'v'.repeat(32);
    const hash = (pid) => `x'${createHash('sha256').update(pid).digest('hex')}'`;
    const sql = `UPDATE session SET pid_hash = ${hash(before)} WHERE pid_hash = ${hash(ticket.pid)}; SELECT changes()`;
    assert.equal(execFileSync('sqlite3', [path.join(server.dataDir, 'parley.db'), sql], { encoding: 'utf8' }).trim(), '1');
    await server.start(0);
    const { client, pid } = await comesWith(open, { pid: before, offset: ticket.offset.split(':')[0] });
    assert.equal(pid, before);
    await hears(client, told([missed]));
    const offset = client.socket._lastOffset;
    assert.match(offset, /:/);
    const again = await comesWith(open, { pid: before, offset });
    assert.equal(again.pid, before);
    await fence(server, [again.client]);
    assert.deepEqual(again.client.take(), []);
  });

  scenario(world, 'a client that disconnects itself ends its session', async (open, server) => {
    const { ann, ticket } = await session(open, server);
    ann.close();
    await pause(50);
    const { client, pid } = await comesWith(open, ticket);
    assert.notEqual(pid, ticket.pid);
    await fence(server, [client]);
  });

  scenario(world, 'a client with the pid of a live connection takes its place', async (open, server) => {
    const { room, ann, ticket } = await session(open, server);
    ann.take();
    const { client, pid } = await comesWith(open, ticket);
    assert.equal(pid, ticket.pid);
    await ann.dropped();
    assert.equal(ann.disconnects.at(-1), 'io server disconnect'); // the old client does not take it back
    const message = await post(server, room, 'once');
    await client.receives('new_message', ({ id }) => id === message.id);
    await fence(server, [client]);
    assert.equal(client.log.filter(({ name }) => name === 'new_message').length, 1);
    assert.deepEqual(ann.take(), []);
  });
});

describe('recovery, other settings and clients', () => {
  for (const setting of ['--recovery.for=none', '--recovery.enabled=false']) {
    describe(setting, () => {
      const off = useServer({ args: [setting] });
      scenario(off, 'there is no pid and no cursor, even for a client that sends a pid', async (open, server) => {
        const { auth } = fast.options;
        const ann = await open({ ...fast, options: { ...fast.options, auth: { ...auth, pid: `2.${'x'.repeat(32)}` } } });
        assert.equal(ann.socket._pid, undefined);
        let count;
        ann.socket.on('new_message', (...args) => (count = args.length));
        const room = unique('off');
        await ann.join(room, 'ann', 'cx-agent');
        await ann.say(room, 'hello');
        assert.equal(count, 1);
        await cut(ann);
        await back(ann, false);
        assert.equal(server.stderr.includes('setting_superseded'), setting === '--recovery.enabled=false');
      });
    });
  }

  describe('retention', () => {
    const short = useServer({ args: ['--recovery.retention', '1000'] });
    scenario(short, 'a session older than that has expired', async (open, server) => {
      const stored = () => storedSessions(server);
      const ann = await open(fast);
      await ann.join(unique('old'), 'ann', 'cx-agent');
      assert.equal(await stored(), 1);
      await cut(ann);
      for (let i = 0; i < 600 && (await stored()) > 0; i++) await pause(50);
      assert.equal(await stored(), 0);
      await back(ann, false);
    });
  });

  describe('without a subscription', () => {
    const empty = useServer();
    scenario(empty, 'a client that subscribed to nothing starts afresh, and leaves nothing behind', async (open, server) => {
      const ann = await open(fast);
      const { _pid: pid } = ann.socket;
      assert.match(pid, /^2\.[A-Za-z0-9_-]{32}$/);
      await cut(ann);
      await back(ann, false);
      assert.notEqual(ann.socket._pid, pid);
      await fence(server, [ann]);
      await cut(ann);
      await back(ann);
      assert.deepEqual(ann.take(), []);
      assert.equal(await storedSessions(server), 1); // it exists since the client subscribed
    });
  });

  describe('sessions.max', () => {
    const few = useServer({ args: ['--sessions.max=2'] });
    scenario(few, 'of three joined clients the one that dropped first starts afresh, and the others are not affected', async (open, server) => {
      const [first, second] = [await open(fast), await open(fast)];
      const join = (client) => client.join(unique('few'), 'ann', 'cx-agent');
      for (const client of [first, second]) await join(client);
      await cut(second);
      await joined(server, 1);
      await cut(first);
      await joined(server, 0);
      const third = await open(fast);
      await join(third);
      assert.equal(await storedSessions(server), 2);
      await back(second, false);
      await back(first);
      const fourth = await open(fast); // first and third are connected
      await join(fourth);
      await cut(fourth);
      await back(fourth, false);
      assert.equal(await storedSessions(server), 2);
    });
  });

  describe('python3-socketio', () => {
    const world = useServer();
    for (const [flavour, transport] of [['sync', ''], ['sync', 'websocket'], ['sync', 'polling'], ['async', ''], ['async', 'websocket']]) {
      test(`handlers with one argument work: ${flavour} ${transport}`, { timeout: 60_000 * patience }, async () => {
        const script = fileURLToPath(new URL('python_one_argument.py', import.meta.url));
        const child = spawn('/usr/bin/python3', [script, world.server.url, flavour, transport], { stdio: ['ignore', 'pipe', 'pipe'] });
        const lines = [];
        let errors = '';
        child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
        for await (const line of createInterface({ input: child.stdout })) lines.push(line);
        assert.equal(lines.at(-1), 'done', `${lines.join('\n')}\n${errors}`);
        assert.equal(errors, '');
      });
    }
  });
});
