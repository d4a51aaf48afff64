// Real nats-servers for one test: JetStream on loopback, on ports of the test's own, with stores in
// a temporary folder. One server alone, or several as a cluster, which can be killed and come back.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bounded, patience, untilHolds } from './server.mjs';

// Debian has it where only root's PATH looks.
const program = ['/usr/sbin/nats-server', '/usr/local/bin/nats-server'].find(isThere) ?? 'nats-server';
const startMsMax = 20_000 * patience;
// An election takes 4 to 9 s, and a server that comes back waits for one more.
const readyMsMax = 60_000 * patience;
const logBytesMax = 64 * 1024;

function isThere(file) {
  try {
    execFileSync(file, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/// As "nats-server: v2.9.10".
export function natsVersion() {
  return execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
}

// If the test process dies, its servers must end too.
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/// Starts `count` servers and waits until they can make a stream. `settings` are lines for the
/// configuration of each, or `configure` makes the whole of it, of the server's number and what the
/// test has given it; `scheme` is the one of the URLs ('nats'), `user` what stands before the host
/// in them. `machines` are where they run, one each; this machine, where nothing is said:
/// `wrapper` (a command that runs the server there), `address` (of the network that the servers and
/// nodes share), `clients` (the address that the test reaches), `store` (a folder).
export async function startNats(count, options = {}) {
  const servers = new NatsServers(await mkdtemp(path.join(tmpdir(), 'parley-nats-')), options);
  try {
    await servers.begin(count);
  } catch (error) {
    await servers.finish();
    throw error;
  }
  return servers;
}

/// Ports that nobody listens on now.
export async function freePorts(count) {
  const listeners = [];
  for (let i = 0; i < count; i++) {
    const listener = net.createServer();
    await new Promise((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(0, '127.0.0.1', resolve);
    });
    listeners.push(listener);
  }
  const ports = listeners.map((listener) => listener.address().port);
  await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  return ports;
}

/// Asks a server as a client would, without a library: the answer to `body` on `subject`, JSON.
export function askNats(url, subject, body) {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  const answer = new Promise((resolve, reject) => {
    let text = '';
    socket.once('error', reject);
    socket.setEncoding('utf8').on('data', (more) => {
      text += more;
      const found = /^MSG answer 1 \d+\r\n(.*)\r\n/m.exec(text);
      if (found) resolve(JSON.parse(found[1]));
    });
  });
  const bytes = JSON.stringify(body);
  socket.write('CONNECT {"verbose":false}\r\nSUB answer 1\r\n');
  socket.write(`PUB ${subject} answer ${Buffer.byteLength(bytes)}\r\n${bytes}\r\n`);
  return bounded(answer, startMsMax, `an answer on ${subject}`).finally(() => socket.destroy());
}

/// Removes a stream, as an operator could by mistake.
export async function deleteStream(url, name) {
  const { success } = await askNats(url, `$JS.API.STREAM.DELETE.${name}`, {});
  if (!success) throw new Error(`the stream ${name} is still there`);
}

/// Sends to `subject` what a consumer sends that has nothing new, until the returned function is
/// called.
export function sendHeartbeats(url, subject) {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  socket.resume();
  const header = 'NATS/1.0 100 Idle Heartbeat\r\n\r\n';
  const line = `HPUB ${subject} ${header.length} ${header.length}\r\n${header}\r\n`;
  socket.write('CONNECT {"verbose":false,"headers":true}\r\n');
  const timer = setInterval(() => socket.write(line), 100);
  return () => {
    clearInterval(timer);
    socket.destroy();
  };
}

class NatsServers {
  #folder;
  #settings;
  #configure;
  #scheme;
  #user;
  #machines;
  #ports = []; // of each: { client, cluster, monitor }
  #children = []; // null: it does not run
  #logs = [];

  constructor(folder, { settings = '', configure, scheme = 'nats', user = '', machines = [] }) {
    this.#configure = configure;
    this.#folder = folder;
    this.#settings = settings;
    this.#scheme = scheme;
    this.#user = user && `${user}@`;
    this.#machines = machines;
  }

  /// Of all servers, also of those that do not run.
  get urls() {
    return this.#ports.map(({ client }, i) => `${this.#scheme}://${this.#user}${this.#address(i)}:${client}`);
  }

  async begin(count) {
    const ports = await freePorts(3 * count);
    for (let i = 0; i < count; i++) {
      const [client, cluster, monitor] = ports.slice(3 * i, 3 * i + 3);
      this.#ports.push({ client, cluster, monitor });
    }
    for (let i = 0; i < count; i++) await writeFile(this.#file(i, 'conf'), this.#configuration(i));
    await Promise.all(this.#ports.map((_, i) => this.start(i)));
    await this.ready();
  }

  /// Starts a server on its store, and waits until it takes connections.
  async start(i) {
    const command = [...(this.#machines[i]?.wrapper ?? []), program, '--config', this.#file(i, 'conf')];
    const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    this.#children[i] = child;
    this.#logs[i] = '';
    const listens = new Promise((resolve) => {
      const note = (text) => {
        this.#logs[i] = (this.#logs[i] + text).slice(-logBytesMax);
        if (this.#logs[i].includes('Server is ready')) resolve();
      };
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', note);
    });
    const gone = new Promise((_, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        running.delete(child);
        if (this.#children[i] === child) this.#children[i] = null;
        reject(new Error(`nats-server ${i} ended (${signal ?? code}):\n${this.#logs[i]}`));
      });
    });
    gone.catch(() => {}); // it is expected once the server is ready
    await bounded(Promise.race([listens, gone]), startMsMax, `nats-server ${i}`);
  }

  /// Waits until all servers that run know a leader of their cluster and have what they need.
  async ready() {
    await until(async () => {
      const states = await Promise.all(this.#running().map((i) => this.#ask(i, 'jsz')));
      const size = this.#ports.length;
      return states.every((state) => size === 1 || (state?.meta_cluster?.leader && state.meta_cluster.cluster_size === size));
    }, 'a cluster of nats-servers with a leader');
  }

  /// What a server says of its own copy of a stream; nothing where it has none.
  async copyOf(stream, i) {
    const state = await this.#ask(i, 'jsz?accounts=true&streams=true');
    const streams = (state?.account_details ?? []).flatMap((account) => account.stream_detail ?? []);
    return streams.find(({ name }) => name === stream);
  }

  /// The number of the server that leads the stream, once there is one.
  async leaderOf(stream) {
    let found;
    await until(async () => {
      const copies = await Promise.all(this.#running().map((i) => this.copyOf(stream, i)));
      const names = copies.map((copy) => copy?.cluster?.leader);
      found = this.#running().find((i) => names.includes(nameOf(i)));
      return found !== undefined;
    }, `a leader of ${stream}`);
    return found;
  }

  /// The newest part of what a server has said in this run.
  log(i) {
    return this.#logs[i];
  }

  /// Kills a server: nothing is flushed. Its store stays.
  async kill9(i) {
    const child = this.#children[i];
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await bounded(ended, startMsMax, `the end of nats-server ${i}`);
  }

  /// The server stands still from now on, and its connections stay: as a machine that swaps.
  async pause(i) {
    const { pid } = this.#children[i];
    this.#children[i].kill('SIGSTOP');
    await until(async () => /^State:\s+T/m.test(await readFile(`/proc/${pid}/status`, 'utf8')), 'a stopped server');
  }

  resume(i) {
    this.#children[i].kill('SIGCONT');
  }

  /// Kills what runs and removes the stores.
  async finish() {
    await Promise.all(this.#running().map((i) => this.kill9(i)));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #running() {
    return this.#children.flatMap((child, i) => (child ? [i] : []));
  }

  async #ask(i, what) {
    try {
      const answer = await fetch(`http://${this.#clientsAddress(i)}:${this.#ports[i].monitor}/${what}`);
      return await answer.json();
    } catch {
      return null; // it does not run, or not yet
    }
  }

  #address(i) {
    return this.#machines[i]?.address ?? '127.0.0.1';
  }

  #clientsAddress(i) {
    return this.#machines[i]?.clients ?? '127.0.0.1';
  }

  #store(i) {
    return this.#machines[i]?.store ?? this.#file(i, 'store');
  }

  #file(i, kind) {
    return path.join(this.#folder, `${nameOf(i)}.${kind}`);
  }

  #configuration(i) {
    const { client, cluster, monitor } = this.#ports[i];
    if (this.#configure) {
      return this.#configure(i, { name: nameOf(i), ports: this.#ports, store: this.#store(i) });
    }
    const routes = this.#ports.map((other, at) => `nats-route://${this.#address(at)}:${other.cluster}`);
    const together = `cluster { name: test, listen: "${this.#address(i)}:${cluster}", routes: [${routes.join(', ')}] }`;
    return [
      `server_name: ${nameOf(i)}`,
      `listen: "${this.#address(i)}:${client}"`,
      `http: "${this.#clientsAddress(i)}:${monitor}"`,
      `jetstream { store_dir: "${this.#store(i)}", max_mem: 64MB, max_file: 1GB }`,
      this.#ports.length > 1 ? together : '',
      this.#settings,
      '',
    ].join('\n');
  }
}

const nameOf = (i) => `n${i}`;

const until = (holds, what) => untilHolds(holds, readyMsMax, what);
