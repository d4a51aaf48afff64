// The server ends at a random moment under load. Everything acknowledged or broadcast is there when
// it is back, in the same order, and nothing is torn.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../support/seeded.mjs';
import { Client, answerMsMax, bounded, history, kinds, rest, scenario, unique, useServer } from './support.mjs';
import * as shapes from './shapes.mjs';

const roomCount = 3;
const writersPerRoom = 2;
const windowMessages = 16; // sent by one writer and not yet acknowledged
const roundCount = 3;

const seed = Number(process.env.PARLEY_TEST_SEED || randomInt(1, 2 ** 31));
console.log(`restart under load: PARLEY_TEST_SEED=${seed}`);

/// Keeps `windowMessages` messages in flight until stopped or refused.
class Writer {
  acked = [];
  sentCount = 0;
  refused = null;
  #stopped = false;

  constructor(client, room, name) {
    Object.assign(this, { client, room, name });
    client.socket.on('disconnect', () => this.stop());
    for (let i = 0; i < windowMessages; i++) this.#send();
  }

  stop() {
    this.#stopped = true;
  }

  #send() {
    if (this.#stopped) return;
    const content = `${this.name} ${this.sentCount++}`;
    this.client.socket.emit('send_message', { conversationId: this.room, content }, (reply) => {
      if (reply.success === false) {
        this.refused = reply;
        this.stop();
        return;
      }
      this.acked.push(reply);
      this.#send();
    });
  }
}

describe('restart under load', () => {
  const world = useServer();
  for (const signal of ['SIGKILL', 'SIGTERM']) {
    for (let round = 0; round < roundCount; round++) {
      const random = seeded(seed + round);
      scenario(
        world,
        `${signal} loses nothing that was acknowledged or broadcast, round ${round + 1}`,
        (open, server) => oneRound(open, server, signal, random),
        { msMax: 120_000 },
      );
    }
  }
});

async function oneRound(open, server, signal, random) {
  const rooms = Array.from({ length: roomCount }, () => unique('crash'));
  const [watcher, dashboard] = [await open(kinds.v4), await open(kinds.v4Polling)];
  await dashboard.do('join_dashboard', {});
  const writers = [];
  for (const room of rooms) {
    await watcher.join(room, 'watcher', 'cx-supervisor');
    for (let i = 0; i < writersPerRoom; i++) {
      const client = await open(kinds.v4WebSocket);
      await client.join(room, `writer-${i}`, i % 2 ? 'cx-agent' : 'cx-customer');
      writers.push({ client, room, name: `writer-${i}` });
    }
  }
  const before = new Map();
  for (const room of rooms) before.set(room, await participantsOf(server, room));

  const working = writers.map(({ client, room, name }) => new Writer(client, room, name));
  const one = working[0];
  await one.client.until(() => one.acked.length >= windowMessages, 'the first acknowledgements');
  await pause(random() * 500);
  if (signal === 'SIGKILL') await server.kill9();
  else await server.stop();
  for (const client of [watcher, dashboard, ...writers.map((writer) => writer.client)]) {
    await client.dropped();
    client.close();
  }
  await server.start(server.port);

  for (const room of rooms) {
    const stored = await history(server, room);
    checkOrder(stored);
    const inRoom = working.filter((writer) => writer.room === room);
    checkTold(stored, inRoom.flatMap(({ acked }) => acked), 'acknowledged');
    for (const { log, kind } of [watcher, ...inRoom.map((writer) => writer.client)]) {
      const shown = log.filter(({ name, body }) => name === 'new_message' && body.conversationId === room);
      checkTold(stored, shown.map(({ body }) => body), `shown by ${kind.name}`);
    }
    for (const writer of inRoom) checkAuthor(stored, writer);
    await checkViews(server, room, stored, before.get(room), dashboard);
  }
  await checkGoesOn(server, rooms[0]);
}

async function participantsOf(server, room) {
  const answer = await rest(server, 'GET', `/chat/conversations/${room}/participants`);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

/// After the writers had joined, only messages were stored, so their seqs have no gap.
function checkOrder(stored) {
  assert.ok(stored.length > 0);
  stored.slice(1).forEach((message, index) => {
    const previous = stored[index];
    assert.equal(message.seq, previous.seq + 1, 'seqs are dense');
    assert.ok(message.position > previous.position, 'positions rise');
    assert.ok(message.timestamp >= previous.timestamp, 'time does not go back');
  });
  assert.equal(new Set(stored.map(({ id }) => id)).size, stored.length, 'ids are unique');
}

function checkTold(stored, told, how) {
  const byId = new Map(stored.map((message) => [message.id, message]));
  for (const message of told) assert.deepEqual(byId.get(message.id), message, `${how}, then gone`);
}

/// The stored messages of one connection are a prefix of what it sent, without a gap.
function checkAuthor(stored, { name, acked, sentCount }) {
  const contents = stored.filter(({ fromUserId }) => fromUserId === name).map(({ content }) => content);
  assert.deepEqual(contents, contents.map((_, index) => `${name} ${index}`));
  assert.ok(contents.length >= acked.length, 'no fewer than acknowledged');
  assert.ok(contents.length <= sentCount, 'no more than sent');
}

async function checkViews(server, room, stored, participants, dashboard) {
  assert.deepEqual(await participantsOf(server, room), participants);
  const { body: conversation } = await rest(server, 'GET', `/chat/conversations/${room}`);
  shapes.conversation(conversation);
  assert.equal(conversation.messageCount, stored.length);
  assert.equal(conversation.lastMessageAt, stored.at(-1).timestamp);
  assert.deepEqual(conversation.participantIds, participants.map(({ userId }) => userId));
  for (const { name, body } of dashboard.log) {
    if (name !== 'conversation_updated' || body.conversationId !== room) continue;
    const { messageCount, lastMessageAt } = body.changes;
    assert.ok(messageCount <= stored.length, 'the dashboard counted what is gone');
    assert.equal(lastMessageAt, stored[messageCount - 1].timestamp);
  }
}

async function checkGoesOn(server, room) {
  const client = new Client(kinds.v4WebSocket, server.url);
  try {
    await client.connected();
    const { position } = await client.join(room, 'writer-0', 'cx-customer');
    const message = await bounded(client.say(room, 'and on'), answerMsMax, 'continuing');
    assert.equal(message.position, position + 1);
  } finally {
    client.close();
  }
}
