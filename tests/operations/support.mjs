// Shared by the operations tests: the program's subcommands, a server's metrics, and a load of
// messages and typing over real sockets.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { rest } from '../support/rest.mjs';
import { bounded, patience, programPath } from '../support/server.mjs';

export const waitMsMax = 60_000 * patience;

// Without the variables of the test scripts, because the program would warn about them.
const plainEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_')),
);

/// Runs `parley ARGS` to its end; returns {code, stdout, stderr}.
export function parley(...args) {
  return parleyWith({}, ...args);
}

/// The same with more variables.
export async function parleyWith(variables, ...args) {
  const child = spawn(programPath(), args, { env: { ...plainEnvironment, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
  const result = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => (result[name] += text));
  }
  try {
    const ended = new Promise((resolve) => child.once('close', resolve));
    return { code: await bounded(ended, waitMsMax, `parley ${args[0]}`), ...result };
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}

/// The same, but it must succeed; returns its standard output.
export async function succeeds(...args) {
  const { code, stdout, stderr } = await parley(...args);
  assert.equal(code, 0, `parley ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

/// The same, but it must fail with a matching message, and print nothing on standard output.
export async function refuses(words, ...args) {
  const { code, stdout, stderr } = await parley(...args);
  assert.notEqual(code, 0, `parley ${args.join(' ')} did not refuse`);
  assert.match(stderr, words);
  assert.equal(stdout, '');
}

/// The events' lines of an export of the whole log: all but its first and its last one.
export async function exported(dataDir) {
  const text = await succeeds('export', '--data', dataDir);
  return text.split('\n').slice(1, -2);
}

/// The figures that `parley backup`, `restore` and `vacuum` print.
export function figuresIn(text) {
  const found = /position (\d+), (\d+) events, (\d+) bytes, hash ([0-9a-f]{64})\n$/.exec(text);
  assert.ok(found, text);
  const [position, events, bytes] = found.slice(1, 4).map(Number);
  return { position, events, bytes, hash: found[4] };
}

/// A folder that is removed after the tests of the enclosing `describe`.
export async function temporaryFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-operations-'));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function metrics(server) {
  const { text } = await rest(server, 'GET', '/metrics');
  const found = {};
  for (const line of text.split('\n')) {
    const [name, value] = line.split(' ');
    if (name.startsWith('parley_')) found[name.slice('parley_'.length)] = Number(value);
  }
  return found;
}

/// Waits until `holds(metrics)`.
export async function untilMetrics(server, what, holds) {
  for (let waited = 0; ; waited += 50) {
    const now = await metrics(server);
    if (holds(now)) return now;
    if (waited > waitMsMax) throw new Error(`${what}: ${JSON.stringify(now)}`);
    await pause(50);
  }
}

const windowMessages = 8; // sent by one writer and not yet acknowledged

/// Writers that send and type without a pause until stopped; they keep each message's ack.
export class Load {
  acked = [];
  refusals = [];
  #sockets = [];
  #stopped = false;

  static async start(server, { writers = 4 } = {}) {
    const load = new Load();
    for (let i = 0; i < writers; i++) await load.#write(server, `room-${i % 2}`, `writer-${i}`);
    await load.until(windowMessages);
    return load;
  }

  async #write(server, conversationId, userId) {
    const socket = io(server.url, { forceNew: true, reconnection: false, transports: ['websocket'] });
    this.#sockets.push(socket);
    const join = { conversationId, userId, userRole: 'cx-agent' };
    const joined = new Promise((resolve) => socket.emit('join_room', join, resolve));
    assert.equal((await bounded(joined, waitMsMax, 'join_room')).success, true);
    let count = 0;
    const send = () => {
      if (this.#stopped) return;
      count += 1;
      socket.emit('typing_start', { conversationId, userId, userName: `Name of ${userId}` });
      const message = { conversationId, content: `${userId} says ${count}` };
      socket.emit('send_message', message, (reply) => {
        if (reply.success === false) this.refusals.push(reply);
        else this.acked.push(reply);
        send();
      });
    };
    for (let i = 0; i < windowMessages; i++) send();
  }

  /// Waits for `count` more acknowledgements.
  async until(count) {
    const goal = this.acked.length + count;
    for (let waited = 0; this.acked.length < goal; waited += 10) {
      if (waited > waitMsMax) throw new Error(`${this.acked.length} of ${goal} acknowledgements`);
      await pause(10);
    }
  }

  stop() {
    this.#stopped = true;
    for (const socket of this.#sockets) socket.disconnect();
  }
}
