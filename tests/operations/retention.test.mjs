// Retention in a running server: typing loses its data and nothing else, the log records it, and
// everything verifies, even if the server ends at any moment.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { bounded, startServer } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import { Load, exported, metrics, untilMetrics, waitMsMax } from './support.mjs';

const roundCount = 5;
const seed = Number(process.env.PARLEY_TEST_SEED || randomInt(1, 2 ** 31));
console.log(`kill in retention: PARLEY_TEST_SEED=${seed}`);

/// mulberry32: the same seed gives the same moments. In [0, 1).
function seeded(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const isTyping = ({ type }) => type === 'typing_started' || type === 'typing_stopped';

/// Checks that exactly the recorded events are empty: each slice's range and count, no overlap.
function checkTold(events) {
  const slices = events.filter(({ type }) => type === 'retention_applied');
  let through = 0;
  let total = 0;
  slices.forEach(({ conversationId, seq, data }, index) => {
    assert.equal(conversationId, '\x1fsystem');
    assert.equal(seq, index + 1);
    assert.ok(data.after >= through);
    assert.ok(data.emptied >= 1 && data.emptied <= 1000);
    const empty = events.slice(data.after, data.through).filter(({ commitment }) => commitment);
    assert.equal(empty.length, data.emptied);
    for (const event of empty) assert.ok(event.at < data.before, 'it was old enough');
    through = data.through;
    total += data.emptied;
  });
  const emptied = events.filter(({ commitment }) => commitment);
  assert.equal(emptied.length, total, 'nothing was emptied without being told');
  for (const event of emptied) {
    assert.ok(isTyping(event), event.type);
    assert.equal(event.data, undefined);
  }
  return total;
}

describe('retention', { timeout: 4 * waitMsMax }, () => {
  test('empties typing under load and after it, keeps everything else, across a restart', async () => {
    const server = await startServer({ args: ['--retention.typing', '300'] });
    try {
      const load = await Load.start(server);
      await load.until(500);
      await untilMetrics(server, 'emptied under load', (now) => now.typing_emptied_total > 0);
      const before = (await exported(server.dataDir)).map((line) => JSON.parse(line));
      load.stop();
      assert.deepEqual(load.refusals, []);
      await server.restart();
      for (let waited = 0; ; waited += 100) {
        // Read part by part while retention runs: early parts may be older than later ones show.
        const events = (await exported(server.dataDir)).map((line) => JSON.parse(line));
        if (events.filter(isTyping).every(({ commitment }) => commitment)) break;
        assert.ok(waited < waitMsMax, 'some typing is never emptied');
        await pause(100);
      }
      const events = (await exported(server.dataDir)).map((line) => JSON.parse(line));
      assert.ok(checkTold(events) > 500);
      assert.ok(!events.some((event) => JSON.stringify(event).includes('Name of')), 'a name is left');
      before.forEach((event, index) => {
        assert.equal(events[index].hash, event.hash);
        assert.equal(events[index].content, event.content);
      });
    } finally {
      await server.finish();
    }
  });

  test('a kill in the middle leaves each slice whole or absent', async () => {
    const random = seeded(seed);
    const server = await startServer({ args: ['--retention.typing', '100'] });
    let total = 0;
    try {
      for (let round = 0; round < roundCount; round++) {
        const load = await Load.start(server);
        await load.until(100);
        await untilMetrics(server, 'retention at work', (now) => now.typing_emptied_total > 0);
        await pause(random() * 400);
        await server.kill9();
        load.stop();
        await server.check();
        const events = (await exported(server.dataDir)).map((line) => JSON.parse(line));
        total = checkTold(events);
        const ids = new Set(events.map(({ id }) => id));
        for (const { id } of load.acked) assert.ok(ids.has(id), 'acknowledged, then gone');
        await server.start(server.port);
      }
    } finally {
      await server.finish();
    }
    console.log(`kill in retention: ${roundCount} rounds, ${total} events emptied, none lost`);
  });

  test('its conversation can be neither joined, nor read, nor listed', async () => {
    const server = await startServer({ args: ['--retention.typing', '100'] });
    const socket = io(server.url, { forceNew: true, transports: ['websocket'] });
    try {
      const load = await Load.start(server);
      await untilMetrics(server, 'retention at work', (now) => now.typing_emptied_total > 0);
      load.stop();
      const ask = (name, body) =>
        bounded(new Promise((resolve) => socket.emit(name, body, resolve)), waitMsMax, name);
      const conversationId = '\x1fsystem';
      for (const [name, more] of [
        ['join_room', { userId: 'eve', userRole: 'cx-supervisor' }],
        ['get_messages', {}],
        ['send_message', { fromUserId: 'eve', fromRole: 'cx-agent', content: 'x' }],
      ]) {
        assert.equal((await ask(name, { conversationId, ...more })).code, 'invalid_id');
      }
      const join = { conversationId: 'c', userId: '\x1fparley', userRole: 'cx-agent' };
      assert.equal((await ask('join_room', join)).code, 'invalid_id');
      const { text } = await rest(server, 'GET', '/chat/conversations');
      assert.ok(text.includes('room-0') && !text.includes('system'), text);
      assert.notEqual((await rest(server, 'GET', '/chat/conversations/%1Fsystem')).status, 200);
      const now = await metrics(server);
      assert.ok(now.database_bytes > 0 && now.wal_bytes > 0);
      assert.ok('database_growth_bytes_per_day' in now && 'reads_cut_total' in now);
    } finally {
      socket.disconnect();
      await server.finish();
    }
  });
});
