// Clients that ask for recovery, connect and drop again and again: the rows this leaves, and the
// number of clients per second.
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { rest } from '../../support/rest.mjs';
import { startServer } from '../../support/server.mjs';

export const title = 'rows left by clients that connect and drop';

const clients = 16;
const sessionsMax = 1000;

export async function measure({ program, quick }) {
  const churnMs = quick ? 2000 : 10_000;
  const idle = await churn({ program, churnMs, joins: false });
  const joining = await churn({ program, churnMs, joins: true });
  return [
    { figure: 'connected and dropped, no subscription', value: idle.count },
    { figure: 'session rows that they left', value: idle.rows },
    { figure: `joined a room and dropped, sessions.max ${sessionsMax}`, value: joining.count },
    { figure: 'session rows that those left', value: joining.rows },
  ];
}

async function churn({ program, churnMs, joins }) {
  // An older program has no such setting, and ignores the variable.
  const server = await startServer({ program, env: { PARLEY_SESSIONS_MAX: String(sessionsMax) } });
  try {
    const until = performance.now() + churnMs;
    const counts = await Promise.all(Array.from({ length: clients }, () => comeAndGo(server, until, joins)));
    const { text } = await rest(server, 'GET', '/metrics');
    const rows = Number(/^parley_sessions_stored (\d+)$/m.exec(text)?.[1]);
    return { count: counts.reduce((sum, one) => sum + one, 0), rows };
  } finally {
    await server.kill9(); // not stop(): an older program prints another farewell
    await rm(server.dataDir, { recursive: true, force: true });
  }
}

function frame(text) {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? [payload.length | 0x80] : [126 | 0x80, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x81, ...head, 0, 0, 0, 0]), payload]); // masked with zeros
}

async function comeAndGo(server, until, joins) {
  let count = 0;
  for (; performance.now() < until; count++) {
    const socket = createConnection({ port: server.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    socket.write(
      'GET /socket.io/?EIO=4&transport=websocket&recovery=1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await reads(socket, '"pingInterval"');
    socket.write(frame('40'));
    await reads(socket, '"pid"');
    if (joins) {
      socket.write(frame('421["join_room",{"conversationId":"churn","userId":"guest","userRole":"cx-customer"}]'));
      await reads(socket, '431[');
    }
    socket.resetAndDestroy();
    await once(socket, 'close');
  }
  return count;
}

/// Reads until `text` has arrived.
async function reads(socket, text) {
  let read = '';
  while (!read.includes(text)) read += (await once(socket, 'data'))[0].toString('latin1');
}
