// One named client of a script: a real socket.io-client whose events and acks go, in their
// order of arrival, into one inbox. Nothing leaves the inbox but by an expectation.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { io as io4 } from 'socket.io-client';
import { io as io3 } from 'socket.io-client-v3';
import { bounded, patience } from '../../support/server.mjs';
import { show } from './match.mjs';

const receiveMsMax = 10_000 * patience;
const settleMs = 60 * patience;
const transcriptItemsMax = 12;

export class Client {
  #socket = null;
  #inbox = [];
  #wake = () => {};
  #connections = 0; // how often this socket has been connected
  #losses = 0; // how often it has lost its connection
  #lossesExpected = 0;
  #transcript = [];

  constructor(name, url, options) {
    this.name = name;
    this.url = url;
    this.options = options;
  }

  get connected() {
    return this.#socket?.connected ?? false;
  }

  /// A new connection that knows nothing of an earlier one.
  async connect() {
    if (this.connected) throw new Error(`${this.name} is connected already`);
    this.#socket?.disconnect();
    const io = this.options.version === 3 ? io3 : io4;
    const socket = io(this.url, {
      forceNew: true,
      reconnection: this.options.reconnects,
      ...(this.options.over === 'both' ? {} : { transports: [this.options.over] }),
    });
    this.#socket = socket;
    this.#connections = this.#losses = this.#lossesExpected = 0;
    let refuse;
    const refused = new Promise((_, reject) => (refuse = reject));
    refused.catch(() => {}); // later attempts of a reconnecting client are refused in peace
    socket.on('connect_error', refuse);
    socket.on('connect', () => {
      this.#connections++;
      this.#wake();
    });
    socket.on('disconnect', (reason) => this.#lost(reason));
    socket.onAny((event, ...args) => this.#arrived({ kind: 'event', event, args }));
    await bounded(
      Promise.race([this.#until(() => this.#connections > 0), refused]),
      receiveMsMax,
      `${this.name} connects`,
    );
  }

  /// With an ack: it goes into the inbox like an event.
  request(event, args) {
    this.#demandConnected();
    this.#socket.emit(event, ...args, (...reply) => this.#arrived({ kind: 'ack', event, args: reply }));
  }

  emit(event, args) {
    this.#demandConnected();
    this.#socket.emit(event, ...args);
  }

  /// The next thing this client received, waiting for it if need be.
  async take() {
    await bounded(this.#until(() => this.#inbox.length > 0), receiveMsMax, `${this.name} waits`).catch(() => {
      throw new Error(`${this.name} received nothing`);
    });
    return this.#inbox.shift();
  }

  /// Everything the server had for this client before now is in the inbox after this. The
  /// request goes through the server's writer, so what was stored earlier is broadcast earlier;
  /// it is refused, so it stores nothing. The short sleep catches what a server with a wrong
  /// order sends too late.
  async barrier() {
    if (this.connected) {
      const request = { conversationId: `barrier-${randomUUID()}`, userId: 'barrier' };
      const socket = this.#socket;
      const reply = await bounded(
        new Promise((resolve) => socket.emit('typing_stop', request, resolve)),
        receiveMsMax,
        `${this.name}: a refusal of typing_stop`,
      );
      if (reply?.code !== 'conversation_not_found') {
        throw new Error(`typing_stop in an unknown conversation was answered with ${show(reply)}`);
      }
    }
    await sleep(settleMs);
  }

  /// What is left over, as text; undefined when there is nothing.
  leftOver() {
    return this.#inbox.length === 0 ? undefined : this.#inbox.map(describe).join('\n    ');
  }

  /// From now on this many losses of the connection are what the script wants.
  expectLoss() {
    this.#lossesExpected++;
  }

  async lost() {
    await bounded(
      this.#until(() => this.#losses >= this.#lossesExpected),
      receiveMsMax,
      `${this.name} loses its connection`,
    );
  }

  async reconnectedByItself() {
    await bounded(
      this.#until(() => this.#connections > this.#losses),
      receiveMsMax,
      `${this.name} reconnects by itself`,
    );
  }

  disconnect() {
    this.#demandConnected();
    this.expectLoss();
    this.#socket.disconnect();
  }

  /// The TCP connection ends without a word, as when a laptop is closed.
  async drop() {
    this.#demandConnected();
    const { engine } = this.#socket.io;
    const upgraded = async () => {
      while (engine.transport.name !== 'websocket' || engine.upgrading) await sleep(10);
    };
    await bounded(upgraded(), receiveMsMax, `${this.name} upgrades to a WebSocket`);
    this.expectLoss();
    engine.transport.ws.terminate();
    await this.lost();
  }

  close() {
    this.#lossesExpected = Infinity;
    this.#socket?.disconnect();
  }

  /// The newest things received, for a report of a failure.
  get transcript() {
    return this.#transcript.map((text) => `    ${text}`).join('\n');
  }

  #demandConnected() {
    if (!this.connected) throw new Error(`${this.name} is not connected`);
  }

  #lost(reason) {
    this.#losses++;
    if (this.#losses > this.#lossesExpected) this.#arrived({ kind: 'loss', event: reason, args: [] });
    this.#wake();
  }

  #arrived(item) {
    this.#inbox.push(item);
    this.#transcript.push(describe(item));
    if (this.#transcript.length > transcriptItemsMax) this.#transcript.shift();
    this.#wake();
  }

  async #until(condition) {
    while (!condition()) await new Promise((resolve) => (this.#wake = resolve));
  }
}

/// An item of an inbox as a line.
export function describe({ kind, event, args }) {
  if (kind === 'loss') return `the connection was lost: ${event}`;
  const what = kind === 'ack' ? `ack of ${event}` : event;
  return [what, ...args.map((value) => show(value))].join(' ');
}

/// The one argument of an event or ack. Throws if there are more, or none. These clients do not
/// ask for cursors, and so get none.
export function payloadOf(item) {
  if (item.args.length === 0) throw new Error(`${describe(item)} has no argument`);
  if (item.args.length > 1) throw new Error(`${describe(item)} has ${item.args.length} arguments`);
  return item.args[0];
}
