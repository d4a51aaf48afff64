// The life of a token on live connections: announced, ended, renewed, revoked, its key gone. Real
// clients come back by themselves and miss nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { as, ask, claimsOf, connect, done, jwk, sign, tokenOf, useIdentityServer } from './identity.mjs';
import { parseMetrics } from './metrics.mjs';
import { RawSocket, frame } from './raw_socket.mjs';
import { Client, bounded, kinds, patience, reconnectMsMax, scenario, unique, useServer } from './support.mjs';

const testMsMax = { timeout: 120_000 * patience };
const warningMs = 3_000 * patience;
/// `exp` of a token that lives long enough to do something, and ends in this test.
const soon = () => Math.floor(Date.now() / 1000) + 5 * patience;
const iso = (seconds) => new Date(seconds * 1000).toISOString();
const settings = ['--auth.skew', '0', '--auth.expiry-warning', String(warningMs), '--auth.revoked', '{folder}/revoked'];

const open = [];
after(() => {
  for (const client of open) client.close();
});

/// A stock client that asks `token` for each CONNECT, wants recovery if it knows it, and comes back
/// quickly.
async function stock(world, kind, token) {
  const auth = (give) => give({ token: token(), recovery: kind !== kinds.v3 });
  const options = { ...kind.options, auth, reconnectionDelay: 50 };
  const client = new Client({ ...kind, options }, world.server.url);
  open.push(client);
  await client.connected();
  return client;
}

/// Lets the client come back once more than `times`.
async function cameBack(client, times = 1) {
  await client.until(() => client.connects > times, 'coming back by itself', reconnectMsMax);
}

async function room(world) {
  const conversationId = unique('room');
  await done(world, world.back, 'POST', '/chat/conversations/start', {
    conversationId,
    createdBy: 'owner',
    createdByRole: 'cx-agent',
  });
  return conversationId;
}

const say = (world, conversationId, content) =>
  done(world, world.back, 'POST', '/chat/messages', {
    conversationId,
    content,
    fromUserId: 'owner',
    fromRole: 'cx-agent',
  });

/// The reason why a plain socket's connection ends.
const ended = (socket) =>
  bounded(new Promise((resolve) => socket.once('disconnect', resolve)), reconnectMsMax, 'the end of the connection');
const exceptions = (socket) => socket.frames.filter(([name]) => name === 'exception').map(([, body]) => body.code);

/// Sends SIGHUP, and waits until the log says that this was carried out.
async function reload(server) {
  const times = () => (server.stderr.match(/reload_asked/g) ?? []).length;
  const before = times();
  server.signal('SIGHUP');
  for (const end = Date.now() + 20_000 * patience; Date.now() < end; await pause(5)) {
    if (times() > before) return;
  }
  assert.fail('no reload');
}

async function tokenMetric(world, name) {
  const answer = await as(world, tokenOf('operator', 'ops'), 'GET', '/metrics');
  assert.equal(answer.status, 200, answer.text);
  return parseMetrics(answer.text).get(name);
}

describe('a token that ends', () => {
  const world = useIdentityServer(settings, { revoked: '' });

  for (const kind of [kinds.v4, kinds.v4WebSocket, kinds.v4Polling, kinds.v3]) {
    test(`${kind.name}: it is announced, ends, and the client comes back with the next one`, testMsMax, async () => {
      const user = unique('agent');
      const tokens = [];
      const next = () => {
        tokens.push(tokens.length === 0 ? soon() : soon() + 3600);
        return tokenOf('agent', user, { exp: tokens.at(-1) });
      };
      const conversation = await room(world);
      const client = await stock(world, kind, next);
      await client.settled();
      await client.do('join_room', { conversationId: conversation });
      const announced = await client.receives('token_expiring');
      assert.equal(announced.expiresAt, iso(tokens[0]));
      const said = [await say(world, conversation, 'before')];
      const reason = await client.receives('exception');
      assert.deepEqual([reason.code, reason.event], ['token_expired', 'connect']);
      said.push(await say(world, conversation, 'meanwhile'));
      await cameBack(client);
      assert.equal(tokens.length, 2, 'the auth function was asked again');
      if (kind !== kinds.v3) {
        assert.equal(client.socket.recovered, true);
        said.push(await say(world, conversation, 'after'));
        await client.receives('new_message', (body) => body.content === 'after');
        const heard = client.take().filter(({ name }) => name === 'new_message');
        assert.deepEqual(heard.map(({ body }) => body), said);
      }
      for (const fault of client.faults) throw fault;
      client.close();
    });
  }

  test('authenticate goes on with a new token', testMsMax, async () => {
    const user = unique('customer');
    const exp = soon();
    const renewed = await connect(world, tokenOf('customer', user, { exp }));
    const left = await connect(world, tokenOf('customer', user, { exp }));
    const over = ended(left);
    const { conversation } = await ask(renewed, 'join_room', {});
    const later = exp + 3600;
    const reply = await ask(renewed, 'authenticate', { token: tokenOf('customer', user, { exp: later }) });
    assert.deepEqual(reply, { success: true, expiresAt: iso(later) });
    assert.equal(await over, 'transport close');
    await say(world, conversation.id, 'still here');
    assert.equal((await ask(renewed, 'get_messages', { conversationId: conversation.id })).length, 1);
    assert.deepEqual(renewed.frames.map(([name]) => name), ['user_joined', 'new_message']);
    assert.deepEqual(exceptions(left), ['token_expired']);
  });

  test('authenticate without an ack is answered by an event', async () => {
    const user = unique('agent');
    const socket = await connect(world, tokenOf('agent', user));
    const answered = bounded(new Promise((resolve) => socket.once('authenticate', resolve)), reconnectMsMax, 'the event');
    const exp = soon() + 100;
    socket.emit('authenticate', { token: tokenOf('agent', user, { exp }) });
    assert.deepEqual(await answered, { success: true, expiresAt: iso(exp) });
  });

  test('a bad token in authenticate is refused, and the old one goes on until its end', testMsMax, async () => {
    const user = unique('agent');
    const socket = await connect(world, tokenOf('agent', user, { exp: soon() }));
    const over = ended(socket);
    for (const token of ['', 'nonsense', sign(claimsOf.agent(user), randomBytes(32)), tokenOf('agent', user, { exp: 1 })]) {
      const reply = await ask(socket, 'authenticate', { token });
      assert.deepEqual(reply, { success: false, error: 'a valid token is required', code: 'unauthenticated' });
    }
    assert.equal((await ask(socket, 'authenticate', {})).code, 'missing_field');
    assert.equal((await ask(socket, 'authenticate', { token: 7 })).code, 'wrong_type');
    assert.equal((await ask(socket, 'join_dashboard', {})).success, true);
    assert.equal(await over, 'transport close');
    assert.deepEqual(exceptions(socket), ['token_expired']);
  });

  const others = {
    'another user': () => tokenOf('agent', unique('another')),
    'another kind': (user) => tokenOf('service', user),
    'another role': (user) => tokenOf('supervisor', user),
    'less within reach': (user) => tokenOf('agent', user, { conversations: ['one'] }),
  };
  for (const [what, token] of Object.entries(others)) {
    test(`authenticate with ${what} is refused, and the connection closes`, async () => {
      const user = unique('agent');
      const socket = await connect(world, tokenOf('agent', user));
      const over = ended(socket);
      assert.equal((await ask(socket, 'authenticate', { token: token(user) })).code, 'forbidden');
      assert.equal(await over, 'transport close');
    });
  }

  test('who leaves the namespace and enters it again is asked again, and before it may do nothing', async () => {
    const raw = async () => {
      const socket = new RawSocket(world.server);
      await socket.opened;
      socket.send(
        'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n' +
          'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      await socket.until(() => socket.text.includes('"sid"'), 'the open packet');
      return socket;
    };
    const connectPacket = frame(`40${JSON.stringify({ token: tokenOf('agent', unique('agent')) })}`);
    const refused = '44{"message":"a valid token is required","data":{"code":"unauthenticated"}}';
    const one = await raw();
    one.send(connectPacket);
    await one.until(() => one.text.includes('40{"sid"'), 'the namespace');
    one.send(frame('41'));
    one.send(frame('40'));
    await one.until(() => one.text.includes(refused), 'the refusal');
    one.send(connectPacket);
    await one.until(() => one.text.split('40{"sid"').length === 3, 'the namespace again');
    one.close();
    for (const name of ['authenticate', 'get_messages', 'send_message']) {
      const early = await raw();
      early.send(frame(`421${JSON.stringify([name, { token: 't', conversationId: 'c', content: 'x' }])}`));
      await bounded(early.closed, reconnectMsMax, 'the end of a session that asks before CONNECT');
      assert.ok(!early.text.includes('431['), early.text);
    }
  });

  test('python3-socketio comes back with the next token', { timeout: 240_000 * patience }, async () => {
    for (const transport of ['websocket', 'polling']) {
      const user = unique('python');
      let asked = 0;
      const script = fileURLToPath(new URL('python_token.py', import.meta.url));
      const child = spawn('/usr/bin/python3', [script, world.server.url, transport], { stdio: ['pipe', 'pipe', 'inherit'] });
      const over = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
      const served = (async () => {
        for await (const line of createInterface({ input: child.stdout })) {
          if (line !== 'token') continue;
          const exp = ++asked === 1 ? soon() : soon() + 3600;
          child.stdin.write(`${tokenOf('agent', user, { exp })}\n`);
        }
      })();
      try {
        const [exit] = await bounded(Promise.all([over, served]), 100_000 * patience, 'the python client');
        assert.deepEqual(exit, { code: 0, signal: null }, transport);
        assert.equal(asked, 2);
      } finally {
        child.kill('SIGKILL');
      }
    }
  });

  test('metrics count what was accepted, refused and ended', async () => {
    assert.ok((await tokenMetric(world, 'parley_tokens_accepted_total')) > 10);
    assert.ok((await tokenMetric(world, 'parley_tokens_remembered_total')) > 0);
    for (const fault of ['missing', 'malformed', 'signature', 'expired']) {
      assert.ok((await tokenMetric(world, `parley_tokens_refused_total{fault="${fault}"}`)) > 0, fault);
    }
    assert.ok((await tokenMetric(world, 'parley_tokens_ended_total{fault="expired"}')) >= 5);
    assert.equal(await tokenMetric(world, 'parley_tokens_ended_total{fault="revoked"}'), 0);
  });
});

describe('a reload by SIGHUP', () => {
  const world = useIdentityServer(settings, { revoked: '' });
  const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
  const writeKeys = (...keys) => writeFileSync(world.keys, JSON.stringify({ keys: [jwk(), ...keys] }));
  const revoke = (...lines) =>
    writeFileSync(path.join(world.folder, 'revoked'), lines.map((line) => JSON.stringify(line)).join('\n'));
  const alive = async (socket) => (await ask(socket, 'join_dashboard', {})).success === true;

  test('ends the connections of a key that is gone, and no others', testMsMax, async () => {
    writeKeys(jwk(oldKey, 'old'), jwk(newKey, 'new'));
    await reload(world.server);
    const user = unique('agent');
    const byOld = () => sign(claimsOf.agent(user), oldKey, 'old');
    const byNew = () => sign(claimsOf.agent(user), newKey, 'new');
    const conversation = await room(world);
    let token = byOld;
    const rotated = await stock(world, kinds.v4, () => token());
    await rotated.settled();
    const polling = await stock(world, kinds.v4Polling, () => token());
    for (const client of [rotated, polling]) await client.do('join_room', { conversationId: conversation });
    const stays = await connect(world, byNew());
    const keyless = await connect(world, tokenOf('agent', user));
    token = byNew;
    writeKeys(jwk(newKey, 'new'));
    await reload(world.server);
    const said = await say(world, conversation, 'meanwhile');
    for (const client of [rotated, polling]) {
      assert.equal((await client.receives('exception')).code, 'unauthenticated');
      await cameBack(client);
      assert.equal(client.socket.recovered, true);
      assert.deepEqual(await client.receives('new_message'), said);
    }
    assert.ok((await alive(stays)) && (await alive(keyless)));
    assert.equal((await as(world, byOld(), 'GET', '/chat/conversations')).status, 401);
    assert.equal((await as(world, byNew(), 'GET', '/chat/conversations')).status, 200);
    for (const client of [rotated, polling]) client.close();
  });

  test('ends the connections of a revoked token, and of a user\'s tokens from before a time', testMsMax, async () => {
    const now = Math.floor(Date.now() / 1000);
    const [ann, bob] = [unique('ann'), unique('bob')];
    const byId = await connect(world, tokenOf('agent', ann, { jti: 'stolen' }));
    const sameUser = await connect(world, tokenOf('agent', ann, { jti: 'kept' }));
    const before = await connect(world, tokenOf('agent', bob, { iat: now - 100 }));
    const since = await connect(world, tokenOf('agent', bob, { iat: now - 10 }));
    const over = Promise.all([ended(byId), ended(before)]);
    revoke({ jti: 'stolen' }, { sub: bob, notBefore: now - 50 });
    await reload(world.server);
    assert.deepEqual(await over, ['transport close', 'transport close']);
    assert.deepEqual([...exceptions(byId), ...exceptions(before)], ['unauthenticated', 'unauthenticated']);
    assert.ok((await alive(sameUser)) && (await alive(since)));
    await assert.rejects(connect(world, tokenOf('agent', ann, { jti: 'stolen' })), (error) => {
      assert.deepEqual(error.data, { code: 'unauthenticated' });
      return true;
    });
    assert.equal(await tokenMetric(world, 'parley_tokens_ended_total{fault="revoked"}'), 2);
  });

  test('with a broken file changes nothing, and says so', testMsMax, async () => {
    const socket = await connect(world, tokenOf('agent', unique('agent')));
    const failures = () => (world.server.stderr.match(/reload_failed/g) ?? []).length;
    const breaks = [
      () => writeFileSync(world.keys, '{"keys":[{"kty":"oct","k":"c2hvcnQ"}]}'),
      () => writeFileSync(world.keys, 'no JSON'),
      () => (writeKeys(), revoke({ jti: 7 })),
    ];
    for (const [i, breakIt] of breaks.entries()) {
      breakIt();
      await reload(world.server);
      assert.equal(failures(), i + 1);
      assert.ok(await alive(socket));
      assert.equal((await as(world, world.back, 'GET', '/chat/conversations')).status, 200);
    }
    revoke();
    await reload(world.server);
    assert.equal(failures(), breaks.length);
    assert.ok(await alive(socket));
  });
});

describe('without tokens', () => {
  const world = useServer();
  scenario(world, 'authenticate is no request, and changes nothing', async (openClient) => {
    const client = await openClient(kinds.v4);
    const conversation = unique('room');
    await client.join(conversation, 'u', 'cx-agent');
    await client.refused('authenticate', { token: 'anything' }, 'unknown_event');
    await client.say(conversation, 'as before');
    assert.deepEqual(client.disconnects, []);
  });
});
