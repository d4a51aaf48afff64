// A fresh Debian with systemd as its first process, in namespaces of its own. As root.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = fileURLToPath(new URL('./', import.meta.url));
const waitMsMax = 60_000 * Number(process.env.PARLEY_TEST_PATIENCE || 1);

/// Calls `look` until what it returns is not false; fails after a minute.
export async function until(what, look) {
  for (const end = Date.now() + waitMsMax; Date.now() < end; await pause(100)) {
    const found = await look();
    if (found !== false) return found;
  }
  return assert.fail(`waited in vain: ${what}`);
}

export class CleanSystem {
  #folder;
  #init = null; // the process that waits for the system's first one
  #first = null; // the pid of that one

  /// Installs a minimal Debian 12 and `packages` with their dependencies, then boots it.
  static async boot(packages) {
    const system = new CleanSystem();
    system.#folder = await mkdtemp(path.join(tmpdir(), 'parley-system-'));
    try {
      await run('mmdebstrap', ['--quiet', '--variant=minbase', `--include=${packages.join(',')}`, 'bookworm', system.root], { maxBuffer: 1 << 26 });
      await writeFile(path.join(system.root, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n'); // an installer does
      await system.#start();
      return system;
    } catch (error) {
      await system.end();
      throw error;
    }
  }

  get root() {
    return path.join(this.#folder, 'root');
  }

  async #start() {
    const apart = ['--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup', '--fork'];
    this.#init = spawn('unshare', [...apart, path.join(here, 'clean_system.sh'), this.root], { stdio: ['ignore', 'inherit', 'inherit'] });
    this.#first = await until('the first process', async () => {
      const children = await readFile(`/proc/${this.#init.pid}/task/${this.#init.pid}/children`, 'utf8');
      const pid = children.trim();
      return pid !== '' && (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() === 'systemd' ? Number(pid) : false;
    });
    await until('the system to be up', async () => (await this.tries('systemctl is-system-running')).stdout.trim() === 'running');
    await this.runs('ip link set lo up');
  }

  /// Runs a line of the shell in it, as root; returns {code, stdout, stderr}.
  async tries(line) {
    const inside = ['--target', `${this.#first}`, '--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup', '--root', '--wd'];
    try {
      const { stdout, stderr } = await run('nsenter', [...inside, '/usr/bin/env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'DEBIAN_FRONTEND=noninteractive', 'sh', '-c', line]);
      return { code: 0, stdout, stderr };
    } catch (error) {
      return { code: error.code, stdout: error.stdout ?? '', stderr: error.stderr ?? `${error}` };
    }
  }

  /// The same, but it must succeed; returns its standard output.
  async runs(line) {
    const { code, stdout, stderr } = await this.tries(line);
    assert.equal(code, 0, `${line}: ${stderr}${stdout}`);
    return stdout;
  }

  /// Puts a file into its /root.
  async take(file) {
    await copyFile(file, path.join(this.root, 'root', path.basename(file)));
  }

  /// Ends every process in it, and removes it.
  async end() {
    if (this.#first !== null) process.kill(this.#first, 'SIGKILL');
    if (this.#init !== null && this.#init.exitCode === null) await new Promise((resolve) => this.#init.once('exit', resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
