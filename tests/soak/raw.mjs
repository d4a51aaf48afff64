// A TCP connection that can send anything, with just enough WebSocket and Engine.IO to misuse them.
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { patience } from '../support/server.mjs';

const openMsMax = 5000 * patience;
const thrownOutMsMax = 30_000 * patience;

export class Raw {
  ended = false;
  #text = '';
  #wake = () => {};

  constructor(url) {
    const { hostname, port } = new URL(url);
    this.host = `${hostname}:${port}`;
    this.socket = net.connect({ host: hostname, port: Number(port) });
    this.socket.setNoDelay(true);
    this.socket.on('error', () => {}); // a misbehaving client expects to be disconnected
    this.socket.on('data', (bytes) => {
      this.#text = (this.#text + bytes.toString('latin1')).slice(-65536);
      this.#wake();
    });
    this.socket.on('close', () => {
      this.ended = true;
      this.#wake();
    });
  }

  write(bytes) {
    if (!this.ended) this.socket.write(bytes);
  }

  /// Waits for matching output of the server; returns false if it closes or takes too long.
  async hears(pattern, msMax = openMsMax) {
    const until = Date.now() + msMax;
    while (!pattern.test(this.#text) && !this.ended && Date.now() < until) await this.#next(until);
    return pattern.test(this.#text);
  }

  /// Waits until the server ends the connection, with a time limit.
  async waits(msMax) {
    const until = Date.now() + msMax;
    while (!this.ended && Date.now() < until) await this.#next(until);
  }

  /// Keeps the connection open until the server ends it, as it must.
  async thrownOut() {
    await this.waits(thrownOutMsMax);
    if (!this.ended) throw new Error('the server did not disconnect it');
  }

  #next(until) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(until - Date.now(), 1));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  destroy() {
    if (this.socket.resetAndDestroy) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  /// Sends a request's head; `more` holds header lines.
  head(method, target, more = '') {
    this.write(`${method} ${target} HTTP/1.1\r\nHost: ${this.host}\r\n${more}\r\n`);
  }

  /// Opens a WebSocket, for a new session or for session `sid`.
  async openWebSocket(sid = '') {
    const key = randomBytes(16).toString('base64');
    const target = `/socket.io/?EIO=4&transport=websocket${sid && `&sid=${sid}`}`;
    const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n';
    this.head('GET', target, `${upgrade}Sec-WebSocket-Key: ${key}\r\n`);
    return this.hears(/^HTTP\/1\.1 101 /);
  }

  /// Opens a WebSocket and enters the default namespace.
  async connect() {
    if (!(await this.openWebSocket())) return false;
    this.frame('40');
    return this.hears(/40\{"sid"/);
  }

  /// Opens a session by long-polling; returns its sid.
  async openPolling() {
    this.head('GET', '/socket.io/?EIO=4&transport=polling');
    await this.hears(/"sid":"[^"]+"/);
    return /"sid":"([^"]+)"/.exec(this.#text)?.[1];
  }

  post(target, body, contentType = 'text/plain') {
    const lengths = `Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    this.head('POST', target, lengths);
    this.write(body);
  }

  /// A masked text frame of less than 64 KiB, as clients send them.
  frame(text) {
    this.write(maskedFrame(Buffer.from(text)));
  }
}

function maskedFrame(payload) {
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 8 : 6); // the mask is all zeros
  head[0] = 0x81;
  head[1] = 0x80 | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
