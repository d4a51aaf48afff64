// An implausible clock: the start is refused or a warning is given, and nothing is deleted by age
// for an hour.
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { patience } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { connect, faultyProgram, request, send, startServer, withFolder } from './support.mjs';

const exitConfig = 78;
const minute = 60_000;
const hour = 60 * minute;
const year = 365 * 24 * hour;
const waitMsMax = 20_000 * patience;

/// A data folder, and servers on it whose clock `set(ms)` shifts.
async function withClock(body) {
  await withFolder(async (top) => {
    const file = path.join(top, 'clock');
    const set = (ms) => writeFile(file, String(ms));
    const start = (args = []) => startServer({
      dataDir: path.join(top, 'run'), program: faultyProgram(), env: { FAULT_CLOCK: file }, args,
    });
    await set(0);
    await body({ set, start });
  });
}

async function until(what, holds) {
  for (const end = Date.now() + waitMsMax; Date.now() < end; await pause(100)) if (await holds()) return;
  assert.fail(what);
}

const warningOf = async (server) => {
  const ready = await rest(server, 'GET', '/readyz');
  assert.equal(ready.status, 200);
  return ready.body.warnings.find(({ name }) => name === 'clock_implausible')?.text;
};
const implausible = async (server) =>
  Number(/^parley_clock_implausible (\d)$/m.exec((await rest(server, 'GET', '/metrics')).text)[1]);

async function write(server) {
  const socket = await connect(server);
  const message = await send(socket, 'c1', 'hello');
  assert.ok(message.id, JSON.stringify(message));
  socket.disconnect();
  return Date.parse(message.timestamp);
}

describe("a clock behind the log's last event", () => {
  test('by more than an hour is refused at the start, with advice, and accepted with --accept-clock', () =>
    withClock(async ({ set, start }) => {
      await set(year);
      const ahead = await start();
      const last = await write(ahead);
      await ahead.stop();

      await set(0);
      const refused = await start().then(() => assert.fail('it started'), (error) => error);
      assert.equal(refused.exit?.code, exitConfig, refused.message);
      assert.match(refused.message, /clock says \d{4}-.*log's last event is of \d{4}-.*Nothing was changed.*--accept-clock/);

      const accepted = await start(['--accept-clock']);
      assert.match(await warningOf(accepted), /behind the log's last event/);
      assert.equal(await implausible(accepted), 1);
      assert.equal(await write(accepted), last, "new events have the log's last time");
      assert.match(accepted.stderr, /clock_implausible/);
      await accepted.stop();

      await set(year + minute);
      const passed = await start();
      assert.ok((await write(passed)) > last);
      assert.equal(await warningOf(passed), undefined);
      await passed.finish();
    }));

  test('by less causes a warning, and the server starts', () =>
    withClock(async ({ set, start }) => {
      await set(hour / 2);
      const ahead = await start();
      const last = await write(ahead);
      await ahead.stop();
      await set(0);
      const server = await start();
      assert.match(await warningOf(server), /behind the log's last event.*retention and expiry wait/);
      assert.equal(await write(server), last);
      await server.finish();
    }));
});

test('a clock a year ahead at the start causes a warning, empties no typing and expires no session', () =>
  withClock(async ({ set, start }) => {
    const typed = await start();
    const socket = await connect(typed, { auth: { recovery: true } });
    const join = { conversationId: 'c1', userId: 'anna', userRole: 'cx-customer' };
    assert.ok((await request(socket, 'join_room', join)).success);
    const typing = { conversationId: 'c1', userId: 'anna', userName: 'Anna' };
    assert.ok((await request(socket, 'typing_start', typing)).success);
    assert.ok((await request(socket, 'typing_stop', typing)).success);
    const offset = new Promise((resolve) => socket.once('new_message', (...all) => resolve(all.at(-1))));
    await send(socket, 'c1', 'hello');
    const held = { pid: socket._pid, offset: await offset };
    socket.io.engine.close();
    await typed.stop();

    await set(year);
    const server = await start(['--retention.typing', '1000']);
    assert.match(await warningOf(server), /days after the log's last event/);
    await pause(2500); // retention and the sweep of sessions would have run several times
    const text = (await rest(server, 'GET', '/metrics')).text;
    assert.match(text, /^parley_typing_emptied_total 0$/m);
    const again = await connect(server, { auth: held });
    assert.equal(again._pid, held.pid, 'the session is there');
    again.disconnect();
    await server.finish();
  }));

test('a clock that is set while the server runs causes a warning, and no backup is removed', () =>
  withClock(async ({ set, start }) => {
    const server = await start(['--backup.every', '200', '--backup.keep', '1']);
    await write(server);
    assert.equal(await warningOf(server), undefined);
    assert.equal(await implausible(server), 0);
    await set(year);
    await until('no warning', async () => await warningOf(server));
    assert.match(await warningOf(server), /was set forward by \d+ s/);
    const backups = () => readdir(path.join(server.dataDir, 'backups'));
    await until('no further backups', async () => (await backups()).length >= 4);
    await set(0);
    await until('no warning of the second step', async () => /was set back/.test(await warningOf(server)));
    // Names from the future delay nothing.
    const before = (await backups()).length;
    await until('the backups stand still', async () => (await backups()).length > before);
    await server.finish();
  }));
