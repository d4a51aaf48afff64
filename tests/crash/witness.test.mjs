// Tests of the ring's own checks, on a known log: they find what they should find.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Witness } from './witness.mjs';

const room = 'r';
const message = (position, content = `m${position}`) => ({
  id: `id-${position}`, conversationId: room, fromUserId: 'a', content, position, isVisible: true, timestamp: `t${position}`,
});
const stored = [message(3), message(5), message(6)];
const participant = { userId: 'a', userRole: 'cx-agent', joinedAt: 't' };

const book = {
  position: 6,
  messages: new Map(stored.map((one) => [one.id, one])),
  rooms: new Map([[room, { startedAt: 't', messages: stored }]]),
  count: (type) => (type === 'participant_left' ? 1 : 0),
  hasJoin: (_, { userId }) => userId === 'a',
  seenBy: (_viewer, _room, after) => stored.filter(({ position }) => position > after),
  nextSeenBy: (_viewer, _room, after) => stored.find(({ position }) => position > after),
};

/// A witness for a person who joined at position 2 and then received `entries`.
function told(...entries) {
  const reply = { success: true, participant, position: 2 };
  const log = [
    { name: 'connect', body: { recovered: false } },
    { name: 'ack:join_room', body: { conversationId: room, reply } },
    ...entries,
  ];
  const witness = new Witness({ id: 'a', subscribes: true, take: () => log.splice(0) }, book);
  return { witness, check: () => witness.check() };
}

const heard = (...positions) => positions.map((position) => ({ name: 'new_message', body: message(position) }));
const left = { name: 'user_left', body: { conversationId: room, userId: 'b' } };

test('events in the log, once and in order, are fine', () => {
  const { witness, check } = told(...heard(3, 5, 6), left);
  check();
  witness.checkNothingMissing();
  assert.deepEqual([witness.acknowledged, witness.broadcast, witness.lost, witness.doubled], [1, 4, 0, 0]);
});

test('a message that is not in the log is lost', () => {
  const { witness, check } = told(...heard(3, 4));
  assert.throws(check, /not so in the log/);
  assert.equal(witness.lost, 1);
});

test('a message with another content is found', () => {
  assert.throws(told({ name: 'new_message', body: message(3, 'other') }).check, /not so in the log/);
});

test('a message left out is lost', () => {
  const { witness, check } = told(...heard(3, 6));
  assert.throws(check, /next message after position 3/);
  assert.equal(witness.lost, 1);
});

test('a message received twice is doubled', () => {
  const { witness, check } = told(...heard(3, 5, 5));
  assert.throws(check, /next message after position 5/);
  assert.equal(witness.doubled, 1);
});

test('a message missing at the end is lost', () => {
  const { witness, check } = told(...heard(3));
  check();
  assert.throws(() => witness.checkNothingMissing(), /lost the last messages/);
  assert.equal(witness.lost, 2);
});

test("a dashboard count that skips a message is lost, one that repeats it is doubled", () => {
  const counted = (messageCount) => ({
    name: 'conversation_updated',
    body: { conversationId: room, changes: { messageCount, lastMessageAt: stored[messageCount - 1].timestamp } },
  });
  told(counted(1), counted(2), counted(3)).check();
  const skipped = told(counted(1), counted(3));
  assert.throws(skipped.check, /after message 1/);
  assert.equal(skipped.witness.lost, 1);
  const repeated = told(counted(2), counted(2));
  assert.throws(repeated.check, /after message 2/);
  assert.equal(repeated.witness.doubled, 1);
});

test('an acknowledged join, leave or typing that is not in the log is lost', () => {
  const stranger = { ...participant, userId: 'z' };
  const reply = { success: true };
  for (const lie of [
    { name: 'user_joined', body: { conversationId: room, participant: stranger } },
    { name: 'ack:typing_start', body: { conversationId: room, reply } },
  ]) {
    const { witness, check } = told(lie);
    assert.throws(check, /in the log/);
    assert.equal(witness.lost, 1);
  }
  assert.throws(told(left, left).check, /told 2 times, 1 times in the log/);
});

test('a subscription ends with a connection that was not recovered, and continues with one that was', () => {
  const drop = { name: 'drop', body: { unanswered: [] } };
  const back = (recovered) => ({ name: 'connect', body: { pid: 'p', recovered } });
  assert.throws(told(...heard(3), drop, back(false), ...heard(6)).check, /a room it is not in/);
  const begun = { name: 'connect', body: { pid: 'p', recovered: false } };
  told(begun, ...heard(3), drop, back(true), ...heard(5, 6)).check();
  assert.throws(told(begun, ...heard(3), drop, back(true), ...heard(6)).check, /after position 3/);
  assert.throws(told(begun, ...heard(3), drop, back(false)).check, /was not recovered/);
});
