// A real browser reaches Parley through nginx and HAProxy, over HTTP/2, from an allowed page.
import assert from 'node:assert/strict';
import { X509Certificate, createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { openBrowser, servePage } from './browser.mjs';
import { tokenOf } from './identity.mjs';
import { closeAll, open, roomOf, testMsMax, useProxy } from './proxied.mjs';
import { HAProxy, Nginx, publicName } from './proxies.mjs';
import { kinds, unique } from './support.mjs';
import * as shapes from './shapes.mjs';

/// Lets the browser resolve the public name and trust the proxy's certificate.
function flagsFor(proxy) {
  const key = new X509Certificate(proxy.certificates.at(-1)).publicKey.export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(key).digest('base64');
  return [`--host-resolver-rules=MAP ${publicName} 127.0.0.1`, `--ignore-certificate-errors-spki-list=${hash}`];
}

for (const Kind of [Nginx, HAProxy]) {
  describe(`${Kind.name}: a browser`, () => {
    const world = useProxy(Kind, ['--cors.origins=local']);

    test('joins, hears, sends and asks over REST', testMsMax, async () => {
      const agent = await open(world, kinds.v4);
      const room = await roomOf(agent);
      const page = await servePage('socket.io-client', 'proxied_page.html');
      const query = new URLSearchParams({ server: world.proxy.origin, token: tokenOf('agent', unique('browser')), room });
      const browser = await openBrowser(`${page.origin}/?${query}`, flagsFor(world.proxy));
      browser.failed.catch(() => {}); // the browser ends in any case
      try {
        const greet = agent.receives('user_joined').then(() => agent.say(room, 'to a browser'));
        const done = await Promise.race([page.step('done'), browser.failed]);
        done.goOn();
        assert.equal(done.error, undefined);
        assert.deepEqual([done.startedOn, done.transport, done.status], ['polling', 'websocket', 200]);
        assert.deepEqual(done.message, await greet);
        shapes.message(done.answer, 'send_message');
        assert.equal(done.conversation.messageCount, 2);
        assert.deepEqual(await agent.receives('new_message', (body) => body.id === done.answer.id), done.answer);
      } finally {
        await browser.close();
        page.close();
      }
      const log = await world.proxy.log(); // the agent's lines are over HTTP/1.1
      for (const what of ['GET "/socket.io/"', `GET "/chat/conversations/${room}"`]) {
        assert.ok(log.includes(`HTTP/2.0 ${what} 200`), log);
      }
      closeAll(agent);
    });
  });
}
