// What systemd hears of a server, at a socket of the test's own (sd_notify(3)).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { bounded, repositoryRoot, startServer } from '../support/server.mjs';
import { temporaryFolder, waitMsMax } from './support.mjs';

/// Listens at a new socket; `next()` is the next datagram but those that `skipped` names.
async function manager() {
  const socket = path.join(await temporaryFolder(), 'notify');
  const child = spawn('python3', [path.join(repositoryRoot, 'tests/support/notify_socket.py'), socket], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await bounded(lines.next(), waitMsMax, 'a word to the service manager')).value;
  assert.equal(await line(), 'ready');
  return {
    socket,
    async next(...skipped) {
      for (;;) {
        const said = JSON.parse(await line());
        if (!skipped.includes(said)) return said;
      }
    },
    async finish() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

const alive = 'WATCHDOG=1';

describe('a service manager', { timeout: waitMsMax }, () => {
  test('hears when the server serves, that it makes progress, when it reads its settings again, and when it stops', async () => {
    const listens = await manager();
    const file = path.join(await temporaryFolder(), 'parley.conf');
    await writeFile(file, 'log.level = info\n');
    const server = await startServer({
      args: ['--config', file, '--drain.timeout', '30000'],
      env: { NOTIFY_SOCKET: listens.socket, WATCHDOG_USEC: '2000000' },
    });
    try {
      const ready = `READY=1\nSTATUS=listening on ${server.url}`;
      assert.equal(await listens.next(), ready);
      for (let i = 0; i < 3; i++) assert.equal(await listens.next(), alive);
      process.kill(server.pid, 'SIGHUP');
      assert.match(await listens.next(alive), /^RELOADING=1\nMONOTONIC_USEC=\d{6,}$/);
      assert.equal(await listens.next(alive), ready);
      await writeFile(file, 'log.levle = info\n');
      process.kill(server.pid, 'SIGHUP');
      assert.match(await listens.next(alive), /^RELOADING=1\n/);
      assert.equal(await listens.next(alive), `${ready}; the last reload failed, the log says why`);
      await server.stop();
      // drain.timeout, and 20 s to close the log.
      assert.equal(await listens.next(alive), 'STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=50000000');
    } finally {
      await server.finish();
      await listens.finish();
    }
  });

  test('that is not there changes nothing', async () => {
    const server = await startServer({ env: { NOTIFY_SOCKET: '/nowhere/at/all', WATCHDOG_USEC: '2000000' } });
    await server.finish();
  });
});
