// Machines of a cluster are cut off, each with its node and its server of NATS, while clients write
// on all nodes. A machine's clients still reach it: they read there, and nothing is acknowledged.
// The majority goes on. After healing all logs are equal, and nothing was lost or doubled.
// PARLEY_TEST_CUTS says how often.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { newCluster, until } from '../support/cluster.mjs';
import { makeMachines } from '../support/machines.mjs';
import { bounded, connected, patience } from '../support/server.mjs';
import { Load, room } from './load.mjs';

const cuts = Number(process.env.PARLEY_TEST_CUTS || 1);
const answerMsMax = 30_000 * patience;
const nodes = [0, 1, 2];
const quietMs = 3000;

/// Which machines are cut off, by turns.
const plans = [
  ['the leader', async (cluster) => [await cluster.leader()]],
  ["the stream's leader", async (cluster) => [await cluster.nats.leaderOf('PARLEY_test_1')]],
  ['a follower', async (cluster) => [(await cluster.followers())[0]]],
  ['two at once', async (cluster) => [await cluster.leader(), (await cluster.followers())[0]]],
];

class Scene {
  #questions = 0;
  refused = []; // bodies of messages that were asked for on a machine that was cut off
  home = 0; // of the client that goes elsewhere

  constructor(cluster, machines) {
    Object.assign(this, { cluster, machines, load: new Load(cluster) });
  }

  async begin() {
    for (const i of nodes) await this.load.listen(`stays-${i}`, () => this.cluster.nodes[i]);
    this.traveller = await this.load.listen('traveller', () => this.cluster.nodes[this.home]);
    for (const i of nodes) this.load.write(`at-${i}`, () => this.cluster.nodes[i]);
    await this.load.until(() => nodes.every((i) => this.load.ackedBy(`at-${i}`) > 3), 'first messages');
  }

  async cutOff(gone) {
    const there = nodes.filter((i) => !gone.includes(i));
    await this.#travelTo(gone[0]);
    const askers = await Promise.all(gone.map((i) => this.#asker(i)));
    for (const i of gone) this.machines.cut(i);
    const quiet = gone.length === 1 ? gone : nodes;
    for (const i of quiet) await this.#isNotReady(i);
    const since = Date.now();
    await Promise.all(askers.map((socket) => this.#isRefused(socket)));
    for (const i of gone) await this.#reads(i);
    if (gone.length === 1) {
      await this.load.until(() => there.every((i) => this.load.ackedBy(`at-${i}`, since) > 3), 'messages of the majority');
      await this.#travelTo(there[0]);
    } else {
      await sleep(quietMs);
    }
    for (const i of quiet) assert.deepEqual(this.#sentAndAcked(i, since), []);
    for (const socket of askers) socket.disconnect();
    for (const i of quiet) assert.equal((await this.cluster.readiness(i)).code, 503);
  }

  async heal(gone) {
    const since = Date.now();
    for (const i of gone) this.machines.mend(i);
    await this.cluster.ready();
    await this.load.until(() => nodes.every((i) => this.load.ackedBy(`at-${i}`, since) > 3), 'messages everywhere');
  }

  async end() {
    await this.load.stopWriting();
    await this.cluster.ready();
    const socket = await this.#asker(0);
    for (const body of this.refused) assert.equal((await send(socket, body)).content, body.content);
    for (const { content } of this.refused) this.load.note(content, 'asker');
    socket.disconnect();
  }

  /// What the others had agreed on before may still be acknowledged: one message of the writer.
  #sentAndAcked(i, since) {
    return this.load.acked.filter(({ by, sentAt }) => by === `at-${i}` && sentAt >= since);
  }

  async #asker(i) {
    const socket = io(this.cluster.nodes[i].url, { forceNew: true, reconnection: false, transports: ['websocket'] });
    await connected(socket, answerMsMax, 'a connection');
    const reply = await socket.timeout(answerMsMax).emitWithAck('join_room', { conversationId: room, userId: 'asker', userRole: 'cx-agent' });
    assert.notEqual(reply?.success, false, JSON.stringify(reply));
    return socket;
  }

  /// The client's connection breaks, and it comes back to node `i`.
  async #travelTo(i) {
    if (this.home === i) return;
    this.home = i;
    const { socket } = this.traveller;
    socket.io.engine.close();
    await until(() => socket.connected && socket.io.uri === this.cluster.nodes[i].url, 'the client on another node');
    assert.equal(socket.recovered, true);
  }

  async #isNotReady(i) {
    const { status } = await until(async () => {
      const said = await this.cluster.readiness(i);
      return said?.code === 503 && said;
    }, `${i} is not ready`);
    assert.equal(status, 'no_leader');
  }

  async #isRefused(socket) {
    const content = `asked-${this.#questions++}`;
    const body = { conversationId: room, content, clientMessageId: content };
    this.refused.push(body);
    const { success, code } = await send(socket, body);
    assert.deepEqual([success, code], [false, 'unavailable']);
  }

  async #reads(i) {
    const { content } = this.load.acked.findLast(({ by }) => by === `at-${i}`);
    const answer = await bounded(fetch(`${this.cluster.nodes[i].url}/chat/conversations/${room}/messages?userId=boss&userRole=cx-supervisor&limit=100`), answerMsMax, 'a history');
    assert.equal(answer.status, 200);
    const said = (await answer.json()).map((message) => message.content);
    assert.ok(said.includes(content), `${content} in ${said.join(' ')}`);
  }
}

const send = (socket, body) => socket.timeout(answerMsMax).emitWithAck('send_message', body);

test(`${cuts} times machines are cut off, and nothing is lost or doubled`, { timeout: (90 + cuts * 90) * 1000 * patience }, async (context) => {
  const machines = makeMachines(context, nodes.length);
  if (!machines) return;
  let cluster;
  let scene;
  try {
    cluster = await newCluster({ natsServers: nodes.length, machines: machines.list, args: ['--cluster.wait', '3000'] });
    await cluster.begin();
    scene = new Scene(cluster, machines);
    await scene.begin();
    const done = [];
    for (let i = 0; i < cuts; i++) {
      const [what, plan] = plans[i % plans.length];
      const gone = await plan(cluster);
      done.push(what);
      await scene.cutOff(gone);
      await scene.heal(gone);
    }
    await scene.end();
    await scene.load.check(`cut off ${done.join(', ')}`);
    await cluster.finish();
  } finally {
    await scene?.load.close();
    await cluster?.drop();
    machines.finish();
  }
});
