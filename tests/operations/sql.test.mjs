// The public views: docs/sql.md describes every column of them, every example of it runs and finds
// something, and reads what its plan in sql_plans.txt says. After a change of a view or an example:
//
//   PARLEY_WRITE_PLANS=1 node --test tests/operations/sql.test.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readDocument } from '../support/documents.mjs';
import { repositoryRoot } from '../support/server.mjs';
import { succeeds } from './support.mjs';

const plansFile = path.join(repositoryRoot, 'tests/operations/sql_plans.txt');
const blocksOf = (text, language) => [...text.matchAll(new RegExp('```' + language + '\n(.*?)\n```', 'gs'))].map(([, block]) => block);

let folder;
let database;

/// A sample day with every type of event of its time, which the examples name people and hours of.
const sampleDay = path.join(repositoryRoot, 'tests/golden/schema_0010.db');

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parley-sql-'));
  database = path.join(folder, 'parley.db');
  await cp(sampleDay, database);
  await succeeds('rebuild', '--data', folder); // to today's schema
  await succeeds('audit', 'follower', '--data', folder); // makes audit.db
});
after(() => rm(folder, { recursive: true, force: true }));

const shell = (args, options = {}) => execFileSync('sqlite3', args, { encoding: 'utf8', cwd: folder, ...options });
const attached = ['-cmd', "ATTACH 'audit.db' AS audit"];
const rows = (sql) => JSON.parse(shell(['-readonly', '-json', database, ...attached, sql]) || '[]');
const plan = (sql) => shell(['-readonly', database, ...attached, `EXPLAIN QUERY PLAN ${sql}`]);
const viewsOf = (name) => rows(`SELECT name FROM ${name}.sqlite_schema WHERE type = 'view' ORDER BY name`).map((row) => row.name);

describe('SQL', () => {
  test('every view is documented column by column, in its order', async () => {
    const document = await readDocument('docs/sql.md');
    const views = [...viewsOf('main'), ...viewsOf('audit')];
    assert.ok(views.length >= 16, `${views.length} views`);
    for (const view of views) {
      const section = document.split(`\n### ${view}\n`)[1]?.split('\n#')[0];
      assert.ok(section, `${view} is not documented`);
      const documented = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
      const columns = rows(`SELECT name FROM pragma_table_info('${view}')`).map(({ name }) => name);
      assert.deepEqual(documented, columns, view);
      assert.ok(blocksOf(section, 'sql').length > 0, `${view} has no example`);
    }
  });

  test('every example runs and finds something, and reads what its plan says', async () => {
    const examples = blocksOf(await readDocument('docs/sql.md'), 'sql');
    assert.ok(examples.length > 10, `${examples.length} examples`);
    let plans = '';
    for (const sql of examples) {
      const found = rows(sql);
      if (sql.includes('previous_hash <>')) assert.deepEqual(found, [], sql);
      else assert.ok(found.length > 0, `nothing found: ${sql}`);
      plans += `${sql}\n${plan(sql).replace(/^QUERY PLAN\n/, '').replace(/^/gm, '    ').trimEnd()}\n\n`;
    }
    if (process.env.PARLEY_WRITE_PLANS) await writeFile(plansFile, plans);
    assert.equal(plans, await readFile(plansFile, 'utf8'));
  });

  test('every shell line of the page works in the data folder', async () => {
    const lines = blocksOf(await readDocument('docs/sql.md'), 'sh').flatMap((block) => block.split('\n'));
    assert.ok(lines.length >= 2);
    for (const line of lines) assert.notEqual(execFileSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8' }), '', line);
  });

  test('a condition on position or conversation uses an index in every view', () => {
    const conditions = {
      position: ['v1_event', 'v1_message', 'v1_typing', 'v1_retention'],
      conversation_id: ['v1_event', 'v1_message', 'v1_typing', 'v1_participant', 'v1_response_time'],
      user_id: ['v1_participant'],
      id: ['v1_conversation'],
      number: ['v1_conversation'],
    };
    const checked = new Set(Object.values(conditions).flat());
    for (const [column, views] of Object.entries(conditions)) {
      for (const view of views) {
        for (const condition of [`${column} = 'x'`, ...(column === 'position' ? ['position BETWEEN 5 AND 9'] : [])]) {
          const told = plan(`SELECT * FROM ${view} WHERE ${condition}`);
          assert.doesNotMatch(told, /SCAN (e|c|p|k|u|s)\b/, `${view} ${condition}:\n${told}`);
        }
      }
    }
    const others = viewsOf('main').filter((name) => !checked.has(name));
    assert.deepEqual(others, ['v1_hour', 'v1_log', 'v1_share'], 'these are small');
  });

  test('a list of conversations reads the log only for their titles', () => {
    const columns = rows("SELECT name FROM pragma_table_info('v1_conversation')").map(({ name }) => name);
    const light = columns.filter((name) => !['title', 'description'].includes(name)).join(', ');
    assert.doesNotMatch(plan(`SELECT ${light} FROM v1_conversation ORDER BY number DESC LIMIT 50`), /event|\bs\b/);
    assert.match(plan('SELECT title FROM v1_conversation LIMIT 50'), /SEARCH s USING INDEX event_conversation_seq/);
    assert.doesNotMatch(plan('SELECT * FROM v1_log'), /SCAN event|SCAN h\b/);
  });

  test('v1_log says what the log holds', () => {
    const [log] = rows('SELECT * FROM v1_log');
    const [events] = rows('SELECT count(*) AS events, min(at) AS first_at, max(at) AS last_at FROM v1_event');
    assert.equal(log.events, events.events);
    assert.equal(log.head, events.events);
    assert.equal(log.first_at, events.first_at);
    assert.equal(log.last_at, events.last_at);
    assert.equal(log.hash, rows(`SELECT hash FROM v1_event WHERE position = ${log.head}`)[0].hash);
    assert.equal(log.conversations, rows('SELECT count(*) AS n FROM v1_conversation')[0].n);
    const actors = rows("SELECT count(DISTINCT actor) AS n FROM v1_event WHERE type <> 'retention_applied'");
    assert.equal(log.users, actors[0].n);
  });

  test('an empty log has one row in v1_log, and none elsewhere', async () => {
    const empty = path.join(folder, 'empty.db');
    await cp(database, empty); // views of audit.db stay out of it
    const sql = `DROP TRIGGER event_never_deleted; DELETE FROM event; DELETE FROM hour; DELETE FROM message_overlay; DELETE FROM conversation;
      DROP TRIGGER user_key_never_deleted; DELETE FROM user_key; DROP TRIGGER conversation_key_never_deleted; DELETE FROM conversation_key;`;
    shell([empty, sql]);
    const [log] = JSON.parse(shell(['-json', empty, 'SELECT * FROM v1_log']));
    assert.deepEqual(log, {
      head: 0, hash: '0'.repeat(64), events: 0, conversations: 0, users: 0,
      first_at: null, first_at_ms: null, last_at: null, last_at_ms: null,
    });
  });

  test('times agree: `at` and `at_ms` of every view are the same moment', () => {
    for (const view of [...viewsOf('main'), ...viewsOf('audit')]) {
      const columns = rows(`SELECT name FROM pragma_table_info('${view}')`).map(({ name }) => name);
      for (const column of columns.filter((name) => columns.includes(`${name}_ms`) && name !== 'retention')) {
        for (const row of rows(`SELECT ${column} AS at, ${column}_ms AS ms FROM ${view} LIMIT 500`)) {
          assert.equal(row.at === null ? null : Date.parse(row.at), row.ms, `${view}.${column}`);
        }
      }
    }
  });

  test('first responses and waits are those that a walk through the messages finds', () => {
    const events = rows('SELECT position, conversation_id, type, at_ms, actor, role, message_type, is_visible FROM v1_event ORDER BY position');
    const found = new Map();
    const customers = new Map();
    for (const event of events) {
      const here = customers.get(event.conversation_id) ?? customers.set(event.conversation_id, new Set()).get(event.conversation_id);
      const had = here.size > 0;
      if (event.type === 'participant_left') here.delete(event.actor);
      if (event.type === 'participant_joined') here[event.role === 'cx-customer' ? 'add' : 'delete'](event.actor);
      const one = found.get(event.conversation_id) ?? found.set(event.conversation_id, {}).get(event.conversation_id);
      if (had && here.size === 0) delete one.waiting;
      const staff = ['cx-agent', 'cx-supervisor'].includes(event.role);
      if (event.type === 'message_sent' && event.role === 'cx-customer') {
        one.asked ??= event;
        one.waiting ??= event;
      } else if (event.type === 'message_shared' || (event.type === 'message_sent' && staff && event.message_type === 'text' && event.is_visible)) {
        if (one.asked) one.answered ??= event;
        delete one.waiting;
      }
    }
    const asked = [...found].filter(([, one]) => one.asked);
    assert.ok(asked.length > 5);
    const expected = Object.fromEntries(asked.map(([id, { asked, answered }]) => [id, {
      asked_position: asked.position, answered_position: answered?.position ?? null, answered_by: answered?.actor ?? null,
      answered_role: answered?.role ?? null, ms: answered ? answered.at_ms - asked.at_ms : null,
      shared: answered ? Number(answered.type === 'message_shared') : null,
    }]));
    const told = rows('SELECT conversation_id, asked_position, answered_position, answered_by, answered_role, ms, shared FROM v1_response_time');
    assert.deepEqual(Object.fromEntries(told.map(({ conversation_id: id, ...rest }) => [id, rest])), expected);
    const waiting = rows('SELECT id, waiting_since_ms FROM v1_conversation WHERE waiting_since IS NOT NULL');
    assert.deepEqual(
      Object.fromEntries(waiting.map((row) => [row.id, row.waiting_since_ms])),
      Object.fromEntries([...found].filter(([, one]) => one.waiting).map(([id, one]) => [id, one.waiting.at_ms])),
    );
  });

  test('typing, shares and retention are what their events say', () => {
    const typing = rows('SELECT * FROM v1_typing');
    const [starts] = rows("SELECT count(*) AS n FROM v1_event WHERE type = 'typing_started'");
    assert.equal(typing.length, starts.n);
    for (const one of typing) {
      if (one.stopped_position === null) continue;
      const [stop] = rows(`SELECT type, actor, conversation_id, cause, at_ms FROM v1_event WHERE position = ${one.stopped_position}`);
      assert.deepEqual([stop.type, stop.actor, stop.conversation_id], ['typing_stopped', one.user_id, one.conversation_id]);
      assert.equal(one.ended_by, stop.cause ?? 'stop');
      assert.equal(one.ms, stop.at_ms - one.at_ms);
    }
    const shares = rows('SELECT position, original_position, from_user_id, at_ms FROM v1_message WHERE original_message_id IS NOT NULL');
    assert.ok(shares.length > 0);
    for (const share of shares) {
      const [original] = rows(`SELECT shared_position, shared_by, shared_at_ms FROM v1_message WHERE position = ${share.original_position}`);
      assert.deepEqual(original, { shared_position: share.position, shared_by: share.from_user_id, shared_at_ms: share.at_ms });
    }
    const [emptied] = rows('SELECT (SELECT sum(emptied) FROM v1_retention) AS told, (SELECT sum(emptied) FROM v1_event) AS found');
    assert.equal(emptied.told, emptied.found);
  });

  test('the Python of docs/format/event-log.md recomputes the chain from v1_event, and finds a change', async () => {
    const [program] = blocksOf(await readDocument('docs/format/event-log.md'), 'python');
    const check = path.join(folder, 'check.py');
    await writeFile(check, program);
    const [log] = rows('SELECT head, hash FROM v1_log');
    assert.equal(execFileSync('python3', [check, database], { encoding: 'utf8' }), `${log.head} ${log.hash}\n`);
    assert.match(await succeeds('verify', '--data', folder), new RegExp(`position ${log.head}, hash ${log.hash}`));
    const changed = path.join(folder, 'changed.db');
    await cp(database, changed);
    shell([changed, "DROP TRIGGER event_never_updated; UPDATE event SET content = content || '!' WHERE position = (SELECT max(position) FROM v1_message)"]);
    assert.throws(() => execFileSync('python3', [check, changed], { stdio: 'pipe' }), /was changed/);
  });
});
