// Counts the instructions of two fixed runs under callgrind: one message through the engine
// (`append`), and one message to a room of 100 receivers (`fan100`). Each is run twice, the second
// time with more messages; the difference is the cost of the messages, without start and end.
// Unlike times, instruction counts vary by only a few per cent between runs and do not depend on
// the load of the machine. scripts/bench --instructions installs and builds what this needs.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { io } from 'socket.io-client';
import { repositoryRoot, startServer } from '../support/server.mjs';

const { values: options } = parseArgs({
  options: {
    instructions: { type: 'boolean' },
    // The folder of a build, and of an older build to compare with.
    build: { type: 'string', default: path.join(repositoryRoot, 'build/release') },
    against: { type: 'string' },
    rounds: { type: 'string', default: '3' },
  },
});

const receivers = 100;
const inFlight = 16;

/** Total instructions in a callgrind output file. */
async function total(file) {
  const text = await readFile(file, 'utf8');
  return Number(/^(?:summary|totals): (\d+)/m.exec(text)[1]);
}

const valgrind = (out) => ['--tool=callgrind', `--callgrind-out-file=${out}`, '--quiet'];

async function inFolder(run) {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-instructions-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const append = {
  unit: 'instructions a message',
  few: 2_000,
  many: 12_000,
  divisor: 1,
  measure: (build, messages) =>
    inFolder(async (folder) => {
      const out = path.join(folder, 'callgrind.out');
      const program = path.join(build, 'tests/bench/parley-log-bench');
      const task = ['append-engine', path.join(folder, 'data'), '--messages', String(messages)];
      await promisify(execFile)('valgrind', [...valgrind(out), program, ...task]);
      return total(out);
    }),
};

const fan100 = {
  unit: 'instructions a delivery',
  few: 64,
  many: 448,
  divisor: receivers,
  measure: (build, messages) =>
    inFolder(async (folder) => {
      const out = path.join(folder, 'callgrind.out');
      const args = [...valgrind(out), path.join(build, 'parley'), 'serve', '--port', '0'];
      const server = spawn('valgrind', [...args, '--data', path.join(folder, 'data'), '--io.threads=1']);
      const url = await new Promise((resolve, reject) => {
        let text = '';
        const read = (bytes) => {
          text += bytes;
          const found = /http:\/\/[^\s"]+:\d+/.exec(text);
          if (found) resolve(found[0]);
        };
        server.stdout.on('data', read);
        server.stderr.on('data', read);
        server.once('exit', () => reject(new Error(`the server ended: ${text}`)));
      });
      await sendTo(url.replace('0.0.0.0', '127.0.0.1'), messages);
      server.kill('SIGTERM');
      await once(server, 'exit');
      return total(out);
    }),
};

async function sendTo(url, messages) {
  const clients = Array.from({ length: receivers + 1 }, () =>
    io(url, { transports: ['websocket'], forceNew: true, timeout: 60_000 }),
  );
  let delivered = 0;
  const all = new Promise((resolve) => {
    for (const client of clients.slice(1)) {
      client.on('new_message', () => ++delivered === messages * receivers && resolve());
    }
  });
  await Promise.all(
    clients.map(async (client, i) => {
      if (!client.connected) await once(client, 'connect');
      const join = { conversationId: 'room', userId: `u${i}`, userRole: 'cx-agent' };
      return client.emitWithAck('join_room', join);
    }),
  );
  const send = (i) => clients[0].emitWithAck('send_message', { conversationId: 'room', content: `message ${i}` });
  for (let sent = 0; sent < messages; sent += inFlight) {
    await Promise.all(Array.from({ length: inFlight }, (_, i) => send(sent + i)));
  }
  await all;
  for (const client of clients) client.disconnect();
}

async function perMessage({ few, many, divisor, measure }, build) {
  const [less, more] = [await measure(build, few), await measure(build, many)];
  return (more - less) / (many - few) / divisor;
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

for (const [name, run] of Object.entries({ append, fan100 })) {
  const builds = options.against ? [options.build, options.against] : [options.build];
  const counts = builds.map(() => []);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [i, build] of builds.entries()) counts[i].push(await perMessage(run, build));
  }
  const [now, before] = counts.map((values) => median(values));
  const beside = before ? `   against ${Math.round(before)}: ${(now / before).toFixed(3)}` : '';
  console.log(`${name.padEnd(8)} ${Math.round(now)} ${run.unit}${beside}`);
}
process.exit();
