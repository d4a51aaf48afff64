// Parley behind nginx and HAProxy, with the configurations of docs/deployment/ as they are. The
// proxies end TLS; the clients are real ones.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import http from 'node:http';
import { connect as connectPlain } from 'node:net';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tokenOf } from './identity.mjs';
import { frame } from './raw_socket.mjs';
import { asAgent, closeAll, metric, open, roomOf, talk, testMsMax, until, useProxy, waitMsMax } from './proxied.mjs';
import { HAProxy, Nginx, publicName } from './proxies.mjs';
import { bounded, kinds, patience, unique } from './support.mjs';

const polling = '/socket.io/?EIO=4&transport=polling';
const webSocket = '/socket.io/?EIO=4&transport=websocket';
const handshake = { 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
const python = '/usr/bin/python3';

for (const Kind of [Nginx, HAProxy]) {
  const name = Kind.name;

  describe(`${name}: clients`, () => {
    const world = useProxy(Kind);

    test('stock clients of every transport talk to each other', testMsMax, async () => {
      const clients = [];
      for (const kind of Object.values(kinds)) clients.push(await open(world, kind));
      const room = await roomOf(...clients);
      await talk(room, clients);
      await talk(room, clients, 'x'.repeat(400_000));
      closeAll(...clients);
    });

    // The threaded client breaks a TLS connection now and then on which it reads and writes at once
    // (docs/deployment.md), so it only polls here.
    const pythons = [['async', 'polling,websocket'], ['async', 'websocket'], ['async', 'polling'], ['sync', 'polling']];
    for (const [client, transports] of pythons) {
      test(`python3-socketio (${client}) talks over ${transports}`, testMsMax, async () => {
        const agent = await open(world, kinds.v4);
        const room = await roomOf(agent);
        const token = tokenOf('agent', unique('python'));
        const script = fileURLToPath(new URL('python_proxied.py', import.meta.url));
        const ca = world.proxy.file('fullchain.pem');
        const args = [script, client, world.proxy.origin, '127.0.0.1', ca, transports, token, room];
        const child = spawn(python, args, { stdio: ['ignore', 'inherit', 'inherit'] });
        const over = new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
        try {
          await agent.receives('new_message', (body) => body.content === 'from python');
          await agent.say(room, 'to python');
          assert.equal(await bounded(over, 60_000 * patience, 'the python client'), 0);
        } finally {
          child.kill('SIGKILL');
        }
        closeAll(agent);
      });
    }

    test('REST, over HTTP/1.1 and HTTP/2, with the headers that browsers obey', testMsMax, async () => {
      const { proxy } = world;
      const h2 = await proxy.http2();
      for (const via of [proxy, h2]) {
        const headers = { ...asAgent(), 'content-type': 'application/json' };
        const started = await via.request('POST', '/chat/conversations/start', { headers, body: '{"title":"über TLS"}' });
        assert.equal(started.status, 201, started.text);
        const shown = await via.request('GET', `/chat/conversations/${started.body.id}`, { headers });
        assert.deepEqual([shown.status, shown.body], [200, started.body]);
        assert.equal(shown.headers['strict-transport-security'], 'max-age=63072000');
        assert.equal(shown.headers['x-content-type-options'], 'nosniff');
        assert.equal((await via.request('GET', '/chat/conversations')).status, 401);
      }
      h2.close();
    });

    test('a token of 8,000 bytes passes, in every kind of request', testMsMax, async () => {
      const { proxy } = world;
      const without = tokenOf('agent', 'long', { pad: '' }).length;
      let pad = 'p'.repeat(Math.floor(((8000 - without) * 3) / 4));
      while (tokenOf('agent', 'long', { pad: `${pad}p` }).length <= 8000) pad += 'p';
      const token = tokenOf('agent', 'long', { pad });
      assert.ok(token.length > 7995 && token.length <= 8000, `${token.length}`);
      const headers = { authorization: `Bearer ${token}` };
      const h2 = await proxy.http2();
      for (const via of [proxy, h2]) {
        const answer = await via.request('GET', '/chat/conversations', { headers });
        assert.equal(answer.status, 200, answer.text);
      }
      h2.close();
      for (const kind of [kinds.v4, kinds.v4WebSocket, kinds.v4Polling]) {
        const client = await open(world, kind, { user: 'long', auth: { token }, extraHeaders: headers });
        await talk(await roomOf(client), [client]);
        closeAll(client);
      }
    });

    test('a page of the same origin and one of the list pass, others are refused', testMsMax, async () => {
      const { proxy } = world;
      const h2 = await proxy.http2();
      for (const via of [proxy, h2]) {
        for (const [origin, status] of [[proxy.origin, 200], ['https://shop.example', 200], ['https://evil.example', 403]]) {
          for (const target of [polling, '/chat/conversations']) {
            const answer = await via.request('GET', target, { headers: { ...asAgent(), origin } });
            assert.equal(answer.status, status, `${origin} ${target}: ${answer.text}`);
          }
        }
      }
      h2.close();
      const headers = { ...handshake, connection: 'upgrade', upgrade: 'websocket', origin: 'https://evil.example' };
      assert.equal((await proxy.request('GET', webSocket, { headers })).status, 403);
    });

    test('only what is public is reached, under the public name', testMsMax, async () => {
      const { proxy } = world;
      const operator = `Authorization: Bearer ${tokenOf('operator', 'ops')}\r\n`;
      const paths = ['/metrics', '//metrics', '/%6detrics', '/chat/../metrics', '/healthz', '/readyz', '/'];
      for (const target of paths) {
        const head = `GET ${target} HTTP/1.1\r\nHost: ${publicName}\r\nConnection: close\r\n`;
        const answer = await said(await proxy.connect(), `${head}${operator}\r\n`);
        assert.match(answer, /^HTTP\/1\.1 404 /, target);
      }
      const foreign = await proxy.request('GET', polling, { headers: { host: 'evil.example' } });
      assert.equal(foreign.status, 421);
      await assert.rejects(proxy.connect({ servername: 'evil.example', rejectUnauthorized: false }));
      await assert.rejects(proxy.connect({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }));
      for (const version of ['TLSv1.2', 'TLSv1.3']) {
        const socket = await proxy.connect({ minVersion: version, maxVersion: version });
        assert.equal(socket.getProtocol(), version);
        socket.destroy();
      }
    });

    test('a body beyond the limit gets 413, one at the limit passes', testMsMax, async () => {
      const { proxy } = world;
      const headers = asAgent();
      const most = 3_211_264;
      const over = await proxy.request('POST', '/chat/messages', { headers, body: 'x'.repeat(most + 1) });
      assert.deepEqual([over.status, over.body?.code], [413, 'payload_too_large'], over.text);
      const chunked = await proxy.request('POST', '/chat/messages', {
        headers: { ...headers, 'transfer-encoding': 'chunked' }, body: 'x'.repeat(most + 1),
      });
      assert.deepEqual([chunked.status, chunked.body?.code], [413, 'payload_too_large'], chunked.text);
      const whole = await proxy.request('POST', '/chat/messages', { headers, body: 'x'.repeat(most) });
      assert.deepEqual([whole.status, whole.body.code], [400, 'invalid_request'], whole.text);
    });

    test('each client has its own rates, and cannot name another address', testMsMax, async () => {
      const failing = (localAddress, i) => {
        const headers = { authorization: 'Bearer bad', 'x-forwarded-for': `203.0.113.${i}, 127.0.0.1` };
        return world.proxy.request('GET', '/chat/conversations', { localAddress, headers });
      };
      let answer;
      for (let i = 1; answer?.status !== 429; i++) {
        assert.ok(i < 100, 'bad tokens without end');
        answer = await failing('127.0.0.2', i);
      }
      assert.equal(answer.body.code, 'rate_limited');
      assert.match(answer.headers['retry-after'], /^[1-9][0-9]*$/);
      assert.equal((await failing('127.0.0.3', 1)).status, 401);
    });

    test('nothing is served in plain text', testMsMax, async () => {
      const ports = [world.proxy.port, ...(Kind === Nginx ? [world.proxy.plainPort] : [])];
      for (const port of ports) {
        const socket = connectPlain(port, '127.0.0.1');
        const head = `GET /chat/conversations HTTP/1.1\r\nHost: ${publicName}\r\nConnection: close\r\n`;
        const answer = await said(socket, `${head}Authorization: ${asAgent().authorization}\r\n\r\n`);
        assert.match(answer, port === world.proxy.port ? /^(HTTP\/1.1 400 [^]*)?$/ : /^HTTP\/1\.1 403 /);
      }
    });

    test('a WebSocket over HTTP/2, where the proxy offers it', testMsMax, async () => {
      const h2 = await world.proxy.http2();
      assert.equal(Boolean(h2.settings.enableConnectProtocol), Kind === HAProxy);
      // Without the offer browsers open their WebSockets over HTTP/1.1.
      if (Kind === HAProxy) {
        const stream = h2.session.request({
          ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'https', ':path': webSocket,
          ':authority': `${publicName}:${world.proxy.port}`, 'sec-websocket-version': '13', origin: world.proxy.origin,
        }, { endStream: false });
        let received = '';
        stream.setEncoding('utf8').on('data', (text) => (received += text));
        const { ':status': status } = await bounded(new Promise((resolve) => stream.once('response', resolve)), waitMsMax, 'an answer');
        assert.equal(status, 200);
        stream.write(frame(`40${JSON.stringify({ token: tokenOf('agent', unique('agent')) })}`));
        await until(() => received.includes('40{"sid"'), 'the namespace');
        stream.write(frame('420["join_room",{}]'));
        await until(() => received.includes('430[{"success":true'), 'the reply to join_room');
      }
      h2.close();
    });

    test('no log holds a query, a session, a token or a whole address', testMsMax, async () => {
      const clients = [await open(world, kinds.v4), await open(world, kinds.v4Polling)];
      const sids = clients.map((client) => client.socket.io.engine.id);
      await talk(await roomOf(...clients), clients);
      await world.proxy.request('GET', '/chat/conversations?userId=secret', { headers: asAgent() });
      closeAll(...clients);
      const lines = () => world.proxy.log();
      await until(async () => /HTTP\/1\.1 GET "\/chat\/conversations" 200/.test(await lines()), 'the last line');
      const log = await lines();
      for (const secret of [...sids, 'sid=', 'EIO', 'secret', 'eyJ', 'Bearer', '?']) {
        assert.ok(!log.includes(secret), `${secret} is in the log:\n${log.slice(-2000)}`);
      }
      assert.match(log, /^127\.0\.0\.0(\/24)? .*HTTP\/1\.1 POST "\/socket\.io\/" 200/m);
      assert.doesNotMatch(log, /^127\.0\.0\.1/m);
    });
  });

  describe(`${name}: what Parley is told`, () => {
    test('the address is the client\'s whatever it says, Host stays, and answers pass unchanged', testMsMax, async () => {
      const answer = (request, response) => {
        const status = Number(/^\/chat\/(\d+)/.exec(request.url)?.[1] ?? 200);
        response.writeHead(status, { 'retry-after': '7' });
        response.end(JSON.stringify({ url: request.url, fields: request.rawHeaders }));
      };
      await inFrontOf(answer, Kind, async (proxy) => {
        const h2 = await proxy.http2();
        const spoofed = { 'x-forwarded-for': ['203.0.113.9', '203.0.113.10, 127.0.0.1'], 'x-forwarded-proto': 'http' };
        for (const via of [proxy, h2]) {
          for (const status of [200, 429, 503]) {
            const target = `/chat/${status}?a=%2F&b=1`;
            const headers = { ...spoofed, authorization: 'Bearer t' };
            const told = await via.request('GET', target, { headers });
            assert.deepEqual([told.status, told.headers['retry-after']], [status, '7'], told.text);
            assert.equal(told.body.url, target);
            const { fields } = told.body;
            const values = (name) => fields.filter((_, i) => i % 2 === 1 && fields[i - 1].toLowerCase() === name);
            assert.deepEqual(values('x-forwarded-for'), ['127.0.0.1']);
            assert.deepEqual(values('x-forwarded-proto'), ['https']);
            assert.deepEqual(values('host'), [`${publicName}:${proxy.port}`]);
            assert.deepEqual(values('authorization'), ['Bearer t']);
          }
        }
        h2.close();
      });
    });

    test('replies and bodies go on at once, piece by piece', testMsMax, async () => {
      let heard;
      const answer = (request, response) => {
        // Answers the first piece of the body, and ends with the body.
        request.once('data', (piece) => response.write(piece)).once('end', () => response.end()).resume();
        heard?.();
      };
      await inFrontOf(answer, Kind, async (proxy) => {
        const begun = new Promise((resolve) => (heard = resolve));
        const socket = await proxy.connect({ ALPNProtocols: ['http/1.1'] });
        let received = '';
        socket.setEncoding('latin1').on('data', (text) => (received += text));
        socket.write(`POST /chat/x HTTP/1.1\r\nHost: ${publicName}\r\nContent-Length: 10\r\n\r\nhalf `);
        await bounded(begun, waitMsMax, 'the request');
        await until(() => received.includes('half '), 'the first piece of the reply');
        socket.end('whole');
      });
    });

    test('no request reaches it twice, if it dies before it answers', testMsMax, async () => {
      const asked = [];
      const answer = (request, response) => {
        if (request.url.startsWith('/socket.io/?') && !request.url.includes('healthy')) {
          asked.push(request.url);
          request.socket.destroy();
        } else {
          response.end();
        }
      };
      await inFrontOf(answer, Kind, async (proxy) => {
        for (let i = 0; i < 5; i++) {
          // The first leaves an idle connection behind, on which the second may go.
          await proxy.request('GET', '/socket.io/?healthy&sid=1');
          const { status } = await proxy.request('GET', `/socket.io/?sid=${i}`);
          assert.equal(status, 502);
        }
        assert.deepEqual(asked, [0, 1, 2, 3, 4].map((i) => `/socket.io/?sid=${i}`));
      });
    });
  });

  describe(`${name}: a client that does not read`, () => {
    const world = useProxy(Kind, ['--io.stalled=1000', '--io.outbox=65536', '--io.send-buffer=65536']);

    test('is closed by Parley, and nobody waits for it', testMsMax, async () => {
      const [writer, member] = [await open(world, kinds.v4WebSocket), await open(world, kinds.v4Polling)];
      const room = await roomOf(writer, member);
      const stalled = await stalledMember(world.proxy, room);
      const said = [];
      const closed = async () => (await metric(world, 'parley_slow_clients_closed_total')) > 0;
      await until(async () => {
        // Until the buffers on the way are full.
        if (said.length < 100) said.push(await writer.say(room, `${said.length} `.padEnd(400_000, 'x')));
        return closed();
      }, 'the end of the slow client');
      await member.receives('new_message', (body) => body.id === said.at(-1).id);
      stalled.resume();
      await bounded(new Promise((resolve) => stalled.once('close', resolve)), waitMsMax, 'its end');
      assert.deepEqual([writer.disconnects, member.disconnects], [[], []]);
      closeAll(writer, member);
    });
  });
}

/// Calls `body` with a proxy of `Kind` in front of a server that is not Parley.
async function inFrontOf(answer, Kind, body) {
  const server = http.createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy = new Kind(server.address().port);
  try {
    await proxy.start();
    await body(proxy);
  } finally {
    await proxy.finish();
    server.closeAllConnections();
    server.close();
  }
}

/// A member of `room` on a WebSocket through the proxy, which reads nothing more.
async function stalledMember(proxy, room) {
  const socket = await proxy.connect({ ALPNProtocols: ['http/1.1'] });
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => (received += text));
  const fields = Object.entries({ host: publicName, connection: 'upgrade', upgrade: 'websocket', ...handshake });
  socket.write(`GET ${webSocket} HTTP/1.1\r\n${fields.map((field) => field.join(': ')).join('\r\n')}\r\n\r\n`);
  await until(() => received.includes('"sid"'), 'the open packet');
  socket.write(frame(`40${JSON.stringify({ token: tokenOf('agent', unique('stalled')) })}`));
  await until(() => received.includes('40{"sid"'), 'the namespace');
  socket.write(frame(`420${JSON.stringify(['join_room', { conversationId: room }])}`));
  await until(() => received.includes('430[{"success":true'), 'the reply to join_room');
  socket.pause();
  return socket;
}

/// What the other side says to these bytes, until it closes.
async function said(socket, bytes) {
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => (received += text)).on('error', () => {});
  socket.write(bytes);
  await bounded(new Promise((resolve) => socket.once('close', resolve)), waitMsMax, 'the end of the connection');
  return received;
}
