// While another process holds the database's write lock, writes get `busy` after a second, the
// operator is told which process it is, and the server recovers by itself once the lock is free.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { patience, run } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { connect, request, send, startServer, withFolder } from './support.mjs';

const waitMsMax = 20_000 * patience;

/// A shell with `BEGIN IMMEDIATE`, until `release`.
async function holdLock(dataDir) {
  const shell = spawn('sqlite3', [path.join(dataDir, 'parley.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => shell.once('close', resolve));
  const began = new Promise((resolve) => shell.stdout.once('data', resolve));
  shell.stdin.write("BEGIN IMMEDIATE;\nSELECT 'held';\n");
  await began;
  return { pid: shell.pid, release: () => (shell.stdin.end('ROLLBACK;\n'), ended) };
}

async function until(what, holds) {
  for (const end = Date.now() + waitMsMax; Date.now() < end; await pause(50)) if (await holds()) return;
  assert.fail(what);
}

const warningsOf = async (server) => (await rest(server, 'GET', '/readyz')).body.warnings;

async function metric(server, name) {
  const { text } = await rest(server, 'GET', '/metrics');
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

test('while a shell holds the write lock, writes get busy, and the operator is told which shell', () =>
  withFolder(async (dataDir) => {
    const server = await startServer({ dataDir });
    const socket = await connect(server);
    assert.ok((await send(socket, 'c1', 'before')).id);
    const shell = await holdLock(dataDir);
    try {
      const refused = await send(socket, 'c1', 'meanwhile');
      assert.deepEqual(refused, {
        success: false, error: "another process holds the database's write lock", code: 'busy',
      });
      const twin = await rest(server, 'POST', '/chat/messages', {
        conversationId: 'c1', fromUserId: 'anna', fromRole: 'cx-customer', content: 'meanwhile',
      });
      assert.equal(twin.status, 503);
      assert.equal(twin.body.code, 'busy');

      const ready = await rest(server, 'GET', '/readyz');
      assert.equal(ready.status, 200);
      const [warning] = ready.body.warnings;
      assert.equal(warning.name, 'write_lock_held');
      assert.match(warning.text, new RegExp(`: pid ${shell.pid} \\(sqlite3\\);`));
      assert.match(server.stderr, new RegExp(`write_lock_held pid=${shell.pid} name="sqlite3" command="sqlite3 .*parley\\.db"`));
      assert.ok((await metric(server, 'parley_write_lock_busy_total')) >= 2);
      const history = await request(socket, 'get_messages', { conversationId: 'c1' });
      assert.deepEqual(history.map(({ content }) => content), ['before'], 'reads work');
    } finally {
      await shell.release();
    }
    await until('the warning stays', async () => (await warningsOf(server)).length === 0);
    assert.match(server.stderr, /write_lock_free/);
    assert.ok((await send(socket, 'c1', 'after')).id);
    socket.disconnect();
    await server.finish();
  }));

test('a start while the lock is held is refused, names the holder, and changes nothing', () =>
  withFolder(async (dataDir) => {
    const server = await startServer({ dataDir });
    await server.stop();
    const shell = await holdLock(dataDir);
    try {
      const { exit, output } = await run(['serve', '--port', '0', '--data', dataDir]);
      assert.equal(exit.code, 75, output);
      assert.match(output, new RegExp(`another process holds the database's write lock: pid ${shell.pid} \\(sqlite3\\)`));
    } finally {
      await shell.release();
    }
    await server.start(0);
    await server.finish();
  }));
