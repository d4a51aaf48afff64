// The Debian package under test: PARLEY_PACKAGE, or what scripts/package/build makes of the build to
// which the program under test belongs.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { programPath, repositoryRoot } from '../support/server.mjs';

const run = promisify(execFile);

export async function packageFile() {
  if (process.env.PARLEY_PACKAGE) return path.resolve(process.env.PARLEY_PACKAGE);
  const preset = path.basename(path.dirname(programPath()));
  const script = path.join(repositoryRoot, 'scripts/package/build');
  const { stdout } = await run(script, ['--preset', preset], { maxBuffer: 1 << 26 });
  return stdout.trimEnd().split('\n').at(-1);
}

/// A field of its control file: "Depends".
export async function fieldOf(file, name) {
  return (await run('dpkg-deb', ['--field', file, name])).stdout.trim();
}

/// Unpacks it, with its control files in DEBIAN/, and calls `use` with the folder.
export async function unpacked(file, use) {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-package-'));
  try {
    await run('dpkg-deb', ['--raw-extract', file, path.join(folder, 'root')]);
    return await use(path.join(folder, 'root'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/// The same package as one of another version, at `target`.
export async function asVersion(file, version, target) {
  await unpacked(file, async (root) => {
    const control = path.join(root, 'DEBIAN/control');
    await writeFile(control, (await readFile(control, 'utf8')).replace(/^Version: .*$/m, `Version: ${version}`));
    await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', root, target]);
  });
}
