// A copy made by `.dump` of the sqlite3 shell, and the SQLite version that Parley's file needs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { rest } from '../support/rest.mjs';
import { readDocument } from '../support/documents.mjs';
import { repositoryRoot, startServer } from '../support/server.mjs';
import { parley, succeeds, temporaryFolder, waitMsMax } from './support.mjs';

const exitDamaged = 65;

describe('a dumped database', { timeout: 2 * waitMsMax }, () => {
  test('is refused with repair instructions, and they work: the same log, verified and served', async () => {
    const server = await startServer();
    const folder = path.join(await temporaryFolder(), "dumped, isn't it");
    await mkdir(folder);
    try {
      for (const content of ['a', "b'c", '\u{1F600}']) {
        const body = { conversationId: 'c', fromUserId: 'u', fromRole: 'cx-agent', content };
        assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
      }
      await server.stop();
      const sql = execFileSync('sqlite3', [path.join(server.dataDir, 'parley.db'), '.dump']);
      execFileSync('sqlite3', [path.join(folder, 'parley.db')], { input: sql });

      const ways = [];
      for (const command of ['verify', 'export', 'serve']) {
        const { code, stderr } = await parley(command, '--data', folder);
        assert.equal(code, exitDamaged, stderr);
        ways.push(/ mark it: (sqlite3 .*)\n/.exec(stderr)[1]);
      }
      assert.equal(new Set(ways).size, 1);
      execFileSync('sh', ['-c', ways[0]]);
      assert.equal(await succeeds('verify', '--data', folder), await succeeds('verify', '--data', server.dataDir));
      const copy = await startServer({ dataDir: folder });
      await copy.finish();
    } finally {
      await server.finish();
    }
  });

  test('a foreign database gets no repair instructions', async () => {
    const folder = await temporaryFolder();
    execFileSync('sqlite3', [path.join(folder, 'parley.db'), 'CREATE TABLE event (id INTEGER)']);
    const { code, stderr } = await parley('verify', '--data', folder);
    assert.equal(code, exitDamaged);
    assert.match(stderr, /another program/);
    assert.doesNotMatch(stderr, /application_id =/);
  });
});

// SQLite features needed to read the file, with their first version.
const features = [
  [/\)\s*STRICT\b/, 3037],
  [/->>/, 3038],
  [/\bunixepoch\s*\(/, 3038],
  [/\bIS\s+(NOT\s+)?DISTINCT\s+FROM\b/i, 3039],
  [/\b(RIGHT|FULL)\s+(OUTER\s+)?JOIN\b/i, 3039],
  [/\bunhex\s*\(/i, 3041],
  [/'subsec(ond)?'/i, 3042],
  [/\b(octet_length|timediff)\s*\(/i, 3043],
  [/\b(concat|concat_ws|string_agg)\s*\(/i, 3044],
  [/\bjsonb/i, 3045],
];

describe('the SQLite that reads the file', () => {
  test('README names the oldest version that supports the tables and views', async () => {
    const views = await readdir(path.join(repositoryRoot, 'schema/views'));
    const files = ['schema/schema.sql', ...views.map((name) => `schema/views/${name}`)];
    let sql = '';
    for (const file of files) sql += (await readFile(path.join(repositoryRoot, file), 'utf8')).replace(/--.*$/gm, '');
    const needed = Math.max(...features.filter(([pattern]) => pattern.test(sql)).map(([, version]) => version));
    const [, major, minor] = /SQLite (\d+)\.(\d+) or newer/.exec(await readDocument('README.md'));
    assert.equal(Number(major) * 1000 + Number(minor), needed);
  });
});
