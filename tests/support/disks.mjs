// Disks for a test that cuts the power: each is an ext4 file system of its own, in an image file.
// What was written and not synced is lost, what was synced is kept. Only root can mount them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const cutPower = fileURLToPath(new URL('cut_power.py', import.meta.url));
const bytes = 512 * 1024 * 1024; // the file is as large as what was written
const refusals = /Operation not permitted|permission denied|must be superuser|failed to setup loop device|Permission denied/i;

/// Disks, or null where this system lets nobody mount any: then the test is skipped, and says so.
export function makeDisks(context, count) {
  try {
    return new Disks(count);
  } catch (error) {
    assert.ok(!process.env.CI || error.code !== 'ENOENT', `${error.path} is missing`);
    if (error.code !== 'ENOENT' && !refusals.test(error.stderr)) throw error;
    context.skip(`no disks of a test's own here: ${error.stderr || error.message}`);
    return null;
  }
}

/// All that is written into a folder from now on is synced by the write itself.
export function writeThrough(folder) {
  call('chattr', '+S', folder);
}

class Disks {
  #folder = mkdtempSync(path.join(tmpdir(), 'parley-disks-'));
  #images = []; // of each disk; null: it is not mounted
  #copies = 0;
  #removeAtExit = () => this.finish();

  constructor(count) {
    process.once('exit', this.#removeAtExit);
    try {
      for (let i = 0; i < count; i++) this.#make(i);
    } catch (error) {
      this.finish();
      throw error;
    }
  }

  /// The folder of a disk.
  folder(i) {
    return path.join(this.#folder, `${i}`);
  }

  /// The power of a disk is gone, at once: nothing is written to it any more, and reading fails.
  cutPower(i) {
    call('python3', cutPower, this.folder(i));
  }

  /// The disk is mounted again, with what it has. No process may use it. It is a copy: another
  /// process's mount namespace may hold the file system whose power was cut.
  restore(i) {
    const before = this.#images[i];
    this.#unmount(i);
    const image = path.join(this.#folder, `${i}-${++this.#copies}.img`);
    call('cp', '--sparse=always', before, image);
    rmSync(before);
    this.#mount(i, image);
  }

  finish() {
    process.off('exit', this.#removeAtExit);
    for (const [i, image] of this.#images.entries()) {
      if (!image) continue;
      try {
        this.#unmount(i);
      } catch {
        call('umount', '--lazy', this.folder(i)); // what was killed there has not ended quite yet
      }
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #make(i) {
    const image = path.join(this.#folder, `${i}.img`);
    writeFileSync(image, '');
    truncateSync(image, bytes);
    call('mkfs.ext4', '-q', '-F', image);
    mkdirSync(this.folder(i));
    this.#mount(i, image);
  }

  #mount(i, image) {
    call('mount', '-o', 'loop,noatime', image, this.folder(i));
    this.#images[i] = image;
  }

  #unmount(i) {
    call('umount', this.folder(i));
    this.#images[i] = null;
  }
}

function call(program, ...args) {
  const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, PATH } });
}
