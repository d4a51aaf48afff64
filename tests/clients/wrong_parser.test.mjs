// Clients that use another parser than Socket.IO's own: they are closed, and the log reports it
// without being flooded.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { io } from 'socket.io-client';
import Emitter from 'component-emitter';
import WebSocket from 'ws';
import { rest } from '../support/rest.mjs';
import { bounded, patience, startServer } from '../support/server.mjs';

const waitMsMax = 20_000 * patience;
const clients = 10;

// Like socket.io-msgpack-parser: every packet is one binary message.
const binaryParser = {
  Encoder: class {
    encode(packet) {
      return [Buffer.from(JSON.stringify(packet))];
    }
  },
  Decoder: class extends Emitter {
    add() {}
    destroy() {}
  },
};

async function closedWithBinaryParser(server, transports) {
  const socket = io(server.url, { forceNew: true, reconnection: false, transports, parser: binaryParser });
  try {
    await bounded(new Promise((resolve) => socket.io.once('close', resolve)), waitMsMax, 'the close');
  } finally {
    socket.disconnect();
  }
}

async function closedWithWords(server, words) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await bounded(once(socket, 'open'), waitMsMax, 'open');
  socket.send(words);
  await bounded(once(socket, 'close'), waitMsMax, 'close');
}

async function counted(server) {
  const { text } = await rest(server, 'GET', '/metrics');
  return Number(/^parley_malformed_packets_total (\d+)$/m.exec(text)[1]);
}

describe('clients with a wrong parser', { timeout: 4 * waitMsMax }, () => {
  test('are closed and counted, and the log has one warning per minute for all of them', async () => {
    const server = await startServer();
    try {
      for (let i = 0; i < clients; i++) await closedWithBinaryParser(server, ['websocket']);
      for (let i = 0; i < clients; i++) await closedWithBinaryParser(server, ['polling']);
      for (const words of ['hello', '42["no JSON', '4', '40{"half":']) await closedWithWords(server, words);
      assert.equal(await counted(server), 2 * clients + 4);
      const warnings = server.stderr.split('\n').filter((line) => line.includes(' malformed_packets '));
      assert.equal(warnings.length, 1, server.stderr);
      assert.match(warnings[0], /sessions_closed=1 hint=".*parser"$/);
    } finally {
      await server.finish();
    }
  });
});
