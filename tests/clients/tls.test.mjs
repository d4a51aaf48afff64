// TLS of the server's own: real clients, what it refuses, stalled handshakes, a certificate that is
// replaced under load, and a tap on the wire that must find no plain text.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { io as ioV3 } from 'socket.io-client-v3';
import { makeCertificate } from '../support/certificates.mjs';
import { rest } from '../support/rest.mjs';
import { bounded, connected, patience, startServer } from '../support/server.mjs';
import { metric, metrics, until } from './metrics.mjs';

const answerMsMax = 30_000 * patience;
const testMsMax = { timeout: 180_000 * patience };

/// A server that speaks TLS, for the tests of the enclosing `describe`.
function useTlsServer(settings = []) {
  const world = { sockets: [] };
  before(async () => {
    world.folder = mkdtempSync(path.join(tmpdir(), 'parley-tls-'));
    world.files = makeCertificate(world.folder);
    const { certificate, key, ca } = world.files;
    const args = ['--tls.certificate', certificate, '--tls.key', key, ...settings];
    world.server = await startServer({ args });
    world.server.ca = ca;
  });
  after(async () => {
    for (const socket of world.sockets) socket.disconnect();
    await world.server?.finish();
    rmSync(world.folder, { recursive: true, force: true });
  });
  return world;
}

async function connect(world, options = {}, library = io) {
  const socket = library(options.url ?? world.server.url, {
    forceNew: true,
    reconnection: false,
    ca: world.server.ca,
    ...options,
  });
  world.sockets.push(socket);
  await connected(socket, answerMsMax, 'connecting over TLS');
  return socket;
}

const ask = (socket, name, body) =>
  bounded(new Promise((resolve) => socket.emit(name, body, resolve)), answerMsMax, name);
const join = (socket, conversationId, userId) =>
  ask(socket, 'join_room', { conversationId, userId, userRole: 'cx-agent' });
const say = (socket, conversationId, fromUserId, content) =>
  ask(socket, 'send_message', { conversationId, fromUserId, fromRole: 'cx-agent', content });

/// What `program ARGS` says, on both streams, until it ends. Its input is `input`.
async function run(program, args, input = '') {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('latin1').on('data', (text) => (output += text));
  }
  child.stdin.on('error', () => {}); // it may end before it has read everything
  child.stdin.end(input);
  const code = await bounded(new Promise((resolve) => child.once('close', resolve)), answerMsMax, program);
  return { code, output };
}

const openssl = (world, words, input) =>
  run('openssl', ['s_client', '-connect', `localhost:${world.server.port}`, ...words], input);

describe('TLS', () => {
  const world = useTlsServer();

  const libraries = { 'socket.io-client': io, 'socket.io-client-v3': ioV3 };
  for (const [name, library] of Object.entries(libraries)) {
    for (const transports of [['polling'], ['polling', 'websocket'], ['websocket']]) {
      test(`carries ${name} over ${transports.join(' and ')}`, testMsMax, async () => {
        const room = `${name} ${transports}`;
        const socket = await connect(world, { transports }, library);
        const heard = new Promise((resolve) => socket.once('new_message', resolve));
        await join(socket, room, 'alice');
        const content = '€'.repeat(130_000);
        const sent = await say(socket, room, 'alice', content);
        assert.equal(sent.content, content);
        assert.deepEqual(await bounded(heard, answerMsMax, 'the message'), sent);
        for (let i = 0; i < 20; i++) await say(socket, room, 'alice', 'x'.repeat(100_000 + i));
        const history = await rest(world.server, 'GET', `/chat/conversations/${encodeURIComponent(room)}/messages`);
        assert.ok(history.body.length > 5);
        socket.disconnect();
      });
    }
  }

  // The threaded client uses one TLS connection from two threads over a WebSocket, which Python's ssl
  // does not allow: see docs/deployment.md.
  for (const [kind, transports] of [['sync', 'polling'], ['async', 'polling'], ['async', 'websocket'], ['async', 'polling,websocket']]) {
    test(`carries a Python client, ${kind}, over ${transports}`, testMsMax, async () => {
      const script = fileURLToPath(new URL('python_tls.py', import.meta.url));
      const { server, files } = world;
      const words = [script, kind, server.url, files.certificate, transports, `python ${kind} ${transports}`];
      const { code, output } = await run('/usr/bin/python3', words);
      assert.equal(code, 0, output);
    });
  }

  test('many small messages and large ones arrive whole and in order', testMsMax, async () => {
    const room = 'order';
    const [one, two] = [await connect(world), await connect(world, { transports: ['websocket'] })];
    await join(one, room, 'one');
    await join(two, room, 'two');
    const heard = [];
    two.on('new_message', ({ content }) => heard.push(content));
    const sent = [];
    for (let i = 0; i < 500; i++) sent.push(`${i} ${'y'.repeat(i % 50 === 0 ? 90_000 : i)}`);
    await Promise.all(sent.map((content) => say(one, room, 'one', content)));
    for (let i = 0; i < 100 && heard.length < sent.length; i++) await pause(50 * patience);
    assert.deepEqual(heard, sent);
  });

  test('speaks TLS 1.2 and 1.3, and nothing older', testMsMax, async () => {
    for (const version of ['tls1_2', 'tls1_3']) {
      const { output } = await openssl(world, [`-${version}`, '-CAfile', world.files.certificate]);
      assert.match(output, /Verify return code: 0 \(ok\)/);
      assert.match(output, /Cipher is (ECDHE-ECDSA-AES128-GCM|TLS_AES_128_GCM)/);
    }
    for (const version of ['tls1', 'tls1_1']) {
      const { output } = await openssl(world, [`-${version}`, '-cipher', 'ALL:@SECLEVEL=0']);
      assert.match(output, /alert protocol version/);
    }
    const { output } = await openssl(world, ['-tls1_2', '-cipher', 'AES128-SHA:ECDHE-ECDSA-AES128-SHA']);
    assert.match(output, /alert handshake failure/);
  });

  test('resumes a session with its ticket', testMsMax, async () => {
    const before = await metrics(world.server);
    const session = path.join(world.folder, 'session');
    const request = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const first = await openssl(world, ['-tls1_2', '-sess_out', session, '-quiet', '-ign_eof'], request);
    assert.match(first.output, /200 OK/);
    const again = await openssl(world, ['-tls1_2', '-sess_in', session], '');
    assert.match(again.output, /Reused, TLSv1\.2/);
    const resumed = 'parley_tls_handshakes_total{result="resumed"}';
    assert.ok((await metric(world.server, resumed)) > before.get(resumed));
  });

  test('refuses renegotiation', testMsMax, async () => {
    const { output } = await openssl(world, ['-tls1_2'], 'R\n');
    assert.match(output, /no renegotiation/);
  });

  test('speaks http/1.1 as ALPN says, and ends clients that speak only h2', testMsMax, async () => {
    assert.match((await openssl(world, ['-alpn', 'h2,http/1.1'])).output, /ALPN protocol: http\/1\.1/);
    assert.match((await openssl(world, ['-alpn', 'h2'])).output, /alert no application protocol/);
  });

  test('ends plain HTTP with an alert', testMsMax, async () => {
    const socket = createConnection({ port: world.server.port, host: '127.0.0.1' });
    const parts = [];
    socket.on('data', (part) => parts.push(part));
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await bounded(new Promise((resolve) => socket.once('end', resolve)), answerMsMax, 'the end');
    assert.deepEqual([...Buffer.concat(parts)], [21, 3, 1, 0, 2, 2, 10]);
    socket.destroy();
  });

  test('tells browsers to come over TLS only', testMsMax, async () => {
    for (const path of ['/healthz', '/chat/conversations', '/no/such/path', '/socket.io/?EIO=4&transport=polling']) {
      const { headers } = await rest(world.server, 'GET', path);
      assert.equal(headers['strict-transport-security'], 'max-age=31536000', path);
    }
  });

  test('serves many requests over one connection, and clients that close in between', testMsMax, async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: world.server.ca });
    const statuses = [];
    for (let i = 0; i < 50; i++) {
      const answer = new Promise((resolve, reject) => {
        https.get(new URL('/healthz', world.server.url), { agent }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode));
        }).once('error', reject);
      });
      statuses.push(await bounded(answer, answerMsMax, 'a request'));
      const stranger = tls.connect({ port: world.server.port, host: '127.0.0.1', servername: 'localhost', ca: world.server.ca });
      stranger.on('error', () => {});
      if (i % 2 === 0) stranger.destroy();
      else stranger.once('secureConnect', () => stranger.destroy());
    }
    agent.destroy();
    assert.deepEqual(new Set(statuses), new Set([200]));
  });

  test('hears bytes that mean nothing without harm to others', testMsMax, async () => {
    const witness = await connect(world);
    await join(witness, 'garbage', 'witness');
    const shapes = [
      Buffer.from([22]),
      Buffer.from([22, 3, 1, 255, 255]),
      Buffer.from([22, 3, 1, 0, 5, 1, 255, 255, 255, 0]),
      Buffer.from([23, 3, 3, 0, 10, ...Array(10).fill(7)]),
      Buffer.from([21, 3, 1, 0, 2, 2, 0]),
      Buffer.from([128, 46, 1, 0, 2, ...Array(43).fill(1)]),
      Buffer.from('SSH-2.0-OpenSSH\r\n'),
      Buffer.alloc(100_000, 22),
    ];
    await Promise.all(
      shapes.map(async (bytes) => {
        const socket = createConnection({ port: world.server.port, host: '127.0.0.1' });
        socket.on('error', () => {});
        socket.resume().end(bytes);
        await bounded(new Promise((resolve) => socket.once('close', resolve)), answerMsMax, 'the end');
      }),
    );
    assert.equal((await say(witness, 'garbage', 'witness', 'still here')).content, 'still here');
    assert.ok((await metric(world.server, 'parley_tls_handshakes_total{result="failed"}')) >= shapes.length);
  });
});

describe('TLS without a certificate that serves', () => {
  test('refuses the start, and says which file is wrong', testMsMax, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-tls-'));
    const { certificate, key } = makeCertificate(folder);
    const other = makeCertificate(folder, { name: 'other', kind: 'rsa' });
    const refusalOf = async (files) => {
      const started = startServer({ args: ['--tls.certificate', files[0], '--tls.key', files[1]] });
      const error = await started.then(() => assert.fail('it started'), (refused) => refused);
      assert.equal(error.exit?.code, 78, error.message);
      return error.message;
    };
    assert.match(await refusalOf([certificate, path.join(folder, 'none')]), /tls\.key .*none: the file is empty or cannot be read/);
    assert.match(await refusalOf([key, key]), /tls\.certificate .*: not a chain of PEM certificates/);
    assert.match(await refusalOf([certificate, other.key]), /tls\.key .*: the key is not that of the first certificate/);
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('TLS under stalled handshakes', () => {
  const world = useTlsServer(['--http.header-timeout', String(4_000 * patience), '--io.threads', '1']);

  test('serves others meanwhile, and ends a thousand of them', testMsMax, async () => {
    const hello = await clientHello();
    const stalled = [];
    for (let i = 0; i < 1000; i++) {
      const socket = createConnection({ port: world.server.port, host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.gone = new Promise((resolve) => socket.once('close', resolve));
      // Nothing, half a ClientHello, or a whole one that nothing follows.
      socket.write(hello.subarray(0, [0, 60, hello.length][i % 3]));
      stalled.push(socket.resume());
    }
    await until(world.server, 'parley_connections_open', (open) => open > 1000);
    const socket = await connect(world, { transports: ['websocket'] });
    await join(socket, 'stalled', 'alice');
    assert.equal((await say(socket, 'stalled', 'alice', 'hello')).content, 'hello');
    await bounded(Promise.all(stalled.map(({ gone }) => gone)), answerMsMax, 'the end of stalled handshakes');
    await until(world.server, 'parley_tls_handshakes_total{result="failed"}', (count) => count >= 1000);
    await until(world.server, 'parley_connections_open', (open) => open <= 2);
    assert.equal((await say(socket, 'stalled', 'alice', 'still here')).content, 'still here');
  });
});

/// The first bytes of a client of TLS.
async function clientHello() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const bytes = new Promise((resolve) => server.once('connection', (socket) => socket.once('data', resolve)));
  const client = tls.connect({ port: server.address().port, host: '127.0.0.1', servername: 'localhost' });
  client.on('error', () => {});
  const hello = await bytes;
  client.destroy();
  server.close();
  return hello;
}

describe('a TLS certificate', () => {
  const world = useTlsServer();
  const keyType = async () => {
    const { output } = await openssl(world, ['-tls1_2'], '');
    return /Cipher is ECDHE-(\w+)-/.exec(output)?.[1];
  };

  test('is replaced under load: nobody is refused, and open connections go on', testMsMax, async () => {
    const { certificate, key } = world.files;
    const kept = await connect(world, { transports: ['websocket'] });
    await join(kept, 'kept', 'alice');
    const other = makeCertificate(world.folder, { name: 'other', kind: 'rsa' });
    const own = makeCertificate(world.folder, { name: 'own' });
    world.server.ca = [world.files.ca, other.ca, own.ca];

    let stop = false;
    let served = 0;
    const load = Array.from({ length: 4 }, async () => {
      while (!stop) {
        const { status } = await rest(world.server, 'GET', '/healthz');
        assert.equal(status, 200);
        served++;
      }
    });
    const changed = async (from) => {
      copyFileSync(from.certificate, certificate);
      copyFileSync(from.key, key);
      const seen = world.server.stderr.length;
      world.server.signal('SIGHUP');
      for (let i = 0; i < 400 && !/reload/.test(world.server.stderr.slice(seen)); i++) await pause(25 * patience);
      return world.server.stderr.slice(seen);
    };
    for (let i = 0; i < 5; i++) {
      await changed(other);
      assert.equal(await keyType(), 'RSA');
      await changed(own);
      assert.equal(await keyType(), 'ECDSA');
    }
    // A bad pair changes nothing, and is told.
    const log = await changed({ certificate: own.certificate, key: other.key });
    assert.match(log, /reload_failed code=invalid_setting/);
    assert.equal(await keyType(), 'ECDSA');
    stop = true;
    await Promise.all(load);
    assert.ok(served > 20, `served ${served}`);
    assert.equal((await say(kept, 'kept', 'alice', 'as before')).content, 'as before');
    await changed(own);
  });

  test('that ends soon is told by the log and the metrics', testMsMax, async () => {
    const ends = await metric(world.server, 'parley_tls_certificate_ends_seconds');
    const days = (ends - Date.now() / 1000) / 86_400;
    assert.ok(days > 29 && days <= 30, `${days}`);
    assert.match(world.server.stderr, /tls_certificate ends=\d{4}-/);
  });
});

describe('a tap on the wire', () => {
  const bytesTotal = Number(process.env.PARLEY_TAP_MEGABYTES ?? 10) * 1e6;
  const members = 20;
  const messageBytes = 5_000;

  /// Sends fan-out of `bytesTotal` through a tap; returns how often the tap saw a secret word.
  async function seenBy(world) {
    const secrets = [Buffer.from('the canary sings'), Buffer.from('new_message'), Buffer.from('socket.io')];
    let seen = 0;
    let passed = 0;
    const look = (from, to) => {
      let tail = Buffer.alloc(0);
      from.on('data', (part) => {
        passed += part.length;
        const text = Buffer.concat([tail, part]);
        for (const secret of secrets) if (text.includes(secret)) seen++;
        tail = text.subarray(-20);
        to.write(part);
      });
      from.on('close', () => to.destroy());
      from.on('error', () => {});
    };
    const tap = createServer((client) => {
      const inner = createConnection({ port: world.server.port, host: '127.0.0.1' });
      look(client, inner);
      look(inner, client);
    });
    await new Promise((resolve) => tap.listen(0, '127.0.0.1', resolve));
    const url = world.server.url.replace(/:\d+$/, `:${tap.address().port}`);
    const sockets = [];
    for (let i = 0; i < members; i++) {
      sockets.push(await connect(world, { url, transports: i % 4 === 0 ? ['polling', 'websocket'] : ['websocket'] }));
      await join(sockets[i], 'tapped', `user ${i}`);
    }
    let heard = 0;
    for (const socket of sockets) socket.on('new_message', () => heard++);
    const rounds = Math.ceil(bytesTotal / (members * messageBytes));
    const text = 'the canary sings '.repeat(messageBytes / 17);
    for (let i = 0; i < rounds; i++) await say(sockets[i % members], 'tapped', `user ${i % members}`, text);
    for (let i = 0; i < 200 && heard < rounds * members; i++) await pause(50 * patience);
    assert.equal(heard, rounds * members);
    assert.ok(passed > bytesTotal * 0.9, `${passed} bytes passed`);
    for (const socket of sockets) socket.disconnect();
    tap.close();
    return seen;
  }

  const secret = useTlsServer();
  test(`finds no plain text in ${bytesTotal / 1e6} MB of fan-out`, testMsMax, async () => {
    assert.equal(await seenBy(secret), 0);
  });

  const open = { sockets: [] };
  before(async () => (open.server = await startServer()));
  after(() => open.server?.finish());
  test('finds it without TLS', testMsMax, async () => {
    assert.ok((await seenBy(open)) > 1000);
  });
});
