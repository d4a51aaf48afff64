// The page behind the documented nginx where nothing but polling gets through.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { tokenOf } from '../clients/identity.mjs';
import { Nginx, publicName } from '../clients/proxies.mjs';
import { texts, until, write } from './browser.mjs';
import { signIn, withTokens } from './tokens.mjs';

const kConsole = /# (?=location (= \/(favicon.ico)?|\/console\/|\/log\/) )/g;

/// Offers the console, as its comments say, and passes no upgrade on, as proxies of companies do.
class PollingNginx extends Nginx {
  configure() {
    super.configure();
    const file = this.file('nginx.conf');
    const text = readFileSync(file, 'utf8');
    const upgrade = '~*^websocket$ websocket;';
    assert.ok(text.includes(upgrade));
    assert.equal(text.match(kConsole).length, 4);
    writeFileSync(file, text.replace(upgrade, '').replace(kConsole, ''));
  }
}

const settings = [`--http.hosts=${publicName}`, '--proxy.trusted=127.0.0.1', '--drain.notice=0'];

test('behind nginx, with polling only, people sign in, chat, and come back', () =>
  withTokens(async ({ server, open }) => {
    const proxy = new PollingNginx(server.port);
    await proxy.start();
    try {
      const visit = async (kind, who) => {
        const page = await open('#/c/order-17', { url: proxy.origin });
        const sockets = [];
        page.on('websocket', (socket) => socket.on('framereceived', () => sockets.push(socket.url())));
        await signIn(page, tokenOf(kind, who, kind === 'customer' ? { conversations: ['order-17'] } : {}));
        return { page, sockets };
      };
      const lee = await visit('customer', 'lee');
      await lee.page.getByText('No messages yet.').waitFor();
      const anna = await visit('agent', 'anna');
      await anna.page.getByText('No messages yet.').waitFor();
      await anna.page.getByText('Live', { exact: true }).waitFor();

      await write(lee.page, 'Where is my parcel?');
      await anna.page.locator('.message', { hasText: 'Where is my parcel?' }).waitFor();
      await lee.page.getByRole('textbox', { name: 'Reply' }).pressSequentially('Are you');
      await anna.page.locator('.typing-line', { hasText: 'lee is typing' }).waitFor();
      await write(anna.page, 'On its way');
      await lee.page.locator('.message', { hasText: 'On its way' }).waitFor();

      await server.stop();
      for (const { page } of [lee, anna]) await page.getByText(/Not connected\./).waitFor();
      await write(anna.page, 'written meanwhile');
      await server.start(server.port);
      for (const { page } of [lee, anna]) {
        await page.getByRole('button', { name: 'Try now' }).click({ timeout: 500 }).catch(() => {});
      }
      const wanted = ['Where is my parcel?', 'On its way', 'written meanwhile'];
      for (const { page, sockets } of [lee, anna]) {
        await until(async () => JSON.stringify(await texts(page)) === JSON.stringify(wanted), `all of ${wanted}`);
        await until(async () => (await page.locator('.outgoing').count()) === 0, 'nothing is under way');
        assert.deepEqual(sockets, [], 'no WebSocket got through');
      }
    } finally {
      await proxy.finish();
    }
  }, settings));
