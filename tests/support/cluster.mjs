// Nodes of one cluster for a test: real servers of Parley on real nats-servers, all on loopback.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNats } from './nats.mjs';
import { describe, newServer, patience, run, untilHolds } from './server.mjs';

// An election of nodes takes 1.5 to 3 s, one of the stream's servers up to 9 s.
const waitMsMax = 60_000 * patience;

/// Starts `names.length` nodes on `natsServers` servers. `args` are added to each command line.
export async function startCluster(options = {}) {
  const cluster = await newCluster(options);
  try {
    await cluster.begin();
  } catch (error) {
    await cluster.drop();
    throw error;
  }
  return cluster;
}

/// The same without a node: folders and the servers of NATS alone. `nats` are options of startNats.
/// `machines` are where they run, one for each node and its server: as there, and `data` (a folder).
export async function newCluster({ names = ['a', 'b', 'c'], natsServers = 1, nats: options = {}, args = [], env = {}, machines = [] } = {}) {
  const nats = await startNats(natsServers, { ...options, machines });
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-cluster-'));
  return new Cluster({ folder, nats, names, replicas: natsServers, args, env, machines });
}

/// Until `holds` gives something true, which it returns.
export const until = (holds, what) => untilHolds(holds, waitMsMax, what);

class Cluster {
  nodes = []; // servers, as `names`
  disks = []; // folders on disks of their own


  constructor({ folder, nats, names, replicas, args, env, machines }) {
    Object.assign(this, { folder, nats, names, replicas, args, env, machines });
  }

  dataOf(i) {
    return this.machines[i]?.data ?? path.join(this.folder, this.names[i]);
  }

  /// Puts the data folder of a node on a disk of its own, of so many bytes; before `begin`. False:
  /// this user may not mount one.
  async giveDisk(i, bytes) {
    const folder = this.dataOf(i);
    await mkdir(folder);
    const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { encoding: 'utf8' });
    if (status === 0) this.disks.push(folder);
    else console.log(`cannot mount a file system: ${stderr?.trim() || error}`);
    return status === 0;
  }

  /// The settings of a node, as flags; `other` ones in the place of its own.
  flagsOf(i, other = {}) {
    const said = {
      name: 'test',
      node: this.names[i],
      number: i + 1,
      voters: this.names.join(','),
      nats: this.nats.urls.join(','),
      replicas: this.replicas,
      'stream-bytes': 100_000_000, // the test's servers have a gigabyte
      ...other,
    };
    const { clients } = this.machines[i] ?? {};
    const open = clients ? ['--host', clients, '--insecure-open'] : [];
    return [...Object.entries(said).flatMap(([name, value]) => [`--cluster.${name}`, String(value)]), ...open, ...this.args];
  }

  /// `parley cluster WHAT` for a node; its output. Fails where it does.
  async command(what, i, ...more) {
    const { exit, output } = await run(['cluster', what, '--data', this.dataOf(i), ...this.flagsOf(i), ...more]);
    assert.equal(exit.code, 0, `parley cluster ${what}: ${describe(exit)}\n${output}`);
    return output;
  }

  /// Makes another node of a backup of node `of`, which may run.
  async join(i, of) {
    const file = path.join(this.folder, `of-${this.names[of]}.db`);
    const { exit, output } = await run(['backup', file, '--force', '--data', this.dataOf(of)]);
    assert.equal(exit.code, 0, output);
    await this.command('join', i, '--from', file);
    await rm(file);
  }

  async begin() {
    await this.command('init', 0);
    for (let i = 1; i < this.names.length; i++) await this.join(i, 0);
    for (let i = 0; i < this.names.length; i++) await this.make(i);
    await Promise.all(this.nodes.map((node) => node.start(0)));
    await this.ready();
  }

  /// The server of node `i`, which is not started yet.
  async make(i) {
    const { wrapper } = this.machines[i] ?? {};
    this.nodes[i] = await newServer({ dataDir: this.dataOf(i), args: this.flagsOf(i), env: this.env, wrapper });
    return this.nodes[i];
  }

  /// What /readyz says; null: it does not run.
  async readiness(i) {
    const node = this.nodes[i];
    if (!node?.pid) return null;
    try {
      const answer = await fetch(`${node.url}/readyz`);
      return { code: answer.status, ...(await answer.json()) };
    } catch {
      return null;
    }
  }

  /// Waits until all nodes that run are ready.
  async ready() {
    const running = () => this.names.map((_, i) => i).filter((i) => this.nodes[i]?.pid);
    await until(async () => {
      const all = await Promise.all(running().map((i) => this.readiness(i)));
      return all.every((one) => one?.code === 200);
    }, 'nodes that are ready');
  }

  /// The process of a node stands still, for so long: as a machine that swaps.
  async freeze(i, ms) {
    this.nodes[i].signal('SIGSTOP');
    await sleep(ms);
    this.nodes[i].signal('SIGCONT');
  }

  /// Waits until a node is not ready for this reason.
  becomes(i, status) {
    return until(async () => (await this.readiness(i))?.status === status, `${this.names[i]} ${status}`);
  }

  /// The number of the node that leads, once there is one; of the nodes in `among`.
  async leader(among = this.names.map((_, i) => i)) {
    return until(async () => {
      for (const i of among) {
        const checks = (await this.readiness(i))?.checks ?? [];
        if (checks.some(({ name, ok, text }) => name === 'cluster' && ok && text === 'this node leads')) return [i];
      }
      return null;
    }, 'a node that leads').then(([i]) => i);
  }

  /// The numbers of the nodes that follow.
  async followers() {
    const leader = await this.leader();
    return this.names.map((_, i) => i).filter((i) => i !== leader && this.nodes[i].pid);
  }

  /// Waits until all nodes that run have come equally far.
  async equallyFar() {
    await until(async () => {
      const heads = await Promise.all(this.nodes.filter((node) => node.pid).map(headOf));
      return heads.every((head) => head !== null && head === heads[0]);
    }, 'nodes that are equally far');
  }

  /// The tear-down of every test: stops what runs, audits each folder, and compares their logs.
  async finish() {
    try {
      if (this.nodes.some((node) => node?.pid)) await this.ready().then(() => this.equallyFar());
      for (const node of this.nodes) if (node?.pid) await node.stop();
      const logs = [];
      for (const node of this.nodes) {
        await node.check();
        const file = path.join(this.folder, `${logs.length}.jsonl`);
        const { exit, output } = await run(['export', '--data', node.dataDir, '--out', file]);
        assert.equal(exit.code, 0, output);
        logs.push(await readFile(file));
      }
      for (const [i, log] of logs.entries()) assert.ok(log.equals(logs[0]), `${this.names[i]} has the log of ${this.names[0]}`);
    } finally {
      await this.drop();
    }
  }

  /// Ends everything at once.
  async drop() {
    for (const node of this.nodes) if (node?.pid) await node.kill9().catch(() => {});
    await this.nats.finish();
    for (const folder of this.disks.splice(0)) spawnSync('umount', [folder]);
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function headOf(node) {
  const { exit, output } = await run(['export', '--data', node.dataDir]);
  return exit.code === 0 ? output.trimEnd().split('\n').at(-1) : null;
}
