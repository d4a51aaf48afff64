// `parley audit`: every question answers what a walk through the exported log finds, beside a server
// and without one, as another user of the machine, in every format; docs/audit.md shows real
// answers. After a change of a question or its words:
//
//   PARLEY_WRITE_AUDIT=1 node --test tests/operations/audit.test.mjs
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { readDocument } from '../support/documents.mjs';
import { rest } from '../support/rest.mjs';
import { bounded, programPath, repositoryRoot, startServer } from '../support/server.mjs';
import { parley, succeeds, waitMsMax } from './support.mjs';

const documentFile = path.join(repositoryRoot, 'docs/audit.md');
const plansFile = path.join(repositoryRoot, 'tests/operations/audit_plans.txt');

let top;
let sample;
let events; // of the sample, as v1_event has them

const audit = (...args) => parley('audit', ...args, '--data', sample);
async function answer(...args) {
  const { code, stdout, stderr } = await audit(...args, '--format', 'json');
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout);
}
const only = (row, ...names) => Object.fromEntries(names.map((name) => [name, row[name]]));

before(async () => {
  top = await mkdtemp(path.join(tmpdir(), 'parley-audit-'));
  await chmod(top, 0o755);
  sample = path.join(top, 'sample');
  await succeeds('generate', '--events', '20000', '--seed', '1', '--data', sample);
  await succeeds('audit', 'follower', '--data', sample); // builds audit.db
  events = await answer('export-log');
  assert.equal(events.length, 20_000);
});
after(() => rm(top, { recursive: true, force: true }));

// The definitions of docs/metrics.md, written once more.
const isStaff = (role) => role === 'cx-agent' || role === 'cx-supervisor';
const isMessage = (event) => event.type === 'message_sent' || event.type === 'message_shared';
const asks = (event) => event.type === 'message_sent' && event.role === 'cx-customer';
const answers = (event) => event.type === 'message_shared'
  || (event.type === 'message_sent' && isStaff(event.role) && event.message_type === 'text' && event.is_visible !== 0);
const nearestRank = (sorted, percent) => sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1];
const ms = Date.parse;

/// All waits of the log, as {conversation, from, to, by, end}.
function waitsOf(all) {
  const open = new Map();
  const customers = new Map();
  const waits = [];
  for (const event of all) {
    const id = event.conversation_id;
    const here = customers.get(id) ?? customers.set(id, new Set()).get(id);
    const had = here.size > 0;
    if (event.type === 'participant_left') here.delete(event.actor);
    if (event.type === 'participant_joined') here[event.role === 'cx-customer' ? 'add' : 'delete'](event.actor);
    const wait = open.get(id);
    if (asks(event) && !wait) {
      waits.push({ conversation: id, from: event });
      open.set(id, waits.at(-1));
    } else if (wait && answers(event)) {
      Object.assign(wait, { to: event, by: event.actor, end: 'answer' });
      open.delete(id);
    } else if (wait && had && here.size === 0) {
      Object.assign(wait, { to: event, end: 'left' });
      open.delete(id);
    }
  }
  return waits;
}

const from = '2025-11-03';
const to = '2025-12-05';
const within = (event) => event.at >= from && event.at < to;

describe('a question', () => {
  test('about first responses counts what a walk finds, and never an open one as 0', async () => {
    const firsts = new Map();
    for (const event of events) {
      const one = firsts.get(event.conversation_id) ?? firsts.set(event.conversation_id, {}).get(event.conversation_id);
      if (asks(event)) one.asked ??= event;
      else if (answers(event) && one.asked) one.answered ??= event;
    }
    for (const range of [[], ['--from', from, '--to', to]]) {
      const asked = [...firsts.values()].filter((one) => one.asked && (range.length === 0 || within(one.asked)));
      const times = asked.filter((one) => one.answered).map((one) => one.answered.at_ms - one.asked.at_ms).sort((a, b) => a - b);
      const [row] = await answer('first-response', ...range);
      assert.ok(times.length > 50 && times.length < asked.length, `${times.length} of ${asked.length}`);
      assert.deepEqual(row, {
        asked: asked.length, answered: times.length, open: asked.length - times.length,
        mean_ms: Math.round(times.reduce((sum, one) => sum + one, 0) / times.length),
        p50_ms: nearestRank(times, 50), p90_ms: nearestRank(times, 90), p95_ms: nearestRank(times, 95),
        p99_ms: nearestRank(times, 99), max_ms: times.at(-1),
      });
    }
    const [conversation, one] = [...firsts].find(([, { answered }]) => answered);
    const [its] = await answer('first-response', '--conversation', conversation);
    const took = one.answered.at_ms - one.asked.at_ms;
    assert.deepEqual(only(its, 'asked', 'answered', 'p50_ms', 'max_ms'), { asked: 1, answered: 1, p50_ms: took, max_ms: took });
    const [nobody] = await answer('first-response', '--from', '1990-01-01', '--to', '1990-02-01');
    assert.deepEqual(only(nobody, 'asked', 'answered', 'open', 'mean_ms', 'p50_ms'), { asked: 0, answered: 0, open: 0, mean_ms: null, p50_ms: null });
  });

  test('about waits counts open ones up to the end of the range', async () => {
    const waits = waitsOf(events).filter((wait) => within(wait.from));
    const last = ms(to);
    const expected = waits
      .map((wait) => {
        const ended = wait.to && wait.to.at < to;
        return {
          from_position: wait.from.position, ms: (ended ? wait.to.at_ms : last) - wait.from.at_ms,
          by: ended ? wait.by ?? null : null, ended_by: ended ? wait.end : null,
        };
      })
      .sort((a, b) => b.ms - a.ms || a.from_position - b.from_position);
    const rows = await answer('waits', '--from', from, '--to', to, '--limit', '1000000');
    assert.deepEqual(rows.map((row) => only(row, 'from_position', 'ms', 'by', 'ended_by')), expected);
    assert.ok(expected.some((row) => row.ended_by === null));
    assert.equal((await answer('waits')).length, 20);
    assert.match((await audit('waits')).stderr, /the first 20 rows; --limit asks for more/);
    assert.match((await audit('waits', '--limit', '21')).stderr, /the first 21 rows; --limit asks for more/);
    assert.equal((await audit('waits', '--limit', '1000000')).stderr, '');
    const replies = await answer('replies', '--from', from, '--to', to);
    assert.deepEqual(
      replies.map((row) => only(row, 'from_position', 'to_position', 'by', 'ended_by')),
      waits.map((wait) => ({ from_position: wait.from.position, to_position: wait.to?.position ?? null, by: wait.by ?? null, ended_by: wait.end ?? null })),
    );
  });

  test('about unanswered conversations takes the end of the range', async () => {
    const early = '2025-07-10';
    const firsts = new Map();
    for (const event of events) {
      const one = firsts.get(event.conversation_id) ?? firsts.set(event.conversation_id, {}).get(event.conversation_id);
      if (asks(event)) one.asked ??= event;
      else if (answers(event) && one.asked) one.answered ??= event;
    }
    const expected = [...firsts.values()].filter(({ asked, answered }) => asked && asked.at >= early && asked.at < to && !(answered && answered.at < to));
    assert.ok(expected.length >= 2);
    const rows = await answer('unanswered', '--from', early, '--to', to);
    assert.deepEqual(rows.map((row) => row.asked_position), expected.map(({ asked }) => asked.position).sort((a, b) => a - b));
    for (const row of rows) assert.equal(row.open_ms, ms(to) - ms(row.asked_at));
  });

  test('about workload and handovers counts each answer', async () => {
    const waits = new Map(waitsOf(events).filter((wait) => wait.end === 'answer').map((wait) => [wait.to.position, wait]));
    const people = new Map();
    const conversations = new Map();
    for (const event of events.filter((one) => within(one) && answers(one))) {
      const one = people.get(event.actor) ?? people.set(event.actor, { answers: 0, conversations: new Set(), waited: [] }).get(event.actor);
      one.answers++;
      one.conversations.add(event.conversation_id);
      const wait = waits.get(event.position);
      if (wait) one.waited.push(event.at_ms - wait.from.at_ms);
      (conversations.get(event.conversation_id) ?? conversations.set(event.conversation_id, []).get(event.conversation_id)).push(event.actor);
    }
    const rows = await answer('workload', '--from', from, '--to', to);
    assert.equal(rows.length, people.size);
    for (const row of rows) {
      const one = people.get(row.user_id);
      const sorted = one.waited.sort((a, b) => a - b);
      assert.deepEqual(only(row, 'answers', 'conversations', 'p50_ms', 'longest_ms'), {
        answers: one.answers, conversations: one.conversations.size,
        p50_ms: nearestRank(sorted, 50) ?? null, longest_ms: sorted.at(-1) ?? null,
      }, row.user_id);
    }
    const expected = [...conversations].filter(([, who]) => new Set(who).size > 1).map(([id, who]) => ({
      conversation_id: id, people: new Set(who).size, first_by: who[0], last_by: who.at(-1),
      handovers: who.filter((one, i) => i > 0 && one !== who[i - 1]).length,
    }));
    assert.ok(expected.length > 3);
    const handovers = await answer('handovers', '--from', from, '--to', to);
    assert.deepEqual(handovers.map((row) => only(row, 'conversation_id', 'people', 'first_by', 'last_by', 'handovers')), expected);
  });

  test('about overlapping stays finds the most at once, of whole days and of parts of them', async () => {
    const days = Array.from({ length: 20 }, (_, i) => `2025-11-${i + 10}`);
    const ranges = [[from, to], ...days.map((day) => [`${day}T04:00:00.000Z`, `${day}T13:30:00.000Z`])];
    let checked = 0;
    for (const [since, until] of ranges) {
      const rows = await answer('workload', '--from', since, '--to', until);
      checked += rows.length;
      for (const row of rows.slice(0, 5)) {
        const inside = new Set();
        let most = 0;
        for (const event of events.filter((one) => one.actor === row.user_id && one.at < until)) {
          if (event.type === 'participant_joined') inside.add(event.conversation_id);
          if (event.at >= since) most = Math.max(most, inside.size);
          if (event.type === 'participant_left') inside.delete(event.conversation_id);
        }
        assert.equal(row.at_once, most, `${row.user_id} since ${since}`);
      }
    }
    assert.ok(checked > 20);
  });

  test('about hours and days follows the clocks of any zone, through a change of clocks', async () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe']) {
      const clock = new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit' });
      const parts = (at) => Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
      const figures = (event) => ({
        messages: isMessage(event), customer_messages: isMessage(event) && event.role === 'cx-customer',
        staff_messages: isMessage(event) && isStaff(event.role) && event.is_visible !== 0, robot_messages: isMessage(event) && event.role === 'robot',
        notes: isMessage(event) && isStaff(event.role) && event.is_visible === 0, joins: event.type === 'participant_joined',
        leaves: event.type === 'participant_left', typing: event.type.startsWith('typing'), events: true,
      });
      const counted = (key, range) => {
        const rows = new Map();
        for (const event of events.filter(range)) {
          const name = key(parts(event.at_ms));
          const row = rows.get(name) ?? rows.set(name, {}).get(name);
          for (const [figure, one] of Object.entries(figures(event))) row[figure] = (row[figure] ?? 0) + Number(one);
        }
        return [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
      };
      const days = await answer('daily', '--tz', zone);
      assert.deepEqual(days.map(({ day, ...row }) => [day, row]), counted(({ year, month, day }) => `${year}-${month}-${day}`, () => true), zone);
      const hours = await answer('busy-hours', '--tz', zone, '--from', '2025-10-20T00:30Z', '--to', '2025-11-05T12:00Z');
      assert.deepEqual(
        hours.map(({ hour, ...row }) => [hour, row]),
        counted(({ hour }) => Number(hour), (event) => event.at >= '2025-10-20T00:30' && event.at < '2025-11-05T12:00').map(([hour, row]) => [Number(hour), row]),
        zone,
      );
    }
  });

  test('about days is right where a range begins or ends within an hour', async () => {
    const utc = (event) => event.at.slice(0, 10);
    const [first, last] = [events[0].at, events.at(-1).at];
    const middle = events[10_000].at;
    const later = (at, milliseconds) => new Date(ms(at) + milliseconds).toISOString();
    const ranges = [[middle, later(middle, 1)], [middle, later(middle, 90_000)], [later(middle, -7_000_000), later(middle, 5_000_123)],
      [first, middle], [later(first, -1_000_000), later(first, 1)], [middle, later(last, 1)], [later(middle, 1), later(last, 9_000_000)]];
    for (const [from, to] of ranges) {
      const counts = new Map();
      for (const event of events.filter(({ at }) => at >= from && at < to)) counts.set(utc(event), (counts.get(utc(event)) ?? 0) + 1);
      const days = await answer('daily', '--from', from, '--to', to);
      assert.deepEqual(days.map((row) => [row.day, row.events]), [...counts], `${from} to ${to}`);
      // The same from v1_quarter_hour, and from the events of a file that has no audit.db.
      const inIndia = ['daily', '--tz', 'Asia/Kolkata', '--from', from, '--to', to];
      const asked = await parley('audit', ...inIndia, '--file', path.join(sample, 'parley.db'), '--format', 'json');
      assert.equal(asked.stderr, '', 'audit.db is not built for it');
      const quarters = await answer(...inIndia);
      assert.deepEqual(quarters, JSON.parse(asked.stdout), `${from} to ${to}`);
      assert.equal(quarters.reduce((sum, row) => sum + row.events, 0), days.reduce((sum, row) => sum + row.events, 0));
    }
    const sql = async (...where) => (await parley('audit', 'busy-hours', '--tz', 'Asia/Kolkata', '--show-sql', ...where)).stdout;
    assert.match(await sql('--data', sample), /ATTACH '.*audit\.db' AS audit[^]*FROM v1_quarter_hour/);
    assert.match(await sql('--file', path.join(sample, 'parley.db')), /FROM v1_event/);
    const before1970 = ['--tz', 'Asia/Kolkata', '--from', '1960-01-01', '--to', first];
    assert.deepEqual(await answer('daily', ...before1970), [], 'nothing happened then');
  });

  test('about gaps is right, and looks at its range alone', async () => {
    const folder = path.join(top, 'gaps');
    await cp(sample, folder, { recursive: true });
    const of = events.find((event) => event.position > 9_000 && event.seq > 3);
    execFileSync('sqlite3', [path.join(folder, 'parley.db'), `DROP TRIGGER event_never_deleted; DROP TRIGGER event_never_updated;
      DELETE FROM event WHERE position IN (5000, ${of.position});
      UPDATE event SET at = at - 86400000 WHERE position = 12000`]);
    const found = await parley('audit', 'gaps', '--data', folder, '--format', 'json');
    assert.equal(found.code, 0, found.stderr);
    const problems = JSON.parse(found.stdout);
    const at = (position) => problems.find((row) => row.position === position)?.problem;
    assert.match(at(5001), /the event before is missing/);
    assert.match(at(of.position + 1), /the event before is missing/);
    assert.match(at(12_000), /earlier/);
    const after = events.find((event) => event.conversation_id === of.conversation_id && event.seq === of.seq + 1);
    if (after && after.position > of.position + 1) assert.match(at(after.position), /an event of its conversation is missing/);
    const plan = await succeeds('audit', 'gaps', '--from', events[9_000].at, '--to', events[9_100].at, '--explain', '--data', sample);
    assert.doesNotMatch(plan.stdout ?? plan, /SCAN|AUTOMATIC|MATERIALIZE/);
  });

  test('about a room, and about what a user could see, is right at any moment', async () => {
    const moments = [500, 4_000, 9_999, 15_000, 20_000];
    const customer = events.findLast((event) => asks(event) && event.position < 16_000).actor;
    const agent = events.findLast((event) => event.role === 'cx-agent').actor;
    for (const at of moments) {
      const past = events.filter((event) => event.position <= at);
      const rooms = new Map();
      const last = new Map(); // what each user was to each conversation
      for (const event of past) {
        const room = rooms.get(event.conversation_id) ?? rooms.set(event.conversation_id, new Map()).get(event.conversation_id);
        const key = `${event.conversation_id} ${event.actor}`;
        if (event.type === 'participant_joined') {
          room.set(event.actor, event.role);
          last.set(key, { role: event.role });
        }
        if (event.type === 'participant_left') {
          room.delete(event.actor);
          Object.assign(last.get(key), { left: event.position, removed: event.cause === 'removed' && event.data !== '{}' });
        }
      }
      const conversation = past.at(-1).conversation_id;
      const room = await answer('room', '--conversation', conversation, '--at', String(at));
      assert.deepEqual(Object.fromEntries(room.map((row) => [row.user_id, row.role])), Object.fromEntries(rooms.get(conversation)));
      for (const user of [customer, agent]) {
        const expected = past.filter((event) => {
          const own = last.get(`${event.conversation_id} ${user}`);
          if (!isMessage(event) || !own) return false;
          if (own.role !== 'cx-customer') return true;
          return !own.removed && !(own.left && event.position > own.left) && (event.is_visible === 1 || event.actor === user);
        });
        const known = await audit('seen', '--user', user, '--at', String(at), '--format', 'json');
        if (known.code === 1) assert.equal(expected.length, 0);
        else assert.deepEqual(JSON.parse(known.stdout).map((row) => row.position), expected.map((event) => event.position), `${user} at ${at}`);
      }
    }
  });

  test('about messages, notes, shares, one user and one conversation finds them all', async () => {
    const rows = (...args) => answer(...args).then((found) => found.map((row) => row.position));
    const positions = (wanted) => events.filter(wanted).map((event) => event.position);
    const share = events.find((event) => event.type === 'message_shared');
    const conversation = share.conversation_id;
    const user = share.actor;
    assert.deepEqual(await rows('messages', '--from', from, '--to', to), positions((event) => isMessage(event) && within(event)));
    assert.deepEqual(await rows('messages', '--conversation', conversation, '--role', 'robot'), positions((event) => isMessage(event) && event.conversation_id === conversation && event.role === 'robot'));
    assert.deepEqual(await rows('timeline', '--conversation', conversation), positions((event) => event.conversation_id === conversation));
    assert.deepEqual(await rows('user', '--user', user), positions((event) => event.actor === user && !event.type.startsWith('typing')));
    assert.deepEqual(await rows('notes', '--from', from, '--to', to), positions((event) => isMessage(event) && within(event) && isStaff(event.role) && event.is_visible === 0));
    assert.deepEqual(await rows('shares', '--user', user), positions((event) => event.type === 'message_shared' && event.actor === user));
    assert.deepEqual(await rows('export-log', '--from', from, '--to', to), positions(within));
    assert.deepEqual(await answer('gaps'), []);
    const word = /\p{Script=Latin}{6,}/u.exec(events.find((event) => isMessage(event) && /^[\x20-\x7e]+$/.test(event.content)).content)[0].toLowerCase();
    const found = events.filter((event) => isMessage(event) && (event.content.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).includes(word));
    assert.ok(found.length > 30, `${word}: ${found.length}`);
    const ours = found.filter((event) => /^[\x20-\x7e]+$/.test(event.content)).map((event) => event.position);
    const hits = await rows('search', '--words', word, '--limit', '100000');
    assert.deepEqual(hits.filter((position) => ours.includes(position)).reverse(), ours);
    assert.deepEqual(await rows('search', '--words', word, '--limit', '7'), hits.slice(0, 7));
    assert.ok(hits.length >= ours.length && hits.length <= found.length + 20, `${hits.length} of ${found.length}`);
    assert.deepEqual(await rows('search', '--words', word, '--limit', '1000', '--from', from, '--to', to),
      hits.filter((position) => within(events[position - 1])).slice(0, 1000));
  });
});

/// The examples of all questions that are SQL.
const sqlExamples = (page) => [...page.matchAll(/```sh\nparley audit (.*) --data sample\n```/g)]
  .map(([, example]) => example).filter((example) => !example.startsWith('search'));

/// A command line's words, as a shell reads them.
const words = (line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);

/// docs/audit.md: what the program generates, with the answer behind every command.
async function document() {
  const text = await succeeds('docs', 'audit');
  let out = '';
  let rest = text;
  for (let found; (found = /```sh\n(.*?)\n```\n/s.exec(rest)); ) {
    out += rest.slice(0, found.index + found[0].length);
    rest = rest.slice(found.index + found[0].length);
    const [program, ...args] = words(found[1]);
    assert.equal(program, 'parley');
    if (args[0] !== 'audit') continue;
    const shown = await succeeds(...args.map((arg) => (arg === 'sample' ? sample : arg)));
    out += `\n\`\`\`text\n${shown.replace(/[ ]+$/gm, '')}\`\`\`\n`;
  }
  return out + rest;
}

describe('docs/audit.md', () => {
  test('shows every question with its real answer', async () => {
    const expected = await document();
    if (process.env.PARLEY_WRITE_AUDIT) await writeFile(documentFile, expected);
    assert.equal(await readFile(documentFile, 'utf8'), expected);
  });

  test('has the columns of every answer, in their order', async () => {
    const page = await readDocument('docs/audit.md');
    for (const section of page.split('\n## ').slice(1)) {
      const [name] = section.split('\n');
      const documented = [...section.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, column]) => column);
      const example = /```sh\nparley (.*)\n```/.exec(section)[1].replace('--data sample', '').trim();
      const { stdout } = await audit(...words(example).slice(1), '--format', 'csv');
      if (documented[0] !== '...') assert.deepEqual(stdout.split('\r\n')[0].split(','), documented, name);
    }
  });

  test('names questions whose plans are known', async () => {
    const page = await readDocument('docs/audit.md');
    let plans = '';
    for (const example of sqlExamples(page)) {
      const { code, stdout, stderr } = await audit(...example.split(' '), '--explain');
      assert.equal(code, 0, stderr);
      plans += `${example}\n${stdout.replace(/^/gm, '    ').trimEnd()}\n\n`;
    }
    if (process.env.PARLEY_WRITE_AUDIT) await writeFile(plansFile, plans);
    assert.equal(plans, await readFile(plansFile, 'utf8'));
  });

  test('--show-sql prints what gives the same answer in a shell', async () => {
    const page = await readDocument('docs/audit.md');
    for (const example of sqlExamples(page)) {
      const args = example.replace('--format json', '').trim().split(' ');
      const sql = (await audit(...args, '--show-sql')).stdout;
      const utc = args.includes('--tz') ? args : [...args, '--tz', 'UTC'];
      const shown = (await audit(...utc, '--format', 'json')).stdout;
      const attach = sql.includes('ATTACH') ? ['-cmd', "ATTACH 'audit.db' AS audit"] : [];
      const told = execFileSync('sqlite3', ['-readonly', '-json', 'parley.db', ...attach], { cwd: sample, encoding: 'utf8', input: sql });
      assert.deepEqual(JSON.parse(told || '[]'), JSON.parse(shown), example);
    }
  });
});

async function refused(status, words, ...args) {
  const { code, stdout, stderr } = await audit(...args);
  assert.equal(code, status, `${args.join(' ')}: ${stderr}`);
  assert.match(stderr, words);
  assert.equal(stdout, '');
}

describe('what cannot be answered', () => {
  test('is refused with its status, and prints nothing on standard output', async () => {
    await refused(1, /no conversation "case-000049"; the nearest is "case-0000/, 'messages', '--conversation', 'case-000049');
    await refused(1, /no user "agent-zeynp"; the nearest is "agent-zeynep"/, 'user', '--user', 'agent-zeynp');
    await refused(2, /no question "mesages"; did you mean "messages"/, 'mesages');
    await refused(2, /name one question/);
    await refused(2, /--user is of questions alone/, '--sql', 'SELECT 1', '--user', 'x');
    await refused(2, /"search" needs --words/, 'search');
    await refused(2, /"search" is no SQL/, 'search', '--words', 'x', '--show-sql');
    await refused(2, /without a word|word/, 'search', '--words', '-only');
    await refused(2, /"timeline" needs --conversation/, 'timeline');
    await refused(2, /"gaps" does not take --user/, 'gaps', '--user', 'x');
    await refused(2, /no role "agent"/, 'messages', '--role', 'agent');
    await refused(2, /--from: /, 'messages', '--from', 'yesterday');
    await refused(2, /--to must be later/, 'messages', '--from', '2026-01-01', '--to', '2026-01-01');
    await refused(2, /no time zone|zone/, 'daily', '--tz', 'Europe/Berlyn');
    await refused(2, /--format is/, 'daily', '--format', 'xml');
    await refused(2, /--limit is/, 'messages', '--limit', '0');
    await refused(2, /--time-limit is a time/, 'daily', '--time-limit', '5');
    await refused(2, /the log ends at position 20000/, 'room', '--conversation', 'case-0000494', '--at', '20001');
    await refused(2, /the log ends at position 20000/, 'room', '--conversation', 'case-0000494', '--as-of', '20001');
    const first = events.find((event) => event.conversation_id === 'case-0000494');
    const yet = new RegExp(`there was no conversation "case-0000494" yet at position ${first.position - 1}\n$`);
    const before = new Date(first.at_ms - 1).toISOString();
    await refused(1, /no conversation "case-0000494" yet at position \d+\n$/, 'room', '--conversation', 'case-0000494', '--at', before);
    await refused(1, yet, 'room', '--conversation', 'case-0000494', '--at', String(first.position - 1));
    await refused(1, yet, 'seen', '--user', 'customer-000001', '--conversation', 'case-0000494', '--at', String(first.position - 1));
    assert.equal((await audit('room', '--conversation', 'case-0000494', '--at', String(first.position))).code, 0);
    await refused(2, /--at is in the future/, 'room', '--conversation', 'case-0000494', '--at', '2999-01-01');
  });

  test('in SQL is refused in the words of SQLite, with the place', async () => {
    await refused(2, /no such column: nonsense, at offset 7/, '--sql', 'SELECT nonsense FROM v1_event');
    await refused(2, /syntax error/, '--sql', 'SELEC 1');
    await refused(2, /more than one statement/, '--sql', 'SELECT 1; SELECT 2');
    await refused(2, /no statement/, '--sql', ' -- nothing');
    for (const sql of ["ATTACH 'x.db' AS x", 'PRAGMA user_version', 'DELETE FROM event', "SELECT load_extension('x')",
      "VACUUM INTO '/tmp/x'", 'CREATE TEMP TABLE x (y)', "SELECT writefile('x', 'y')", 'BEGIN', 'EXPLAIN DELETE FROM event']) {
      await refused(2, /not authorized|only SELECT|no such function/, '--sql', sql);
    }
    await refused(2, /parameter \?|has no value/, '--sql', 'SELECT ?');
  });

  test('that fails after many rows prints none of them, and keeps nothing', async () => {
    const scratch = path.join(top, 'kept');
    await mkdir(scratch);
    const rows = (last) => `WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 60000)
      SELECT x, printf('%.*c', 1000, 'x') AS text, CASE WHEN x = ${last} THEN json('{') ELSE x END AS y FROM n`;
    await refused(2, /malformed JSON/, '--sql', rows(59_999), '--format', 'csv', '--scratch', scratch);
    assert.deepEqual(await readdir(scratch), []);
    const whole = await parley('audit', '--sql', rows(0), '--format', 'csv', '--scratch', scratch, '--data', sample);
    assert.equal(whole.code, 0, whole.stderr);
    assert.equal(whole.stdout.split('\r\n').length, 60_002);
    assert.deepEqual(await readdir(scratch), []);
    await refused(78, /no folder can be made/, '--sql', rows(0), '--format', 'csv', '--scratch', path.join(scratch, 'absent'));
  });

  test('in time ends with status 124 and says how to ask for less', async () => {
    const endless = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS position FROM n WHERE x % 1000 = 0';
    await refused(124, /read_timeout: .*300 ms; it had come to position \d+.*--from and --to/s, '--sql', endless, '--time-limit', '300ms');
  });

  test('in time ends also where SQLite is not asked in between', async () => {
    const stubborn = "SELECT instr(zeroblob(30000000), zeroblob(15000000) || x'01')";
    await refused(124, /read_timeout: one step took longer/, '--sql', stubborn, '--time-limit', '200ms');
    await refused(2, /string or blob too big/, '--sql', 'SELECT zeroblob(1000000000)');
  });

  test('in time counts neither a prompt that waits nor a reader who takes their time', async () => {
    const prompt = spawn(programPath(), ['sql', '--data', sample, '--format', 'jsonl', '--time-limit', '100ms'], { stdio: ['pipe', 'pipe', 'ignore'] });
    let said = '';
    prompt.stdout.setEncoding('utf8').on('data', (text) => (said += text));
    prompt.stdin.write('SELECT nonsense;\n');
    await pause(1500); // longer than the limit and its grace
    prompt.stdin.end('SELECT 7 AS x;\n');
    await new Promise((resolve) => prompt.once('close', resolve));
    assert.equal(said, '{"x":7}\n');
    const slow = spawn('sh', ['-c', '"$0" "$@" | (sleep 2; wc -l)', programPath(), 'audit', '--sql', 'SELECT position FROM v1_event LIMIT 20000',
      '--format', 'jsonl', '--data', sample, '--time-limit', '1s'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let lines = '';
    slow.stdout.setEncoding('utf8').on('data', (text) => (lines += text));
    await new Promise((resolve) => slow.once('close', resolve));
    assert.equal(Number(lines), 20_000);
  });

  test('leaves nothing behind where a signal ends it', async () => {
    const folder = path.join(top, 'alone');
    await mkdir(folder);
    const database = path.join(folder, 'one.db');
    await succeeds('backup', database, '--data', sample);
    const scratch = path.join(top, 'scratch');
    await mkdir(scratch);
    for (const [round, signal] of Array(5).fill(['SIGINT', 'SIGTERM', 'SIGHUP']).flat().entries()) {
      const child = spawn(programPath(), ['audit', 'waits', '--file', database, '--scratch', scratch], { stdio: ['ignore', 'ignore', 'pipe'] });
      await new Promise((resolve) => child.stderr.once('data', resolve)); // it has begun to build
      await pause(round); // files come and go meanwhile
      child.kill(signal);
      await new Promise((resolve) => child.once('close', resolve));
      assert.deepEqual(await readdir(scratch), [], signal);
    }
  });

  test('is a file of another program', async () => {
    const foreign = path.join(top, 'foreign.db');
    execFileSync('sqlite3', [foreign, 'CREATE TABLE t (x)']);
    const { code, stderr, stdout } = await parley('audit', 'messages', '--file', foreign);
    assert.deepEqual([code, stdout], [65, ''], stderr);
    assert.equal((await parley('audit', 'messages', '--data', path.join(top, 'nowhere'))).code, 66);
  });
});

describe('SQL of a person', () => {
  test('has three functions more', async () => {
    const [row] = await answer('--sql', `SELECT position_at('2025-12-01') AS p, position_at('1990-01-01') AS before,
      visible_to('cx-customer', 'nobody', 1) AS shown,
      (SELECT percentile(ms, 95) FROM v1_response_time) AS p95, (SELECT percentile(1.5, 50)) AS half, (SELECT percentile(NULL, 50)) AS none`);
    const last = events.findLast((event) => event.at < '2025-12-01T00:00:00.001');
    const [first] = await answer('first-response');
    assert.deepEqual(row, { p: last.position, before: 0, shown: 1, p95: first.p95_ms, half: 1.5, none: null });
    const hidden = events.find((event) => event.is_visible === 0 && isMessage(event));
    const [sight] = await answer('--sql', `SELECT visible_to('cx-customer', 'x', ${hidden.position}) AS stranger,
      visible_to('cx-customer', '${hidden.actor}', ${hidden.position}) AS author, visible_to('cx-agent', 'x', ${hidden.position}) AS agent, visible_to('robot', 'x', 999999) AS absent`);
    assert.deepEqual(sight, { stranger: 0, author: 1, agent: 1, absent: null });
    await refused(2, /there is no role|no role/, '--sql', "SELECT visible_to('boss', 'x', 1)");
    for (const wrong of ['percentile(content, 50)', "percentile(at_ms, 'x')", 'percentile(at_ms, position)', 'percentile(at_ms, NULL)', 'percentile(at_ms, 101)']) {
      await refused(2, /percentile: it takes numbers/, '--sql', `SELECT ${wrong} FROM v1_message`);
    }
    const [named] = await answer('--sql', "SELECT count(*) AS n FROM v1_conversation, json_each(participant_ids) WHERE number = 1");
    assert.ok(named.n > 0);
  });

  test('comes from standard input too, and as statement after statement', () => {
    const asked = spawnSync(programPath(), ['audit', '--sql', '-', '--data', sample, '--format', 'csv'], { input: 'SELECT 1 AS one,\n 2 AS two;\n', encoding: 'utf8' });
    assert.equal(asked.stdout, 'one,two\r\n1,2\r\n', asked.stderr);
    const prompt = spawnSync(programPath(), ['sql', '--data', sample, '--format', 'jsonl'], {
      input: '.views\nSELECT head\n FROM v1_log;\nSELECT position FROM v1_follower; DROP TABLE event; SELECT 2 AS x; -- done\nSELECT 3 AS x', encoding: 'utf8',
    });
    assert.match(prompt.stdout, /^v1_conversation\n/);
    assert.match(prompt.stdout, /\{"head":20000\}\n/);
    assert.match(prompt.stderr, /^parley: not authorized[^\n]*\n$/);
    assert.ok(prompt.stdout.endsWith('{"position":20000}\n{"x":2}\n{"x":3}\n'), prompt.stdout);
    assert.equal(prompt.status, 2, 'that of the statement that was refused');
  });

  test('may share a line with others, and the words that end a prompt need no dot', () => {
    const ask = (input) => spawnSync(programPath(), ['sql', '--data', sample, '--format', 'jsonl'], { input, encoding: 'utf8' });
    const told = (input, stdout) => {
      const asked = ask(input);
      assert.deepEqual([asked.stdout, asked.stderr, asked.status], [stdout, '', 0], input);
    };
    told('select 3; select 4;\n', '{"3":3}\n{"4":4}\n');
    told("SELECT ';' AS a; SELECT /* ; */ 2 AS b -- ;\n; SELECT 3\n AS c;;\n-- the end", '{"a":";"}\n{"b":2}\n{"c":3}\n');
    for (const word of ['quit', 'exit', '.quit', '.exit', ' quit ', 'quit;']) told(`SELECT 1 AS x;\n${word}\nSELECT 2 AS x;\n`, '{"x":1}\n');
    assert.match(ask('help\n').stdout, /^SELECT \.\.\.;/);
    assert.equal(ask('help\n').stdout, ask('.help\n').stdout);
    told('SELECT 1 AS\nquit\n;\n', '{"quit":1}\n');
  });
});

describe('an answer', () => {
  test('says on standard error where a limit ended it', async () => {
    for (const [said, ...args] of [[20, 'waits'], [7, 'waits', '--limit', '7'], [20, 'search', '--words', 'order'], [3, 'search', '--words', 'order', '--limit', '3'],
      [5, 'messages', '--limit', '5'], [1, 'replies', '--limit', '1']]) {
      const { stdout, stderr } = await audit(...args, '--format', 'jsonl');
      assert.equal(stdout.trim().split('\n').length, said, args);
      assert.equal(stderr, `parley: the first ${said} rows; --limit asks for more\n`, args);
    }
    const exactly = async (...args) => (await audit(...args, '--format', 'jsonl', '--limit', '1000000')).stdout.trim().split('\n').length;
    for (const question of [['messages', '--conversation', 'case-0000001'], ['search', '--words', '"order is"']]) {
      const all = await exactly(...question);
      assert.ok(all > 1, question);
      assert.equal((await audit(...question, '--limit', `${all}`)).stderr, '', question);
      assert.match((await audit(...question, '--limit', `${all - 1}`)).stderr, /more/, question);
    }
    for (const args of [['messages'], ['messages', '--conversation', 'case-0000001', '--limit', '10000']]) {
      assert.equal((await audit(...args)).stderr, '');
    }
  });

  const nasty = ['=1+1', '+cmd', '-2', '@x', '\ttab', 'plain, "quoted"', 'two\nlines', '多语言 ✓ שלום', '\u001b[31mred', '\u202egnp.exe', '\ufeffzero'];
  const said = (server, content) => rest(server, 'POST', '/chat/messages', { conversationId: 'c', fromUserId: 'u', fromRole: 'cx-agent', content });

  test('is whole in each format, and harms neither a spreadsheet nor a terminal', async () => {
    const dataDir = path.join(top, 'nasty');
    const server = await startServer({ dataDir });
    for (const content of nasty) assert.equal((await said(server, content)).status, 201);
    const ask = (...args) => succeeds('audit', 'messages', ...args, '--data', dataDir);
    assert.deepEqual(JSON.parse(await ask('--format', 'json')).map((row) => row.content), nasty);
    assert.deepEqual((await ask('--format', 'jsonl')).trim().split('\n').map((line) => JSON.parse(line).content), nasty);
    const reader = `import csv, json, sys; print(json.dumps([row['content'] for row in csv.DictReader(sys.stdin)]))`;
    const read = (csv) => JSON.parse(execFileSync('python3', ['-c', reader], { input: csv, encoding: 'utf8' }));
    assert.deepEqual(read(await ask('--format', 'csv', '--raw')), nasty);
    assert.deepEqual(read(await ask('--format', 'csv')), nasty.map((text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)));
    const table = await ask();
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(table, /[\u0000-\u0009\u000b-\u001f\u202e\ufeff]/);
    assert.match(table, /⟨U\+FEFF⟩zero/);
    assert.equal(table.trimEnd().split('\n').length, nasty.length + 2);
    assert.match(await ask('--tz', 'Asia/Kolkata', '--limit', '1', '--format', 'csv'), /\+05:30,u,/);
    await server.finish();
  });

  test('has a name for each column, and its heading harms no spreadsheet', async () => {
    const ask = (sql, ...args) => succeeds('audit', '--sql', sql, '--data', sample, ...args);
    const twice = 'SELECT 1 AS a, 2 AS a, 3 AS b, 4 AS a, 5 AS "a:1"';
    assert.equal(await ask(twice, '--format', 'jsonl'), '{"a":1,"a:1":2,"b":3,"a:2":4,"a:1:1":5}\n');
    assert.equal(await ask(twice, '--format', 'csv'), 'a,a,b,a,a:1\r\n1,2,3,4,5\r\n');
    const formula = 'SELECT 1 AS "=1+1", 2 AS "@x", 3 AS "a-b"';
    assert.equal(await ask(formula, '--format', 'csv'), "'=1+1,'@x,a-b\r\n1,2,3\r\n");
    assert.equal(await ask(formula, '--format', 'csv', '--raw'), '=1+1,@x,a-b\r\n1,2,3\r\n');
  });

  test('is looked for no longer than somebody reads', async () => {
    const endless = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n';
    const asked = spawn(programPath(), ['audit', '--sql', endless, '--data', sample, '--time-limit', '3600s'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => asked.once('exit', (code, signal) => resolve(code ?? signal)));
    try {
      asked.stdout.destroy();
      assert.equal(await bounded(ended, waitMsMax, 'a statement for nobody'), 0);
    } finally {
      asked.kill('SIGKILL');
    }
  });

  test('is the same beside a server, without one, from a backup, and in a folder that may not be written', async (context) => {
    const folder = path.join(top, 'shared');
    await cp(sample, folder, { recursive: true });
    await rm(path.join(folder, 'audit.db'));
    const ask = (name) => succeeds('audit', name, '--data', folder, '--format', 'csv', '--wait', `${waitMsMax}ms`);
    const names = ['replies', 'first-response', 'workload'];
    const server = await startServer({ dataDir: folder });
    const beside = [];
    for (const name of names) beside.push(await ask(name));
    await server.stop();
    for (const [i, name] of names.entries()) assert.equal(await ask(name), beside[i], name);
    const backup = path.join(top, 'backup.db');
    await succeeds('backup', backup, '--data', folder);
    for (const [i, name] of names.entries()) {
      assert.equal(await succeeds('audit', name, '--file', backup, '--format', 'csv', '--scratch', top), beside[i], name);
    }
    assert.ok(!(await readdir(top)).some((name) => name.startsWith('parley-audit-')), 'scratch is removed');
    await server.start(0);
    await server.finish();
    if (process.getuid() !== 0) {
      assert.ok(!process.env.CI, 'only root can be somebody else');
      return context.skip('only root can be somebody else');
    }
  });

  test('is given to another user of the machine, for every documented question, running and stopped', async (context) => {
    if (process.getuid() !== 0) {
      assert.ok(!process.env.CI, 'only root can be somebody else');
      return context.skip('only root can be somebody else');
    }
    const dataDir = path.join(top, 'group');
    await cp(sample, dataDir, { recursive: true });
    for (const name of await readdir(dataDir)) await chown(path.join(dataDir, name), 0, 65533);
    await chown(dataDir, 0, 65533);
    await chmod(dataDir, 0o2750);
    const program = path.join(top, 'parley');
    await cp(programPath(), program);
    await chmod(program, 0o755);
    const scratch = path.join(top, 'own');
    await mkdir(scratch);
    await chown(scratch, 65534, 65533);
    const page = await readDocument('docs/audit.md');
    const examples = [...page.matchAll(/```sh\nparley audit (.*) --data sample\n```/g)].map(([, one]) => words(one));
    assert.ok(examples.length >= 19);
    const ask = (question) => spawnSync('setpriv', ['--reuid=65534', '--regid=65533', '--clear-groups', program, 'audit', ...question,
      '--data', dataDir, '--scratch', scratch], { encoding: 'utf8' });
    const askAll = (state) => {
      for (const example of examples) {
        const { status, stderr } = ask(example);
        assert.equal(status, 0, `${state}: ${example.join(' ')}: ${stderr}`);
        assert.doesNotMatch(stderr, /building audit\.db/, `${state}: ${example.join(' ')}`);
      }
    };
    const server = await startServer({ dataDir });
    askAll('running');
    await server.stop();
    askAll('stopped');
    // Only an audit.db that is behind is built for the question.
    await server.start(0, { env: { PARLEY_AUDIT_FOLLOW: 'false' } });
    assert.equal((await said(server, 'behind')).status, 201);
    await server.stop();
    const behind = ask(['follower', '--format', 'csv']);
    assert.equal(behind.status, 0, behind.stderr);
    assert.match(behind.stderr, /building audit\.db for this question alone/);
    await server.start(0);
    await server.finish();
  });

  test('that audit.db cannot give yet says so: status 69, or up to which position', async () => {
    const folder = path.join(top, 'behind');
    await mkdir(folder);
    // An audit.db that stands still at the position it had, beside a folder that somebody owns.
    const small = path.join(top, 'small');
    await succeeds('generate', '--events', '5000', '--seed', '3', '--data', small);
    await succeeds('audit', 'follower', '--data', small);
    const server = await startServer({ dataDir: small });
    await server.stop();
    await cp(small, folder, { recursive: true });
    for (let i = 0; i < 3; i++) {
      await server.start(0);
      assert.equal((await said(server, `later ${i}`)).status, 201);
      await server.stop();
    }
    await cp(path.join(small, 'parley.db'), path.join(folder, 'parley.db'));
    await cp(path.join(small, 'parley.db-wal'), path.join(folder, 'parley.db-wal'));
    const holder = spawn('python3', ['-c', `import fcntl, sys, time
f = open(sys.argv[1], 'r+'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(600)`, path.join(folder, 'parley.lock')]);
    try {
      await new Promise((resolve) => holder.stdout.once('data', resolve));
      const behind = await parley('audit', 'replies', '--data', folder, '--wait', '100ms', '--format', 'csv');
      assert.equal(behind.code, 0, behind.stderr);
      assert.match(behind.stderr, /up to position 5\d\d\d: audit\.db is \d+ events behind the log/);
      const now = new Date(Date.now() + 1000).toISOString();
      const late = await parley('audit', 'replies', '--data', folder, '--wait', '100ms', '--to', now);
      assert.deepEqual([late.code, late.stdout], [69, ''], late.stderr);
      assert.match(late.stderr, /--to lies beyond what audit\.db holds: position 5\d\d\d/);
    } finally {
      holder.kill('SIGKILL');
      await pause(10);
    }
    await server.start(0);
    await server.finish();
  });
});
