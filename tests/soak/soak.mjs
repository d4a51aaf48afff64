// Keeps a server busy for a while with ordinary, slow and hostile clients that connect and
// disconnect, and checks that at the end it holds no more than at the start: node soak.mjs
// [--seconds N] [--seed N]. docs/crash-tests.md lists the checks.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, history, kinds } from '../clients/support.mjs';
import { patience, startServer } from '../support/server.mjs';
import { seeded } from '../support/seeded.mjs';
import { misbehave, misdeeds, readSlowly } from './hostile.mjs';
import { checkGrowth, fileBytes, mb, memory, metrics, settled } from './vitals.mjs';
import { visit } from './visitor.mjs';

// Short limits, so that misbehaving clients are disconnected within the run, and small caches, so
// that they fill early.
const serverArgs = [
  '--io.threads=2',
  '--io.outbox=65536',
  `--io.stalled=${2000 * patience}`,
  '--ping.interval=1000',
  `--ping.timeout=${5000 * patience}`,
  '--connect.timeout=2000',
  '--upgrade.timeout=1000',
  '--http.header-timeout=1000',
  '--http.body-timeout=1000',
  '--http.idle-timeout=2000',
  '--typing.timeout=1000',
  '--writer.conversations=100',
];
const crowd = { visitors: 12, hostile: 16, sleepers: 6 };
const sampleMs = 250;
const walBytesMax = 16 * 1024 * 1024; // a checkpoint is due at 4 MiB; readers may delay it
const sqliteBytesMax = (64 + 2 * 16 + 16) * 1024 * 1024; // caches of the writer and two readers
const canaryMs = 100;
const historyPage = 100;
const busyContent = 'b'.repeat(4000);

/// Two friends who talk all the time; everything must arrive, whatever the other clients do.
class Canary {
  said = [];

  async open(url) {
    [this.speaker, this.listener] = [new Client(kinds.v4WebSocket, url), new Client(kinds.v4, url)];
    for (const client of [this.speaker, this.listener]) await client.connected();
    await this.speaker.join('canary', 'speaker', 'cx-customer');
    await this.listener.join('canary', 'listener', 'cx-agent');
  }

  async sing(until) {
    while (!until()) {
      this.said.push(await this.speaker.say('canary', `tweet ${this.said.length}`));
      await pause(canaryMs);
    }
  }

  async check(server) {
    const last = this.said.at(-1);
    await this.listener.receives('new_message', ({ id }) => id === last.id);
    assert.deepEqual([this.speaker.disconnects, this.listener.disconnects], [[], []]);
    const heard = this.listener.take().filter(({ name }) => name === 'new_message');
    assert.deepEqual(heard.map(({ body }) => body), this.said, 'the canary was heard');
    assert.deepEqual(await history(server, 'canary'), this.said);
    for (const { faults } of [this.speaker, this.listener]) if (faults.length > 0) throw faults[0];
  }

  close() {
    for (const client of [this.speaker, this.listener]) client?.close();
  }
}

class Soak {
  done = { visits: 0, sleepers: 0 };
  misdeeds = {};
  samples = []; // { all, sqlite, own, database, wal }, in bytes
  #stopped = false;

  constructor(server, seconds, seed) {
    Object.assign(this, { server, seconds });
    this.random = seeded(seed);
  }

  async run() {
    await this.#warmUp();
    const start = await settled(this.server);
    const canary = new Canary();
    await canary.open(this.server.url);
    const work = [
      this.#repeat(1, () => canary.sing(() => this.#stopped)),
      this.#repeat(1, () => this.#talk()),
      this.#repeat(1, () => this.#sample()),
      this.#repeat(crowd.visitors, () => this.#visit()),
      this.#repeat(crowd.hostile, () => this.#misbehave()),
      this.#repeat(crowd.sleepers, () => this.#sleep()),
    ];
    // The first failure ends the run.
    await Promise.race([pause(this.seconds * 1000), ...work.map((one) => one.then(() => new Promise(() => {})))]);
    this.#stopped = true;
    await Promise.all(work);
    await canary.check(this.server);
    canary.close();
    await settled(this.server, start);
    this.#checkSizes();
  }

  // Does everything once, so that lazily opened resources are open before the start, and the
  // allocator has seen every kind of allocation.
  async #warmUp() {
    const { url } = this.server;
    const talker = new Client(kinds.v4WebSocket, url);
    await talker.join('busy', 'talker', 'cx-agent');
    for (let i = 0; i < historyPage; i++) await talker.say('busy', busyContent);
    talker.close();
    for (let i = 0; i < 20; i++) await visit(url, this.random);
    await Promise.all(Object.keys(misdeeds).map((name) => misbehave(url, this.random, name)));
  }

  async #repeat(count, act) {
    const loop = async () => {
      while (!this.#stopped) await act();
    };
    await Promise.all(Array.from({ length: count }, loop));
  }

  async #visit() {
    await visit(this.server.url, this.random);
    this.done.visits++;
  }

  async #misbehave() {
    const name = await misbehave(this.server.url, this.random);
    this.misdeeds[name] = (this.misdeeds[name] ?? 0) + 1;
  }

  async #sleep() {
    await readSlowly(this.server.url, this.random);
    this.done.sleepers++;
  }

  // Sends to the busy room, whose sleepers do not read.
  async #talk() {
    const talker = new Client(kinds.v4WebSocket, this.server.url);
    try {
      await talker.connected();
      await talker.join('busy', 'talker', 'cx-agent');
      while (!this.#stopped) {
        await talker.say('busy', busyContent);
        talker.take();
        await pause(20);
      }
    } finally {
      talker.close();
    }
  }

  async #sample() {
    const { dataDir } = this.server;
    this.samples.push({
      ...(await memory(this.server)),
      database: await fileBytes(dataDir, 'parley.db'),
      wal: await fileBytes(dataDir, 'parley.db-wal'),
    });
    await pause(sampleMs);
  }

  #checkSizes() {
    const largest = (what) => Math.max(...this.samples.map((one) => one[what]));
    console.log(`largest, all: ${mb(largest('all'))}, SQLite's: ${mb(largest('sqlite'))}`);
    console.log(`database: ${mb(largest('database'))}, write-ahead log: ${mb(largest('wal'))}`);
    checkGrowth(this.samples.map(({ own }) => own));
    assert.ok(largest('sqlite') <= sqliteBytesMax, "SQLite's memory grew");
    assert.ok(largest('wal') <= walBytesMax, 'the write-ahead log grew');
  }
}

async function main() {
  const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
  const seconds = Number(values.seconds ?? 15);
  const seed = Number(values.seed ?? randomInt(1, 2 ** 31));
  assert.ok(seconds > 0, '--seconds needs a number');
  console.log(`soak: ${seconds} s, --seed ${seed}`);
  const server = await startServer({ args: serverArgs });
  const soak = new Soak(server, seconds, seed);
  let passed = false;
  try {
    await soak.run();
    passed = true;
  } catch (error) {
    console.log(`FAIL  ${error.stack}\nthe server logged:\n${server.stderr.slice(-2000)}`);
  }
  const counts = [...Object.entries(soak.done), ...Object.entries(soak.misdeeds).sort()];
  console.log(counts.map(([what, count]) => `${count} ${what}`).join(', '));
  const after = await metrics(server).catch(() => new Map());
  for (const name of ['connections_accepted_total', 'events_appended_total', 'slow_clients_closed_total']) {
    console.log(`${name}: ${after.get(name)}`);
  }
  await server.finish({ keep: !passed }).catch((error) => {
    passed = false;
    console.log(`FAIL  ${error.message}`);
  });
  console.log(passed ? '1 passed, 0 failed' : '0 passed, 1 failed');
  return passed;
}

process.exit((await main()) ? 0 : 1);
