// Backups of a Parley under load, their restore, scheduled backups, vacuum.
import assert from 'node:assert/strict';
import { readdir, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { bounded, startServer } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import {
  Load, exported, figuresIn, metrics, parley, refuses, succeeds, temporaryFolder, untilMetrics, waitMsMax,
} from './support.mjs';

/// Runs `body` against a server under load, then audits the folder.
async function underLoad(options, body) {
  const server = await startServer(options);
  let load;
  try {
    load = await Load.start(server);
    await body(server, load);
    assert.deepEqual(load.refusals, []);
  } finally {
    load?.stop();
    await server.finish();
  }
}

/// Checks that the copy at `file` equals the log of `dataDir` up to its own position, to the byte.
async function checkCopy(file, figures, dataDir, folder) {
  await succeeds('restore', file, '--data', folder);
  assert.match(await succeeds('verify', '--data', folder), new RegExp(figures.hash));
  await succeeds('rebuild', '--check', '--data', folder);
  const copy = await exported(folder);
  assert.equal(copy.length, figures.events);
  assert.deepEqual(copy, (await exported(dataDir)).slice(0, figures.position));
}

/// The state of a stock client after a disconnect: its pid and its last cursor.
async function comesBack(server, { pid, offset }) {
  const options = { forceNew: true, reconnection: false, autoConnect: false, transports: ['websocket'] };
  const socket = io(server.url, { ...options, auth: { recovery: true } });
  Object.assign(socket, { _pid: pid, _lastOffset: offset });
  const heard = [];
  socket.onAny((name, body) => heard.push({ name, body }));
  const connected = new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  socket.connect();
  await bounded(connected, waitMsMax, 'a client that comes back');
  return { socket, heard, ask: (name, body) => bounded(new Promise((resolve) => socket.emit(name, body, resolve)), waitMsMax, name) };
}

async function post(server, conversationId, content) {
  const body = { conversationId, fromUserId: 'else', fromRole: 'cx-agent', content };
  assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
}

/// How many users type at the end of these events.
function typingIn(events) {
  const typing = new Set();
  for (const { type, conversationId, actor } of events) {
    const who = `${conversationId} ${actor}`;
    if (type === 'typing_started') typing.add(who);
    if (type === 'typing_stopped') typing.delete(who);
  }
  return typing.size;
}

describe('backup and restore', { timeout: 4 * waitMsMax }, () => {
  test('a backup under load verifies and equals the log up to its position', async () => {
    const folder = await temporaryFolder();
    await underLoad({}, async (server, load) => {
      for (const name of ['first.db', 'second.db']) {
        await load.until(200);
        const before = load.acked.at(-1).position;
        const file = path.join(folder, name);
        const { code, stdout, stderr } = await parley('backup', file, '--data', server.dataDir);
        assert.equal(code, 0, stderr);
        const figures = figuresIn(stdout);
        assert.ok(figures.position >= before, 'what was acknowledged before is in it');
        assert.equal(figures.events, figures.position);
        assert.equal(figures.bytes, (await stat(file)).size);
        assert.match(stderr, /copying 100 %[^]*verifying/);
        await checkCopy(file, figures, server.dataDir, path.join(folder, `of-${name}`));
      }
      await load.until(50);
    });
    assert.deepEqual((await readdir(folder)).sort(), ['first.db', 'of-first.db', 'of-second.db', 'second.db']);
  });

  test('a backup replaces nothing unless forced, and never the database', async () => {
    const folder = await temporaryFolder();
    await underLoad({}, async (server, load) => {
      const file = path.join(folder, 'copy.db');
      await writeFile(file, 'precious');
      await refuses(/exists/, 'backup', file, '--data', server.dataDir);
      assert.equal((await stat(file)).size, 8);
      figuresIn(await succeeds('backup', file, '--force', '--data', server.dataDir));
      const database = path.join(server.dataDir, 'parley.db');
      await refuses(/database itself/, 'backup', database, '--force', '--data', server.dataDir);
      await refuses(/there is no database in .*--data/, 'backup', path.join(folder, 'b.db'), '--data', path.join(folder, 'none'));
      await refuses(/FILE is required/, 'backup', '--data', server.dataDir);
      await load.until(50);
    });
  });

  test('a backup never takes the place of a file of another data folder, served or not', async () => {
    const folder = await temporaryFolder();
    const own = path.join(folder, 'own');
    await succeeds('generate', '--events', '200', '--data', own);
    const server = await startServer();
    try {
      await post(server, 'c', 'kept');
      for (const name of ['parley.db', 'parley.db-wal', 'parley.db-journal', 'audit.db', 'parley.lock']) {
        await refuses(/is a file of the data folder/, 'backup', path.join(server.dataDir, name), '--force', '--data', own);
      }
      const link = path.join(folder, 'link.db');
      await symlink(path.join(server.dataDir, 'parley.db'), link);
      await refuses(/is a file of the data folder/, 'backup', link, '--force', '--data', own);
      await post(server, 'c', 'kept too');
      await server.stop();
      await refuses(/is a file of the data folder/, 'backup', path.join(server.dataDir, 'parley.db'), '--force', '--data', own);
    } finally {
      await server.finish();
    }
    // A folder of backups is none.
    await succeeds('backup', path.join(folder, 'parley.db'), '--data', own);
    await succeeds('backup', path.join(folder, 'parley.db'), '--force', '--data', own);
  });

  test('a restored folder serves what was backed up; a restore needs a folder without a database', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'copy.db');
    const restored = path.join(folder, 'restored');
    await underLoad({}, async (server, load) => {
      await load.until(100);
      await succeeds('backup', file, '--data', server.dataDir);
      await refuses(/pid \d+/, 'restore', file, '--data', server.dataDir);
      const figures = figuresIn(await succeeds('restore', file, '--data', restored));
      const lines = await exported(restored);
      await refuses(/is there already/, 'restore', file, '--data', restored);

      const second = await startServer({ dataDir: restored });
      try {
        const events = lines.map((line) => JSON.parse(line));
        // A start ends each typing that the backup found begun.
        assert.equal((await metrics(second)).log_position, figures.position + typingIn(events));
        const messages = events.filter(({ type }) => type === 'message_sent');
        const { body } = await rest(second, 'GET', '/chat/dashboard/stats');
        assert.equal(body.totalMessages, messages.length);
        const again = await Load.start(second);
        assert.ok(again.acked[0].position > figures.position);
        again.stop();
      } finally {
        await second.finish();
      }
    });
  });

  test('a client with a cursor of a history that a restore discarded starts afresh, also once the log is longer', async () => {
    const folder = await temporaryFolder();
    const [file, restored] = [path.join(folder, 'copy.db'), path.join(folder, 'restored')];
    const room = 'taken-back';
    const join = { conversationId: room, userId: 'ann', userRole: 'cx-agent' };
    const server = await startServer();
    try {
      const ann = await comesBack(server, {});
      await ann.ask('join_room', join);
      for (let i = 0; i < 5; i++) await post(server, room, `kept ${i}`);
      await succeeds('backup', file, '--data', server.dataDir);
      for (let i = 0; i < 20; i++) await post(server, room, `lost ${i}`);
      await ann.ask('join_dashboard', {}); // everything before has been delivered
      const held = { pid: ann.socket._pid, offset: ann.socket._lastOffset };
      assert.ok(Number.parseInt(held.offset, 10) > 25, held.offset);
      ann.socket.io.engine.close();
      const control = await comesBack(server, held);
      assert.equal(control.socket.recovered, true, 'where nothing was taken back it is of use');
      control.socket.io.engine.close();

      await succeeds('restore', file, '--data', restored);
      const second = await startServer({ dataDir: restored });
      try {
        // While the log is shorter than the offset, and once it is not.
        for (const more of [1, 40]) {
          for (let i = 0; i < more; i++) await post(second, room, `another ${i}`);
          assert.equal((await metrics(second)).log_position > Number.parseInt(held.offset, 10), more > 1);
          const again = await comesBack(second, held);
          assert.equal(again.socket.recovered, false);
          assert.notEqual(again.socket._pid, held.pid);
          await again.ask('join_dashboard', {});
          assert.deepEqual(again.heard, []);
          await again.ask('join_room', join);
          await post(second, room, 'heard');
          await again.ask('leave_dashboard', {});
          assert.equal(again.heard.filter(({ name }) => name === 'new_message').length, 1);
          again.socket.disconnect();
        }
      } finally {
        await second.finish();
      }
    } finally {
      await server.finish();
    }
  });

  test('a cursor that a stock client keeps across a restore hides no event of the new history', async () => {
    const folder = await temporaryFolder();
    const [file, restored] = [path.join(folder, 'copy.db'), path.join(folder, 'restored')];
    const room = 'kept-cursor';
    const join = { conversationId: room, userId: 'ann', userRole: 'cx-agent' };
    const server = await startServer();
    try {
      const ann = await comesBack(server, {});
      await ann.ask('join_room', join);
      await post(server, room, 'kept');
      await succeeds('backup', file, '--data', server.dataDir);
      for (let i = 0; i < 20; i++) await post(server, room, `lost ${i}`);
      await ann.ask('join_dashboard', {}); // everything before has been delivered
      const stale = { pid: ann.socket._pid, offset: ann.socket._lastOffset };
      ann.socket.io.engine.close();

      await succeeds('restore', file, '--data', restored);
      const second = await startServer({ dataDir: restored });
      try {
        // A fresh session that received nothing before it was disconnected: it still has the old
        // cursor.
        const fresh = await comesBack(second, stale);
        await fresh.ask('join_room', join);
        const held = { pid: fresh.socket._pid, offset: fresh.socket._lastOffset };
        assert.deepEqual(fresh.heard, []);
        assert.equal(held.offset, stale.offset);
        fresh.socket.io.engine.close();
        for (let i = 0; i < 40; i++) await post(second, room, `new ${i}`);
        assert.ok((await metrics(second)).log_position > Number.parseInt(held.offset, 10));

        const again = await comesBack(second, held);
        assert.equal(again.socket.recovered, false);
        await again.ask('join_room', join);
        const page = await again.ask('get_messages', { conversationId: room, limit: 40 });
        assert.deepEqual(page.map(({ content }) => content), Array.from({ length: 40 }, (_, i) => `new ${i}`));
        // With a cursor of the new history it is recovered as usual.
        await post(second, room, 'heard');
        await again.ask('join_dashboard', {});
        const good = { pid: again.socket._pid, offset: again.socket._lastOffset };
        assert.notEqual(good.offset, stale.offset);
        again.socket.io.engine.close();
        await post(second, room, 'missed');
        const recovered = await comesBack(second, good);
        assert.equal(recovered.socket.recovered, true);
        await recovered.ask('leave_dashboard', {});
        const told = recovered.heard.filter(({ name }) => name === 'new_message').map(({ body }) => body.content);
        assert.deepEqual(told, ['missed']);
        recovered.socket.disconnect();
      } finally {
        await second.finish();
      }
    } finally {
      await server.finish();
    }
  });

  test('a server makes scheduled backups, keeps the newest, and serves in the meantime', async () => {
    const args = ['--backup.every', '200', '--backup.keep', '2'];
    let kept;
    let dataDir;
    const folder = await temporaryFolder();
    const server = await startServer({ args });
    try {
      dataDir = server.dataDir;
      const load = await Load.start(server);
      const now = await untilMetrics(server, 'five backups', ({ backups_made_total: made }) => made >= 5);
      assert.equal(now.backups_failed_total, 0);
      assert.ok(now.backup_last_position > 0);
      assert.ok(Math.abs(now.backup_last_timestamp_seconds - Date.now() / 1000) < 3600);
      await load.until(50);
      load.stop();
      assert.deepEqual(load.refusals, []);
      await server.stop();
      const backups = path.join(dataDir, 'backups');
      kept = (await readdir(backups)).sort();
      assert.equal(kept.length, 2, kept.join());
      for (const name of kept) assert.match(name, /^parley-\d{4}-\d\d-\d\dT[\d-]{12}Z-p\d{12}\.db$/);
      const position = Number(/p(\d+)\.db$/.exec(kept[1])[1]);
      const newest = path.join(backups, kept[1]);
      const figures = figuresIn(await succeeds('restore', newest, '--data', path.join(folder, 'probe')));
      assert.equal(figures.position, position);
      await checkCopy(newest, figures, dataDir, path.join(folder, 'whole'));
    } finally {
      await server.finish();
    }
  });

  test('a failed backup is logged and counted, and clients are not affected', async () => {
    const folder = await temporaryFolder();
    const blocked = path.join(folder, 'a-file');
    await writeFile(blocked, '');
    const args = ['--backup.every', '100', '--backup.folder', path.join(blocked, 'backups')];
    await underLoad({ args }, async (server, load) => {
      await untilMetrics(server, 'a failure', ({ backups_failed_total: failed }) => failed >= 1);
      assert.match(server.stderr, /backup_failed/);
      await load.until(100);
    });
  });

  test('vacuum frees space and refuses while a server runs', async () => {
    const server = await startServer();
    try {
      const load = await Load.start(server);
      await load.until(1500);
      await refuses(/pid \d+/, 'vacuum', '--data', server.dataDir);
      load.stop();
      await server.stop();
      const before = await exported(server.dataDir);
      const text = await succeeds('vacuum', '--data', server.dataDir);
      const [, bytesBefore, bytesAfter] = /(\d+) -> (\d+) bytes/.exec(text);
      assert.ok(Number(bytesAfter) < Number(bytesBefore), text);
      const left = (await readdir(server.dataDir)).filter((name) => /^parley.*(-wal|-journal)$|\.part$/.test(name));
      assert.deepEqual(left, []);
      assert.deepEqual(await exported(server.dataDir), before);
      await server.start(0);
      const more = await Load.start(server);
      assert.ok(more.acked[0].position > before.length);
      more.stop();
    } finally {
      await server.finish();
    }
  });
});
