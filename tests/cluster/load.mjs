// Clients that write on the nodes of a cluster and hear, while something breaks, and what came of it.
import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { until } from '../support/cluster.mjs';
import { bounded, connected, patience, run } from '../support/server.mjs';

export const room = 'r';
const connectMsMax = 5_000 * patience;
const ackMsMax = 5_000 * patience;
const lastMsMax = 60_000 * patience;

/// A stock client. `choose` says which node it connects to, each time that it is on none.
export class Visitor {
  #choose;
  #options;
  socket = null;
  isDone = false; // with what it has begun
  isGone = false; // also in the middle of it

  constructor(name, choose, options = {}) {
    this.name = name;
    this.#choose = choose;
    this.#options = options;
  }

  /// Connected and joined; null where that did not work now.
  async ready() {
    if (this.socket?.connected) return this.socket;
    const { url } = this.#choose();
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
    const body = { conversationId: room, userId: this.name, userRole: 'cx-agent' };
    const reply = await this.socket.timeout(ackMsMax).emitWithAck('join_room', body);
    if (reply?.success === false) throw new Error(reply.code);
  }
}

/// Writers and listeners of one room, and everything that was acknowledged.
export class Load {
  acked = []; // { content, by, sentAt, at }
  #cluster;
  #writers = [];
  #listeners = [];
  #began = Date.now();
  #ended = 0;
  #pauseMs;

  /// Each writer waits `pauseMs` after each message.
  constructor(cluster, { pauseMs = 0 } = {}) {
    this.#cluster = cluster;
    this.#pauseMs = pauseMs;
  }

  /// Sends one message after the other, each until it is acknowledged.
  write(name, choose) {
    const visitor = new Visitor(name, choose);
    this.#writers.push({ visitor, work: this.#write(visitor, name) });
  }

  /// Hears all from now on, and connects again whenever its node is gone. Its `heard` has the
  /// messages. Call it before `write`.
  async listen(name, choose) {
    const visitor = new Visitor(name, choose, { auth: { recovery: true } });
    visitor.heard = [];
    visitor.onFirst = (socket) => socket.on('new_message', ({ content }) => visitor.heard.push(content));
    await until(() => visitor.ready(), 'a client that listens');
    this.#listeners.push({ visitor, work: listening(visitor) });
    return visitor;
  }

  /// Until `holds`, unless a client fails before.
  async until(holds, what) {
    const works = [...this.#writers, ...this.#listeners].map(({ work }) => work);
    await Promise.race([until(holds, what), ...works]);
  }

  /// A message was acknowledged that was sent first at `sentAt`.
  note(content, by, sentAt = Date.now()) {
    this.acked.push({ content, by, sentAt, at: Date.now() });
  }

  ackedBy(name, since = 0) {
    return this.acked.filter(({ by, at }) => by === name && at >= since).length;
  }

  /// The writers end with the message that each has on its way.
  async stopWriting() {
    for (const { visitor } of this.#writers) visitor.isDone = true;
    await bounded(Promise.all(this.#writers.map(({ work }) => work)), lastMsMax, 'the last messages');
    this.#ended ||= Date.now();
  }

  /// Fails unless all that was acknowledged is stored once, and was heard once, in order. The nodes
  /// must be ready. `happened` begins the line that tells the counts.
  async check(happened) {
    await this.stopWriting();
    for (const { visitor } of this.#listeners) {
      await until(() => visitor.heard.length >= this.acked.length, `everything on ${visitor.name}`);
    }
    await this.close();
    await this.#cluster.equallyFar();
    const stored = await messagesIn(this.#cluster.nodes[0].dataDir, this.#cluster.folder);
    const counts = new Map();
    for (const content of stored) counts.set(content, (counts.get(content) ?? 0) + 1);
    const lost = this.acked.filter(({ content }) => !counts.has(content)).length;
    const doubled = [...counts.values()].filter((count) => count > 1).length;
    console.log(
      `${happened}: acknowledged ${this.acked.length}, lost ${lost}, doubled ${doubled}, ` +
        `leaderships ${leaderships(this.#cluster)}, longest time without an answer ${this.#longestPause()} ms`,
    );
    assert.deepEqual([lost, doubled], [0, 0]);
    for (const { visitor } of this.#listeners) assert.deepEqual(visitor.heard, stored);
  }

  /// Ends all clients, also after a failure.
  async close() {
    for (const { visitor } of [...this.#writers, ...this.#listeners]) visitor.isDone = visitor.isGone = true;
    await Promise.allSettled([...this.#writers, ...this.#listeners].map(({ work }) => work));
    for (const { visitor } of [...this.#writers, ...this.#listeners]) visitor.socket?.disconnect();
  }

  async #write(visitor, name) {
    for (let i = 0; !visitor.isDone; i++) {
      const content = `${name}-${i}`;
      const sentAt = Date.now();
      for (;;) {
        const socket = await visitor.ready();
        if (visitor.isGone) return;
        if (!socket) continue;
        const reply = await socket
          .timeout(ackMsMax)
          .emitWithAck('send_message', { conversationId: room, content, clientMessageId: content })
          .catch(() => null);
        if (reply?.success === false && reply.code !== 'unavailable') throw new Error(`${content}: ${JSON.stringify(reply)}`);
        if (reply && reply.success !== false) break;
        socket.disconnect();
      }
      this.note(content, name, sentAt);
      await sleep(this.#pauseMs);
    }
  }

  #longestPause() {
    const times = [this.#began, ...this.acked.map(({ at }) => at).sort((a, b) => a - b), this.#ended];
    return Math.max(...times.slice(1).map((at, i) => at - times[i]));
  }
}

async function listening(visitor) {
  while (!visitor.isDone) {
    await visitor.ready();
    await sleep(20);
  }
}

const leaderships = ({ nodes }) => nodes.flatMap(({ stderr }) => stderr.match(/ leads node=/g) ?? []).length;

/// What has been said in the room, by the log of a node. `scratch` is a folder for a while.
export async function messagesIn(data, scratch) {
  const file = path.join(scratch, `${path.basename(path.dirname(data))}-${path.basename(data)}.jsonl`);
  const { exit, output } = await run(['export', '--conversation', room, '--data', data, '--out', file]);
  assert.equal(exit.code, 0, `${output}\n${(await readdir(data)).join(' ')}`);
  const lines = (await readFile(file, 'utf8')).split('\n');
  await rm(file);
  return lines.filter((line) => line.includes('"type":"message_sent"')).map((line) => JSON.parse(line).content);
}
