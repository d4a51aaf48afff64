// People chat through the page: what one writes the others read, as they may.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'node:test';
import { programPath, repositoryRoot } from '../support/server.mjs';
import { shots, texts, until, withConsole, write } from './browser.mjs';
import { look } from './look.mjs';
import { allMessages, person } from './people.mjs';

const run = promisify(execFile);
const agent = { userId: 'anna', role: 'cx-agent' };
const customer = { userId: 'lee', role: 'cx-customer' };

const shows = (page, text) => page.locator('.message:not(.outgoing)', { hasText: text }).waitFor();

test('the first visit finds an empty server, which a day then fills live', () =>
  withConsole(async ({ server, open }) => {
    const page = await open();
    await page.getByText('No conversations yet.').waitFor();
    await run(programPath(), ['demo', '--url', server.url, '--pace', '0']);
    await page.getByRole('link', { name: /Where is my parcel/ }).waitFor();
    await until(async () => (await page.locator('.figure-value').allTextContents())[2] === '14', 'all are counted');
    assert.equal(await page.locator('[role=listitem]').first().isVisible(), true);
    await picture(open);
  }));

/// README's picture, from this very page: PARLEY_WRITE_PICTURE=1 writes it into docs/.
async function picture(open) {
  const page = await open('#/c/late-parcel?view=columns', { width: 1080, height: 640 });
  await page.locator('.gap').nth(1).waitFor();
  await page.waitForTimeout(300);
  const folder = process.env.PARLEY_WRITE_PICTURE ? path.join(repositoryRoot, 'docs') : shots;
  await page.screenshot({ path: path.join(folder, 'side-by-side.png') });
}

test('the first five minutes lead to one’s own message in the log, with its hash', () =>
  withConsole(async ({ server, open }) => {
    const page = await open();
    const actAs = async (user, role) => {
      await page.getByRole('button', { name: /Acting as/ }).click();
      await page.getByRole('textbox', { name: 'User' }).fill(user);
      await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: role });
      await page.getByRole('button', { name: 'Act as this user' }).click();
    };
    await page.getByText('Or act as a customer, at the top right').waitFor();
    await actAs('lee', 'Customer');
    await page.getByRole('button', { name: 'Start a new one' }).click();
    await write(page, 'My first message');
    await shows(page, 'My first message');
    await actAs('rosa', 'Supervisor');
    await page.locator('.row .wait').waitFor();
    await page.locator('.conversation-head').getByRole('link', { name: 'Log' }).click();
    const row = page.locator('.log-row', { hasText: 'My first message' });
    await row.getByRole('link').click();
    await page.getByText('Recomputed: the hash is right.').waitFor();
    const hash = await page.locator('.event .hash code').first().textContent();
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText(/Chain good to \d+ · checked now/).waitFor();
    await server.stop();
    const { stdout } = await run(programPath(), ['verify', '--data', server.dataDir]);
    assert.ok(stdout.includes(hash), stdout);
    await server.start(server.port);
  }));

test('two browsers chat; what both show is the order of the log', () =>
  withConsole(async ({ server, open }) => {
    const lee = await open('#/c/c1', { acting: customer });
    await lee.getByText('No messages yet.').waitFor();
    const anna = await open('#/c/c1', { acting: agent });
    await anna.getByText('No messages yet.').waitFor();
    await lee.getByRole('textbox', { name: 'Reply' }).pressSequentially('He', { delay: 20 });
    await anna.locator('.typing-line', { hasText: 'lee is typing' }).waitFor();
    await write(lee, 'Hello');
    await shows(anna, 'Hello');
    await anna.locator('.typing-line:not(:has-text("typing"))').waitFor();
    for (let i = 1; i <= 5; ++i) {
      await write(lee, `question ${i}`);
      await shows(anna, `question ${i}`);
      await write(anna, `answer ${i}`);
      await anna.locator('.outgoing').waitFor({ state: 'detached' });
    }
    await until(async () => (await allMessages(server, 'c1')).length === 11, 'all are stored');
    const log = (await allMessages(server, 'c1')).map(({ content }) => content);
    for (const page of [lee, anna]) {
      await until(async () => (await texts(page)).length === 11, 'all are shown');
      assert.deepEqual(await texts(page), log);
    }
  }));

test('the list shows who types, in place of the preview, and does not read it out', () =>
  withConsole(
    async ({ server, open }) => {
      const lee = await person(server, 'c1', 'lee');
      await lee.say('Where is my parcel?');
      const page = await open('', { acting: agent });
      const row = page.locator('.row', { hasText: 'c1' });
      const says = (text) => row.getByText(text, { exact: true }).waitFor();
      await says('Where is my parcel?');
      await lee.types();
      await says('lee is typing…');
      const ann = await person(server, 'c1', 'ann', 'cx-agent');
      await ann.types();
      await says('lee and ann are typing…');
      const bob = await person(server, 'c1', 'bob', 'cx-supervisor');
      await bob.types();
      await says('lee and 2 others are typing…');
      const ownOtherTab = await person(server, 'c1', agent.userId, agent.role);
      await ownOtherTab.types();
      const late = await open('', { acting: { userId: 'zoe', role: 'cx-supervisor' } });
      await late.locator('.row-preview', { hasText: /^lee and 3 others are typing…$/ }).waitFor();
      await says('lee and 2 others are typing…'); // one does not see oneself typing
      assert.equal(await row.evaluate((one) => one.closest('[aria-live], [role=status], [role=alert], [role=log]')), null);
      assert.match(await page.getByRole('link', { name: /^c1 .*lee and 2 others are typing…/ }).getAttribute('href'), /c1/);
      await look(page, 'typing');
      for (const one of [ann, bob, ownOtherTab]) one.end();
      await says('lee is typing…');
      await server.restart();
      await says('Where is my parcel?'); // those who typed do not any more
      await lee.types();
      await says('lee is typing…');
      await lee.say('Hello?');
      await says('Hello?');
    },
    { args: ['--typing.timeout=600000'] },
  ));

test('a note never reaches the customer’s page, its connection or its storage', () =>
  withConsole(async ({ server, open }) => {
    const lee = await open('about:blank'.slice(0, 0), { acting: customer });
    const received = [];
    lee.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(String(payload))));
    lee.on('response', async (response) => received.push(await response.text().catch(() => '')));
    await lee.goto(`${server.url}/#/c/c1`);
    await lee.reload();
    await lee.getByText('No messages yet.').waitFor();
    const anna = await open('#/c/c1', { acting: agent });
    await anna.getByText('No messages yet.').waitFor();
    await anna.getByRole('button', { name: 'Internal note' }).click();
    await write(anna, 'the secret word is mango');
    await anna.locator('.message.kind-note', { hasText: 'Internal note' }).waitFor();
    assert.equal(await anna.getByRole('button', { name: 'Add note' }).isVisible(), true, 'the choice stays');
    await anna.getByRole('button', { name: 'Reply', exact: true }).click();
    await write(anna, 'How can I help?');
    await shows(lee, 'How can I help?');
    const kept = await lee.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    for (const text of [...received, kept, await lee.content()]) assert.doesNotMatch(text, /mango/);
    assert.ok(received.some((text) => text.includes('How can I help?')));
  }));

test('a robot’s answer is shared once, and then the customer reads it', () =>
  withConsole(async ({ server, open }) => {
    const robot = await person(server, 'c1', 'pip', 'robot');
    await robot.say('Your parcel is in Oslo', { type: 'robot' });
    const lee = await open('#/c/c1', { acting: customer });
    await lee.getByText('No messages yet.').waitFor();
    const anna = await open('#/c/c1', { acting: agent });
    await anna.getByText('Robot, not shown to the customer').waitFor();
    await anna.getByRole('button', { name: 'Share with the customer' }).click();
    await shows(lee, 'Your parcel is in Oslo');
    await anna.getByText('Robot, shared with the customer', { exact: true }).waitFor();
    assert.equal(await anna.getByRole('button', { name: 'Share with the customer' }).count(), 0);
    await anna.getByRole('link', { name: 'Its original' }).click();
    assert.match(anna.url(), /@\d+$/);
    robot.end();
  }));

test('a conversation whose id is dots, which browsers take out of paths, is like any other', () =>
  withConsole(async ({ server, open }) => {
    for (const id of ['.', '..']) {
      const lee = await person(server, id, 'lee');
      await lee.say(`Where am I? ${id}`);
      const anna = await open('', { acting: agent });
      await anna.getByRole('link', { name: /^\.\.?\s/ }).filter({ hasText: `Where am I? ${id}` }).first().click();
      await shows(anna, `Where am I? ${id}`);
      await anna.getByText('1 participant').waitFor();
      await write(anna, `In ${id}`);
      await shows(anna, `In ${id}`);
      await anna.getByRole('button', { name: 'Side by side' }).click();
      await anna.locator('.columns-row').nth(1).waitFor();
      await anna.getByRole('link', { name: 'Time', exact: true }).last().click();
      await anna.getByText('not now.').waitFor();
      await shows(anna, `In ${id}`);
      await anna.context().close();
    }
  }));

test('hostile texts stay texts', () =>
  withConsole(async ({ server, open }) => {
    const hostile = [
      '<img src=x onerror="document.title=1"><script>document.title=2</script>',
      '\u202Egnp.exe\u202C reversed',
      `combining ${'\u0301'.repeat(1000)} end`,
      `long ${'x'.repeat(200_000)}`,
      'javascript:alert(1) [link](javascript:alert(1))',
    ];
    const lee = await person(server, 'c1', '<b>lee</b>');
    for (const text of hostile) await lee.say(text);
    const page = await open('#/c/c1');
    await page.locator('.message').nth(3).waitFor();
    await page.keyboard.press('g');
    const shown = await until(async () => {
      const all = await texts(page);
      return all.length >= 4 && all;
    }, 'the messages are shown');
    assert.ok(shown.includes(hostile[4]));
    assert.equal(await page.locator('.content *').count(), 0, 'no text has become markup');
    assert.doesNotMatch(await page.title(), /^[12]$/);
    const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(width <= 0, 'nothing is wider than the page');
    lee.end();
  }));
