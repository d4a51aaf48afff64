// The compared servers: how each is started, stopped and checked.
import { spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificates.mjs';

const here = new URL('.', import.meta.url).pathname;
export const peerFolder = join(here, 'peers/node');
export const bunFolder = join(here, 'peers/bun');
const startMsMax = 20_000;
const stopMsMax = 20_000;
const checkMsMax = 300_000;

const children = new Set();

/** Ends all servers that still run, after an interrupted run. */
export function killAll() {
  for (const child of children) {
    child.kill('SIGKILL');
  }
}

/** `runtime` is the program that runs the peer in `folder`. */
function peer(runtime, folder, store, about) {
  return {
    about,
    command: (data) => [
      runtime, join(folder, 'server.mjs'), '--store', store, '--port', '0', '--data', data,
    ],
    database: store === 'memory' ? undefined : 'peer.db',
    countMessages: "SELECT count(*) AS n FROM event WHERE type = 'message_sent'",
    checks: () => [],
  };
}

const node = (store, keeps) => peer(process.execPath, peerFolder, store, `socket.io on Node, ${keeps}`);
const bun = (store, keeps) =>
  peer(join(bunFolder, 'node_modules/.bin/bun'), bunFolder, store, `socket.io on Bun, ${keeps}`);

const secret = Buffer.alloc(32, 'benchmark');
const base64url = (value) => Buffer.from(value).toString('base64url');
const benchKeys = JSON.stringify({ keys: [{ kty: 'oct', alg: 'HS256', k: base64url(secret) }] });
const rates = ['user-messages', 'user-reads', 'joins', 'connects'].flatMap((name) => [
  `--rate.${name}`, '1000000/1000000',
]);

function benchToken() {
  const claims = { sub: 'bench', kind: 'service', exp: Math.floor(Date.now() / 1000) + 24 * 3_600 };
  const signed = `${base64url('{"alg":"HS256"}')}.${base64url(JSON.stringify(claims))}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** Every server by name. `parley` is the path of the program. */
export function servers(parley) {
  return {
    parley: {
      about: 'Parley, durable (synchronous=FULL)',
      command: (data) => [parley, 'serve', '--port', '0', '--data', data],
      database: 'parley.db',
      countMessages: 'SELECT count(*) AS n FROM v1_message',
      checks: (data) => [
        [parley, 'verify', '--data', data],
        [parley, 'rebuild', '--check', '--data', data],
      ],
    },
    'parley-tls': {
      about: 'Parley over TLS 1.3, certificate of P-256',
      prepare: makeCertificate,
      command: (data) => [
        parley, 'serve', '--port', '0', '--data', data,
        '--tls.certificate', join(data, 'server.pem'), '--tls.key', join(data, 'server.key'),
      ],
      loadArgs: ['--tls', '1'],
      database: 'parley.db',
      countMessages: 'SELECT count(*) AS n FROM v1_message',
      checks: (data) => [[parley, 'verify', '--data', data]],
    },
    'parley-jwt': {
      about: 'Parley with tokens; its one client is a service, and rates are counted but never reached',
      prepare: (data) => writeFileSync(join(data, '..', 'keys.json'), benchKeys),
      command: (data) => [
        parley, 'serve', '--port', '0', '--data', data, '--auth.mode', 'jwt',
        '--auth.keys', join(data, '..', 'keys.json'), ...rates,
      ],
      loadArgs: ['--token', benchToken()],
      database: 'parley.db',
      countMessages: 'SELECT count(*) AS n FROM v1_message',
      checks: (data) => [[parley, 'verify', '--data', data]],
    },
    'node-each': node('sqlite-each', 'SQLite, one commit a request'),
    'node-group': node('sqlite-group', 'SQLite, one commit an event-loop turn'),
    'node-memory': node('memory', 'keeps nothing on disk'),
    'bun-group': bun('sqlite-group', 'SQLite, one commit an event-loop turn'),
    'bun-memory': bun('memory', 'keeps nothing on disk'),
  };
}

/** Starts a server on a free port with an empty data folder below `parent`. */
export async function start(server, parent, more = []) {
  const data = mkdtempSync(join(parent, 'data-'));
  server.prepare?.(data);
  const [program, ...args] = [...server.command(data), ...more];
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  children.add(child);
  let errors = '';
  child.stderr.on('data', (bytes) => (errors = (errors + bytes).slice(-4000)));
  const ended = new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal ?? `status ${code}`));
  }).then((how) => (children.delete(child), how));
  const running = { server, child, data, ended, errors: () => errors };
  try {
    running.port = await portOf(child, ended);
  } catch (error) {
    child.kill('SIGKILL');
    await ended;
    discard(running);
    throw new Error(`${program} ${args.join(' ')}: ${error.message}\n${errors}`);
  }
  return running;
}

function portOf(child, ended) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('did not listen in time')), startMsMax);
    let output = '';
    child.stdout.on('data', (bytes) => {
      output += bytes;
      const match = /^.*listening on https?:\/\/[^ ]*:(\d+)\s*\n/m.exec(output);
      if (match) {
        clearTimeout(timer);
        resolve(Number(match[1]));
      }
    });
    ended.then((how) => {
      clearTimeout(timer);
      reject(new Error(`ended before it listened (${how})`));
    });
  });
}

/** Stops a server like an operator; returns what was wrong with its end, if anything. */
export async function stop(running) {
  const before = running.child.exitCode ?? running.child.signalCode;
  if (before !== null) {
    return `the server had ended by itself (${before})\n${running.errors()}`;
  }
  running.child.kill('SIGTERM');
  const timer = setTimeout(() => running.child.kill('SIGKILL'), stopMsMax);
  const how = await running.ended;
  clearTimeout(timer);
  return how === 'status 0' ? '' : `the server did not stop cleanly (${how})\n${running.errors()}`;
}

/** Checks the data of a stopped server; returns what is wrong, if anything. */
export function checkKept(running, acknowledged) {
  const { server, data } = running;
  for (const [program, ...args] of server.checks(data)) {
    const check = spawnSync(program, args, { encoding: 'utf8', timeout: checkMsMax });
    if (check.status !== 0) {
      const how = check.error?.message ?? `status ${check.status ?? check.signal}`;
      return `${args.join(' ')}: ${how}\n${check.stderr ?? ''}`;
    }
  }
  if (server.database === undefined || acknowledged === undefined) {
    return '';
  }
  const Database = createRequire(join(peerFolder, 'package.json'))('better-sqlite3');
  const database = new Database(join(data, server.database), { readonly: true });
  const { n } = database.prepare(server.countMessages).get();
  database.close();
  return n === acknowledged ? '' : `${acknowledged} messages were acknowledged, ${n} are on disk`;
}

export function discard(running) {
  rmSync(running.data, { recursive: true, force: true });
}

/** Runs the load generator against a server; returns its line of JSON and its exit status. */
export function load(program, scenario, running, args, msMax) {
  return new Promise((resolve) => {
    const all = [scenario, '--port', running.port, '--pid', running.child.pid, ...(running.server.loadArgs ?? []), ...args].map(String);
    const child = spawn(program, all, { stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), msMax);
    let output = '';
    let errors = '';
    child.stdout.on('data', (bytes) => (output += bytes));
    child.stderr.on('data', (bytes) => (errors += bytes));
    const finish = (status) => {
      clearTimeout(timer);
      children.delete(child);
      let line = {};
      try {
        line = JSON.parse(output);
      } catch {
        line = { ok: false, problem: errors.trim() || 'the load generator printed nothing' };
      }
      resolve({ status, line });
    };
    child.on('error', (error) => {
      errors += error.message;
      finish(2);
    });
    child.on('close', (code, signal) => {
      if (signal) {
        errors += `the load generator was stopped (${signal}): it took longer than ${msMax / 1000} s`;
      }
      finish(code ?? 2);
    });
  });
}
