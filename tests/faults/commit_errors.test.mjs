// A commit that may not be on disk stops the server: it says why, exits with 74, and tells nobody
// about that batch. Everything told before is there at the next start.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { metric } from '../clients/metrics.mjs';
import { holdSnapshot } from '../support/snapshot.mjs';
import { programPath, run } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { connect, faultyProgram, request, send, startServer, withFolder } from './support.mjs';

const exitStorage = 74;
const messagesMax = 2000;

const plans = [
  { name: 'a sync fails once', plan: 'sync:40:1:1034' },
  { name: 'every sync fails from some moment on', plan: 'sync:60:1000000:1034' },
  { name: 'a write fails', plan: 'write:600:1:778' },
  { name: 'a write fails and has stored its first half', plan: 'write:700:1:778:partly' },
];

async function contentsOf(server) {
  const found = [];
  for (let after = 0; ; after = found.at(-1).position) {
    const answer = await rest(server, 'GET', `/chat/conversations/c1/messages?after=${after}&limit=100`);
    assert.equal(answer.status, 200, answer.text);
    if (answer.body.length === 0) return found.map((message) => message.content);
    found.push(...answer.body);
  }
}

describe('an error on commit that may mean lost durability stops the server', () => {
  for (const { name, plan } of plans) {
    test(name, () =>
      withFolder(async (dataDir) => {
        const faulty = await startServer({ dataDir, program: faultyProgram(), env: { FAULT_PLAN: plan } });
        const watcher = await connect(faulty);
        const sender = await connect(faulty);
        const broadcast = [];
        watcher.on('new_message', (message) => broadcast.push(message.content));
        await request(watcher, 'join_room', { conversationId: 'c1', userId: 'sue', userRole: 'cx-supervisor' });
        const gone = new Promise((resolve) => watcher.once('disconnect', resolve));
        const acked = [];
        for (let i = 0; i < messagesMax; i++) {
          const reply = await send(sender, 'c1', `message ${i}`);
          if (reply === null) break;
          assert.ok(reply.id, JSON.stringify(reply));
          acked.push(`message ${i}`);
        }
        await gone;
        const exit = await faulty.ended();
        assert.equal(exit.code, exitStorage);
        assert.match(faulty.stderr, /stopping, because the storage can no longer be trusted/);
        assert.ok(acked.length > 5, `${acked.length} acknowledged before the fault`);
        assert.deepEqual(broadcast, acked, 'nothing of the batch that failed was broadcast');

        const server = await startServer({ dataDir, program: programPath() });
        const stored = await contentsOf(server);
        assert.deepEqual(stored.slice(0, acked.length), acked);
        assert.ok(stored.length <= acked.length + 1, 'at most the one that was under way');
        await server.finish();
        console.log(`${name}: ${acked.length} acknowledged, 0 lost`);
      }),
    );
  }
});

describe('a large WAL that cannot be copied back in the background stops the server', () => {
  for (const { name, plan } of [
    { name: 'a write to the database fails', plan: 'write:1:1000000:778' },
    { name: 'a sync fails', plan: 'sync:1:1:1034' },
  ]) {
    test(name, () =>
      withFolder(async (folder) => {
        const dataDir = path.join(folder, 'run');
        const armed = path.join(folder, 'armed');
        const faulty = await startServer({
          dataDir, program: faultyProgram(), env: { FAULT_PLAN: plan, FAULT_WHEN: armed },
        });
        const sender = await connect(faulty);
        const acked = [];
        const say = async () => {
          acked.push(`${acked.length} ${'x'.repeat(400_000)}`);
          assert.ok((await send(sender, 'c1', acked.at(-1))).id);
        };
        await say();
        const snapshot = await holdSnapshot(dataDir);
        while ((await metric(faulty, 'parley_wal_pages_left')) < 4500) await say();
        // No client writes any more, so the copy is what fails now.
        await writeFile(armed, '');
        await snapshot.release();
        assert.equal((await faulty.ended()).code, exitStorage);
        assert.match(faulty.stderr, /stopping, because the storage can no longer be trusted/);

        const server = await startServer({ dataDir, program: programPath() });
        assert.deepEqual(await contentsOf(server), acked);
        await server.finish();
      }),
    );
  }
});

test('a disk that fails while the server starts ends it with 74', () =>
  withFolder(async (dataDir) => {
    await assert.rejects(
      startServer({ dataDir, program: faultyProgram(), env: { FAULT_PLAN: 'sync:2:1000000:1034' } }),
      /exit code 74/,
    );
    const verified = await run(['serve', '--port', 'x', '--data', dataDir]);
    assert.equal(verified.exit.code, 78);
  }));
