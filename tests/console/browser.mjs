// Shared by the tests of the console: Chromium, and pages that must stay without errors.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { patience, repositoryRoot, startServer } from '../support/server.mjs';
import { endPeople } from './people.mjs';

export const shots = path.join(repositoryRoot, 'build/console-shots');
export const waitMs = 15_000 * patience;

/// Starts a server and a browser; `use(world)` opens pages with `world.open(fragment, options)`.
/// At the end no page may have had an error, a report of its Content Security Policy or a failed
/// script.
export async function withConsole(use, { args = [], server: options = {} } = {}) {
  mkdirSync(shots, { recursive: true });
  const server = await startServer({ args, ...options });
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP *.example 127.0.0.1', '--disable-quic', '--disable-background-networking'],
  });
  const faults = [];
  const world = {
    server,
    browser,
    faults,
    /// Opens the console in a browser of its own. `acting`: { userId, role }, the supervisor without it.
    async open(fragment = '', { acting, width = 1440, height = 860, theme = 'light', url = server.url } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        locale: 'en-GB',
        timezoneId: 'Europe/Berlin',
        reducedMotion: 'reduce',
        ignoreHTTPSErrors: true, // a proxy's own certificate
      });
      const page = await context.newPage();
      page.setDefaultTimeout(waitMs);
      watch(page, faults);
      if (acting) {
        const text = JSON.stringify(acting);
        await page.addInitScript((kept) => sessionStorage.getItem('parley.acting') ?? sessionStorage.setItem('parley.acting', kept), text);
      }
      await page.goto(`${url}/${fragment}`);
      return page;
    },
  };
  try {
    await use(world);
    assert.deepEqual(faults, [], 'no page had an error');
  } finally {
    endPeople();
    await browser.close();
    await server.finish();
  }
}

// A server that is away makes requests fail, which a page cannot hide from the browser's console.
const isOfNetwork = (text) => /net::ERR_|WebSocket connection|status of (429|5\d\d)/.test(text);

// The browser reports each refusal of data, which the page shows in words.
const isRefusal = (text, url) =>
  /^Failed to load resource.*status of 4/.test(text) && /^\/(chat|log)\/|^\/console\/[^.]*$/.test(new URL(url).pathname);

function watch(page, faults) {
  page.on('pageerror', (error) => faults.push(`${error.message}\n${error.stack}`));
  page.on('console', (message) => {
    const text = message.text();
    const { url } = message.location();
    if (!['error', 'warning'].includes(message.type())) return;
    if (!isOfNetwork(text) && !isRefusal(text, url)) faults.push(`${text} ${url}`);
  });
}

/// Sends a message by the page's composer.
export async function write(page, text) {
  await page.getByLabel('Composer').getByRole('textbox').fill(text);
  await page.keyboard.press('Enter');
}

/// The messages in view that are in the log.
export const texts = (page) => page.locator('.message:not(.outgoing) .content').allTextContents();

/// Waits until `look()` returns something true, and returns it.
export async function until(look, what, ms = waitMs) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/// Screenshots at three sizes in both themes, as build output.
export async function shoot(world, name, fragment, { acting, ready, sizes = [390, 1024, 1440] } = {}) {
  for (const theme of ['light', 'dark']) {
    for (const width of sizes) {
      const page = await world.open(fragment, { acting, width, theme });
      await ready?.(page);
      await page.screenshot({ path: path.join(shots, `${name}-${width}-${theme}.png`) });
      await page.context().close();
    }
  }
}
