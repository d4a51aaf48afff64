// Machines of a cluster lose their power while clients write: what was not synced is gone from their
// disks, in the stores of NATS as in the data folders. Nothing that was acknowledged is lost. Where
// NATS itself lost the end of the stream, no node leads, and the test goes the documented way back.
// PARLEY_TEST_POWER=all runs all cases.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newCluster, until } from '../support/cluster.mjs';
import { makeDisks, writeThrough } from '../support/disks.mjs';
import { between, oneOf, seeded } from '../support/seeded.mjs';
import { patience, run } from '../support/server.mjs';
import { Load, messagesIn } from './load.mjs';

const seed = Number(process.env.PARLEY_CLUSTER_SEED || Date.now() % 1_000_000);
const nodes = [0, 1, 2];
const messagesMin = 100;
const sureMs = 3000; // for so long nobody may lead
const reportBytes = 4000;
const someBytes = 'x'.repeat(100_000);
const dataDisk = (i) => 2 * i;
const storeDisk = (i) => 2 * i + 1;

/// Three nodes whose folders, and whose servers' stores, are on disks of their own.
class Site {
  constructor(context, isSynced) {
    this.disks = makeDisks(context, 2 * nodes.length);
    if (!this.disks) return;
    this.machines = nodes.map((i) => {
      const data = path.join(this.disks.folder(dataDisk(i)), 'data');
      const store = path.join(this.disks.folder(storeDisk(i)), 'store');
      mkdirSync(store);
      if (isSynced) writeThrough(store);
      return { data, store };
    });
  }

  async begin() {
    this.cluster = await newCluster({ natsServers: nodes.length, machines: this.machines });
    await this.cluster.begin();
    this.load = new Load(this.cluster);
    const random = seeded(seed);
    for (const i of nodes) this.load.write(`at-${i}`, () => this.cluster.nodes[i]);
    this.load.write('anywhere', () => oneOf(random, this.cluster.nodes));
    await this.writeMore();
    await sleep(between(random, 0, 500));
    const leader = await this.cluster.leader();
    return [leader, ...nodes.filter((i) => i !== leader)];
  }

  async writeMore() {
    const before = this.load.acked.length;
    await this.load.until(() => this.load.acked.length > before + messagesMin, 'messages');
  }

  /// All at the same moment.
  async losePower(gone) {
    for (const i of gone) {
      this.cluster.nodes[i].signal('SIGSTOP');
      await this.cluster.nats.pause(i);
    }
    for (const i of gone) for (const disk of [dataDisk(i), storeDisk(i)]) this.disks.cutPower(disk);
    for (const i of gone) await this.goAway(i);
    for (const i of gone) for (const disk of [dataDisk(i), storeDisk(i)]) this.disks.restore(disk);
  }

  async goAway(i) {
    await this.cluster.nodes[i].kill9();
    await this.cluster.nats.kill9(i);
  }

  async comeBack(which) {
    await Promise.all(which.map((i) => this.cluster.nats.start(i)));
    await Promise.all(which.map((i) => this.cluster.nodes[i].start(this.cluster.nodes[i].port)));
  }

  /// Whether the nodes that run go on by themselves; otherwise one of them says that the stream has
  /// lost its end, and none leads.
  async goesOn() {
    const running = nodes.filter((i) => this.cluster.nodes[i].pid);
    const goesOn = await until(async () => {
      const all = await Promise.all(running.map((i) => this.cluster.readiness(i)));
      if (all.every((one) => one?.code === 200)) return 'yes';
      return all.some((one) => one?.status === 'no_stream' && /has lost its end/.test(one.reason)) && 'no';
    }, 'nodes that go on, or a stream that is lost').catch(async (error) => {
      throw new Error(`${error.message}\n${await this.#report(running)}`);
    });
    if (goesOn === 'yes') return true;
    await sleep(sureMs);
    for (const i of running) assert.equal((await this.cluster.readiness(i)).code, 503);
    return false;
  }

  async #report(running) {
    const of = async (i) => [
      JSON.stringify(await this.cluster.readiness(i)),
      JSON.stringify(await this.cluster.nats.copyOf('PARLEY_test_1', i)),
      this.cluster.nodes[i].stderr.slice(-reportBytes),
      this.cluster.nats.log(i).slice(-reportBytes),
    ];
    return (await Promise.all(running.map(of))).flat().join('\n');
  }

  async finish() {
    await this.load?.close();
    await this.cluster?.drop();
    this.disks.finish();
  }
}

/// docs/cluster.md, "The stream is lost", as written there, with the nodes that run. Then the one
/// that was `away` comes back.
async function reseed(cluster, away) {
  const running = nodes.filter((i) => cluster.nodes[i].pid);
  const positions = await Promise.all(running.map((i) => positionOf(cluster.dataOf(i))));
  const furthest = running[positions.indexOf(Math.max(...positions))];
  await cluster.nodes[furthest].stop();
  await cluster.command('reseed', furthest, ...(away === undefined ? [] : ['--without', cluster.names[away]]));
  await cluster.nodes[furthest].start(cluster.nodes[furthest].port);
  for (const i of running) {
    if (i === furthest) continue;
    await cluster.nodes[i].stop();
    await follow(cluster, i, furthest);
  }
  await cluster.ready();
  if (away !== undefined) await follow(cluster, away, furthest);
}

/// A node takes the new stream, or joins anew where it is told to.
async function follow(cluster, i, of) {
  const { exit, output } = await run(['cluster', 'reseed', '--data', cluster.dataOf(i), ...cluster.flagsOf(i)]);
  if (exit.code !== 0) {
    assert.match(output, /let the node join from a backup of/);
    await rm(cluster.dataOf(i), { recursive: true });
    await cluster.join(i, of);
  }
  await cluster.nodes[i].start(cluster.nodes[i].port);
}

/// A power loss may have torn parley.head, which is not synced: then nothing else is wrong.
async function positionOf(data) {
  const { exit, output } = await run(['verify', '--data', data]);
  assert.ok(exit.code === 0 || (exit.code === 78 && /parley\.head" is damaged/.test(output)), output);
  return Number(/up to position (\d+), hash/.exec(output)[1]);
}

/// After all have lost their power, each message that was acknowledged is on two of the three disks.
async function checkHeld(site) {
  const held = await Promise.all(nodes.map(async (i) => new Set(await messagesIn(site.cluster.dataOf(i), site.cluster.folder))));
  for (const { content } of site.load.acked) {
    assert.ok(held.filter((one) => one.has(content)).length >= 2, `${content} is on the disks of two nodes`);
  }
}

/// `act` returns the machine that is away at its end. `losesEnd`: whether NATS that does not sync
/// then has lost the end of the stream; without a word: sometimes.
const cases = [
  {
    what: 'all machines lose power',
    losesEnd: true,
    async act(site, order) {
      await site.losePower(order);
      await checkHeld(site);
      await site.comeBack(order);
    },
  },
  {
    what: 'one machine loses power',
    losesEnd: false,
    async act(site, [one]) {
      await site.losePower([one]);
      await site.writeMore();
      await site.comeBack([one]);
    },
  },
  {
    what: 'two machines lose power',
    async act(site, [one, two]) {
      await site.losePower([one, two]);
      await site.comeBack([one, two]);
    },
  },
  {
    what: 'one is away, the next loses power, the third goes away, and the first two meet',
    losesEnd: true,
    async act(site, [third, second, first]) {
      await site.goAway(first);
      await site.writeMore();
      await site.losePower([second]);
      await site.goAway(third);
      await site.comeBack([second, first]);
      return third;
    },
  },
];
const isLong = process.env.PARLEY_TEST_POWER === 'all';

/// What each of two disks keeps of a file that was synced and one that was not; all writes to the
/// second disk are synced.
async function kept(context) {
  const disks = makeDisks(context, 2);
  if (!disks) return null;
  try {
    writeThrough(disks.folder(1));
    for (const i of [0, 1]) {
      const file = await open(path.join(disks.folder(i), 'synced'), 'w');
      await file.write(someBytes);
      await file.sync();
      await file.close();
      writeFileSync(path.join(disks.folder(i), 'other'), someBytes);
      disks.cutPower(i);
      disks.restore(i);
    }
    return [0, 1].map((i) => ['synced', 'other'].map((name) => isWhole(path.join(disks.folder(i), name))));
  } finally {
    disks.finish();
  }
}

const isWhole = (file) => existsSync(file) && readFileSync(file, 'utf8') === someBytes;

test('the disks of these tests keep what was synced, and nothing else', async (context) => {
  let found = await kept(context);
  if (!found) return;
  // The machine may sync all of its disks at any time.
  for (let i = 1; i < 5 && found[0][1]; i++) found = await kept(context);
  assert.deepEqual(found, [[true, false], [true, true]]);
});

for (const { what, losesEnd, act } of isLong ? cases : cases.slice(0, 1)) {
  for (const isSynced of isLong ? [false, true] : [false]) {
    const name = `${what}, NATS ${isSynced ? 'synced' : 'not synced'}`;
    test(`${name}: nothing is lost or doubled (seed ${seed})`, { timeout: 300_000 * patience }, async (context) => {
      const site = new Site(context, isSynced);
      if (!site.disks) return;
      try {
        const away = await act(site, await site.begin());
        const isLost = !(await site.goesOn());
        assert.equal(isLost, isSynced ? false : losesEnd ?? isLost);
        if (!isLost) await site.writeMore();
        // A stream is made on as many servers as cluster.replicas.
        if (away !== undefined) await site.cluster.nats.start(away);
        if (isLost) await reseed(site.cluster, away);
        else if (away !== undefined) await site.cluster.nodes[away].start(site.cluster.nodes[away].port);
        await site.writeMore();
        await site.load.stopWriting();
        await site.cluster.ready();
        await site.load.check(`${name}${isLost ? ', reseeded' : ''}`);
        await site.cluster.finish();
      } finally {
        await site.finish();
      }
    });
  }
}
