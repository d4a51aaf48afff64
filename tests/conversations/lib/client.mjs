// One named client of a script: a real socket.io-client whose events and acks go into one inbox, in
// order of arrival. Only an expectation removes an item from the inbox.
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
  #connections = 0; // how many times this socket has connected
  #losses = 0; // how many times it has lost its connection
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

  /// Opens a new connection, without state of an earlier one.
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
    refused.catch(() => {}); // later attempts of a reconnecting client may fail silently
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

  /// Emits with an ack, which goes into the inbox like an event.
  request(event, args) {
    this.#demandConnected();
    this.#socket.emit(event, ...args, (...reply) => this.#arrived({ kind: 'ack', event, args: reply }));
  }

  emit(event, args) {
    this.#demandConnected();
    this.#socket.emit(event, ...args);
  }

  /// Returns the next item this client received, and waits for it if necessary.
  async take() {
    await bounded(this.#until(() => this.#inbox.length > 0), receiveMsMax, `${this.name} waits`).catch(() => {
      throw new Error(`${this.name} received nothing`);
    });
    return this.#inbox.shift();
  }

  /// Afterwards everything that the server had for this client is in the inbox. The request goes
  /// through the server's writer, so earlier events are broadcast before its reply; it is refused,
  /// so it stores nothing. The short sleep catches items that a server with a wrong order sends too
  /// late.
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

  /// The remaining items, as text; undefined if there are none.
  leftOver() {
    return this.#inbox.length === 0 ? undefined : this.#inbox.map(describe).join('\n    ');
  }

  /// From now on the script expects this many losses of the connection.
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

  /// Ends the TCP connection without a close, like a closed laptop.
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

  /// The newest received items, for a failure report.
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

/// An inbox item as one line.
export function describe({ kind, event, args }) {
  if (kind === 'loss') return `the connection was lost: ${event}`;
  const what = kind === 'ack' ? `ack of ${event}` : event;
  return [what, ...args.map((value) => show(value))].join(' ');
}

/// Returns the only argument of an event or ack. Throws if there are more, or none: these clients
/// do not ask for cursors, so they get none.
export function payloadOf(item) {
  if (item.args.length === 0) throw new Error(`${describe(item)} has no argument`);
  if (item.args.length > 1) throw new Error(`${describe(item)} has ${item.args.length} arguments`);
  return item.args[0];
}
