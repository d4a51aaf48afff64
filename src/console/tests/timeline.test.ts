import assert from 'node:assert/strict';
import test from 'node:test';
import { linesOf } from '../src/store/timeline';
import { noticesOf, type Notice } from '../src/store/notices';
import { kMessagesMax, merged, MessageWindow } from '../src/store/messages';
import { compare, ConversationList, rowOf, updated } from '../src/store/list';
import { hiddenWords, labelOf } from '../src/store/labels';
import type { Conversation, LogEvent, Message } from '../src/net/types';

const message = (position: number, more: Partial<Message> = {}): Message => ({
  id: `m${position}`,
  conversationId: 'c',
  fromUserId: 'lee',
  fromRole: 'cx-customer',
  content: `text ${position}`,
  type: 'text',
  timestamp: new Date(Date.UTC(2026, 10, 10, 12, 0, position)).toISOString(),
  isVisible: true,
  seq: position,
  position,
  ...more,
});

const kinds = (lines: ReturnType<typeof linesOf>) => lines.map(({ kind }) => kind);

test('messages of one author within five minutes are a group', () => {
  const later = new Date(Date.UTC(2026, 10, 10, 12, 6)).toISOString();
  const lines = linesOf(
    [message(1), message(2), message(3, { fromUserId: 'anna', fromRole: 'cx-agent' }), message(4, { fromUserId: 'anna', fromRole: 'cx-agent', isVisible: false }), message(5, { timestamp: later })],
    [],
  );
  assert.deepEqual(kinds(lines), ['day', 'message', 'message', 'message', 'message', 'message']);
  assert.deepEqual(lines.flatMap((line) => (line.kind === 'message' ? [line.leads] : [])), [true, false, true, true, true]);
});

test('the divider stands before the first new message, and a group begins behind it', () => {
  const lines = linesOf([message(1), message(2)], [], { newFrom: 2 });
  assert.deepEqual(kinds(lines), ['day', 'message', 'new', 'message']);
  assert.equal((lines[3] as { leads: boolean }).leads, true);
});

test('joins and leaves in a row are one line, at their time', () => {
  const at = (second: number) => Date.UTC(2026, 10, 10, 12, 0, second);
  const notices: Notice[] = [
    { userId: 'lee', what: 'joined', at: at(0) },
    { userId: 'anna', what: 'joined', at: at(0) },
    { userId: 'lee', what: 'left', at: at(9) },
  ];
  const lines = linesOf([message(1), message(2)], notices);
  assert.deepEqual(kinds(lines), ['day', 'notices', 'message', 'message', 'notices']);
  assert.equal((lines[1] as { notices: Notice[] }).notices.length, 2);
});

test('joins and leaves of one millisecond stand where the log has them', () => {
  const at = message(1).timestamp;
  const event = (position: number, type: string, actor = 'anna'): LogEvent => ({ position, type, actor, at }) as LogEvent;
  const comings = [event(6, 'participant_left'), event(4, 'participant_left'), event(5, 'participant_joined'), event(2, 'participant_joined')];
  const notices = noticesOf(comings, [
    { userId: 'anna', userRole: 'cx-agent', joinedAt: at },
    { userId: 'lee', userRole: 'cx-customer', joinedAt: at },
  ]);
  const lines = linesOf([message(1), message(3, { timestamp: at }), message(7, { timestamp: at })], notices);
  const words = lines.map((line) => (line.kind === 'notices' ? line.notices.map(({ userId, what }) => `${userId} ${what}`).join() : line.kind));
  assert.deepEqual(words, ['day', 'lee joined', 'message', 'anna joined', 'message', 'anna left,anna joined,anna left', 'message']);
});

test('merging keeps each message once and in order, whatever comes first', () => {
  const positions = (all: Message[]) => all.map(({ position }) => position);
  assert.deepEqual(positions(merged([message(2), message(4)], [message(3), message(4), message(5)])), [2, 3, 4, 5]);
  assert.deepEqual(positions(merged([message(5)], [message(3), message(4)])), [3, 4, 5]);
  assert.deepEqual(positions(merged([], [message(2), message(2)])), [2]);
});

test('the window keeps a bounded number of messages and knows what it dropped', () => {
  const window = new MessageWindow();
  window.reset([message(10_000)], { hasOlder: true, hasNewer: false });
  for (let i = 1; i <= kMessagesMax; ++i) window.arrived([message(10_000 + i)]);
  assert.equal(window.messages.value.length, kMessagesMax);
  assert.equal(window.messages.value[0]!.position, 10_001);
  window.addOlder(Array.from({ length: 100 }, (_, i) => message(9_901 + i)));
  assert.equal(window.messages.value.length, kMessagesMax);
  assert.equal(window.hasNewer.value, true);
  window.arrived([message(99_999)]);
  assert.equal(window.arrivedAway.value, 1);
  assert.equal(window.messages.value.at(-1)!.position < 99_999, true);
});

test('a message has one label, although a robot’s answer is also hidden', () => {
  const robot = message(1, { fromRole: 'robot', type: 'robot', isVisible: false });
  assert.equal(labelOf(robot).words, 'Robot, not shown to the customer');
  assert.equal(labelOf(robot, true).words, 'Robot, shared with the customer');
  const staff = { fromRole: 'cx-agent' as const };
  const copy = { ...staff, type: 'robot' as const };
  assert.equal(labelOf(message(1, { ...copy, originalMessageId: 'm0' })).words, 'Robot’s answer, shared with the customer');
  assert.equal(labelOf(message(1, copy)).words, 'Robot’s answer, shared with the customer');
  assert.equal(labelOf(message(1, { ...staff, isVisible: false })).words, 'Internal note');
  assert.equal(labelOf(message(1, { ...staff, toRole: 'cx-supervisor' })).words, 'To supervisor only');
  assert.equal(labelOf(message(1)).words, '');
  assert.equal(hiddenWords(robot, 'cx-customer'), 'hidden from customer: robot');
});

const row = (id: string, waitingSince: string | null, lastMessageAt: string): Conversation => ({
  id,
  participantIds: [],
  participantRoles: [],
  messageCount: 1,
  lastMessageAt,
  isActive: true,
  createdAt: lastMessageAt,
  updatedAt: lastMessageAt,
  waitingSince,
  agentIds: [],
});

test('a window that begins in the middle has no line that stays the first one', () => {
  const window = [message(1), message(2), message(3)];
  const keys = (messages: typeof window) => linesOf(messages, [], { isPartial: true }).map(({ key }) => key);
  assert.deepEqual(keys(window).slice(1), keys(window.slice(1)), 'what is dropped at the front is dropped from the lines');
  assert.equal(linesOf(window, [])[0]!.kind, 'day');
});

test('the longest wait is first; those that do not wait follow, the newest first', () => {
  const rows = [row('a', null, '2026-11-10T12:00:00Z'), row('b', '2026-11-10T11:00:00Z', '2026-11-10T11:00:00Z'), row('c', '2026-11-10T10:00:00Z', '2026-11-10T11:30:00Z'), row('d', null, '2026-11-10T13:00:00Z')];
  assert.deepEqual(rows.map((one) => rowOf(one, 0)).sort((a, b) => compare('waiting', a, b)).map(({ id }) => id), ['c', 'b', 'd', 'a']);
});

test('rows do not change places while the list is held', () => {
  const list = new ConversationList();
  list.replace([row('a', '2026-11-10T10:00:00Z', '2026-11-10T10:00:00Z'), row('b', '2026-11-10T11:00:00Z', '2026-11-10T11:00:00Z')], 0);
  list.held.value = true;
  list.apply({ id: 'a', position: 1, change: updated({ waitingSince: null }) });
  list.refresh([row('c', '2026-11-10T09:00:00Z', '2026-11-10T09:00:00Z')], 1);
  list.flush();
  assert.deepEqual(list.order.value, ['a', 'b']);
  assert.equal(list.get('a')!.waitingSince, null, 'the row itself is new');
  assert.equal(list.changes.value, 2);
  list.settle();
  assert.deepEqual(list.order.value, ['c', 'b', 'a']);
  assert.equal(list.changes.value, 0);
});

test('rows change places at once where nobody holds the list', () => {
  const list = new ConversationList();
  list.replace([row('a', '2026-11-10T10:00:00Z', '2026-11-10T10:00:00Z'), row('b', '2026-11-10T11:00:00Z', '2026-11-10T11:00:00Z')], 0);
  list.apply({ id: 'a', position: 1, change: updated({ waitingSince: null }) });
  list.flush();
  assert.deepEqual(list.order.value, ['b', 'a']);
});
