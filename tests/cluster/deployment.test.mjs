// The documented configurations of a cluster on three machines, in which only paths, ports and
// names are replaced: NATS with TLS and a user, HAProxy in front of the nodes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { documented, HAProxy } from '../clients/proxies.mjs';
import { makeCertificate } from '../support/certificates.mjs';
import { startCluster, until } from '../support/cluster.mjs';
import { bounded, patience } from '../support/server.mjs';

const timeout = 240_000 * patience;
const answerMsMax = 30_000 * patience;

class ClusterProxy extends HAProxy {
  documentedFile = 'haproxy-cluster.cfg';

  servers() {
    return this.backend.map((port, i) => [`10.0.0.${i + 1}:3500`, `127.0.0.1:${port}`]);
  }
}

// The documented nats.conf of server `i`.
const natsConfiguration = (tls) => (i, { name, ports, store }) =>
  documented('nats.conf', [
    ['server_name: one', `server_name: ${name}`],
    ['0.0.0.0:4222', `127.0.0.1:${ports[i].client}`],
    ['127.0.0.1:8222', `127.0.0.1:${ports[i].monitor}`],
    ['0.0.0.0:6222', `127.0.0.1:${ports[i].cluster}`],
    ['/etc/nats/server.pem', tls.certificate],
    ['/etc/nats/server.key', tls.key],
    ['/etc/nats/ca.pem', tls.certificate],
    ['/var/lib/nats', store],
    ['max_file_store: 20GB', 'max_file_store: 1GB'],
    ...['one', 'two', 'three'].map((host, at) => [`${host}.example:6222`, `localhost:${ports[at].cluster}`]),
  ]);

describe('a cluster as documented', { timeout }, () => {
  let folder;
  let cluster;
  let proxy;
  const sockets = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'parley-deployment-'));
    const tls = makeCertificate(folder);
    cluster = await startCluster({
      natsServers: 3,
      nats: { configure: natsConfiguration(tls), scheme: 'tls', user: 'parley:PASSWORD' },
      args: ['--cluster.nats-ca', tls.certificate, '--http.hosts', 'chat.example', '--proxy.trusted', '127.0.0.1'],
    });
    proxy = new ClusterProxy(cluster.nodes.map(({ port }) => port));
    await proxy.start();
    await until(async () => (await proxy.request('GET', '/chat/conversations?userId=x&userRole=cx-supervisor')).status === 200, 'an answer of the proxy');
  });
  after(async () => {
    for (const socket of sockets) socket.disconnect();
    await proxy?.finish();
    await cluster?.finish();
    rmSync(folder, { recursive: true, force: true });
  });

  async function client(transports) {
    const socket = io(proxy.origin, { ...proxy.options(), forceNew: true, transports, reconnectionDelay: 50 });
    sockets.push(socket);
    socket.said = [];
    socket.on('new_message', ({ content }) => socket.said.push(content));
    await bounded(new Promise((resolve) => socket.once('connect', resolve)), answerMsMax, 'a connection');
    return socket;
  }
  const ask = async (socket, name, body) => {
    const reply = await socket.timeout(answerMsMax).emitWithAck(name, body);
    assert.notEqual(reply?.success, false, JSON.stringify(reply));
    return reply;
  };

  test('clients over polling stay on their node, all nodes are used, and all see one conversation', async () => {
    const clients = [];
    for (let i = 0; i < 6; i++) clients.push(await client(i % 2 ? ['polling'] : ['websocket']));
    const nodes = new Set(clients.map((socket) => socket.io.engine.id[0]));
    assert.deepEqual([...nodes].sort(), ['B', 'C', 'D']);
    for (const [i, socket] of clients.entries()) await ask(socket, 'join_room', { conversationId: 'r', userId: `u${i}`, userRole: 'cx-agent' });
    for (const [i, socket] of clients.entries()) await ask(socket, 'send_message', { conversationId: 'r', content: `from ${i}` });
    for (const socket of clients) {
      await until(() => socket.said.length === 6, 'all messages');
      assert.deepEqual(socket.said, [0, 1, 2, 3, 4, 5].map((i) => `from ${i}`));
    }
  });

  test('the leader is killed: its clients come to another node by themselves', async () => {
    const leader = await cluster.leader();
    const letter = 'BCD'[leader];
    let socket = await client(['polling', 'websocket']);
    while (socket.io.engine.id[0] !== letter) socket = await client(['polling', 'websocket']);
    await ask(socket, 'join_room', { conversationId: 'k', userId: 'ann', userRole: 'cx-agent' });
    const back = new Promise((resolve) => socket.once('disconnect', () => socket.once('connect', resolve)));
    await cluster.nodes[leader].kill9();
    await bounded(back, answerMsMax, 'a connection to another node');
    assert.notEqual(socket.io.engine.id[0], letter);
    await ask(socket, 'join_room', { conversationId: 'k', userId: 'ann', userRole: 'cx-agent' });
    await ask(socket, 'send_message', { conversationId: 'k', content: 'still here' });
    await cluster.nodes[leader].start(cluster.nodes[leader].port);
    await cluster.ready();
  });
});
