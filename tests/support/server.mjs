// A real server for one test: starts on a fresh data folder and a free port, stops, and audits its
// folder. After every run the views must equal a rebuild and the hash chain must verify, so every
// suite also tests the log.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from './certificates.mjs';
import { io } from 'socket.io-client';

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));

/// The program under test: PARLEY_BIN, or the release build.
export function programPath() {
  return path.resolve(repositoryRoot, process.env.PARLEY_BIN || 'build/release/parley');
}

/// Slow builds (sanitizers) multiply every bounded wait of the tests by PARLEY_TEST_PATIENCE.
export const patience = Number(process.env.PARLEY_TEST_PATIENCE || 1);

const startMsMax = 20_000 * patience;
const stopMsMax = 20_000 * patience;
const auditMsMax = 60_000 * patience;
const ackMsMax = 10_000 * patience;
const stderrBytesMax = 256 * 1024;
// The complete standard output of a server from its start to its stop.
const saidInOneRun =
  /^parley is listening on https?:\/\/\S+\n(  .+\n)+parley has stopped at position \d+, after \d+ events in this run\n$/;

// If the test process dies, its servers must end too.
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

// With PARLEY_TEST_TLS=1 every server speaks TLS, and the clients of Node.js trust everybody: then
// suites that were written for plain connections test TLS.
export const trust = process.env.PARLEY_TEST_TLS ? { rejectUnauthorized: false } : {};
const tlsArgs = process.env.PARLEY_TEST_TLS ? tlsForAll() : [];
function tlsForAll() {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-tls-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { certificate, key } = makeCertificate(folder);
  return ['--tls.certificate', certificate, '--tls.key', key];
}

/// Starts `parley serve`. `args` are added to the command line, `env` to the environment;
/// `dataDir` is used (and then not removed by `finish`) instead of a fresh folder; `program`
/// is started instead of `parley`; `wrapper` is a command that runs the server, for example
/// ['prlimit', '--nofile=64'].
export async function startServer(options = {}) {
  const server = await newServer(options);
  try {
    await server.start(0);
  } catch (error) {
    if (options.dataDir === undefined) await rm(server.dataDir, { recursive: true, force: true });
    throw error;
  }
  return server;
}

/// The same, but not started yet.
export async function newServer(options = {}) {
  const { args = [], env = {}, dataDir, program = programPath(), wrapper = [] } = options;
  const folder = dataDir ?? (await mkdtemp(path.join(tmpdir(), 'parley-test-')));
  return new Server(folder, { args: [...tlsArgs, ...args], env, program, wrapper, ownsFolder: dataDir === undefined });
}

/// The log's last position, read over the wire: two equal results prove that nothing was stored in
/// between.
export async function position(server) {
  const socket = io(server.url, { forceNew: true, reconnection: false, transports: ['websocket'] });
  try {
    await connected(socket, ackMsMax, 'connecting to ask for the position');
    const reply = await bounded(
      new Promise((resolve) => socket.emit('join_dashboard', {}, resolve)),
      ackMsMax,
      'join_dashboard to ask for the position',
    );
    if (reply?.success !== true || !Number.isSafeInteger(reply.position)) {
      throw new Error(`join_dashboard answered without a position: ${JSON.stringify(reply)}`);
    }
    return reply.position;
  } finally {
    socket.disconnect();
  }
}

/// Waits until a socket.io-client is connected; fails where it is refused.
export function connected(socket, msMax, what) {
  const settled = new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return bounded(settled, msMax, what);
}

/// Returns `promise`, or fails with the name of what took longer than `msMax`.
export function bounded(promise, msMax, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: no answer in ${msMax} ms`)), msMax);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/// Asks again and again until `holds` gives something true, which it returns. Nothing asks any more
/// after that, or after a failure: else a failed test would never end.
export function untilHolds(holds, msMax, what) {
  let isOver = false;
  const work = (async () => {
    while (!isOver) {
      const found = await holds();
      if (found) return found;
      await sleep(50);
    }
    return undefined;
  })();
  return bounded(work, msMax, what).finally(() => {
    isOver = true;
  });
}

class Server {
  #args;
  #env;
  #wrapper;
  #ownsFolder;
  #child = null;
  #exit = null; // promise of { code, signal } of the running child
  #stdout = '';
  stderr = ''; // the newest part, from all runs on this folder

  constructor(dataDir, { args, env, program, wrapper, ownsFolder }) {
    this.dataDir = dataDir;
    this.program = program;
    this.#args = args;
    this.#env = env;
    this.#wrapper = wrapper;
    this.#ownsFolder = ownsFolder;
  }

  /// The standard output of this run so far.
  get stdout() {
    return this.#stdout;
  }

  get pid() {
    return this.#child?.pid;
  }

  /// Settles as { code, signal } when the running program ends.
  get exited() {
    return this.#exit;
  }

  /// Starts the program and waits for the line with its URL. Port 0 picks a free port. `program`
  /// and `env` apply to this start only. If the program ends too early, the error has its `exit`.
  async start(port, { program = this.program, env = {} } = {}) {
    if (this.#child) throw new Error('the server is already running');
    const command = [...this.#wrapper, program, 'serve', '--port', String(port)];
    command.push('--data', this.dataDir, ...this.#args);
    const child = spawn(command[0], command.slice(1), {
      env: { ...process.env, ...this.#env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#stdout = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr = (this.stderr + text).slice(-stderrBytesMax);
    });
    this.#exit = new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once('close', (code, signal) => resolve({ code, signal }));
    }).finally(() => running.delete(child));
    const ready = new Promise((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text) => {
        this.#stdout += text;
        const line = /^.* (https?:\/\/\S+:(\d+))\/?\n/.exec(this.#stdout);
        if (line) resolve({ url: line[1], port: Number(line[2]) });
      });
    });
    const gone = this.#exit.then((exit) => {
      const error = new Error(`${program} ended before it listened: ${describe(exit)}\n${this.stderr}`);
      throw Object.assign(error, { exit });
    });
    gone.catch(() => {}); // it always loses the race when the server runs
    running.add(child);
    this.#child = child;
    try {
      ({ url: this.url, port: this.port } = await bounded(
        Promise.race([ready, gone]),
        startMsMax,
        'parley serve',
      ));
    } catch (error) {
      this.#child = null;
      child.kill('SIGKILL');
      throw error;
    }
  }

  /// Sends SIGTERM; the server drains and exits with 0.
  async stop() {
    const exit = await this.#end('SIGTERM');
    if (exit.code !== 0) {
      throw new Error(`SIGTERM: expected exit code 0, got ${describe(exit)}\n${this.stderr}`);
    }
    if (!saidInOneRun.test(this.#stdout)) {
      throw new Error(`stdout: expected a greeting and a farewell, got:\n${this.#stdout}`);
    }
  }

  /// Sends a signal without waiting; `ended` waits.
  signal(name) {
    this.#child.kill(name);
  }

  /// Waits for the server to end, by a signal or by itself; returns { code, signal }.
  async ended() {
    const exit = await bounded(this.#exit, stopMsMax, 'the end of the server');
    this.#child = null;
    return exit;
  }

  /// Kills the server: nothing is flushed, and clients are not told.
  async kill9() {
    const exit = await this.#end('SIGKILL');
    if (exit.signal !== 'SIGKILL') {
      throw new Error(`the server had ended by itself: ${describe(exit)}\n${this.stderr}`);
    }
  }

  /// Ends the server with `signal` and starts it on the same port and folder.
  async restart({ signal = 'SIGTERM' } = {}) {
    if (signal === 'SIGKILL') await this.kill9();
    else await this.stop();
    await this.start(this.port);
  }

  /// Audits the folder, while the server runs or after its stop; throws with the program's output.
  async check() {
    for (const args of [['rebuild', '--check'], ['verify']]) {
      const { exit, output } = await run([...args, '--data', this.dataDir], this.#env);
      if (exit.code !== 0) {
        throw new Error(`parley ${args.join(' ')} failed (${describe(exit)}):\n${output}`);
      }
    }
  }

  /// The tear-down of every suite, also after a failed test: stops, audits, removes the folder. If
  /// the audit fails, or the caller asks to `keep` it, the folder stays and its path is printed.
  async finish({ keep = false } = {}) {
    let audited = false;
    try {
      if (this.#child) await this.stop();
      await this.check();
      audited = true;
    } finally {
      if (this.#child) await this.#end('SIGKILL');
      if (keep || !audited) process.stderr.write(`data folder kept: ${this.dataDir}\n`);
      else if (this.#ownsFolder) await rm(this.dataDir, { recursive: true, force: true });
    }
  }

  async #end(signal) {
    const child = this.#child;
    if (!child) throw new Error('the server is not running');
    const exit = this.#exit;
    child.kill(signal);
    try {
      return await bounded(exit, stopMsMax, `the server after ${signal}`);
    } catch (error) {
      child.kill('SIGKILL');
      await exit;
      throw error;
    } finally {
      this.#child = null;
    }
  }
}

/// Runs `parley ARGS` to its end; returns { exit: { code, signal }, output } (both streams
/// together).
export async function run(args, env = {}, program = programPath()) {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-stderrBytesMax)));
  }
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  try {
    return { exit: await bounded(ended, auditMsMax, `parley ${args.join(' ')}`), output };
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
    running.delete(child);
  }
}

export function describe({ code, signal, error }) {
  if (error) return error.message;
  return signal ? `signal ${signal}` : `exit code ${code}`;
}
