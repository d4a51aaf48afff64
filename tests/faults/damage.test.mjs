// A damaged, foreign or newer database is refused at the start; the message says what is wrong and
// what to do. It is never served and never changed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { run } from '../support/server.mjs';
import { connect, copyFolder, fingerprint, send, startServer, withFolder } from './support.mjs';

const exitDamaged = 65;
const exitFound = 1;
const messages = 300;
const pageBytes = 4096;

let top;
let stopped; // the folder of a server that was stopped
let killed; // the folder of a killed server, with its last events in the WAL

const databaseIn = (folder) => path.join(folder, 'parley.db');
const sql = (folder, text) => execFileSync('sqlite3', [databaseIn(folder), text]);

async function overwrite(file, offset, bytes) {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.from(bytes), 0, bytes.length, offset);
  await handle.close();
}

async function flip(file, needle) {
  const bytes = await readFile(file);
  const at = bytes.indexOf(needle);
  assert.notEqual(at, -1, `${needle} is in the file`);
  await overwrite(file, at, [bytes[at] ^ 1]);
}

before(async () => {
  top = await mkdtemp(path.join(tmpdir(), 'parley-damage-'));
  stopped = path.join(top, 'stopped');
  killed = path.join(top, 'killed');
  for (const folder of [stopped, killed]) {
    const server = await startServer({ dataDir: folder });
    const socket = await connect(server);
    const sent = [];
    for (let i = 0; i < messages; i++) sent.push(send(socket, `c${i % 3}`, `needle-${i}! ${'x'.repeat(100)}`));
    for (const reply of await Promise.all(sent)) assert.ok(reply.id, JSON.stringify(reply));
    socket.disconnect();
    if (folder === stopped) await server.stop();
    else await server.kill9();
  }
});
after(() => rm(top, { recursive: true, force: true }));

const damages = [
  {
    name: 'a byte of the header is flipped',
    damage: (folder) => overwrite(databaseIn(folder), 3, [0]),
    says: /its beginning is damaged/,
  },
  {
    name: 'the first page is zeroed',
    damage: (folder) => overwrite(databaseIn(folder), 0, Buffer.alloc(pageBytes)),
    says: /its beginning is damaged/,
  },
  {
    name: 'a page in the middle is overwritten',
    damage: async (folder) => {
      const pages = Math.floor((await stat(databaseIn(folder))).size / pageBytes);
      await overwrite(databaseIn(folder), Math.floor(pages / 2) * pageBytes, Buffer.alloc(64, 0xff));
    },
    says: /is damaged: .*parley verify/,
  },
  {
    name: 'a byte of what somebody wrote is flipped',
    damage: (folder) => flip(databaseIn(folder), `needle-${messages - 2}!`),
    says: /event \d+: its hash is/,
    verify: /BAD at position \d+: its hash is/,
  },
  {
    name: 'the file is cut short',
    damage: async (folder) => {
      const pages = Math.floor((await stat(databaseIn(folder))).size / pageBytes);
      await truncate(databaseIn(folder), Math.floor(pages / 2) * pageBytes);
    },
    says: /is damaged/,
  },
  {
    name: 'the WAL of a killed server is missing',
    from: () => killed,
    damage: async (folder) => {
      await rm(`${databaseIn(folder)}-wal`);
      await rm(`${databaseIn(folder)}-shm`, { force: true });
    },
    says: /the log (ends at position \d+, but it )?had reached (position )?\d+.*delete parley\.head/,
  },
  {
    name: 'the database is missing',
    damage: (folder) => rm(databaseIn(folder)),
    says: /had reached position \d+, but parley\.db is missing/,
  },
  {
    name: 'it is no SQLite file',
    damage: (folder) => writeFile(databaseIn(folder), 'Dear diary, today nothing was stored.'.repeat(100)),
    says: /no database of Parley's/,
  },
  {
    name: 'it is the database of another program',
    damage: async (folder) => {
      await rm(databaseIn(folder));
      sql(folder, 'PRAGMA journal_mode = WAL; CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)');
    },
    says: /another program/,
  },
  {
    name: 'its application id is another',
    damage: (folder) => sql(folder, 'PRAGMA application_id = 1'),
    says: /another program \(application_id 1\)/,
  },
  {
    name: 'its schema is newer than the program',
    damage: (folder) =>
      sql(folder, "INSERT INTO schema_migration SELECT 99, '0099_future', '', 0; PRAGMA user_version = 99"),
    says: /schema .*knows up to \d+.*newer program/,
  },
  {
    name: 'a migration was edited after its release',
    damage: (folder) => sql(folder, "UPDATE schema_migration SET sha256 = 'edited' WHERE version = 1"),
    says: /edited after it had been released/,
  },
];

describe('a database that cannot be trusted is refused and left unchanged', () => {
  for (const { name, damage, says, verify, from = () => stopped } of damages) {
    test(name, () =>
      withFolder(async (folder) => {
        await copyFolder(from(), folder);
        await damage(folder);
        const before = await fingerprint(folder);
        const served = await run(['serve', '--port', '0', '--data', folder]);
        assert.equal(served.exit.code, exitDamaged, served.output);
        assert.match(served.output, says);
        assert.match(served.output, /Nothing was changed/);
        assert.doesNotMatch(served.output, /listening/);
        assert.deepEqual(await fingerprint(folder), before);

        const verified = await run(['verify', '--data', folder]);
        const noInput = name === 'the database is missing' ? 66 : 78;
        assert.ok([exitFound, exitDamaged, noInput].includes(verified.exit.code), verified.output);
        if (verify) {
          assert.equal(verified.exit.code, exitFound);
          assert.match(verified.output, verify);
        }
        const rebuilt = await run(['rebuild', '--data', folder]);
        assert.equal(rebuilt.exit.code, exitDamaged, rebuilt.output);
        assert.deepEqual(await fingerprint(folder), before);
      }),
    );
  }
});

test('the same folders start without the damage, the killed one with its WAL', async () => {
  for (const source of [stopped, killed]) {
    await withFolder(async (folder) => {
      await copyFolder(source, folder);
      const server = await startServer({ dataDir: folder });
      await server.finish();
    });
  }
});
