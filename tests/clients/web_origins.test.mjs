// Allowed web pages and host names: cors.origins and http.hosts apply to every handshake, poll,
// WebSocket and REST route. The tests use raw sockets to control every header.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { bounded, history, kinds, scenario, unique, useServer } from './support.mjs';
import { metric, until } from './metrics.mjs';
import { RawSocket } from './raw_socket.mjs';
import { run, startServer } from '../support/server.mjs';

const shop = 'https://shop.example';
const polling = '/socket.io/?EIO=4&transport=polling';
const webSocket = '/socket.io/?EIO=4&transport=websocket';
const upgrade =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const refused = (reason) => `parley_connections_refused_total{reason="${reason}"}`;

/// One request on its own connection. `host: null` omits Host.
async function ask(server, method, target, { host = 'localhost', headers = '', body, version = '1.1' } = {}) {
  const socket = new RawSocket(server);
  const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  const named = host === null ? '' : `Host: ${host}\r\n`;
  socket.send(`${method} ${target} HTTP/${version}\r\n${named}${headers}${length}\r\n${body ?? ''}`);
  try {
    const status = await socket.status();
    await socket.until(() => {
      const [head, rest] = socket.text.split(/\r\n\r\n([^]*)/);
      return status === 101 || rest.length >= Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    }, 'the body');
    const [head, text] = socket.text.split(/\r\n\r\n([^]*)/);
    const header = (name) => new RegExp(`^${name}: (.*)\r?$`, 'im').exec(head)?.[1];
    return { status, header, text, body: status === 101 ? undefined : parsed(text) };
  } finally {
    socket.close();
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const message = (conversationId) =>
  JSON.stringify({ conversationId, fromUserId: 'u', fromRole: 'cx-agent', content: 'from a page' });
const origin = (text) => ({ headers: `Origin: ${text}\r\n` });

async function openSession(server) {
  const { text } = await ask(server, 'GET', polling);
  return JSON.parse(text.slice(1)).sid;
}

/// Every way into the server: name → (server, how to ask) → status.
const ways = {
  'a polling handshake': (server, how) => ask(server, 'GET', polling, how),
  'a WebSocket handshake': (server, how) =>
    ask(server, 'GET', webSocket, { ...how, headers: upgrade + (how.headers ?? '') }),
  'a poll of a session': async (server, how) =>
    ask(server, 'GET', `${polling}&sid=${await openSession(server)}`, how),
  'a POST of a session': async (server, how) =>
    ask(server, 'POST', `${polling}&sid=${await openSession(server)}`, { body: '40', ...how }),
  'an upgrade of a session': async (server, how) =>
    ask(server, 'GET', `${webSocket}&sid=${await openSession(server)}`, {
      ...how,
      headers: upgrade + (how.headers ?? ''),
    }),
  'a REST read': (server, how) => ask(server, 'GET', '/chat/conversations', how),
  'a REST write of text/plain': (server, how) =>
    ask(server, 'POST', '/chat/messages', {
      body: message(unique('page')),
      ...how,
      headers: `Content-Type: text/plain\r\n${how.headers ?? ''}`,
    }),
  'a preflight': (server, how) =>
    ask(server, 'OPTIONS', '/chat/messages', {
      ...how,
      headers: `Access-Control-Request-Method: POST\r\n${how.headers ?? ''}`,
    }),
  'the metrics': (server, how) => ask(server, 'GET', '/metrics', how),
};

/// Whether the reply comes at once. A poll of a session may hang, so its test uses a session with a
/// waiting packet.
const answersAtOnce = (name) => name !== 'a poll of a session';

function isRefusal(name, answer, status, code) {
  assert.equal(answer.status, status, `${name}: ${answer.text}`);
  if (/session|handshake/.test(name)) {
    assert.equal(answer.body.code, status === 403 ? 4 : 3, name);
    assert.match(answer.body.message, new RegExp(`^${code}: `));
  } else {
    assert.equal(answer.body.success, false);
    assert.equal(answer.body.code, code);
  }
  assert.equal(answer.header('access-control-allow-origin'), undefined);
  assert.equal(answer.header('vary'), 'Origin');
}

describe('a list of origins', () => {
  const world = useServer({ args: [`--cors.origins=${shop},null,https://port.example:443`] });
  for (const [name, way] of Object.entries(ways)) {
    scenario(world, `${name} is refused to a page of another origin, and allowed without an Origin`, async (open, server) => {
      const before = await metric(server, refused('origin'));
      for (const other of ['https://evil.example', 'http://localhost:3000', 'http://shop.example']) {
        isRefusal(name, await way(server, origin(other)), 403, 'origin_refused');
      }
      assert.equal(await metric(server, refused('origin')), before + 3);
      if (!answersAtOnce(name)) return;
      for (const one of [{}, origin(shop), origin('HTTPS://Shop.Example'), origin('null')]) {
        const { status } = await way(server, one);
        assert.ok(status === 101 || (status >= 200 && status < 300), `${name}: ${status}`);
      }
    });
  }

  scenario(world, 'a message from a refused page is not stored', async (open, server) => {
    const room = unique('refused');
    const headers = 'Content-Type: text/plain\r\nOrigin: https://evil.example\r\n';
    assert.equal((await ask(server, 'POST', '/chat/messages', { body: message(room), headers })).status, 403);
    const { status } = await ask(server, 'GET', `/chat/conversations/${room}`);
    assert.equal(status, 404);
  });

  scenario(world, 'an invalid Origin, or several, is refused', async (open, server) => {
    const texts = ['', 'shop.example', 'https://', `${shop}/`, `${shop}, ${shop}`, `${shop}:444`, 'https://a@shop.example'];
    for (const text of texts) {
      const { status } = await ask(server, 'GET', '/healthz', origin(text));
      assert.equal(status, 403, text);
    }
    const twice = { headers: `Origin: ${shop}\r\nOrigin: https://evil.example\r\n` };
    assert.equal((await ask(server, 'GET', '/healthz', twice)).status, 400);
    assert.equal((await ask(server, 'GET', '/healthz', origin('https://port.example'))).status, 200);
  });

  scenario(world, 'the same origin always passes, in any case and with or without the default port', async (open, server) => {
    const same = [
      ['http://localhost:8080', 'localhost:8080'],
      ['http://LocalHost:8080', 'LOCALHOST:8080'],
      ['https://localhost', 'localhost:443'], // a proxy that forwards its port
      ['http://127.0.0.1', '127.0.0.1:80'],
      ['https://[::1]:3500', '[::1]:3500'],
    ];
    for (const [text, host] of same) {
      const answer = await ask(server, 'GET', '/healthz', { host, ...origin(text) });
      assert.equal(answer.status, 200, text);
      assert.equal(answer.header('access-control-allow-origin'), undefined);
    }
    const other = [
      ['http://localhost:8080', 'localhost'],
      ['http://localhost', 'localhost:443'],
      ['https://localhost', 'localhost:80'],
      ['file://', '127.0.0.1'],
    ];
    for (const [text, host] of other) {
      const answer = await ask(server, 'GET', '/healthz', { host, ...origin(text) });
      assert.equal(answer.status, 403, `${text} at ${host}`);
    }
    const bare = await ask(server, 'GET', '/healthz', { host: null, version: '1.0', ...origin('file://') });
    assert.equal(bare.status, 403);
  });

  scenario(world, 'a stock client on a refused page gets connect_error, on an allowed one it connects', async (open, server) => {
    for (const transports of [['polling'], ['websocket']]) {
      for (const [from, event] of [['https://evil.example', 'connect_error'], [shop, 'connect']]) {
        const socket = io(server.url, { transports, forceNew: true, extraHeaders: { origin: from } });
        const got = new Promise((resolve) => {
          for (const name of ['connect', 'connect_error']) socket.once(name, () => resolve(name));
        });
        try {
          assert.equal(await bounded(got, 15_000, event), event, `${from} over ${transports}`);
        } finally {
          socket.disconnect();
        }
      }
    }
  });
});

describe('the origins allowed by default', () => {
  const world = useServer();
  scenario(world, 'are those of this machine, on any port', async (open, server) => {
    const local = [
      'http://localhost', 'https://localhost:5173', 'http://app.localhost:3000', 'http://a.b.localhost',
      'http://127.0.0.1:8080', 'http://127.255.0.9', 'https://[::1]:99', 'HTTP://LOCALHOST:1', 'http://localhost.:3000',
    ];
    for (const text of local) {
      for (const name of ['a polling handshake', 'a WebSocket handshake', 'a REST read']) {
        const { status, header } = await ways[name](server, { host: '127.0.0.1:1', ...origin(text) });
        assert.ok([101, 200].includes(status), `${name} ${text}: ${status}`);
        if (status === 200) assert.equal(header('access-control-allow-origin'), text);
      }
    }
    const foreign = [
      'null', 'https://shop.example', 'http://localhost.evil.example', 'http://evil-localhost', 'http://.localhost',
      'http://a..localhost', 'http://127.0.0.1.evil.example', 'http://128.0.0.1', 'http://127.1', 'http://0.0.0.0',
      'http://[::2]', 'http://[::1', 'http://::1', 'http://evil.example:80@localhost', 'http://evil.example/.localhost',
      'http://localhost:3000/', 'http://localhost:x', 'http://localhost:123456', 'ftp://localhost:1', 'file://', 'localhost',
      'http://evil.example#.localhost', 'http://=?utf-8?Q?localhost?=',
    ];
    for (const text of foreign) {
      const { status } = await ask(server, 'GET', '/healthz', origin(text));
      assert.equal(status, 403, text);
    }
  });

  scenario(world, 'the host must be an address or this machine', async (open, server) => {
    const good = [
      'localhost', 'LOCALHOST:3500', 'localhost:', 'parley.localhost', 'localhost.', '127.0.0.1:9', '10.1.2.3', '[::1]:3500', '[fe80::1]',
    ];
    for (const host of good) {
      assert.equal((await ask(server, 'GET', '/healthz', { host })).status, 200, host);
    }
    const bad = [
      'evil.example', 'localhost.evil.example', 'evil-localhost', '', 'x', 'a@localhost', 'localhost/x', 'localhost:1:2',
      '[::1', '[::1]x', '[localhost]', '::1', '1.2.3', '1.2.3.4.5', '0x7f.1', 'localhost, evil.example', 'localhost evil',
    ];
    const before = await metric(server, refused('misdirected'));
    for (const host of bad) {
      const answer = await ask(server, 'GET', '/healthz', { host });
      isRefusal('a REST read', answer, 421, 'misdirected');
    }
    await until(server, refused('misdirected'), (count) => count === before + bad.length);
    assert.equal((await ask(server, 'GET', '/healthz', { host: null, version: '1.0' })).status, 200);
    // If the request target has a host, that one counts (RFC 9112, 3.2.2).
    assert.equal((await ask(server, 'GET', 'http://evil.example/healthz')).status, 421);
    assert.equal((await ask(server, 'GET', 'http://localhost/healthz', { host: 'evil.example' })).status, 200);
  });

  for (const [name, way] of Object.entries(ways)) {
    scenario(world, `${name} is misdirected under another name, with or without the same origin`, async (open, server) => {
      const host = 'rebound.example:3500'; // DNS rebinding: the page's own name now points here
      isRefusal(name, await way(server, { host, ...origin(`http://${host}`) }), 421, 'misdirected');
      isRefusal(name, await way(server, { host }), 421, 'misdirected');
    });
  }

  scenario(world, 'a cross-site body without an Origin is refused', async (open, server) => {
    const crossSite = 'Sec-Fetch-Site: Cross-Site\r\n';
    const before = await metric(server, refused('unsupported_media_type'));
    for (const name of ['a POST of a session', 'a REST write of text/plain']) {
      isRefusal(name, await ways[name](server, { headers: crossSite }), 415, 'unsupported_media_type');
      const { status } = await ways[name](server, { headers: crossSite + 'Origin: http://localhost\r\n' });
      assert.ok(status < 300, `${name}: ${status}`);
      assert.ok((await ways[name](server, { headers: 'Sec-Fetch-Site: same-site\r\n' })).status < 300);
    }
    await until(server, refused('unsupported_media_type'), (count) => count === before + 2);
    assert.equal((await ask(server, 'GET', '/healthz', { headers: crossSite })).status, 200);
  });

  scenario(world, 'a cross-site request for Engine.IO without an Origin is refused', async (open, server) => {
    const crossSite = 'Sec-Fetch-Site: cross-site\r\n';
    const before = await metric(server, refused('origin'));
    const names = ['a polling handshake', 'a WebSocket handshake', 'a poll of a session', 'an upgrade of a session'];
    for (const name of names) {
      isRefusal(name, await ways[name](server, { headers: crossSite }), 403, 'origin_refused');
      if (!answersAtOnce(name)) continue;
      for (const headers of [crossSite + 'Origin: http://localhost\r\n', 'Sec-Fetch-Site: same-origin\r\n']) {
        const { status } = await ways[name](server, { headers });
        assert.ok([101, 200].includes(status), `${name}: ${status}`);
      }
    }
    const bare = await ask(server, 'GET', '/socket.io?EIO=4&transport=polling', { headers: crossSite });
    isRefusal('a handshake', bare, 403, 'origin_refused');
    await until(server, refused('origin'), (count) => count === before + names.length + 1);
  });

  scenario(world, 'a cross-site request with a cookie and without an Origin is refused', async (open, server) => {
    const crossSite = 'Sec-Fetch-Site: cross-site\r\n';
    const cookie = 'Cookie: a=1\r\n';
    for (const name of ['a REST read', 'the metrics']) {
      isRefusal(name, await ways[name](server, { headers: crossSite + cookie }), 403, 'origin_refused');
      const allowed = [
        crossSite,
        cookie,
        crossSite + cookie + 'Origin: http://localhost\r\n',
        crossSite + cookie + 'Authorization: Bearer x\r\n',
        cookie + 'Sec-Fetch-Site: same-site\r\n',
      ];
      for (const headers of allowed) assert.equal((await ways[name](server, { headers })).status, 200, headers);
    }
  });
});

test('with * any page passes, including null, but hosts are still checked', async () => {
  const server = await startServer({ args: ['--cors.origins=*', '--http.hosts=chat.example, Other.Example'] });
  try {
    for (const text of ['https://evil.example', 'null']) {
      for (const name of ['a polling handshake', 'a WebSocket handshake', 'a REST write of text/plain']) {
        const { status, header } = await ways[name](server, origin(text));
        assert.ok(status === 101 || status < 300, `${name}: ${status}`);
        if (status !== 101) assert.equal(header('access-control-allow-origin'), '*');
        assert.equal(header('access-control-allow-credentials'), undefined);
      }
    }
    const headers = 'Sec-Fetch-Site: cross-site\r\n';
    const answer = await ways['a polling handshake'](server, { headers });
    assert.equal(answer.status, 403, 'an image is no page that says its origin');
    for (const [host, status] of [['chat.example', 200], ['CHAT.example:8443', 200], ['other.example.', 200], ['evil.example', 421], ['a.chat.example', 421]]) {
      assert.equal((await ask(server, 'GET', '/healthz', { host })).status, status, host);
    }
  } finally {
    await server.finish();
  }
});

test('an invalid origin or host in the settings is refused at the start, with advice', async () => {
  const rows = [
    ['--cors.origins=https://shop.example/', /without a path.*https:\/\/shop\.example/],
    ['--cors.origins=shop.example', /https:\/\/shop\.example/],
    ['--cors.origins=https://*.shop.example', /cors\.origins/],
    ['--http.hosts=https://shop.example', /http\.hosts/],
    ['--http.hosts=shop.example:3500', /without a port/],
  ];
  for (const [argument, words] of rows) {
    const { exit, output } = await run(['serve', '--port', '0', argument]);
    assert.equal(exit.code, 78, output);
    assert.match(output, words);
  }
});
