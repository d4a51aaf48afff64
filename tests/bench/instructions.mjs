// Counts the instructions of fixed runs under callgrind: one message through the engine (`append`),
// one to a room of 100 receivers (`fan100`), and one to one other client (`duo`); the last two also
// with tokens, whose users have rates. Each is run twice, the second
// time with more messages; the difference is the cost of the messages, without start and end.
// Unlike times, instruction counts vary by only a few per cent between runs and do not depend on
// the load of the machine. scripts/bench --instructions installs and builds what this needs.
import { execFile, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { io } from 'socket.io-client';
import { repositoryRoot } from '../support/server.mjs';

const { values: options } = parseArgs({
  options: {
    instructions: { type: 'boolean' },
    // The folder of a build, and of an older build to compare with.
    build: { type: 'string', default: path.join(repositoryRoot, 'build/release') },
    against: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' }, // names of runs, separated by commas
  },
});

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

/// A run of a server with `receivers` of each message. `tokens`: with auth.mode=jwt, where rates are
/// counted and reach far.
const overSockets = ({ unit, receivers, divisor, few, many, tokens = false }) => ({
  unit,
  few,
  many,
  divisor,
  measure: (build, messages) =>
    inFolder(async (folder) => {
      const out = path.join(folder, 'callgrind.out');
      const args = [...valgrind(out), path.join(build, 'parley'), 'serve', '--port', '0'];
      args.push('--data', path.join(folder, 'data'), '--io.threads=1');
      if (tokens) args.push(...(await withTokens(folder)));
      const server = spawn('valgrind', args);
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
      await sendTo(url.replace('0.0.0.0', '127.0.0.1'), messages, receivers, tokens);
      server.kill('SIGTERM');
      await once(server, 'exit');
      return total(out);
    }),
});

const secret = randomBytes(32);
const base64url = (value) => Buffer.from(value).toString('base64url');

async function withTokens(folder) {
  const keys = path.join(folder, 'keys.json');
  await writeFile(keys, JSON.stringify({ keys: [{ kty: 'oct', alg: 'HS256', k: base64url(secret) }] }));
  const rates = ['messages', 'user-messages', 'joins'].flatMap((name) => [`--rate.${name}`, '1000000/1000000']);
  return ['--auth.mode', 'jwt', '--auth.keys', keys, ...rates];
}

function tokenOf(user) {
  const claims = { sub: user, role: 'cx-agent', exp: Math.floor(Date.now() / 1000) + 3_600 };
  const signed = `${base64url('{"alg":"HS256"}')}.${base64url(JSON.stringify(claims))}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

async function sendTo(url, messages, receivers, tokens) {
  const clients = Array.from({ length: receivers + 1 }, (_, i) =>
    io(url, {
      transports: ['websocket'],
      forceNew: true,
      timeout: 60_000,
      ...(tokens && { auth: { token: tokenOf(`u${i}`) } }),
    }),
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

const delivery = { unit: 'instructions a delivery', receivers: 100, divisor: 100, few: 64, many: 448 };
const message = { unit: 'instructions a message', receivers: 1, divisor: 1, few: 320, many: 3_200 };
const runs = {
  append,
  fan100: overSockets(delivery),
  'fan100 with tokens': overSockets({ ...delivery, tokens: true }),
  duo: overSockets(message),
  'duo with tokens': overSockets({ ...message, tokens: true }),
};

async function perMessage({ few, many, divisor, measure }, build) {
  const [less, more] = [await measure(build, few), await measure(build, many)];
  return (more - less) / (many - few) / divisor;
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const only = options.only?.split(',');
for (const [name, run] of Object.entries(runs)) {
  if (only && !only.includes(name)) continue;
  const builds = options.against ? [options.build, options.against] : [options.build];
  const counts = builds.map(() => []);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [i, build] of builds.entries()) counts[i].push(await perMessage(run, build));
  }
  const [now, before] = counts.map((values) => median(values));
  const beside = before ? `   against ${Math.round(before)}: ${(now / before).toFixed(3)}` : '';
  console.log(`${name.padEnd(18)} ${Math.round(now)} ${run.unit}${beside}`);
}
process.exit();
