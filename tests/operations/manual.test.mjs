// What is generated for an installed program: manual pages, and the completion of bash.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { readDocument, rowsOf } from '../support/documents.mjs';
import { succeeds, waitMsMax } from './support.mjs';

/// A folder for all tests of a `describe`.
function folderOfSuite() {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-manual-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const run = promisify(execFile);
const pages = [['man', 'parley.1'], ['man-conf', 'parley.conf.5']];

/// The names in the first column of a table of commands or options, in the help.
const commandsIn = (help) => [...help.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name);
const optionsIn = (help) => [...help.matchAll(/^ {2}(--[a-z.-]+)/gm)].map(([, name]) => name);
const settings = async () => rowsOf(await readDocument('docs/configuration.md')).map(([cell]) => cell.replaceAll('`', ''));

describe('manual pages', { timeout: waitMsMax }, () => {
  const shown = {};
  const folder = folderOfSuite();

  before(async () => {
    for (const [what, name] of pages) {
      await writeFile(path.join(folder, name), await succeeds('docs', what));
      const { stdout } = await run('mandoc', ['-Tascii', '-Owidth=1000', path.join(folder, name)]);
      shown[what] = stdout.replace(/.\x08/g, '');
    }
  });

  test('mandoc finds nothing wrong with them', async () => {
    for (const [, name] of pages) {
      const { stdout } = await run('mandoc', ['-Tlint', '-Wwarning', path.join(folder, name)]);
      assert.equal(stdout, '', name);
    }
  });

  test('parley(1) has every command with its options, and every exit status', async () => {
    for (const command of commandsIn(await succeeds('--help'))) {
      const from = shown.man.search(new RegExp(`^ +${command} .*\\[option \\.\\.\\.\\]$`, 'm'));
      assert.ok(from >= 0, command);
      const [, entry] = /^.*\n([^]*?)(?:^ +[a-z]+ .*\[option \.\.\.\]$|^ENVIRONMENT)/m.exec(shown.man.slice(from));
      if (command === 'serve') continue;
      for (const option of optionsIn(await succeeds('help', command))) {
        assert.ok(entry.includes(` ${option}`), `${command} ${option}`);
      }
    }
    const statuses = rowsOf(await readDocument('docs/durability.md')).map(([status]) => status).filter((cell) => /^\d+$/.test(cell));
    const [, section] = /^EXIT STATUS\n([^]*?)^[A-Z]/m.exec(shown.man);
    assert.deepEqual([...section.matchAll(/^ +(\d+) +\S/gm)].map(([, status]) => status), statuses);
    for (const [, status] of (await succeeds('docs', 'errors')).matchAll(/^\| `\w+` \| (\d+) \| [A-Z]/gm)) {
      assert.ok(statuses.includes(status) || Number(status) >= 400, status);
    }
  });

  test('parley.conf(5) has every setting with its default', async () => {
    const rows = rowsOf(await readDocument('docs/configuration.md'));
    assert.ok(rows.length > 40);
    for (const [name, standard] of rows.map((row) => row.map((cell) => cell.replaceAll('`', '')))) {
      const from = shown['man-conf'].search(new RegExp(`^ {5}${name.replaceAll('.', '\\.')}(?:$| {2,})`, 'm'));
      assert.ok(from >= 0, name);
      const said = standard === '' ? 'Empty by default.' : `Default: ${standard}\n`;
      assert.ok(shown['man-conf'].slice(from, from + 900).includes(said), `${name}: ${said}`);
    }
  });
});

describe('the completion of bash', { timeout: waitMsMax }, () => {
  let script;
  const folder = folderOfSuite();

  before(async () => {
    script = path.join(folder, 'parley');
    await writeFile(script, await succeeds('docs', 'completion'));
    await mkdir(path.join(folder, 'data'));
  });

  /// What bash offers for the last of `words`, as it would split the line.
  async function offered(...words) {
    const asked = `source ./parley && $(complete -p parley | sed -n 's/^complete -F \\([a-z_]*\\) parley$/\\1/p')
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['--norc', '-c', `COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))\n${asked}`, 'bash', 'parley', ...words], { cwd: folder });
    return stdout.split('\n').filter((line) => line !== '');
  }

  test('the first word is one of the commands', async () => {
    assert.deepEqual((await offered('')).sort(), commandsIn(await succeeds('--help')).sort());
    assert.deepEqual(await offered('ver'), ['verify']);
    assert.deepEqual(await offered('--v'), ['--version']);
  });

  test('behind serve and config all settings are offered', async () => {
    const all = (await settings()).map((name) => `--${name}`).sort();
    for (const command of ['serve', 'config']) {
      const options = await offered(command, '--');
      for (const name of all) assert.ok(options.includes(name), name);
    }
    assert.deepEqual(await offered('serve', '--typing'), ['--typing.users', '--typing.timeout']);
  });

  test('an option offers its values, files or folders, and nothing where nobody can guess', async () => {
    assert.deepEqual(await offered('serve', '--auth.mode', ''), ['none', 'jwt']);
    assert.deepEqual(await offered('serve', '--auth.mode', '=', 'j'), ['jwt']);
    assert.deepEqual(await offered('serve', '--auth.mode', '='), ['none', 'jwt']);
    assert.deepEqual(await offered('verify', '--data', ''), ['data']);
    assert.deepEqual(await offered('serve', '--config', 'par'), ['parley']);
    assert.deepEqual(await offered('serve', '--port', ''), []);
    assert.deepEqual(await offered('show', '--format', ''), ['text', 'json']);
  });

  test('a switch offers its two values behind an equals sign, and none elsewhere', async () => {
    assert.deepEqual(await offered('serve', '--insecure-open', '='), ['true', 'false']);
    assert.deepEqual(await offered('serve', '--insecure-open', '=', 'f'), ['false']);
    assert.deepEqual(await offered('rebuild', '--check', '='), ['true', 'false']);
    assert.deepEqual(await offered('rebuild', '--check', ''), ['--audit', '--data', '--help']);
    assert.ok((await offered('serve', '--insecure-open', '')).includes('--port'));
  });

  test('what was given is not offered again, unless it may be repeated', async () => {
    assert.deepEqual(await offered('backup', 'copy.db', ''), ['--force', '--data', '--help']);
    assert.deepEqual(await offered('backup', '--force', 'copy.db', '--data', '=', 'data', ''), ['--help']);
    assert.deepEqual(await offered('rebuild', '--data', 'data', '--check', '--'), ['--audit', '--help']);
    assert.deepEqual(await offered('backup', '--data', 'data', 'par'), ['parley']);
    const names = await offered('audit', '--from', '2026-11-10T14', ':', '03Z', 'first');
    assert.deepEqual(names, ['first-response']);
    assert.ok(!(await offered('audit', 'first-response', '')).includes('first-response'));
    assert.ok(!(await offered('config', 'show', '')).includes('show'));
    assert.ok((await offered('export', '--conversation', 'a', '--')).includes('--conversation'));
    assert.deepEqual(await offered('help', 'verify', ''), ['--help']);
  });

  test('an argument offers what it may be, and options come where there is none', async () => {
    assert.deepEqual(await offered('config', ''), ['show', 'check', 'reference']);
    assert.deepEqual(await offered('docs', 'man'), ['man', 'man-conf']);
    assert.deepEqual(await offered('help', 'ver'), ['verify']);
    assert.deepEqual(await offered('backup', 'par'), ['parley']);
    assert.deepEqual(await offered('audit', 'first'), ['first-response']);
    assert.deepEqual(await offered('verify', ''), ['--data', '--help']);
    assert.deepEqual(await offered('rebuild', '--check', '--a'), ['--audit']);
  });
});
