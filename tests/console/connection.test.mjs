// The page and a connection that fails: nothing is lost, nothing comes twice.
import assert from 'node:assert/strict';
import test from 'node:test';
import { texts, until, withConsole, write } from './browser.mjs';
import { holdingProxy } from './holding_proxy.mjs';
import { allMessages, person } from './people.mjs';

const agent = { userId: 'anna', role: 'cx-agent' };

const contents = async (server) => (await allMessages(server, 'c1')).map(({ content }) => content);

test('after a restart the page says what it caught up with', () =>
  withConsole(async ({ server, open }) => {
    const lee = await person(server, 'c1', 'lee');
    await lee.say('before');
    const page = await open('#/c/c1', { acting: agent });
    await page.locator('.message', { hasText: 'before' }).waitFor();
    await server.stop();
    await page.getByText(/Not connected\. Showing what was here at \d\d:\d\d:\d\d\./).waitFor();
    assert.equal(await page.locator('.message', { hasText: 'before' }).isVisible(), true, 'it stays readable');
    await server.start(server.port);
    await until(() => lee.socket.connected, 'the customer is back');
    await lee.say('while the page was away');
    await page.getByRole('button', { name: 'Try now' }).click({ timeout: 500 }).catch(() => {});
    await page.getByText(/Back\. \d+ events? caught up, nothing missed\./).waitFor();
    await page.locator('.message', { hasText: 'while the page was away' }).waitFor();
    await until(async () => (await page.getByText(/Back\. /).count()) === 0, 'the banner goes');
    lee.end();
  }));

test('a message under way when the server is killed is stored once', () =>
  withConsole(async ({ server, open }) => {
    const lee = await person(server, 'c1', 'lee');
    const page = await open('#/c/c1', { acting: agent });
    await page.getByText('No messages yet.').waitFor();
    lee.end();
    for (let round = 1; round <= 3; ++round) {
      await write(page, `message ${round}`);
      await server.kill9();
      await page.getByText(/Not connected\./).waitFor();
      await server.start(server.port);
      await page.getByRole('button', { name: 'Try now' }).click({ timeout: 500 }).catch(() => {});
      await until(async () => (await contents(server)).length === round, `message ${round} is stored`);
      await until(async () => (await texts(page)).length === round, `message ${round} is shown`);
      await until(async () => (await page.locator('.outgoing').count()) === 0, 'nothing is under way');
    }
    assert.deepEqual(await contents(server), ['message 1', 'message 2', 'message 3']);
    assert.deepEqual(await texts(page), ['message 1', 'message 2', 'message 3']);
  }));

test('what is written offline is sent in order, once', () =>
  withConsole(async ({ server, open }) => {
    const lee = await person(server, 'c1', 'lee');
    const page = await open('#/c/c1', { acting: agent });
    await page.getByText('No messages yet.').waitFor();
    lee.end();
    await server.stop();
    await page.getByText(/Not connected:/).waitFor();
    const all = [1, 2, 3, 4, 5].map((i) => `offline ${i}`);
    for (const text of all) await write(page, text);
    assert.equal(await page.locator('.outgoing[data-state=queued]').count(), 5);
    await server.start(server.port);
    await page.getByRole('button', { name: 'Try now' }).click({ timeout: 500 }).catch(() => {});
    await until(async () => (await contents(server)).length === 5, 'all are stored');
    assert.deepEqual(await contents(server), all);
    await until(async () => (await texts(page)).length === 5, 'all are shown');
    assert.deepEqual(await texts(page), all);
  }));

test('a reply that crosses a message is held back until it was read', (t) =>
  withConsole(async ({ server, open }) => {
    const proxy = await holdingProxy(server.port);
    t.after(() => proxy.end());
    const lee = await person(server, 'c1', 'lee');
    await lee.say('I want a refund');
    const page = await open('#/c/c1', { acting: agent, url: proxy.url });
    await page.locator('.message', { hasText: 'refund' }).waitFor();
    proxy.hold();
    await lee.say('No, wait, I found it!');
    await write(page, 'The refund is on its way');
    await until(async () => (await page.locator('.outgoing').count()) === 1, 'the reply is under way');
    await new Promise((resolve) => setTimeout(resolve, 300));
    proxy.release();
    const row = page.locator('.outgoing[data-state=conflict]');
    await row.waitFor();
    assert.match(await row.textContent(), /You had not seen 1 message: the last is “No, wait, I found it!”/);
    assert.deepEqual(await contents(server), ['I want a refund', 'No, wait, I found it!']);
    await row.getByRole('button', { name: 'Edit' }).click();
    assert.equal(await page.getByRole('textbox', { name: 'Reply' }).inputValue(), 'The refund is on its way');
    await write(page, 'Good to hear!');
    await until(async () => (await contents(server)).at(-1) === 'Good to hear!', 'the edited reply is stored');
    lee.end();
  }));
