// The end of an outside snapshot that held back 210 MB of the WAL: the slowest acknowledgement
// while the WAL is copied back, compared with normal times of the same run.
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { holdSnapshot } from '../../support/snapshot.mjs';
import { startServer } from '../../support/server.mjs';

export const title = 'the slowest message at the end of an outside snapshot (times from sending to the ack)';

const heldBytes = Number(process.env.HELD_MB || 210) * 1e6; // 1800 by hand
const talkers = 4;
const restMs = 2; // between one talker's messages
const phaseMs = 20_000;
const filler = 'x'.repeat(20_000);

const send = (socket, conversationId, content) =>
  new Promise((resolve, reject) => {
    socket.emit('send_message', { conversationId, content, fromUserId: 'u', fromRole: 'cx-agent' }, (reply) =>
      reply.id ? resolve() : reject(new Error(JSON.stringify(reply))),
    );
  });

/// Sends messages one after another until `stopped`; records how long each took.
async function talk(socket, room, times, stopped) {
  while (!stopped()) {
    const from = performance.now();
    await send(socket, room, 'a message of some words, as people write them');
    times.push({ at: from, took: performance.now() - from });
    await pause(restMs);
  }
}

/// Makes the WAL grow to `bytes`.
async function fill(socket, wal, bytes) {
  while ((await stat(wal)).size < bytes) {
    await Promise.all(Array.from({ length: 50 }, () => send(socket, 'filler', filler)));
  }
}

function quantile(times, q) {
  const sorted = times.map(({ took }) => took).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

export async function measure({ program, quick }) {
  const server = await startServer({ program });
  const sockets = Array.from({ length: talkers + 1 }, () =>
    io(server.url, { forceNew: true, reconnection: false, transports: ['websocket'] }),
  );
  try {
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    const ms = quick ? phaseMs / 4 : phaseMs;
    const held = quick ? heldBytes / 10 : heldBytes;
    const wal = path.join(server.dataDir, 'parley.db-wal');
    const times = [];
    let stopped = false;
    const talking = sockets.slice(1).map((socket, i) => talk(socket, `room-${i}`, times, () => stopped));
    await pause(ms);
    const ordinary = times.splice(0);

    const snapshot = await holdSnapshot(server.dataDir);
    await fill(sockets[0], wal, held);
    await pause(1000);
    times.splice(0);
    await snapshot.release();
    await pause(ms);
    stopped = true;
    await Promise.all(talking);
    const longest = quantile(times, 1);
    const usual = quantile(ordinary, 0.999);
    return [
      { figure: 'ordinary: median', value: quantile(ordinary, 0.5), unit: 'ms' },
      { figure: 'ordinary: slowest in a thousand', value: usual, unit: 'ms' },
      { figure: `the end of ${Math.round(held / 1e6)} MB held back: longest`, value: longest, unit: 'ms' },
      { figure: 'the end: slowest in a thousand', value: quantile(times, 0.999), unit: 'ms' },
      { figure: 'the end: longest / ordinary slowest in a thousand', value: longest / usual, unit: 'x' },
    ];
  } finally {
    for (const socket of sockets) socket.disconnect();
    await server.kill9(); // not stop(): an older program prints another farewell
    await rm(server.dataDir, { recursive: true, force: true });
  }
}
