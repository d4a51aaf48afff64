// scripts/bench --cluster: three nodes on three servers of NATS, all on this machine, beside a single
// server in the same run. Prints each figure, its ratio, and the target of the design.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { natsVersion } from '../support/nats.mjs';
import { startCluster, until } from '../support/cluster.mjs';
import { startProbe } from '../cluster/probe.mjs';
import { median } from './figures.mjs';
import { describeMachine, warnings } from './machine.mjs';
import { discard, load, servers, start, stop } from './servers.mjs';
import { measureStorage } from './storage.mjs';

const root = new URL('../..', import.meta.url).pathname;
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    measure: { type: 'string', default: '4' },
    only: { type: 'string', default: 'pingpong,room10,fan100,paced,catch-up,pauses' },
  },
});
const rounds = Number(options.rounds);
const measure = Number(options.measure);
const only = options.only.split(',');
const program = join(root, 'build/release/parley');
const logProgram = join(root, 'build/release/tests/bench/parley-log-bench');
const loadProgram = join(root, 'build/release/tests/bench/parley-load');
process.env.PARLEY_BIN = program;
const loadMsMax = (measure + 120) * 1000;
// Of one message of the benchmark with its outcome, as the stream has it.
const appendBytes = 600;

const rows = [];
function note(figure, single, cluster, ratio, target) {
  rows.push([figure, single, cluster, ratio, target]);
  console.log(`  ${figure}: ${single} single, ${cluster} cluster, ${ratio} (target ${target})`);
}
const whole = (value) => Math.round(value).toLocaleString('en-US');
const ms = (us) => (us / 1000).toFixed(2);

const dataParent = (() => {
  mkdirSync(join(root, 'build/bench'), { recursive: true });
  return mkdtempSync(join(root, 'build/bench/run-'));
})();

async function measureSingle(scenario, more = []) {
  const running = await start(servers(program).parley, dataParent);
  try {
    const { line } = await load(loadProgram, scenario, running, ['--measure', measure, ...more], loadMsMax);
    const problem = line.problem || (await stop(running));
    if (problem) throw new Error(`${scenario} on a single server: ${problem}`);
    return line;
  } finally {
    running.child.kill('SIGKILL');
    await running.ended;
    discard(running);
  }
}

/// `nodes`: those that the clients are on, in turns. The CPU is that of all nodes.
async function measureNodes(cluster, scenario, nodes, more = []) {
  const running = {
    port: nodes.map(({ port }) => port).join(','),
    child: { pid: cluster.nodes.map(({ pid }) => pid).join(',') },
    server: {},
  };
  const { line } = await load(loadProgram, scenario, running, ['--measure', measure, ...more], loadMsMax);
  if (line.problem) throw new Error(`${scenario} on nodes: ${line.problem}`);
  return line;
}

/// Medians of `keys` over the rounds, single and cluster in turns.
async function compare(cluster, scenario, nodes, keys, more = []) {
  const all = { single: [], cluster: [] };
  for (let round = 0; round < rounds; round++) {
    all.single.push(await measureSingle(scenario, more));
    all.cluster.push(await measureNodes(cluster, scenario, nodes, more));
  }
  const mid = (which, key) => median(all[which].map((line) => line[key]));
  return keys.map((key) => [mid('single', key), mid('cluster', key)]);
}

async function bareAppend(cluster) {
  const probe = await startProbe({ cluster: 'bare', node: 'probe', servers: cluster.nats.urls, replicas: 3 });
  try {
    assert.equal((await probe.ask('make')).made, true);
    const { p50Us } = await probe.ask('time', { last: 0, count: 500, size: appendBytes });
    return p50Us;
  } finally {
    await probe.end();
  }
}

async function pingpong(cluster, follower) {
  const bare = await bareAppend(cluster);
  const [shown] = await compare(cluster, 'pingpong', [follower], ['shownP50Us']);
  note('own message p50 through a follower, ms', ms(shown[0]), ms(shown[1]), `${(shown[1] / bare).toFixed(1)} x a bare append of ${ms(bare)}`, '<= 3.5 x');
}

async function room10(cluster, follower) {
  const [rate] = await compare(cluster, 'room10', [follower], ['messagesPerSecond']);
  note('room10, messages/s', whole(rate[0]), whole(rate[1]), (rate[1] / rate[0]).toFixed(2), '>= 0.2 on one machine');
  return rate[1];
}

async function fan100(cluster) {
  const [each] = await compare(cluster, 'fan100', cluster.nodes, ['deliveriesPerServerCpuSecond']);
  note('fan100, deliveries per CPU second of all nodes', whole(each[0]), whole(each[1]), (each[1] / each[0]).toFixed(2), '>= 0.8');
}

async function paced(cluster, rate) {
  const half = ['--rate', Math.max(10, Math.floor(Math.min(rate / 2, 1000)))];
  const [late, ack] = await compare(cluster, 'paced', cluster.nodes, ['deliveryP99Us', 'ackP50Us'], half);
  note(`delivery p99 at ${half[1]} messages/s, ms`, ms(late[0]), ms(late[1]), `${(late[1] / ack[1]).toFixed(1)} x ack p50 of ${ms(ack[1])}`, '<= 3 x ack p50');
}

const cpuOf = async ({ url }) => {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const figure = (name) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(metrics)?.[1]);
  return { cpu: figure('process_cpu_seconds_total'), sequence: figure('parley_cluster_applied_sequence'), position: figure('parley_log_position') };
};

/// A node that was away applies what the others have written meanwhile.
async function catchUp(cluster, follower) {
  const leader = cluster.nodes[await cluster.leader()];
  const perCommit = [];
  const each = [];
  for (let round = 0; round < rounds; round++) {
    const before = await cpuOf(follower);
    await follower.stop();
    await measureNodes({ nodes: cluster.nodes.filter(({ pid }) => pid) }, 'room10', [leader]);
    const goal = await cpuOf(leader);
    await follower.start(follower.port);
    const began = Date.now();
    let now = await cpuOf(follower);
    while (now.sequence < goal.sequence) {
      await sleep(50);
      now = await cpuOf(follower);
    }
    const events = goal.position - before.position;
    each.push((events / (Date.now() - began)) * 1000);
    perCommit.push(events / (goal.sequence - before.sequence));
    await cluster.ready();
  }
  const { events512PerSecond: single } = await measureStorage('append', 'parley', { program: logProgram, dataParent, measure });
  const ratio = `${(median(each) / single).toFixed(2)}, of ${median(perCommit).toFixed(1)} events a message`;
  note('catching up, events/s, to append at 512', whole(single), whole(median(each)), ratio, '>= 0.7');
}

/// The longest time without an acknowledged message while `harm` is done.
async function pauseAfter(cluster, harm) {
  const acked = [];
  let isDone = false;
  const say = async ({ url }, i) => {
    for (let n = 0; !isDone; n++) {
      const content = `pause ${i}-${n}`;
      const body = JSON.stringify({ conversationId: 'pauses', fromUserId: `u${i}`, fromRole: 'cx-agent', content, clientMessageId: content });
      for (;;) {
        const answer = await fetch(`${url}/chat/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(() => null);
        if (answer?.status === 201 || answer?.status === 200) break;
        if (isDone) return;
        await sleep(20);
      }
      acked.push(Date.now());
    }
  };
  const writers = cluster.nodes.map(say);
  await until(() => acked.length > 30, 'first messages');
  const began = Date.now();
  await harm();
  await until(() => acked.at(-1) > began + 15_000, 'messages after it');
  isDone = true;
  await Promise.all(writers);
  const times = acked.filter((at) => at >= began - 1000).sort((a, b) => a - b);
  return Math.max(...times.slice(1).map((at, i) => at - times[i]));
}

async function pauses(cluster) {
  const harms = [
    ['SIGTERM to the leader', '<= 1.5 s', (i) => cluster.nodes[i].stop()],
    ['SIGKILL of the leader', '<= 4 s', (i) => cluster.nodes[i].kill9()],
  ];
  for (const [what, target, harm] of harms) {
    const i = await cluster.leader();
    const longest = await pauseAfter(cluster, () => harm(i));
    note(`no answers after ${what}, s`, '', (longest / 1000).toFixed(1), '', target);
    await cluster.nodes[i].start(cluster.nodes[i].port);
    await cluster.ready();
  }
  const name = await cluster.nats.leaderOf('PARLEY_test_1');
  const longest = await pauseAfter(cluster, () => cluster.nats.kill9(name));
  note('no answers after SIGKILL of the stream leader, s', '', (longest / 1000).toFixed(1), '', '<= 12 s');
  await cluster.nats.start(name);
  await cluster.ready();
}

console.log(`${new Date().toISOString()}\n${describeMachine(root, dataParent, natsVersion())}`);
for (const warning of warnings(dataParent)) console.log(`WARNING: ${warning}`);
const cluster = await startCluster({ natsServers: 3, args: ['--cluster.stream-bytes', '600000000'] });
try {
  const [first] = await cluster.followers();
  const follower = cluster.nodes[first];
  if (only.includes('pingpong')) await pingpong(cluster, follower);
  const rate = only.includes('room10') ? await room10(cluster, follower) : 1000;
  if (only.includes('fan100')) await fan100(cluster);
  if (only.includes('paced')) await paced(cluster, rate);
  if (only.includes('catch-up')) await catchUp(cluster, follower);
  if (only.includes('pauses')) await pauses(cluster);
  await cluster.finish(); // all logs are the same, and whole
} finally {
  await cluster.drop();
  rmSync(dataParent, { recursive: true, force: true });
}
console.log('\n| figure | single | cluster | ratio | target |\n|---|---:|---:|---|---|');
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
