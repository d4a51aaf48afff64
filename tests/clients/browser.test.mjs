// A real browser with the library's browser build and default options, on a page of another origin.
// The page (browser_page.html) runs by itself and reports each step.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { openBrowser, servePage } from './browser.mjs';
import { history, kinds, scenario, unique, useServer } from './support.mjs';
import * as shapes from './shapes.mjs';

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
