// Memory of an idle connection: idle WebSockets and waiting long-polls, each in one room. The
// figures are printed, and asserted only against twice the target, because allocators differ.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { patience } from './support.mjs';
import { programPath, startServer } from '../support/server.mjs';

const load = path.join(path.dirname(programPath()), 'tests/bench/parley-load');
const run = promisify(execFile);
const descriptorsSpare = 500;

async function descriptorsMax() {
  const { stdout } = await run('sh', ['-c', 'ulimit -Hn']);
  return stdout.trim() === 'unlimited' ? Infinity : Number(stdout);
}

const skip = existsSync(load) ? false : `there is no ${load}`;

describe('memory', { skip, concurrency: true }, () => {
  const rows = [
    ['idle', 10_000, 2_000, 'an idle WebSocket'],
    ['parked', 1_000, 4_000, 'a parked long-poll'],
  ];
  for (const [name, wanted, targetBytes, what] of rows) {
    test(`${what} costs little`, { timeout: 120_000 * patience }, async () => {
      // No ping may end a poll during the measurement.
      const server = await startServer({ args: ['--ping.interval=600000', '--log.level=warn'] });
      try {
        const count = Math.min(patience > 1 ? 500 : wanted, (await descriptorsMax()) - descriptorsSpare);
        const args = [name, '--port', `${server.port}`, '--pid', `${server.pid}`];
        const { stdout } = await run(load, [...args, '--connections', `${count}`, '--setup', `${60 * patience}`]);
        const { bytesPerConnection } = JSON.parse(stdout);
        console.log(
          `memory: ${what}, one of ${count}: ${(bytesPerConnection / 1000).toFixed(2)} kB, ` +
            `target ${targetBytes / 1000} kB`,
        );
        // Sanitizers put red zones around everything.
        if (patience === 1) assert.ok(bytesPerConnection < 2 * targetBytes, stdout);
      } finally {
        await server.finish();
      }
    });
  }
});
