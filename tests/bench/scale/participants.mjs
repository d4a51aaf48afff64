// Very many joins of one large conversation at once: the time of a message in another conversation,
// and the memory of the replies.
import { readFile, rm } from 'node:fs/promises';
import { io } from 'socket.io-client';
import { startServer } from '../../support/server.mjs';

export const title = 'a message, while 400 clients join one large conversation';

const joins = 400;

export async function measure({ program, quick }) {
  const size = quick ? 1_000 : 10_000;
  const server = await startServer({ program, env: { PARLEY_PARTICIPANTS_MAX: '1000000' } });
  const clients = [];
  const open = () => {
    clients.push(io(server.url, { transports: ['websocket'], forceNew: true }));
    return clients.at(-1);
  };
  const ask = (client, name, body) => new Promise((resolve) => client.emit(name, body, resolve));
  const join = (userId, conversationId = 'large') => ({ conversationId, userId, userRole: 'cx-agent' });
  try {
    const [filler, sender] = [open(), open()];
    await ask(sender, 'join_room', join('me', 'elsewhere'));
    const send = async () => {
      const from = performance.now();
      await ask(sender, 'send_message', { conversationId: 'elsewhere', content: 'hello' });
      return performance.now() - from;
    };
    // Without a subscription: each becomes a participant by sending a message.
    const filling = performance.now();
    const words = (i) => ({ conversationId: 'large', content: '.', fromUserId: `user-${i}`, fromRole: 'cx-agent' });
    for (let i = 0; i < size; i += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, n) => ask(filler, 'send_message', words(i + n))));
    }
    const filled = performance.now() - filling;
    const members = Array.from({ length: joins }, open);
    await Promise.all(members.map((client) => new Promise((resolve) => client.once('connect', resolve))));
    const before = await residentBytes(server.pid);
    let highest = before;
    let answered = false;
    const watching = (async () => {
      for (; !answered; await new Promise((resolve) => setTimeout(resolve, 10))) {
        highest = Math.max(highest, await residentBytes(server.pid));
      }
    })();
    const from = performance.now();
    const rush = Promise.all(members.map((client, i) => ask(client, 'join_room', join(`new-${i}`))));
    const message = await send();
    const answers = await rush;
    const all = performance.now() - from;
    answered = true;
    await watching;
    const refused = answers.find(({ success }) => success !== true);
    if (refused) throw new Error(`a join was refused: ${refused.error}`);
    return [
      { figure: `one reply, ${size} participants`, value: JSON.stringify(answers[0]).length / 1000, unit: 'kB' },
      { figure: 'a message elsewhere meanwhile', value: message, unit: 'ms' },
      { figure: 'until all 400 are answered', value: all, unit: 'ms' },
      { figure: 'memory that the server takes more', value: (highest - before) / 1e6, unit: 'MB' },
      { figure: `${size} participants added by their messages`, value: filled, unit: 'ms' },
    ];
  } finally {
    for (const client of clients) client.disconnect();
    await server.kill9(); // not stop(): an older program prints another farewell
    await rm(server.dataDir, { recursive: true, force: true });
  }
}

async function residentBytes(pid) {
  const [, pages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
  return Number(pages) * 4096;
}
