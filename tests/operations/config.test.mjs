// `parley config`: the settings of a server that is not started.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { rowsOf, readDocument } from '../support/documents.mjs';
import { startServer } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { parley, parleyWith, succeeds, temporaryFolder, waitMsMax } from './support.mjs';

const exitConfig = 78;

describe('parley config', { timeout: waitMsMax }, () => {
  test('show prints every setting, its value, and where that comes from', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'parley.conf');
    await writeFile(file, 'typing.timeout = 700\nport = 4000\n');
    const shown = await succeeds('config', 'show', '--config', file, '--port', '4001');
    let place;
    const lines = new Map();
    for (const line of shown.trimEnd().split('\n')) {
      if (line.startsWith('# ')) place = line.slice(2);
      else lines.set(line.split(' = ')[0], [line, place]);
    }
    const documented = rowsOf(await readDocument('docs/configuration.md')).map(([cell]) => cell.replaceAll('`', ''));
    assert.deepEqual([...lines.keys()], documented);
    assert.deepEqual(lines.get('typing.timeout'), ['typing.timeout = 700', file]);
    assert.deepEqual(lines.get('port'), ['port = 4001', '--port']);
    assert.deepEqual(lines.get('host'), ['host = localhost', 'default']);
    // Lines of a file: those that are not as by default mean the same in another one.
    const again = path.join(folder, 'again.conf');
    const said = [...lines.values()].filter(([, from]) => from !== 'default').map(([line]) => line);
    await writeFile(again, said.join('\n'));
    const shownAgain = await succeeds('config', 'show', '--config', again);
    assert.ok(said.length === 2 && said.every((line) => shownAgain.split('\n').includes(line)));
  });

  test('show as JSON says of a running server what the server says of itself', async () => {
    const flags = ['--typing.timeout', '700', '--participants.max', '5'];
    const server = await startServer({ args: flags });
    try {
      const { body } = await rest(server, 'GET', '/console/status');
      const shown = JSON.parse(await succeeds('config', 'show', '--format', 'json', ...flags));
      assert.equal(shown.file, null);
      const changed = shown.settings.filter(({ from }) => from !== 'default');
      assert.deepEqual(changed, [
        { name: 'participants.max', value: '5', default: '1000', from: 'flag' },
        { name: 'typing.timeout', value: '700', default: '6000', from: 'flag' },
      ]);
      for (const one of changed) {
        const running = body.settings.find(({ name }) => name === one.name);
        assert.equal(running.value, one.value);
        assert.equal(running.from, one.from);
      }
    } finally {
      await server.finish();
    }
  });

  test('what is wrong with a variable names the variable', async () => {
    const child = await parleyWith({ PARLEY_IO_THREADS: '0' }, 'config', 'check');
    assert.deepEqual(child, {
      code: exitConfig, stdout: '', stderr: 'parley: PARLEY_IO_THREADS: io.threads must be a number from 1 to 64, not "0"\n',
    });
  });

  test('check names all that is wrong, ends with 78 and touches nothing', async () => {
    const folder = await temporaryFolder();
    const data = path.join(folder, 'data');
    const file = path.join(folder, 'parley.conf');
    await writeFile(file, 'prot = 1\nio.threads = 0\n');
    const args = ['--config', file, '--data', data, '--port', '70000'];
    const wrong = [
      `${file}:1: there is no setting "prot"; did you mean "port"?`,
      `${file}:2: io.threads must be a number from 1 to 64, not "0"`,
      '--port: port must be a number from 0 to 65535, not "70000"',
    ];
    assert.deepEqual(await parley('config', 'check', ...args), {
      code: exitConfig, stdout: '', stderr: wrong.map((line) => `parley: ${line}\n`).join(''),
    });
    const { code, stdout } = await parley('config', 'check', '--format', 'json', ...args);
    assert.equal(code, exitConfig);
    assert.deepEqual(JSON.parse(stdout), { file, good: false, wrong, warnings: [] });
    await writeFile(file, 'recovery.enabled = false\n');
    const good = await parley('config', 'check', '--config', file, '--data', data);
    assert.equal(good.code, 0);
    assert.match(good.stdout, /^The configuration is good/);
    assert.match(good.stderr, /^parley: warning: recovery.enabled=false is read as recovery.for=none/);
    assert.deepEqual(await readdir(folder), ['parley.conf']);
  });

  test('check names what is wrong with the command line, variables and the file together', async () => {
    const file = path.join(await temporaryFolder(), 'parley.conf');
    await writeFile(file, 'typing.timeot = 1\nio.threads = 0\n');
    const variables = { PARLEY_PING_TIMEUOT: '1', PARLEY_PING_INTERVAL: 'x' };
    const args = ['--prot', '4000', '--config', file, '--hosts=a', '--insecure-open=maybe', 'stray', '--port', '70000'];
    const wrong = [
      '--prot: there is no setting "prot"; did you mean "port"?',
      '--hosts: there is no setting "hosts"; did you mean "host"?',
      'unexpected argument "stray"',
      '--insecure-open must be true or false',
      'there is no setting for the variable PARLEY_PING_TIMEUOT; did you mean PARLEY_PING_TIMEOUT?',
      `${file}:1: there is no setting "typing.timeot"; did you mean "typing.timeout"?`,
      `${file}:2: io.threads must be a number from 1 to 64, not "0"`,
      'PARLEY_PING_INTERVAL: ping.interval must be a number from 100 to 3600000, not "x"',
      '--port: port must be a number from 0 to 65535, not "70000"',
    ];
    const stderr = `${wrong.map((line) => `parley: ${line}\n`).join('')}Try: parley help config\n`;
    assert.deepEqual(await parleyWith(variables, 'config', 'check', ...args), { code: exitConfig, stdout: '', stderr });
    const asJson = await parleyWith(variables, 'config', 'check', '--format', 'json', ...args);
    assert.deepEqual([asJson.code, asJson.stderr], [exitConfig, '']);
    assert.deepEqual(JSON.parse(asJson.stdout), { file, good: false, wrong, warnings: [] });
  });

  test('check as JSON says of each wrong command line what is wrong with it', async () => {
    const wrongIn = async (...args) => {
      const { code, stdout, stderr } = await parley('config', 'check', '--format', 'json', ...args);
      assert.deepEqual([code, stderr], [exitConfig, '']);
      const { good, wrong } = JSON.parse(stdout);
      assert.equal(good, false);
      return wrong;
    };
    assert.deepEqual(await wrongIn('--cnfig', 'x.conf'), ['--cnfig: there is no option "--cnfig"; did you mean "--config"?']);
    assert.deepEqual(await wrongIn('--formt=text'), ['--formt: there is no option "--formt"; did you mean "--format"?']);
    assert.deepEqual(await wrongIn('--prot', '--port'), ['--prot: there is no setting "prot"; did you mean "port"?', '--port needs a value']);
    assert.deepEqual(await wrongIn('more'), ['unexpected argument "more"']);
    assert.deepEqual(await wrongIn('--config', 'a\u202Eb', '--port', 'x'), [
      '--config: the file\'s name has a character that makes people read something else than is there',
      '--port: port must be a number from 0 to 65535, not "x"',
    ]);
    const { code, stdout, stderr } = await parley('config', 'check', '--format', 'xml', '--port', 'x');
    assert.deepEqual([code, stdout], [exitConfig, '']);
    assert.equal(stderr, 'parley: --format must be text or json\nparley: --port: port must be a number from 0 to 65535, not "x"\nTry: parley help config\n');
  });

  test('of the other commands the first wrong word is named', async () => {
    for (const what of ['show', 'reference']) {
      const stderr = 'parley: there is no setting "prot"; did you mean "port"?\nTry: parley help config\n';
      assert.deepEqual(await parley('config', what, '--prot', '1', '--hots', 'a'), { code: exitConfig, stdout: '', stderr });
    }
  });

  test('check reads the files of keys and of the certificate', async () => {
    const absent = path.join(await temporaryFolder(), 'absent.pem');
    const file = path.join(path.dirname(absent), 'parley.conf');
    await writeFile(file, `auth.mode = jwt\nauth.keys = ${absent}\nauth.revoked = ${absent}\ntls.certificate = ${absent}\ntls.key = ${absent}\nhttp.hosts = a b\n`);
    const { code, stderr } = await parley('config', 'check', '--config', file);
    assert.equal(code, exitConfig);
    assert.match(stderr, new RegExp(`^parley: ${file}:6: http.hosts.*\nparley: ${file}:2: auth.keys: ${absent}: .*\n`
      + `parley: ${file}:3: auth.revoked: ${absent}: .*\nparley: ${file}:4: tls.certificate ${absent}: .*\nparley: ${file}:5: tls.key: ${absent}: .*\n$`));
  });

  test('a host that can be neither an address nor a name is refused', async () => {
    for (const host of ['999.1.1.1', '1.2.3', 'bad host', 'a..b', '-x', '', 'chat.example.', '[::1', 'x/y']) {
      const { code, stderr } = await parley('config', 'check', '--host', host, '--insecure-open');
      assert.equal(code, host === 'chat.example.' ? 0 : exitConfig, `${host}: ${stderr}`);
      if (code !== 0) assert.match(stderr, /^parley: --host: host "?[^\n]*\n$/);
    }
    for (const host of ['localhost', '127.0.0.1', '0.0.0.0', '::', '[::1]', 'chat_1.example-2.com', 'xn--e1aybc']) {
      await succeeds('config', 'check', '--host', host, '--insecure-open');
    }
  });

  test('the printed reference is a good file', async () => {
    const file = path.join(await temporaryFolder(), 'parley.conf');
    await writeFile(file, await succeeds('config', 'reference', '--data', '/srv/chat'));
    assert.match(await succeeds('config', 'check', '--config', file), /not as by default: 1\.$/m);
    assert.match(await succeeds('config', 'show', '--config', file), /^data = \/srv\/chat$/m);
  });

  test('a name that a file has twice is refused, and a byte order mark is none of its text', async () => {
    const file = path.join(await temporaryFolder(), 'parley.conf');
    await writeFile(file, '\uFEFFport = 4000\nhost = localhost\nport = 4001\n');
    const { code, stderr } = await parley('config', 'check', '--config', file);
    assert.equal(code, exitConfig);
    assert.equal(stderr, `parley: ${file}:3: port is set twice, first on line 1\n`);
  });

  test('a folder, a FIFO and a file that is too large are refused at once', async () => {
    const folder = await temporaryFolder();
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const large = path.join(folder, 'large.conf');
    await writeFile(large, '#\n'.repeat((1 << 19) + 1));
    for (const [file, why] of [[folder, 'it is a folder, not a file'], [fifo, 'it is no regular file'],
      [large, 'it has more than 1.0 MB']]) {
      const stderr = `parley: cannot read the configuration file "${file}": ${why}\n`;
      for (const command of [['config', 'check'], ['serve', '--port', '0', '--data', path.join(folder, 'data')]]) {
        assert.deepEqual(await parley(...command, '--config', file), { code: exitConfig, stdout: '', stderr });
      }
    }
  });

  test('another word than show, check and reference is refused', async () => {
    assert.deepEqual(await parley('config', 'shwo'), {
      code: exitConfig, stdout: '',
      stderr: 'parley: parley config has no "shwo"; did you mean "show"?\nTry: parley help config\n',
    });
  });
});
