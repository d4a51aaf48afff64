// Whole nodes: real servers on real nats-servers, and stock clients that know of no cluster.
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { sign } from '../clients/identity.mjs';
import { checkAnswer, operations } from '../contracts/contracts.mjs';
import { newCluster, startCluster, until } from '../support/cluster.mjs';
import { readDocument } from '../support/documents.mjs';
import { deleteStream } from '../support/nats.mjs';
import { rest } from '../support/rest.mjs';
import { bounded, connected, newServer, patience, run, startServer } from '../support/server.mjs';

const timeout = 180_000 * patience;
const ackMsMax = 30_000 * patience;

let sockets = [];
afterEach(() => {
  for (const socket of sockets) socket.disconnect();
  sockets = [];
});

/// A stock client of a node, connected.
async function client(url, options = {}) {
  const socket = io(url, { forceNew: true, reconnection: false, transports: ['websocket'], ...options });
  sockets.push(socket);
  socket.heard = [];
  socket.onAny((name, body) => socket.heard.push({ name, body }));
  await connected(socket, ackMsMax, 'a connection');
  return socket;
}

const ask = (socket, name, body) => socket.timeout(ackMsMax).emitWithAck(name, body);

async function succeeds(socket, name, body) {
  const reply = await ask(socket, name, body);
  assert.notEqual(reply?.success, false, `${name}: ${JSON.stringify(reply)}`);
  return reply;
}

const join = (socket, conversationId, userId, userRole = 'cx-agent') =>
  succeeds(socket, 'join_room', { conversationId, userId, userRole });
const say = (socket, conversationId, content, more = {}) =>
  succeeds(socket, 'send_message', { conversationId, content, ...more });
const hears = (socket, name, matches = () => true) =>
  until(() => socket.heard.find((one) => one.name === name && matches(one.body)), `${name}`);
const saidIn = (socket) => socket.heard.filter(({ name }) => name === 'new_message').map(({ body }) => body.content);

async function history(node, conversationId) {
  const answer = await fetch(`${node.url}/chat/conversations/${conversationId}/messages?userId=boss&userRole=cx-supervisor&limit=100`);
  assert.equal(answer.status, 200);
  return (await answer.json()).map(({ content }) => content);
}

/// What node `i` of three says with GET /cluster; `shown` is the same in /console/status.
async function checkCluster(cluster, i, leader, shown) {
  const answer = await rest(cluster.nodes[i], 'GET', '/cluster');
  checkAnswer(operations.find(({ key }) => key === 'GET /cluster'), answer);
  const { body } = answer;
  assert.deepEqual([body.node, body.role], [cluster.names[i], i === leader ? 'leader' : 'follower']);
  assert.deepEqual([body.leader, body.epoch, body.fault], [cluster.names[leader], shown.epoch, null]);
  assert.deepEqual(body.others.map(({ name }) => name).sort(), cluster.names.filter((_, other) => other !== i));
  assert.deepEqual(body.others.filter(({ leads }) => leads).length, i === leader ? 0 : 1);
  assert.ok(body.others.every(({ voter, heard, message, heardMsAgo }) => voter && heard && message > 1 && heardMsAgo < 60_000));
  assert.ok(body.durable <= body.message && body.message <= body.stream.last && body.stream.bytes > 0);
  assert.equal(body.position, (await rest(cluster.nodes[i], 'GET', '/log/events?limit=1')).body.head);
}

/// What a node of three says for operators and for Prometheus.
async function checkFigures(cluster) {
  await cluster.equallyFar();
  const leader = await cluster.leader();
  for (const [i, node] of cluster.nodes.entries()) {
    const { cluster: said } = await (await fetch(`${node.url}/console/status`)).json();
    assert.equal(said.nodes[0].name, cluster.names[i]);
    assert.deepEqual(said.nodes.map(({ name }) => name).sort(), cluster.names);
    assert.deepEqual(said.nodes.filter(({ leads }) => leads).map(({ name }) => name), [cluster.names[leader]]);
    assert.ok(said.nodes.every(({ voter, heard, message }) => voter && heard && message > 1));
    const metrics = await (await fetch(`${node.url}/metrics`)).text();
    const documented = (await readDocument('docs/metrics.md')).match(/^\| `parley_cluster_\w+/gm).map((row) => row.slice(3));
    assert.ok(documented.length > 10);
    for (const name of documented) assert.ok(metrics.includes(`\n# TYPE ${name} `), name);
    const value = (name) => Number(new RegExp(`^parley_cluster_${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
    await checkCluster(cluster, i, leader, said);
    assert.deepEqual([value('leader'), value('epoch')], [i === leader ? 1 : 0, said.epoch]);
    assert.ok(value('applied_sequence') >= said.nodes[0].message);
    assert.equal(value('append_seconds_count') > 0, i === leader);
    assert.equal(value('forwarded_total') > 0, i !== leader);
  }
}

const postMessage = (node, body) =>
  fetch(`${node.url}/chat/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('three nodes', { timeout }, () => {
  let cluster;
  beforeEach(async () => {
    cluster = await startCluster({ args: ['--typing.timeout=600000'] });
  });

  test('serve one conversation, whatever node a client is on', async () => {
    const [a, b, c] = await Promise.all(cluster.nodes.map((node) => client(node.url)));
    await succeeds(c, 'join_dashboard', { presence: true });
    await join(a, 'r', 'ann', 'cx-customer');
    await join(b, 'r', 'bob');
    await hears(a, 'user_joined', ({ participant }) => participant.userId === 'bob');
    const first = await say(a, 'r', 'from a');
    const second = await say(b, 'r', 'from b');
    assert.deepEqual([second.seq, first.fromUserId, second.fromUserId], [first.seq + 1, 'ann', 'bob']);
    for (const socket of [a, b]) {
      await hears(socket, 'new_message', ({ content }) => content === 'from b');
      assert.deepEqual(saidIn(socket), ['from a', 'from b']);
    }
    await hears(c, 'conversation_updated');
    b.emit('typing_start', { conversationId: 'r', userId: 'bob', userName: 'Bob' });
    await hears(a, 'user_typing', ({ isTyping }) => isTyping === true);
    const typists = (count) => ({ conversations }) => conversations.some((one) => one.conversationId === 'r' && one.count === count);
    await hears(c, 'typing_changed', typists(1));
    const late = await client(cluster.nodes[0].url);
    await succeeds(late, 'join_dashboard', { presence: true });
    await hears(late, 'typing_changed', typists(1));
    b.disconnect(); // ends the typing, and is told on the other node
    await hears(a, 'user_typing', ({ isTyping }) => isTyping === false);
    await hears(c, 'typing_changed', typists(0));
    for (const node of cluster.nodes) {
      await until(async () => (await history(node, 'r')).length === 2, 'the history on each node');
    }
    await checkFigures(cluster);
    await cluster.finish();
  });

  test('refuse and answer alike: errors, conflicts, repeated messages, REST', async () => {
    const [follower] = await cluster.followers();
    const node = cluster.nodes[follower];
    const socket = await client(node.url);
    await join(socket, 'r', 'ann');
    const refused = await ask(socket, 'send_message', { conversationId: 'r', content: '' });
    assert.deepEqual([refused.success, typeof refused.code], [false, 'string']);
    const sent = await say(socket, 'r', 'once', { clientMessageId: 'm1' });
    assert.equal((await say(socket, 'r', 'once', { clientMessageId: 'm1' })).id, sent.id);
    const late = await ask(socket, 'send_message', { conversationId: 'r', content: 'late', expectedSeq: 0 });
    assert.equal(late.code, 'conflict');
    assert.deepEqual(late.missed?.map(({ content }) => content), ['once']);
    const body = { conversationId: 'r', fromUserId: 'bob', fromRole: 'cx-agent', content: 'over REST' };
    assert.equal((await postMessage(node, body)).status, 201);
    await hears(socket, 'new_message', ({ content }) => content === 'over REST');
    await cluster.finish();
  });

  test('carry out large messages that come at once, and keep nobody waiting for them', async () => {
    const leader = await cluster.leader();
    const others = await cluster.followers();
    const large = 'x'.repeat(512 * 1024);
    const post = (i, conversationId, content) =>
      rest(cluster.nodes[i], 'POST', '/chat/messages', { conversationId, fromUserId: 'bob', fromRole: 'cx-agent', content });
    const sent = [];
    for (let i = 0; i < 8; i++) {
      sent.push(post(others[0], 'large', large), post(leader, 'large', large), post(others[1], 'small', `small ${i}`));
    }
    for (const { status, text } of await Promise.all(sent)) assert.equal(status, 201, text);
    await cluster.equallyFar();
    for (const node of cluster.nodes) {
      assert.equal((await rest(node, 'GET', '/chat/conversations/large')).body.messageCount, 16);
      assert.equal((await history(node, 'small')).length, 8);
    }
    await cluster.finish();
  });

  test('close many connections with many rooms, and nobody stays behind', async () => {
    const [first] = await cluster.followers();
    const clients = await Promise.all(Array.from({ length: 12 }, () => client(cluster.nodes[first].url)));
    const rooms = Array.from({ length: 600 }, (_, i) => `r${i}`);
    const name = (i) => `${'u'.repeat(120)}${i}`;
    await Promise.all(clients.map(async (socket, i) => {
      for (let at = 0; at < rooms.length; at += 100) {
        await Promise.all(rooms.slice(at, at + 100).map((room) => join(socket, room, name(i))));
      }
    }));
    const present = async (node) => (await rest(node, 'GET', '/chat/presence')).body.users.length;
    await until(async () => (await present(cluster.nodes[first])) === clients.length, 'all are there');
    for (const socket of clients) socket.disconnect();
    for (const node of cluster.nodes) await until(async () => (await present(node)) === 0, 'all have gone');
    await cluster.finish();
  });

  test('let a REST client read on one node what another one has answered', async () => {
    const leader = await cluster.leader();
    for (let i = 0; i < 60; i++) {
      const [writer, ...readers] = [0, 1, 2].map((other) => cluster.nodes[(i + other) % 3]);
      const sent = await rest(writer, 'POST', '/chat/messages', { conversationId: 'r', fromUserId: 'bob', fromRole: 'cx-agent', content: `message ${i}` });
      assert.equal(sent.status, 201, sent.text);
      const known = { 'parley-position': sent.headers['parley-position'] };
      assert.ok(Number(known['parley-position']) >= sent.body.position);
      for (const read of await Promise.all(readers.map((node) => rest(node, 'GET', '/chat/conversations/r/messages/last/1', undefined, known)))) {
        assert.equal(read.body[0]?.content, `message ${i}`, read.text);
      }
    }
    const late = await rest(cluster.nodes[leader], 'GET', '/chat/conversations', undefined, { 'parley-position': '90000000' });
    assert.deepEqual([late.status, late.body.code], [503, 'busy']);
    await cluster.finish();
  });

  for (const signal of ['SIGKILL', 'SIGTERM']) {
    test(`go on after ${signal} of the leader: what was sent is stored once`, async () => {
      const leader = await cluster.leader();
      const others = await cluster.followers();
      const [ann, bob] = await Promise.all(others.map((i) => client(cluster.nodes[i].url)));
      await join(ann, 'r', 'ann');
      await join(bob, 'r', 'bob');
      const sent = [];
      const acks = [];
      const send = (socket, content) => {
        sent.push(content);
        acks.push(say(socket, 'r', content, { clientMessageId: content }));
      };
      for (let i = 0; i < 40; i++) {
        send(i % 2 ? ann : bob, `message ${i}`);
        if (i === 20) {
          cluster.nodes[leader].signal(signal);
          await cluster.nodes[leader].ended();
        }
        await sleep(5);
      }
      await Promise.all(acks);
      for (const socket of [ann, bob]) {
        await until(() => saidIn(socket).length >= sent.length, 'all messages');
        assert.deepEqual([...saidIn(socket)].sort(), [...sent].sort());
      }
      assert.notEqual(await cluster.leader(), leader);
      await cluster.nodes[leader].start(cluster.nodes[leader].port);
      await cluster.ready();
      await cluster.equallyFar();
      assert.deepEqual(await history(cluster.nodes[leader], 'r'), saidIn(ann));
      await cluster.finish();
    });
  }

  test('let a client come back to another node: it misses nothing and gets nothing twice', async () => {
    const others = await cluster.followers();
    const leader = await cluster.leader();
    const home = cluster.nodes[others[0]];
    const ann = await client(home.url, { auth: { recovery: true } });
    const bob = await client(cluster.nodes[leader].url);
    await join(ann, 'r', 'ann', 'cx-customer');
    await join(bob, 'r', 'bob');
    await say(bob, 'r', 'heard');
    await hears(ann, 'new_message', ({ content }) => content === 'heard');
    await home.kill9();
    for (let i = 0; i < 5; i++) await say(bob, 'r', `missed ${i}`);
    ann.io.uri = cluster.nodes[others[1]].url; // as a load balancer would
    await bounded(
      new Promise((resolve) => {
        ann.once('connect', resolve);
        ann.connect();
      }),
      ackMsMax,
      'a connection to another node',
    );
    assert.equal(ann.recovered, true);
    await say(bob, 'r', 'live');
    await hears(ann, 'new_message', ({ content }) => content === 'live');
    assert.deepEqual(saidIn(ann), ['heard', 'missed 0', 'missed 1', 'missed 2', 'missed 3', 'missed 4', 'live']);
    assert.equal((await say(ann, 'r', 'as before')).fromUserId, 'ann');
    await home.start(home.port);
    await cluster.ready();
    await cluster.finish();
  });

  test('notice a node with the number or the voters of others, and a stream that is gone', async () => {
    const extra = path.join(cluster.folder, 'extra');
    const file = path.join(cluster.folder, 'extra.db');
    await run(['backup', file, '--data', cluster.dataOf(0)]);
    await run(['cluster', 'join', '--from', file, '--data', extra]);
    for (const [what, other] of [
      ['cluster.number', { node: 'x', number: 2 }],
      ['cluster.voters', { node: 'x', number: 9, voters: 'a,x' }],
    ]) {
      const node = await newServer({ dataDir: extra, args: cluster.flagsOf(0, other) });
      await node.start(0);
      try {
        await until(async () => {
          const { status, reason } = await (await fetch(`${node.url}/readyz`)).json();
          return status === 'misconfigured' && reason.includes(what);
        }, what);
        await cluster.ready(); // the others go on
        const socket = await client(cluster.nodes[1].url);
        await join(socket, 'r', 'ann');
      } finally {
        await node.kill9();
      }
    }
    await deleteStream(cluster.nats.urls[0], 'PARLEY_test_1');
    for (const i of [0, 1, 2]) await cluster.becomes(i, 'no_stream');
    await cluster.drop();
  });

  test('say why they are not ready, and refuse what cannot be durable', async () => {
    const leader = await cluster.leader();
    const [first, second] = await cluster.followers();
    await cluster.nodes[first].kill9();
    await cluster.nodes[second].kill9();
    await cluster.becomes(leader, 'no_leader');
    const lone = (await rest(cluster.nodes[leader], 'GET', '/cluster')).body;
    assert.deepEqual([lone.fault.reason, lone.others.map(({ heard }) => heard)], ['no_leader', [false, false]]);
    const answer = await fetch(`${cluster.nodes[leader].url}/healthz`);
    assert.equal(answer.status, 200);
    await cluster.nodes[first].start(cluster.nodes[first].port);
    await cluster.ready();
    const there = await client(cluster.nodes[first].url);
    await join(there, 'r', 'ann');
    const led = await cluster.leader();
    await cluster.nats.kill9(0);
    await cluster.becomes(led, 'no_stream');
    const cut = (await rest(cluster.nodes[led], 'GET', '/cluster')).body;
    assert.deepEqual([cut.fault.reason, cut.stream], ['no_stream', null]);
    // It is not known whether the stream took the request, and the server ends as always.
    const body = { conversationId: 'r', fromUserId: 'ann', fromRole: 'cx-agent', content: 'unsure' };
    const unsure = postMessage(cluster.nodes[led], body).catch(() => 'no answer');
    await sleep(500);
    await cluster.nodes[led].stop();
    assert.notEqual((await unsure).status, 201);
    await cluster.nats.start(0);
    await cluster.nodes[led].start(cluster.nodes[led].port);
    await cluster.ready();
    await cluster.nodes[second].start(cluster.nodes[second].port);
    const socket = await client(cluster.nodes[second].url);
    await join(socket, 'r', 'ann');
    await cluster.finish();
  });
});

test('a second process with the name of a node gives way unheard, and the node serves on', { timeout }, async () => {
  const cluster = await startCluster();
  const [first] = await cluster.followers();
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-twin-'));
  try {
    const backup = path.join(folder, 'twin.db');
    await run(['backup', backup, '--data', cluster.dataOf(first)]);
    const data = path.join(folder, 'twin');
    const joined = await run(['cluster', 'join', '--from', backup, '--data', data]);
    assert.equal(joined.exit.code, 0, joined.output);
    const twin = await newServer({ dataDir: data, args: cluster.flagsOf(first) });
    await twin.start(0);
    const says = async () => (await (await fetch(`${twin.url}/readyz`)).json()).status;
    await until(async () => (await says()) === 'misconfigured', 'the twin gives way');
    for (let i = 0; i < 3; i++) {
      for (const node of cluster.nodes) {
        const body = { conversationId: 'r', fromUserId: 'bob', fromRole: 'cx-agent', content: 'still here' };
        assert.equal((await postMessage(node, body)).status, 201);
      }
    }
    await cluster.ready();
    await twin.kill9();
    await cluster.finish();
  } finally {
    await cluster.drop();
    await rm(folder, { recursive: true, force: true });
  }
});

test('a node that stood still for long: its clients come back by themselves, and miss nothing', { timeout }, async () => {
  const cluster = await startCluster({ args: ['--cluster.node-lost', '2000'] });
  const [first] = await cluster.followers();
  const leader = await cluster.leader();
  const ann = await client(cluster.nodes[first].url, { auth: { recovery: true }, reconnection: true, reconnectionDelay: 50 });
  const bob = await client(cluster.nodes[leader].url);
  await join(ann, 'r', 'ann');
  await join(bob, 'r', 'bob');
  await say(bob, 'r', 'heard');
  await hears(ann, 'new_message');
  const back = new Promise((resolve) => ann.once('disconnect', () => ann.once('connect', resolve)));
  const frozen = cluster.freeze(first, 5000 * patience);
  for (let i = 0; i < 5; i++) {
    await sleep(900 * patience);
    await say(bob, 'r', `missed ${i}`);
  }
  await frozen;
  await bounded(back, ackMsMax, 'the client is back');
  assert.equal(ann.recovered, true);
  await say(bob, 'r', 'live');
  await hears(ann, 'new_message', ({ content }) => content === 'live');
  assert.deepEqual(saidIn(ann), ['heard', 'missed 0', 'missed 1', 'missed 2', 'missed 3', 'missed 4', 'live']);
  await cluster.ready();
  await cluster.finish();
});

test('a request without a leader is refused after cluster.wait', { timeout }, async () => {
  const cluster = await startCluster({ args: ['--cluster.wait', '1000'] });
  const leader = await cluster.leader();
  const others = await cluster.followers();
  const socket = await client(cluster.nodes[leader].url);
  await join(socket, 'r', 'ann');
  for (const i of others) await cluster.nodes[i].kill9();
  const reply = await ask(socket, 'send_message', { conversationId: 'r', content: 'nobody leads' });
  assert.deepEqual([reply.success, reply.code], [false, 'unavailable']);
  for (const i of others) await cluster.nodes[i].start(cluster.nodes[i].port);
  await cluster.finish();
});

test('a node that checks tokens by other keys than the leader says so', { timeout }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-keys-'));
  const file = path.join(folder, 'keys.json');
  const write = (...secrets) => {
    const keys = secrets.map((secret) => ({ kty: 'oct', alg: 'HS256', k: Buffer.alloc(32, secret).toString('base64url') }));
    return writeFile(file, JSON.stringify({ keys }));
  };
  await write('old');
  const cluster = await startCluster({ args: ['--auth.mode', 'jwt', '--auth.keys', file] });
  try {
    // Without a token /readyz does not say which node leads.
    const [, leads] = /^(\w+) +leader/m.exec(await cluster.command('status', 0));
    const first = cluster.names.findIndex((name) => name !== leads);
    const asked = async (kind, key = 'old') => {
      const authorization = `Bearer ${sign({ sub: 'olga', kind }, Buffer.alloc(32, key))}`;
      return (await rest(cluster.nodes[first], 'GET', '/cluster', undefined, { authorization })).body;
    };
    assert.equal((await asked('operator')).leader, leads);
    assert.deepEqual([(await asked('auditor')).code, (await asked('operator', 'new')).code], ['forbidden', 'unauthenticated']);
    await write('old', 'new');
    cluster.nodes[first].signal('SIGHUP');
    await cluster.becomes(first, 'keys_differ');
    for (const i of [0, 1, 2]) if (i !== first) cluster.nodes[i].signal('SIGHUP');
    await cluster.ready();
    await cluster.finish();
  } finally {
    await cluster.drop();
    await rm(folder, { recursive: true, force: true });
  }
});

describe('parley cluster', { timeout }, () => {
  let top;
  beforeEach(async () => {
    top = await mkdtemp(path.join(tmpdir(), 'parley-cluster-'));
  });
  afterEach(() => rm(top, { recursive: true, force: true }));

  const refused = async (status, words, ...args) => {
    const { exit, output } = await run(args);
    assert.equal(exit.code, status, output);
    assert.match(output, words);
  };

  test('turns a single server into nodes, and a node into a single server', async () => {
    const cluster = await newCluster();
    try {
      const single = await startServer({ dataDir: cluster.dataOf(0) });
      const socket = await client(single.url);
      await join(socket, 'r', 'ann');
      await say(socket, 'r', 'from before');
      await single.stop();
      assert.match(await cluster.command('init', 0), /position 3, hash [0-9a-f]{64}/);
      await refused(78, /is a cluster's node's/, 'serve', '--port', '0', '--data', cluster.dataOf(0));
      await refused(78, /node's already/, 'cluster', 'init', '--data', cluster.dataOf(0), ...cluster.flagsOf(0));
      await refused(78, /continues another log/, 'cluster', 'init', '--data', path.join(top, 'x'), ...cluster.flagsOf(1));
      for (const i of [1, 2]) await cluster.join(i, 0);
      for (const i of [0, 1, 2]) await (await cluster.make(i)).start(0);
      await cluster.ready();
      assert.match(await cluster.command('status', 1), /^a .*\n^b .*\n^c .*\n^stream: messages 1 to \d+/m);
      const again = await client(cluster.nodes[2].url);
      await join(again, 'r', 'bob');
      await say(again, 'r', 'from now');
      await cluster.equallyFar();
      await cluster.nodes[2].stop();
      assert.match(await cluster.command('leave', 2), /single server's again/);
      const alone = await newServer({ dataDir: cluster.dataOf(2) });
      await alone.start(0);
      assert.deepEqual(await history(alone, 'r'), ['from before', 'from now']);
      await alone.finish();
    } finally {
      await cluster.drop();
    }
  });

  test('begins a new stream where the old one is lost, and loses nothing', async () => {
    const cluster = await startCluster();
    try {
      const [a, b, c] = cluster.nodes;
      const reseed = (i, ...more) => ['cluster', 'reseed', '--data', cluster.dataOf(i), ...cluster.flagsOf(i), ...more];
      const socket = await client(a.url, { auth: { recovery: true }, reconnection: true, reconnectionDelay: 50 });
      await join(socket, 'r', 'ann');
      await say(socket, 'r', 'on all');
      await cluster.equallyFar();
      await c.stop();
      await say(socket, 'r', 'on two');
      await refused(78, /the stream is whole/, ...reseed(2));
      await deleteStream(cluster.nats.urls[0], 'PARLEY_test_1');
      await c.start(c.port);
      for (const i of [0, 1, 2]) await cluster.becomes(i, 'no_stream');
      await c.stop();
      await refused(78, /node [ab] is further/, ...reseed(2));
      await refused(78, /"x" is not among cluster.voters/, ...reseed(2, '--without', 'x'));
      await a.stop();
      await refused(78, /not heard: c\b/, ...reseed(0));
      const { exit, output } = await run(reseed(0, '--without', 'c'));
      assert.equal(exit.code, 0, output);
      assert.match(output, /stream 2 of the cluster begins behind position \d+, hash [0-9a-f]{64}/);
      await a.start(a.port);
      await b.stop();
      assert.match(await cluster.command('reseed', 1), /stream 2 of the cluster was begun by another node/);
      await b.start(b.port);
      await refused(78, /let the node join from a backup of a/, ...reseed(2));
      await cluster.ready();
      await rename(cluster.dataOf(2), path.join(cluster.folder, 'kept'));
      await cluster.join(2, 1);
      await c.start(c.port);
      await cluster.ready();
      await until(() => socket.connected && socket.recovered, 'the client is back');
      await say(socket, 'r', 'on the new stream');
      await cluster.equallyFar();
      for (const node of cluster.nodes) assert.deepEqual(await history(node, 'r'), ['on all', 'on two', 'on the new stream']);
      await cluster.finish();
    } finally {
      await cluster.drop();
    }
  });

  test('refuses what would be no node', async () => {
    const single = path.join(top, 'single');
    await run(['generate', '--events', '100', '--days', '1', '--data', single]);
    const backup = path.join(top, 'backup.db');
    await run(['backup', backup, '--data', single]);
    const node = ['--cluster.name', 'x', '--cluster.node', 'a', '--cluster.number', '1', '--cluster.voters', 'a', '--cluster.nats', 'nats://127.0.0.1:1'];
    await refused(78, /is not the backup of a cluster's node/, 'cluster', 'join', '--from', backup, '--data', path.join(top, 'new'));
    await refused(78, /--from is missing/, 'cluster', 'join', '--data', path.join(top, 'new'));
    await refused(66, /there is no database/, 'cluster', 'leave', '--data', path.join(top, 'new'));
    await refused(78, /is not a node's/, 'cluster', 'leave', '--data', single);
    await refused(78, /is not a node's/, 'serve', '--port', '0', '--data', single, ...node);
    await refused(78, /has no "innit"; did you mean "init"/, 'cluster', 'innit');
    await refused(78, /cluster.name is not said/, 'cluster', 'init', '--data', single);
    await refused(78, /no effect without cluster.name/, 'serve', '--cluster.wait', '10');
    await refused(78, /cluster.number is not said/, 'serve', '--cluster.name', 'x', '--cluster.node', 'a', '--cluster.voters', 'a', '--cluster.nats', 'nats://127.0.0.1:1');
    await refused(78, /not on this machine/, 'serve', ...node.slice(0, -1), 'nats://user:secret@10.0.0.1:4222');
    const { output } = await run(['config', 'show', ...node.slice(0, -1), 'nats://user:secret@127.0.0.1:4222']);
    assert.match(output, /cluster.nats = nats:\/\/user:\*\*\*@127.0.0.1:4222/);
    assert.doesNotMatch(output, /secret/);
  });

  test('says that no server answers', async () => {
    const args = ['--cluster.name', 'x', '--cluster.node', 'a', '--cluster.number', '1', '--cluster.voters', 'a', '--cluster.nats', 'nats://127.0.0.1:1'];
    const { exit, output } = await run(['cluster', 'init', '--data', path.join(top, 'new'), ...args]);
    assert.notEqual(exit.code, 0);
    assert.match(output, /NATS|nats/);
  });
});
