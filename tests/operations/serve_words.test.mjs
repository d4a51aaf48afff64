// What `parley serve` prints when it starts, when it stops, and when it cannot start.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { rest } from '../support/rest.mjs';
import { programPath, startServer } from '../support/server.mjs';
import { makeCertificate } from '../support/certificates.mjs';
import { parley, succeeds, temporaryFolder, waitMsMax } from './support.mjs';

const run = promisify(execFile);

/// The lines of a greeting by their names; the lines under "try" as a list.
function read(stdout) {
  const said = { try: [] };
  for (const [, name, text] of stdout.matchAll(/^ {2}([a-z]*) +(.*)$/gm)) {
    if (name === 'try' || name === '') said.try.push(text);
    else said[name] = text;
  }
  return said;
}

const ended = (stdout) => /^parley has stopped at position (\d+), after (\d+) events in this run$/m.exec(stdout).slice(1).map(Number);

async function say(server, count) {
  for (let i = 0; i < count; i++) {
    const body = { conversationId: 'c', fromUserId: 'u', fromRole: 'cx-agent', content: `${i}` };
    assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
  }
}

describe('what serve prints', { timeout: 4 * waitMsMax }, () => {
  for (const [files, args, words] of [
    [5000, [], undefined],
    [5000, ['--io.connections=9000'], /fewer_connections at_most=4936 why="this process may open 5000 files, and io\.connections=9000 needs 9064: /],
    [300, [], /fewer_connections at_most=236 why="this process may open 300 files, /],
  ]) {
    test(`with ${files} files and ${args[0] ?? 'the default'}: ${words ? 'that fewer connections fit' : 'nothing of connections'}`, async () => {
      const server = await startServer({ args, wrapper: ['prlimit', `--nofile=${files}`] });
      try {
        if (words) assert.match(server.stderr, words);
        else assert.doesNotMatch(server.stderr, /connections/);
      } finally {
        await server.finish();
      }
    });
  }

  test('at a start: where, which version, which folder, which position, what was checked; at a stop: how far it came', async () => {
    const server = await startServer();
    try {
      const version = (await succeeds('--version')).trim().split(' ')[1];
      const first = read(server.stdout);
      assert.equal(server.stdout.split('\n')[0], `parley is listening on ${server.url}`);
      assert.equal(first.version, version);
      assert.equal(first.data, server.dataDir);
      assert.equal(first.position, '0');
      assert.equal(first.checked, 'nothing, the log is new');
      assert.equal(first.auth, 'none: each request says who sends it, unchecked');
      await say(server, 3); // five events, with the start of the conversation and the join
      await server.stop();
      assert.deepEqual(ended(server.stdout), [5, 5]);

      await server.start(0);
      const second = read(server.stdout);
      assert.equal(second.position, '5');
      assert.equal(second.checked, "the file's structure, all 5 events, that none is missing at the end");
      await say(server, 1);
      await server.stop();
      assert.deepEqual(ended(server.stdout), [6, 1]);
    } finally {
      await server.finish();
    }
  });

  test('the commands under "try" work, in a folder whose name needs quoting', async () => {
    const dataDir = path.join(await temporaryFolder(), "it's 100% here?");
    const server = await startServer({ dataDir });
    try {
      const [demo, curl, sqlite] = read(server.stdout).try;
      const shell = async (command) => (await run('sh', ['-c', command])).stdout;
      assert.ok(demo.startsWith(programPath()), demo);
      await shell(`${demo} --pace 0`);
      assert.ok(JSON.parse(await shell(`${curl} -s`)).totalMessages > 50);
      assert.equal((await shell(sqlite)).trim().split('\n').length, 10);
    } finally {
      await server.finish();
    }
  });

  test('with tokens the commands under "try" bring theirs, if a key of the server signs', async () => {
    const folder = await temporaryFolder();
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [signs, verifies] = [path.join(folder, 'a key.pem'), path.join(folder, 'public.pem')];
    await writeFile(signs, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await writeFile(verifies, publicKey.export({ type: 'spki', format: 'pem' }));
    const jwt = ['--auth.mode', 'jwt', '--auth.issuer', 'us', '--auth.audience', 'chat', '--auth.keys'];
    const server = await startServer({ args: [...jwt, signs] });
    try {
      const said = read(server.stdout);
      assert.equal(said.auth, 'jwt: every request needs a token');
      const [demo, curl] = said.try;
      const shell = async (command) => (await run('sh', ['-c', command])).stdout;
      const printed = await shell(`${demo} --pace 0`);
      assert.match(printed, / who received 0 of those;/);
      assert.ok(JSON.parse(await shell(`${curl} -s`)).totalMessages > 50);
      for (const [, one] of printed.matchAll(/^ {2}(curl .*?)(?: +#.*)?$/gm)) {
        const [, make] = /^ {2}(TOKEN=.*)$/m.exec(printed);
        const answer = JSON.parse(await shell(`${make.replace('$(parley', `$('${programPath()}'`)}; ${one} -s`));
        assert.equal(answer.code, undefined, one);
      }

      const without = await parley('demo', '--url', server.url);
      assert.match(without.stderr, /wants tokens \(auth\.mode=jwt\): say --keys FILE/);
      const others = await parley('demo', '--url', server.url, '--keys', signs);
      assert.match(others.stderr, /and not those signed with .*a key\.pem: .*--issuer and --audience/);
    } finally {
      await server.finish();
    }
    const secretless = await startServer({ args: [...jwt, verifies] });
    try {
      assert.match(read(secretless.stdout).try[0], / --keys PRIVATE_KEY\.pem --issuer us --audience chat --url /);
    } finally {
      await secretless.finish();
    }
  });

  test('with TLS the commands under "try" know the certificate', async () => {
    const { certificate, key } = makeCertificate(await temporaryFolder());
    const server = await startServer({ args: ['--tls.certificate', certificate, '--tls.key', key] });
    try {
      const [demo, curl] = read(server.stdout).try;
      await run('sh', ['-c', `${demo} --pace 0`]);
      assert.ok(JSON.parse((await run('sh', ['-c', `${curl} -s`])).stdout).totalMessages > 50);
    } finally {
      await server.finish();
    }
  });

  test('for a large log: how much of it was checked', async () => {
    const server = await startServer();
    try {
      await Promise.all(Array.from({ length: 16 }, () => say(server, 260)));
      await server.stop();
      await server.start(0);
      const { checked } = read(server.stdout);
      assert.equal(checked, "the file's structure, the newest 4096 events, that none is missing at the end; parley verify checks the rest");
    } finally {
      await server.finish();
    }
  });

  test('if the server cannot start: nothing before the error', async () => {
    const server = await startServer();
    const folder = await temporaryFolder();
    try {
      const taken = await parley('serve', '--port', String(server.port), '--data', path.join(folder, 'new'));
      assert.match(taken.stderr, /^parley: cannot listen on .*\n$/);
      const owned = await parley('serve', '--port', '0', '--data', server.dataDir);
      assert.match(owned.stderr, /^parley: data folder .*\n$/);
      await writeFile(path.join(folder, 'parley.db'), 'no database');
      const foreign = await parley('serve', '--port', '0', '--data', folder);
      assert.match(foreign.stderr, /^parley: ".*parley.db" is no database.*\n$/);
      assert.equal(taken.stdout + owned.stdout + foreign.stdout, '');
    } finally {
      await server.finish();
    }
  });
});
