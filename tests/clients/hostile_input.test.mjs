// A hostile client says everything malformed that the protocols allow, without a token and as every
// kind of principal, to a server with auth.mode=jwt. The server stays up, two clients who talk
// meanwhile notice nothing, every refusal has a code of docs/errors.md, and memory returns.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { as, ask, claimsOf, connect, done, jwk, tokenOf, useIdentityServer } from './identity.mjs';
import { badHandshakes, chunks, frames, handshake, heads, textFrame } from './hostile_bytes.mjs';
import { packets, posts, requests, restRequests, tokens } from './hostile_words.mjs';
import { RawSocket } from './raw_socket.mjs';
import { parseMetrics } from './metrics.mjs';
import { patience, rest, unique } from './support.mjs';
import { oneOf, seeded, shuffled } from '../support/seeded.mjs';
import { repositoryRoot } from '../support/server.mjs';

const document = (name) => readFileSync(path.join(repositoryRoot, 'docs', name), 'utf8');
const codes = new Set([...document('errors.md').matchAll(/^\| `([a-z_]+)` \| \d{3} \|/gm)].map(([, code]) => code));
const engineCodes = new Set([...document('errors.md').matchAll(/^\| (\d) \| \d{3} \|/gm)].map(([, code]) => Number(code)));
const closeCodes = new Set([...document('limits.md').matchAll(/\b(10[01]\d)\b/g)].map(([, code]) => Number(code)));
// What one address may ask for in a second is tested elsewhere.
const unlimited = [...document('configuration.md').matchAll(/^\| `(rate\.[a-z-]+|io\.connections-per-user)` \|/gm)].map(([, name]) => `--${name}=0`);
const kinds = Object.keys(claimsOf);
const polling = '/socket.io/?EIO=4&transport=polling';
const bearer = (token) => ({ authorization: `Bearer ${token}` });
const seed = Number(process.env.PARLEY_TEST_SEED || 11);

/// What the attack has said, and which of the answers no document explains.
class Tally {
  said = {};
  refused = {};
  faults = [];

  count(kind) {
    this.said[kind] = (this.said[kind] ?? 0) + 1;
  }
  /// A refusal's code, of either table.
  code(code, what) {
    this.refused[code] = (this.refused[code] ?? 0) + 1;
    const known = typeof code === 'number' ? engineCodes.has(code) : codes.has(code);
    if (!known || code === 'internal') this.faults.push(`${code}: ${what}`);
  }
  /// The answers to raw HTTP.
  http(text, what) {
    for (let rest = text; rest.startsWith('HTTP/1.1 ');) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const status = Number(rest.slice(9, 12));
      const length = Number(/^content-length: (\d+)/im.exec(rest.slice(0, end))?.[1] ?? 0);
      const body = rest.slice(end + 4, end + 4 + length);
      if (status >= 400 && body.length === length) this.body(body, `${status} ${what}`);
      if (status === 101) return this.packets(rest.slice(end + 4), what);
      rest = rest.slice(end + 4 + length);
    }
  }
  body(body, what) {
    try {
      this.code(JSON.parse(body).code, what);
    } catch {
      this.faults.push(`no JSON: ${what}: ${body}`);
    }
  }
  /// What a WebSocket was sent: refusals in words, and a close frame at its end.
  packets(text, what) {
    for (const [, code] of text.matchAll(/"code":"([a-z_]+)"/g)) this.code(code, what);
    const close = /\x88[\x02-\x7d](..)[^]{0,123}$/s.exec(text);
    if (!close) return;
    const code = close[1].charCodeAt(0) * 256 + close[1].charCodeAt(1);
    this.refused[`close ${code}`] = (this.refused[`close ${code}`] ?? 0) + 1;
    if (!closeCodes.has(code)) this.faults.push(`close code ${code}: ${what}`);
  }
}

/// Calls `work` for each item, for some at a time.
async function each(items, atOnce, work) {
  const left = [...items].reverse();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (left.length > 0) await work(left.pop());
  }));
}

const shown = (bytes) => JSON.stringify(bytes.toString('latin1').slice(0, 120));

/// Waits until the server has closed the connection, or says nothing more for a moment. Half a
/// request gets no answer.
async function listen(socket) {
  const moment = async () => {
    await Promise.race([socket.closed, pause(30 * patience)]);
    await new Promise(setImmediate); // what has arrived is read before it counts as silence
  };
  for (let i = 0; i < 8 && !socket.ended && socket.received.length === 0; i++) await moment();
  for (let heard = -1; !socket.ended && heard !== socket.received.length;) {
    heard = socket.received.length;
    await moment();
  }
  socket.close();
}

class Attack {
  /// `share`: of what there is to say; of requests, which are many, a fifth of that.
  constructor(world, tally, random, room, share) {
    Object.assign(this, { world, tally, random, room, share });
  }

  /// A part of a list, in another order.
  some(list, share = this.share) {
    const mixed = shuffled(this.random, [...list]);
    return mixed.slice(0, Math.ceil(mixed.length * share));
  }
  token(kind) {
    return tokenOf(kind, unique('hostile'));
  }

  async raw() {
    const all = [...heads(), ...chunks(this.token('agent')), ...badHandshakes()];
    await each(this.some(all), 24, async (bytes) => {
      this.tally.count('http');
      const socket = new RawSocket(this.world.server);
      socket.send(Buffer.from(bytes, 'latin1'));
      await listen(socket);
      this.tally.http(socket.text, shown(bytes));
    });
  }

  /// A WebSocket, in the namespace as this kind unless that is null.
  async webSocket(kind) {
    const socket = new RawSocket(this.world.server);
    socket.send(handshake);
    await socket.until(() => socket.text.includes('"sid"'), 'the open packet');
    if (kind) {
      socket.send(textFrame(`40${JSON.stringify({ token: this.token(kind) })}`));
      await socket.until(() => socket.text.includes('40{"sid"'), 'the namespace');
    }
    return socket;
  }

  async webSockets() {
    const all = [...frames(this.random), ...packets(this.random).map(textFrame)];
    await each(this.some(all), 24, async (bytes) => {
      this.tally.count('frames');
      const socket = await this.webSocket(oneOf(this.random, [null, ...kinds]));
      socket.send(bytes);
      await listen(socket);
      this.tally.http(socket.text, shown(bytes));
    });
  }

  async polls() {
    await each(this.some(posts(this.random)), 12, async (body) => {
      this.tally.count('posts');
      const opened = await rest(this.world.server, 'GET', polling);
      const { sid } = JSON.parse(opened.text.slice(1));
      const kind = oneOf(this.random, [null, ...kinds]);
      const target = `${polling}&sid=${sid}`;
      if (kind) await rest(this.world.server, 'POST', target, `40${JSON.stringify({ token: this.token(kind) })}`);
      const socket = new RawSocket(this.world.server);
      const bytes = Buffer.from(body, 'utf8');
      socket.send(`POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes.length}\r\n\r\n`);
      socket.send(bytes);
      await listen(socket);
      this.tally.http(socket.text, `POST ${shown(bytes)}`);
      const poll = new RawSocket(this.world.server);
      poll.send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await listen(poll);
      this.tally.http(poll.text, `a poll after ${shown(bytes)}`);
      this.tally.packets(poll.text.replace(/^[^]*?\r\n\r\n/, ''), shown(bytes));
      await rest(this.world.server, 'POST', target, '1'); // leaves, if the session is still there
    });
  }

  async commands() {
    await Promise.all(kinds.map(async (kind) => {
      const socket = await connect(this.world, this.token(kind));
      await each(this.some(requests(this.room), this.share / 5), 32, async ([name, body]) => {
        this.tally.count('requests');
        const reply = await ask(socket, name, body);
        if (reply?.success === false) this.tally.code(reply.code, `${name} ${shown(JSON.stringify(body) ?? '')} as ${kind}`);
      });
      socket.disconnect();
    }));
  }

  async restCalls() {
    await each(this.some(restRequests(this.room), this.share / 5), 24, async ([method, target, body]) => {
      this.tally.count('rest');
      const kind = oneOf(this.random, [null, ...kinds]);
      const answer = await as(this.world, kind && this.token(kind), method, target, body);
      const what = `${method} ${target} ${shown(JSON.stringify(body) ?? '')} as ${kind}`;
      if (answer.status >= 400) this.tally.body(answer.text, what);
      if (answer.status >= 500) this.tally.faults.push(`${answer.status}: ${what}`);
    });
  }

  /// Bad tokens wherever one can be; none may count.
  async badTokens() {
    const mine = await connect(this.world, this.token('agent'));
    const secret = Buffer.from(jwk().k, 'base64url');
    await each(this.some(tokens(this.token('supervisor'), secret)), 8, async (token) => {
      this.tally.count('tokens');
      const counts = (where) => this.tally.faults.push(`it counts ${where}: ${token}`);
      await connect(this.world, token).then(
        () => counts('in CONNECT'),
        (error) => this.tally.code(error.data?.code, `CONNECT with ${token.slice(0, 80)}`),
      );
      const renewed = await ask(mine, 'authenticate', { token });
      if (renewed.success === false) this.tally.code(renewed.code, 'authenticate');
      else counts('in authenticate');
      for (const header of [`Authorization: Bearer ${token}`, `Cookie: token=${token}`]) {
        const socket = new RawSocket(this.world.server);
        socket.send(`GET /chat/conversations HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`);
        const status = await socket.status();
        // Blanks around a value are not a part of it.
        if (status < 400 && token.trim() === token) counts(`in ${header.split(':')[0]}`);
        socket.close();
      }
    });
    mine.disconnect();
  }

  async run() {
    await Promise.all([this.raw(), this.webSockets(), this.polls(), this.badTokens()]);
    await Promise.all([this.commands(), this.restCalls()]);
  }
}

/// Two clients who talk to each other, one over polling. `stop` checks what they saw.
async function bystanders(world) {
  const [agent, customer, conversationId] = [unique('agent'), unique('customer'), unique('calm')];
  await done(world, world.back, 'POST', '/chat/conversations/start', {
    conversationId, createdBy: agent, createdByRole: 'cx-agent',
    initialParticipants: [{ userId: agent, userRole: 'cx-agent' }, { userId: customer, userRole: 'cx-customer' }],
  });
  const sockets = [
    await connect(world, tokenOf('agent', agent)),
    await connect(world, tokenOf('customer', customer), { transports: ['polling'] }),
  ];
  const sent = [];
  const lost = [];
  for (const socket of sockets) {
    socket.on('disconnect', (reason, details) => lost.push([reason, details?.message, details?.description]));
    assert.equal((await ask(socket, 'join_room', { conversationId })).success, true);
  }
  let stopped = false;
  const talk = async (socket, name) => {
    for (let i = 0; !stopped; i++) {
      const message = await ask(socket, 'send_message', { conversationId, content: `${name} ${i}` });
      assert.equal(message.content, `${name} ${i}`, JSON.stringify(message));
      sent.push(message);
      await pause(10);
    }
  };
  const talking = Promise.allSettled([talk(sockets[0], 'agent'), talk(sockets[1], 'customer')]);
  return async () => {
    stopped = true;
    const failed = (await talking).flatMap(({ reason }) => reason?.message ?? []);
    assert.deepEqual([...lost, ...failed], []);
    sent.sort((a, b) => a.seq - b.seq);
    for (const socket of sockets) {
      const heard = () => socket.frames.filter(([name]) => name === 'new_message').map(([, body]) => body);
      for (let i = 0; i < 400 && heard().length < sent.length; i++) await pause(25 * patience);
      assert.deepEqual(heard(), sent);
      assert.deepEqual(socket.frames.filter(([name]) => name === 'exception'), []);
    }
    assert.deepEqual(lost, []);
    for (const socket of sockets) socket.off('disconnect').disconnect();
    return sent.length;
  };
}

const gauges = ['connections_open', 'web_sockets_open', 'sessions_open', 'polls_parked', 'outbox_bytes', 'requests_in_flight',
  'writer_queue_requests', 'reader_queue_requests', 'connections_joined', 'typing_users', 'rooms', 'room_members', 'mailbox_tasks'];

async function metrics(world) {
  const { text } = await as(world, tokenOf('operator', 'ops'), 'GET', '/metrics');
  return parseMetrics(text);
}

/// Waits until the server holds nothing for anybody any more. Returns its memory without SQLite's.
async function quiet(world) {
  let held;
  for (let i = 0; i < 400; i++) {
    const now = await metrics(world);
    // The one that asks is a connection.
    held = gauges.filter((name) => now.get(`parley_${name}`) > (name === 'connections_open' ? 1 : 0));
    if (held.length === 0) {
      const status = readFileSync(`/proc/${world.server.pid}/status`, 'utf8');
      return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)[1]) * 1024 - now.get('parley_sqlite_memory_bytes');
    }
    await pause(100 * patience);
  }
  assert.fail(`still held: ${held}`);
}

describe('hostile input', { timeout: 240_000 * patience }, () => {
  const world = useIdentityServer([
    ...unlimited, '--auth.cookie', 'token', '--connect.timeout', '2000', '--typing.timeout', '1000', '--log.level', 'warn', '--recovery.for', 'all',
  ]);

  test('nobody else notices it, all refusals are documented, and memory returns', async () => {
    assert.ok(codes.size > 30 && engineCodes.size === 6 && closeCodes.size > 4);
    const random = seeded(seed);
    const tally = new Tally();
    const room = unique('hostile');
    await done(world, world.back, 'POST', '/chat/conversations/start', { conversationId: room, createdBy: 'hostile', createdByRole: 'cx-agent' });
    const measured = [];
    for (const share of [0.2, 1]) {
      const stop = await bystanders(world);
      await new Attack(world, tally, random, room, share).run();
      const messages = await stop();
      measured.push({ bytes: await quiet(world), messages });
    }
    const grown = measured[1].bytes - measured[0].bytes;
    console.log(`hostile input: said ${JSON.stringify(tally.said)}, refused ${JSON.stringify(tally.refused)}; bystanders sent ` +
      `${measured.map(({ messages }) => messages)}; memory ${measured.map(({ bytes }) => (bytes / 1e6).toFixed(1))} MB`);
    assert.deepEqual(tally.faults.slice(0, 20), [], `PARLEY_TEST_SEED=${seed}`);
    assert.ok(measured.every(({ messages }) => messages > 0));
    if (patience === 1) assert.ok(grown < 48e6, `memory grew by ${grown} bytes`);
    const ready = await as(world, world.back, 'GET', '/readyz');
    assert.equal(ready.status, 200);
    assert.doesNotMatch(world.server.stderr, / (error|critical) /);
  });
});
