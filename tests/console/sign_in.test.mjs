// The page with tokens: signing in, a role's screens, a token that ends.
import assert from 'node:assert/strict';
import test from 'node:test';
import { tokenOf } from '../clients/identity.mjs';
import { rest } from '../support/rest.mjs';
import { until } from './browser.mjs';
import { signIn, withTokens } from './tokens.mjs';

const seconds = (from) => Math.floor(Date.now() / 1000) + from;
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
    await page.getByRole('link', { name: /My parcel.*1 message/ }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Internal note' }).count(), 0);
  }));

const screensOf = (page) => page.locator('.rail a').allTextContents();
/// What the server refused while the page was in use.
const refusalsOf = (page) => {
  const refused = [];
  page.on('response', (response) => response.status() === 403 && refused.push(new URL(response.url()).pathname));
  return refused;
};

test('a token that lists conversations gets the screens that it may use, and is refused nothing', () =>
  withTokens(async ({ server, open }) => {
    const bearer = { authorization: `Bearer ${tokenOf('supervisor', 'rosa')}` };
    for (const id of ['order-17', 'order-18']) {
      const body = { conversationId: id, createdBy: 'rosa', createdByRole: 'cx-supervisor', initialParticipants: ['kim'] };
      assert.equal((await rest(server, 'POST', '/chat/conversations/start', body, bearer)).status, 201);
    }
    const listed = { conversations: ['order-17'] };
    const page = await open();
    const refused = refusalsOf(page);
    await signIn(page, tokenOf('supervisor', 'rosa', listed));
    await page.getByRole('link', { name: /order-17/ }).waitFor();
    assert.equal(await page.getByText('order-18').count(), 0);
    assert.deepEqual(await screensOf(page), ['Conversations', 'Time', 'Search', 'Status']);
    assert.equal(await page.locator('.figures').count(), 0, 'figures count all conversations');
    await page.getByRole('link', { name: /order-17/ }).click();
    await page.getByRole('textbox', { name: 'Reply' }).fill('Hello');
    await page.keyboard.press('Enter');
    await page.locator('.message:not(.outgoing)', { hasText: 'Hello' }).waitFor();
    await page.getByRole('button', { name: /participant/ }).click();
    await page.locator('.people', { hasText: 'rosa' }).waitFor();
    assert.doesNotMatch(await page.locator('.people').textContent(), /connected/, 'nothing is said of what is not known');
    for (const name of ['Time', 'Search', 'Status']) await page.locator('.rail').getByRole('link', { name }).click();
    await page.getByRole('heading', { name: 'Ready' }).waitFor();
    await page.goto(`${server.url}/#/log`);
    await page.getByText('your token lists conversations: the right read the log is missing').waitFor();
    assert.deepEqual(refused, []);
  }));

test('each kind of token sees its screens, and a link to another one says which right is missing', () =>
  withTokens(async ({ server, open }) => {
    const kinds = {
      agent: ['Conversations', 'Time', 'Search'],
      supervisor: ['Conversations', 'Log', 'Time', 'Search', 'Ask', 'Status'],
      auditor: ['Conversations', 'Log', 'Time', 'Search', 'Ask', 'Status'],
      operator: ['Status'],
      customer: ['Conversations', 'Search'],
    };
    for (const [kind, screens] of Object.entries(kinds)) {
      const page = await open();
      const refused = refusalsOf(page);
      await signIn(page, tokenOf(kind, 'rosa'));
      await until(async () => (await screensOf(page)).join() === screens.join(), `${kind} has ${screens}`);
      if (kind === 'operator') await page.getByRole('heading', { name: 'Ready' }).waitFor();
      if (!screens.includes('Ask')) {
        await page.goto(`${server.url}/#/ask`);
        await page.getByText('the right console: SQL is missing').waitFor();
      }
      if (screens.includes('Search')) {
        await page.goto(`${server.url}/#/search?q=parcel`);
        await page.getByText(/No message|no hit|Nothing/i).first().waitFor();
      }
      if (screens.includes('Ask')) {
        await page.goto(`${server.url}/#/ask`);
        await page.getByRole('textbox', { name: /SQL|SELECT|statement/i }).fill('SELECT 41 + 1 AS answer');
        await page.keyboard.press('Control+Enter');
        await page.getByRole('cell', { name: '42' }).waitFor();
      }
      assert.deepEqual(refused, [], `${kind} is refused nothing`);
      await page.context().close();
    }
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
