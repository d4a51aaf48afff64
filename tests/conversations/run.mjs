// Runs conversation scripts against real servers: node run.mjs [--jobs N] [--nodes] [FILE.chat ...]
// Without files: every script in this folder. With --nodes each has a cluster of three nodes, and
// each connection goes to a node chosen by chance. README.md describes the language.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../support/server.mjs';
import { startAnyNode } from './lib/any_node.mjs';
import { parseScript } from './lib/parse.mjs';
import { play } from './lib/play.mjs';
import { selfTest } from './lib/self_test.mjs';

const folder = path.dirname(fileURLToPath(import.meta.url));
const logLinesMax = 15;

/// Plays one script on its own server. Returns undefined, or a text that says what failed.
export async function runScript(text, shownName, { quiet = false, start = startServer } = {}) {
  let script;
  try {
    script = parseScript(text);
  } catch (error) {
    return `${shownName}:${error.line}: ${error.message}`;
  }
  const failures = [];
  let server;
  try {
    server = await start();
    await play(script, server);
  } catch (error) {
    failures.push(error.line ? `${shownName}:${error.line}: ${error.message}` : error.message);
  }
  try {
    await server?.finish({ keep: failures.length > 0 && !quiet });
  } catch (error) {
    failures.push(`tear-down: ${error.message}`);
  }
  if (failures.length === 0) return undefined;
  const log = server?.stderr.trimEnd().split('\n').slice(-logLinesMax).join('\n    ');
  return failures.join('\n  ') + (log && !quiet ? `\n  the server logged:\n    ${log}` : '');
}

async function runFiles(files, jobs, start) {
  const queue = [...files];
  let passed = 0;
  let failed = 0;
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const name = path.relative(process.cwd(), file);
      const text = await readFile(file, 'utf8');
      const failure = await runScript(text, name, { start });
      if (failure === undefined) passed++;
      else failed++;
      const title = /^#\s+(.+)/.exec(text)?.[1] ?? '';
      if (failure === undefined) console.log(`pass  ${name}  ${title}`);
      else console.log(`FAIL  ${name}  ${title}\n  ${failure}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}

async function main(args) {
  const files = [];
  let jobs = 2;
  let start = startServer;
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--self-test') return selfTest(runScript);
    if (args[i] === '--jobs') jobs = Number(args[++i]);
    else if (args[i] === '--nodes') start = startAnyNode;
    else if (args[i].startsWith('-')) {
      throw new Error(`unknown option ${args[i]}; known: --jobs N, --nodes, --self-test`);
    }
    else files.push(path.resolve(args[i]));
  }
  if (!Number.isInteger(jobs) || jobs < 1) throw new Error('--jobs needs a number from 1');
  if (files.length === 0) {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.chat')).sort();
    files.push(...names.map((name) => path.join(folder, name)));
  }
  return runFiles(files, jobs, start);
}

try {
  process.exit((await main(process.argv.slice(2))) ? 0 : 1);
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
