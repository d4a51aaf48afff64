import assert from 'node:assert/strict';
import test from 'node:test';
import { EventDetail } from '../src/store/event_detail';
import { kEventsMax, logFilterOf, LogView, matches, type LogFilter, type LogQuery } from '../src/store/log';
import { placeOf, summaryOf } from '../src/store/log_text';
import { ServerError } from '../src/net/server_error';
import type { CheckedEvent, LogEvent, LogPage } from '../src/net/types';

const start = Date.UTC(2026, 10, 10, 14, 0, 0);
const event = (position: number): LogEvent => ({
  position,
  conversationId: position % 10 ? 'busy' : 'rare',
  seq: position,
  id: '0197d7e1-ffd0-763b-ac3c-91cac8890593',
  type: 'message_sent',
  version: 1,
  at: new Date(start + position * 1000).toISOString(),
  hash: 'ab',
});

/// A log of `length` events, read as docs/operations/console-api.md says.
function world(length: number, { lookedAtMost = Infinity } = {}) {
  const queries: LogQuery[] = [];
  let tail: ((events: LogEvent[]) => void) | null = null;
  let skip: ((to: number) => void) | null = null;
  const state = { length, followedFrom: 0, refusal: null as ServerError | null, gate: null as Promise<void> | null };
  const boundOf = (bound: number | string, round: (n: number) => number) =>
    typeof bound === 'number' ? bound : round((Date.parse(bound) - start) / 1000);
  const read = async (filter: LogFilter, query: LogQuery): Promise<LogPage> => {
    queries.push(query);
    if (state.gate) await state.gate;
    if (state.refusal) throw state.refusal;
    const isForward = query.after !== undefined;
    const step = isForward ? 1 : -1;
    const events: LogEvent[] = [];
    let at = isForward ? boundOf(query.after!, Math.floor) + 1 : Math.min(boundOf(query.before ?? Infinity, Math.ceil), state.length + 1) - 1;
    let looked = 0;
    for (; at >= 1 && at <= state.length && events.length < query.limit && looked < lookedAtMost; at += step, ++looked) {
      const one = event(at);
      if (!filter.conversation || filter.conversation === one.conversationId) events.push(one);
    }
    const isAtEnd = at < 1 || at > state.length;
    const next = isAtEnd ? null : isForward ? { after: at - 1 } : { before: at + 1 };
    return { events, next, head: state.length };
  };
  const log = new LogView({
    read,
    follow(_, position, arrived, skipped) {
      state.followedFrom = position;
      tail = arrived;
      skip = skipped;
      return () => (tail = null);
    },
  });
  const append = (n: number) => {
    const news = Array.from({ length: n }, (_, i) => event(state.length + i + 1));
    state.length += n;
    tail?.(news);
  };
  const range = () => [log.events.value[0]?.position, log.events.value.at(-1)?.position, log.events.value.length];
  return { log, queries, state, append, range, skip: (to: number) => skip!(to), isFollowed: () => tail !== null };
}

test('the latest events are shown in the order of the log, and what comes follows them', async () => {
  const { log, state, append, range } = world(450);
  await log.open({}, 'latest');
  assert.deepEqual(range(), [251, 450, 200]);
  assert.equal(log.isLive.value, true);
  assert.equal(state.followedFrom, 450);
  append(3);
  assert.deepEqual(range(), [251, 453, 203]);
});

test('what comes while the view is paused is counted; going on shows it', async () => {
  const { log, append, range } = world(450);
  await log.open({}, 'latest');
  log.pause();
  append(14);
  assert.deepEqual(range(), [251, 450, 200], 'a paused view does not move');
  assert.equal(log.newer.value, 14);
  assert.equal(log.hasNewer, true);
  await log.resume();
  assert.equal(log.newer.value, 0);
  assert.equal(range()[1], 464);
  assert.equal(log.isLive.value, true);
});

test('a view that was paused and missed nothing goes on without reading', async () => {
  const { log, queries } = world(10);
  await log.open({}, 'latest');
  log.pause();
  await log.resume();
  assert.equal(queries.length, 1);
  assert.equal(log.isLive.value, true);
});

test('a paused view reads on towards the end, each event once', async () => {
  const { log, append, range } = world(450);
  await log.open({}, 'latest');
  log.pause();
  append(5);
  await log.newerPage();
  assert.deepEqual(range(), [251, 455, 205]);
  assert.equal(log.newer.value, 0);
  assert.equal(log.hasNewer, false);
});

test('older pages lead to the first event', async () => {
  const { log, range } = world(450);
  await log.open({}, 'latest');
  await log.older();
  await log.older();
  assert.deepEqual(range(), [1, 450, 450]);
  assert.equal(log.hasOlder, false);
  await log.open({}, 'first');
  assert.deepEqual(range(), [1, 200, 200]);
  assert.equal(log.hasOlder, false);
  assert.equal(log.hasNewer, true);
});

test('a jump shows what is around a position, or a time', async () => {
  const { log, range } = world(1000);
  await log.open({}, { position: 500 });
  assert.deepEqual(range(), [300, 699, 400]);
  assert.equal(log.isLive.value, false);
  await log.open({}, { at: start + 700_000 });
  assert.deepEqual(range(), [500, 899, 400]);
});

test('the window keeps a bounded number of events, and knows what it dropped', async () => {
  const { log, append, range } = world(450);
  await log.open({}, 'latest');
  for (let i = 0; i < 10; ++i) append(500);
  assert.deepEqual(range(), [5450 - kEventsMax + 1, 5450, kEventsMax]);
  assert.equal(log.hasOlder, true);
  await log.older();
  assert.equal(log.events.value.length, kEventsMax);
  assert.equal(log.isLive.value, false, 'the newest were dropped');
  assert.equal(log.hasNewer, true);
});

test('a filter that finds nothing for long reads on, and then says where', async () => {
  const { log, queries, range } = world(1000, { lookedAtMost: 5 });
  await log.open({ conversation: 'rare' }, { position: 999 });
  assert.equal(range()[0], 990);
  queries.length = 0;
  await log.open({ conversation: 'nowhere' }, 'latest');
  assert.equal(queries.length, 20);
  assert.equal(log.events.value.length, 0);
  assert.equal(log.hasOlder, true);
});

test('an answer that was overtaken is dropped, and only one view is followed', async () => {
  const { log, state, range, isFollowed } = world(1000);
  let open = () => {};
  state.gate = new Promise((resolve) => (open = resolve));
  const first = log.open({}, { position: 100 });
  state.gate = null;
  await log.open({}, 'latest');
  open();
  await first;
  assert.equal(range()[1], 1000);
  log.close();
  assert.equal(isFollowed(), false);
});

test('a refusal is shown, and the next try succeeds', async () => {
  const { log, state } = world(10);
  state.refusal = new ServerError('forbidden', 'not for you');
  await log.open({}, 'latest');
  assert.equal((log.state.value as ServerError).code, 'forbidden');
  state.refusal = null;
  await log.open({}, 'latest');
  assert.equal(log.state.value, 'ready');
});

test('a tail that could not keep up says where it went on', async () => {
  const { log, skip } = world(10);
  await log.open({}, 'latest');
  skip(5000);
  assert.equal(log.skippedTo.value, 5000);
  await log.open({}, 'latest');
  assert.equal(log.skippedTo.value, null);
});

test('an event’s detail is the newest that was asked for', async () => {
  const gives: ((checked: CheckedEvent) => void)[] = [];
  const detail = new EventDetail(() => new Promise((resolve) => gives.push(resolve)));
  const [first, second] = [detail.show(1), detail.show(2)];
  gives[1]!({ hash: 'two' } as CheckedEvent);
  gives[0]!({ hash: 'one' } as CheckedEvent);
  await Promise.all([first, second]);
  assert.equal(detail.checked.value!.hash, 'two');
  await detail.show(undefined);
  assert.equal(detail.checked.value, null);
});

test('positions and times are understood as people type them', () => {
  const now = new Date(2026, 10, 12, 15, 0, 0).getTime();
  const at = (...parts: [number, number, number, number, number]) => ({ at: new Date(...parts, 0).getTime() });
  assert.deepEqual(placeOf('42,416', now), { position: 42416 });
  assert.deepEqual(placeOf('0', now), { position: 1 });
  assert.deepEqual(placeOf('14:03', now), at(2026, 10, 12, 14, 3));
  assert.deepEqual(placeOf('16:00', now), at(2026, 10, 11, 16, 0), 'a time to come was yesterday’s');
  assert.deepEqual(placeOf('-2h', now), { at: now - 7_200_000 });
  assert.deepEqual(placeOf('2026-11-10', now), at(2026, 10, 10, 0, 0));
  assert.deepEqual(placeOf('2026-11-10 14:03', now), at(2026, 10, 10, 14, 3));
  assert.deepEqual(placeOf('2026-11-10T14:03:00Z', now), { at: Date.UTC(2026, 10, 10, 14, 3) });
  for (const wrong of ['', 'yesterday', '14', '1e3', '2026-99-99', '-2w', '99999999999999999999']) {
    const place = placeOf(wrong, now);
    assert.deepEqual(place, wrong === '14' ? { position: 14 } : null, wrong);
  }
});

test('a row has the first characters of what was written, whole ones', () => {
  const with_ = (more: Partial<LogEvent>) => summaryOf({ ...event(1), ...more });
  assert.equal(with_({ content: 'Hello' }), 'Hello');
  assert.equal(with_({ content: 'x'.repeat(81) }), `${'x'.repeat(80)}…`);
  assert.equal(with_({ content: '😀'.repeat(200_000) }), `${'😀'.repeat(80)}…`);
  assert.equal(with_({ data: {} }), '');
  assert.equal(with_({ data: { userName: 'Anna' } }), '{"userName":"Anna"}');
  assert.equal(with_({ dataText: '{broken' }), '{broken');
});

test('a filter is what the address says', () => {
  assert.deepEqual(logFilterOf({ type: 'message_sent', user: '', other: 'x' }), { type: 'message_sent' });
});

test('an event matches a filter as the server says', () => {
  const one = { ...event(1), actor: 'anna' };
  assert.equal(matches({}, one), true);
  assert.equal(matches({ type: 'message_shared,message_sent', conversation: 'busy', user: 'anna' }, one), true);
  for (const filter of [{ type: 'message' }, { conversation: 'rare' }, { user: 'bob' }]) assert.equal(matches(filter, one), false);
});
