// kill -9 of any process of a cluster at any moment, while clients write on all nodes: nothing that
// was acknowledged is lost, nothing is stored twice, and a client that comes back to another node
// each time hears everything once, in order. PARLEY_CLUSTER_ROUNDS says how many are killed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { startCluster, until } from '../support/cluster.mjs';
import { between, oneOf, seeded } from '../support/seeded.mjs';
import { bounded, connected, patience, run } from '../support/server.mjs';

const rounds = Number(process.env.PARLEY_CLUSTER_ROUNDS || 10);
const seed = Number(process.env.PARLEY_CLUSTER_SEED || Date.now() % 1_000_000);
const writers = 4;
const room = 'r';
const connectMsMax = 5_000 * patience;
const ackMsMax = 5_000 * patience;

/// A stock client that is on a node chosen by chance, and on another one once that is gone.
class Wanderer {
  #cluster;
  #random;
  #name;
  #options;
  socket = null;
  isDone = false;

  constructor(cluster, random, name, options = {}) {
    this.#cluster = cluster;
    this.#random = random;
    this.#name = name;
    this.#options = options;
  }

  /// Connected and joined; null where that did not work now.
  async ready() {
    if (this.socket?.connected) return this.socket;
    const { url } = oneOf(this.#random, this.#cluster.nodes);
    if (!this.socket) {
      this.socket = io(url, { forceNew: true, reconnection: false, transports: ['websocket'], autoConnect: false, ...this.#options });
      this.onFirst?.(this.socket);
    }
    this.socket.io.uri = url;
    try {
      await connected(this.socket.connect(), connectMsMax, 'a connection');
      if (!this.socket.recovered) await this.#join();
      return this.socket;
    } catch {
      this.socket.disconnect();
      await sleep(20);
      return null;
    }
  }

  async #join() {
    const body = { conversationId: room, userId: this.#name, userRole: 'cx-agent' };
    const reply = await this.socket.timeout(ackMsMax).emitWithAck('join_room', body);
    if (reply?.success === false) throw new Error(reply.code);
  }
}

/// Sends one message after the other, each until it is acknowledged. `acked` gets them.
async function write(wanderer, name, acked) {
  for (let i = 0; !wanderer.isDone; i++) {
    const content = `${name}-${i}`;
    for (;;) {
      const socket = await wanderer.ready();
      if (!socket) continue;
      const reply = await socket
        .timeout(ackMsMax)
        .emitWithAck('send_message', { conversationId: room, content, clientMessageId: content })
        .catch(() => null);
      if (reply?.success === false && reply.code !== 'unavailable') throw new Error(`${content}: ${JSON.stringify(reply)}`);
      if (reply && reply.success !== false) break;
      socket.disconnect();
    }
    acked.push({ content, at: Date.now() });
  }
}

/// Hears, and comes back to another node whenever its own is gone. `heard` gets the messages.
async function listen(wanderer, heard) {
  wanderer.onFirst = (socket) => socket.on('new_message', ({ content }) => heard.push(content));
  while (!wanderer.isDone) {
    await wanderer.ready();
    await sleep(20);
  }
}

function longestPause(acked, from, to) {
  const times = [from, ...acked.map(({ at }) => at).sort((a, b) => a - b), to];
  return Math.max(...times.slice(1).map((at, i) => at - times[i]));
}

/// What has been said, by the log of a node.
async function storedIn(cluster) {
  const file = path.join(cluster.folder, 'export.jsonl');
  const { exit, output } = await run(['export', '--data', cluster.nodes[0].dataDir, '--out', file]);
  assert.equal(exit.code, 0, output);
  return (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line.includes('"type":"message_sent"'))
    .map((line) => JSON.parse(line).content);
}

test(`${rounds} processes are killed, and nothing is lost or doubled (seed ${seed})`, { timeout: (60 + rounds * 60) * 1000 * patience }, async () => {
  const random = seeded(seed);
  const cluster = await startCluster({ natsServers: 3 });
  const all = Array.from({ length: writers }, (_, i) => new Wanderer(cluster, random, `w${i}`));
  const listener = new Wanderer(cluster, random, 'listener', { auth: { recovery: true } });
  const acked = [];
  const heard = [];
  const began = Date.now();
  const works = [...all.map((one, i) => write(one, `w${i}`, acked)), listen(listener, heard)];
  const killed = { node: 0, nats: 0 };
  try {
    await until(() => acked.length > 10, 'first messages');
    for (let round = 0; round < rounds; round++) {
      await sleep(between(random, 0, 1500));
      const i = between(random, 0, 2);
      const isNode = between(random, 0, 2) > 0;
      killed[isNode ? 'node' : 'nats']++;
      if (isNode) await cluster.nodes[i].kill9();
      else await cluster.nats.kill9(i);
      await sleep(between(random, 0, 3000));
      if (isNode) await cluster.nodes[i].start(cluster.nodes[i].port);
      else await cluster.nats.start(i);
      const before = acked.length;
      await Promise.race([until(() => acked.length > before + writers, 'messages after a kill'), ...works]);
    }
  } finally {
    for (const one of [...all, listener]) one.isDone = true;
  }
  await bounded(Promise.all(works.slice(0, writers)), 60_000 * patience, 'the last messages');
  const pause = longestPause(acked, began, Date.now());
  await cluster.ready();
  listener.isDone = false;
  const listening = listen(listener, heard);
  await until(() => heard.length >= acked.length, 'everything on the client that wandered');
  listener.isDone = true;
  await Promise.all([listening, works.at(-1)]);
  for (const one of [...all, listener]) one.socket?.disconnect();
  await cluster.equallyFar();
  const stored = await storedIn(cluster);
  const counts = new Map();
  for (const content of stored) counts.set(content, (counts.get(content) ?? 0) + 1);
  const lost = acked.filter(({ content }) => !counts.has(content)).length;
  const doubled = [...counts.values()].filter((count) => count > 1).length;
  const elections = cluster.nodes.flatMap(({ stderr }) => stderr.match(/ leads node=/g) ?? []).length;
  console.log(`killed ${killed.node} nodes and ${killed.nats} servers of NATS: acknowledged ${acked.length}, lost ${lost}, doubled ${doubled}, leaderships ${elections}, longest time without an answer ${pause} ms`);
  assert.deepEqual([lost, doubled], [0, 0]);
  assert.deepEqual(heard, stored);
  await cluster.finish();
});
