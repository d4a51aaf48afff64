// Chunked request bodies, as sent by streaming fetch, the JDK and HAProxy. They work over REST and
// in polling POSTs, with the limits of every other body, and cannot be used to smuggle a request
// past a proxy that reads them differently.
import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, test } from 'node:test';
import { answerMsMax, bounded, history, kinds, patience, rest, scenario, unique, useServer } from './support.mjs';
import { metric, until } from './metrics.mjs';
import { RawSocket } from './raw_socket.mjs';
import { startServer } from '../support/server.mjs';

const handshake = '/socket.io/?EIO=4&transport=polling';
const chunked = 'Transfer-Encoding: chunked\r\n';
const head = (target, more = chunked, version = '1.1') =>
  `POST ${target} HTTP/${version}\r\nHost: localhost\r\nContent-Type: application/json\r\n${more}\r\n`;
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const message = (conversationId, content) =>
  JSON.stringify({ conversationId, fromUserId: 'u', fromRole: 'cx-agent', content });

/// The next complete reply on a socket: { status, body }.
async function answer(socket) {
  await socket.until(() => {
    const end = socket.text.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const length = Number(/content-length: (\d+)/i.exec(socket.text.slice(0, end))?.[1] ?? 0);
    return socket.received.length >= end + 4 + length;
  }, 'an answer');
  const end = socket.text.indexOf('\r\n\r\n');
  const first = socket.text.slice(0, end);
  const length = Number(/content-length: (\d+)/i.exec(first)?.[1] ?? 0);
  const body = socket.received.subarray(end + 4, end + 4 + length).toString('utf8');
  socket.received = socket.received.subarray(end + 4 + length);
  return { status: Number(first.slice(9, 12)), head: first, body };
}

describe('a chunked body', () => {
  const bodyMax = 6 * 512 * 1024 + 64 * 1024; // the minimum: any message within its limits fits
  const world = useServer({
    args: [`--http.body=${bodyMax}`, `--payload.max=${bodyMax}`, '--http.header=4096'],
  });

  scenario(world, 'works over REST like any other', async (open, server) => {
    const room = unique('stream');
    const body = message(room, 'in pieces: ü 🏳️‍🌈');
    const sent = new Promise((resolve, reject) => {
      const request = http.request(
        new URL('/chat/messages', server.url),
        { method: 'POST', headers: { 'content-type': 'application/json' }, agent: false },
        (response) => response.resume().on('end', () => resolve(response.statusCode)),
      );
      request.on('error', reject);
      assert.equal(request.getHeader('content-length'), undefined);
      for (let i = 0; i < body.length; i += 7) request.write(body.slice(i, i + 7));
      request.end();
    });
    assert.equal(await bounded(sent, answerMsMax, 'the answer'), 201);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(message(room, 'streaming fetch')));
        controller.close();
      },
    });
    const fetched = await fetch(new URL('/chat/messages', server.url), { method: 'POST', body: stream, duplex: 'half' });
    assert.equal(fetched.status, 201);
    assert.deepEqual(
      (await history(server, room)).map(({ content }) => content),
      ['in pieces: ü 🏳️‍🌈', 'streaming fetch'],
    );
  });

  scenario(world, 'works in a polling POST like any other', async (open, server) => {
    const { text } = await rest(server, 'GET', handshake);
    const session = `${handshake}&sid=${JSON.parse(text.slice(1)).sid}`;
    const socket = new RawSocket(server);
    socket.send(`${head(session)}1\r\n4\r\n`);
    socket.send(`1;a=b\r\n0\r\n0\r\n\r\n`);
    assert.deepEqual((await answer(socket)).body, 'ok');
    const { text: connected } = await rest(server, 'GET', session);
    assert.match(connected, /^40\{"sid"/);
    socket.close();
  });

  scenario(world, 'may arrive byte by byte, with extensions, trailer fields and the next request behind it', async (open, server) => {
    const room = unique('bytes');
    const body = message(room, 'x'.repeat(100));
    const socket = new RawSocket(server);
    const whole =
      `${head('/chat/messages')}0000${body.length.toString(16).toUpperCase()} ;name=";\\"" ; other\r\n${body}\r\n` +
      `0;last\r\nX-Checksum: 1\r\nContent-Length: 99\r\n\r\n` +
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    for (const byte of Buffer.from(whole)) socket.send(Buffer.of(byte));
    assert.equal((await answer(socket)).status, 201);
    assert.equal((await answer(socket)).status, 200);
    assert.equal((await history(server, room)).length, 1);
    socket.close();
  });

  scenario(world, 'gets 100 Continue, unless it is refused', async (open, server) => {
    const room = unique('expect');
    const body = message(room, 'asked first');
    const socket = new RawSocket(server);
    socket.send(head('/chat/messages', `Expect: 100-continue\r\n${chunked}`));
    assert.equal((await answer(socket)).status, 100);
    socket.send(`${chunk(body)}0\r\n\r\n`);
    assert.equal((await answer(socket)).status, 201);
    socket.send(head('/chat/messages', `Expect: 100-continue\r\nOrigin: https://evil.example\r\n${chunked}`));
    assert.equal((await answer(socket)).status, 403);
    await socket.gone();
  });

  scenario(world, 'beyond the limit is refused with 413, for any size of chunks', async (open, server) => {
    for (const target of ['/chat/messages', handshake]) {
      const reason = 'parley_connections_refused_total{reason="body_too_large"}';
      const before = await metric(server, reason);
      const piece = 'x'.repeat(bodyMax / 64);
      const bodies = [
        `${(bodyMax + 1).toString(16)}\r\n`, 'fffffffffffffff\r\n',
        chunk('x'.repeat(bodyMax)) + '1\r\n', chunk(piece).repeat(65),
      ];
      for (const body of bodies) {
        const socket = new RawSocket(server);
        socket.send(head(target) + body);
        const { status, body: text } = await answer(socket);
        assert.equal(status, 413);
        assert.equal(JSON.parse(text).code, 'payload_too_large');
        await socket.gone();
      }
      await until(server, reason, (count) => count === before + bodies.length);
    }
    const most = new RawSocket(server);
    most.send(`${head('/chat/messages')}${chunk(' '.repeat(bodyMax))}0\r\n\r\n`);
    assert.equal((await answer(most)).status, 400); // not JSON, but it was read
    most.close();
  });

  const refusedRows = [
    ['a size that is no number', 'g\r\n', 400],
    ['no size', '\r\n\r\n', 400],
    ['a signed size', '+1\r\na\r\n0\r\n\r\n', 400],
    ['a size with a prefix', '0x1\r\na\r\n0\r\n\r\n', 400],
    ['a size with seventeen digits', '00000000000000001\r\na\r\n0\r\n\r\n', 400],
    ['a size that ends with a blank', '1 \r\na\r\n0\r\n\r\n', 400],
    ['a size that begins with a blank', ' 1\r\na\r\n0\r\n\r\n', 400],
    ['a bare line feed behind a size', '1\na\r\n0\r\n\r\n', 400],
    ['a bare carriage return behind a size', '1\ra\r\n0\r\n\r\n', 400],
    ['a bare line feed in an extension', '1;a\nb\r\na\r\n0\r\n\r\n', 400],
    ['a bare carriage return in an extension', '1;a\rb\r\na\r\n0\r\n\r\n', 400],
    ['a NUL in an extension', '1;\0\r\na\r\n0\r\n\r\n', 400],
    ['a chunk longer than its size', '1\r\nab\r\n0\r\n\r\n', 400],
    ['a bare line feed behind a chunk', '1\r\na\n0\r\n\r\n', 400],
    ['anything between chunks', '1\r\na\r\n\r\n0\r\n\r\n', 400],
    ['a bare line feed in the trailer', '0\r\nA: b\n\r\n', 400],
    ['a trailer line without a colon', '0\r\nnothing\r\n\r\n', 400],
    ['a folded trailer line', '0\r\nA: b\r\n c\r\n\r\n', 400],
    ['a request where the trailer stands', '0\r\nGET / HTTP/1.1\r\n\r\n', 400],
    ['extensions without an end', `1;${'a'.repeat(5000)}`, 431],
    ['a trailer without an end', `0\r\nA: ${'a'.repeat(5000)}`, 431],
    ['a trailer of many fields', `0\r\n${'A: b\r\n'.repeat(2000)}`, 431],
  ];
  for (const [what, body, status] of refusedRows) {
    scenario(world, `with ${what} is refused, and no bytes behind it are read`, async (open, server) => {
      const socket = new RawSocket(server);
      socket.send(`${head('/chat/messages')}${body}GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      assert.equal((await answer(socket)).status, status);
      await socket.gone();
      assert.equal(socket.text, '');
    });
  }

  const headRows = [
    ['with a length too', `Content-Length: 5\r\n${chunked}`, 400],
    ['with a length behind it', `${chunked}Content-Length: 5\r\n`, 400],
    ['named twice', chunked + chunked, 400],
    ['named twice in one field', 'Transfer-Encoding: chunked, chunked\r\n', 400],
    ['not last', 'Transfer-Encoding: chunked, gzip\r\n', 400],
    ['with a parameter', 'Transfer-Encoding: chunked;q=1\r\n', 400],
    ['in quotes', 'Transfer-Encoding: "chunked"\r\n', 400],
    ['followed by an empty coding', 'Transfer-Encoding: chunked,\r\n', 400],
    ['left empty', 'Transfer-Encoding: \r\n', 400],
    ['in an encoded word', 'Transfer-Encoding: =?utf-8?Q?chunked?=\r\n', 400],
    ['behind another coding', 'Transfer-Encoding: gzip, chunked\r\n', 501],
    ['behind another coding, in two fields', `Transfer-Encoding: gzip\r\n${chunked}`, 501],
    ['replaced by another coding', 'Transfer-Encoding: gzip\r\n', 501],
    ['replaced by identity', 'Transfer-Encoding: identity\r\n', 501],
    ['misspelt', 'Transfer-Encoding: xchunked\r\n', 501],
  ];
  for (const [what, fields, status] of headRows) {
    scenario(world, `is refused when chunked is ${what}`, async (open, server) => {
      const socket = new RawSocket(server);
      socket.send(`${head('/chat/messages', fields)}0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      assert.equal((await answer(socket)).status, status);
      await socket.gone();
      assert.equal(socket.text, '');
    });
  }

  scenario(world, 'is refused with HTTP/1.0, in a WebSocket handshake, and from a cross-site page without Origin', async (open, server) => {
    const rows = [
      [head('/chat/messages', chunked, '1.0'), 400],
      [
        `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n` +
          `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${chunked}\r\n`,
        400,
      ],
      [head('/chat/messages', `Sec-Fetch-Site: cross-site\r\n${chunked}`), 415],
    ];
    for (const [bytes, status] of rows) {
      const socket = new RawSocket(server);
      socket.send(`${bytes}0\r\n\r\n`);
      assert.equal((await answer(socket)).status, status);
      await socket.gone();
    }
  });

  scenario(world, 'that is refused does not disturb other polling clients', async (open, server) => {
    const { text } = await rest(server, 'GET', handshake);
    const session = `${handshake}&sid=${JSON.parse(text.slice(1)).sid}`;
    const socket = new RawSocket(server);
    socket.send(`${head(session)}2\r\n4`);
    socket.send('0\r\nx');
    assert.equal((await answer(socket)).status, 400);
    assert.equal((await rest(server, 'POST', session, '40')).text, 'ok'); // there was no second POST at the same time
    socket.close();
    const client = await open(kinds.v4Polling);
    assert.deepEqual(client.disconnects, []);
  });
});

describe('a page of an allowed origin', () => {
  for (const [setting, origin, credentials] of [
    ['local', 'http://localhost:5173', 'true'],
    ['https://shop.example', 'https://shop.example', 'true'],
    ['*,https://shop.example', 'https://shop.example', 'true'],
    ['*', 'https://shop.example', undefined],
  ]) {
    test(`may read replies to requests with credentials, with ${setting}: ${credentials ?? 'no'}`, async () => {
      const server = await startServer({ args: [`--cors.origins=${setting}`] });
      try {
        for (const first of ['GET /healthz', 'OPTIONS /chat/messages', `GET ${handshake}`, 'GET /nothing', 'POST /chat/messages']) {
          const socket = new RawSocket(server);
          const length = first.startsWith('POST') ? 'Content-Length: 99999999\r\n' : '';
          socket.send(`${first} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: ${origin}\r\n${length}\r\n`);
          const { head: fields } = await answer(socket);
          assert.equal(/^access-control-allow-credentials: (.*)$/im.exec(fields)?.[1], credentials, first);
          assert.equal(
            /^access-control-allow-origin: (.*)$/im.exec(fields)?.[1],
            credentials ? origin : '*',
            first,
          );
          socket.close();
        }
        const own = new RawSocket(server);
        own.send('GET /healthz HTTP/1.1\r\nHost: shop.localhost\r\nOrigin: ftp://shop.localhost\r\n\r\n');
        assert.doesNotMatch((await answer(own)).head, /credentials/i);
        own.close();
      } finally {
        await server.finish();
      }
    });
  }
});

describe('a header field', () => {
  const world = useServer();
  for (const bytes of [8192, 20_000]) {
    scenario(world, `of ${bytes} bytes is too long, and the 431 names it`, async (open, server) => {
      const socket = new RawSocket(server);
      socket.send(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: b\r\nX-Long_one: ${'v'.repeat(bytes)}\r\nC: d\r\n\r\n`);
      const { status, body } = await answer(socket);
      assert.equal(status, 431);
      assert.match(JSON.parse(body).error, /X-Long_one/);
      await socket.gone();
    });
  }
  scenario(world, 'of 8191 bytes is accepted', async (open, server) => {
    const socket = new RawSocket(server);
    socket.send(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'v'.repeat(8191)}\r\n\r\n`);
    assert.equal((await answer(socket)).status, 200);
    socket.close();
  });
});
