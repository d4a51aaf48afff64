// What a person at a terminal sees: help, typing errors, output that cannot be written.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { bounded, programPath, startServer } from '../support/server.mjs';
import { readDocument } from '../support/documents.mjs';
import { parley, succeeds, temporaryFolder, waitMsMax } from './support.mjs';

const columnsMax = 80;
const exitUsage = 2;
const exitNoInput = 66;
const exitStorage = 74;
const exitConfig = 78;

const commandsIn = (help) => [...help.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name);

async function refuses(status, stderr, ...args) {
  assert.deepEqual(await parley(...args), { code: status, stdout: '', stderr });
}

describe('help', { timeout: waitMsMax }, () => {
  test('-h, --help and help print the same, and serve comes first', async () => {
    const help = await succeeds('--help');
    assert.equal(await succeeds('-h'), help);
    assert.equal(await succeeds('help'), help);
    assert.equal(commandsIn(help)[0], 'serve');
  });

  test('without a command the help goes to standard error, and the status is bad usage', async () => {
    await refuses(exitUsage, await succeeds('--help'));
  });

  test('every command has its own help, asked for in three ways', async () => {
    for (const command of commandsIn(await succeeds('--help'))) {
      const help = await succeeds('help', command);
      assert.match(help, new RegExp(`^Usage: parley ${command} `, 'm'));
      assert.equal(await succeeds(command, '--help'), help);
      assert.equal(await succeeds(command, '-h'), help);
    }
  });

  test('no line of any help is wider than 80 columns, and the descriptions of options are in one column', async () => {
    const texts = [await succeeds('--help')];
    for (const command of commandsIn(texts[0])) texts.push(await succeeds('help', command));
    for (const line of texts.join('').split('\n')) assert.ok(line.length <= columnsMax, line);
    let options = 0;
    for (const [line, option] of texts.join('').matchAll(/^( {2}--?\S+(?: [A-Z]+)?)( {2,}\S.*)?$/gm)) {
      options++;
      if (line !== option) assert.match(line, /^.{29} \S/, line);
    }
    assert.ok(options > 50);
  });

  test('the help of serve has every setting', async () => {
    const help = await succeeds('help', 'serve');
    const settings = [...(await readDocument('docs/configuration.md')).matchAll(/^\| `([^`]+)` \|/gm)];
    assert.ok(settings.length > 40);
    for (const [, name] of settings) assert.ok(help.includes(`\n  --${name} `), name);
  });

  test('--version prints the version', async () => {
    assert.match(await succeeds('--version'), /^parley \d+\.\d+\.\d+\n$/);
  });
});

describe('a typing error', { timeout: waitMsMax }, () => {
  test('an unknown command is refused, with a suggestion if one is near', async () => {
    const near = 'parley: there is no command "sevre"; did you mean "serve"?\nTry: parley help\n';
    await refuses(exitUsage, near, 'sevre');
    await refuses(exitUsage, near, 'help', 'sevre');
    await refuses(exitUsage, near, 'sevre', '--help');
    await refuses(exitUsage, 'parley: there is no command "listen"\nTry: parley help\n', 'listen');
  });

  test('an unknown option is refused, with a suggestion if one is near', async () => {
    const near = 'parley: there is no option "--dta"; did you mean "--data"?\nTry: parley help verify\n';
    await refuses(exitUsage, near, 'verify', '--dta', 'x');
    await refuses(exitUsage, near, 'verify', '--dta=x');
    await refuses(exitUsage, 'parley: there is no option "-x"\nTry: parley help export\n', 'export', '-x');
  });

  test('an unknown setting is refused as a wrong configuration', async () => {
    const near = 'parley: there is no setting "prot"; did you mean "port"?\nTry: parley help serve\n';
    await refuses(exitConfig, near, 'serve', '--prot', '4000');
  });

  test('for an option before its command the message says where it belongs', async () => {
    const told = 'parley: "--port" belongs behind a command, as in "parley serve --port"\nTry: parley help\n';
    await refuses(exitUsage, told, '--port', '4000');
    await refuses(exitUsage, told, '--port=4000', 'serve');
  });

  test('missing and superfluous arguments are named', async () => {
    await refuses(exitUsage, 'parley: FILE is required\nTry: parley help backup\n', 'backup');
    await refuses(exitUsage, 'parley: unexpected argument "b"\nTry: parley help backup\n', 'backup', 'a', 'b');
    await refuses(exitUsage, 'parley: --data needs a value\nTry: parley help verify\n', 'verify', '--data');
  });

  test('an option that takes one value is refused where it is given again', async () => {
    const told = (option, command) => `parley: --${option} is given more than once\nTry: parley help ${command}\n`;
    const twice = (option) => [`--${option}`, 'a', `--${option}=b`];
    for (const [command, ...options] of [
      ['audit', 'data', 'conversation', 'user', 'role', 'from', 'to', 'limit', 'words', 'sql', 'format', 'tz'],
      ['show', 'conversation', 'viewer', 'file', 'tz'], ['transcript', 'conversation', 'by', 'out'], ['sql', 'data', 'scratch'],
      ['export', 'user', 'from-position', 'out'], ['verify', 'data'], ['generate', 'seed'], ['demo', 'url'], ['token', 'keys'],
    ]) {
      for (const option of options) await refuses(exitUsage, told(option, command), command, ...twice(option));
    }
    await refuses(exitUsage, told('conversation', 'audit'), 'audit', 'messages', ...twice('conversation'));
    const same = 'parley: --at is given more than once; --as-of means the same option\nTry: parley help audit\n';
    await refuses(exitUsage, same, 'audit', 'room', '--at', '1', '--as-of', '2');
    await refuses(exitConfig, told('from', 'cluster'), 'cluster', 'join', ...twice('from'));
    await refuses(exitConfig, told('format', 'config'), 'config', 'show', '--format=json', '--format=text');
    const { code, stdout } = await parley('config', 'check', '--format=json', '--format=json');
    assert.equal(code, exitConfig);
    assert.deepEqual(JSON.parse(stdout).wrong, ['--format is given more than once']);
  });

  test('of a setting that is given again, the last value counts', async () => {
    assert.match(await succeeds('config', 'show', '--port=4000', '--port', '4001'), /^port = 4001$/m);
  });

  test('a switch accepts true or false, and nothing else', async () => {
    const told = 'parley: --check must be true or false\nTry: parley help rebuild\n';
    await refuses(exitUsage, told, 'rebuild', '--check=1');
  });

  test('a file may have the name of a command', async () => {
    const { code, stderr } = await parley('restore', 'serve', '--data', await temporaryFolder());
    assert.notEqual(code, exitUsage);
    assert.match(stderr, /"serve"/);
  });
});

describe('a folder without a database', { timeout: waitMsMax }, () => {
  test('is refused by every command that reads one; the message names --data, and nothing is created there', async () => {
    const parent = await temporaryFolder();
    const folder = path.join(parent, 'typo');
    for (const command of [['verify'], ['export'], ['rebuild'], ['rebuild', '--check'], ['vacuum'], ['backup', path.join(parent, 'copy')]]) {
      const told = `parley: there is no database in "${folder}". Name the server's data folder with --data\n`;
      await refuses(exitNoInput, told, ...command, '--data', folder);
    }
    assert.deepEqual(await readdir(parent), []);
  });
});

/// Runs `parley ARGS` with a full standard output.
async function intoFullDisk(...args) {
  const full = openSync('/dev/full', 'w');
  try {
    const child = spawn(programPath(), args, { stdio: ['ignore', full, 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    const ended = new Promise((resolve) => child.once('close', resolve));
    return { code: await bounded(ended, waitMsMax, `parley ${args[0]}`), stderr };
  } finally {
    closeSync(full);
  }
}

describe('output that cannot be written', { timeout: waitMsMax }, () => {
  test('no command that prints ends with 0, and each says why', async () => {
    const server = await startServer();
    const folder = await temporaryFolder();
    const keys = path.join(folder, 'keys.json');
    await writeFile(keys, JSON.stringify({ keys: [{ kty: 'oct', k: 'A'.repeat(43) }] }));
    try {
      const serving = [['--help'], ['--version'], ['help', 'serve'], ['docs', 'errors'], ['docs', 'configuration'], ['docs', 'metrics'],
        ['token', '--keys', keys, '--user', 'anna', '--role', 'cx-agent'],
        ['demo', '--url', server.url, '--pace', '0'], ['verify'], ['export'], ['rebuild', '--check'],
        ['backup', path.join(folder, 'copy.db')]];
      const stopped = [['rebuild'], ['vacuum'], ['restore', path.join(folder, 'copy.db')]];
      const needsData = new Set(['verify', 'export', 'rebuild', 'backup', 'vacuum']);
      for (const command of [...serving, null, ...stopped]) {
        if (command === null) {
          await server.stop();
          continue;
        }
        const args = needsData.has(command[0]) ? [...command, '--data', server.dataDir] : [...command];
        if (command[0] === 'restore') args.push('--data', path.join(folder, 'restored'));
        const { code, stderr } = await intoFullDisk(...args);
        assert.equal(code, exitStorage, `${args.join(' ')}: ${stderr}`);
        assert.match(stderr, /^parley: cannot write to standard output: No space left on device$/m);
      }
    } finally {
      await server.finish();
    }
  });
});
