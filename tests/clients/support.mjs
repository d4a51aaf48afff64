// Shared by the client tests: the kinds of clients, a client that records and checks everything it
// receives, and a fence that proves that nothing more is in flight.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { io as io4 } from 'socket.io-client';
import { io as io3 } from 'socket.io-client-v3';
import { bounded, patience, startServer, trust } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';
import * as shapes from './shapes.mjs';

export { bounded, patience, rest };

/// The longest wait for an immediate reply.
export const answerMsMax = 15_000 * patience;
/// The longest wait for a client that reconnects with its default back-off (1 to 5 s).
export const reconnectMsMax = 40_000 * patience;

/// Real clients. `endsOn` is the transport they must end on.
export const kinds = {
  v4: { name: 'socket.io-client 4', io: io4, options: {}, endsOn: 'websocket' },
  v4WebSocket: {
    name: 'socket.io-client 4, WebSocket only',
    io: io4,
    options: { transports: ['websocket'] },
    endsOn: 'websocket',
  },
  v4Polling: {
    name: 'socket.io-client 4, polling only',
    io: io4,
    options: { transports: ['polling'] },
    endsOn: 'polling',
  },
  v3: { name: 'socket.io-client 3', io: io3, options: {}, endsOn: 'websocket' },
};

/// The same client, but it asks for cursors, so that it receives what it missed when it comes back.
export const recovering = (kind) => ({
  ...kind,
  options: { ...kind.options, auth: { recovery: true, ...kind.options.auth } },
});

/// The same, with a quick reconnect.
export const comingBack = (kind) => recovering({ ...kind, options: { ...kind.options, reconnectionDelay: 50 } });

/// Ends the transport under the client, as a network would. It stays away until `back` is called.
export async function cut(client) {
  client.socket.io.reconnection(false);
  client.socket.io.engine.close();
  await client.dropped();
}

export async function back(client, recovered = true) {
  if (!client.socket.io.reconnection()) {
    client.socket.io.reconnection(true);
    client.socket.connect();
  }
  await client.connected(reconnectMsMax);
  assert.equal(Boolean(client.socket.recovered), recovered);
}

/// An id that no other test uses, so that tests can share a server.
export const unique = (name) => `${name}-${randomUUID().slice(0, 8)}`;

const fencePrefix = 'fence-';

/// One connection. Records in `log`, in order, `{name, body}` for every event received and
/// `{name: 'ack:…', body}` for every acknowledgement. Wrong shapes are recorded in `faults`.
export class Client {
  log = [];
  faults = [];
  connects = 0;
  disconnects = []; // the reasons, in order
  #waiting = new Set();
  #fences = new Set();

  constructor(kind, url) {
    this.kind = kind;
    this.socket = kind.io(url, { forceNew: true, ...trust, ...kind.options });
    this.socket.on('connect', () => {
      this.connects++;
      this.#wake();
    });
    this.socket.on('disconnect', (reason) => {
      this.disconnects.push(reason);
      this.#wake();
    });
    this.socket.onAny((name, ...args) => this.#receive(name, args));
  }

  get transport() {
    return this.socket.io.engine.transport.name;
  }

  #receive(name, args) {
    const [body, ...more] = args;
    // If the client has a pid, a durable broadcast may end with its cursor, one string. Nothing
    // else may follow the body, and for other clients nothing at all.
    if (more.length > (this.socket._pid === undefined ? 0 : 1) || more.some((arg) => typeof arg !== 'string')) {
      this.faults.push(new Error(`${name}: unexpected arguments ${JSON.stringify(more)}`));
    }
    this.#check(shapes.events[name], body, name);
    const about = body?.conversationId ?? body?.conversation?.id;
    if (typeof about === 'string' && about.startsWith(fencePrefix)) {
      if (name === 'new_message') this.#fences.add(body.content);
    } else {
      this.log.push({ name, body });
    }
    this.#wake();
  }

  #check(shape, body, where) {
    try {
      assert.ok(shape, `the server sent an event of an unknown name: ${where}`);
      shape(body, where);
    } catch (error) {
      this.faults.push(error);
    }
  }

  #wake() {
    for (const look of [...this.#waiting]) look();
  }

  /// Waits until `holds()`; checks again whenever something arrives.
  until(holds, what, msMax = answerMsMax) {
    let look;
    const met = new Promise((resolve) => {
      look = () => holds() && resolve();
    });
    this.#waiting.add(look);
    look();
    return bounded(met, msMax, `${this.kind.name}: ${what}`).finally(() => this.#waiting.delete(look));
  }

  async connected(msMax = answerMsMax) {
    await this.until(() => this.socket.connected, 'connecting', msMax);
  }

  async dropped() {
    await this.until(() => !this.socket.connected, 'losing the connection');
  }

  /// Waits for the transport that a client of this kind ends on.
  async settled() {
    await this.connected();
    if (this.transport === this.kind.endsOn) return;
    const upgraded = new Promise((resolve) => this.socket.io.engine.once('upgrade', resolve));
    if (this.transport === this.kind.endsOn) return;
    await bounded(upgraded, answerMsMax, `${this.kind.name}: upgrade to ${this.kind.endsOn}`);
    assert.equal(this.transport, this.kind.endsOn);
  }

  /// Sends a request and returns its acknowledgement; `onAck` gets it at once.
  exchange(name, args, onAck = () => {}) {
    const reply = new Promise((resolve) => {
      this.socket.emit(name, ...args, (...given) => {
        if (given.length !== 1) this.faults.push(new Error(`ack of ${name}: ${given.length} arguments`));
        onAck(given[0]);
        resolve(given[0]);
      });
    });
    return bounded(reply, answerMsMax, `${this.kind.name}: the ack of ${name}`);
  }

  /// Sends a request with an acknowledgement; records the acknowledgement and returns its body,
  /// success or not.
  ask(name, ...args) {
    return this.exchange(name, args, (body) => this.log.push({ name: `ack:${name}`, body }));
  }

  /// Like `ask`; the request must succeed, and the reply has its exact fields.
  async do(name, body) {
    const reply = await this.ask(name, body);
    shapes.replies[name](reply, `ack of ${name}`);
    return reply;
  }

  /// Like `ask`; the request must be refused with one of `codes`.
  async refused(name, body, ...codes) {
    const reply = await this.ask(name, body);
    shapes.refusal(reply, `refusal of ${name}`);
    assert.ok(codes.includes(reply.code), `${name}: code ${reply.code}, expected ${codes.join(' or ')}`);
    return reply;
  }

  /// Sends a request without asking for an acknowledgement.
  tell(name, ...args) {
    this.socket.emit(name, ...args);
  }

  /// Waits for an event, already recorded or still to come; returns its body.
  async receives(name, matching = () => true) {
    const find = () => this.log.find((entry) => entry.name === name && matching(entry.body));
    await this.until(find, `the event ${name}`);
    return find().body;
  }

  join(conversationId, userId, userRole) {
    return this.do('join_room', { conversationId, userId, userRole });
  }

  say(conversationId, content, more = {}) {
    return this.do('send_message', { conversationId, content, ...more });
  }

  /// Everything recorded since the last call, in order.
  take() {
    return this.log.splice(0);
  }

  async passed(fence) {
    await this.until(() => this.#fences.has(fence), 'the fence');
  }

  close() {
    this.socket.disconnect();
  }
}

/// Waits until everything caused before this call has arrived at all of `clients`: a message in a
/// room of their own comes last in the log, and nothing overtakes the log's order. It leaves no
/// trace in the clients' records.
export async function fence(server, clients) {
  const conversationId = unique(`${fencePrefix}room`);
  for (const client of clients) {
    const reply = await client.exchange('join_room', [
      { conversationId, userId: unique('fence'), userRole: 'cx-agent' },
    ]);
    shapes.joined(reply, 'joining the fence');
  }
  const content = randomUUID();
  const message = { conversationId, fromUserId: 'fence', fromRole: 'cx-agent', content };
  const answer = await rest(server, 'POST', '/chat/messages', message);
  assert.equal(answer.status, 201, answer.text);
  for (const client of clients) await client.passed(content);
}

/// After a fence, returns the names that each of `clients` recorded since the last call.
export async function heard(server, clients) {
  await fence(server, clients);
  return clients.map((client) => client.take().map(({ name }) => name));
}

/// A server for the tests of the enclosing `describe`; it is audited after them.
export function useServer(options) {
  const world = {};
  before(async () => {
    world.server = await startServer(options);
  });
  after(async () => {
    await world.server?.finish();
  });
  return world;
}

/// A test that opens clients of `world`'s server. They are closed afterwards; a wrong shape
/// received by any of them fails the test.
export function scenario(world, name, body, { msMax = 60_000 } = {}) {
  test(name, { timeout: msMax * patience }, async () => {
    const clients = [];
    const open = async (kind) => {
      const client = new Client(kind, world.server.url);
      clients.push(client);
      await client.connected();
      return client;
    };
    try {
      await body(open, world.server);
      for (const { faults } of clients) if (faults.length > 0) throw faults[0];
    } finally {
      for (const client of clients) client.close();
    }
  });
}

/// A conversation's whole history over REST, paged from its end, as `viewer` ({userId, userRole})
/// or without a named viewer.
export async function history(server, conversationId, viewer = {}) {
  const path = `/chat/conversations/${encodeURIComponent(conversationId)}/messages`;
  const all = [];
  for (;;) {
    const before = all.length > 0 ? { before: all[0].position } : {};
    const query = new URLSearchParams({ limit: 100, ...before, ...viewer });
    const answer = await rest(server, 'GET', `${path}?${query}`);
    assert.equal(answer.status, 200, answer.text);
    shapes.messages(answer.body, 'history');
    if (answer.body.length === 0) return all;
    all.unshift(...answer.body);
  }
}
