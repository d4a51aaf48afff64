// Shared by the tests with a browser: Chromium, and the pages that it opens. A page runs by itself
// and reports each step.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bounded, patience } from './support.mjs';

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
export async function servePage(library, html = 'browser_page.html') {
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
export async function openBrowser(url, more = []) {
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
