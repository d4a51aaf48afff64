// Stock python3-socketio, threaded and asyncio, does everything that a client must be able to do;
// see the script in this folder. The restarts it asks for are done here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bounded, patience, useServer } from './support.mjs';

/// Debian's own python, for which Debian's python3-socketio is installed.
const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('python_client.py', import.meta.url));
const runMsMax = 150_000 * patience;

describe('python3-socketio', () => {
  const world = useServer();
  for (const args of [['sync'], ['sync', 'polling'], ['sync', 'websocket'], ['async']]) {
    test(`the client passes: ${args.join(', ')}`, { timeout: runMsMax + 10_000 }, async () => {
      await run(world.server, args);
    });
  }
});

async function run(server, args) {
  // The library's complaints on stderr are shown in the test's output.
  const child = spawn(python, [script, server.url, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const restarts = [];
  let last = '';
  const served = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      last = line;
      const [, signal] = /^restart (SIGTERM|SIGKILL)$/.exec(line) ?? [];
      if (!signal) continue;
      restarts.push(signal);
      await server.restart({ signal });
      child.stdin.write('restarted\n');
    }
  })();
  try {
    const [exit] = await bounded(Promise.all([ended, served]), runMsMax, 'the python client');
    assert.deepEqual(exit, { code: 0, signal: null });
    assert.deepEqual(restarts, ['SIGTERM', 'SIGKILL']);
    assert.equal(last, 'done');
  } finally {
    child.kill('SIGKILL');
  }
}
