// The list of conversations: pages and live events come in any order, and the rows are right.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Conversation, Participant } from '../src/net/types';
import { ConversationList, participantChanged, updated, type ListEvent } from '../src/store/list';

const minute = (n: number) => new Date(Date.UTC(2026, 10, 12, 14, n)).toISOString();

function conversation(id: string, more: Partial<Conversation> = {}): Conversation {
  return {
    id,
    participantIds: [`customer-${id}`],
    participantRoles: ['cx-customer'],
    messageCount: 1,
    lastMessageAt: minute(0),
    isActive: true,
    createdAt: minute(0),
    updatedAt: minute(0),
    waitingSince: null,
    agentIds: [],
    ...more,
  };
}

const waits = (id: string, position: number, since: number | null, messageCount = 2): ListEvent => ({
  id,
  position,
  change: updated({ messageCount, waitingSince: since === null ? null : minute(since) }),
});
const anna = { userId: 'anna', userRole: 'cx-agent', joinedAt: minute(1) } as Participant;
const comes = (id: string, position: number): ListEvent => ({ id, position, change: participantChanged(anna, true) });
const goes = (id: string, position: number): ListEvent => ({ id, position, change: participantChanged(anna, false) });
const starts = (id: string, position: number): ListEvent => ({ id, position, change: (row) => row ?? conversation(id) });

test('an event that the page already knows changes nothing', () => {
  const list = new ConversationList();
  list.replace([conversation('a', { messageCount: 5, waitingSince: null })], 40);
  list.apply(waits('a', 40, 3));
  list.apply(waits('a', 12, 3));
  assert.equal(list.get('a')!.messageCount, 5);
  assert.equal(list.get('a')!.waitingSince, null);
  list.apply(waits('a', 41, 3, 6));
  assert.equal(list.get('a')!.messageCount, 6);
});

test('an event that arrives while the list is read is not lost with the rows of before', async () => {
  const list = new ConversationList();
  list.replace([conversation('a')], 40);
  await list.during(async () => {
    list.apply(waits('a', 42, 3, 7)); // after what the page knows
    list.apply(comes('a', 41));
    list.replace([conversation('a', { messageCount: 6, participantIds: ['customer-a', 'anna'], participantRoles: ['cx-customer', 'cx-agent'] })], 41);
  });
  assert.equal(list.get('a')!.messageCount, 7);
  assert.equal(list.get('a')!.waitingSince, minute(3));
  assert.deepEqual(list.get('a')!.participantIds, ['customer-a', 'anna'], 'who came once is there once');
});

test('a conversation that starts while the list is read is in it, and once', async () => {
  const list = new ConversationList();
  await list.during(async () => {
    list.apply(starts('known', 41));
    list.apply(starts('new', 43));
    list.apply(waits('new', 44, 2, 1));
    list.replace([conversation('known')], 42);
  });
  assert.deepEqual([...list.order.value].sort(), ['known', 'new']);
  assert.equal(list.get('new')!.waitingSince, minute(2));
});

test('a conversation that started before the page, and is not on it, is not put on it', async () => {
  const list = new ConversationList();
  await list.during(async () => {
    list.apply(starts('beyond', 30));
    list.replace([conversation('a')], 42);
  });
  assert.deepEqual(list.order.value, ['a']);
});

test('a page that comes late does not undo a newer one', async () => {
  const list = new ConversationList();
  list.replace([conversation('a', { messageCount: 9 })], 50);
  list.refresh([conversation('a', { messageCount: 4 })], 45);
  assert.equal(list.get('a')!.messageCount, 9);
  list.refresh([conversation('a', { messageCount: 12 })], 60);
  assert.equal(list.get('a')!.messageCount, 12);
});

test('each row is as old as the page that brought it', async () => {
  const list = new ConversationList();
  list.replace([conversation('a')], 40);
  await list.during(async () => {
    list.apply(waits('b', 45, 3)); // not in the list yet
    list.append([conversation('b', { messageCount: 1 })], 44);
  });
  assert.equal(list.get('b')!.waitingSince, minute(3));
  list.apply(goes('b', 44));
  list.apply(waits('a', 41, 4));
  assert.equal(list.get('a')!.waitingSince, minute(4));
});

test('a server that tells no positions is believed at once', () => {
  const list = new ConversationList();
  list.replace([conversation('a')], 40);
  list.apply(waits('a', NaN, 3, 2));
  assert.equal(list.get('a')!.messageCount, 2);
  list.refresh([conversation('a', { messageCount: 3 })], NaN);
  assert.equal(list.get('a')!.messageCount, 3);
  list.refresh([conversation('a', { messageCount: 4 })], NaN);
  assert.equal(list.get('a')!.messageCount, 4);
});

test('what does not match the filter does not come in', () => {
  const list = new ConversationList();
  list.filter.value = 'order-';
  list.replace([conversation('order-1')], 40);
  list.apply(starts('parcel', 41));
  list.flush();
  assert.deepEqual(list.order.value, ['order-1']);
  assert.equal(list.changes.value, 0);
  list.apply(starts('order-2', 42));
  list.flush();
  assert.deepEqual([...list.order.value].sort(), ['order-1', 'order-2']);
});
