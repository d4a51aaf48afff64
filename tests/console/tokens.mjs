// Shared by the tests of the console with tokens.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jwk, ratesOff } from '../clients/identity.mjs';
import { withConsole } from './browser.mjs';

/// As withConsole, with auth.mode=jwt. `args` are further settings.
export async function withTokens(use, args = []) {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-keys-'));
  const file = path.join(folder, 'keys.json');
  await writeFile(file, JSON.stringify({ keys: [jwk()] }));
  try {
    await withConsole(use, { args: ['--auth.mode=jwt', `--auth.keys=${file}`, ...ratesOff, ...args] });
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const signIn = async (page, token, keep = false) => {
  await page.getByRole('textbox', { name: 'Token' }).fill(token);
  if (keep) await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Sign in' }).click();
};
