// A node's side of the stream (stream_probe.cpp) as an object.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { bounded, patience, programPath } from '../support/server.mjs';

const answerMsMax = 60_000 * patience;
const logBytesMax = 64 * 1024;
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/// Starts a probe; `options` as optionsOf in stream_probe.cpp reads them.
export async function startProbe(options) {
  const probe = new Probe({ cluster: 'test', ...options });
  probe.hello = await probe.next();
  return probe;
}

class Probe {
  #child;
  #waiting = []; // for answers, the oldest first
  #listeners = [];
  #ended;
  log = '';
  heard = []; // messages of the bus
  written = 0;

  constructor(options) {
    const program = path.join(path.dirname(programPath()), 'tests/cluster/stream_probe');
    this.#child = spawn(program, [JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(this.#child);
    this.#child.stdin.on('error', () => {}); // it has ended, and its answers say so
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.log = (this.log + text).slice(-logBytesMax);
      this.#check();
    });
    readline.createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(JSON.parse(line)));
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ error }));
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
    }).then((exit) => {
      running.delete(this.#child);
      for (const { reject } of this.#waiting) reject(new Error(`the probe ended: ${JSON.stringify(exit)}\n${this.log}`));
      return exit;
    });
  }

  /// Asks `call` with `args`; its answer.
  ask(call, args = {}) {
    const answer = this.next();
    this.#child.stdin.write(`${JSON.stringify({ call, ...args })}\n`);
    return answer;
  }

  /// The next line that answers.
  next() {
    const answer = new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    return bounded(answer, answerMsMax, 'the probe');
  }

  append(last, id, text = `text of ${id}`) {
    return this.ask('append', { last, id, text }).then(({ append }) => append);
  }

  /// Settles once `condition` holds, which is asked after each event and each line of the log.
  happens(condition, what) {
    const settled = new Promise((resolve) => {
      const check = () => condition() && resolve();
      this.#listeners.push(check);
      check();
    });
    return bounded(settled, answerMsMax, what);
  }

  /// Lets it end by itself.
  async end() {
    this.#child.stdin.end();
    const exit = await bounded(this.#ended, answerMsMax, 'the end of the probe');
    assert.deepEqual(exit, { code: 0, signal: null }, this.log);
  }

  kill9() {
    this.#child.kill('SIGKILL');
    return this.#ended;
  }

  #take(line) {
    if (line.event === 'heard') this.heard.push(line);
    else if (line.event === 'written') this.written = line.last;
    else return this.#waiting.shift()?.resolve(line);
    this.#check();
  }

  #check() {
    for (const check of this.#listeners) check();
  }
}
