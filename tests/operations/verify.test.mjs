// `parley verify` while a server runs: it may take long, but it must not hold back the WAL.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, open, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { startServer } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { figuresIn, parley, refuses, succeeds, temporaryFolder, waitMsMax } from './support.mjs';

const structureBytesMax = 32 * 1024 * 1024; // kStructureCheckedAtStartBytesMax
const left = /^structure NOT checked: a server owns the folder[^]*Stop the server[^]*parley backup/m;

async function write(server, megabytes) {
  for (let i = 0; i < megabytes * 2; i++) {
    const body = { conversationId: 'big', fromUserId: 'u', fromRole: 'cx-agent', content: 'x'.repeat(500_000) };
    assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
  }
}

describe('verify while a server runs', { timeout: 2 * waitMsMax }, () => {
  test('a small file is checked whole; the structure of a large one is skipped, and verify says so', async () => {
    const server = await startServer();
    const database = path.join(server.dataDir, 'parley.db');
    try {
      await write(server, 1);
      const small = await succeeds('verify', '--data', server.dataDir);
      assert.match(small, /^good up to position \d+, hash [0-9a-f]{64}\n$/);

      await write(server, 36);
      assert.ok((await stat(database)).size > structureBytesMax);
      const large = await succeeds('verify', '--data', server.dataDir);
      assert.match(large, left);
      assert.match(large, /\ngood up to position \d+, hash [0-9a-f]{64}\n$/);

      // The way to check it that verify suggests works.
      const folder = await temporaryFolder();
      figuresIn(await succeeds('backup', path.join(folder, 'copy.db'), '--data', server.dataDir));
      await server.stop();
      assert.match(await succeeds('verify', '--data', server.dataDir), /^good up to position \d+/);
    } finally {
      await server.finish();
    }
  });

  test('a wrong index of a large log is found while a server runs', async () => {
    const server = await startServer();
    const database = path.join(server.dataDir, 'parley.db');
    try {
      await write(server, 36);
      await server.stop();
      assert.ok((await stat(database)).size > structureBytesMax);
      execFileSync('sqlite3', [
        database,
        `CREATE TEMP TABLE was AS SELECT sql FROM sqlite_schema WHERE name = 'event_id';
         DROP INDEX event_id;
         CREATE UNIQUE INDEX event_id ON event (id) WHERE position <> 5;
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = (SELECT sql FROM was) WHERE name = 'event_id';`,
      ]);
      await server.start(0);
      const { code, stdout } = await parley('verify', '--data', server.dataDir);
      assert.equal(code, 1);
      assert.match(stdout, left);
      assert.match(stdout, /^BAD structure: index event_id does not say what the table says$/m);
      // A copy of it is refused.
      await refuses(/is damaged: index event_id does not/, 'backup', path.join(await temporaryFolder(), 'copy.db'), '--data', server.dataDir);
      // The cure that docs/durability.md names.
      await server.stop();
      execFileSync('sqlite3', [database, 'REINDEX event_id']);
      assert.match(await succeeds('verify', '--data', server.dataDir), /^good up to position \d+/);
    } finally {
      await server.finish();
    }
  });

  test('what a damaged file makes SQLite quote does nothing to a terminal', async () => {
    const server = await startServer();
    try {
      await write(server, 1);
      await server.stop();
      const copy = path.join(await temporaryFolder(), 'run');
      await cp(server.dataDir, copy, { recursive: true });
      // "CREATE TABLE ", an escape sequence that clears the screen, and a byte that is no UTF-8.
      execFileSync('sqlite3', [
        path.join(copy, 'parley.db'),
        `PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = CAST(x'435245415445205441424c45201b5b324a8e' AS TEXT) WHERE name = 'event_id';`,
      ]);
      const { code, stderr } = await parley('verify', '--data', copy);
      assert.notEqual(code, 0);
      assert.match(stderr, /malformed database schema \(event_id\).*⟨U\+001B⟩/);
      assert.doesNotMatch(stderr, /\x1b/);
    } finally {
      await server.finish();
    }
  });

  test('with a damaged head note the end of the log is unknown, and verify says so', async () => {
    const server = await startServer();
    const note = path.join(server.dataDir, 'parley.head');
    try {
      await write(server, 1);
      await server.stop();
      for (const damaged of ['hello', '', '\0'.repeat(86)]) {
        await writeFile(note, damaged);
        const { code, stdout } = await parley('verify', '--data', server.dataDir);
        assert.equal(code, 78);
        assert.match(stdout, /^end NOT checked: ".*parley\.head" is damaged/m);
        assert.doesNotMatch(stdout, /^good/m);
      }
      await server.start(0);
      assert.match(server.stderr, /head_note_damaged/);
      await write(server, 1);
      assert.match(await succeeds('verify', '--data', server.dataDir), /^good up to/);
    } finally {
      await server.finish();
    }
  });

  test('a backup never replaces a file that the data folder needs', async () => {
    const server = await startServer();
    try {
      await write(server, 1);
      for (const name of ['parley.lock', 'parley.head']) {
        await refuses(/is a file that the data folder needs/, 'backup', path.join(server.dataDir, name), '--force', '--data', server.dataDir);
      }
      await write(server, 1);
      assert.match(await succeeds('verify', '--data', server.dataDir), /^good up to/);
    } finally {
      await server.finish();
    }
  });

  test('without a server, verify finds a damaged page of a large file', async () => {
    const server = await startServer();
    const database = path.join(server.dataDir, 'parley.db');
    try {
      await write(server, 36);
      await server.stop();
      assert.ok((await stat(database)).size > structureBytesMax);
      const copy = path.join(await temporaryFolder(), 'run');
      await succeeds('backup', `${copy}.db`, '--data', server.dataDir);
      await succeeds('restore', `${copy}.db`, '--data', copy);
      const file = await open(path.join(copy, 'parley.db'), 'r+');
      const middle = Math.floor(structureBytesMax / 2 / 4096) * 4096;
      await file.write(Buffer.alloc(4096), 0, 4096, middle);
      await file.close();
      const { code, stdout } = await parley('verify', '--data', copy);
      assert.equal(code, 1);
      assert.match(stdout, /^BAD structure: /m);
    } finally {
      await server.finish();
    }
  });
});
