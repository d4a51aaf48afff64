// The screens Search and Time: what was said, and what somebody could see at a moment.
import assert from 'node:assert/strict';
import test from 'node:test';
import { rest } from '../support/rest.mjs';
import { position } from '../support/server.mjs';
import { until, withConsole } from './browser.mjs';
import { look } from './look.mjs';

const staff = { fromUserId: 'anna', fromRole: 'cx-agent' };
const customer = { fromUserId: 'owen', fromRole: 'cx-customer' };
const robot = { fromUserId: 'pip', fromRole: 'robot' };
const kMessages = [
  { ...customer, content: 'Hello, where is my parcel?' },
  { ...robot, content: 'The parcel is in the depot, says the courier.', type: 'robot', isVisible: false },
  { ...staff, content: 'Good morning Owen, I look where your Parcel is.' },
  { ...staff, content: 'He is kind about the late parcel', isVisible: false },
  { ...customer, content: 'תודה, 谢谢' },
];

async function fill(server) {
  const ok = ({ status, body }) => assert.equal(status, 201) ?? body;
  const participants = [
    { userId: 'owen', userRole: 'cx-customer' },
    { userId: 'anna', userRole: 'cx-agent' },
    { userId: 'pip', userRole: 'robot' },
  ];
  const start = { createdBy: 'owen', createdByRole: 'cx-customer', title: 'Where is my parcel?', conversationId: 'late-parcel', initialParticipants: participants };
  ok(await rest(server, 'POST', '/chat/conversations/start', start));
  const messages = [];
  for (const message of kMessages) {
    messages.push(ok(await rest(server, 'POST', '/chat/messages', { conversationId: 'late-parcel', ...message })));
  }
  return messages;
}

async function searches(world, messages) {
  const page = await world.open('#/search');
  await page.waitForSelector('.link-online');
  const before = await position(world.server);
  await page.fill('#search-words', 'parcel');
  assert.equal(await position(world.server), before, 'typing asks nothing');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.hit');
  const summary = await page.textContent('.search-sum');
  assert.match(summary, /^4 messages · searched up to event \d+/);
  assert.match(page.url(), /#\/search\?q=parcel$/);
  const marked = await page.$$eval('.hit mark', (all) => all.map(({ textContent }) => textContent));
  assert.deepEqual(marked, ['parcel', 'Parcel', 'parcel', 'parcel']);
  const labels = await page.$$eval('.hit .label', (all) => all.map(({ textContent }) => textContent));
  assert.deepEqual(labels, ['Internal note', 'Robot, not shown to the customer']);
  const after = await position(world.server);
  assert.equal(after, before + 1, 'the search is recorded once');
  await look(page, 'search');

  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const second = `hit-${messages[2].position}`;
  await until(() => page.evaluate((id) => document.activeElement.id === id, second), 'j moves to the second hit');
  await page.keyboard.press('Enter');
  await until(() => page.url().endsWith(`#/c/late-parcel@${messages[2].position}`), 'the hit leads to its message');
  await page.goBack();
  await until(() => page.evaluate((id) => document.activeElement?.id === id, second), 'Back leads to the hit');
  assert.equal(await position(world.server), after, 'Back searches nothing anew');

  await page.fill('[name=author]', 'owen');
  await page.press('[name=author]', 'Enter');
  await until(async () => (await page.$$('.hit')).length === 1, 'one message is by owen');
  assert.match(page.url(), /author=owen/);
  await page.fill('#search-words', 'nothinglikethis');
  await page.keyboard.press('Enter');
  await page.waitForSelector('text=No message matches');
  await page.goto(`${world.server.url}/#/search?q=parcel&conversation=of-nobody`);
  await page.waitForSelector('.error-box >> text=conversation_not_found');
}

async function travels(world, messages) {
  const page = await world.open('#/time/late-parcel');
  const contents = () => page.$$eval('.past .content', (all) => all.map(({ textContent }) => textContent));
  const shows = (wanted, what) =>
    until(async () => JSON.stringify(await contents()) === JSON.stringify(wanted), `${what}: ${wanted}`);
  await shows(kMessages.map(({ content }) => content), 'the end of its life');
  assert.match(await page.textContent('.time-banner'), /You see .+, not now\. Writing is off\./);
  assert.equal(await page.$('textarea'), null);
  assert.equal(await page.isVisible('.share'), false, 'a robot’s answer cannot be shared');

  // Steps, by the keys everywhere and by those of the slider.
  await page.keyboard.press('[');
  await shows(kMessages.slice(0, 4).map(({ content }) => content), 'one message earlier');
  await page.focus('.time-life input');
  await page.keyboard.press('ArrowLeft');
  await shows(kMessages.slice(0, 3).map(({ content }) => content), 'two messages earlier');
  await page.keyboard.press(']');
  await shows(kMessages.slice(0, 4).map(({ content }) => content), 'one message later');
  await until(() => page.url().endsWith(`@${messages[3].position}`), 'the address names the position');
  const spoken = await page.getAttribute('.time-life input', 'aria-valuetext');
  assert.match(spoken, /4 messages written$/);
  await look(page, 'time');

  // A place that is typed: a position, and times.
  const goTo = async (place) => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type(place);
    await page.keyboard.press('Enter');
    await page.fill('#time-jump', '');
  };
  await goTo(String(messages[1].position));
  await shows(kMessages.slice(0, 2).map(({ content }) => content), 'as of the second message');
  await goTo('-30d');
  await shows([], 'a time before its start is its start');
  await goTo('-0s');
  await shows(kMessages.map(({ content }) => content), 'a time after its end is its end');
  await goTo('yesterday');
  await page.waitForSelector('.time-controls [role=alert]');
  await goTo(String(messages[3].position));
  await shows(kMessages.slice(0, 4).map(({ content }) => content), 'as of the fourth message');

  // As the customer could see it, as the server says.
  await page.selectOption('.time-viewer select', 'owen');
  const asked = `/chat/conversations/late-parcel/messages?asOf=${messages[3].position}&viewer=owen&userId=supervisor&userRole=cx-supervisor`;
  const { body } = await rest(world.server, 'GET', asked);
  assert.equal(body.length, 2);
  await shows(body.map(({ content }) => content), 'what owen could see');
  assert.match(page.url(), /@\d+\?viewer=owen$/);
  const html = await page.content();
  assert.ok(!html.includes('He is kind'), 'a note is nowhere on the page');

  await page.goto(`${world.server.url}/#/time/late-parcel?viewer=mallory`);
  await page.waitForSelector('text=mallory could not see this conversation at that moment');
  await page.goto(`${world.server.url}/#/time/of-nobody`);
  await page.waitForSelector('.error-box >> text=conversation_not_found');
  await page.goto(`${world.server.url}/#/time`);
  await page.click('.time-offers a');
  await page.waitForSelector('.time-banner');
}

async function seesAsThey(world) {
  const open = async (acting) => {
    const page = await world.open('#/c/late-parcel', { acting });
    await page.getByRole('button', { name: '3 participants' }).click();
    await page.locator('.people li', { hasText: 'owen' }).waitFor();
    return page;
  };
  const links = (page) => page.locator('.people').getByRole('link');
  const page = await open();
  await look(page, 'participants');
  assert.equal(await links(page).count(), 3);
  await page.getByRole('link', { name: 'as seen by them: owen' }).click();
  await page.getByText('This is what owen could see.').waitFor();
  assert.equal(await page.locator('.past .content', { hasText: 'He is kind' }).count(), 0, 'he sees no note');
  const anna = await open({ userId: 'anna', role: 'cx-agent' });
  assert.equal(await links(anna).count(), 0, 'agents see with their own eyes');
}

test('the past', (t) =>
  withConsole(async (world) => {
    const messages = await fill(world.server);
    await t.test('messages are found by their words; a hit leads to its message, and Back to the hit', () => searches(world, messages));
    await t.test('from the participants of a conversation one comes to what each of them sees', () => seesAsThey(world));
    await t.test('a moment shows what somebody could see then, and nothing can be written', () => travels(world, messages));
  }));
