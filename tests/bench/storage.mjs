// The scenarios without a load generator: the log, the projections and the start of the server.
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { start, stop, discard } from './servers.mjs';

const taskMsMax = 1_800_000;
const answerMsMax = 120_000;

/** The measurements of each of these scenarios, in the order of the first round. */
export const storageServers = {
  append: ['parley', 'sqlite-raw', 'file'],
  replay: ['parley'],
  start: ['parley'],
};

const appendTasks = { parley: 'append-engine', 'sqlite-raw': 'append-raw', file: 'append-file' };
/** Messages in progress at a time, which is the size of a commit. */
const inFlight = [8, 64, 512];

function task(program, ...args) {
  const done = spawnSync(program, args.map(String), { encoding: 'utf8', timeout: taskMsMax });
  if (done.status !== 0) {
    throw new Error(done.stderr?.trim() || `${args[0]} ended with ${done.status ?? done.signal}`);
  }
  return JSON.parse(done.stdout);
}

/** The folder with the large log; it is made once and kept beside the results. */
function largeLog({ program, results, events }) {
  const folder = join(results, `log-${events}`);
  if (!existsSync(folder)) {
    console.log(`  making a log of ${events.toLocaleString('en-US')} events, once (${folder})`);
    const making = `${folder}.making`;
    rmSync(making, { recursive: true, force: true });
    task(program, 'build-log', making, '--events', events);
    renameSync(making, folder);
  }
  return folder;
}

function append(server, { program, dataParent, measure }) {
  const figures = {};
  for (const count of inFlight) {
    const folder = join(dataParent, `append-${server}-${count}`);
    try {
      const line = task(program, appendTasks[server], folder, '--in-flight', count, '--measure', measure);
      figures[`events${count}PerSecond`] = line.eventsPerSecond;
      figures[`events${count}PerCpuSecond`] = line.eventsPerCpuSecond;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return figures;
}

/** Resolves when the server has replied to a read of a conversation. */
function firstAnswer(port) {
  const path = '/chat/conversations/conversation-1/messages/last/50';
  return new Promise((resolve, reject) => {
    const request = http.get({ port, path, host: '127.0.0.1', timeout: answerMsMax }, (response) => {
      let body = '';
      response.on('data', (bytes) => (body += bytes));
      response.on('end', () => {
        const good = response.statusCode === 200 && JSON.parse(body).length === 50;
        good ? resolve() : reject(new Error(`status ${response.statusCode}: ${body.slice(0, 200)}`));
      });
    });
    request.on('error', reject);
  });
}

async function startServer(context) {
  const data = largeLog(context);
  const { command } = context.servers.parley;
  const begin = process.hrtime.bigint();
  const running = await start({ command: () => command(data) }, context.dataParent);
  try {
    await firstAnswer(running.port);
    const firstAnswerUs = Number(process.hrtime.bigint() - begin) / 1000;
    const stopped = await stop(running);
    if (stopped) throw new Error(stopped);
    return { firstAnswerUs };
  } finally {
    running.child.kill('SIGKILL');
    await running.ended;
    discard(running);
  }
}

/** One run; throws if anything went wrong. `context`: program, servers, results, dataParent, ... */
export async function measureStorage(scenario, server, context) {
  switch (scenario) {
    case 'append':
      return append(server, context);
    case 'replay': {
      const { eventsPerSecond, seconds } = task(context.program, 'replay', largeLog(context));
      return { eventsPerSecond, seconds };
    }
    default:
      return startServer(context);
  }
}
