// What a running server says and takes: its lines in the log, SIGHUP with changed settings, SIGUSR1,
// the checks of /readyz.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { rest } from '../support/rest.mjs';
import { startServer } from '../support/server.mjs';
import { metrics, temporaryFolder, waitMsMax } from './support.mjs';

const page = 'https://agents.example';
const allows = async (server) => (await rest(server, 'GET', '/healthz', undefined, { origin: page })).status === 200;

async function until(holds, what) {
  for (let waited = 0; waited < waitMsMax; waited += 20) {
    if (await holds()) return;
    await pause(20);
  }
  assert.fail(what);
}

/// A server whose settings are in a file, which `say` replaces before it asks for a reload.
async function configured(lines, use) {
  const file = path.join(await temporaryFolder(), 'parley.conf');
  const write = (some) => writeFile(file, `${some.join('\n')}\n`);
  await write(lines);
  const server = await startServer({ args: ['--config', file] });
  const reload = async (some) => {
    const seen = server.stderr.length;
    await write(some);
    server.signal('SIGHUP');
    await until(() => server.stderr.slice(seen).includes('reload_asked'), 'the log says nothing of a reload');
    return server.stderr.slice(seen);
  };
  try {
    await use(server, reload);
  } finally {
    await server.finish();
  }
}

describe('a running server', { timeout: 4 * waitMsMax }, () => {
  test('writes one line at its start and one at its end', async () => {
    const server = await startServer();
    try {
      const body = { conversationId: 'c', fromUserId: 'u', fromRole: 'cx-agent', content: 'x' };
      assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
      const started = new RegExp(`info listening url=${server.url} version=\\S+ data="${server.dataDir}" position=0 console=${server.url}/\n`);
      assert.match(server.stderr, started);
      await server.stop();
      assert.match(server.stderr, /info stopping signal=15\n.*info stopped position=3 after_ms=\d+\n$/s);
    } finally {
      await server.finish();
    }
  });

  test('with log.format=json each line of its log is an object', async () => {
    const server = await startServer({ args: ['--log.format', 'json'] });
    try {
      server.signal('SIGUSR1');
      await until(() => server.stderr.includes('"state"'), 'no state');
      await server.stop();
      const all = server.stderr.trim().split('\n').map((line) => JSON.parse(line));
      // The others tell of the machine and of the variables of the tests.
      const lines = all.slice(all.findIndex(({ event }) => event === 'listening'));
      assert.deepEqual(lines.map(({ event }) => event), ['listening', 'state', 'stopping', 'stopped']);
      for (const { time, level, fields } of lines) {
        assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.equal(level, 'info');
        assert.equal(typeof fields, 'object');
      }
      assert.equal(lines[0].fields.data, server.dataDir);
      assert.equal(lines[1].fields.position, '0');
    } finally {
      await server.finish();
    }
  });

  test('takes level, origins and thresholds by SIGHUP, and says what changed and what needs a restart', async () => {
    await configured(['log.level = info', 'cors.origins = local'], async (server, reload) => {
      assert.equal(await allows(server), false);
      assert.match((await rest(server, 'GET', '/')).text, /waitingLongMs&quot;:120000/);
      const said = await reload(['log.level = debug', `cors.origins = ${page}`, 'console.waiting-long = 60000', 'io.threads = 3']);
      const changed = `changed log\\.level=debug, cors\\.origins=${page}, console\\.waiting-long=60000`;
      for (const part of changed.replace('changed ', '').split(', ')) assert.match(said, new RegExp(`changed [^;]*${part}`));
      assert.match(said, /need a restart: io\.threads"/);
      await until(() => allows(server), 'the new origin is not allowed');
      assert.match((await rest(server, 'GET', '/')).text, /waitingLongMs&quot;:60000/);
      // What counts is shown as such; what does not count yet is not.
      const { body } = await rest(server, 'GET', '/console/status');
      const names = body.settings.map(({ name }) => name);
      assert.ok(names.includes('cors.origins') && names.includes('log.level'), `${names}`);
      assert.ok(!names.includes('io.threads'), `${names}`);
      // Back again, with a level that hides the line itself: it is seen all the same.
      assert.match(await reload(['log.level = error']), /changed [^"]*log\.level=error/);
      await until(async () => !(await allows(server)), 'the old origin is allowed');
    });
  });

  test('keeps everything where the settings cannot be read, and counts it until they can', async () => {
    await configured([`cors.origins = ${page}`], async (server, reload) => {
      assert.equal((await metrics(server)).config_reload_success, 1);
      const said = await reload(['cors.origins = local', 'no.such.setting = 1']);
      assert.match(said, /reload_failed code=invalid_setting message=".*no\.such\.setting/);
      assert.match(said, /done="nothing: /);
      assert.equal(await allows(server), true);
      assert.equal((await metrics(server)).config_reload_success, 0);
      await reload([`cors.origins = ${page}`]);
      assert.equal((await metrics(server)).config_reload_success, 1);
    });
  });

  test('tells its state by SIGUSR1, and goes on', async () => {
    const server = await startServer();
    try {
      server.signal('SIGUSR1');
      await until(() => /info state position=0 not_ready=nothing warnings=none websocket_clients=0 /.test(server.stderr), 'no state');
      assert.equal((await rest(server, 'GET', '/readyz')).status, 200);
    } finally {
      await server.finish();
    }
  });

  test('names each check of its readiness, the good ones too', async () => {
    const server = await startServer({ args: ['--drain.notice=2000', '--drain.timeout=6000'] });
    try {
      const ready = await rest(server, 'GET', '/readyz');
      assert.equal(ready.body.status, 'ready');
      assert.deepEqual(ready.body.checks.map(({ name, ok }) => [name, ok]), [
        ['log_writable', true], ['projections', true], ['disk', true], ['draining', true],
      ]);
      for (const { text } of ready.body.checks) assert.equal(typeof text, 'string');
      server.signal('SIGTERM');
      let last;
      await until(async () => (last = await rest(server, 'GET', '/readyz')).status === 503, 'it never drained');
      assert.equal(last.body.status, 'draining');
      assert.deepEqual(last.body.checks.filter(({ ok }) => !ok).map(({ name }) => name), ['draining']);
      await server.ended();
    } finally {
      await server.finish();
    }
  });
});
