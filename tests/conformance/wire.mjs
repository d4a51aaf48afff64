// The basis of the conformance tests: the conformance server, and clients that send exactly the
// bytes of a test, without a library between test and wire.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import path from 'node:path';
import { after, before } from 'node:test';
import { bounded, patience, programPath } from '../support/server.mjs';

const waitMsMax = 5_000 * patience;

/// Starts parley-conformance on free ports, on 127.0.0.1 and ::1, with two loops, so that sessions
/// must be found across loops. Returns `port` (Engine.IO), `socketIoPort` and `stop()`.
export async function startConformance(args = ['--threads', '2']) {
  const program = path.join(path.dirname(programPath()), 'parley-conformance');
  const child = spawn(program, ['--port', '0', '--socketio-port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exit = new Promise((resolve) => child.once('close', (code) => resolve(code)));
  const { port, socketIoPort } = await bounded(
    new Promise((resolve, reject) => {
      let said = '';
      child.once('error', reject);
      exit.then((code) => reject(new Error(`parley-conformance ended with ${code}`)));
      child.stdout.setEncoding('utf8').on('data', (text) => {
        said += text;
        const line = /:(\d+),.*:(\d+)\n/.exec(said);
        if (line) resolve({ port: Number(line[1]), socketIoPort: Number(line[2]) });
      });
    }),
    waitMsMax,
    'parley-conformance',
  );
  const stop = async () => {
    child.kill('SIGTERM');
    const code = await bounded(exit, waitMsMax, 'parley-conformance after SIGTERM');
    process.off('exit', kill);
    if (code !== 0) throw new Error(`parley-conformance ended with ${code}`);
  };
  return { port, socketIoPort, stop };
}

/// One server for all tests of a file that heartbeats would only disturb. Its ports are set when the
/// tests run.
export function quietServer() {
  let server;
  before(async () => {
    server = await startConformance(['--threads', '2', '--ping-interval', '60000']);
  });
  after(() => server.stop());
  return {
    get port() {
      return server.port;
    },
    get socketIoPort() {
      return server.socketIoPort;
    },
  };
}

/// A TCP connection; every read has a time limit.
export class Raw {
  #socket;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  static async connect(port, host = '127.0.0.1') {
    const raw = new Raw();
    raw.#socket = net.connect({ port, host, noDelay: true, allowHalfOpen: true });
    raw.#socket.on('data', (bytes) => {
      raw.#bytes = Buffer.concat([raw.#bytes, bytes]);
      raw.#wake();
    });
    for (const end of ['end', 'close', 'error']) {
      raw.#socket.on(end, () => {
        raw.#ended = true;
        raw.#wake();
      });
    }
    await bounded(new Promise((done) => raw.#socket.once('connect', done)), waitMsMax, 'connect');
    return raw;
  }

  send(bytes) {
    this.#socket.write(bytes);
  }
  /// Sends one byte per segment, as far as the machine allows.
  async trickle(bytes) {
    for (const byte of bytes) await new Promise((sent) => this.#socket.write(Buffer.of(byte), sent));
  }
  endSending() {
    this.#socket.end();
  }
  destroy() {
    this.#socket.destroy();
  }

  async #until(condition, what) {
    const deadline = Date.now() + waitMsMax;
    for (;;) {
      const found = condition(this.#bytes);
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`the server closed while the test waited for ${what}`);
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no ${what} in ${waitMsMax} ms`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
  #take(count) {
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  /// Returns { status, headers (names in lower case), body } of the next HTTP response.
  async response() {
    const end = await this.#until((bytes) => {
      const at = bytes.indexOf('\r\n\r\n');
      return at < 0 ? undefined : at;
    }, 'HTTP response');
    const lines = this.#take(end + 4).toString('latin1').trimEnd().split('\r\n');
    const headers = new Map();
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(':');
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    const status = Number(lines[0].split(' ')[1]);
    const length = Number(headers.get('content-length') ?? 0);
    await this.#until((bytes) => (bytes.length >= length ? true : undefined), 'HTTP body');
    return { status, headers, body: this.#take(length).toString() };
  }

  /// Returns { fin, op, payload } of the next WebSocket frame; its reserved and mask bits must be
  /// unset.
  async frame() {
    const frame = await this.#until((bytes) => {
      if (bytes.length < 2) return undefined;
      const short = bytes[1] & 0x7f;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (bytes.length < head) return undefined;
      const length =
        short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
      return bytes.length < head + length ? undefined : { head, length };
    }, 'WebSocket frame');
    const head = this.#take(frame.head);
    if (head[0] & 0x70 || head[1] & 0x80) throw new Error('a frame with reserved bits or a mask');
    const op = head[0] & 0x0f;
    return { fin: (head[0] & 0x80) !== 0, op, payload: this.#take(frame.length) };
  }

  /// Resolves when the server has closed and nothing unread is left.
  async closed() {
    const deadline = Date.now() + waitMsMax;
    while (!this.#ended && Date.now() < deadline) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (!this.#ended) throw new Error('the server did not close');
    if (this.#bytes.length > 0) throw new Error(`unread: ${this.#bytes.subarray(0, 80)}`);
  }
}

let maskNumber = 1;

/// A client's frame. `head`: FIN, reserved bits and opcode. `length` overrides the length in the
/// header.
export function frame(head, payload = '', { masked = true, length, form } = {}) {
  const bytes = Buffer.from(payload);
  const said = BigInt(length ?? bytes.length);
  const size = form ?? (said < 126n ? 7 : said < 65_536n ? 16 : 64);
  const parts = [Buffer.of(head)];
  const bit = masked ? 0x80 : 0;
  if (size === 7) {
    parts.push(Buffer.of(bit | Number(said)));
  } else if (size === 16) {
    const two = Buffer.alloc(2);
    two.writeUInt16BE(Number(said));
    parts.push(Buffer.of(bit | 126), two);
  } else {
    const eight = Buffer.alloc(8);
    eight.writeBigUInt64BE(said);
    parts.push(Buffer.of(bit | 127), eight);
  }
  if (!masked) return Buffer.concat([...parts, bytes]);
  maskNumber = (maskNumber * 48_271) % 2_147_483_647; // a new mask for each frame
  const key = Buffer.alloc(4);
  key.writeUInt32BE(maskNumber);
  return Buffer.concat([...parts, key, bytes.map((byte, i) => byte ^ key[i % 4])]);
}

export const text = (message) => frame(0x81, message);
export const binary = (message) => frame(0x82, message);

export function closeFrame(code, reason = '') {
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
  payload.writeUInt16BE(code);
  return frame(0x88, payload);
}

export function handshake(target, { key = randomBytes(16).toString('base64'), more = '' } = {}) {
  return (
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${more}\r\n`
  );
}

export const target = (endpoint, transport, sid) =>
  `/${endpoint}/?EIO=4&transport=${transport}${sid ? `&sid=${sid}` : ''}`;

/// A Raw with an open WebSocket. Unless it joins a session, `open` holds its open packet.
export async function openWebSocket(port, endpoint, { sid, host } = {}) {
  const raw = await Raw.connect(port, host);
  raw.send(handshake(target(endpoint, 'websocket', sid)));
  const { status } = await raw.response();
  if (status !== 101) throw new Error(`handshake: ${status}`);
  if (!sid) raw.open = JSON.parse((await raw.frame()).payload.toString().slice(1));
  return raw;
}

/// Returns the text of the next packet that is not a ping.
export async function nextPacket(raw) {
  for (;;) {
    const { op, payload } = await raw.frame();
    if (op === 8) throw new Error(`closed with ${payload.length ? payload.readUInt16BE() : 'no code'}`);
    if (op === 2) return payload;
    const packet = payload.toString();
    if (packet !== '2') return packet;
    raw.send(text('3'));
  }
}

/// Reads until the close frame; returns its code, or 0 if it has none.
export async function closeCode(raw) {
  for (;;) {
    const { op, payload } = await raw.frame();
    if (op === 8) return payload.length >= 2 ? payload.readUInt16BE() : 0;
  }
}

/// One HTTP request on its own connection.
export async function request(port, method, requestTarget, body, headers = '') {
  const raw = await Raw.connect(port);
  const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  raw.send(`${method} ${requestTarget} HTTP/1.1\r\nHost: localhost\r\n${length}${headers}\r\n`);
  if (body) raw.send(body);
  try {
    return await raw.response();
  } finally {
    raw.destroy();
  }
}
