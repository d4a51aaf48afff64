// Runs the benchmarks: each server in turn, in several rounds; each run has a fresh server with an
// empty data folder. scripts/bench installs and builds everything needed, and shows --help.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { scenarios, table } from './figures.mjs';
import { describeMachine, warnings } from './machine.mjs';
import { selfTest } from './self_test.mjs';
import { checkKept, discard, killAll, load, servers as allServers, start, stop } from './servers.mjs';
import { measureStorage, storageServers } from './storage.mjs';

const root = new URL('../..', import.meta.url).pathname;
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    scenarios: { type: 'string', default: 'room10,pingpong' },
    servers: { type: 'string', default: 'parley,node-each,node-group,node-memory' },
    'log-events': { type: 'string', default: '10000000' },
    warmup: { type: 'string', default: '1' },
    measure: { type: 'string', default: '4' },
    window: { type: 'string' },
    'time-limit': { type: 'string', default: '60' },
    'load-program': { type: 'string', default: join(root, 'build/release/tests/bench/parley-load') },
    'parley-program': { type: 'string', default: join(root, 'build/release/parley') },
    'log-program': { type: 'string', default: join(root, 'build/release/tests/bench/parley-log-bench') },
    'self-test': { type: 'boolean', default: false },
  },
});

function fail(message) {
  console.error(`bench: ${message}`);
  process.exit(2);
}

function number(name, least, most) {
  const value = Number(options[name]);
  if (!(value >= least && value <= most)) {
    fail(`--${name} must be between ${least} and ${most}`);
  }
  return value;
}

function choice(name, known) {
  if (options[name] === 'all') {
    return known;
  }
  const chosen = options[name].split(',');
  const unknown = chosen.find((one) => !known.includes(one));
  if (unknown !== undefined) {
    fail(`--${name}: there is no '${unknown}' (${known.join(', ')})`);
  }
  return chosen;
}

const references = ['node-each', 'node-group', 'sqlite-raw'];
const abouts = {
  'sqlite-raw': "the same rows and indexes through SQLite's C API alone",
  file: 'the same bytes into a plain file, an fdatasync for each commit',
};
/** Time the generator needs besides warm-up and measurement: connecting, joining, draining. */
const overheadMsMax = 100_000;

const known = allServers(options['parley-program']);
const chosenServers = choice('servers', Object.keys(known));
const chosenScenarios = choice('scenarios', Object.keys(scenarios));
const rounds = number('rounds', 1, 100);
const warmup = number('warmup', 0, 60);
const measure = number('measure', 0.1, 300);
const deadline = Date.now() + number('time-limit', 1, 24 * 60) * 60_000;

// Beside the build, not in /tmp, which may be in memory, where a sync costs nothing.
const results = join(root, 'build/bench');
mkdirSync(results, { recursive: true });
const dataParent = mkdtempSync(join(results, 'run-'));
const removeData = () => rmSync(dataParent, { recursive: true, force: true });
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    killAll();
    removeData();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

const storageContext = {
  program: options['log-program'],
  servers: known,
  results,
  dataParent,
  measure,
  events: number('log-events', 1000, 1e9),
};

async function measureOnce(name, scenario) {
  if (scenario in storageServers) {
    const figures = await measureStorage(scenario, name, storageContext);
    return { ...figures, scenario, server: name, ok: true };
  }
  const running = await start(known[name], dataParent);
  try {
    const args = ['--warmup', warmup, '--measure', measure];
    if (options.window !== undefined) {
      args.push('--window', number('window', 1, 100_000));
    }
    const msMax = (warmup + measure) * 1000 + overheadMsMax;
    const { line } = await load(options['load-program'], scenario, running, args, msMax);
    const stopped = await stop(running);
    const problem = line.problem ?? (stopped || checkKept(running, line.messagesChecked));
    return { ...line, scenario, server: name, ok: problem === '', ...(problem && { problem }) };
  } finally {
    running.child.kill('SIGKILL');
    await running.ended;
    discard(running);
  }
}

function summary(run) {
  if (!run.ok) {
    return `FAILED: ${run.problem}`;
  }
  const { key, title, show } = scenarios[run.scenario][0];
  const limited = run.generatorCores > 0.9 ? '  (the generator was the limit)' : '';
  return `${show(run[key])} ${title}${limited}`;
}

/** Each round begins with another server, so that no server always runs after the same one. */
function order(round, scenario) {
  const all = storageServers[scenario] ?? chosenServers;
  const first = round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

async function benchmark() {
  const machine = describeMachine(root, dataParent);
  const date = new Date().toISOString();
  console.log(`${date}\n${machine}`);
  for (const warning of warnings(dataParent)) {
    console.log(`WARNING: ${warning}`);
  }
  const file = join(results, `${date.replaceAll(':', '-').slice(0, 19)}.jsonl`);
  writeFileSync(file, `${JSON.stringify({ date, machine, options })}\n`);
  const runs = [];
  let outOfTime = false;
  for (let round = 0; round < rounds && !outOfTime; ++round) {
    console.log(`\nround ${round + 1} of ${rounds}`);
    for (const scenario of chosenScenarios) {
      for (const name of order(round, scenario)) {
        outOfTime ||= Date.now() > deadline;
        if (outOfTime) {
          break;
        }
        const run = await measureOnce(name, scenario).catch((error) => ({
          scenario, server: name, ok: false, problem: error.message,
        }));
        runs.push(run);
        appendFileSync(file, `${JSON.stringify({ round, ...run })}\n`);
        console.log(`  ${scenario.padEnd(8)} ${name.padEnd(11)} ${summary(run)}`);
      }
    }
  }
  const measured = new Set(runs.map((run) => run.server));
  const inTable = [...chosenServers, 'parley', 'sqlite-raw', 'file'].filter(
    (name, i, all) => measured.has(name) && all.indexOf(name) === i,
  );
  const shown = references.filter((reference) => measured.has(reference));
  console.log(`\n${table(runs, inTable, shown)}\n`);
  for (const name of inTable) {
    console.log(`${name}: ${known[name]?.about ?? abouts[name]}`);
  }
  console.log(`every run: ${file}`);
  if (outOfTime) {
    console.log('WARNING: the time limit ended this before all rounds were done (--time-limit)');
  }
  const limited = runs.filter((run) => run.generatorCores > 0.9);
  if (limited.length > 0) {
    const where = [...new Set(limited.map((run) => `${run.scenario} on ${run.server}`))].join(', ');
    console.log(`WARNING: the load generator was the limit in: ${where}`);
  }
  const failed = runs.filter((run) => !run.ok);
  if (failed.length > 0) {
    console.log(`${failed.length} of ${runs.length} runs FAILED and are not in the table`);
  }
  return failed.length === 0;
}

try {
  const good = options['self-test']
    ? await selfTest(options['load-program'], dataParent)
    : await benchmark();
  process.exitCode = good ? 0 : 1;
} finally {
  killAll();
  removeData();
}
