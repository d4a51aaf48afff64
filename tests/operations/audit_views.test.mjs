// The views of audit.db: docs/sql.md describes every column of them, every example runs and finds
// something, and reads what its plan in audit_view_plans.txt says. After a change of a view or an
// example:
//
//   PARLEY_WRITE_PLANS=1 node --test tests/operations/audit_views.test.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readDocument } from '../support/documents.mjs';
import { repositoryRoot } from '../support/server.mjs';
import { succeeds } from './support.mjs';

const sampleDay = path.join(repositoryRoot, 'tests/golden/schema_0010.db');
const plansFile = path.join(repositoryRoot, 'tests/operations/audit_view_plans.txt');
const blocksOf = (text) => [...text.matchAll(/```sql\n(.*?)\n```/gs)].map(([, block]) => block);

let folder;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parley-audit-views-'));
  await cp(sampleDay, path.join(folder, 'parley.db'));
  await succeeds('rebuild', '--data', folder); // to today's schema
  await succeeds('rebuild', '--audit', '--data', folder);
});
after(() => rm(folder, { recursive: true, force: true }));

function shell(...args) {
  return execFileSync('sqlite3', ['-readonly', 'parley.db', '-cmd', "ATTACH 'audit.db' AS audit", ...args], {
    encoding: 'utf8', cwd: folder,
  });
}
const rows = (sql) => JSON.parse(shell('-json', sql) || '[]');
const plan = (sql) => shell(`EXPLAIN QUERY PLAN ${sql}`);
const views = () => rows("SELECT name FROM audit.sqlite_schema WHERE type = 'view' ORDER BY name").map(({ name }) => name);
const columnsOf = (view) => rows(`SELECT name FROM pragma_table_info('${view}', 'audit')`).map(({ name }) => name);

describe('the views of audit.db', () => {
  test('every view is documented column by column, in its order', async () => {
    const document = await readDocument('docs/sql.md');
    assert.deepEqual(views(), ['v1_activity', 'v1_answer', 'v1_follower', 'v1_quarter_hour', 'v1_reply', 'v1_stay', 'v1_user_event']);
    for (const view of views()) {
      const section = document.split(`\n### ${view}\n`)[1]?.split('\n#')[0];
      assert.ok(section, `${view} is not documented`);
      assert.deepEqual([...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name), columnsOf(view), view);
      assert.ok(blocksOf(section).length > 0, `${view} has no example`);
    }
  });

  test('every example runs and finds something, and reads what its plan says', async () => {
    const examples = blocksOf(await readDocument('docs/sql.md')).filter((sql) => sql.includes('audit.'));
    assert.ok(examples.length >= 6, `${examples.length} examples`);
    let plans = '';
    for (const sql of examples) {
      assert.ok(rows(sql).length > 0, `nothing found: ${sql}`);
      plans += `${sql}\n${plan(sql).replace(/^QUERY PLAN\n/, '').replace(/^/gm, '    ').trimEnd()}\n\n`;
    }
    if (process.env.PARLEY_WRITE_PLANS) await writeFile(plansFile, plans);
    assert.equal(plans, await readFile(plansFile, 'utf8'));
  });

  test('conditions that the page speaks of use an index', () => {
    const conditions = {
      v1_stay: ["conversation_id = 'c'", "user_id = 'u'"],
      v1_user_event: ["user_id = 'u'", "user_id = 'u' AND position BETWEEN 5 AND 9"],
      v1_activity: ["day >= '2026-11-01' AND day < '2026-11-08'"],
      v1_answer: ['position BETWEEN 5 AND 9'],
      v1_reply: ["conversation_id = 'c'", 'from_position BETWEEN 5 AND 9'],
    };
    for (const [view, all] of Object.entries(conditions)) {
      for (const condition of all) {
        const told = plan(`SELECT * FROM audit.${view} WHERE ${condition}`);
        assert.doesNotMatch(told, /SCAN (?!f\b)/, `${view} ${condition}:\n${told}`);
      }
    }
  });

  test('times agree: `at` and `at_ms` of every view are the same moment', () => {
    let compared = 0;
    for (const view of views()) {
      const columns = columnsOf(view);
      for (const column of columns.filter((name) => columns.includes(`${name}_ms`))) {
        for (const row of rows(`SELECT ${column} AS at, ${column}_ms AS ms FROM audit.${view}`)) {
          assert.equal(row.at === null ? null : Date.parse(row.at), row.ms, `${view}.${column}`);
          compared++;
        }
      }
    }
    assert.ok(compared > 300);
  });

  test('the file says which event of the log it holds', () => {
    const [found] = rows(`SELECT f.position = l.head AS all_of_it, f.head_hash = l.hash AS same
      FROM audit.v1_follower AS f, v1_log AS l`);
    assert.deepEqual(found, { all_of_it: 1, same: 1 });
  });
});
