// A client that leaves the default namespace and enters it again on the same connection is a new
// one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';
import { RawSocket, frame } from './raw_socket.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(async () => {
  await server.finish();
});

const handshake =
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n' +
  'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

async function rawClient() {
  const socket = new RawSocket(server);
  await socket.opened;
  socket.send(handshake);
  await socket.until(() => socket.text.includes('"sid"'), 'the open packet');
  socket.send(frame('40'));
  await socket.until(() => socket.text.includes('40{"sid"'), 'the namespace');
  return socket;
}

const packet = (id, name, body) => `42${id}${JSON.stringify([name, body])}`;

async function ask(socket, id, name, body) {
  socket.send(frame(packet(id, name, body)));
  await socket.until(() => socket.text.includes(`43${id}[`), `the answer to ${name}`);
}

const member = { conversationId: 'again', userId: 'ann', userRole: 'cx-agent' };
const message = (content) => ({
  conversationId: 'again', fromUserId: 'bob', fromRole: 'cx-agent', content,
});

test('it gets no replies to its earlier requests, and they subscribe it to nothing', async () => {
  const socket = await rawClient();
  const other = await rawClient();
  // In one write, so that it has left and entered again before the writer can reply.
  socket.send(
    Buffer.concat(
      [packet(7, 'join_room', member), packet(8, 'join_dashboard', {}), '41', '40'].map(frame),
    ),
  );
  await socket.until(() => socket.text.split('40{"sid"').length === 3, 'the namespace again');
  await ask(other, 1, 'send_message', message('to whom it may concern'));
  await ask(socket, 9, 'get_messages', { conversationId: 'again' });
  for (const absent of ['437[', '438[', 'new_message', 'conversation_updated']) {
    assert.ok(!socket.text.includes(absent), `${absent} in ${socket.text}`);
  }
  await ask(socket, 10, 'join_room', member);
  await ask(other, 2, 'send_message', message('to ann'));
  await socket.until(() => socket.text.includes('"to ann"'), 'the message, once it has joined');
  socket.close();
  other.close();
});
