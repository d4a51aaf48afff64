// A server filled with data for a measurement, and the time of a reply.
import { rm } from 'node:fs/promises';
import { io } from 'socket.io-client';
import { rest } from '../../../support/rest.mjs';
import { startServer } from '../../../support/server.mjs';

const atOnce = 2000;
export const author = { fromUserId: 'ann', fromRole: 'cx-agent' };

/// Calls `measure` with a server, a client's `ask`, and `fill(count, body)`, which sends `count`
/// messages body(i).
export async function onServer(program, measure) {
  const server = await startServer({ program });
  const client = io(server.url, { transports: ['websocket'], forceNew: true });
  const ask = (name, body) => new Promise((resolve) => client.emit(name, body, resolve));
  const fill = async (count, body) => {
    for (let from = 0; from < count; from += atOnce) {
      const size = Math.min(atOnce, count - from);
      const sent = Array.from({ length: size }, (_, i) => ask('send_message', { content: 'x', ...author, ...body(from + i) }));
      const refused = (await Promise.all(sent)).find(({ success }) => success === false);
      if (refused) throw new Error(`send_message: ${refused.error}`);
    }
  };
  try {
    return await measure({ server, client, ask, fill });
  } finally {
    client.disconnect();
    await server.kill9();
    await rm(server.dataDir, { recursive: true, force: true }); // perhaps of an older program
  }
}

/// Milliseconds that `GET path` takes, and its status.
export async function timed(server, path) {
  const from = performance.now();
  const { status } = await rest(server, 'GET', path);
  return { ms: performance.now() - from, status };
}

export async function median(count, measure) {
  const values = [];
  for (let i = 0; i < count; i++) values.push(await measure());
  return values.sort((a, b) => a - b)[Math.floor(count / 2)];
}
