// Everything that the documents for operators name exists: tests, settings, commands, files.
import assert from 'node:assert/strict';
import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { readDocument, rowsOf, testsNamedIn } from '../support/documents.mjs';
import { repositoryRoot } from '../support/server.mjs';
import { succeeds } from './support.mjs';

async function documents() {
  const found = await readdir(path.join(repositoryRoot, 'docs'), { recursive: true });
  return ['README.md', ...found.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
}

describe('documents', () => {
  test('each promise of docs/durability.md names tests, and they exist', async () => {
    const promises = rowsOf(await readDocument('docs/durability.md')).filter((row) => row.length === 2);
    assert.ok(promises.length > 20, `${promises.length} promises`);
    for (const [promise, shownBy] of promises) {
      const { named, missing } = await testsNamedIn(shownBy);
      assert.deepEqual(missing, [], promise);
      assert.ok(named.length > 0 || shownBy === 'the same', `${promise} is shown by nothing`);
    }
  });

  test('every test that a document names exists', async () => {
    for (const name of await documents()) {
      assert.deepEqual((await testsNamedIn(await readDocument(name))).missing.filter((file) => file.startsWith('tests/')), [], name);
    }
  });

  test('every link between documents leads to a file', async () => {
    let links = 0;
    for (const name of await documents()) {
      for (const [, target] of (await readDocument(name)).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        links++;
        const file = path.join(repositoryRoot, path.dirname(name), target);
        await assert.doesNotReject(access(file), `${name} links to ${target}`);
      }
    }
    assert.ok(links > 20, `${links} links`);
  });

  for (const what of ['errors', 'configuration', 'metrics', 'sql']) {
    test(`docs/${what}.md is what the program generates`, async () => {
      assert.equal(await readDocument(`docs/${what}.md`), await succeeds('docs', what));
    });
  }

  test('scripts/package/parley.service fits the settings, docs/deployment/parley.conf and the exit statuses', async () => {
    const unit = await readDocument('scripts/package/parley.service');
    const value = (name) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];
    const settings = await readDocument('docs/deployment/parley.conf');
    const setting = (name) => new RegExp(`^${name} = (.*)$`, 'm').exec(settings)?.[1];
    const rows = rowsOf(await readDocument('docs/configuration.md'));
    const defaultOf = (name) => Number(rows.find(([cell]) => cell === `\`${name}\``)[1].replaceAll('`', ''));
    assert.equal(value('ExecStart'), '/usr/bin/parley serve --config /etc/parley/parley.conf');
    assert.equal(setting('data'), `/var/lib/${value('StateDirectory')}`);
    assert.equal(`-${setting('backup.folder')}`, value('ReadWritePaths'));
    assert.ok(Number(value('TimeoutStopSec')) * 1000 > defaultOf('drain.timeout'));
    assert.ok(Number(setting('drain.notice')) <= defaultOf('drain.timeout') / 2);
    assert.ok(Number(value('LimitNOFILE')) > defaultOf('io.connections'));
    const statuses = rowsOf(await readDocument('docs/durability.md')).map(([status]) => status);
    for (const status of value('RestartPreventExitStatus').split(' ')) assert.ok(statuses.includes(status), status);
  });

  test("README.md's table lists the program's commands", async () => {
    const help = await succeeds('--help');
    const known = [...help.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name);
    const listed = [...(await readDocument('README.md')).matchAll(/^\| `parley ([a-z]+)/gm)].map(([, name]) => name);
    assert.deepEqual([...new Set(listed)].sort(), [...new Set(known)].sort());
  });
});
