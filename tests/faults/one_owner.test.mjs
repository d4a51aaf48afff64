// One process owns a data folder; a second one is refused and told the owner.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { run } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { connect, send, startServer, withFolder } from './support.mjs';

const exitOwned = 75;

test('a second server, and a rebuild, are refused with the pid of the first', () =>
  withFolder(async (dataDir) => {
    const server = await startServer({ dataDir });
    const socket = await connect(server);
    assert.ok((await send(socket, 'c1', 'before')).id);
    for (const command of [['serve', '--port', '0'], ['rebuild']]) {
      const { exit, output } = await run([...command, '--data', dataDir]);
      assert.equal(exit.code, exitOwned, output);
      assert.match(output, new RegExp(`another Parley owns it \\(pid ${server.pid}\\)`));
    }
    for (const command of [['rebuild', '--check'], ['verify'], ['export']]) {
      const { exit, output } = await run([...command, '--data', dataDir]);
      assert.equal(exit.code, 0, `a read-only command may run while a server runs: ${output}`);
    }
    assert.ok((await send(socket, 'c1', 'after')).id, 'the first one continues');
    assert.equal((await rest(server, 'GET', '/readyz')).status, 200);
    socket.disconnect();
    await server.finish();
  }));

test('the lock of a killed server does not block a start', () =>
  withFolder(async (dataDir) => {
    const server = await startServer({ dataDir });
    const first = server.pid;
    await server.kill9();
    assert.equal(await readFile(path.join(dataDir, 'parley.lock'), 'utf8'), String(first));
    await server.start(0);
    assert.equal(await readFile(path.join(dataDir, 'parley.lock'), 'utf8'), String(server.pid));
    await server.finish();
  }));
