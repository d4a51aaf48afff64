// What commands end with where what they should read or write cannot be used: scripts and service
// managers tell by it (docs/durability.md).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { chmod, cp, link, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { programPath } from '../support/server.mjs';
import { parley, succeeds, waitMsMax } from './support.mjs';

const damaged = 65;
const noInput = 66;
const config = 78;

describe('a command ends with', { timeout: waitMsMax }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-statuses-'));
  const inFolder = (name) => path.join(folder, name);
  const data = inFolder('data');

  before(async () => {
    await succeeds('generate', '--events', '200', '--data', data);
    await succeeds('backup', inFolder('copy.db'), '--data', data);
    await succeeds('export', '--out', inFolder('log.jsonl'), '--data', data);
    await writeFile(inFolder('note.txt'), 'no folder, no database, no key\n');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function ends(code, words, ...args) {
    const ended = await parley(...args);
    assert.equal(ended.code, code, `parley ${args.join(' ')}: ${ended.code}, ${ended.stderr}`);
    assert.match(ended.stderr, words, args.join(' '));
    assert.equal(ended.stdout, '');
  }

  test('66 where there is no file that it should read, and makes no folder', async () => {
    const absent = inFolder('absent');
    const made = inFolder('made');
    const words = new RegExp(`there is no file "${absent}"\n$`);
    await ends(noInput, words, 'restore', absent, '--data', made);
    await ends(noInput, words, 'import', absent, '--data', made);
    await ends(noInput, words, 'show', '--conversation', 'x', '--file', absent);
    await ends(noInput, words, 'audit', 'first-response', '--file', absent);
    await ends(noInput, words, 'audit', '--sql', 'SELECT 1', '--file', absent);
    await ends(noInput, words, 'export', '--resume', '--out', absent, '--data', data);
    await ends(noInput, words, 'token', '--keys', absent, '--user', 'anna', '--role', 'cx-agent');
    assert.ok(!(await readdir(folder)).includes('made'));
  });

  test('66 where there is no database', async () => {
    const made = inFolder('made');
    for (const args of [['verify'], ['rebuild'], ['rebuild', '--check'], ['rebuild', '--audit'], ['export'], ['vacuum'],
      ['backup', inFolder('new.db')], ['audit', 'first-response'], ['show', '--conversation', 'x'], ['transcript', '--conversation', 'x']]) {
      await ends(noInput, /there is no database in/, ...args, '--data', made);
    }
    await ends(noInput, /there is no database in/, 'sql', '--data', made); // and nothing on standard input
    assert.ok(!(await readdir(folder)).includes('made'));
  });

  test('66 where the database is gone, and says so', async () => {
    const gone = inFolder('gone');
    await cp(data, gone, { recursive: true });
    await rm(path.join(gone, 'parley.db'));
    await writeFile(path.join(gone, 'parley.db-wal'), 'what is left');
    for (const args of [['verify'], ['rebuild', '--check'], ['rebuild', '--audit'], ['export'], ['vacuum'], ['sql'],
      ['backup', inFolder('new.db')], ['audit', 'first-response'], ['show', '--conversation', 'x'], ['transcript', '--conversation', 'x']]) {
      await ends(noInput, /is gone: its log had reached position \d+, but there is no parley\.db/, ...args, '--data', gone);
    }
  });

  test('78 where something would be written into a data folder, or where its database is a link', async () => {
    const inData = path.join(data, 'parley.db-journal');
    await ends(config, /is a file of the data folder/, 'export', '--out', inData, '--data', data);
    const { stdout } = await parley('audit', '--sql', 'SELECT min(id) AS id FROM v1_conversation', '--format', 'csv', '--data', data);
    await ends(config, /is a file of the data folder/, 'transcript', '--conversation', stdout.trim().split(/\s+/).at(-1), '--out', inData, '--data', data);
    for (const [name, put] of [['symbolic', symlink], ['hard', link]]) {
      const linked = inFolder(name);
      await mkdir(linked);
      await put(path.join(data, 'parley.db'), path.join(linked, 'parley.db'));
      for (const args of [['serve', '--port', '0'], ['rebuild'], ['vacuum']]) {
        await ends(config, new RegExp(`linked|${name} link`), ...args, '--data', linked);
      }
      await rm(linked, { recursive: true });
    }
    const folderLink = inFolder('whole');
    await symlink(data, folderLink);
    await succeeds('rebuild', '--data', folderLink);
  });

  test('74 where standard output is closed, and then prints into no other file', async () => {
    const made = inFolder('closed-streams');
    const { status, stderr } = spawnSync('sh', ['-c', 'exec "$0" "$@" <&- >&-', programPath(), 'generate', '--events', '200', '--data', made], { encoding: 'utf8' });
    assert.equal(status, 74, stderr);
    assert.match(stderr, /cannot write to standard output: Bad file descriptor/);
    assert.match(await readFile(path.join(made, 'parley.lock'), 'utf8'), /^\d+$/);
    await succeeds('verify', '--data', made);
  });

  test('78 where a folder stands for a file, or a file for a folder', async () => {
    const file = inFolder('note.txt');
    const isFolder = /is a folder/;
    await ends(config, isFolder, 'show', '--conversation', 'x', '--file', data);
    await ends(config, isFolder, 'audit', 'first-response', '--file', data);
    await ends(config, isFolder, 'restore', data, '--data', inFolder('made'));
    await ends(config, isFolder, 'import', data, '--data', inFolder('made'));
    await ends(config, isFolder, 'backup', folder, '--data', data);
    await ends(config, /a file has its name/, 'serve', '--port', '0', '--data', file);
    await ends(config, /a file has its name/, 'restore', inFolder('copy.db'), '--data', file);
    await ends(config, /a file has its name/, 'import', inFolder('log.jsonl'), '--data', file);
    await ends(config, /a file has its name/, 'generate', '--events', '200', '--data', file);
    await ends(config, /a file has its name/, 'serve', '--port', '0', '--data', path.join(file, 'data'));
    await ends(config, /No such file or directory/, 'backup', inFolder('absent/new.db'), '--data', data);
    await ends(config, /No such file or directory/, 'export', '--out', inFolder('absent/new.jsonl'), '--data', data);
    await mkdir(inFolder('odd/parley.db'), { recursive: true });
    await ends(config, isFolder, 'serve', '--port', '0', '--data', inFolder('odd'));
    await ends(config, isFolder, 'verify', '--data', inFolder('odd'));
  });

  test('78 where rights are missing', async () => {
    // Root may do everything: it runs the program as nobody, from where nobody may read it.
    const program = inFolder('parley');
    await cp(programPath(), program);
    const closed = inFolder('closed');
    await mkdir(closed);
    for (const name of ['', 'parley', 'closed', 'data']) await chmod(inFolder(name), 0o755);
    for (const name of ['copy.db', 'data/parley.db', 'data/parley.head']) await chmod(inFolder(name), 0o644);
    if (process.getuid() !== 0) await chmod(closed, 0o555);
    const asNobody = process.getuid() === 0 ? ['setpriv', '--reuid=65534', '--regid=65533', '--clear-groups'] : [];
    await mkdir(inFolder('half'));
    await chmod(inFolder('half'), 0o777);
    await cp(inFolder('copy.db'), inFolder('half/parley.db'));
    await chmod(inFolder('half/parley.db'), 0o444);
    const secret = inFolder('secret');
    await mkdir(secret);
    await cp(inFolder('copy.db'), path.join(secret, 'parley.db'));
    await chmod(secret, 0o755);
    await chmod(path.join(secret, 'parley.db'), 0o000);
    const words = /Permission denied|cannot be written: attempt to write a readonly database/;
    for (const args of [['serve', '--port', '0', '--data', closed], ['serve', '--port', '0', '--data', path.join(closed, 'data')],
      ['restore', inFolder('copy.db'), '--data', closed], ['generate', '--events', '200', '--data', closed],
      ['serve', '--port', '0', '--data', inFolder('half')],
      ['verify', '--data', secret], ['export', '--data', secret],
      ['backup', path.join(closed, 'new.db'), '--data', data], ['export', '--out', path.join(closed, 'new'), '--data', data]]) {
      const [command, ...rest] = [...asNobody, program, ...args];
      const { status, stderr } = spawnSync(command, rest, { encoding: 'utf8', timeout: waitMsMax });
      assert.equal(status, config, `parley ${args.join(' ')}: ${status}, ${stderr}`);
      assert.match(stderr, words, args.join(' '));
      assert.doesNotMatch(stderr, /--resume/);
    }
  });

  test('65 where what it should read is neither a database nor an export', async () => {
    const file = inFolder('note.txt');
    await ends(damaged, /is no database of Parley's/, 'show', '--conversation', 'x', '--file', file);
    await ends(damaged, /is no database of Parley's/, 'audit', 'first-response', '--file', file);
    await ends(damaged, /is no database of Parley's/, 'restore', file, '--data', inFolder('made'));
    await ends(damaged, /line 1: /, 'import', file, '--data', inFolder('made'));
    assert.ok(!(await readdir(folder)).includes('made'));
  });

  test('65 where the database holds no log, and names the position that was lost', async () => {
    const reading = [['verify'], ['rebuild', '--check'], ['rebuild', '--audit'], ['export'], ['sql'], ['backup', inFolder('new.db')],
      ['audit', 'messages'], ['audit', 'first-response'], ['show', '--conversation', 'x'], ['transcript', '--conversation', 'x']];
    const tableless = inFolder('tableless.db');
    execFileSync('sqlite3', [tableless, 'PRAGMA application_id = 1347570777; PRAGMA journal_mode = WAL']);
    for (const [name, put] of [['empty', (file) => writeFile(file, '')], ['bare', (file) => cp(tableless, file)]]) {
      const lost = inFolder(name);
      await mkdir(lost);
      await cp(path.join(data, 'parley.head'), path.join(lost, 'parley.head'));
      await put(path.join(lost, 'parley.db'));
      const told = /the log had reached position 200, but the database is empty\..* restore a backup/;
      for (const args of reading) await ends(damaged, told, ...args, '--data', lost);
      await rm(path.join(lost, 'parley.head'));
      for (const args of reading) await ends(damaged, /parley\.db" holds no log\n$/, ...args, '--data', lost);
      await ends(damaged, /parley\.db" holds no log\n$/, 'show', '--conversation', 'x', '--file', path.join(lost, 'parley.db'));
    }
  });
});
