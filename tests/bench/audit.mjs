// What questions about a large log cost: CPU time warm, wall time with a cold file cache, of every
// question that docs/benchmarks.md has a target for. scripts/bench --audit builds what it needs.
//
//   scripts/bench --audit [--events 10000000] [--only NAME,NAME]
//
// The log is made by `parley generate`, once, in build/bench/audit-EVENTS.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './figures.mjs';
import { repositoryRoot } from '../support/server.mjs';

const { values: options } = parseArgs({
  options: {
    audit: { type: 'boolean' },
    events: { type: 'string', default: '10000000' },
    build: { type: 'string', default: path.join(repositoryRoot, 'build/release') },
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
  },
});
const program = path.join(options.build, 'parley');
const folder = path.join(repositoryRoot, `build/bench/audit-${options.events}`);

/** Runs a command; its CPU and wall time in ms, from the shell's own `time`. */
function timed(command, args) {
  const script = 'TIMEFORMAT="%U %S %R"; time "$0" "$@"';
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, command, ...args], { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  const [user, system, wall] = stderr.trim().split('\n').at(-1).split(' ').map((seconds) => Number(seconds) * 1000);
  return { cpu: user + system, wall, stdout };
}

function makeLog() {
  if (existsSync(path.join(folder, 'parley.db'))) return;
  mkdirSync(path.dirname(folder), { recursive: true });
  const made = timed(program, ['generate', '--events', options.events, '--seed', '1', '--data', folder]);
  console.log(`generate: ${Math.round((Number(options.events) / made.cpu) * 1000)} events per CPU second`);
}

function makeAudit() {
  if (existsSync(path.join(folder, 'audit.db'))) return;
  const built = timed(program, ['rebuild', '--audit', '--data', folder]);
  const [events, messages] = JSON.parse(ask('SELECT sum(events), sum(messages) FROM v1_hour')).flatMap(Object.values);
  console.log(`audit.db: ${Math.round((events / built.cpu) * 1000)} events and ${Math.round((messages / built.cpu) * 1000)} messages per CPU second, `
    + `${(statSync(path.join(folder, 'audit.db')).size / 1e6).toFixed(1)} MB for ${events / 1e6} million events, ${messages} messages`);
}

const ask = (sql) => execFileSync(program, ['audit', '--sql', sql, '--format', 'json', '--data', folder], { encoding: 'utf8' });
const first = (sql) => Object.values(JSON.parse(ask(sql))[0])[0];

/** Lets the kernel forget the files. */
function cool() {
  const forget = `import os, sys
for name in ('parley.db', 'audit.db'):
    f = os.open(os.path.join(sys.argv[1], name), os.O_RDONLY)
    os.fsync(f)
    os.posix_fadvise(f, 0, 0, os.POSIX_FADV_DONTNEED)`;
  execFileSync('python3', ['-c', forget, folder]);
}

makeLog();
makeAudit();
const conversation = first("SELECT id FROM v1_conversation WHERE message_count BETWEEN 20 AND 40 ORDER BY number DESC LIMIT 1 OFFSET 100");
const customer = first(`SELECT user_id FROM v1_participant WHERE conversation_id = '${conversation}' AND role = 'cx-customer'`);
const agent = first(`SELECT user_id FROM v1_participant WHERE conversation_id = '${conversation}' AND role = 'cx-agent'`);
const moment = first(`SELECT last_message_at FROM v1_conversation WHERE id = '${conversation}'`);
const week = ['--from', '2025-12-08', '--to', '2025-12-15'];
const month = ['--from', '2025-11-01', '--to', '2025-12-01'];
const sql = (text) => ['--sql', text];
const questions = {
  'start of the program': sql('SELECT 1'),
  'messages of one conversation': ['messages', '--conversation', conversation],
  'timeline of one conversation': ['timeline', '--conversation', conversation],
  'room of one conversation': ['room', '--conversation', conversation, '--at', moment],
  'seen by its customer': ['seen', '--user', customer, '--conversation', conversation, '--at', moment],
  'show as of': null,
  'events of ten minutes': ['export-log', '--from', '2025-12-09T10:00Z', '--to', '2025-12-09T10:10Z'],
  'newest 50 events': sql('SELECT * FROM v1_event ORDER BY position DESC LIMIT 50'),
  "one user's week": ['user', '--user', agent, ...week],
  'first response of a week': ['first-response', ...week],
  'first response of all time': ['first-response'],
  'unanswered of a month': ['unanswered', ...month],
  'waits of a month': ['waits', ...month],
  'shares of a month': ['shares', ...month],
  'handovers of a month': ['handovers', ...month],
  'workload of a week': ['workload', ...week],
  'busy hours of all time': ['busy-hours'],
  'busy hours, Europe/Berlin': ['busy-hours', '--tz', 'Europe/Berlin'],
  'busy hours, Asia/Kolkata': ['busy-hours', '--tz', 'Asia/Kolkata'],
  'daily of all time': ['daily'],
  'totals of all time': sql('SELECT * FROM v1_log'),
  'search: a frequent word, newest 50': ['search', '--words', 'payment', '--limit', '50'],
  'search: a rare phrase': ['search', '--words', '"password broken order money"', '--limit', '50'],
  'search: a pair of Han': ['search', '--words', '退款', '--limit', '50'],
  'gaps of a day': ['gaps', '--from', '2025-12-09', '--to', '2025-12-10'],
  'newest 50 conversations': sql('SELECT * FROM v1_conversation ORDER BY number DESC LIMIT 50'),
};
const wanted = options.only?.split(',') ?? Object.keys(questions);
console.log('| question | CPU ms, warm | wall ms, cold |\n|---|---|---|');
for (const [name, args] of Object.entries(questions)) {
  if (!wanted.includes(name)) continue;
  const command = args ? ['audit', ...args, '--format', 'jsonl', '--data', folder]
    : ['show', '--conversation', conversation, '--as-of', moment, '--format', 'json', '--data', folder];
  cool();
  const cold = timed(program, command).wall;
  const warm = Array.from({ length: Number(options.rounds) }, () => timed(program, command).cpu);
  console.log(`| ${name} | ${Math.round(median(warm))} | ${Math.round(cold)} |`);
}
const whole = Number(options.events);
const perSecond = (cpu) => Math.round(whole / (cpu / 1000)).toLocaleString('en');
if (!options.only) {
  const copy = path.join(folder, 'export.jsonl');
  console.log(`verify: ${perSecond(timed(program, ['verify', '--data', folder]).cpu)} events per CPU second`);
  console.log(`export: ${perSecond(timed(program, ['export', '--out', copy, '--data', folder]).cpu)} events per CPU second`);
  console.log(`import: ${perSecond(timed(program, ['import', copy, '--data', path.join(folder, 'imported')]).cpu)} events per CPU second`);
  rmSync(copy);
  rmSync(path.join(folder, 'imported'), { recursive: true });
}
