// audit.db beside a server: whatever is done to it, the server serves, and it comes to say what a
// rebuild gives.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { rest } from '../support/rest.mjs';
import { seeded } from '../support/seeded.mjs';
import { startServer } from '../support/server.mjs';
import { parley, succeeds, temporaryFolder, waitMsMax } from './support.mjs';

const exitConfig = 78;
const exitOwned = 75;

async function say(server, content, conversationId = 'c1') {
  const body = { conversationId, fromUserId: 'u', fromRole: 'cx-agent', content };
  assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
}

async function untilFollowed(server) {
  const until = Date.now() + waitMsMax;
  for (;;) {
    const { body } = await rest(server, 'GET', '/readyz');
    if (body.audit.lag === 0) return body;
    assert.ok(Date.now() < until, JSON.stringify(body));
    await pause(20);
  }
}

async function isEqual(dataDir) {
  const said = await succeeds('rebuild', '--audit', '--check', '--data', dataDir);
  assert.match(said, /^audit\.db equal to a rebuild up to position \d+\n$/);
  return Number(said.match(/\d+/)[0]);
}

describe('audit.db', { timeout: 4 * waitMsMax }, () => {
  test('a server makes it, and leaves it with all events when it stops', async () => {
    const server = await startServer();
    await say(server, 'hello');
    await untilFollowed(server);
    const { code } = await parley('rebuild', '--audit', '--data', server.dataDir);
    assert.equal(code, exitOwned);
    for (let i = 0; i < 20; i++) await say(server, `message ${i}`);
    await server.stop();
    const position = await isEqual(server.dataDir);
    assert.match(await succeeds('verify', '--data', server.dataDir), new RegExp(`up to position ${position},`));
    assert.equal(await succeeds('rebuild', '--audit', '--data', server.dataDir),
      `audit.db rebuilt up to position ${position}\n`);
    await isEqual(server.dataDir);
    await server.finish();
  });

  test('a pipe in its place is waited for neither by commands nor by a server', async () => {
    const server = await startServer();
    await say(server, 'hello');
    await server.stop();
    const file = path.join(server.dataDir, 'audit.db');
    await rm(file);
    execFileSync('mkfifo', [file]);
    for (const args of [['rebuild', '--audit', '--check', '--data', server.dataDir],
      ['restore', file, '--data', path.join(server.dataDir, 'new')],
      ['audit', 'follower', '--file', file], ['show', '--conversation', 'c1', '--file', file]]) {
      const { code, stderr } = await parley(...args);
      assert.equal(code, exitConfig, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, /audit\.db" is no regular file/);
    }
    await server.start(0);
    await say(server, 'again');
    const answer = await rest(server, 'GET', '/chat/search?q=again');
    assert.equal(answer.body.code, 'busy', JSON.stringify(answer.body));
    await server.stop();
    await rm(file);
    await server.start(0);
    await untilFollowed(server);
    await server.stop();
    await isEqual(server.dataDir);
    await server.finish();
  });

  test('a server starts with garbage in its place, and without it where it is switched off', async () => {
    const server = await startServer();
    await say(server, 'hello');
    await server.stop();
    await writeFile(path.join(server.dataDir, 'audit.db'), 'x'.repeat(10_000));
    await server.start(0);
    await say(server, 'again');
    await untilFollowed(server);
    assert.match(server.stderr, /audit_built_anew/);
    await server.stop();
    await isEqual(server.dataDir);
    await server.finish();

    const without = await startServer({ args: ['--audit.follow=false'] });
    await say(without, 'hello');
    const { checks, ...body } = (await rest(without, 'GET', '/readyz')).body;
    assert.deepEqual(body, { status: 'ready', warnings: [] }, 'no lag of a file that is not kept');
    assert.ok(checks.every(({ ok }) => ok));
    await without.stop();
    assert.deepEqual((await readdir(without.dataDir)).filter((name) => name.startsWith('audit')), []);
    await without.finish();
  });

  test('deleted, cut, swapped or killed at random under load, it is equal to a rebuild each time', async () => {
    const random = seeded(12);
    const stranger = path.join(await temporaryFolder(), 'stranger.db');
    const other = await startServer();
    await say(other, 'another log');
    await other.stop();
    await copyFile(path.join(other.dataDir, 'audit.db'), stranger);
    await other.finish();

    const server = await startServer();
    const file = path.join(server.dataDir, 'audit.db');
    const harms = [
      () => rm(file, { force: true }),
      () => truncate(file, 4096 * 3).catch(() => {}),
      () => copyFile(stranger, `${file}.new`).then(() => rename(`${file}.new`, file)),
      () => rm(`${file}-wal`, { force: true }),
      async () => {
        await server.kill9();
        await server.start(0);
      },
    ];
    try {
      for (let round = 0; round < 15; round++) {
        const sent = [];
        for (let i = 0; i < 40; i++) sent.push(say(server, `round ${round}`, `c${i % 7}`).catch(() => {}));
        await pause(random() * 60);
        const searched = rest(server, 'GET', '/chat/search?q=round').catch(() => null); // it may be killed
        await harms[Math.floor(random() * harms.length)]();
        await Promise.all(sent);
        const found = await searched;
        if (found) assert.ok([200, 503].includes(found.status), found.text);
      }
      await say(server, 'the end');
      await untilFollowed(server);
      await isEqual(server.dataDir);
      const { body } = await rest(server, 'GET', '/chat/search?q=end');
      assert.deepEqual(body.hits.map(({ snippet }) => snippet), ['the end']);
    } finally {
      await server.finish();
    }
  });
});
