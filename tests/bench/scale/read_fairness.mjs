// A small read beside heavy readers: one connection with many requests, and reads of many rows.
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { author, median, onServer, timed } from './support/filled.mjs';

export const title = 'a small read while other clients read much';

const small = '/chat/conversations/long/messages?limit=1';
const rounds = 20;

export function measure({ program, quick }) {
  const notes = quick ? 20_000 : 200_000;
  return onServer(program, async ({ server, ask, fill }) => {
    await ask('send_message', { conversationId: 'notes', content: 'seen', ...author });
    await fill(notes, () => ({ conversationId: 'notes', isVisible: false }));
    await fill(10_000, () => ({ conversationId: 'long' }));
    const alone = await median(rounds, async () => (await timed(server, small)).ms);
    const nextTo = async (path, connections) => {
      const greedy = await Promise.all(Array.from({ length: connections }, () => asking(server, path)));
      const ms = await median(rounds, async () => (await timed(server, small)).ms);
      for (const one of greedy) one.destroy();
      return ms;
    };
    const many = await nextTo('/chat/conversations/long/messages?limit=1&offset=8000', 1);
    const large = await nextTo('/chat/conversations/notes/messages?userId=c&userRole=cx-customer', 8);
    return [
      { figure: 'alone', value: alone, unit: 'ms' },
      { figure: 'next to one connection with 16 requests at a time, relative to alone', value: many / alone },
      { figure: `next to 8 customers who page past ${notes} notes, relative to alone`, value: large / alone },
    ];
  });
}

/// A connection that always has as many requests in progress as allowed.
async function asking(server, path) {
  const socket = createConnection({ port: server.port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    const answers = bytes.toString('latin1').split('HTTP/1.1 ').length - 1;
    if (answers > 0) socket.write(request.repeat(answers));
  });
  socket.write(request.repeat(16));
  return socket;
}
