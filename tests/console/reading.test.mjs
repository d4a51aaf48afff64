// Reading: long conversations, a busy list, each role's view.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { rest } from '../support/rest.mjs';
import { shoot, until, withConsole } from './browser.mjs';
import { allMessages, fill, head, person } from './people.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core');
const many = 1_000;

const scrollTop = (page) => page.locator('.message-list').evaluate((list) => list.scrollTop);
/// Where the first message in view is, by its position: { position, top }.
const anchor = (page) =>
  page.locator('.message-list').evaluate((list) => {
    const top = list.getBoundingClientRect().top;
    const first = [...list.querySelectorAll('.message')].find((one) => one.getBoundingClientRect().top >= top);
    return { position: first.dataset.position, top: Math.round(first.getBoundingClientRect().top - top) };
  });

test('a long conversation is read up and down, and the line being read keeps its place', () =>
  withConsole(async ({ server, open }) => {
    const lee = await person(server, 'c1', 'lee');
    await fill(lee, many);
    const page = await open('#/c/c1');
    await page.locator('.message', { hasText: `message ${many}` }).waitFor();
    const list = page.locator('.message-list');
    let oldest = Infinity;
    await until(async () => {
      await list.evaluate((element) => (element.scrollTop = 0));
      oldest = Number((await anchor(page)).position);
      return (await page.getByText('message 1', { exact: true }).count()) > 0;
    }, 'the first message is reached');
    assert.ok((await page.locator('*').count()) <= 500, 'only what is in view is drawn');
    await list.evaluate((element) => (element.scrollTop = 3_000));
    await page.waitForTimeout(200);
    const before = await anchor(page);
    await Promise.all(Array.from({ length: 50 }, (_, i) => lee.say(`news ${i}`)));
    await until(async () => /\d+ new/.test(await page.locator('.to-present').textContent()), 'news are counted');
    assert.deepEqual(await anchor(page), before);
    await page.keyboard.press('G');
    await page.getByText('news 49', { exact: true }).waitFor();
    await until(async () => (await page.locator('.to-present').count()) === 0, 'the present is reached');
    lee.end();
    assert.ok(oldest < Infinity);
  }));

test('older pages are put before the line that is being read', () =>
  withConsole(async ({ server, open }) => {
    const lee = await person(server, 'c1', 'lee');
    await fill(lee, 400);
    const page = await open('#/c/c1');
    await page.locator('.message', { hasText: 'message 400' }).waitFor();
    await page.locator('.message-list').evaluate((element) => (element.scrollTop = 900));
    await page.waitForTimeout(200);
    const before = await anchor(page);
    await page.locator('.message-list').evaluate((element) => (element.scrollTop -= 350));
    const wanted = await until(async () => (await scrollTop(page)) > 2_000 && (await anchor(page)), 'a page is put before');
    assert.ok(Math.abs(Number(wanted.position) - Number(before.position)) < 30);
    lee.end();
  }));

test('a conversation with more messages than the page keeps is followed', () =>
  withConsole(async ({ server, open }) => {
    const lee = await person(server, 'c1', 'lee');
    await lee.say('the first');
    const page = await open('#/c/c1');
    await page.locator('.message', { hasText: 'the first' }).waitFor();
    const distance = () =>
      page.locator('.message-list').evaluate((list) => list.scrollHeight - list.clientHeight - list.scrollTop);
    const follows = async (text) => {
      await page.locator('.messages').getByText(text, { exact: true }).waitFor();
      await until(async () => (await distance()) <= 1, `${text} is at the end`);
    };
    await fill(lee, 2_100);
    await follows('message 2100');
    for (const text of ['one more', 'and another']) {
      await lee.say(text);
      await follows(text);
    }
    assert.equal(await page.locator('.to-present').count(), 0);
    lee.end();
  }));

test('the newest message stays in view beside what is opened or grows', () =>
  withConsole(async ({ server, open }) => {
    const lee = await person(server, 'c1', 'lee');
    await fill(lee, 60);
    const page = await open('#/c/c1', { height: 600 });
    const last = page.locator('.message', { hasText: 'message 60' });
    await last.waitFor();
    const isInView = () =>
      page.locator('.message-list').evaluate((list) => list.scrollHeight - list.clientHeight - list.scrollTop <= 1);
    await until(isInView, 'it begins at the end');
    await page.getByRole('button', { name: '1 participant' }).click();
    await page.locator('.people').waitFor();
    await until(isInView, 'the participants take room from older messages');
    await page.getByRole('textbox', { name: 'Reply' }).fill('a\nb\nc\nd\ne\nf');
    await until(isInView, 'so does a long draft');
    await page.setViewportSize({ width: 700, height: 560 });
    await until(isInView, 'so does a smaller window');
    await lee.say('the very last');
    await page.getByText('the very last').waitFor();
    await until(isInView, 'and it follows');
    await page.locator('.message-list').evaluate((list) => (list.scrollTop = 300));
    await page.waitForTimeout(200);
    const before = await anchor(page);
    await page.setViewportSize({ width: 700, height: 640 });
    await page.waitForTimeout(200);
    assert.deepEqual(await anchor(page), before, 'who reads above the end stays there');
    lee.end();
  }));

test('joins and leaves from before the page was opened are in the conversation', () =>
  withConsole(async ({ server, open }) => {
    const lee = await person(server, 'c1', 'lee');
    await lee.say('Hello?');
    const anna = await person(server, 'c1', 'anna', 'cx-agent');
    // In one write, and so in one millisecond.
    await Promise.all([anna.say('One moment'), anna.ask('leave_room', { conversationId: 'c1' })]);
    const rosa = await person(server, 'c1', 'rosa', 'cx-supervisor');
    await rosa.say('I take over');
    await lee.ask('leave_room', { conversationId: 'c1', userId: 'rosa' });
    for (const userId of ['kim', 'noa', 'ida', 'max']) await person(server, 'c1', userId, 'cx-agent');
    const notices = (page) => page.locator('.notices').evaluateAll((all) => all.map(({ textContent }) => textContent.replace(/ *\d\d:\d\d/g, '').trim()));
    const page = await open('#/c/c1');
    await page.locator('.message', { hasText: 'I take over' }).waitFor();
    await until(async () => (await notices(page)).length === 4, 'four lines');
    assert.deepEqual(await notices(page), [
      'lee (customer) joined',
      'anna (agent) joined',
      'anna (agent) leftrosa (supervisor) joined',
      '4 joined, 1 removed',
    ]);
    // An agent may not read the log: it sees who is there.
    const agent = await open('#/c/c1', { acting: { userId: 'ida', role: 'cx-agent' } });
    await agent.locator('.message', { hasText: 'I take over' }).waitFor();
    assert.doesNotMatch((await notices(agent)).join(), /left/);
  }));

test('the list follows, does not move under the pointer, and opening changes nothing', () =>
  withConsole(async ({ server, open }) => {
    const people = [];
    for (const id of ['first', 'second', 'third']) {
      const one = await person(server, id, `customer-${id}`);
      await one.say(`I wait in ${id}`);
      people.push(one);
    }
    const page = await open();
    const ids = () => page.locator('.list .row-title').allTextContents();
    await until(async () => (await ids()).length === 3, 'three rows');
    assert.deepEqual(await ids(), ['first', 'second', 'third'], 'the longest wait is first');
    await page.locator('.row', { hasText: 'second' }).hover();
    const before = await head(server);
    const anna = await person(server, 'first', 'anna', 'cx-agent');
    await anna.say('Here I am');
    await page.getByText('1 change · show').waitFor();
    assert.deepEqual(await ids(), ['first', 'second', 'third']);
    await page.getByText('1 change · show').click();
    await until(async () => (await ids())[0] === 'second', 'the answered one no longer waits');
    await page.mouse.move(1200, 500);
    const answered = await head(server);
    assert.ok(answered > before);
    await page.locator('.row', { hasText: 'third' }).click();
    await page.locator('.message', { hasText: 'I wait in third' }).waitFor();
    assert.equal(await head(server), answered, 'opening a conversation appends nothing');
    const { body } = await rest(server, 'GET', '/chat/conversations/third/participants');
    assert.deepEqual(body.map(({ userId }) => userId), ['customer-third']);
    for (const one of [...people, anna]) one.end();
  }));

test('side by side is what each role reads', () =>
  withConsole(async ({ server, open }) => {
    const lee = await person(server, 'c1', 'lee');
    const anna = await person(server, 'c1', 'anna', 'cx-agent');
    const pip = await person(server, 'c1', 'pip', 'robot');
    await lee.say('Where is my parcel?');
    await pip.say('It is in Oslo', { type: 'robot' });
    await anna.say('He sounds upset', { isVisible: false });
    await anna.say('Shall I refund?', { toRole: 'cx-supervisor' });
    await anna.say('It arrives today');
    const page = await open('#/c/c1?view=columns');
    for (const role of ['cx-customer', 'cx-agent', 'cx-supervisor']) {
      const viewer = role === 'cx-customer' ? `userId=lee&userRole=${role}` : `userRole=${role}`;
      const wanted = (await allMessages(server, 'c1', viewer)).map(({ id }) => id);
      const shown = () => page.locator(`.cell[data-role=${role}][data-id]`).evaluateAll((all) => all.map((one) => one.dataset.id));
      await until(async () => (await shown()).length === wanted.length, `${role} sees ${wanted.length}`);
      assert.deepEqual(await shown(), wanted);
    }
    assert.deepEqual(await page.locator('.gap[data-role=cx-customer]').allTextContents(), [
      'hidden from customer: robot',
      'hidden from customer: note',
      'hidden from customer: to staff',
    ]);
    const heights = await page.locator('.columns-row').evaluateAll((rows) =>
      rows.map((row) => new Set([...row.children].map((cell) => Math.round(cell.getBoundingClientRect().height))).size),
    );
    assert.deepEqual(new Set(heights), new Set([1]), 'a gap is as high as what it hides');
    await anna.say('A late note', { isVisible: false });
    await until(async () => (await page.locator('.gap[data-role=cx-customer]').count()) === 4, 'the view is live');
    for (const one of [lee, anna, pip]) one.end();
  }));

test('the keyboard is enough', () =>
  withConsole(async ({ server, open }) => {
    const lee = await person(server, 'c1', 'lee');
    await lee.say('Hello');
    const other = await person(server, 'c2', 'kim');
    await other.say('Me too');
    const page = await open();
    await page.locator('.row').nth(1).waitFor();
    await page.keyboard.press('j');
    await page.locator('.conversation-head').waitFor();
    assert.match(page.url(), /#\/c\/c1$/);
    await page.keyboard.press('j');
    await until(() => /#\/c\/c2$/.test(page.url()), 'j goes on');
    await page.keyboard.press('k');
    await page.locator('.message', { hasText: 'Hello' }).waitFor();
    await page.keyboard.press('n');
    await page.keyboard.type('a note, gg?');
    await page.keyboard.press('Enter');
    await page.locator('.kind-note', { hasText: 'a note, gg?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('r');
    await page.keyboard.type('line one');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('line two');
    await page.keyboard.press('Enter');
    await page.locator('.kind-speech', { hasText: 'line two' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('v');
    await page.locator('.columns-row').first().waitFor();
    await page.keyboard.press('v');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /A conversation/ }).fill('c2');
    await page.getByRole('option', { name: /c2/ }).waitFor();
    await page.keyboard.press('Enter');
    await until(() => /#\/c\/c2$/.test(page.url()), 'Ctrl+K goes there');
    await page.locator('.message', { hasText: 'Me too' }).waitFor();
    await page.keyboard.press('Escape');
    await until(() => /#\/c$/.test(page.url()), 'Escape leads back');
    lee.end();
    other.end();
  }));

test('Back returns to the same row', () =>
  withConsole(async ({ server, open }) => {
    const people = await Promise.all(Array.from({ length: 40 }, (_, i) => person(server, `room-${i}`, `customer-${i}`)));
    const page = await open('', { width: 900 });
    await page.locator('.row').nth(5).waitFor();
    await page.locator('.list-rows').evaluate((list) => (list.scrollTop = 800));
    await page.waitForTimeout(100);
    const row = page.locator('.row').nth(9);
    const href = await row.getAttribute('href');
    await row.hover(); // which may scroll
    const before = await page.locator('.list-rows').evaluate((list) => list.scrollTop);
    assert.ok(before > 0);
    await row.click();
    await page.locator('.conversation-head').waitFor();
    await page.goBack();
    await page.locator(`.row[href="${href}"]`).waitFor();
    assert.equal(await page.locator('.list-rows').evaluate((list) => list.scrollTop), before);
    for (const one of people) one.end();
  }));

async function findings(page) {
  await page.addScriptTag({ path: axe }).catch(() => page.evaluate(() => {}));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

test('axe finds nothing serious, and the screens are shot at three sizes in both themes', () =>
  withConsole(async (world) => {
    const { server } = world;
    const lee = await person(server, 'late-parcel', 'lee');
    const anna = await person(server, 'late-parcel', 'anna', 'cx-agent');
    const pip = await person(server, 'late-parcel', 'pip', 'robot');
    await lee.say('Where is my parcel? 包裹在哪里? איפה החבילה שלי?');
    await pip.say('Suggested answer: it is in Oslo.', { type: 'robot' });
    await anna.say('He is a regular customer.', { isVisible: false });
    await anna.say('It arrives today before noon.');
    const waits = await person(server, 'waits', 'kim');
    await waits.say('Is anybody there?');
    const screens = {
      list: ['', (page) => page.locator('.row').nth(1).waitFor()],
      conversation: ['#/c/late-parcel', (page) => page.locator('.message').nth(3).waitFor()],
      columns: ['#/c/late-parcel?view=columns', (page) => page.locator('.gap').first().waitFor()],
    };
    for (const [name, [fragment, ready]] of Object.entries(screens)) {
      for (const theme of ['light', 'dark']) {
        const page = await world.browser.newPage({ bypassCSP: true, colorScheme: theme, viewport: { width: 1440, height: 860 } });
        await page.goto(`${server.url}/${fragment}`);
        await ready(page);
        assert.deepEqual(await findings(page), [], `${name}, ${theme}`);
        await page.close();
      }
      await shoot(world, name, fragment, { ready });
    }
    const narrow = await world.open('#/c/late-parcel', { width: 320, height: 640 });
    await narrow.locator('.message').first().waitFor();
    assert.ok((await narrow.evaluate(() => document.documentElement.scrollWidth)) <= 320, 'no sideways scroll at 320 px');
    for (const one of [lee, anna, pip, waits]) one.end();
  }));
