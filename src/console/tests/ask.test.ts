import assert from 'node:assert/strict';
import test from 'node:test';
import { Ask, askedFor, cellText, filledSql } from '../src/store/ask';
import { ServerError } from '../src/net/server_error';
import type { SqlAnswer, SqlQuestion } from '../src/net/types';

const answer = (n: number): SqlAnswer => ({ rows: [{ n }], truncated: false, tookMs: 1 });

/// A server whose answers the test gives one by one.
function world() {
  const asked: { sql: string; ended: AbortSignal; give(a: SqlAnswer | Error): void }[] = [];
  const state = { catalogs: 0, now: 0 };
  const ask = new Ask({
    run: (sql, ended) =>
      new Promise((resolve, reject) =>
        asked.push({ sql, ended, give: (a) => (a instanceof Error ? reject(a) : resolve(a)) }),
      ),
    csv: async (sql) => `csv of ${sql}`,
    catalog: async () => {
      state.catalogs += 1;
      return { questions: [], views: [] };
    },
    now: () => state.now,
    wait: async () => {},
  });
  return { ask, asked, state };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('a statement runs, and its answer stays while the next one runs', async () => {
  const { ask, asked } = world();
  void ask.run('SELECT 1');
  assert.equal(ask.state.value, 'running');
  asked[0]!.give(answer(1));
  await settled();
  assert.equal(ask.state.value, 'ready');
  void ask.run('SELECT 2');
  assert.deepEqual(ask.answer.value, answer(1));
  asked[1]!.give(answer(2));
  await settled();
  assert.deepEqual(ask.answer.value, answer(2));
});

test('nothing is asked without words', async () => {
  const { ask, asked } = world();
  await ask.run('  \n');
  assert.equal(asked.length, 0);
});

test('cancelling ends the request, and a late answer is not shown', async () => {
  const { ask, asked } = world();
  void ask.run('SELECT 1');
  ask.cancel();
  assert.equal(asked[0]!.ended.aborted, true);
  assert.equal(ask.state.value, 'cancelled');
  asked[0]!.give(answer(1));
  await settled();
  assert.equal(ask.answer.value, null);
  assert.equal(ask.state.value, 'cancelled');
  ask.cancel();
  assert.equal(ask.state.value, 'cancelled');
});

test('a statement does not run beside another', async () => {
  const { ask, asked } = world();
  void ask.run('SELECT 1');
  void ask.run('SELECT 2');
  assert.deepEqual(asked.map(({ sql }) => sql), ['SELECT 1']);
});

test('the place of what was cancelled is waited for, but not for long', async () => {
  const { ask, asked, state } = world();
  const busy = () => new ServerError('busy', 'the last statement still runs');
  void ask.run('SELECT 1');
  ask.cancel();
  void ask.run('SELECT 2');
  asked[1]!.give(busy());
  await settled();
  asked[2]!.give(answer(2));
  await settled();
  assert.deepEqual(ask.answer.value, answer(2));
  state.now = 60_000;
  void ask.run('SELECT 3');
  asked[3]!.give(busy());
  await settled();
  assert.equal((ask.state.value as ServerError).code, 'busy');
});

test('a refusal says why', async () => {
  const { ask, asked } = world();
  void ask.run('SELEKT');
  asked[0]!.give(new ServerError('invalid_value', 'near "SELEKT": syntax error'));
  await settled();
  assert.equal((ask.state.value as ServerError).code, 'invalid_value');
});

test('CSV is of the answer, not of what has been written since', async () => {
  const { ask, asked } = world();
  assert.equal(await ask.csv(), null);
  void ask.run('SELECT 1');
  asked[0]!.give(answer(1));
  await settled();
  ask.text.value = 'SELECT 2';
  assert.equal(await ask.csv(), 'csv of SELECT 1');
});

test('another asker starts anew', async () => {
  const { ask, asked, state } = world();
  await ask.open('anna');
  await ask.open('anna');
  assert.equal(state.catalogs, 1);
  void ask.run('SELECT 1');
  asked[0]!.give(answer(1));
  await settled();
  await ask.open('bob');
  assert.equal(ask.answer.value, null);
  assert.equal(state.catalogs, 2);
});

const question: SqlQuestion = {
  name: 'seen',
  title: 'What a user could see at a moment.',
  text: '',
  options: [{ name: 'user', required: true }, { name: 'at', required: false }, { name: 'limit', required: false, default: '20' }],
  columns: [],
  needsAudit: true,
  sql: "SELECT 'a:user' FROM v1_stay WHERE user_id = :user AND p <= :at_position AND t < :to_ms AND x = :other LIMIT :limit\n",
  parameters: ['user', 'at_position', 'to_ms', 'limit'],
};

test('a question is filled in with what is given, as text that stays text', () => {
  const head = '(SELECT head FROM v1_log)';
  const ms = `(SELECT at_ms FROM v1_event WHERE position = ${head})`;
  assert.equal(
    filledSql({ ...question, sql: question.sql!.replace("'a:user'", '1') }, { user: "o'neil" }),
    `SELECT 1 FROM v1_stay WHERE user_id = 'o''neil' AND p <= ${head} AND t < ${ms} AND x = :other LIMIT 20`,
  );
  const sql = 'SELECT :at_position, :limit, :user';
  assert.equal(filledSql({ ...question, sql }, { at: '2026-11-12T14:03Z', limit: '5' }), "SELECT position_at('2026-11-12T14:03Z'), 5, 'USER'");
  assert.equal(filledSql({ ...question, sql }, { limit: '1; DROP' }).includes('DROP'), false);
});

test('a question asks for what its SQL uses', () => {
  assert.deepEqual(askedFor(question).map(({ name }) => name), ['user', 'at', 'limit']);
  assert.deepEqual(askedFor({ ...question, parameters: ['to_position'] }), []);
});

test('cells are text', () => {
  assert.deepEqual([null, undefined, 1, 'a', true, { a: 1 }].map(cellText), ['', '', '1', 'a', 'true', '{"a":1}']);
});
