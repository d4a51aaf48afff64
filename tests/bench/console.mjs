// What the console costs: its first load, a busy conversation, a long one, a busy list, the log's
// tail. The figures
// stand beside the machine's load average, as frames depend on it. scripts/bench --console builds
// what it needs.
//
//   scripts/bench --console [--seconds 20] [--only load,follow,read,list,tail]
//
// `--only follow --seconds 600` shows over ten minutes that memory does not grow.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { io } from 'socket.io-client';
import { fill, person } from '../console/people.mjs';
import { startServer } from '../support/server.mjs';
import { median } from './figures.mjs';

const { values: options } = parseArgs({
  options: {
    console: { type: 'boolean' },
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '200' },
    only: { type: 'string', default: 'load,follow,read,list,tail' },
  },
});
const seconds = Number(options.seconds);
const rate = Number(options.rate);
const only = new Set(options.only.split(','));

const percentile = (values, p) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(values.length * p) - 1)] ?? 0;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const print = (what, figures) =>
  console.log(`${what.padEnd(36)} ${Object.entries(figures).map(([name, value]) => `${name} ${value}`).join('  ')}  (load ${loadavg()[0].toFixed(1)})`);

const textOf = (number) => `message ${number}: where is my parcel? It was due on Monday.`;

/// Opens a conversation of `count` messages; `use({ lee, page, session })`.
async function withConversation(browser, count, use) {
  const server = await startServer({});
  const lee = await person(server, 'long', 'lee');
  await fill(lee, count, textOf);
  const { page, session } = await measuredPage(browser, `${server.url}/#/c/long`);
  await page.locator('.message').first().waitFor();
  await sleep(1000);
  await use({ lee, page, session });
  lee.end();
  await page.close();
  await server.finish();
}

/// Calls `act` `perSecond` times a second.
async function paced(act, forSeconds, perSecond = rate) {
  const begin = performance.now();
  for (let done = 0; ; ) {
    const elapsed = (performance.now() - begin) / 1000;
    if (elapsed >= forSeconds) return done;
    for (const due = Math.floor(elapsed * perSecond); done < due; ++done) void act(done);
    await sleep(5);
  }
}

async function metricsOf(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

async function measuredPage(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 } });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(url);
  return { page, session };
}

// Collects frames, how often each changed the list, long tasks, layout shifts and the distance from
// the end, inside the page.
const watchFrames = (page, selector) =>
  page.evaluate((list) => {
    const seen = { frames: [], renders: [], distances: [], longTasks: 0, shift: 0 };
    let renders = 0;
    new MutationObserver(() => (renders += 1)).observe(document.querySelector(list), { childList: true, subtree: true, characterData: true });
    globalThis.benchSeen = seen;
    new PerformanceObserver((all) => (seen.longTasks += all.getEntries().length)).observe({ type: 'longtask' });
    new PerformanceObserver((all) => all.getEntries().forEach(({ value }) => (seen.shift += value))).observe({ type: 'layout-shift' });
    let last = performance.now();
    const frame = (now) => {
      seen.frames.push(now - last);
      last = now;
      seen.renders.push(renders);
      renders = 0;
      const element = document.querySelector(list);
      if (element) seen.distances.push(element.scrollHeight - element.clientHeight - element.scrollTop);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }, selector);

async function load(browser) {
  const server = await startServer({});
  const times = [];
  let requests = 0;
  for (let i = 0; i < 7; ++i) {
    const context = await browser.newContext();
    const page = await context.newPage();
    requests = 0;
    page.on('request', (request) => (requests += ['document', 'script', 'stylesheet'].includes(request.resourceType()) ? 1 : 0));
    const begin = performance.now();
    await page.goto(server.url, { waitUntil: 'commit' });
    await page.locator('#list-filter').waitFor();
    times.push(performance.now() - begin);
    await context.close();
  }
  print('first load until usable', { 'p50 ms': Math.round(median(times)), requests });
  await server.finish();
}

const kLoaded = 2000;

async function follow({ lee, page, session }) {
  await watchFrames(page, '.message-list');
  const before = await metricsOf(session);
  const heaps = [];
  let sent = 0;
  for (let slice = 0; slice < Math.max(1, Math.round(seconds / 20)); ++slice) {
    const first = kLoaded + sent + 1;
    sent += await paced((i) => lee.say(textOf(first + i)), Math.min(seconds, 20));
    await session.send('HeapProfiler.collectGarbage');
    const { JSHeapUsedSize, Nodes } = await metricsOf(session);
    heaps.push(`${(JSHeapUsedSize / 1e6).toFixed(1)}/${Nodes}`);
  }
  const after = await metricsOf(session);
  const seen = await page.evaluate(() => globalThis.benchSeen);
  const shown = await page.locator('.message').last().textContent();
  print(`${rate} messages/s for ${seconds} s`, {
    sent,
    'main thread ms/message': (((after.TaskDuration - before.TaskDuration) * 1000) / sent).toFixed(2),
    'frame p50/p95 ms': `${percentile(seen.frames, 0.5).toFixed(0)}/${percentile(seen.frames, 0.95).toFixed(0)}`,
    'from the end p50/p90 px': `${Math.round(percentile(seen.distances, 0.5))}/${Math.round(percentile(seen.distances, 0.9))}`,
    'layout shift': seen.shift.toFixed(3),
    'DOM nodes': await page.locator('*').count(),
    'shows the last': shown.includes(`message ${kLoaded + sent}:`),
  });
  print('heap MB/nodes, each 20 s', { '': heaps.join(' ') });
}

async function read({ page, session }) {
  const begin = performance.now();
  await page.evaluate(async () => {
    const list = document.querySelector('.message-list');
    const isFirst = () => [...list.querySelectorAll('.content')].some((one) => one.textContent.startsWith('message 1:'));
    while (!isFirst()) {
      list.scrollTop = 0;
      await new Promise(requestAnimationFrame);
    }
  });
  const ms = performance.now() - begin;
  await session.send('HeapProfiler.collectGarbage');
  const { JSHeapUsedSize } = await metricsOf(session);
  print('10,000 messages, page by page', {
    ms: Math.round(ms),
    'heap MB': (JSHeapUsedSize / 1e6).toFixed(1),
    'DOM nodes': await page.locator('*').count(),
  });
}

const busyFigures = ({ before, after, seen, sent, changes = seen.renders.filter(Boolean) }) => ({
  'main thread ms/event': (((after.TaskDuration - before.TaskDuration) * 1000) / sent).toFixed(2),
  'frame p50/p95 ms': `${percentile(seen.frames, 0.5).toFixed(0)}/${percentile(seen.frames, 0.95).toFixed(0)}`,
  'changes of the list a frame p50/p95': `${percentile(changes, 0.5)}/${percentile(changes, 0.95)}`,
  'tasks over 50 ms': seen.longTasks,
});

async function tail(browser) {
  const server = await startServer({});
  const perSecond = 5_000;
  const sockets = Array.from({ length: 4 }, () => io(server.url, { forceNew: true, transports: ['websocket'] }));
  let acknowledged = 0;
  const say = (i) => {
    const body = { conversationId: `room-${i % 50}`, fromUserId: 'lee', fromRole: 'cx-customer', content: textOf(i) };
    sockets[i % sockets.length].emit('send_message', body, () => (acknowledged += 1));
  };
  await paced(say, 0.2, 500);
  const { page, session } = await measuredPage(browser, `${server.url}/#/log`);
  await page.locator('.log-row').first().waitFor();
  await sleep(1000);
  await watchFrames(page, '.log-rows');
  const before = await metricsOf(session);
  const stored = acknowledged;
  const forSeconds = Math.min(seconds, 20);
  await paced(say, forSeconds, perSecond);
  const sent = acknowledged - stored;
  const after = await metricsOf(session);
  const seen = await page.evaluate(() => globalThis.benchSeen);
  print(`tail of ${perSecond} events/s`, {
    'stored/s': Math.round(sent / forSeconds),
    ...busyFigures({ before, after, seen, sent }),
    'from the end p50/p90 px': `${Math.round(percentile(seen.distances, 0.5))}/${Math.round(percentile(seen.distances, 0.9))}`,
    'DOM nodes': await page.locator('*').count(),
    'left out': (await page.locator('.log-skipped').count()) > 0,
  });
  sockets.forEach((socket) => socket.disconnect());
  await page.close();
  await server.finish();
}

async function list(browser) {
  const server = await startServer({});
  const rooms = 5000;
  const socket = io(server.url, { forceNew: true, transports: ['websocket'] });
  const say = (room, i) =>
    socket.emitWithAck('send_message', { conversationId: `room-${room}`, fromUserId: `customer-${room}`, fromRole: 'cx-customer', content: `hello ${i}` });
  for (let i = 0; i < rooms; i += 100) await Promise.all(Array.from({ length: 100 }, (_, k) => say(i + k, 0)));
  const { page, session } = await measuredPage(browser, server.url);
  await page.locator('.row').first().waitFor();
  await sleep(1000);
  await watchFrames(page, '.list-rows');
  const before = await metricsOf(session);
  const sent = await paced((i) => say((i * 7919) % rooms, i), Math.min(seconds, 20));
  const after = await metricsOf(session);
  const seen = await page.evaluate(() => globalThis.benchSeen);
  print(`list of ${rooms}, ${rate} updates/s`, { sent, ...busyFigures({ before, after, seen, sent }) });
  socket.disconnect();
  await page.close();
  await server.finish();
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  if (only.has('load')) await load(browser);
  if (only.has('follow')) await withConversation(browser, kLoaded, follow);
  if (only.has('read')) await withConversation(browser, 10_000, read);
  if (only.has('list')) await list(browser);
  if (only.has('tail')) await tail(browser);
} finally {
  await browser.close();
}
