// `parley generate`: a log as a server would have written it, which a server then serves.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { rest } from '../support/rest.mjs';
import { startServer } from '../support/server.mjs';
import { parley, refuses, succeeds, temporaryFolder, waitMsMax } from './support.mjs';

describe('parley generate', { timeout: 2 * waitMsMax }, () => {
  test('makes a log that is good, that a server goes on with, and that it makes again', async () => {
    const folder = path.join(await temporaryFolder(), 'new');
    const options = ['--events', '5000', '--seed', '3', '--days', '30', '--end', '2025-06-01'];
    const said = await succeeds('generate', ...options, '--data', folder);
    const [, hash] = /^generated into .*: 5000 events, \d+ conversations, \d+ users, hash ([0-9a-f]{64})\n$/.exec(said);
    assert.equal(await succeeds('verify', '--data', folder), `good up to position 5000, hash ${hash}\n`);
    assert.match(await succeeds('rebuild', '--check', '--data', folder), /^views equal a rebuild up to position 5000\n$/);

    const server = await startServer({ dataDir: folder });
    try {
      const stats = await rest(server, 'GET', '/chat/dashboard/stats');
      assert.equal(stats.status, 200);
      assert.ok(stats.body.totalMessages > 1000, JSON.stringify(stats.body));
      const page = await rest(server, 'GET', '/chat/conversations/case-0000001/messages?limit=5');
      assert.equal(page.body.length, 5);
      const body = { conversationId: 'case-0000001', fromUserId: 'late', fromRole: 'cx-agent', content: 'still there?' };
      assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
    } finally {
      await server.finish();
    }

    const again = path.join(await temporaryFolder(), 'again');
    assert.match(await succeeds('generate', ...options, '--data', again), new RegExp(hash));
    await refuses(/is there already/, 'generate', '--data', folder);
  });

  test('refuses what it cannot make, and makes no folder', async () => {
    const folder = path.join(await temporaryFolder(), 'none');
    for (const [option, value] of [['events', '99'], ['events', 'many'], ['seed', '-1'], ['days', '0'], ['end', 'soon'], ['end', '1970-01-02']]) {
      const { code, stderr } = await parley('generate', `--${option}=${value}`, '--data', folder);
      assert.equal(code, 2, stderr);
      assert.match(stderr, option === 'end' ? /is no time|too early/ : new RegExp(`--${option} is a number`));
    }
    await refuses(/no database/, 'verify', '--data', folder);
  });
});
