// What is in the Debian package, and what Debian's own tools say of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { repositoryRoot } from '../support/server.mjs';
import { fieldOf, packageFile, unpacked } from './package.mjs';

const run = promisify(execFile);
const timeout = 600_000;
// systemd-analyze rates from 0 to 10, in tenths here. PrivateNetwork is what a server cannot have.
const exposureMax = 15;
const packageBytesMax = 4_000_000;

describe('the package', { timeout }, () => {
  let file;

  before(async () => {
    file = await packageFile();
  });

  test('has the program, its service, settings, manual, completion and samples, and is small', async () => {
    const { stdout } = await run('dpkg-deb', ['--contents', file]);
    const entries = [...stdout.matchAll(/^(\S+) (\S+) .* \.(\/.*[^/\n])$/gm)].map(([, mode, owner, name]) => `${mode} ${owner} ${name}`);
    const isDocument = (entry) => /\/usr\/share\/doc\/parley\/(\w+\/|.*\.md$)/.test(entry);
    const files = entries.filter((entry) => !entry.includes('/sample/') && !isDocument(entry));
    assert.deepEqual(files.sort(), [
      '-rw-r--r-- root/root /etc/parley/parley.conf',
      '-rw-r--r-- root/root /lib/systemd/system/parley.service',
      '-rw-r--r-- root/root /usr/lib/sysusers.d/parley.conf',
      '-rw-r--r-- root/root /usr/share/bash-completion/completions/parley',
      '-rw-r--r-- root/root /usr/share/doc/parley/changelog.gz',
      '-rw-r--r-- root/root /usr/share/doc/parley/copyright',
      '-rw-r--r-- root/root /usr/share/man/man1/parley.1.gz',
      '-rw-r--r-- root/root /usr/share/man/man5/parley.conf.5.gz',
      '-rwxr-xr-x root/root /usr/bin/parley',
    ]);
    assert.ok(entries.some((entry) => entry.endsWith('/usr/share/parley/sample/people.json')));
    const { size } = await stat(file);
    console.log(`${path.basename(file)}: ${size} bytes, installed ${await fieldOf(file, 'Installed-Size')} kB`);
    assert.ok(size <= packageBytesMax, `${size} bytes`);
  });

  test('has the documents that its manual and its program name', async () => {
    await unpacked(file, async (root) => {
      const shared = path.join(root, 'usr/share');
      const named = new Set();
      for (const page of ['man1/parley.1.gz', 'man5/parley.conf.5.gz']) {
        const text = gunzipSync(await readFile(path.join(shared, 'man', page))).toString();
        for (const [, name] of text.matchAll(/\bdocs\/([\w./-]+\.\w+)/g)) named.add(name);
      }
      assert.ok(named.has('sql.md') && named.has('format/export.md'), [...named].join());
      const all = await readdir(path.join(repositoryRoot, 'docs'), { recursive: true, withFileTypes: true });
      for (const one of all) {
        const name = path.relative(path.join(repositoryRoot, 'docs'), path.join(one.parentPath ?? one.path, one.name));
        if (one.isFile() && !name.endsWith('.png')) named.add(name);
      }
      for (const name of named) await access(path.join(shared, 'doc/parley', name));
      let links = 0;
      for (const name of named) {
        if (!name.endsWith('.md')) continue;
        const document = path.join(shared, 'doc/parley', name);
        for (const [, target] of (await readFile(document, 'utf8')).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
          if (/^[a-z]+:/.test(target)) continue;
          links++;
          await assert.doesNotReject(access(path.join(path.dirname(document), target)), `${name} links to ${target}`);
        }
      }
      assert.ok(links > 20, `${links} links`);
    });
  });

  test('asks for the libraries that the program was linked with', async () => {
    const depends = await fieldOf(file, 'Depends');
    for (const library of ['libc6', 'libpoconet80', 'libpoconetssl80', 'libsqlite3-0', 'libssl3', 'libcjose0', 'libjemalloc2']) {
      assert.match(depends, new RegExp(`(^|, )${library} \\(>=`), library);
    }
  });

  test('lintian finds no error and nothing to warn of', async () => {
    const { stdout } = await run('lintian', ['--allow-root', '--fail-on=none', '--tag-display-limit=0', file]);
    assert.equal(stdout, '');
  });

  test("the service is as sealed off as a server can be, by systemd's own count", async () => {
    await unpacked(file, async (root) => {
      const unit = path.join(root, 'lib/systemd/system/parley.service');
      const { stdout } = await run('systemd-analyze', ['security', '--offline=yes', `--threshold=${exposureMax}`, '--no-pager', unit]);
      console.log(/Overall exposure level.*: \S+ \S+/.exec(stdout)[0]);
    });
  });

  test('its settings are good, and differ from the defaults in the data folder alone', async () => {
    await unpacked(file, async (root) => {
      const config = path.join(root, 'etc/parley/parley.conf');
      const { stdout } = await run(path.join(root, 'usr/bin/parley'), ['config', 'show', '--format', 'json', '--config', config], { env: {} });
      const changed = JSON.parse(stdout).settings.filter(({ from }) => from !== 'default');
      assert.deepEqual(changed.map(({ name, value }) => [name, value]), [['data', '/var/lib/parley']]);
    });
  });
});
