import assert from 'node:assert/strict';
import test from 'node:test';
import { ServerError } from '../src/net/server_error';
import type { ConsoleStatus } from '../src/net/types';
import { bytes, chainWords, roomWords, StatusView } from '../src/store/status';

const now = Date.UTC(2026, 10, 10, 14, 3, 0);
const ago = (ms: number) => new Date(now - ms).toISOString();
const status = (more: Partial<ConsoleStatus> = {}) =>
  ({
    position: 42_416,
    verified: null,
    verifying: null,
    checkedAtStart: { position: 42_000, events: 1_000, structure: true, end: true },
    cluster: null,
    diskFreeBytes: 10_000_000_000,
    growthBytesPerDay: 0,
    ...more,
  }) as ConsoleStatus;

test('the chain is good, broken, being checked, or not checked, in words', () => {
  const words = (more: Partial<ConsoleStatus>) => chainWords(status(more), now);
  assert.deepEqual(words({ verified: { position: 42_416, at: ago(180_000), ok: true } }), {
    is: 'good',
    words: 'Chain good to 42,416 · checked 3 min ago',
  });
  assert.equal(words({ verified: { position: 1, at: ago(-500), ok: true } }).words, 'Chain good to 1 · checked now');
  const broken = words({ verified: { position: 42, at: ago(0), ok: false, brokenAt: 43, problem: 'its hash is ab' } });
  assert.deepEqual(broken, { is: 'bad', words: 'Chain broken at event 43 · checked now · its hash is ab' });
  assert.deepEqual(words({ verifying: { position: 1_000, head: 42_416, startedAt: ago(0) } }), {
    is: 'running',
    words: 'Checking the chain: event 1,000 of 42,416',
  });
  assert.equal(words({ verifyFailed: { code: 'internal', message: 'no memory', at: ago(0) } }).is, 'bad');
  assert.equal(words({}).words, 'Chain good at the start: the last 1,000 events up to 42,000');
  const all = { position: 12, events: 12, structure: true, end: true };
  assert.equal(words({ checkedAtStart: all }).words, 'Chain good at the start: all 12 events up to 12');
  assert.equal(words({ checkedAtStart: { ...all, position: 0, events: 0 } }).is, 'unknown');
});

test('the room that is left is told in days', () => {
  assert.equal(roomWords(status()), null);
  assert.equal(roomWords(status({ growthBytesPerDay: 100_000_000 })), 'room for 100 days');
  assert.equal(roomWords(status({ growthBytesPerDay: 20_000_000_000 })), 'room for 12 h 0 min');
  assert.equal(roomWords(status({ growthBytesPerDay: 1 })), 'room for more than ten years');
});

test('sizes have three digits at most', () => {
  assert.deepEqual([999, 1_000, 12_400_000, 999_600_000, 5e15].map(bytes), ['999 B', '1.0 kB', '12 MB', '1.0 GB', '5000 TB']);
});

/// A server whose status the test sets, and a clock that it moves.
function world() {
  const state = { reads: 0, status: status(), refusal: null as ServerError | null, verifications: 0 };
  const waiting: { run: () => void; ms: number }[] = [];
  const view = new StatusView({
    async read() {
      state.reads += 1;
      if (state.refusal) throw state.refusal;
      return state.status;
    },
    async verify() {
      state.verifications += 1;
      state.status = status({ verifying: { position: 0, head: 42_416, startedAt: ago(0) } });
    },
    later(run, ms) {
      const entry = { run, ms };
      waiting.push(entry);
      return () => void (waiting.includes(entry) && waiting.splice(waiting.indexOf(entry), 1));
    },
  });
  return { state, view, waiting };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('the status is read anew while somebody looks, once for all of them, and then no more', async () => {
  const { state, view, waiting } = world();
  const ends = [view.watch(), view.watch()];
  await settled();
  assert.equal(state.reads, 1);
  assert.deepEqual(waiting.map(({ ms }) => ms), [10_000]);
  waiting[0]!.run();
  await settled();
  assert.equal(state.reads, 2);
  assert.equal(waiting.length, 1);
  ends.forEach((end) => end());
  assert.equal(waiting.length, 0);
});

test('a verification is followed closely until it ends', async () => {
  const { state, view, waiting } = world();
  view.watch();
  await settled();
  await view.verify();
  assert.equal(state.verifications, 1);
  assert.deepEqual(waiting.map(({ ms }) => ms), [500]);
  state.status = status({ verified: { position: 42_416, at: ago(0), ok: true } });
  waiting[0]!.run();
  await settled();
  assert.deepEqual(waiting.map(({ ms }) => ms), [10_000]);
});

test('a failure is shown and the old status stays; the next read mends it', async () => {
  const { state, view, waiting } = world();
  view.watch();
  await settled();
  state.refusal = ServerError.offline();
  waiting[0]!.run();
  await settled();
  assert.equal(view.error.value!.code, 'offline');
  assert.notEqual(view.status.value, null);
  state.refusal = null;
  waiting[0]!.run();
  await settled();
  assert.equal(view.error.value, null);
});
