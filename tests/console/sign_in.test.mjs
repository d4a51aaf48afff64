// The page with tokens: signing in, a role's screens, a token that ends.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { jwk, ratesOff, tokenOf } from '../clients/identity.mjs';
import { rest } from '../support/rest.mjs';
import { until, withConsole } from './browser.mjs';

async function withTokens(use) {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-keys-'));
  const file = path.join(folder, 'keys.json');
  await writeFile(file, JSON.stringify({ keys: [jwk()] }));
  try {
    await withConsole(use, { args: ['--auth.mode=jwt', `--auth.keys=${file}`, ...ratesOff] });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const seconds = (from) => Math.floor(Date.now() / 1000) + from;
const signIn = async (page, token, keep = false) => {
  await page.getByRole('textbox', { name: 'Token' }).fill(token);
  if (keep) await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Sign in' }).click();
};

test('what is no token is told at once; a wrong one by the server; a right one opens the screens', () =>
  withTokens(async ({ faults, open }) => {
    const page = await open();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, 'hello');
    await page.getByText('This is no token').waitFor();
    const good = tokenOf('supervisor', 'rosa');
    await signIn(page, `${good.slice(0, -4)}AAAA`);
    await page.getByText('There is no valid token').waitFor();
    await signIn(page, good);
    await page.getByText('No conversations yet.').waitFor();
    assert.equal(await page.getByText('No sign-in:').count(), 0);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
    assert.doesNotMatch(kept, /eyJ/, 'the token is only in memory');
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    faults.length = 0; // the refused token
  }));

test('a ticked token survives a reload, and signing out forgets it', () =>
  withTokens(async ({ open }) => {
    const page = await open();
    await signIn(page, tokenOf('agent', 'anna'), true);
    await page.getByText('No conversations yet.').waitFor();
    await page.reload();
    await page.getByText('No conversations yet.').waitFor();
    await page.getByRole('button', { name: /Acting as anna/ }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(await page.evaluate(() => JSON.stringify({ ...sessionStorage })), '{}');
  }));

test('a customer sees its own conversations only', () =>
  withTokens(async ({ server, open }) => {
    const start = (who, body) =>
      rest(server, 'POST', '/chat/conversations/start', body, { authorization: `Bearer ${tokenOf('customer', who)}` });
    assert.equal((await start('lee', { title: 'My parcel' })).status, 201);
    assert.equal((await start('kim', { title: 'Somebody else’s' })).status, 201);
    const page = await open();
    await signIn(page, tokenOf('customer', 'lee'));
    await page.getByRole('link', { name: /My parcel/ }).waitFor();
    assert.equal(await page.getByText('Somebody else’s').count(), 0);
    assert.equal(await page.getByRole('link', { name: 'Log' }).count(), 0);
    assert.equal(await page.locator('.figures').count(), 0);
    await page.getByRole('link', { name: /My parcel/ }).click();
    await page.getByRole('textbox', { name: 'Reply' }).fill('Hello?');
    await page.keyboard.press('Enter');
    await page.locator('.message:not(.outgoing)', { hasText: 'Hello?' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Internal note' }).count(), 0);
  }));

test('before a token ends the page asks for a new one, and no draft is lost', () =>
  withTokens(async ({ open }) => {
    const page = await open('#/c/c1');
    await signIn(page, tokenOf('agent', 'anna', { exp: seconds(50) }));
    await page.getByRole('alertdialog', { name: 'Sign in again' }).waitFor();
    const field = page.getByRole('textbox', { name: 'Token' });
    await field.fill(tokenOf('agent', 'anna', { exp: seconds(3600) }));
    await page.getByRole('button', { name: 'Go on' }).click();
    await until(async () => (await page.getByRole('alertdialog').count()) === 0, 'the page goes on');
    assert.equal(await page.getByRole('heading', { name: 'Sign in' }).count(), 0);
  }));
