// The disk of the node that leads becomes full: another node leads, nothing that was acknowledged is
// lost or doubled, and the node goes on by itself once there is room.
import assert from 'node:assert/strict';
import { rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { newCluster, until } from '../support/cluster.mjs';
import { bounded, connected, patience } from '../support/server.mjs';

const diskBytes = 48 * 1024 * 1024;
const roomLeftBytes = 1_500_000;
const messages = 40;
const content = 'x'.repeat(100_000);
const ackMsMax = 40_000 * patience;

async function fill(folder) {
  const { bavail, bsize } = await statfs(folder);
  const filler = path.join(folder, 'filler');
  await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - roomLeftBytes)));
  return filler;
}

/// Sends each message until it is acknowledged; how many were refused on the way.
async function sendAll(socket, from) {
  let refused = 0;
  for (let i = from; i < from + messages; i++) {
    for (;;) {
      const body = { conversationId: 'r', content: `${i} ${content}`, clientMessageId: String(i) };
      const reply = await bounded(socket.emitWithAck('send_message', body), ackMsMax, `an answer to ${i}`);
      if (reply.success !== false) break;
      assert.equal(reply.code, 'unavailable');
      refused++;
    }
  }
  return refused;
}

async function storedOn(node) {
  const seen = [];
  for (let before = ''; ; ) {
    const answer = await fetch(`${node.url}/chat/conversations/r/messages?limit=10${before}`);
    assert.equal(answer.status, 200);
    const page = await answer.json();
    if (page.length === 0) return seen.sort((a, b) => a - b);
    seen.push(...page.map(({ content }) => Number.parseInt(content, 10)));
    before = `&before=${page[0].position}`;
  }
}

test('a leader whose disk is full hands over, and comes back by itself', { timeout: 300_000 * patience }, async (t) => {
  const cluster = await newCluster();
  const socket = { current: null };
  try {
    for (const i of cluster.names.keys()) {
      if (!(await cluster.giveDisk(i, diskBytes))) return t.skip('this user may not mount a file system');
    }
    await cluster.begin();
    const full = await cluster.leader();
    socket.current = io(cluster.nodes[full].url, { forceNew: true, transports: ['websocket'] });
    await connected(socket.current, ackMsMax, 'a connection');
    const joined = await socket.current.emitWithAck('join_room', { conversationId: 'r', userId: 'ann', userRole: 'cx-agent' });
    assert.equal(joined.success, true);
    const filler = await fill(cluster.dataOf(full));
    // Its own client waits: what the stream has taken is told once this node has it, too.
    const [other] = [0, 1, 2].filter((i) => i !== full);
    const elsewhere = io(cluster.nodes[other].url, { forceNew: true, transports: ['websocket'] });
    await connected(elsewhere, ackMsMax, 'a connection');
    await elsewhere.emitWithAck('join_room', { conversationId: 'r', userId: 'bob', userRole: 'cx-agent' });
    const refused = await sendAll(elsewhere, 0);
    await until(async () => (await cluster.leader()) !== full, 'another leader');
    await until(async () => (await cluster.readiness(full))?.code === 503, 'a node that is not ready');
    assert.equal((await fetch(`${cluster.nodes[full].url}/healthz`)).status, 200);
    await rm(filler);
    await cluster.ready();
    await sendAll(socket.current, messages);
    await cluster.equallyFar();
    const expected = Array.from({ length: 2 * messages }, (_, i) => i);
    for (const node of cluster.nodes) assert.deepEqual(await storedOn(node), expected);
    console.log(`acknowledged ${2 * messages}, lost 0, doubled 0, refused with unavailable ${refused}`);
    elsewhere.disconnect();
    await cluster.finish();
  } finally {
    socket.current?.disconnect();
    await cluster.drop();
  }
});
