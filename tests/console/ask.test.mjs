// The screen Ask: ready questions, SQL that can be ended, and files of the answer.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { rest } from '../support/rest.mjs';
import { position } from '../support/server.mjs';
import { until, withConsole } from './browser.mjs';
import { look } from './look.mjs';

const kEndless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';

test('a question is answered, a statement can be ended, and a link runs nothing', () =>
  withConsole(async (world) => {
    const { server } = world;
    for (const content of ['Where is my parcel?', '=1+1', 'Grüße, 谢谢']) {
      const message = { conversationId: "lee's parcel", fromUserId: 'owen', fromRole: 'cx-customer', content };
      assert.equal((await rest(server, 'POST', '/chat/messages', message)).status, 201);
    }
    const page = await world.open('#/ask');
    const { body: catalog } = await rest(server, 'GET', '/console/questions');
    await page.waitForSelector('.ask-side summary');
    const titles = await page.$$eval('.ask-side > details:first-child li summary', (all) => all.map(({ textContent }) => textContent));
    assert.deepEqual(titles, catalog.questions.map(({ title }) => title.replace(/\.$/, '')));

    await page.click('summary:has-text("event by event")');
    await page.fill('.ask-question input[name=conversation]', "lee's parcel");
    const before = await position(server);
    await page.click('.ask-question button');
    const field = page.locator('.ask-field textarea');
    assert.match(await field.inputValue(), /conversation_id = 'lee''s parcel'/);
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.ask-table tbody tr');
    const contents = await page.$$eval('.ask-table tbody tr td:last-child', (all) => all.map(({ textContent }) => textContent));
    assert.deepEqual(contents.slice(-3), ['Where is my parcel?', '=1+1', 'Grüße, 谢谢']);
    assert.equal(await position(server), before + 1, 'the statement is recorded');
    assert.match(page.url(), /#\/ask\?sql=SELECT/);
    await look(page, 'ask');

    const [csv] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("CSV")')]);
    const lines = (await readFile(await csv.path(), 'utf8')).trim().split(/\r?\n/);
    assert.match(lines[0], /^seq,position,at/);
    assert.ok(lines.some((line) => line.endsWith("'=1+1")), 'a spreadsheet runs no cell');
    const [json] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("JSON")')]);
    assert.equal(JSON.parse(await readFile(await json.path(), 'utf8')).length, contents.length);

    await field.fill('SELEKT 1');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.error-box >> text=syntax error');
    await field.fill('DELETE FROM event');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.error-box >> text=invalid_value');

    // Esc ends a statement on the server, too: the next one finds its place free.
    await field.fill(kEndless);
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('text=Esc cancels');
    await page.keyboard.press('Escape');
    await page.waitForSelector('text=Cancelled.');
    await field.fill('SELECT 42 AS answer');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.ask-table th:text-is("answer")');
    assert.equal(await page.textContent('.ask-table td'), '42');

    const quiet = await position(server);
    await page.goto(`${server.url}/#/ask?sql=${encodeURIComponent('SELECT 7 AS linked')}`);
    await until(async () => (await field.inputValue()) === 'SELECT 7 AS linked', 'a link brings a statement');
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(await position(server), quiet, 'and does not run it');

    const agent = await world.open('#/ask', { acting: { userId: 'anna', role: 'cx-agent' } });
    await agent.waitForSelector('text=the right console: SQL is missing');
    assert.equal(await agent.$('.rail a:has-text("Ask")'), null);
  }));
