// GET /console/status and POST /console/verify: what an operator sees, and a verification of the
// whole log beside the server.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { metrics, succeeds, temporaryFolder } from '../operations/support.mjs';
import { patience, startServer } from '../support/server.mjs';
import { as, tokenOf, useIdentityServer } from './identity.mjs';
import { rest, unique, useServer } from './support.mjs';

async function statusOf(server) {
  const answer = await rest(server, 'GET', '/console/status');
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

async function verify(server) {
  const answer = await rest(server, 'POST', '/console/verify');
  assert.equal(answer.status, 202, answer.text);
  for (let tries = 0; tries < 600 * patience; tries++) {
    const status = await statusOf(server);
    if (status.verifying === null) return status;
    assert.ok(status.verifying.position <= status.position);
    await pause(50);
  }
  assert.fail('the verification has no end');
}

async function say(server, content) {
  const body = { conversationId: unique('room'), fromUserId: 'ann', fromRole: 'cx-customer', content };
  assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
}

describe('the status', () => {
  const world = useServer({ args: ['--typing.timeout', '7000'], env: { PARLEY_READERS_THREADS: '3' } });

  test('an empty log', async () => {
    const status = await statusOf(world.server);
    assert.equal(status.position, 0);
    assert.equal(status.headHash, null);
    assert.equal(status.verified, null);
    assert.equal(status.verifying, null);
    assert.deepEqual(status.checkedAtStart, { position: 0, events: 0, structure: false, end: false });
  });

  test('the log, the files, the checks', async () => {
    await say(world.server, 'hello');
    const status = await statusOf(world.server);
    const head = (await rest(world.server, 'GET', `/log/events/${status.position}`)).body;
    assert.equal(status.headHash, head.hash);
    assert.equal(status.headAt, head.event.at);
    assert.match(status.version, /^\d+\.\d+/);
    assert.ok(status.uptimeMs >= 0 && Date.parse(status.startedAt) <= Date.parse(status.now));
    const sizes = new Map(status.files.map(({ name, bytes }) => [name, bytes]));
    assert.ok(sizes.get('parley.db') >= 4096, JSON.stringify(status.files));
    assert.ok(sizes.get('parley.head') > 0);
    assert.ok(status.diskFreeBytes > 0);
    assert.equal(typeof status.growthBytesPerDay, 'number');
    assert.ok(status.audit.lag >= 0);
    assert.equal(status.ready.ok, true);
    assert.deepEqual(status.ready.checks.map(({ name }) => name), ['log_writable', 'projections', 'disk', 'draining']);
    for (const { ok, text } of status.ready.checks) assert.ok(ok && text.length > 10);
    assert.deepEqual(status.warnings, []);
  });

  test('settings that are not at their default, and where they were said', async () => {
    const { settings } = await statusOf(world.server);
    const of = (name) => settings.find((one) => one.name === name);
    assert.deepEqual(of('typing.timeout'), { name: 'typing.timeout', value: '7000', default: '6000', from: 'flag' });
    assert.equal(of('readers.threads').from, 'variable');
    assert.equal(of('data').value, world.server.dataDir);
    assert.equal(of('ping.interval'), undefined);
    for (const { value, default: standard } of settings) assert.notEqual(value, standard);
  });

  test('a good log is verified up to its end, and the metric says so', async () => {
    await say(world.server, 'one');
    const status = await verify(world.server);
    assert.equal(status.verified.ok, true);
    assert.equal(status.verified.position, status.position);
    assert.equal(status.verified.brokenAt, undefined);
    assert.ok(Date.parse(status.verified.at) >= Date.parse(status.startedAt));
    assert.equal((await metrics(world.server)).verified_position, status.position);
    const again = await Promise.all(Array.from({ length: 5 }, () => rest(world.server, 'POST', '/console/verify')));
    assert.ok(again.every(({ status: code }) => code === 202));
    assert.ok(again.some(({ body }) => body.started));
  });

  test('pages of other origins get nothing', async () => {
    const foreign = { 'sec-fetch-site': 'cross-site' };
    for (const [method, path] of [['GET', '/console/status'], ['POST', '/console/verify']]) {
      const answer = await rest(world.server, method, path, undefined, foreign);
      assert.equal(answer.status, 403);
      assert.equal(answer.body.code, 'origin_refused');
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  });
});

describe('the status, with tokens', () => {
  const world = useIdentityServer();
  test('what auth.mode decides is told as such', async () => {
    const { status, body } = await as(world, tokenOf('operator', 'ops'), 'GET', '/console/status');
    assert.equal(status, 200);
    const origins = body.settings.find(({ name }) => name === 'cors.origins');
    assert.deepEqual([origins.value, origins.from], ['', 'mode']);
    assert.equal(body.settings.some(({ name }) => /secret|password/.test(name)), false, 'such a setting must be masked');
  });
});

describe('the status of a log that was changed from outside', { timeout: 120_000 * patience }, () => {
  test('the verification finds the event, and the server warns of it', async () => {
    const folder = path.join(await temporaryFolder(), 'run');
    await succeeds('generate', '--events', '5000', '--seed', '4', '--data', folder);
    const sql = (text) => execFileSync('sqlite3', [path.join(folder, 'parley.db'), text], { encoding: 'utf8' });
    const position = Number(sql('SELECT min(position) FROM event WHERE type = 4 AND position > 50'));
    sql(`DROP TRIGGER event_never_updated; UPDATE event SET content = 'X' || substr(content, 2) WHERE position = ${position}`);
    const server = await startServer({ dataDir: folder });
    try {
      assert.equal((await statusOf(server)).checkedAtStart.events, 4096);
      const status = await verify(server);
      assert.equal(status.verified.ok, false);
      assert.equal(status.verified.brokenAt, position);
      assert.equal(status.verified.position, position - 1);
      assert.match(status.verified.problem, /its hash is /);
      assert.ok(status.warnings.some(({ name }) => name === 'log_broken'));
      assert.equal((await metrics(server)).verified_position, position - 1);
    } finally {
      await server.kill9();
    }
  });
});
