// With a full disk, or a file that may not grow, commands are refused with storage_full, reads
// work, /readyz says why, and the server recovers by itself once there is room.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { patience, programPath, run } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { connect, faultyProgram, request, send, startServer, withFolder } from './support.mjs';

const diskBytes = 8 * 1024 * 1024;
const roomLeftBytes = 1_500_000;
const readyMsMax = 30_000 * patience;
const refusalsMax = 100;
const content = 'x'.repeat(200_000);

/// A small separate file system, or null if this user may not mount one.
function mount(folder) {
  const size = `size=${diskBytes}`;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder], { encoding: 'utf8' });
  if (mounted.status === 0) return () => spawnSync('umount', [folder]);
  console.log(`cannot mount a file system (${mounted.stderr?.trim() || mounted.error}): running on a full VFS`);
  return null;
}

async function untilRefused(socket) {
  for (let i = 0; i < refusalsMax; i++) {
    const reply = await send(socket, 'c1', content);
    assert.notEqual(reply, null, 'the server continues');
    if (reply.success === false) return reply;
  }
  throw new Error('the disk never became full');
}

async function untilReady(server) {
  for (const end = Date.now() + readyMsMax; Date.now() < end; await pause(100)) {
    if ((await rest(server, 'GET', '/readyz')).status === 200) return;
  }
  throw new Error('the server never became ready again');
}

async function idsOf(server) {
  const found = [];
  for (let query = 'limit=20'; ; query = `limit=20&before=${found.at(-1).position}`) {
    const answer = await rest(server, 'GET', `/chat/conversations/c1/messages?${query}`);
    assert.equal(answer.status, 200, answer.text);
    if (answer.body.length === 0) return found.map((message) => message.id);
    found.push(...answer.body.reverse());
  }
}

async function showsThatItIsFull(server, socket) {
  assert.equal((await untilRefused(socket)).code, 'storage_full');
  const twin = await rest(server, 'POST', '/chat/messages', {
    conversationId: 'c1', fromUserId: 'anna', fromRole: 'cx-customer', content,
  });
  assert.equal(twin.status, 507);
  const ready = await rest(server, 'GET', '/readyz');
  assert.equal(ready.status, 503);
  assert.equal(ready.body.status, 'storage_full');
  assert.match(ready.body.reason, /disk .*is full/);
  const history = await request(socket, 'get_messages', { conversationId: 'c1', limit: 1 });
  assert.equal(history.length, 1, 'reads work');
  const metrics = (await rest(server, 'GET', '/metrics')).text;
  assert.match(metrics, /^parley_storage_full 1$/m);
  assert.match(metrics, /^parley_storage_free_bytes \d+$/m);
}

describe('a full disk', () => {
  test('on a small file system', (context) =>
    withFolder(async (folder) => {
      const unmount = mount(folder);
      if (!unmount) return context.skip('mounting is not allowed here');
      try {
        const dataDir = path.join(folder, 'run');
        await mkdir(dataDir);
        const server = await startServer({ dataDir, args: ['--storage.warn-free', String(diskBytes)] });
        const socket = await connect(server);
        assert.ok((await send(socket, 'c1', 'there is room')).id);
        assert.match(server.stderr, /storage_low free_bytes=\d+/);
        const filler = path.join(folder, 'filler');
        for (let round = 1; round <= 2; round++) {
          const { bavail, bsize } = await statfs(folder);
          await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - roomLeftBytes)));
          await showsThatItIsFull(server, socket);
          await rm(filler);
          await untilReady(server);
          assert.ok((await send(socket, 'c1', `room again ${round}`)).id);
        }
        assert.match(server.stderr, /storage_full head=\d+/);
        assert.match(server.stderr, /storage_room_again/);
        socket.disconnect();
        await server.finish();
        console.log('ran on its own tmpfs');
      } finally {
        unmount();
      }
    }));

  test('on a VFS that is full for a while', () =>
    withFolder(async (dataDir) => {
      // Room for 1500 writes, then none for 8, which the server's own retries use up in the end.
      const server = await startServer({
        dataDir, program: faultyProgram(), env: { FAULT_PLAN: 'write:1500:8:13:partly' },
      });
      const socket = await connect(server);
      const refused = await untilRefused(socket);
      assert.equal(refused.code, 'storage_full');
      assert.equal((await rest(server, 'GET', '/readyz')).status, 503);
      await untilReady(server);
      const again = await send(socket, 'c1', 'room again');
      assert.ok(again?.id, `${JSON.stringify(again)}\n${server.stderr}`);
      socket.disconnect();
      await server.finish();
    }));

  test('a user who was typing when the disk became full is seen to stop typing', () =>
    withFolder(async (dataDir) => {
      const server = await startServer({
        dataDir, program: faultyProgram(), env: { FAULT_PLAN: 'write:1500:8:13:partly' },
      });
      const bob = await connect(server);
      const anna = await connect(server);
      const join = (socket, userId) =>
        request(socket, 'join_room', { conversationId: 'c1', userId, userRole: 'cx-customer' });
      assert.ok((await join(bob, 'bob')).success);
      assert.ok((await join(anna, 'anna')).success);
      const seen = [];
      anna.on('user_typing', ({ userId, isTyping }) => seen.push(`${userId} ${isTyping}`));
      const type = () =>
        request(bob, 'typing_start', { conversationId: 'c1', userId: 'bob', userName: 'Bob' });
      // The failing batch is another user's message in the same conversation.
      for (let i = 0, refused = false; !refused; i++) {
        assert.ok(i < refusalsMax, 'the disk never became full');
        if ((await type()).success !== true) break;
        refused = (await send(anna, 'c1', content)).success === false;
      }
      assert.equal(seen.at(-1), 'bob true');
      await untilReady(server);
      for (const end = Date.now() + readyMsMax; seen.at(-1) !== 'bob false'; await pause(50)) {
        assert.ok(Date.now() < end, `anna never saw bob stop: ${seen}`);
      }
      for (const socket of [anna, bob]) socket.disconnect();
      await server.finish();
    }));
});

/// Sets the limit of `ulimit -f` in a running server. 'unlimited' lifts it.
function limitFiles(server, bytes) {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

describe('a file-size limit', () => {
  for (const grows of ['parley.db-wal', 'parley.db']) {
    test(`that ${grows} reaches acts as a full disk until it is lifted`, () =>
      withFolder(async (dataDir) => {
        const server = await startServer({ dataDir });
        const socket = await connect(server);
        const stored = [(await send(socket, 'c1', 'there is room')).id];
        // The database grows at a checkpoint, once the WAL has 1,000 pages.
        while (grows === 'parley.db' && (await stat(path.join(dataDir, grows))).size < 1_000_000) {
          stored.push((await send(socket, 'c1', content)).id);
        }
        for (let round = 1; round <= 2; round++) {
          limitFiles(server, (await stat(path.join(dataDir, grows))).size + 150_000);
          await showsThatItIsFull(server, socket);
          limitFiles(server, 'unlimited');
          await untilReady(server);
          const again = await send(socket, 'c1', `room again ${round}`);
          assert.ok(again.id, JSON.stringify(again));
          stored.push(again.id);
        }
        assert.match(server.stderr, /storage_full head=\d+ file_size_limit=\d+/);
        const kept = new Set(await idsOf(server));
        for (const id of stored) assert.ok(kept.has(id), 'everything acknowledged is there');
        socket.disconnect();
        await server.finish();
      }));
  }

  test('ends a backup with a message, not with a signal', () =>
    withFolder(async (folder) => {
      const dataDir = path.join(folder, 'run');
      await mkdir(dataDir);
      const server = await startServer({ dataDir });
      const socket = await connect(server);
      for (let i = 0; i < 10; i++) assert.ok((await send(socket, 'c1', content)).id);
      socket.disconnect();
      await server.stop();
      const target = path.join(folder, 'copy.db');
      const { exit, output } = await run(
        ['--fsize=500000', programPath(), 'backup', target, '--data', dataDir], {}, 'prlimit',
      );
      assert.deepEqual(exit, { code: 74, signal: null }, output);
      assert.match(output, /ulimit -f/);
      await assert.rejects(stat(target), { code: 'ENOENT' });
      await server.finish();
    }));
});
