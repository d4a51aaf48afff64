// Web pages with auth.mode=jwt: no other page may connect unless cors.origins names it, any host is
// answered unless http.hosts names some, and the bodies of REST requests must be JSON by their type.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { as, done, tokenOf, useIdentityServer } from './identity.mjs';
import { RawSocket } from './raw_socket.mjs';
import { rest, unique } from './support.mjs';

const here = 'Origin: http://localhost:5173\r\n';
const handshake = '/socket.io/?EIO=4&transport=polling';

/// The status of a GET on its own connection.
async function statusOf(world, target, host, headers = '') {
  const socket = new RawSocket(world.server);
  socket.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`);
  try {
    return await socket.status();
  } finally {
    socket.close();
  }
}

describe('web pages of a server that asks for tokens', () => {
  const world = useIdentityServer();

  test('only the server\'s own pages may connect', async () => {
    for (const target of [handshake, '/healthz']) {
      assert.equal(await statusOf(world, target, 'localhost', here), 403);
      assert.equal(await statusOf(world, target, 'localhost:5173', here), 200);
      assert.equal(await statusOf(world, target, 'localhost'), 200);
    }
  });

  test('it answers under any host name', async () => {
    for (const target of [handshake, '/healthz']) assert.equal(await statusOf(world, target, 'chat.example'), 200);
  });

  test('the body of a REST request must be application/json', async () => {
    const token = tokenOf('supervisor', unique('supervisor'));
    const conversationId = unique('room');
    const body = JSON.stringify({ conversationId, content: 'x' });
    const send = (type) =>
      rest(world.server, 'POST', '/chat/messages', body, {
        authorization: `Bearer ${token}`,
        'content-type': type,
      });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x',
      'application/jsonp', 'application', 'application/json, text/plain', 'text/plain; application/json', '']) {
      const refused = await send(type);
      assert.deepEqual([refused.status, refused.body?.code], [415, 'unsupported_media_type'], type);
    }
    for (const type of ['application/json', 'Application/JSON', 'application/json; charset=utf-8', ' application/json ;x=y']) {
      assert.equal((await send(type)).status, 201, type);
    }
    assert.equal((await done(world, token, 'GET', `/chat/conversations/${conversationId}/messages`)).length, 4);
  });

  test('a body without a type is refused, an empty body needs none', async () => {
    const token = tokenOf('agent', unique('agent'));
    const conversationId = unique('room');
    const raw = async (body) => {
      const socket = new RawSocket(world.server);
      socket.send(
        `POST /chat/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      try {
        return await socket.status();
      } finally {
        socket.close();
      }
    };
    assert.equal(await raw(JSON.stringify({ conversationId, content: 'x' })), 415);
    assert.equal(await raw(''), 400); // no JSON
    assert.equal((await as(world, null, 'POST', '/chat/messages', 'x')).status, 401, 'the token is asked for first');
  });
});

describe('a server that takes tokens from a cookie', () => {
  const world = useIdentityServer(['--auth.cookie', 'token']);

  test('does not act on it for a page of another site that says no origin', async () => {
    const cookie = (token) => `Cookie: token=${token}\r\n`;
    const good = cookie(tokenOf('supervisor', unique('supervisor')));
    const crossSite = 'Sec-Fetch-Site: cross-site\r\n';
    for (const target of [handshake, '/chat/conversations', '/healthz']) {
      assert.equal(await statusOf(world, target, 'localhost', good), 200, target);
      assert.equal(await statusOf(world, target, 'localhost', good + crossSite), 403, target);
    }
    // An address may send twenty bad tokens at once: these are not counted as such.
    for (let i = 0; i < 30; i++) {
      assert.equal(await statusOf(world, '/healthz', 'localhost', cookie('expired') + crossSite), 403);
    }
    assert.equal(await statusOf(world, '/chat/conversations', 'localhost', cookie(tokenOf('supervisor', unique('new')))), 200);
    assert.equal(await statusOf(world, '/healthz', 'localhost', crossSite), 200);
  });
});

describe('a server that asks for tokens and names its pages and hosts', () => {
  const world = useIdentityServer(['--cors.origins', 'https://shop.example,local', '--http.hosts', 'chat.example']);

  test('these are allowed, and no others', async () => {
    assert.equal(await statusOf(world, handshake, 'chat.example', 'Origin: https://shop.example\r\n'), 200);
    assert.equal(await statusOf(world, handshake, 'localhost', here), 200);
    assert.equal(await statusOf(world, handshake, 'localhost', 'Origin: https://evil.example\r\n'), 403);
    assert.equal(await statusOf(world, handshake, 'evil.example'), 421);
  });
});
