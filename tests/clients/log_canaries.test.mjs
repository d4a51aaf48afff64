// What the log must never hold, at its most verbose: contents, tokens, pids, sids, user ids and full
// addresses. Each of them is a word that stands for nothing else; the log is searched for all.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { as, ask, connect, sign, tokenOf, useIdentityServer } from './identity.mjs';
import { RawSocket, frame } from './raw_socket.mjs';
import { unique, useServer } from './support.mjs';
import { rest } from '../support/rest.mjs';

const addresses = ['203.0.113.77', '2001:db8:77:77::77'];
const verbose = ['--log.level', 'trace', '--proxy.trusted', '127.0.0.1,::1'];

class Words {
  all = new Set(addresses);
  of(kind) {
    return this.keep(unique(`canary${kind}`));
  }
  keep(word) {
    this.all.add(word);
    return word;
  }
  /// A token; of its three parts the last two are not to be found, either.
  token(text) {
    for (const part of text.split('.').slice(1)) if (part.length > 8) this.keep(part);
    return this.keep(text);
  }
}

const settled = async (socket, bytes) => {
  await socket.opened;
  socket.send(bytes);
  await Promise.race([socket.closed, pause(100)]);
  socket.close();
};
const head = (words, more) =>
  `Host: localhost\r\nX-Forwarded-For: ${addresses[0]}, ${addresses[1]}\r\nCookie: a=${words.of('cookie')}\r\n` +
  `User-Agent: ${words.of('agent')}\r\n${more}`;

/// HTTP that is refused, from its form to its origin and its host.
async function badHttp(world, words) {
  const secret = () => words.of('http');
  const requests = [
    `GET /${secret()} HTTP/1.1\r\n${head(words, '')}\r\n`,
    `${secret()} / HTTP/1.1\r\n${head(words, '')}\r\n`,
    `GET /${secret()}\r\n\r\n`,
    `GET / HTTP/1.1\r\n${head(words, `${secret()} : x\r\n`)}\r\n`,
    `GET / HTTP/1.1\r\n${head(words, `Authorization: Bearer ${secret()}\r\nAuthorization: ${secret()}\r\n`)}\r\n`,
    `GET / HTTP/1.1\r\n${head(words, `Content-Length: ${secret()}\r\n`)}\r\n`,
    `POST /chat/messages HTTP/1.1\r\n${head(words, 'Transfer-Encoding: chunked\r\n')}\r\n${secret()}\r\n`,
    `POST /chat/messages HTTP/1.1\r\n${head(words, 'Content-Type: application/json\r\nContent-Length: 40\r\n')}\r\n{"content":"${secret()}`,
    `GET /socket.io/?EIO=${secret()}&transport=${secret()} HTTP/1.1\r\n${head(words, '')}\r\n`,
    `GET /socket.io/?EIO=4&transport=polling&sid=${secret()} HTTP/1.1\r\n${head(words, '')}\r\n`,
    `GET /socket.io/?EIO=4&transport=websocket&token=${secret()} HTTP/1.1\r\n${head(words, 'Upgrade: websocket\r\n')}\r\n`,
  ];
  for (const request of requests) await settled(new RawSocket(world.server), request);
}

/// The log names a refused page, once a minute for each loop: one server, one origin.
const origins = (words) => [
  `http://${addresses[0]}:5173`, `http://[${addresses[1]}]`, `https://${words.of('user')}:${words.of('secret')}@shop.example`,
  `https://shop.example/${words.of('path')}`, words.of('origin'),
];

/// Packets that are none, of Engine.IO and Socket.IO.
async function badPackets(world, words, auth) {
  const secret = () => words.of('packet');
  const upgrade =
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n' +
    `${head(words, 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n')}\r\n`;
  const connected = `40${JSON.stringify(auth)}`;
  const packets = [
    [`9${secret()}`], [`4${secret()}`], [`40{"token":"${secret()}"`], [`40{"token":"${secret()}"}`], [`42["${secret()}"]`],
    [connected, `42["${secret()}",{"conversationId":"${secret()}"}]`], [connected, `42["send_message",{"content":"${secret()}"`],
    [connected, `42["send_message",{"content":["${secret()}"]}]`], [connected, `45${secret()}`], [connected, `421${secret()}`],
    [connected, `42["join_room",{"conversationId":"${'x'.repeat(300)}${secret()}"}]`], [`40/${secret()},{}`], [connected, `3${secret()}`],
  ];
  for (const [first, second] of packets) {
    const socket = new RawSocket(world.server);
    await socket.opened;
    socket.send(upgrade);
    await socket.until(() => socket.text.includes('"sid"'), 'the open packet');
    words.keep(/"sid":"([^"]+)"/.exec(socket.text)[1]);
    socket.send(frame(first));
    if (second) {
      await socket.until(() => socket.text.includes('40{"sid"'), 'the namespace');
      socket.send(frame(second));
    }
    await Promise.race([socket.closed, pause(60)]);
    socket.close();
  }
}

/// A conversation with a bit of everything, and sessions that drop and come back.
async function chat(world, words, open) {
  const [anna, conversationId] = [words.of('user'), unique('room')];
  const { socket, auth } = await open(anna, { recovery: true });
  words.keep(socket.id);
  const joined = await ask(socket, 'join_room', { conversationId, userId: anna, userRole: 'cx-agent' });
  assert.equal(joined.success, true, JSON.stringify(joined));
  const body = { conversationId, userId: anna, userName: words.of('name') };
  await ask(socket, 'typing_start', body);
  for (const more of [{}, { isVisible: false }, { clientMessageId: words.of('id') }, { toRole: 'robot' }]) {
    const sent = await ask(socket, 'send_message', { conversationId, content: words.of('text'), ...more });
    assert.ok(sent.id, JSON.stringify(sent));
  }
  for (const bad of [
    { conversationId, content: words.of('text'), fromUserId: words.of('user') }, { conversationId, content: words.of('text'), expectedSeq: 999 },
    { conversationId, content: words.of('text'), fromRole: words.of('role') }, { conversationId, content: `${words.of('text')}${'y'.repeat(70_000)}` },
    { conversationId: '', content: words.of('text') }, words.of('body'),
  ]) await ask(socket, 'send_message', bad);
  await ask(socket, words.of('event'), {});
  await ask(socket, 'share_robot_message', { conversationId, fromUserId: anna, originalMessageId: words.of('original') });
  await ask(socket, 'leave_room', { conversationId, userId: words.of('user') });
  await ask(socket, 'authenticate', { token: words.token(`a.${words.of('token')}.c`) });
  socket.io.engine.close();
  for (const pid of [words.of('pid'), `${'A'.repeat(12)}${words.of('pid')}`]) {
    const other = await open(words.of('user'), { ...auth, pid, offset: words.of('offset') });
    other.socket.disconnect();
  }
}

/// Waits for what the server says last, and looks for the words.
async function search(world, words) {
  await world.server.stop();
  const log = world.server.stderr;
  assert.ok(log.length > 0);
  assert.ok(words.all.size > 60, `${words.all.size} words`);
  for (const word of words.all) assert.ok(!log.includes(word), `the log holds "${word}":\n${log}`);
  return log;
}

describe('the log of a server that asks for tokens', { timeout: 120_000 }, () => {
  const world = useIdentityServer([...verbose, '--auth.revoked', '{folder}/revoked.jsonl', '--http.hosts', 'chat.example'],
    { 'revoked.jsonl': '' });

  test('holds nothing of what clients say and are', async () => {
    const words = new Words();
    const open = async (user, more) => {
      const auth = { token: words.token(tokenOf('agent', user, { jti: words.of('jti') })), ...more };
      return { auth, socket: await connect(world, auth.token, { auth, extraHeaders: { 'x-forwarded-for': addresses[0] } }) };
    };
    await chat(world, words, open);
    await badHttp(world, words);
    await badPackets(world, words, { token: tokenOf('agent', words.of('user')) });
    for (const claims of [{ exp: 1 }, { nbf: 9_999_999_999 }, { role: words.of('role') }, { kind: words.of('kind') }]) {
      const token = words.token(sign({ sub: words.of('user'), role: 'cx-agent', ...claims }));
      assert.equal((await as(world, token, 'GET', `/chat/conversations?userId=${words.of('user')}`)).status, 401);
      await assert.rejects(connect(world, token));
    }
    const supervisor = words.token(tokenOf('supervisor', words.of('user')));
    const title = { createdBy: words.of('user'), createdByRole: 'cx-agent', title: words.of('title'), description: words.of('text') };
    assert.equal((await as(world, supervisor, 'POST', '/chat/conversations/start', title)).body.code, 'forbidden');
    assert.equal((await as(world, world.back, 'POST', '/chat/conversations/start', title)).status, 201);
    for (const origin of origins(words)) {
      assert.equal((await rest(world.server, 'GET', '/healthz', undefined, { origin })).status, 403);
    }

    const gone = words.of('user');
    const revoked = await connect(world, words.token(tokenOf('agent', gone, { iat: 1 })));
    const closed = new Promise((resolve) => revoked.once('disconnect', resolve));
    const reload = async (lines) => {
      writeFileSync(path.join(world.folder, 'revoked.jsonl'), lines);
      const times = () => (world.server.stderr.match(/reload_asked/g) ?? []).length;
      const before = times();
      world.server.signal('SIGHUP');
      while (times() === before) await pause(20);
    };
    await reload(`{"sub":"${gone}","notBefore":5}\n`);
    await closed;
    await reload(`{"sub":"${words.of('user')}","notBefore":"${words.of('time')}"}\n`);
    await reload(`{"jti":"${words.of('jti')}","${words.of('name')}":5}\n`);

    const log = await search(world, words);
    assert.match(log, /page_refused code=origin_refused origin=http:\/\/203\.0\.113\.0\/24:5173 host=localhost/);
    assert.match(log, /tokens_refused [a-z_]+=1\n/);
    assert.equal(log.match(/tokens_refused/g).length, 1, 'once a minute');
    assert.match(log, /tokens_reloaded keys=1 revocations=1\n/);
    assert.match(log, /tokens_checked loop=0 connections=\d+ closed=1\n/);
    assert.match(log, /malformed_packets/);
  });
});

describe('the log of an open server', { timeout: 120_000 }, () => {
  const world = useServer({ args: verbose });

  test('holds nothing of what clients say and are', async () => {
    const words = new Words();
    const sockets = [];
    const open = async (user, more) => {
      const socket = io(world.server.url, {
        forceNew: true, reconnection: false, auth: more, transports: ['polling'], extraHeaders: { 'x-forwarded-for': addresses[0] },
      });
      sockets.push(socket);
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
      return { auth: more, socket };
    };
    await chat(world, words, open);
    await badHttp(world, words);
    await badPackets(world, words, {});
    for (const origin of origins(words).reverse()) await rest(world.server, 'GET', '/healthz', undefined, { origin });
    for (const host of [`${addresses[0]}.example`, words.of('host')]) {
      await settled(new RawSocket(world.server), `GET / HTTP/1.1\r\nHost: anna@${host}\r\n\r\n`);
    }
    for (const socket of sockets) socket.disconnect();
    const log = await search(world, words);
    assert.match(log, /page_refused code=origin_refused origin=\? host=localhost/);
  });
});
