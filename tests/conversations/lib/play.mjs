// Runs the steps of one script against one server.
import { setTimeout as sleep } from 'node:timers/promises';
import { rest } from '../../support/rest.mjs';
import { position } from '../../support/server.mjs';
import { Client, describe, payloadOf } from './client.mjs';
import { mismatch, show } from './match.mjs';
import { pathReferences } from './parse.mjs';
import { evaluate, lookUp, ScriptError } from './value.mjs';

const succeeded = {
  kind: 'object',
  exact: false,
  fields: [['success', { kind: 'literal', value: true }]],
};

/// Resolves when every step has passed and no client has an item left; rejects with a ScriptError
/// that names the step, the expected and the received item.
export async function play(script, server) {
  const player = new Player(script, server);
  try {
    await player.run();
  } finally {
    player.close();
  }
}

class Player {
  constructor(script, server) {
    this.script = script;
    this.server = server;
    this.captures = new Map();
    this.clients = new Map();
    this.answer = undefined;
    this.position = undefined; // of the log, when a step last checked it
    this.known = 0; // the highest position that an answer or an event told
    for (const [name, options] of script.clients) {
      this.clients.set(name, new Client(name, server.url, options));
    }
  }

  async run() {
    for (const [name, { later }] of this.script.clients) {
      if (later) continue;
      await this.#located({ line: 1, text: `${name} connects` }, () => this.clients.get(name).connect());
    }
    this.position = await position(this.server);
    for (const step of this.script.steps) {
      await this.#located(step, () => steps[step.kind](this, step));
    }
    const end = { ...this.script.steps.at(-1), text: 'end of the script' };
    await this.#located(end, () => this.silence([...this.clients.keys()]));
  }

  close() {
    for (const client of this.clients.values()) client.close();
  }

  async #located(step, run) {
    try {
      await run();
    } catch (error) {
      const heard = this.clients.get(step.client)?.transcript;
      const context = heard ? `\n  the last that ${step.client} received:\n${heard}` : '';
      throw new ScriptError(step.line, `${step.text}\n  ${error.message}${context}`);
    }
  }

  /// Takes the next item of a client and compares it with the expectation.
  async expect(client, kind, event, pattern) {
    const item = await client.take();
    if (item.kind !== kind || (event !== undefined && item.event !== event)) {
      const wanted = kind === 'ack' ? `an ack${event ? ` of ${event}` : ''}` : event;
      throw new Error(`expected ${wanted}, received ${describe(item)}`);
    }
    const payload = payloadOf(item);
    this.learn(payload?.position);
    this.match(pattern, payload, describe(item));
    return payload;
  }

  learn(position) {
    this.known = Math.max(this.known, Number(position) || 0);
  }

  /// A read that must not know less than what this script has seen, whichever node it comes to.
  notBefore(method) {
    return method === 'GET' && this.known > 0 ? { 'parley-position': this.known } : {};
  }

  match(pattern, value, received) {
    const found = mismatch(pattern, value, this.captures);
    if (found !== undefined) throw new Error(`${found}\n  received: ${received}`);
  }

  async silence(names) {
    const clients = names.map((name) => this.clients.get(name));
    await Promise.all(clients.map((client) => client.barrier()));
    for (const client of clients) {
      const left = client.leftOver();
      if (left) throw new Error(`${client.name} received what no step expects:\n    ${left}`);
    }
  }

  capture(name, value) {
    if (name) this.captures.set(name, value);
  }

  argumentsOf(value) {
    return value === undefined ? [] : [evaluate(value, this.captures)];
  }
}

/// The complete body of every refusal.
function refusal(code, part) {
  const fields = [
    ['success', { kind: 'literal', value: false }],
    ['error', { kind: 'wildcard', type: 'text', part }],
    ['code', { kind: 'literal', value: code }],
  ];
  return { kind: 'object', exact: true, fields };
}

// One function per kind of step; `client` is the client of the step.
const steps = {
  connect: (player, { client }) => player.clients.get(client).connect(),
  awaitReconnect: (player, { client }) => player.clients.get(client).reconnectedByItself(),
  disconnect: (player, { client }) => player.clients.get(client).disconnect(),
  drop: (player, { client }) => player.clients.get(client).drop(),
  wait: (_, { seconds }) => sleep(seconds * 1000),
  silence: (player, { clients }) => player.silence(clients),

  request(player, { client, event, value }) {
    player.clients.get(client).request(event, player.argumentsOf(value));
  },

  emit(player, { client, event, value }) {
    player.clients.get(client).emit(event, player.argumentsOf(value));
  },

  async receive(player, { client, event, pattern, capture }) {
    player.capture(capture, await player.expect(player.clients.get(client), 'event', event, pattern));
  },

  async receiveAck(player, { client, event, pattern, capture }) {
    player.capture(capture, await player.expect(player.clients.get(client), 'ack', event, pattern));
  },

  /// A refused request changes nothing.
  async refused(player, { client, code, part }) {
    await player.expect(player.clients.get(client), 'ack', undefined, refusal(code, part));
    await steps.log(player, { growth: 0 });
  },

  async join(player, { client, conversation }) {
    const own = player.clients.get(client);
    const { user, role } = own.options;
    own.request('join_room', [{ conversationId: conversation, userId: user, userRole: role }]);
    await player.expect(own, 'ack', 'join_room', succeeded);
  },

  async watch(player, { client }) {
    const own = player.clients.get(client);
    own.request('join_dashboard', [{}]);
    await player.expect(own, 'ack', 'join_dashboard', succeeded);
  },

  /// The author is subscribed, so it receives the message once, and then the same as the ack.
  async say(player, { client, content, conversation, capture }) {
    const own = player.clients.get(client);
    own.request('send_message', [{ conversationId: conversation, content }]);
    const wanted = {
      kind: 'object',
      exact: false,
      fields: Object.entries({ conversationId: conversation, content }).map(([field, value]) => [
        field,
        { kind: 'literal', value },
      ]),
    };
    const message = await player.expect(own, 'event', 'new_message', wanted);
    player.captures.set('the new_message', message);
    await player.expect(own, 'ack', 'send_message', { kind: 'reference', path: ['the new_message'] });
    player.capture(capture, message);
  },

  async rest(player, { method, path, value }) {
    const full = pathReferences(path)
      .sort((a, b) => b.join('.').length - a.join('.').length)
      .reduce(
        (text, names) =>
          text.replaceAll(`$${names.join('.')}`, encodeURIComponent(lookUp(names, player.captures))),
        path,
      );
    const body = player.argumentsOf(value)[0];
    player.answer = await rest(player.server, method, full, body, player.notBefore(method));
    player.learn(player.answer.headers['parley-position']);
  },

  async answerRefuses(player, { status, code, part }) {
    steps.answer(player, { status, pattern: refusal(code, part) });
    await steps.log(player, { growth: 0 });
  },

  answer(player, { status, pattern, capture }) {
    const { status: actual, body, text } = player.answer;
    const received = `${actual} ${body === undefined ? text : show(body)}`;
    if (actual !== status) throw new Error(`expected status ${status}, received ${received}`);
    if (pattern === undefined) return; // only the status is expected
    if (body === undefined) throw new Error(`the answer is not JSON: ${received}`);
    player.match(pattern, body, received);
    player.capture(capture, body);
  },

  async log(player, { growth }) {
    const before = player.position;
    player.position = await position(player.server);
    const grown = player.position - before;
    const right = growth === undefined ? grown > 0 : grown === growth;
    if (!right) throw new Error(`the log grew by ${grown}, from position ${before} to ${player.position}`);
  },

  async restart(player, { signal }) {
    const affected = [...player.clients.values()].filter((client) => client.connected);
    for (const client of affected) client.expectLoss();
    await player.server.restart({ signal });
    for (const client of affected) await client.lost();
  },
};
