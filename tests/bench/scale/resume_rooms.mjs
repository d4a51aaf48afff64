// A client that comes back with many rooms: the cost of 20,000 missed messages, compared with one
// room. A ratio near one shows that the cost depends on what was missed.
import { readFile, rm } from 'node:fs/promises';
import { io } from 'socket.io-client';
import { startServer } from '../../support/server.mjs';

export const title = 'coming back to 20,000 missed messages, in one room or many';

const inFlight = 500;
const ticksPerSecond = 100;

export async function measure({ program, quick }) {
  const size = quick ? 0.1 : 1;
  const missed = 20_000 * size;
  const rooms = 1000 * size;
  const server = await startServer({ program });
  const writer = await connect(server);
  try {
    await cost(server, writer, 'warm', 1, () => 0, missed / 10);
    const one = await cost(server, writer, 'one', 1, () => 0, missed);
    const rows = [
      { figure: 'one room', value: one.ms, unit: 'ms' },
      { figure: 'one room, server CPU', value: one.cpuMs, unit: 'ms' },
    ];
    const against = async (figure, ...how) => {
      const { ms, cpuMs } = await cost(server, writer, figure, ...how);
      rows.push({ figure: `${figure} / one room`, value: ms / one.ms });
      rows.push({ figure: `${figure} / one room, server CPU`, value: cpuMs / one.cpuMs });
    };
    await against(`${rooms / 5} rooms`, rooms / 5, (i, count) => i % count, missed);
    await against(`${rooms} rooms`, rooms, (i, count) => i % count, missed);
    await against(`${rooms} rooms, all but one idle`, rooms, () => 0, missed);
    // The log has four other events for each missed one, so the rooms are merged.
    const sparse = await cost(server, writer, 'sparse one', 1, () => 0, missed / 4, 4);
    const { ms, cpuMs } = await cost(server, writer, 'sparse', rooms, (i, count) => i % count, missed / 4, 4);
    rows.push({ figure: `${rooms} rooms / one room, among others' events`, value: ms / sparse.ms });
    rows.push({ figure: `${rooms} rooms / one room, among others' events, server CPU`, value: cpuMs / sparse.cpuMs });
    return rows;
  } finally {
    writer.disconnect();
    await server.kill9(); // not stop(): an older program prints another farewell
    await rm(server.dataDir, { recursive: true, force: true });
  }
}

function connect(server, auth = {}) {
  const options = { transports: ['websocket'], forceNew: true, reconnection: false };
  const socket = io(server.url, { ...options, auth: { recovery: true, ...auth } });
  return new Promise((resolve, reject) => socket.once('connect', () => resolve(socket)).once('connect_error', reject));
}

const ask = (socket, name, body) => new Promise((resolve) => socket.emit(name, body, resolve));

/// Calls `each(i)` for i below `count`, many at a time.
async function many(count, each) {
  let next = 0;
  const work = async () => {
    while (next < count) await each(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}

async function cpuMs(server) {
  const stat = await readFile(`/proc/${server.pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
  return ((user + system) * 1000) / ticksPerSecond;
}

/// Joins `roomCount` rooms, drops, misses `missed` messages, message i in room `roomOf(i)`, each
/// followed by `others` elsewhere; and comes back.
async function cost(server, writer, name, roomCount, roomOf, missed, others = 0) {
  const room = (i) => `${name} ${i}`;
  const client = await connect(server);
  const { _pid: pid } = client;
  await many(roomCount, (i) => ask(client, 'join_room', { conversationId: room(i), userId: 'reader', userRole: 'cx-agent' }));
  client.io.engine.close();
  const send = (conversationId) => ask(writer, 'send_message', { conversationId, content: 'x'.repeat(100), fromUserId: 'reader', fromRole: 'cx-agent' });
  await many(missed, async (i) => {
    await send(room(roomOf(i, roomCount)));
    for (let n = 0; n < others; n++) await send('elsewhere');
  });
  const [cpuBefore, from] = [await cpuMs(server), performance.now()];
  const back = io(server.url, { transports: ['websocket'], forceNew: true, reconnection: false, auth: { pid } });
  let heard = 0;
  await new Promise((resolve, reject) => {
    back.on('new_message', () => ++heard === missed && resolve());
    back.on('disconnect', reject);
  });
  const ms = performance.now() - from;
  const spent = (await cpuMs(server)) - cpuBefore;
  back.disconnect();
  return { ms, cpuMs: Math.max(spent, 1000 / ticksPerSecond) };
}
