// Signals as terminals, shells and process managers send them: pairs, a closed terminal, a hangup
// that asks a daemon to reload.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, bounded, history, kinds, patience, rest, unique } from './support.mjs';
import { newServer, programPath, startServer } from '../support/server.mjs';

const testMsMax = { timeout: 120_000 * patience };
const terminal = fileURLToPath(new URL('../support/terminal.py', import.meta.url));
/// A drain longer than any test: only a second signal ends it.
const endlessDrain = ['--drain.notice=900000', '--drain.timeout=1800000'];
const pairMsMax = 900; // a pair within this time is surely one request

const untilReady = (server, status) => untilAnswer(() => rest(server, 'GET', '/readyz'), status);
async function untilAnswer(ask, status) {
  for (const end = Date.now() + 20_000 * patience; Date.now() < end; await pause(5)) {
    if ((await ask()).status === status) return;
  }
  assert.fail(`/readyz never answered ${status}`);
}

/// Sends both signals shortly after each other; returns false if the machine was too slow for a
/// pair.
async function pair(server, first, second) {
  const from = Date.now();
  server.signal(first);
  await pause(40);
  server.signal(second);
  return Date.now() - from < pairMsMax;
}

describe('signals', () => {
  for (const [first, second] of [['SIGTERM', 'SIGTERM'], ['SIGINT', 'SIGTERM'], ['SIGINT', 'SIGINT']]) {
    test(`${first} and ${second} within a second are one request to stop`, testMsMax, async () => {
      const server = await startServer({ args: ['--drain.notice=300'] });
      try {
        let asked = await pair(server, first, second);
        while (!asked) {
          await server.ended();
          await server.start(server.port);
          asked = await pair(server, first, second);
        }
        assert.deepEqual(await server.ended(), { code: 0, signal: null });
      } finally {
        await server.finish();
      }
    });
  }

  test('SIGHUP without a terminal asks for a reload: it stops nothing, even while the server drains', testMsMax, async () => {
    const server = await startServer({ args: endlessDrain });
    try {
      for (let times = 1; times <= 2; times++) {
        server.signal('SIGHUP');
        const said = () => (server.stderr.match(/reload_asked/g) ?? []).length === times;
        await untilAnswer(async () => ({ status: said() ? 200 : 0 }), 200);
        await untilReady(server, 200);
      }
      server.signal('SIGTERM');
      await untilReady(server, 503);
      await pause(1100); // from now on a signal counts as a second request to stop
      server.signal('SIGHUP');
      const body = { conversationId: 'c', fromUserId: 'u', fromRole: 'cx-agent', content: 'served' };
      assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
      server.signal('SIGTERM');
      assert.deepEqual(await server.ended(), { code: 143, signal: null });
    } finally {
      await server.finish();
    }
  });

  test('closing a terminal drains the server that was started in it', testMsMax, async () => {
    const inTerminal = await startInTerminal([]);
    const client = new Client(kinds.v4WebSocket, inTerminal.url);
    try {
      await client.connected();
      const room = unique('terminal');
      await client.join(room, 'u', 'cx-agent');
      const said = await client.say(room, 'kept');
      inTerminal.close();
      assert.equal(await inTerminal.ended(), 'exit 0');
      await client.dropped();
      await inTerminal.server.start(0);
      assert.deepEqual(await history(inTerminal.server, room), [said]);
    } finally {
      client.close();
      inTerminal.kill();
      await inTerminal.server.finish();
    }
  });

  test('under nohup closing the terminal ends nothing', testMsMax, async () => {
    const inTerminal = await startInTerminal(['--nohup']);
    try {
      inTerminal.close();
      await pause(300);
      assert.equal((await rest(inTerminal, 'GET', '/readyz')).status, 200);
      inTerminal.terminate();
      assert.equal(await inTerminal.ended(), 'exit 0');
    } finally {
      inTerminal.kill();
      await inTerminal.server.finish();
    }
  });
});

/// A server whose standard streams are its own terminal (tests/support/terminal.py): `close` closes
/// the terminal, `ended` tells how the server ended, `server` is the one of its folder.
async function startInTerminal(args) {
  const server = await newServer();
  const command = [programPath(), 'serve', '--port', '0', '--data', server.dataDir];
  const child = spawn('/usr/bin/python3', [terminal, ...args, ...command], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  const waiting = new Set();
  child.stdout.setEncoding('utf8').on('data', (more) => {
    text += more;
    for (const look of waiting) look();
  });
  const kill = () => child.kill('SIGTERM');
  /// Waits until `pattern` matches the output, and returns the match.
  const found = (pattern, what) =>
    bounded(
      new Promise((resolve) => {
        const look = () => {
          const match = pattern.exec(text);
          if (match) resolve(match[1]);
        };
        waiting.add(look);
        look();
      }),
      20_000 * patience,
      `${what}, behind ${JSON.stringify(text)}`,
    );
  try {
    const pid = Number(await found(/^pid (\d+)\n/m, 'the pid'));
    return {
      server,
      url: await found(/(http:\/\/\S+:\d+)\s/, 'the line with the URL'),
      close: () => child.stdin.end(),
      terminate: () => process.kill(pid, 'SIGTERM'),
      ended: () => found(/^ended (.*)\n/m, 'the end of the server'),
      kill,
    };
  } catch (error) {
    kill();
    throw error;
  }
}
