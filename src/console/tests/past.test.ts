import assert from 'node:assert/strict';
import test from 'node:test';
import { ServerError } from '../src/net/server_error';
import type { Conversation, Message, UserRole } from '../src/net/types';
import { kTicksMax, Past, tickPath, type PastReads } from '../src/store/past';

const start = Date.UTC(2026, 10, 10, 14, 0, 0);
const timeOf = (position: number) => start + position * 1000;
const message = (position: number): Message => ({
  id: `m${position}`,
  conversationId: 'c',
  fromUserId: position % 2 ? 'lee' : 'anna',
  fromRole: position % 2 ? 'cx-customer' : 'cx-agent',
  content: `text ${position}`,
  type: 'text',
  timestamp: new Date(timeOf(position)).toISOString(),
  isVisible: true,
  seq: position,
  position,
});

/// A conversation with messages at the positions 1 to `written`.
function world(written: number) {
  const asked: string[] = [];
  const upTo = (last: number, { before = Infinity, limit }: { before?: number; limit: number }) => {
    const end = Math.min(last, before - 1);
    const first = Math.max(1, end - limit + 1);
    return Array.from({ length: Math.max(0, end - first + 1) }, (_, i) => message(first + i));
  };
  const conversation = {
    id: 'c',
    participantIds: ['lee'],
    participantRoles: ['cx-customer' as UserRole],
    createdAt: new Date(start).toISOString(),
    lastMessageAt: new Date(timeOf(written)).toISOString(),
  } as Conversation;
  const gates: (() => void)[] = [];
  const state = { isSlow: false, refusal: null as ServerError | null };
  const reads: PastReads = {
    conversation: async () => conversation,
    messages: async (query) => upTo(written, query),
    async conversationAsOf(asOf, viewer) {
      asked.push(`${asOf} ${viewer}`.trim());
      if (state.isSlow) await new Promise<void>((resolve) => gates.push(resolve));
      if (state.refusal) throw state.refusal;
      const position = /^\d+$/.test(asOf) ? Number(asOf) : Math.floor((Date.parse(asOf) - start) / 1000);
      const moment = { position, at: new Date(timeOf(position)).toISOString(), emptied: false };
      return {
        conversation: { ...conversation, typing: position === 3 ? [{ userId: 'anna', userName: 'Anna' }] : [], asOf: moment },
        asOf: moment,
      };
    },
    participantsAsOf: async () => [{ userId: 'anna', userRole: 'cx-agent', joinedAt: new Date(start).toISOString() }],
    messagesAsOf: async (asOf, _, query) => upTo(Number(asOf), query),
  };
  return { past: new Past('c', reads), asked, gates, state };
}

test('each message of the life has a tick, in order', async () => {
  const { past } = world(250);
  await past.open();
  assert.deepEqual(past.ticks.value.map(({ position }) => position), Array.from({ length: 250 }, (_, i) => i + 1));
  assert.equal(past.hasMoreTicks.value, false);
  assert.equal(past.begin.value, start);
  assert.equal(past.end.value, timeOf(250));
});

test('a long life has the ticks of its newest messages only', async () => {
  const { past } = world(kTicksMax + 500);
  await past.open();
  assert.equal(past.ticks.value.length, kTicksMax);
  assert.equal(past.ticks.value.at(-1)!.position, kTicksMax + 500);
  assert.equal(past.hasMoreTicks.value, true);
});

test('a time shows what had been written by then, at the position that it means', async () => {
  const { past, asked } = world(10);
  await past.open();
  await past.look({ at: timeOf(3) + 500 }, 'lee');
  assert.deepEqual(asked, [`${new Date(timeOf(3) + 500).toISOString()} lee`]);
  const seen = past.seen.value!;
  assert.equal(seen.position, 3);
  assert.equal(seen.at, timeOf(3));
  assert.deepEqual(seen.room.window.messages.value.map(({ position }) => position), [1, 2, 3]);
  assert.deepEqual([...seen.room.typing.value.keys()], ['anna']);
});

test('a moment that was overtaken is not shown', async () => {
  const { past, gates, state } = world(10);
  await past.open();
  state.isSlow = true;
  const first = past.look({ position: 2 }, '');
  const second = past.look({ position: 8 }, '');
  gates[1]!();
  await second;
  gates[0]!();
  await first;
  assert.equal(past.seen.value!.position, 8);
});

test('a moment that may not be seen says why, and the next one is shown', async () => {
  const { past, state } = world(10);
  await past.open();
  state.refusal = new ServerError('conversation_not_found', 'no such conversation');
  await past.look({ position: 2 }, 'mallory');
  assert.equal((past.state.value as ServerError).code, 'conversation_not_found');
  assert.equal(past.seen.value, null);
  state.refusal = null;
  await past.look({ position: 2 }, 'lee');
  assert.equal(past.state.value, 'ready');
});

test('steps go from message to message', async () => {
  const { past } = world(4);
  await past.open();
  assert.equal(past.step({ at: timeOf(2) }, 1)!.position, 3);
  assert.equal(past.step({ at: timeOf(2) }, -1)!.position, 1);
  assert.equal(past.step({ at: timeOf(4) }, 1), undefined);
  assert.equal(past.step({ at: timeOf(1) }, -1), undefined);
  assert.equal(past.writtenBy({ at: timeOf(2) + 1 }), 2);
  // Where messages came in one millisecond, the position tells them apart.
  assert.equal(past.step({ at: timeOf(9), position: 2 }, 1)!.position, 3);
  assert.equal(past.step({ at: timeOf(9), position: 2 }, -1)!.position, 1);
  assert.equal(past.writtenBy({ at: timeOf(9), position: 2 }), 2);
});

test('ticks at one place are drawn once; a life of one moment can be drawn', () => {
  const tick = (at: number, isCustomers: boolean) => ({ at, position: 1, isCustomers });
  assert.equal(tickPath([tick(0, true), tick(0, true), tick(50, false)], 0, 100), 'M0 1V11M500 13V23');
  assert.equal(tickPath([tick(5, true)], 5, 5), 'M0 1V11');
});
