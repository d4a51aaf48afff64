// Clients that read late or never: the costs for them and for others.
import { createConnection } from 'node:net';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { startServer } from '../../support/server.mjs';

export const title = 'a client that receives much of its own output, and many that answer heartbeats but read nothing';

const page = 50; // messages of 10 kB: each silent socket asks for half a megabyte
const watchMs = 20_000;

export async function measure({ program, quick }) {
  return [...(await ownRoom(program, quick ? 10 : 100)), ...(await silent(program, quick ? 40 : 400))];
}

const ask = (client, name, body) =>
  new Promise((resolve) => client.timeout(30_000).emit(name, body, (late, reply) => resolve(late ? {} : reply)));

async function connected(server) {
  const client = io(server.url, { transports: ['websocket'], forceNew: true });
  await new Promise((resolve) => client.once('connect', resolve));
  return client;
}

async function end(server) {
  await server.kill9(); // not stop(): an older program prints another farewell
  await rm(server.dataDir, { recursive: true, force: true });
}

/// A healthy client on loopback sends large messages to its own room, all at once.
async function ownRoom(program, count) {
  const server = await startServer({ program });
  const client = await connected(server);
  try {
    let heard = 0;
    let drops = 0;
    client.on('new_message', () => heard++);
    client.on('disconnect', () => drops++);
    await ask(client, 'join_room', { conversationId: 'own', userId: 'me', userRole: 'cx-agent' });
    const from = performance.now();
    for (let i = 0; i < count; i++) {
      client.emit('send_message', { conversationId: 'own', content: 'x'.repeat(400_000) });
    }
    for (let i = 0; i < 600 && heard < count && drops === 0; i++) await pause(50);
    const seconds = (performance.now() - from) / 1000;
    return [
      { figure: `of ${count} messages of 400 kB into its own room it hears`, value: heard },
      { figure: 'in', value: seconds, unit: 's' },
      { figure: 'it is disconnected', value: drops, unit: 'times' },
    ];
  } finally {
    client.disconnect();
    await end(server);
  }
}

/// Sockets that ask for history, answer heartbeats and never read, and a normal client.
async function silent(program, count) {
  const budget = count * 375_000; // io.outbox-total: 150 MB for 400 of them
  const args = [`--io.outbox-total=${budget}`, '--io.send-buffer=65536'];
  const server = await startServer({ program, args });
  const client = await connected(server);
  const sockets = [];
  try {
    await ask(client, 'join_room', { conversationId: 'c', userId: 'me', userRole: 'cx-agent' });
    for (let i = 0; i < page; i++) {
      await ask(client, 'send_message', { conversationId: 'c', content: 'x'.repeat(10_000) });
    }
    for (let i = 0; i < count; i++) sockets.push(await silentSocket(server));
    const beats = setInterval(() => {
      for (const socket of sockets) {
        if (socket.destroyed) continue;
        socket.write(frame('3'));
        socket.write(frame(`421${JSON.stringify(['get_messages', { conversationId: 'c' }])}`));
      }
    }, 500);
    let answered = 0;
    let busy = 0;
    const until = performance.now() + watchMs;
    while (performance.now() < until) {
      const reply = await ask(client, 'get_messages', { conversationId: 'c', limit: 2 });
      Array.isArray(reply) ? answered++ : busy++;
      await pause(50);
    }
    clearInterval(beats);
    const open = sockets.filter(({ destroyed }) => !destroyed).length;
    return [
      { figure: `of a normal client's reads get replies, next to ${count} silent sockets`, value: (100 * answered) / (answered + busy), unit: '%' },
      { figure: 'are busy', value: (100 * busy) / (answered + busy), unit: '%' },
      { figure: `of ${count} silent sockets, still open after ${watchMs / 1000} s`, value: open },
    ];
  } finally {
    client.disconnect();
    for (const socket of sockets) socket.destroy();
    await end(server);
  }
}

/// Enters the default namespace; reads the opening packets and nothing more.
async function silentSocket(server) {
  const socket = createConnection({ port: server.port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n' +
      'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.write(frame('40'));
  await once(socket, 'data');
  socket.pause();
  return socket;
}

function frame(text) {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]); // masked with zeros
  return Buffer.concat([head, payload]);
}
