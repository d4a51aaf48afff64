// POST /console/sql and GET /console/questions: what parley audit --sql runs, over HTTP.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { succeeds } from '../operations/support.mjs';
import { as, ratesOff, tokenOf, useIdentityServer } from './identity.mjs';
import { patience, rest, unique, useServer } from './support.mjs';

const endless = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n';
const slow = (mark) => `SELECT '${mark}' AS mark, (${endless}) AS n`;

async function ask(server, sql, more = {}, query = '') {
  return rest(server, 'POST', `/console/sql${query}`, { sql, ...more });
}

async function rowsOf(server, sql, more) {
  const answer = await ask(server, sql, more);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.rows;
}

async function say(server, content, conversationId = unique('room')) {
  const body = { conversationId, fromUserId: 'ann', fromRole: 'cx-customer', content };
  assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
}

/// The processes that this server has started and that still run.
function children(server) {
  const own = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words[1] === 'audit' && words.includes(server.dataDir);
    } catch {
      return false;
    }
  });
  return own;
}

async function until(holds, what) {
  for (let tries = 0; !(await holds()); tries++) {
    assert.ok(tries < 400 * patience, what);
    await pause(25);
  }
}

/// A request that the test can close. `answer` resolves with its status, or null once it was closed.
function begin(server, sql, query = '', agent = false) {
  const body = JSON.stringify({ sql });
  const url = new URL(`/console/sql${query}`, server.url);
  let close;
  const answer = new Promise((resolve) => {
    const request = http.request(url, {
      method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', () => resolve(null));
    request.end(body);
    close = () => request.destroy();
  });
  return { answer, close };
}

describe('SQL over HTTP', { timeout: 180_000 * patience }, () => {
  const world = useServer();

  test('rows, as the command finds them', async () => {
    const content = `"quoted", and ${unique('word')}\nin two lines`;
    await say(world.server, content);
    const rows = await rowsOf(world.server, "SELECT position, content, NULL AS nil, 1.5 AS half FROM v1_message ORDER BY position DESC LIMIT 1");
    assert.equal(rows.length, 1);
    assert.deepEqual(Object.keys(rows[0]), ['position', 'content', 'nil', 'half']);
    assert.deepEqual([rows[0].content, rows[0].nil, rows[0].half], [content, null, 1.5]);
    assert.deepEqual(await rowsOf(world.server, 'SELECT 1 WHERE 0'), []);
    const csv = await ask(world.server, 'SELECT 1 AS a, content FROM v1_message ORDER BY position DESC LIMIT 1', { format: 'csv' });
    assert.match(csv.headers['content-type'], /^text\/csv/);
    assert.equal(csv.text, `a,content\r\n1,"${content.replaceAll('"', '""')}"\r\n`);
    assert.equal(csv.headers['access-control-allow-origin'], undefined);
  });

  test('infinities are JSON, too', async () => {
    assert.deepEqual(await rowsOf(world.server, 'SELECT 1e999 AS x, -1e999 AS y'), [{ x: Infinity, y: -Infinity }]);
  });

  test('views of audit.db, too', async () => {
    assert.ok((await rowsOf(world.server, 'SELECT position FROM v1_follower')).length === 1);
  });

  test('more rows than may be are cut, and it is said', async () => {
    const many = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000) SELECT x FROM n';
    const cut = await ask(world.server, many);
    assert.equal(cut.body.truncated, true);
    assert.deepEqual(cut.body.rows.map(({ x }) => x), Array.from({ length: 10_000 }, (_, i) => i + 1));
    const few = await ask(world.server, many, { limit: 3 });
    assert.deepEqual([few.body.rows.length, few.body.truncated], [3, true]);
    const exact = await ask(world.server, 'SELECT 1 AS a UNION ALL SELECT 2', { limit: 2 });
    assert.deepEqual([exact.body.rows.length, exact.body.truncated], [2, false]);
    const csv = await ask(world.server, "SELECT 'a' || char(10) || 'b' AS c UNION ALL SELECT 'd' UNION ALL SELECT 'e'", { limit: 2, format: 'csv' });
    assert.equal(csv.text, 'c\r\n"a\nb"\r\nd\r\n');
    assert.equal(csv.headers['parley-truncated'], 'true');
    const large = await ask(world.server, "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 40) SELECT hex(zeroblob(500000)) AS z FROM n");
    assert.equal(large.body.truncated, true);
    assert.ok(large.text.length < 8.5 * 1024 * 1024 && large.body.rows.length > 3);
    assert.equal(large.body.notes, `the first ${large.body.rows.length} rows: the next one does not fit into an answer, which has at most 8 MiB`);
    assert.equal(few.body.notes, undefined);
  });

  test('a row that no answer has room for is refused, and it is said', async () => {
    for (const format of ['json', 'csv']) {
      const { status, body } = await ask(world.server, 'SELECT hex(zeroblob(4300000)) AS z', { format });
      assert.deepEqual([status, body.code], [400, 'invalid_value']);
      assert.match(body.error, /the first row alone has more than 8 MiB/);
    }
  });

  test('columns of the same name are told apart', async () => {
    const { body, text } = await ask(world.server, 'SELECT 1 AS a, 2 AS a');
    assert.deepEqual(body.rows, [{ a: 1, 'a:1': 2 }], text);
  });

  test('what is no SELECT of public views is refused in words', async () => {
    const wrong = [
      ['SELEC 1', /syntax error/],
      ['DELETE FROM event', /./],
      ['INSERT INTO event (seq) VALUES (1)', /./],
      ['SELECT 1; SELECT 2', /more than one statement/],
      ['SELECT :x', /has no value/],
      ["ATTACH '/etc/passwd' AS other", /./],
      ['PRAGMA journal_mode = DELETE', /./],
      ["SELECT load_extension('x')", /./],
      ["SELECT writefile('/tmp/x', 'y')", /./],
      ['-- nothing', /no statement/],
    ];
    for (const [sql, words] of wrong) {
      const answer = await ask(world.server, sql);
      assert.equal(answer.status, 400, `${sql}: ${answer.text}`);
      assert.equal(answer.body.code, 'invalid_value');
      assert.match(answer.body.error, words);
      assert.doesNotMatch(answer.body.error, /^parley/);
    }
    for (const [body, code] of [
      ['{"sql":7}', 'invalid_value'], ['{}', 'missing_field'], ['[]', 'invalid_request'], ['x', 'invalid_request'],
      ['{"sql":"SELECT 1","format":"table"}', 'invalid_value'], ['{"sql":"SELECT 1","limit":0}', 'invalid_value'],
      [JSON.stringify({ sql: `SELECT 1 -- ${'x'.repeat(40_000)}` }), undefined],
    ]) {
      const answer = await rest(world.server, 'POST', '/console/sql', body);
      assert.ok(answer.status >= 400 && answer.status < 500, `${body.slice(0, 60)}: ${answer.status} ${answer.text}`);
      if (code && code !== 'invalid_value') assert.equal(answer.body.code, code, body);
    }
  });

  test('its text is recorded as a salted hash before it runs', async () => {
    const sql = `SELECT '${unique('secret')}' AS s`;
    await rowsOf(world.server, sql);
    await rowsOf(world.server, sql); // within a minute: of the same record
    await ask(world.server, `${sql} -- as a customer`, {}, '?userId=ann&userRole=cx-customer');
    const { body } = await rest(world.server, 'GET', '/log/events?type=audit_read&limit=50');
    const records = body.events.filter(({ data }) => data.what === 'sql');
    const of = (text) => records.filter(({ data }) => {
      const { salt, sha256 } = data.filters.words;
      return createHash('sha256').update(Buffer.from(salt, 'hex')).update(text).digest('hex') === sha256;
    });
    assert.equal(of(sql).length, 1);
    assert.equal(of(`${sql} -- as a customer`).length, 1, 'a customer is recorded, too');
    assert.ok(!JSON.stringify(body).includes('secret'));
  });

  for (const [kind, agent] of [['a connection of its own', false], ['a kept connection', new http.Agent({ keepAlive: true })]]) {
    test(`a closed request ends its statement, on ${kind}`, async () => {
      const { answer, close } = begin(world.server, slow(unique('closed')), '', agent);
      await until(() => children(world.server).length === 1, 'no process was started');
      const [pid] = children(world.server);
      assert.ok(!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('RECURSIVE'), 'others can read the statement');
      await until(() => readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim() === '1000', 'it is not the first to go');
      close();
      assert.equal(await answer, null);
      await until(() => children(world.server).length === 0, 'the statement goes on');
      // Its place is free once the server has seen the process end.
      await until(async () => (await ask(world.server, 'SELECT 1')).status === 200, 'its place stays taken');
    });
  }

  test('a client that sends no more still gets its answer', async () => {
    const { hostname, port, host } = new URL(world.server.url);
    const body = JSON.stringify({ sql: 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1000000) SELECT count(*) AS n FROM n' });
    const socket = net.connect({ host: hostname, port, allowHalfOpen: true });
    let text = '';
    socket.setEncoding('latin1').on('data', (more) => (text += more));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(`POST /console/sql HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await until(() => children(world.server).length === 1, 'no process was started');
    const [pid] = children(world.server).map(Number);
    process.kill(pid, 'SIGSTOP'); // the answer cannot be there before the end of what the client sends
    socket.end();
    await until(() => text !== '', 'the server does not see that the client sends no more');
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It was ended, which the answer says.
    }
    await closed;
    assert.match(text, /^HTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*"rows":\[\s*\{"n":1000000\}/);
  });

  test('one at a time of each asker, and four of all', async () => {
    const running = ['a', 'b', 'c', 'd'].map((user) => begin(world.server, slow(unique(user)), `?userId=${user}&userRole=cx-supervisor`));
    await until(() => children(world.server).length === 4, 'four do not run');
    for (const [user, words] of [['a', /one at a time/], ['e', /too many/]]) {
      const answer = await ask(world.server, 'SELECT 1', {}, `?userId=${user}&userRole=cx-supervisor`);
      assert.equal(answer.status, 503);
      assert.equal(answer.body.code, 'busy');
      assert.match(answer.body.error, words);
      assert.ok(Number(answer.headers['retry-after']) > 0);
      assert.equal(answer.headers['access-control-expose-headers'], undefined);
    }
    assert.equal((await rest(world.server, 'GET', '/healthz')).status, 200);
    await say(world.server, 'chat goes on');
    for (const { close } of running) close();
    await until(() => children(world.server).length === 0, 'the statements go on');
  });

  test('questions and views', async () => {
    const { status, body } = await rest(world.server, 'GET', '/console/questions');
    assert.equal(status, 200);
    const listed = (await succeeds('audit', 'list')).split('\n').map((line) => line.split(' ')[0]);
    for (const { name, title, options, columns } of body.questions) {
      assert.ok(listed.includes(name), name);
      assert.ok(title.length > 5 && Array.isArray(options) && columns.every((one) => one.name && one.meaning), name);
    }
    const views = Object.fromEntries(body.views.map((view) => [view.name, view]));
    assert.equal(views.v1_message.file, 'parley.db');
    assert.equal(views.v1_follower.file, 'audit.db');
    const columns = execFileSync('sqlite3', ['-readonly', `${world.server.dataDir}/parley.db`, "SELECT name FROM pragma_table_info('v1_message')"], { encoding: 'utf8' }).trim().split('\n');
    assert.deepEqual(views.v1_message.columns.map(({ name }) => name).sort(), columns.sort());
    let asked = 0;
    for (const { name, sql, parameters } of body.questions) {
      if (sql === undefined || parameters.length > 0) continue;
      asked++;
      assert.equal((await ask(world.server, sql)).status, 200, name);
    }
    for (const { name, sql, parameters } of body.questions.filter((one) => one.parameters?.length > 0)) {
      asked++;
      const numbers = /position|_ms|limit/;
      const filled = parameters.reduce((text, one) => text.replaceAll(new RegExp(`:${one}\\b`, 'g'), numbers.test(one) ? '1' : "'x'"), sql);
      const answer = await ask(world.server, filled);
      assert.equal(answer.status, 200, `${name}: ${answer.text}`);
    }
    assert.ok(asked > 10, `${asked} questions`);
  });

  test('pages of other origins get nothing', async () => {
    for (const [method, path] of [['POST', '/console/sql'], ['GET', '/console/questions']]) {
      const answer = await rest(world.server, method, path, method === 'POST' ? { sql: 'SELECT 1' } : undefined, { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:1' });
      assert.equal(answer.body.code, 'origin_refused');
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  });

  test('a server that stops ends what runs', async () => {
    const { answer } = begin(world.server, slow(unique('stop')));
    await until(() => children(world.server).length === 1, 'no process was started');
    await world.server.stop();
    assert.notEqual(await answer, 200);
    assert.deepEqual(children(world.server), []);
    await world.server.start(world.server.port);
  });

  test('a server that is killed takes along what runs', async () => {
    const { answer } = begin(world.server, slow(unique('killed')));
    await until(() => children(world.server).length === 1, 'no process was started');
    await world.server.kill9();
    assert.equal(await answer, null);
    for (let tries = 0; children(world.server).length > 0; tries++) {
      assert.ok(tries < 800, 'the statement goes on without its server'); // its own limit is 30 s
      await pause(25);
    }
    await world.server.start(world.server.port);
  });
});

describe('who asks SQL', () => {
  const world = useIdentityServer(ratesOff);
  test('supervisors and auditors', async () => {
    for (const actor of ['supervisor', 'auditor']) {
      const { status, body } = await as(world, tokenOf(actor, actor), 'POST', '/console/sql', { sql: 'SELECT 7 AS n' });
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(body.rows, [{ n: 7 }]);
    }
    for (const actor of ['customer', 'agent', 'robot', 'service', 'operator']) {
      assert.equal((await as(world, tokenOf(actor, actor), 'POST', '/console/sql', { sql: 'SELECT 1' })).body.code, 'forbidden', actor);
    }
  });
});
