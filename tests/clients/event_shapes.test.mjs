// A client that did not ask for cursors receives every event with one argument. Many handlers
// depend on that: RxJS turns several arguments into an array, others treat the last one as a
// callback, and python-socketio's take a fixed number.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { bufferCount, firstValueFrom, fromEvent, timeout } from 'rxjs';
import { answerMsMax, fence, kinds, recovering, rest, scenario, unique, useServer } from './support.mjs';

const events = [
  'conversation_created', 'conversation_participant_added', 'conversation_updated', 'user_joined', 'new_message',
  'user_typing', 'user_left', 'conversation_participant_removed',
];

/// Another client causes every kind of event, for a room and for the dashboard.
async function allEvents(open, server, room) {
  const bob = await open(kinds.v4WebSocket);
  await bob.join(room, 'bob', 'cx-agent');
  await bob.say(room, 'hello');
  await bob.do('typing_start', { conversationId: room, userId: 'bob', userName: 'Bob' });
  await bob.do('leave_room', { conversationId: room });
  await rest(server, 'POST', '/chat/conversations/start', { createdBy: 'bob', createdByRole: 'cx-agent' });
}

async function listens(client, room) {
  await client.join(room, 'ann', 'cx-agent');
  await client.do('join_dashboard', {});
}

async function storedSessions(server) {
  const { text } = await rest(server, 'GET', '/metrics');
  return Number(/^parley_sessions_stored (\d+)$/m.exec(text)?.[1]);
}

describe('clients that do not ask for cursors', () => {
  const world = useServer();

  for (const kind of Object.values(kinds)) {
    scenario(world, `${kind.name}: every event has one argument, also for handlers of (message, callback)`, async (open, server) => {
      const room = unique('shape');
      const ann = await open(kind);
      await listens(ann, room);
      const heard = new Map();
      for (const name of events) {
        ann.socket.on(name, (message, callback, ...more) => {
          if (callback !== undefined) callback('thank you'); // as the library's examples do
          heard.set(name, [message, ...more]);
        });
      }
      await allEvents(open, server, room);
      await fence(server, [ann]);
      assert.deepEqual([...heard.keys()].sort(), [...events].sort());
      for (const [name, args] of heard) assert.deepEqual([args.length, typeof args[0]], [1, 'object'], name);
    });
  }

  scenario(world, 'an RxJS stream of an event yields messages, not arrays', async (open, server) => {
    const room = unique('rx');
    const ann = await open(kinds.v4WebSocket);
    await listens(ann, room);
    const streams = events.map((name) =>
      firstValueFrom(fromEvent(ann.socket, name).pipe(timeout(answerMsMax))).then((message) => {
        assert.ok(!Array.isArray(message), name);
        return message;
      }),
    );
    const messages = firstValueFrom(fromEvent(ann.socket, 'new_message').pipe(bufferCount(2), timeout(answerMsMax)));
    await allEvents(open, server, room);
    await ann.say(room, 'hello too');
    for (const message of await Promise.all(streams)) assert.equal(typeof message, 'object');
    assert.deepEqual((await messages).map(({ content }) => content), ['hello', 'hello too']);
  });

  scenario(world, 'get no pid in CONNECT, and nothing is stored for them', async (open, server) => {
    const before = await storedSessions(server);
    const ann = await open(kinds.v4WebSocket);
    assert.equal(ann.socket._pid, undefined);
    await listens(ann, unique('unstored'));
    await fence(server, [ann]);
    assert.equal(ann.socket._lastOffset, undefined);
    ann.socket.io.engine.close();
    await ann.dropped();
    await ann.connected();
    assert.ok(!ann.socket.recovered);
    assert.equal(await storedSessions(server), before);
  });

  scenario(world, 'a malformed value of recovery, or other keys of `auth`, do not count as asking', async (open) => {
    const wishes = [{ recovery: 'true' }, { recovery: 1 }, { recovery: { recovery: true } }, { token: 'x' }, { pid: 'x' }, { pid: 7, offset: 8 }];
    for (const auth of wishes) {
      const ann = await open({ ...kinds.v4WebSocket, options: { ...kinds.v4WebSocket.options, auth } });
      assert.equal(ann.socket._pid, undefined, JSON.stringify(auth));
    }
  });
});

describe('clients that ask for cursors', () => {
  const world = useServer();
  const inUrl = { ...kinds.v4WebSocket, options: { ...kinds.v4WebSocket.options, query: { recovery: 1 } } };
  const asks = {
    'by auth': recovering(kinds.v4WebSocket),
    'by auth, over polling': recovering(kinds.v4Polling),
    'by auth, together with a token': recovering({ ...kinds.v4, options: { auth: { token: 'x' } } }),
    'by the URL': inUrl,
  };

  for (const [how, kind] of Object.entries(asks)) {
    scenario(world, `${how}: each durable event has its cursor, but not for a client in the room that did not ask`, async (open, server) => {
      const room = unique('asks');
      const [ann, plain] = [await open(kind), await open(kinds.v4WebSocket)];
      assert.match(ann.socket._pid, /^2\.[A-Za-z0-9_-]{32}$/);
      const heard = new Map();
      for (const name of events) ann.socket.on(name, (...args) => heard.set(name, args));
      for (const client of [ann, plain]) await listens(client, room);
      await allEvents(open, server, room);
      await fence(server, [ann]);
      assert.deepEqual([...heard.keys()].sort(), [...events].sort());
      for (const [name, [, ...more]] of heard) {
        if (name === 'user_typing') assert.deepEqual(more, []);
        else assert.match(more.join(' '), /^\d+(\.5)?:[A-Za-z0-9_-]{8}$/, name);
      }
      await fence(server, [plain]); // which received every event without a cursor
    });
  }

  scenario(world, 'an RxJS stream with a selector yields messages', async (open) => {
    const room = unique('rx');
    const ann = await open(recovering(kinds.v4WebSocket));
    await ann.join(room, 'ann', 'cx-agent');
    const picked = fromEvent(ann.socket, 'new_message', (message) => message).pipe(timeout(answerMsMax));
    const [heard] = await Promise.all([firstValueFrom(picked), ann.say(room, 'hello')]);
    assert.equal(heard.content, 'hello');
  });
});

describe('recovery.for=all', () => {
  const world = useServer({ args: ['--recovery.for=all'] });
  scenario(world, 'clients get a pid unless they decline', async (open) => {
    const given = async (options) => (await open({ ...kinds.v4WebSocket, options: { ...kinds.v4WebSocket.options, ...options } })).socket._pid;
    assert.match(await given({}), /^2\./);
    assert.equal(await given({ auth: { recovery: false } }), undefined);
    assert.equal(await given({ query: { recovery: 0 } }), undefined);
  });
});
