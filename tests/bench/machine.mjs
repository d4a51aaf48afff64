// Describes the machine; figures mean nothing without it.
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import { join } from 'node:path';
import { median } from './figures.mjs';
import { bunFolder, peerFolder } from './servers.mjs';

function output(program, ...args) {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/** Median microseconds of one small append with its sync: the minimum cost of a commit. */
function syncUs(folder) {
  const path = join(folder, 'sync-probe');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096, 1);
  const times = [];
  for (let i = 0; i < 200; ++i) {
    const begin = process.hrtime.bigint();
    writeSync(file, block);
    fdatasyncSync(file);
    times.push(Number(process.hrtime.bigint() - begin) / 1000);
  }
  closeSync(file);
  rmSync(path);
  return Math.round(median(times));
}

function fileSystemOf(folder) {
  return output('df', '--output=fstype', folder).split('\n').at(-1);
}

function distribution() {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  } catch {
    return 'Linux';
  }
}

function bunVersions() {
  const version = (name) =>
    JSON.parse(readFileSync(join(bunFolder, 'node_modules', name, 'package.json'))).version;
  return `Bun ${version('bun')}, bun-engine ${version('@socket.io/bun-engine')}`;
}

function peerVersions() {
  const require = createRequire(join(peerFolder, 'package.json'));
  const version = (name) => JSON.parse(readFileSync(join(peerFolder, 'node_modules', name, 'package.json'))).version;
  const database = new (require('better-sqlite3'))(':memory:');
  const sqlite = database.prepare('SELECT sqlite_version() AS v').get().v;
  database.close();
  return `Node ${process.versions.node}, socket.io ${version('socket.io')}, ws ${version('ws')}, ` +
    `better-sqlite3 ${version('better-sqlite3')} (SQLite ${sqlite})`;
}

/** `beside`: what is measured beside Parley; the peers on Node where nothing is said. */
export function describeMachine(root, dataParent, beside = peerVersions()) {
  const commit = output('git', '-C', root, 'rev-parse', '--short', 'HEAD');
  const changed = output('git', '-C', root, 'status', '--porcelain', '--untracked-files=no');
  const fileSystem = fileSystemOf(dataParent);
  return [
    `${os.cpus().length} × ${os.cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    `${(os.totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `${distribution()}, Linux ${os.release()}`,
    `data on ${fileSystem}, one synced append ${syncUs(dataParent)} µs`,
    beside,
    ...(existsSync(join(bunFolder, 'node_modules')) ? [bunVersions()] : []),
    `Parley ${commit || 'without a commit'}${changed ? ' with changes' : ''}, ` +
      output('g++', '--version').split('\n')[0],
  ].join('; ');
}

/** Reasons not to trust the coming measurements. */
export function warnings(dataParent) {
  const found = [];
  const [loadNow] = os.loadavg();
  if (loadNow > 0.5) {
    found.push(`the machine is busy with something else (load average ${loadNow.toFixed(2)})`);
  }
  const fileSystem = fileSystemOf(dataParent);
  if (fileSystem === 'tmpfs' || fileSystem === 'ramfs') {
    found.push(`${dataParent} is in memory: a sync costs nothing there, so nothing is durable`);
  }
  return found;
}
