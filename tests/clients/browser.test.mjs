// A real browser with the library's browser build and default options, on a page of another origin.
// The page (browser_page.html) runs by itself and reports each step.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from 'node:test';
import { bounded, history, kinds, patience, scenario, unique, useServer } from './support.mjs';
import * as shapes from './shapes.mjs';

const chromium = '/usr/bin/chromium';
const stepMsMax = 90_000 * patience;
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.env.PARLEY_TEST_TLS ? ['--ignore-certificate-errors'] : []),
];

const file = (name) => readFile(new URL(name, import.meta.url));

/// Serves the page and the client library on its own port, and passes on the page's reports.
async function servePage(library, html = 'browser_page.html') {
  const page = await file(html);
  const script = await file(`../node_modules/${library}/dist/socket.io.js`);
  const reports = [];
  const waiting = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://page');
    if (request.method === 'POST' && pathname === '/report') {
      const parts = [];
      for await (const part of request) parts.push(part);
      const report = JSON.parse(Buffer.concat(parts));
      report.answer_ = () => response.end('go on');
      reports.push(report);
      waiting.splice(0).forEach((look) => look());
      return;
    }
    const [type, body] =
      pathname === '/client.js' ? ['text/javascript', script] : pathname === '/' ? ['text/html', page] : [];
    response.writeHead(body ? 200 : 404, { 'content-type': type ?? 'text/plain' });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    /// Returns the next report, which must be for `step`. The page waits until `goOn` is called.
    async step(step) {
      const come = async () => {
        while (reports.length === 0) await new Promise((resolve) => waiting.push(resolve));
        return reports.shift();
      };
      const { answer_: goOn, ...report } = await bounded(come(), stepMsMax, `the browser's step "${step}"`);
      assert.equal(report.step, step, report.error);
      return { ...report, goOn };
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/// Starts the browser on `url` with its own profile. `failed` rejects if it cannot start or if it
/// ends.
async function openBrowser(url, more = []) {
  const profile = await mkdtemp(path.join(tmpdir(), 'parley-browser-'));
  // In its own process group, so that its children end with it.
  const child = spawn(chromium, [...flags, ...more, `--user-data-dir=${profile}`, url], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr = (stderr + text).slice(-4096)));
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`exit ${code ?? signal}: ${stderr}`));
  });
  const end = () => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has already ended.
    }
  };
  process.once('exit', end);
  return {
    failed: ended.then((how) => {
      throw new Error(`${chromium} ended: ${how}`);
    }),
    async close() {
      end();
      await bounded(ended, 10_000 * patience, 'the end of the browser');
      process.off('exit', end);
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

async function liveThrough(page, agent, server, room) {
  const sent = await page.step('sent');
  assert.equal(sent.startedOn, 'polling');
  assert.equal(sent.transport, 'websocket');
  shapes.joined(sent.joined, 'join_room');
  shapes.message(sent.sent, 'send_message');
  assert.equal(sent.sent.content, 'from a browser 🧭 \u2028 שלום');
  assert.deepEqual(await agent.receives('new_message'), sent.sent);
  const answer = await agent.say(room, 'to a browser: ü 🏳️‍🌈');
  sent.goOn();

  const received = await page.step('received');
  assert.deepEqual(received.answer, answer);
  assert.deepEqual(received.messages, [sent.sent, answer]);
  received.goOn();

  const restart = await page.step('restart');
  await server.restart({ signal: 'SIGKILL' });
  restart.goOn();

  const done = await page.step('done');
  assert.deepEqual(done.history, [sent.sent, answer]);
  assert.equal(done.transport, 'websocket');
  assert.equal(done.status, 201);
  shapes.message(done.stored, 'POST /chat/messages');
  for (const name of done.names) assert.ok(Object.hasOwn(shapes.events, name), name);
  assert.deepEqual(await history(server, room), [sent.sent, answer, done.stored]);
  done.goOn();
}

describe('a browser', () => {
  const world = useServer();
  for (const library of ['socket.io-client', 'socket.io-client-v3']) {
    scenario(
      world,
      `with the browser build of ${library} joins, sends, receives and reconnects`,
      async (open, server) => {
        const room = unique('browser');
        const agent = await open(kinds.v4);
        await agent.join(room, 'agent', 'cx-agent');
        const page = await servePage(library);
        const query = new URLSearchParams({ server: server.url, room });
        const browser = await openBrowser(`${page.origin}/?${query}`);
        browser.failed.catch(() => {}); // the browser ends in any case
        try {
          await Promise.race([liveThrough(page, agent, server, room), browser.failed]);
        } finally {
          await browser.close();
          page.close();
        }
      },
      { msMax: 240_000 },
    );
  }

  scenario(
    world,
    'on a page of a foreign origin can read and send nothing, and gets an error',
    async (open, server) => {
      const room = unique('stranger');
      const agent = await open(kinds.v4);
      await agent.join(room, 'agent', 'cx-agent');
      const page = await servePage('socket.io-client', 'stranger_page.html');
      const { port } = new URL(page.origin);
      const query = new URLSearchParams({ server: server.url, room });
      const browser = await openBrowser(`http://stranger.example:${port}/?${query}`, [
        '--host-resolver-rules=MAP stranger.example 127.0.0.1',
      ]);
      browser.failed.catch(() => {});
      try {
        const { facts } = await Promise.race([page.step('done'), browser.failed]);
        assert.deepEqual(facts, {
          polling: 'connect_error',
          websocket: 'connect_error',
          read: 'TypeError',
          posted: 'TypeError',
          form: 'opaque',
          beacon: true,
        });
      } finally {
        await browser.close();
        page.close();
      }
      assert.deepEqual(await history(server, room), []);
      assert.deepEqual(agent.disconnects, []);
    },
    { msMax: 240_000 },
  );
});
