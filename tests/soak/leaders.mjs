// Keeps a cluster of three nodes busy while its leader changes again and again, and checks that
// nothing is lost or doubled, and that at the end each node holds no more than at the start: node
// leaders.mjs [--seconds N] [--every SECONDS] [--seed N]. docs/crash-tests.md lists the checks.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Load } from '../cluster/load.mjs';
import { startCluster } from '../support/cluster.mjs';
import { oneOf, seeded } from '../support/seeded.mjs';
import { patience } from '../support/server.mjs';
import { checkGrowth, memory, settled } from './vitals.mjs';
import { visit } from './visitor.mjs';

const nodes = [0, 1, 2];
const visitors = 2;
const sampleMs = 500;
const writeMs = 50;
const nodeArgs = ['--typing.timeout=1000', '--writer.conversations=100', `--ping.timeout=${20_000 * patience}`];
// A visit may meet a change of leader, or a node that stands still.
const fairHere = ['unavailable'];

class Soak {
  done = { visits: 0, changes: 0 };
  #samples = nodes.map(() => []);
  #isOver = false;
  #frozen = null;

  constructor(cluster, { seconds, every, seed }) {
    Object.assign(this, { cluster, seconds, every, random: seeded(seed) });
  }

  async run() {
    for (const i of nodes) for (let visits = 0; visits < 10; visits++) await this.#visit(i);
    const start = await this.#settled();
    const load = new Load(this.cluster, { pauseMs: writeMs });
    const works = [this.#repeat(() => this.#sample())];
    try {
      for (const i of nodes) await load.listen(`stays-${i}`, () => this.cluster.nodes[i]);
      for (const i of nodes) load.write(`at-${i}`, () => this.cluster.nodes[i]);
      load.write('anywhere', () => oneOf(this.random, this.cluster.nodes));
      for (let i = 0; i < visitors; i++) works.push(this.#repeat(() => this.#visit(oneOf(this.random, nodes))));
      await Promise.race([this.#changeLeaders(load), ...works]);
      this.#isOver = true;
      await Promise.all(works);
      await load.stopWriting();
      await this.cluster.ready();
      await load.check(`changed the leader ${this.done.changes} times in ${this.seconds} s`);
      await this.#settled(start);
      for (const samples of this.#samples) checkGrowth(samples);
    } finally {
      this.#isOver = true;
      await load.close();
    }
  }

  /// The leader stands still until another node leads: so each process lives until the end.
  async #changeLeaders(load) {
    const until = Date.now() + this.seconds * 1000;
    while (Date.now() + this.every * 1000 <= until) {
      await pause(this.every * 1000);
      const leader = await this.cluster.leader();
      this.#frozen = leader;
      this.cluster.nodes[leader].signal('SIGSTOP');
      try {
        await this.cluster.leader(nodes.filter((i) => i !== leader));
      } finally {
        this.cluster.nodes[leader].signal('SIGCONT');
        this.#frozen = null;
      }
      const since = Date.now();
      await load.until(() => nodes.every((i) => load.ackedBy(`at-${i}`, since) > 0), 'messages on all nodes');
      await this.cluster.ready();
      this.done.changes++;
    }
    await pause(Math.max(0, until - Date.now()));
  }

  async #repeat(act) {
    while (!this.#isOver) await act();
  }

  async #visit(i) {
    await visit(this.cluster.nodes[i].url, this.random, fairHere);
    this.done.visits++;
  }

  async #sample() {
    await pause(sampleMs);
    for (const i of nodes) {
      if (i !== this.#frozen) this.#samples[i].push((await memory(this.cluster.nodes[i])).own);
    }
  }

  async #settled(start) {
    const held = [];
    for (const [i, node] of this.cluster.nodes.entries()) held.push(await settled(node, start?.[i]));
    return held;
  }
}

async function main() {
  const { values } = parseArgs({ options: { seconds: { type: 'string' }, every: { type: 'string' }, seed: { type: 'string' } } });
  const seconds = Number(values.seconds ?? 40);
  const every = Number(values.every ?? 15);
  const seed = Number(values.seed ?? randomInt(1, 2 ** 31));
  assert.ok(seconds > 0 && every > 0, '--seconds and --every need a number');
  console.log(`soak of a cluster: ${seconds} s, a new leader each ${every} s, --seed ${seed}`);
  const cluster = await startCluster({ natsServers: nodes.length, args: nodeArgs });
  const soak = new Soak(cluster, { seconds, every, seed });
  let passed = false;
  try {
    await soak.run();
    await cluster.finish();
    passed = true;
  } catch (error) {
    const logs = cluster.nodes.map(({ stderr }) => stderr.slice(-2000));
    console.log(`FAIL  ${error.stack}\nthe nodes logged:\n${logs.join('\n')}`);
  } finally {
    await cluster.drop();
  }
  console.log(Object.entries(soak.done).map(([what, count]) => `${count} ${what}`).join(', '));
  console.log(passed ? '1 passed, 0 failed' : '0 passed, 1 failed');
  return passed;
}

process.exit((await main()) ? 0 : 1);
