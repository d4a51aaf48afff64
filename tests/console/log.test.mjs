// The screen Log: live, paused, filtered, and honest about an event that was changed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { rest } from '../support/rest.mjs';
import { position, programPath } from '../support/server.mjs';
import { shots, until, withConsole } from './browser.mjs';
import { assertAccessible, look } from './look.mjs';

const parley = (...args) => execFileSync(programPath(), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/// A generated log with one altered byte, and a server on it. The event is made good again before
/// the tear-down, which verifies the log.
async function withAlteredLog(use) {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-console-'));
  const data = path.join(folder, 'run');
  const end = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  // So many events that the check at the start does not reach the altered one.
  parley('generate', '--events', '6000', '--seed', '3', '--days', '30', '--end', end, '--data', data);
  const sql = (text) => execFileSync('sqlite3', [path.join(data, 'parley.db'), text], { encoding: 'utf8' }).trim();
  const altered = Number(sql('SELECT min(position) FROM event WHERE content IS NOT NULL AND position > 40 AND type = 4'));
  const first = sql(`SELECT substr(content, 1, 1) FROM event WHERE position = ${altered}`);
  assert.notEqual(first, 'X');
  rewrite(sql, altered, "'X' || substr(content, 2)");
  try {
    await withConsole(
      async (world) => {
        try {
          await use(world, altered);
        } finally {
          await world.server.stop();
          rewrite(sql, altered, `'${first}' || substr(content, 2)`);
        }
      },
      { server: { dataDir: data } },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/// Writes the content of an event anew, past the trigger that forbids it.
function rewrite(sql, position, content) {
  const trigger = sql("SELECT sql FROM sqlite_schema WHERE name = 'event_never_updated'");
  sql(`DROP TRIGGER event_never_updated; UPDATE event SET content = ${content} WHERE position = ${position}; ${trigger}`);
}

const rows = (page) => page.$$eval('.log-row', (all) => all.map((row) => Number(row.dataset.position)));
const lastRow = async (page) => Math.max(...(await rows(page)));

async function writeTo(server, conversationId, n) {
  for (let i = 0; i < n; ++i) {
    const message = { conversationId, fromUserId: 'anna', fromRole: 'cx-agent', content: `Message ${i}` };
    const { status } = await rest(server, 'POST', '/chat/messages', message);
    assert.equal(status, 201);
  }
}

async function isLive(world) {
  const { server } = world;
  const start = { createdBy: 'owen', createdByRole: 'cx-customer', conversationId: 'late-parcel', initialParticipants: ['owen'] };
  assert.equal((await rest(server, 'POST', '/chat/conversations/start', start)).status, 201);
  const page = await world.open('#/log');
  await page.waitForSelector('.log-tools >> text=Live');
  await until(async () => (await lastRow(page)) === (await position(server)), 'the last event is shown');
  await writeTo(server, 'late-parcel', 3);
  await until(async () => (await lastRow(page)) === (await position(server)), 'new events come by themselves');
  assert.equal(await page.isDisabled('button:text-is("Latest")'), true);
  assert.equal(await page.isDisabled('button:text-is("First")'), false);

  // Scrolling up pauses; what comes is counted.
  await page.hover('.log-rows');
  await page.mouse.wheel(0, -600);
  await page.waitForSelector('.log-tools >> text=Paused');
  const still = await rows(page);
  await writeTo(server, 'late-parcel', 14);
  const newer = await page.waitForSelector('.log-tools button.primary');
  await until(async () => /^14 newer$/.test((await newer.textContent()).trim()), 'what comes is counted');
  assert.ok(still.some((one) => one < 6_003), 'older rows are in view');
  await newer.click();
  await until(async () => (await lastRow(page)) === (await position(server)), '"newer" leads to the end');
  await page.keyboard.press('.');
  await page.waitForSelector('.log-tools >> text=Paused');
  await page.keyboard.press('.');
  await page.waitForSelector('button[aria-label=Pause]');

  await page.click('button:text-is("First")');
  await until(async () => (await rows(page))[0] === 1, 'First leads to event 1');
  assert.equal(await page.isDisabled('button:text-is("First")'), true, 'the button stays, and is off');
  await look(page, 'log');
  await page.click('button:text-is("Latest")');
  await until(async () => (await lastRow(page)) === (await position(server)), 'Latest leads to the end');
}

async function isFiltered(world) {
  const page = await world.open('#/log');
  await page.waitForSelector('.log-row');
  const row = page.locator('.log-row', { hasText: 'case-' }).last();
  const conversation = await row.locator('.log-conversation').textContent();
  await row.locator('.log-conversation').click();
  await until(() => page.url().includes(`conversation=${conversation}`), 'the address has the filter');
  const only = () => page.$$eval('.log-row .log-conversation', (all) => [...new Set(all.map(({ textContent }) => textContent))]);
  await until(async () => JSON.stringify(await only()) === JSON.stringify([conversation]), 'one conversation is shown');
  await page.reload();
  await until(async () => JSON.stringify(await only()) === JSON.stringify([conversation]), 'also after a reload');
  await page.locator('.log-row .log-type', { hasText: 'message_sent' }).last().click();
  await until(() => page.url().includes('type=message_sent'), 'filters add up');
  for (const chip of ['message_sent', conversation]) await page.click(`.log-chips button:has-text("${chip}")`);
  await until(() => !page.url().includes('?'), 'a chip removes its filter');

  await page.keyboard.press('/');
  await page.keyboard.type('1234');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.event h2:text("Event 1,234")');
  await page.waitForSelector('.verdict.good:has-text("Recomputed")');
  await until(async () => (await rows(page)).includes(1234), 'the list leads there');
  const { body } = await rest(world.server, 'GET', '/log/events/1234');
  assert.deepEqual(await page.$$eval('.event dd.hash code', (all) => all.map(({ textContent }) => textContent)), [body.hash, body.previousHash]);
  assert.deepEqual(JSON.parse(await page.textContent('.event pre')), body.event);
  await look(page, 'log-event');
  await page.keyboard.press('k');
  await page.waitForSelector('.event h2:text("Event 1,233")');
  await page.keyboard.press('Escape');
  await until(() => page.url().endsWith('#/log'), 'Esc closes the event');
  await page.locator('.log-row[data-position="1230"] .log-text').click();
  await page.waitForSelector('.event h2:text("Event 1,230")');
  await page.keyboard.press('Escape');
  const columns = await page.getByRole('columnheader').allTextContents();
  assert.deepEqual(columns, ['Position', 'Time', 'Type', 'Conversation', 'Actor', 'Text']);

  const { event } = (await rest(world.server, 'GET', '/log/events/2000')).body;
  await page.fill('#log-jump', event.at);
  await page.keyboard.press('Enter');
  await until(async () => (await rows(page)).includes(2000), 'a time leads to its events');
  await page.fill('#log-jump', 'yesterday');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.jump [role=alert]');
  await page.goto(`${world.server.url}/#/log@999999`);
  await page.waitForSelector('.event .error-box >> text=not_found');
}

async function showsWhatWasAltered(world, altered) {
  const page = await world.open(`#/log@${altered}`);
  await page.waitForSelector('.verdict.bad:has-text("Not what was written")');
  const hashes = await page.$$eval('.event dd.hash code', (all) => all.map(({ textContent }) => textContent));
  assert.equal(hashes.length, 3);
  assert.notEqual(hashes[0], hashes[2]);
  await page.screenshot({ path: path.join(shots, 'log-altered.png') });
  await assertAccessible(page, 'an altered event');
  await page.click('.chain button');
  await page.waitForSelector(`.chain-bad:has-text("Chain broken at event ${altered}")`);
  await page.click('.neighbours a:has-text("after")');
  await page.waitForSelector('.verdict.good');
}

test('the log', (t) =>
  withAlteredLog(async (world, altered) => {
    await t.test('is live, pauses while somebody reads, and goes on', () => isLive(world));
    await t.test('is filtered by a click on a cell, and a jump leads to an event with its hash', () => isFiltered(world));
    await t.test('shows one altered byte', () => showsWhatWasAltered(world, altered));
  }));
