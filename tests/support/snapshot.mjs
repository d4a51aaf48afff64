// Another process that holds an old snapshot of a server's database, like a backup or a shell.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bounded, patience } from './server.mjs';

const script = fileURLToPath(new URL('snapshot.py', import.meta.url));

/// Takes a snapshot of `dataDir`'s database; `release` ends it.
export async function holdSnapshot(dataDir) {
  const child = spawn('/usr/bin/python3', [script, path.join(dataDir, 'parley.db')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  await bounded(Promise.race([once(child.stdout, 'data'), exit]), 20_000 * patience, 'the snapshot');
  if (child.exitCode !== null) throw new Error(`no snapshot of ${dataDir}: exit code ${child.exitCode}`);
  return {
    release: async () => {
      child.stdin.end();
      await bounded(exit, 20_000 * patience, 'the end of the snapshot');
    },
  };
}
