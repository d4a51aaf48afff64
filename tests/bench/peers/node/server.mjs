// A common server today: socket.io on Node, with the events of a Parley chat.
//
//   node server.mjs --store sqlite-each|sqlite-group|memory [--port 0] [--data DIR]
//
// It is meant as a fair peer: ws with its native helper, no compression, prepared statements,
// integer keys, and nothing acknowledged or shown before it is committed.
import { createServer } from 'node:http';
import Database from 'better-sqlite3';
import { Server } from 'socket.io';
import { peerOptions, serveChat } from '../shared/events.mjs';
import { openStore } from '../shared/store.mjs';

const options = peerOptions();
const http = createServer((request, response) => {
  response.statusCode = request.url === '/healthz' ? 200 : 404;
  response.end();
});
const io = new Server(http, { serveClient: false, perMessageDeflate: false, cors: { origin: '*' } });
const store = openStore(options.store, options.data, Database);
serveChat(io, store, options.fault);

http.listen({ port: Number(options.port), host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(`node peer is listening on http://127.0.0.1:${http.address().port}`);
});

process.on('SIGTERM', () => {
  io.disconnectSockets(true);
  store.close();
  process.exit(0);
});
