// Misbehaving clients: raw bytes on a TCP socket. They read only as much as the test asks for, so a
// client without reads is a stalled reader.
import { createConnection } from 'node:net';
import tls from 'node:tls';
import { bounded, patience, trust } from '../support/server.mjs';

const answerMsMax = 15_000 * patience;

/// A TCP connection. `closed` resolves when the server has ended or reset it.
export class RawSocket {
  received = Buffer.alloc(0);
  ended = false;
  #waiting = new Set();

  constructor(server, host = '127.0.0.1') {
    const secure = server.url?.startsWith('https:');
    this.socket = secure
      ? tls.connect({ port: server.port, host, noDelay: true, ...trust })
      : createConnection({ port: server.port, host, noDelay: true });
    this.opened = new Promise((resolve) => this.socket.once(secure ? 'secureConnect' : 'connect', resolve));
    this.closed = new Promise((resolve) => this.socket.once('close', resolve)).then(() => {
      this.ended = true;
      this.#wake();
    });
    this.socket.on('error', () => {}); // here a reset is a normal end
    this.socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
      this.#wake();
    });
  }

  #wake() {
    for (const look of [...this.#waiting]) look();
  }

  async until(holds, what) {
    let look;
    const met = new Promise((resolve, reject) => {
      look = () => {
        if (holds()) resolve();
        else if (this.ended) reject(new Error(`closed before ${what}: ${this.text}`));
      };
    });
    this.#waiting.add(look);
    look();
    await bounded(met, answerMsMax, what).finally(() => this.#waiting.delete(look));
  }

  get text() {
    return this.received.toString('latin1');
  }

  send(bytes) {
    this.socket.write(bytes);
  }

  /// Returns the status of the first reply; throws if the server closes without one.
  async status() {
    await this.until(() => /^HTTP\/1\.1 (\d{3})[^]*?\r\n\r\n/.test(this.text), 'a reply');
    return Number(this.text.slice(9, 12));
  }

  get(path, headers = '') {
    this.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
    return this.status();
  }

  async gone() {
    await bounded(this.closed, answerMsMax, 'the end of a connection');
  }

  close() {
    this.socket.destroy();
  }
}

/// A text frame of a client.
export function frame(text) {
  const payload = Buffer.from(text);
  const mask = Buffer.from([1, 2, 3, 4]);
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 4 : 2);
  head[0] = 0x81;
  head[1] = 0x80 | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  const body = Buffer.from(payload.map((byte, i) => byte ^ mask[i % 4]));
  return Buffer.concat([head, mask, body]);
}

/// A Socket.IO client on a WebSocket that has joined `conversationId` and reads nothing more.
export async function stalledMember(server, conversationId, userId) {
  const socket = new RawSocket(server);
  await socket.opened;
  socket.send(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n' +
      'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await socket.until(() => socket.text.includes('"sid"'), 'the open packet');
  socket.send(frame('40'));
  await socket.until(() => socket.text.includes('40{"sid"'), 'the namespace');
  const join = { conversationId, userId, userRole: 'cx-agent' };
  socket.send(frame(`420${JSON.stringify(['join_room', join])}`));
  await socket.until(() => socket.text.includes('"success":true'), 'the reply to join_room');
  socket.socket.pause();
  return socket;
}
