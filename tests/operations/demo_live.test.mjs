// `parley demo --live`: conversations without end.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { rest } from '../support/rest.mjs';
import { bounded, programPath, startServer } from '../support/server.mjs';
import { parley, waitMsMax } from './support.mjs';

class LiveDemo {
  said = '';

  constructor(server) {
    this.child = spawn(programPath(), ['demo', '--live', '--url', server.url], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.said += text));
    }
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  async stop() {
    this.child.kill('SIGINT');
    this.child.kill('SIGTERM'); // like npm and timeout(1): one request, two signals
    return bounded(this.ended, waitMsMax, 'the end of the demo');
  }
}

async function messages(server) {
  return (await rest(server, 'GET', '/chat/dashboard/stats')).body.totalMessages;
}

async function until(server, count) {
  for (let waited = 0; (await messages(server)) < count; waited += 100) {
    if (waited > waitMsMax) throw new Error(`${await messages(server)} of ${count} messages`);
    await pause(100);
  }
}

describe('demo --live', { timeout: 4 * waitMsMax }, () => {
  test('messages keep coming until Ctrl-C, also after the server was stopped or killed', async () => {
    const server = await startServer();
    const demo = new LiveDemo(server);
    try {
      await until(server, 3);
      await server.restart();
      await until(server, (await messages(server)) + 3);
      await server.restart({ signal: 'SIGKILL' });
      await until(server, (await messages(server)) + 3);
      assert.equal(await demo.stop(), 0, demo.said);
      const [, sent, conversations, leaked] = /^Stopped: (\d+) messages in (\d+) conversations; customers received (\d+) /m.exec(demo.said);
      assert.equal(leaked, '0');
      // Each message once, although some steps were repeated: the demo may miss a reply.
      assert.ok((await messages(server)) >= Number(sent), demo.said);
      const { body } = await rest(server, 'GET', '/chat/conversations?limit=100');
      assert.ok(body.length >= Number(conversations));
      for (const one of body) assert.deepEqual(one.participantIds, [], 'everybody left at the end');
    } finally {
      demo.child.kill('SIGKILL');
      await server.finish();
    }
  });

  test('Ctrl-C ends the wait for a server that is down', async () => {
    const server = await startServer();
    const demo = new LiveDemo(server);
    try {
      await until(server, 1);
      await server.stop();
      for (let waited = 0; !demo.said.includes('\nLost: '); waited += 50) {
        assert.ok(waited < waitMsMax, demo.said);
        await pause(50);
      }
      assert.equal(await demo.stop(), 0, demo.said);
    } finally {
      demo.child.kill('SIGKILL');
      await server.finish();
    }
  });

  test('without a server it says so and ends', async () => {
    const { code, stderr } = await parley('demo', '--live', '--url', 'http://127.0.0.1:1');
    assert.equal(code, 1);
    assert.match(stderr, /is the server running\?/);
  });
});
