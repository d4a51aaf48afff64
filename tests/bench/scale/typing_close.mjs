// Clients that connect and disconnect while very many users type: the time of one message.
import { createConnection } from 'node:net';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import { io } from 'socket.io-client';
import { rest } from '../../support/rest.mjs';
import { startServer } from '../../support/server.mjs';

export const title = 'a message, while one client connects and drops and very many users type';

const participants = 100; // the maximum a conversation may start with
const churnMs = 4000;

export async function measure({ program, quick }) {
  const typing = quick ? 5_000 : 50_000;
  const server = await startServer({ program, args: ['--typing.timeout=3600000'] });
  const client = io(server.url, { transports: ['websocket'], forceNew: true });
  try {
    const ask = (name, body) => new Promise((resolve) => client.emit(name, body, resolve));
    await ask('join_room', { conversationId: 'own', userId: 'me', userRole: 'cx-agent' });
    const quiet = await slowest(server, ask);
    await startTyping(server, ask, typing);
    const busy = await slowest(server, ask);
    return [
      { figure: 'slowest message, nobody types', value: quiet.ms, unit: 'ms' },
      { figure: `slowest message, ${typing} type`, value: busy.ms, unit: 'ms' },
      { figure: 'messages answered, nobody types', value: quiet.count },
      { figure: `messages answered, ${typing} type`, value: busy.count },
      { figure: `connections closed, ${typing} typing`, value: busy.closed },
    ];
  } finally {
    client.disconnect();
    await server.kill9(); // not stop(): an older program prints another farewell
    await rm(server.dataDir, { recursive: true, force: true });
  }
}

async function startTyping(server, ask, users) {
  for (let i = 0; i < users / participants; i++) {
    const conversationId = `c${i}`;
    const initialParticipants = Array.from({ length: participants }, (_, n) => `u${n}`);
    const start = { conversationId, createdBy: 'u0', createdByRole: 'cx-agent', initialParticipants };
    const started = await rest(server, 'POST', '/chat/conversations/start', start);
    if (started.status !== 201) throw new Error(`start: ${started.text}`);
    await Promise.all(
      initialParticipants.map((userId) => ask('typing_start', { conversationId, userId, userName: userId })),
    );
  }
}

/// The slowest of consecutive messages while connections open and close.
async function slowest(server, ask) {
  const until = performance.now() + churnMs;
  const churn = Promise.all(Array.from({ length: 8 }, () => comeAndGo(server, until)));
  let ms = 0;
  let count = 0;
  while (performance.now() < until) {
    const from = performance.now();
    await ask('send_message', { conversationId: 'own', content: 'hello' });
    ms = Math.max(ms, performance.now() - from);
    count++;
  }
  const closed = (await churn).reduce((sum, one) => sum + one, 0);
  return { ms, count, closed };
}

async function comeAndGo(server, until) {
  let closed = 0;
  for (; performance.now() < until; closed++) {
    const socket = createConnection({ port: server.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    socket.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await once(socket, 'data');
    socket.resetAndDestroy();
    await once(socket, 'close');
  }
  return closed;
}
