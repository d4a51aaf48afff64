import assert from 'node:assert/strict';
import test from 'node:test';
import { kUnconfirmedMs, Outbox, type Outgoing } from '../src/store/outbox';
import { ServerError } from '../src/net/server_error';
import type { Message } from '../src/net/types';

const stored = (outgoing: Outgoing, seq: number): Message => ({
  id: `m${seq}`,
  conversationId: outgoing.conversationId,
  fromUserId: 'anna',
  fromRole: 'cx-agent',
  content: outgoing.content,
  type: 'text',
  timestamp: '2026-11-10T14:00:00.000Z',
  isVisible: !outgoing.isNote,
  seq,
  position: seq,
  clientMessageId: outgoing.clientMessageId,
});

/// A server that can be away, refuse, or lose its answers.
function world() {
  const log: Outgoing[] = [];
  const tries: Outgoing[] = [];
  const state = { online: true, now: 0, ids: 0, answers: [] as (ServerError | 'stored' | 'stored, answer lost')[] };
  const outbox = new Outbox({
    async send(outgoing) {
      tries.push(outgoing);
      const answer = state.answers.shift() ?? 'stored';
      if (answer instanceof ServerError) throw answer;
      const at = log.findIndex(({ clientMessageId }) => clientMessageId === outgoing.clientMessageId);
      if (at < 0) log.push(outgoing);
      if (answer === 'stored, answer lost') {
        state.online = false;
        throw ServerError.offline();
      }
      return stored(outgoing, at < 0 ? log.length : at + 1);
    },
    isOnline: () => state.online,
    now: () => state.now,
    newId: () => `id-${++state.ids}`,
    wait: async () => {},
    stored: () => {},
  });
  const add = (content: string, more = {}) => outbox.add({ conversationId: 'c', content, isNote: false, ...more });
  const states = () => outbox.messages.value.map(({ state: is }) => is);
  return { log, tries, state, outbox, add, states };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test('what is written offline is sent once, in order, when the connection is back', async () => {
  const { log, state, outbox, add, states } = world();
  state.online = false;
  for (const text of ['1', '2', '3', '4', '5']) add(text);
  await settled();
  assert.deepEqual(states(), Array(5).fill('queued'));
  state.online = true;
  await outbox.work();
  assert.deepEqual(log.map(({ content }) => content), ['1', '2', '3', '4', '5']);
  assert.deepEqual(states(), []);
});

test('a lost answer is asked for again under the same id', async () => {
  const { log, tries, state, outbox, add } = world();
  state.answers = ['stored, answer lost'];
  add('hello');
  await settled();
  assert.equal(outbox.messages.value.length, 1);
  state.online = true;
  await outbox.work();
  assert.equal(log.length, 1);
  assert.deepEqual(new Set(tries.map(({ clientMessageId }) => clientMessageId)).size, 1);
  assert.equal(outbox.messages.value.length, 0);
});

test('a message that arrives as an event needs no answer', async () => {
  const { state, outbox, add } = world();
  state.online = false;
  add('hello');
  const [own] = outbox.messages.value;
  outbox.noteStored(stored(own!, 7));
  assert.equal(outbox.messages.value.length, 0);
});

test('a conflict shows what was missed and holds back what was written after it', async () => {
  const { log, state, outbox, add, states } = world();
  const missed = [{ id: 'm9', content: 'Wait!' }];
  state.answers = [new ServerError('conflict', 'moved on', { missed })];
  add('first', { seenSeq: 3 });
  add('second', { seenSeq: 3 });
  await settled();
  assert.deepEqual(states(), ['conflict', 'queued']);
  assert.deepEqual(outbox.messages.value[0]!.missed, missed);
  outbox.retry('id-1', { anyway: true });
  await settled();
  assert.deepEqual(log.map(({ content, seenSeq }) => [content, seenSeq]), [['first', undefined], ['second', 3]]);
});

test('an own message counts as seen', async () => {
  const { tries, add } = world();
  add('first', { seenSeq: 0 });
  add('second', { seenSeq: 0 });
  await settled();
  assert.deepEqual(tries.map(({ seenSeq }) => seenSeq), [0, 1]);
});

test('a refusal stops one message, not those after it; it can be tried again or deleted', async () => {
  const { log, state, outbox, add, states } = world();
  state.answers = [new ServerError('too_long', 'too long'), 'stored'];
  add('first');
  add('second');
  await settled();
  assert.deepEqual(states(), ['failed']);
  assert.deepEqual(log.map(({ content }) => content), ['second']);
  outbox.retry('id-1');
  await settled();
  assert.deepEqual(log.map(({ content }) => content), ['second', 'first']);
});

test('a busy server is asked again', async () => {
  const { log, tries, state, add } = world();
  state.answers = [new ServerError('busy', 'busy'), new ServerError('rate_limited', 'slow down', { retryAfterMs: 5 })];
  add('hello');
  await settled();
  assert.equal(tries.length, 3);
  assert.equal(log.length, 1);
});

test('what has no answer for long is marked, and still sent', async () => {
  const { log, state, outbox, add, states } = world();
  state.online = false;
  add('hello');
  state.now = kUnconfirmedMs;
  outbox.noteTime();
  assert.deepEqual(states(), ['unconfirmed']);
  state.online = true;
  await outbox.work();
  assert.equal(log.length, 1);
});
