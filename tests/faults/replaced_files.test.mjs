// When a file of the data folder is deleted or replaced under the server, its acknowledgements
// would be lost. It stops with the storage status instead, and no second server can start in the
// meantime.
import assert from 'node:assert/strict';
import { copyFile, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from '../support/server.mjs';
import { connect, request, send, startServer, withFolder } from './support.mjs';

const exitStorage = 74;
const exitOwned = 75;
const messagesMax = 4000;

const fileIn = (folder, name) => path.join(folder, name);

/// Replaces the file with another one that has the same bytes.
async function replace(folder, name) {
  const file = fileIn(folder, name);
  await copyFile(file, `${file}.new`);
  await rename(`${file}.new`, file);
}

/// Sends messages until the server has ended.
async function sendUntilGone(socket) {
  for (let i = 0; i < messagesMax; i++) {
    if (!socket.connected) return;
    const reply = await send(socket, 'c1', `message ${i}`);
    if (reply === null) return;
    assert.ok(reply.id, JSON.stringify(reply));
    await pause(5);
  }
  assert.fail('the server still acknowledges');
}

const harms = [
  { name: 'the database is deleted', file: 'parley.db', harm: (folder) => rm(fileIn(folder, 'parley.db')) },
  { name: 'another database takes its name', file: 'parley.db', harm: (folder) => replace(folder, 'parley.db') },
  { name: 'the WAL is deleted', file: 'parley.db-wal', harm: (folder) => rm(fileIn(folder, 'parley.db-wal')) },
  { name: 'another WAL takes its name', file: 'parley.db-wal', harm: (folder) => replace(folder, 'parley.db-wal') },
  { name: "the WAL's index is deleted", file: 'parley.db-shm', harm: (folder) => rm(fileIn(folder, 'parley.db-shm')) },
  { name: 'the lock is deleted', file: 'parley.lock', harm: (folder) => rm(fileIn(folder, 'parley.lock')) },
  { name: 'another lock takes its name', file: 'parley.lock', harm: (folder) => replace(folder, 'parley.lock') },
  { name: 'the folder is moved away', file: 'parley.db', harm: (folder) => rename(folder, `${folder}-moved`) },
];

describe('a server whose files are deleted or replaced stops with the storage status', () => {
  for (const { name, file, harm } of harms) {
    test(name, () =>
      withFolder(async (top) => {
        const dataDir = path.join(top, 'run');
        const server = await startServer({ dataDir });
        const socket = await connect(server);
        assert.ok((await send(socket, 'c1', 'before')).id);
        await harm(dataDir);
        await sendUntilGone(socket);
        assert.equal((await server.ended()).code, exitStorage, server.stderr);
        assert.match(server.stderr, new RegExp(`stopping, .*${file.replaceAll('.', '\\.')}" was (deleted|replaced)`));
      }),
    );
  }

  test('an older copy is written over the database in place', () =>
    withFolder(async (top) => {
      const [dataDir, copy] = [path.join(top, 'run'), path.join(top, 'copy.db')];
      const server = await startServer({ dataDir });
      const socket = await connect(server);
      assert.ok((await send(socket, 'c1', 'before')).id);
      assert.equal((await run(['backup', copy, '--data', dataDir])).exit.code, 0);
      // Enough for the database file to be larger than the copy.
      const size = async (file) => (await stat(file)).size;
      while ((await size(fileIn(dataDir, 'parley.db'))) <= (await size(copy)) * 2) {
        assert.ok((await send(socket, 'c1', 'x'.repeat(100_000))).id);
      }
      await pause(1500); // the server must have seen the current state
      await writeFile(fileIn(dataDir, 'parley.db'), await readFile(copy));
      await server.ended().then((exit) => assert.equal(exit.code, exitStorage, server.stderr));
      assert.match(server.stderr, /stopping, .*parley\.db" was (overwritten|cut short)/);
    }));

  test('the database is truncated', () =>
    withFolder(async (top) => {
      const dataDir = path.join(top, 'run');
      const server = await startServer({ dataDir });
      await pause(1500);
      await truncate(fileIn(dataDir, 'parley.db'), 0);
      assert.equal((await server.ended()).code, exitStorage, server.stderr);
      assert.match(server.stderr, /stopping, .*parley\.db" was (overwritten|cut short)/);
    }));
});

test('a second server never serves while the first one runs, even if the lock is deleted', () =>
  withFolder(async (dataDir) => {
    const first = await startServer({ dataDir });
    first.signal('SIGSTOP'); // it cannot notice anything
    await rm(fileIn(dataDir, 'parley.lock'));
    for (const command of [['serve', '--port', '0'], ['rebuild'], ['vacuum']]) {
      const { exit, output } = await run([...command, '--data', dataDir]);
      assert.equal(exit.code, exitOwned, output);
      assert.match(output, new RegExp(`another Parley owns it \\(pid ${first.pid}\\)`));
    }
    first.signal('SIGCONT');
    assert.equal((await first.ended()).code, exitStorage, first.stderr);
    const second = await startServer({ dataDir });
    await second.finish();
  }));

test('a deleted or replaced head note is written again, and the server continues', () =>
  withFolder(async (dataDir) => {
    const server = await startServer({ dataDir });
    const socket = await connect(server);
    const head = fileIn(dataDir, 'parley.head');
    for (const harm of [() => rm(head), () => replace(dataDir, 'parley.head')]) {
      assert.ok((await send(socket, 'c1', 'before')).id);
      await harm();
      let last;
      for (let i = 0; ; i++) {
        assert.ok(i < 1000, 'the note never came');
        last = (await send(socket, 'c1', `after ${i}`)).position;
        const note = await readFile(head, 'utf8').catch(() => '');
        if (Number(note.slice(0, 20)) === last) break;
        await pause(20);
      }
    }
    assert.equal((await request(socket, 'get_messages', { conversationId: 'c1', limit: 1 })).length, 1);
    socket.disconnect();
    await server.finish();
  }));
