// Shared by the tests of proxies: starts nginx and HAProxy with the documented configurations, in
// which only paths, ports and users are replaced, and reaches them under their public name.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { bounded, patience, repositoryRoot } from '../support/server.mjs';

/// The public name in the configurations.
export const publicName = 'chat.example';
const waitMsMax = 20_000 * patience;

const running = new Set();
process.on('exit', () => running.forEach((proxy) => proxy.killNow()));

/// A TCP port of 127.0.0.1 that is free now.
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/// A documented file with each of `replaced` replaced; each must be there.
export function documented(name, replaced) {
  let text = readFileSync(path.join(repositoryRoot, 'docs/deployment', name), 'utf8');
  for (const [from, to] of replaced) {
    assert.ok(text.includes(from), `docs/deployment/${name} has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/// Makes a self-signed certificate for the public name; returns its PEM.
function makeCertificate(folder) {
  const [key, certificate] = ['key.pem', 'fullchain.pem'].map((name) => path.join(folder, name));
  const made = spawnSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', `/CN=${publicName}`, '-addext', `subjectAltName=DNS:${publicName}`, '-keyout', key, '-out', certificate,
  ]);
  assert.equal(made.status, 0, `openssl: ${made.error ?? made.stderr}`);
  const pem = readFileSync(certificate, 'utf8');
  writeFileSync(path.join(folder, 'both.pem'), pem + readFileSync(key, 'utf8'));
  return pem;
}

/// What the two proxies have in common. `backend` is the port of Parley.
class Proxy {
  #child = null;
  /// Those that it shows or has shown, the newest last; all are trusted.
  certificates = [];

  constructor(backend) {
    this.backend = backend;
    this.folder = mkdtempSync(path.join(tmpdir(), `parley-${this.constructor.name.toLowerCase()}-`));
    this.certificates.push(makeCertificate(this.folder));
  }

  get origin() {
    return `https://${publicName}:${this.port}`;
  }

  file(name) {
    return path.join(this.folder, name);
  }

  /// Starts the program; waits until it accepts connections.
  async start() {
    this.port ??= await freePort();
    this.plainPort ??= await freePort();
    await this.configure();
    const [program, ...args] = this.command();
    assert.ok(existsSync(program), `${program} is missing; scripts/test installs it`);
    // In its own process group, so that its workers end with it. It also ends if this process is killed.
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    this.#child = child;
    this.ended = new Promise((resolve) => child.once('close', resolve));
    running.add(this);
    await this.#untilShown(() => {
      assert.equal(child.exitCode, null, `${program}: ${said}`);
      return said;
    });
  }

  /// Waits until it shows its newest certificate; `look` returns what it has said.
  async #untilShown(look) {
    const newest = new X509Certificate(this.certificates.at(-1)).fingerprint256;
    for (const end = Date.now() + waitMsMax; ; await pause(20)) {
      const socket = await this.connect().catch(() => null);
      const shown = socket?.getPeerCertificate().fingerprint256;
      socket?.destroy();
      if (shown === newest) return;
      const said = look();
      assert.ok(Date.now() < end, `no such certificate is shown: ${said}`);
    }
  }

  /// A TLS connection.
  connect(options = {}) {
    const socket = tls.connect({ ...this.tlsOptions(), host: '127.0.0.1', port: this.port, ...options });
    const opened = new Promise((resolve, reject) => {
      socket.once('secureConnect', () => resolve(socket)).on('error', reject);
    });
    return bounded(opened, waitMsMax, 'a TLS connection');
  }

  killNow() {
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It has already ended.
    }
  }

  /// Kills the proxy with all its connections.
  async kill() {
    if (!running.delete(this)) return;
    this.killNow();
    await bounded(this.ended, waitMsMax, 'the end of the proxy');
  }

  async finish() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /// Lets it read its configuration again, with a new certificate; waits until it shows that one.
  async reload() {
    this.certificates.push(makeCertificate(this.folder));
    this.#child.kill(this.reloadSignal);
    await this.#untilShown(() => '');
  }

  /// Resolves the public name, and trusts its certificates.
  tlsOptions() {
    const lookup = (name, options, done) =>
      options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
    return { ca: this.certificates, servername: publicName, lookup };
  }

  /// Options of a socket.io-client that comes through the proxy with these `auth` and others.
  options(auth, more = {}) {
    return { agent: new https.Agent(this.tlsOptions()), auth, reconnectionDelay: 50, ...more };
  }

  /// A request over HTTP/1.1. Returns { status, headers, text, body }.
  async request(method, target, { headers = {}, body, ...more } = {}) {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const sent = text === undefined ? headers : { 'content-type': 'application/json', ...headers };
    const answered = new Promise((resolve, reject) => {
      const options = { ...this.tlsOptions(), method, headers: sent, agent: false, ...more };
      const request = https.request(`${this.origin}${target}`, options, async (response) => {
        const received = await textOf(response).catch(reject);
        resolve({ status: response.statusCode, headers: response.headers, ...parsed(received) });
      });
      request.on('error', reject);
      request.end(text);
    });
    return bounded(answered, waitMsMax, `${method} ${target}`);
  }

  /// A connection that speaks HTTP/2, once the proxy's settings are known.
  async http2() {
    const socket = await this.connect({ ALPNProtocols: ['h2'] });
    assert.equal(socket.alpnProtocol, 'h2');
    const session = http2.connect(this.origin, { createConnection: () => socket });
    session.on('error', () => {});
    const ready = new Promise((resolve) => session.once('remoteSettings', resolve));
    const settings = await bounded(ready, waitMsMax, 'the settings of HTTP/2');
    const request = async (method, target, { headers = {}, body } = {}) => {
      const stream = session.request({ ':method': method, ':path': target, ...headers });
      const head = new Promise((resolve, reject) => stream.once('response', resolve).once('error', reject));
      stream.end(body);
      const { ':status': status, ...received } = await bounded(head, waitMsMax, `${method} ${target}`);
      return { status, headers: received, ...parsed(await textOf(stream)) };
    };
    return { session, settings, request, close: () => session.destroy() };
  }
}

async function textOf(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function parsed(text) {
  try {
    return { text, body: JSON.parse(text) };
  } catch {
    return { text, body: undefined };
  }
}

export class Nginx extends Proxy {
  reloadSignal = 'SIGHUP';

  configure() {
    // Debian's folders for temporary files belong to root. The configuration should need none.
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => {
      mkdirSync(this.file(name), { recursive: true });
      return `${name}_temp_path ${this.file(name)};`;
    });
    const text = documented('nginx.conf', [
      ['user www-data;', ''],
      ['/run/nginx.pid', this.file('nginx.pid')],
      ['/var/log/nginx/', `${this.folder}/`],
      ['/etc/ssl/chat.example/', `${this.folder}/`],
      ['worker_rlimit_nofile 131072;', ''],
      ['worker_connections 65536;', 'worker_connections 512;'],
      ['worker_processes auto;', 'worker_processes 2;'],
      ['server 127.0.0.1:3500;', `server 127.0.0.1:${this.backend};`],
      // The second listener on an address that is there even without IPv6.
      ['listen [::]:443 ', `listen 127.0.0.2:${this.port} `],
      ['listen [::]:80 ', `listen 127.0.0.2:${this.plainPort} `],
      ['listen 443 ', `listen 127.0.0.1:${this.port} `],
      ['listen 80 ', `listen 127.0.0.1:${this.plainPort} `],
      ['http {\n', `http {\n    ${temporary.join(' ')}\n`],
    ]);
    writeFileSync(this.file('nginx.conf'), text);
  }

  command() {
    return ['/usr/sbin/nginx', '-e', this.file('error.log'), '-c', this.file('nginx.conf'), '-g', 'daemon off;'];
  }

  /// Everything that it has logged.
  async log() {
    return ['access.log', 'error.log'].map((name) => readFileSync(this.file(name), 'utf8')).join('');
  }
}

export class HAProxy extends Proxy {
  documentedFile = 'haproxy.cfg';
  reloadSignal = 'SIGUSR2';
  logged = '';
  #log = createSocket('udp4');

  /// What to replace by the addresses of Parley.
  servers() {
    return [['server parley 127.0.0.1:3500', `server parley 127.0.0.1:${this.backend}`]];
  }

  async configure() {
    if (!this.logPort) {
      await new Promise((resolve) => this.#log.bind(0, '127.0.0.1', resolve));
      this.logPort = this.#log.address().port;
      this.#log.on('message', (bytes) => (this.logged += bytes)).unref();
    }
    const text = documented(this.documentedFile, [
      ['log /dev/log local0', `log 127.0.0.1:${this.logPort} len 4096 format raw local0`],
      ['    user haproxy\n    group haproxy\n    chroot /var/lib/haproxy\n', ''],
      ['/run/haproxy/admin.sock', this.file('admin.sock')],
      ['/etc/haproxy/chat.example.pem', this.file('both.pem')],
      ['maxconn 60000', 'maxconn 200'],
      ...this.servers(),
      ['bind :::443 v6only ', `bind 127.0.0.2:${this.port} `],
      ['bind :443 ', `bind 127.0.0.1:${this.port} `],
    ]);
    writeFileSync(this.file('haproxy.cfg'), text);
  }

  command() {
    return ['/usr/sbin/haproxy', '-W', '-f', this.file('haproxy.cfg')];
  }

  async log() {
    return this.logged;
  }

  async finish() {
    await super.finish();
    this.#log.close();
  }
}
