// Modes of Parley's files: readable by its user and group, unless the umask is stricter.
import assert from 'node:assert/strict';
import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { startServer } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { parley, succeeds, temporaryFolder, untilMetrics, waitMsMax } from './support.mjs';

const withUmask = (umask) => ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
const modeOf = async (file) => ((await stat(file)).mode & 0o7777).toString(8);

/// name → mode, for everything in the folder and below; not for what goes meanwhile, such as an
/// unfinished backup that gets its name.
async function modesIn(folder) {
  const found = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.path, entry.name);
    const mode = await modeOf(file).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (mode) found[`${path.relative(folder, file)}${entry.isDirectory() ? '/' : ''}`] = mode;
  }
  return found;
}

function assertModes(found, folderMode, fileMode) {
  for (const [name, mode] of Object.entries(found)) {
    assert.equal(mode, name.endsWith('/') ? folderMode : fileMode, `${name} of ${JSON.stringify(found)}`);
  }
}

async function post(server) {
  const body = { conversationId: 'c1', fromUserId: 'u', fromRole: 'cx-agent', content: 'hello' };
  assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
}

describe('modes of files and folders', { timeout: 2 * waitMsMax }, () => {
  for (const [umask, folderMode, fileMode] of [['022', '750', '640'], ['000', '750', '640'], ['077', '700', '600']]) {
    test(`with umask ${umask} new folders are ${folderMode}, files ${fileMode}`, async () => {
      const top = await temporaryFolder();
      const dataDir = path.join(top, 'deeper', 'run');
      const server = await startServer({ dataDir, wrapper: withUmask(umask), args: ['--backup.every', '300'] });
      try {
        await post(server);
        await untilMetrics(server, 'a backup', ({ backups_made_total: made }) => made >= 1);
        const serving = await modesIn(top);
        for (const name of ['parley.db', 'parley.db-wal', 'parley.db-shm', 'parley.lock', 'parley.head']) {
          assert.ok(serving[path.join('deeper', 'run', name)], `${name} of ${Object.keys(serving)}`);
        }
        assertModes(serving, folderMode, fileMode);
        assert.ok(!server.stderr.includes('data_open_to_others'), server.stderr);
        await server.stop();
        assertModes(await modesIn(top), folderMode, fileMode);
      } finally {
        await server.finish();
      }
    });
  }

  test('copies made by commands have the same modes, and vacuum keeps those of the database', async () => {
    const top = await temporaryFolder();
    const server = await startServer({ wrapper: withUmask('022') });
    try {
      await post(server);
      const [copy, restored] = [path.join(top, 'copy.db'), path.join(top, 'restored')];
      await succeeds('backup', copy, '--data', server.dataDir);
      await succeeds('restore', copy, '--data', restored);
      assertModes(await modesIn(top), '750', '640');
      await server.stop();
      await chmod(path.join(server.dataDir, 'parley.db'), 0o600);
      await succeeds('vacuum', '--data', server.dataDir);
      assert.equal(await modeOf(path.join(server.dataDir, 'parley.db')), '600');
    } finally {
      await server.finish();
    }
  });

  test('what is made in the folder of another user is for that user, also where root makes it', async () => {
    const top = await temporaryFolder();
    const isRoot = process.getuid() === 0;
    const [uid, gid] = isRoot ? [65534, 65533] : [process.getuid(), process.getgid()];
    const folderOfUser = async (name) => {
      const folder = path.join(top, name);
      await mkdir(folder);
      await chown(folder, uid, gid);
      return folder;
    };
    const sources = await folderOfUser('sources');
    await succeeds('generate', '--events', '200', '--data', path.join(sources, 'deeper/run'));
    const data = path.join(sources, 'deeper/run');
    await succeeds('rebuild', '--audit', '--data', data);
    await succeeds('backup', path.join(sources, 'copy.db'), '--data', data);
    await succeeds('export', '--out', path.join(top, 'log.jsonl'), '--data', data);
    await succeeds('restore', path.join(sources, 'copy.db'), '--data', await folderOfUser('restored'));
    await succeeds('import', path.join(top, 'log.jsonl'), '--data', await folderOfUser('imported'));
    const served = await startServer({ dataDir: await folderOfUser('served') });
    await post(served);
    const checkOwners = async () => {
      for (const name of ['sources', 'restored', 'imported', 'served']) {
        // SQLite's journals come and go while a new file is set up.
        const found = (await readdir(path.join(top, name), { recursive: true })).filter((file) => !file.endsWith('-journal'));
        assert.ok(found.length >= 2, `${name}: ${found}`);
        for (const file of found) {
          const { uid: owner, gid: group } = await stat(path.join(top, name, file));
          assert.deepEqual([owner, group], [uid, gid], `${name}/${file}`);
        }
      }
    };
    await checkOwners();
    assert.ok((await readdir(path.join(top, 'served'))).includes('parley.db-shm'));
    await served.finish();
    await checkOwners();
  });

  test('existing permissions of others stay, and each start warns about them', async () => {
    const dataDir = path.join(await temporaryFolder(), 'run');
    await mkdir(dataDir);
    await chmod(dataDir, 0o755);
    const server = await startServer({ dataDir });
    try {
      await post(server);
      assert.match(server.stderr, /data_open_to_others file="[^"]*\/run" mode=0755 advice="chmod o-rwx/);
      await server.stop();
      await chmod(path.join(dataDir, 'parley.db'), 0o644);
      await server.start(0);
      assert.match(server.stderr, /data_open_to_others file="[^"]*\/run\/parley\.db" mode=0644/);
      assert.equal(await modeOf(dataDir), '755');
      assert.equal(await modeOf(path.join(dataDir, 'parley.db')), '644');
    } finally {
      await server.finish();
    }
  });
});
