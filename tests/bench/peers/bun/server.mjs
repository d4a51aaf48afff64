// socket.io on Bun: Bun's WebSocket server below socket.io, Bun's SQLite, the same events.
//
//   bun server.mjs --store sqlite-each|sqlite-group|memory [--port 0] [--data DIR]
import { Server as Engine } from '@socket.io/bun-engine';
import { Database } from 'bun:sqlite';
import { Server } from 'socket.io';
import { peerOptions, serveChat } from '../shared/events.mjs';
import { openStore } from '../shared/store.mjs';

const options = peerOptions();
const io = new Server();
const engine = new Engine({ path: '/socket.io/', cors: { origin: '*' } });
io.bind(engine);
const store = openStore(options.store, options.data, Database);
serveChat(io, store, options.fault);

const { fetch, ...handler } = engine.handler();
const server = Bun.serve({
  ...handler,
  hostname: '127.0.0.1',
  port: Number(options.port),
  fetch(request, self) {
    if (new URL(request.url).pathname === '/healthz') {
      return new Response();
    }
    return fetch(request, self);
  },
});
console.log(`bun peer is listening on http://127.0.0.1:${server.port}`);

process.on('SIGTERM', () => {
  io.disconnectSockets(true);
  store.close();
  process.exit(0);
});
