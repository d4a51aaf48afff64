// What commands end with where what they should read or write cannot be used: scripts and service
// managers tell by it (docs/durability.md).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
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
    assert.ok(!(await readdir(folder)).includes('made'));
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
    const words = /Permission denied|cannot be written: attempt to write a readonly database/;
    for (const args of [['serve', '--port', '0', '--data', closed], ['serve', '--port', '0', '--data', path.join(closed, 'data')],
      ['restore', inFolder('copy.db'), '--data', closed], ['generate', '--events', '200', '--data', closed],
      ['serve', '--port', '0', '--data', inFolder('half')],
      ['backup', path.join(closed, 'new.db'), '--data', data], ['export', '--out', path.join(closed, 'new'), '--data', data]]) {
      const [command, ...rest] = [...asNobody, program, ...args];
      const { status, stderr } = spawnSync(command, rest, { encoding: 'utf8', timeout: waitMsMax });
      assert.equal(status, config, `parley ${args.join(' ')}: ${status}, ${stderr}`);
      assert.match(stderr, words, args.join(' '));
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
});
