// The screen Status, and the verification that it and the Log start.
import assert from 'node:assert/strict';
import test from 'node:test';
import { rest } from '../support/rest.mjs';
import { until, withConsole } from './browser.mjs';
import { look } from './look.mjs';
import { readDocument, rowsOf } from '../support/documents.mjs';

test('the status says whether the server is ready, checks the chain, and shows what was set', () =>
  withConsole(
    async (world) => {
      const { server } = world;
      const say = async (content) => {
        const body = { conversationId: 'late-parcel', fromUserId: 'owen', fromRole: 'cx-customer', content };
        assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
      };
      await say('Where is my parcel?');
      const page = await world.open('#/status');
      await page.waitForSelector('h2:text-is("Ready")');
      const checks = await page.$$eval('.checks strong', (all) => all.map(({ textContent }) => textContent));
      assert.deepEqual(checks, ['The log can be written: good', 'Views follow the log: good', 'Disk: good', 'Takes requests: good']);
      const { body: status } = await rest(server, 'GET', '/console/status');
      assert.equal(await page.textContent('.status dd.hash code'), status.headHash);
      const settings = await page.$$eval('.status tbody tr', (rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent)));
      assert.deepEqual(settings.find(([name]) => name === 'typing.timeout'), ['typing.timeout', '7000', '6000', 'flag']);

      await page.click('button:text-is("Check now")');
      await page.waitForSelector(`.chain-good:has-text("Chain good to ${status.position.toLocaleString('en')} · checked now")`);
      await look(page, 'status');

      // The same line stands above the log; a later check reaches further.
      await say('Is anybody there?');
      await page.keyboard.press('g');
      await page.keyboard.press('l');
      await page.waitForSelector('.log-list .chain-good');
      await page.click('.chain button');
      const { body: later } = await rest(server, 'GET', '/console/status');
      assert.ok(later.position > status.position);
      await page.waitForSelector(`.chain-good:has-text("Chain good to ${later.position.toLocaleString('en')}")`);

      // What is not good comes with what to do about it.
      const texts = new Map(
        rowsOf(await readDocument('docs/operations/readiness.md')).map((row) => [row[0], row[2]].map((cell) => cell.replaceAll('`', ''))),
      );
      assert.deepEqual(status.ready.checks.filter(({ name }) => !texts.has(name)), []);
      const ill = await world.open('', {});
      await ill.route('**/console/status', async (route) => {
        const answer = await (await route.fetch()).json();
        const ready = {
          ok: false,
          checks: answer.ready.checks.map((check) => (check.name === 'disk' ? { ...check, ok: false, text: '0 B are free' } : check)),
        };
        const warnings = [{ name: 'write_lock_held', text: 'another process holds the database’s write lock: pid 4711' }];
        await route.fulfill({ json: { ...answer, ready, warnings } });
      });
      await ill.goto(`${server.url}/#/status`);
      await ill.waitForSelector('h2:text-is("Not ready")');
      for (const name of ['disk', 'write_lock_held']) await ill.getByText(`What to do: ${texts.get(name)}`).waitFor();
      await look(ill, 'status-not-ready');

      // Who may not see it has no way there.
      const agent = await world.open('#/status', { acting: { userId: 'anna', role: 'cx-agent' } });
      await agent.waitForSelector('text=the right console: status, verify is missing');
      await until(async () => (await agent.$$('.rail a')).length > 0, 'the rail is there');
      assert.equal(await agent.$('.rail a:has-text("Status")'), null);
      assert.equal(await agent.$('.status'), null);
    },
    { args: ['--typing.timeout', '7000'] },
  ));
