// An auditor with only read permission can run everything that reads: while a server runs, after it
// was stopped or killed, on a read-only mount, and after somebody removed the WAL.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, chown, cp, mkdir, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { bounded, programPath, startServer } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { succeeds, temporaryFolder, waitMsMax } from './support.mjs';

const auditor = 65534;
const group = 65533;
const asAuditor = ['setpriv', `--reuid=${auditor}`, `--regid=${group}`, '--clear-groups'];
const whole = /^good up to position \d+, hash [0-9a-f]{64}\n$/;

/// Only root can make another user and a mount. Continuous integration must be able to.
function unable(context, why) {
  assert.ok(!process.env.CI, `cannot be left out here: ${why}`);
  context.skip(why);
}

function run(...command) {
  const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), {
    encoding: 'utf8', timeout: waitMsMax,
  });
  assert.equal(error, undefined);
  return { status, stdout, stderr };
}

function good(...command) {
  const { status, stdout, stderr } = run(...asAuditor, ...command);
  assert.equal(status, 0, `${command.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/// Runs everything that reads, as the auditor; `sqlite` is the shell's argument to open the
/// database.
async function readsAll(folder, top, { sqlite = `file:${path.join(folder, 'parley.db')}?mode=ro` } = {}) {
  assert.match(good('sqlite3', sqlite, 'select content from v1_message order by position limit 1'), /^hello/);
  const parley = (...args) => good(path.join(top, 'parley'), ...args, '--data', folder);
  assert.match(parley('verify'), whole);
  assert.match(parley('rebuild', '--check'), /^views equal/);
  assert.ok(parley('export').split('\n').length > 3);
  const own = path.join(top, 'own');
  await rm(own, { recursive: true, force: true });
  await mkdir(own);
  await chown(own, auditor, group);
  const copy = path.join(own, 'copy.db');
  assert.match(parley('backup', copy), /^backup .*position \d+/);
  return copy;
}

/// A folder that the group may read, including new files in it; the server runs as root.
async function sharedFolder() {
  const top = await temporaryFolder();
  await chmod(top, 0o755);
  await cp(programPath(), path.join(top, 'parley')); // where the auditor may read it
  await chmod(path.join(top, 'parley'), 0o755);
  const dataDir = path.join(top, 'run');
  await mkdir(dataDir);
  await chown(dataDir, 0, group);
  await chmod(dataDir, 0o2750);
  return { top, dataDir };
}

async function say(server, content) {
  const body = { conversationId: 'c1', fromUserId: 'u', fromRole: 'cx-agent', content };
  assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
}

const names = async (folder) => (await readdir(folder)).sort();

describe('an auditor with read permission only', { timeout: 4 * waitMsMax }, () => {
  test('reads while a server runs, after its stop, after a kill, and changes nothing', async (context) => {
    if (process.getuid() !== 0) return unable(context, 'only root can be somebody else');
    const { top, dataDir } = await sharedFolder();
    const server = await startServer({ dataDir });
    await say(server, 'hello');
    await readsAll(dataDir, top);
    await say(server, 'more');
    await readsAll(dataDir, top);
    await server.stop();
    const stopped = await names(dataDir);
    assert.deepEqual(stopped, ['audit.db', 'audit.db-shm', 'audit.db-wal', 'parley.db', 'parley.db-shm', 'parley.db-wal', 'parley.head', 'parley.lock']);
    await readsAll(dataDir, top);
    const audit = good('sqlite3', `file:${path.join(dataDir, 'audit.db')}?mode=ro`, 'select position > 0 from v1_follower');
    assert.equal(audit, '1\n');
    assert.deepEqual(await names(dataDir), stopped);
    // The database alone is complete; the WAL that stays is empty.
    const alone = path.join(top, 'alone');
    await mkdir(alone);
    for (const name of ['parley.db', 'parley.head']) await cp(path.join(dataDir, name), path.join(alone, name));
    assert.match(await succeeds('verify', '--data', alone), whole);
    await server.start(0);
    await say(server, 'again');
    await server.kill9();
    await readsAll(dataDir, top);
    await server.start(0);
    await server.finish();
  });

  test('reads after a shell has removed the WAL at its end', async (context) => {
    if (process.getuid() !== 0) return unable(context, 'only root can be somebody else');
    const { top, dataDir } = await sharedFolder();
    const server = await startServer({ dataDir });
    await say(server, 'hello');
    await server.stop();
    const database = path.join(dataDir, 'parley.db');
    execFileSync('sqlite3', [database, 'select count(*) from event']); // root's shell is the last to close it
    for (const name of ['parley.db-wal', 'parley.db-shm']) await rm(path.join(dataDir, name), { force: true });
    await readsAll(dataDir, top, { sqlite: `file:${database}?immutable=1` });
    assert.ok(!(await names(dataDir)).includes('parley.db-wal'));
    await server.start(0);
    await server.finish();
  });

  test('reads on a read-only mount, while a server runs and after its stop', async (context) => {
    if (process.getuid() !== 0) return unable(context, 'only root can mount');
    const { top, dataDir } = await sharedFolder();
    const mounted = path.join(top, 'mounted');
    await mkdir(mounted);
    const server = await startServer({ dataDir });
    await say(server, 'hello');
    if (run('mount', '--bind', dataDir, mounted).status !== 0) {
      await server.finish();
      return unable(context, 'mounting is not allowed here');
    }
    try {
      assert.equal(run('mount', '-o', 'remount,bind,ro', mounted).status, 0);
      await readsAll(mounted, top);
      await server.stop();
      await readsAll(mounted, top);
    } finally {
      run('umount', mounted);
    }
    await server.finish();
  });

  test('reads a backup from one read-only file', async (context) => {
    if (process.getuid() !== 0) return unable(context, 'only root can be somebody else');
    const { top, dataDir } = await sharedFolder();
    const server = await startServer({ dataDir });
    await say(server, 'hello');
    const copy = await readsAll(dataDir, top);
    const folder = path.join(top, 'vault');
    await mkdir(folder);
    await cp(copy, path.join(folder, 'parley.db'));
    await chmod(path.join(folder, 'parley.db'), 0o444);
    await chmod(folder, 0o555);
    const file = await open(path.join(folder, 'parley.db'));
    const { buffer } = await file.read(Buffer.alloc(20), 0, 20, 0);
    await file.close();
    assert.deepEqual([...buffer.subarray(18, 20)], [1, 1], 'journal mode DELETE');
    await readsAll(folder, top);
    assert.deepEqual(await names(folder), ['parley.db']);
    await server.finish();
  });

  for (const [name, says] of [
    ['parley.head', /^end NOT checked: ".*parley\.head" cannot be read: Permission denied/m],
    ['parley.lock', /^owner NOT known: ".*parley\.lock" cannot be read: Permission denied/m],
  ]) {
    test(`is told by verify that ${name} may not be read, and never "good"`, async (context) => {
      if (process.getuid() !== 0) return unable(context, 'only root can be somebody else');
      const { top, dataDir } = await sharedFolder();
      const server = await startServer({ dataDir });
      await say(server, 'hello');
      await chmod(path.join(dataDir, name), 0o600);
      const { status, stdout } = run(...asAuditor, path.join(top, 'parley'), 'verify', '--data', dataDir);
      assert.equal(status, 78, stdout);
      assert.match(stdout, says);
      assert.match(stdout, /^nothing wrong found up to position \d+/m);
      assert.doesNotMatch(stdout, /good/);
      await bounded(server.finish(), waitMsMax, 'the end');
    });
  }
});
