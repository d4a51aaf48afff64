import assert from 'node:assert/strict';
import test from 'node:test';
import { ServerError } from '../src/net/server_error';
import type { SearchAnswer, SearchHit } from '../src/net/types';
import { piecesOf } from '../src/store/marks';
import { foundWords, Search, searchQueryOf, type SearchQuery } from '../src/store/search';

const hit = (position: number): SearchHit => ({
  id: `m${position}`,
  conversationId: 'c',
  fromUserId: 'lee',
  fromRole: 'cx-customer',
  type: 'text',
  timestamp: '2026-11-10T14:00:00.000Z',
  isVisible: true,
  seq: position,
  position,
  snippet: 'text',
});
const answer = (positions: number[], more: Partial<SearchAnswer> = {}): SearchAnswer => ({
  hits: positions.map(hit),
  truncated: false,
  upTo: 99,
  audit: { lag: 0 },
  ...more,
});

/// A server whose answers the test gives one by one.
function world() {
  const asked: { query: SearchQuery; before?: number; ended: AbortSignal; give(a: SearchAnswer | Error): void }[] = [];
  const search = new Search((query, before, ended) =>
    new Promise((resolve, reject) =>
      asked.push({ query, before, ended, give: (a) => (a instanceof Error ? reject(a) : resolve(a)) }),
    ),
  );
  return { search, asked, positions: () => search.hits.value.map(({ position }) => position) };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('a search is asked once, also when its screen is shown again; another asker asks anew', async () => {
  const { search, asked } = world();
  void search.run({ q: 'parcel' }, 'anna');
  void search.run({ q: 'parcel' }, 'anna');
  assert.equal(asked.length, 1);
  void search.run({ q: 'parcel' }, 'bob');
  assert.equal(asked.length, 2);
  void search.run({ q: 'parcel', author: 'lee' }, 'bob');
  assert.equal(asked.length, 3);
});

test('without words nothing is asked', async () => {
  const { search, asked } = world();
  void search.run({ author: 'lee' }, 'anna');
  assert.equal(asked.length, 0);
  assert.equal(search.state.value, 'idle');
});

test('an answer that was overtaken is dropped, and its request ended', async () => {
  const { search, asked, positions } = world();
  void search.run({ q: 'one' }, 'anna');
  void search.run({ q: 'two' }, 'anna');
  assert.equal(asked[0]!.ended.aborted, true);
  asked[1]!.give(answer([5]));
  asked[0]!.give(answer([9]));
  await settled();
  assert.deepEqual(positions(), [5]);
});

test('the next page is asked for before the last hit, once', async () => {
  const { search, asked, positions } = world();
  void search.run({ q: 'one' }, 'anna');
  asked[0]!.give(answer([9, 7], { truncated: true }));
  await settled();
  void search.more();
  void search.more();
  assert.equal(asked.length, 2);
  assert.equal(asked[1]!.before, 7);
  asked[1]!.give(answer([3]));
  await settled();
  assert.deepEqual(positions(), [9, 7, 3]);
  void search.more();
  assert.equal(asked.length, 2, 'there is no more');
});

test('a refusal can be tried again', async () => {
  const { search, asked, positions } = world();
  void search.run({ q: 'one' }, 'anna');
  asked[0]!.give(new ServerError('busy', 'the index is built anew'));
  await settled();
  assert.equal((search.state.value as ServerError).code, 'busy');
  void search.again();
  asked[1]!.give(answer([1]));
  await settled();
  assert.equal(search.state.value, 'ready');
  assert.deepEqual(positions(), [1]);
});

test('what an address does not give is absent', () => {
  assert.deepEqual(searchQueryOf({ q: ' parcel ', author: '', other: 'x' }), { q: 'parcel' });
});

test('what was found is said in words', () => {
  assert.equal(foundWords(0, answer([])), 'No message matches.');
  assert.equal(foundWords(1, answer([1], { total: 1 })), '1 message');
  assert.equal(foundWords(50, answer([], { truncated: true, total: 230 })), '50 of 230 messages');
  assert.equal(foundWords(50, answer([], { truncated: true })), 'The newest 50 messages; there are more');
});

const found = (text: string, query: string) => piecesOf(text, query).map((piece) => (piece.isFound ? `[${piece.text}]` : piece.text)).join('');

test('words are marked as whole words, in any case and without accents', () => {
  assert.equal(found('The Parcel, the parcels', 'parcel'), 'The [Parcel], the parcels');
  assert.equal(found('The Parcel, the parcels', 'parc*'), 'The [Parc]el, the [parc]els');
  assert.equal(found('Zwei Übergaben', 'ubergaben'), 'Zwei [Übergaben]');
  assert.equal(found('Zaginęła zakrętka', 'ZAGINĘŁA'), '[Zaginęła] zakrętka');
});

test('phrases are marked as a whole; what is not wanted is not marked', () => {
  assert.equal(found('my order is late, order it', '"order is" -late'), 'my [order is] late, order it');
  assert.equal(found('a "quoted" word', '"'), 'a "quoted" word');
});

test('any part of a run of Chinese is marked', () => {
  assert.equal(found('我的包裹在哪里', '包裹'), '我的[包裹]在哪里');
  assert.equal(found('ฉันต้องการคืนเงินค่าสินค้า', 'คืนเงิน'), 'ฉันต้องการ[คืนเงิน]ค่าสินค้า');
  assert.equal(found('great🙂 day', 'great'), '[great]🙂 day');
});

test('the pieces are always the whole text', () => {
  for (const text of ['', '😀😀 ok', 'ﬁne ﬁ', 'İstanbul', 'e\u0301te\u0301']) {
    for (const query of ['ok', 'fine', 'i*', 'ete', '']) {
      assert.equal(piecesOf(text, query).map((piece) => piece.text).join(''), text);
    }
  }
});
