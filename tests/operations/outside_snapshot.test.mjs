// Another process holds an old snapshot of the database, like a backup or a shell: the WAL grows in
// the meantime, and a background thread copies it back when the snapshot ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { metric } from '../clients/metrics.mjs';
import { holdSnapshot } from '../support/snapshot.mjs';
import { programPath, startServer } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { waitMsMax } from './support.mjs';

const largePages = 4000; // CheckpointOptions
const finishPages = 1000;

const left = (server) => metric(server, 'parley_wal_pages_left');
const inBackground = (server) => metric(server, 'parley_checkpoints_in_background_total');

async function say(server, content) {
  const body = { conversationId: 'big', fromUserId: 'u', fromRole: 'cx-agent', content };
  assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
}

async function sayUntilLeft(server, pages) {
  while ((await left(server)) < pages) await say(server, 'x'.repeat(500_000));
}

async function until(what, holds) {
  for (const end = Date.now() + waitMsMax; Date.now() < end; await pause(20)) if (await holds()) return;
  assert.fail(what);
}

describe('an outside snapshot', { timeout: 2 * waitMsMax }, () => {
  test('holds the WAL back; at its end a background thread copies everything, and the WAL restarts', async () => {
    const server = await startServer();
    try {
      await say(server, 'first');
      const snapshot = await holdSnapshot(server.dataDir);
      await sayUntilLeft(server, largePages + 500);
      const byWriter = await metric(server, 'parley_checkpoints_by_writer_total');
      for (let i = 0; i < 5; i++) await say(server, 'more');
      assert.ok((await left(server)) > largePages + 500, 'nothing is copied while it lasts');
      await snapshot.release();
      // Nobody writes, so only the background thread can copy it.
      await until('the WAL was not copied back', async () => (await left(server)) === 0);
      assert.ok((await inBackground(server)) > 0);
      assert.equal(await metric(server, 'parley_checkpoints_by_writer_total'), byWriter);
      await say(server, 'the next one');
      assert.ok((await left(server)) < finishPages, 'the WAL restarts');
    } finally {
      await server.finish();
    }
  });

  test('that ends while messages come: the writer copies what they added', async () => {
    const server = await startServer();
    try {
      await say(server, 'first');
      const snapshot = await holdSnapshot(server.dataDir);
      await sayUntilLeft(server, largePages + 500);
      await snapshot.release();
      await until('the WAL did not restart', async () => {
        await say(server, 'y'.repeat(20_000));
        return (await left(server)) < finishPages;
      });
      assert.ok((await inBackground(server)) > 0);
      await server.check(); // reads while the server runs
    } finally {
      await server.finish();
    }
  });

  test('a stop and a kill while the WAL is copied back lose nothing', async () => {
    const server = await startServer();
    try {
      for (const signal of ['SIGTERM', 'SIGKILL']) {
        await say(server, 'first');
        const snapshot = await holdSnapshot(server.dataDir);
        await sayUntilLeft(server, largePages + 100);
        const head = await metric(server, 'parley_log_position');
        await snapshot.release();
        await server.restart({ signal });
        assert.equal(await metric(server, 'parley_log_position'), head);
      }
    } finally {
      await server.finish();
    }
  });

  test('of a backup by another process counts too: the copy is good, and the WAL is small again', async () => {
    const server = await startServer();
    try {
      await sayUntilLeft(server, 100);
      const copy = spawn(programPath(), ['backup', `${server.dataDir}/copy.db`, '--data', server.dataDir]);
      const done = once(copy, 'exit');
      let running = true;
      done.then(() => (running = false));
      while (running) await say(server, 'z'.repeat(500_000));
      assert.deepEqual(await done, [0, null]);
      await until('the WAL stayed large', async () => {
        await say(server, 'more');
        return (await left(server)) < largePages;
      });
    } finally {
      await server.finish();
    }
  });
});
