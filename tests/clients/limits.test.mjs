// Every limit of the network side, tested on the real program: what happens beyond it, that other
// clients do not notice, and that it is counted. docs/limits.md lists the limits.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, kinds, patience, rest, scenario, unique, useServer } from './support.mjs';
import { metric, metrics, until } from './metrics.mjs';
import { RawSocket } from './raw_socket.mjs';
import { quoted, readDocument, rowsOf, testsNamedIn } from '../support/documents.mjs';
import { startServer } from '../support/server.mjs';

const handshake = '/socket.io/?EIO=4&transport=polling';
const refused = (reason) => `parley_connections_refused_total{reason="${reason}"}`;

/// The reply to another request on an accepted connection.
async function textOver(socket, where) {
  socket.received = Buffer.alloc(0);
  assert.equal(await socket.get(where), 200);
  await socket.until(() => {
    const [head, body] = socket.text.split('\r\n\r\n');
    return body.length >= Number(/content-length: (\d+)/i.exec(head)[1]);
  }, where);
  return socket.text;
}

/// CPU seconds that a server has used.
async function cpuSeconds(server) {
  const fields = (await readFile(`/proc/${server.pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

describe('limits of HTTP', () => {
  const bodyMax = 6 * 512 * 1024 + 64 * 1024; // the minimum: any message within its limits fits
  const timeoutMs = 1000 * patience; // long enough not to expire in other tests
  const world = useServer({
    args: [
      '--http.header=4096',
      '--http.uri=512',
      `--http.body=${bodyMax}`,
      `--payload.max=${bodyMax + 1}`,
      `--http.header-timeout=${timeoutMs}`,
      `--http.body-timeout=${timeoutMs}`,
      `--http.idle-timeout=${timeoutMs}`,
    ],
  });
  const head = ' HTTP/1.1\r\nHost: localhost\r\n';
  const rows = [
    ['a URL too long', `GET /${'u'.repeat(600)}${head}\r\n`, 414, 'uri_too_long'],
    ['a header too large', `GET /healthz${head}A: ${'h'.repeat(5000)}\r\n\r\n`, 431, 'header_too_large'],
    ['a body too large', `POST /chat/messages${head}Content-Length: ${bodyMax + 1}\r\n\r\n`, 413, 'body_too_large'],
    ['a payload too large', `POST ${handshake}${head}Content-Length: ${bodyMax + 2}\r\n\r\n`, 413, 'body_too_large'],
    ['a header that does not end', `GET /healthz${head}A: `, 408, 'header_timeout'],
    ['a body that does not come', `POST /chat/messages${head}Content-Length: 9\r\n\r\n{`, 408, 'body_timeout'],
  ];
  for (const [what, bytes, status, reason] of rows) {
    scenario(world, `${what} is refused with ${status} and counted`, async (open, server) => {
      const before = await metric(server, refused(reason));
      const socket = new RawSocket(server);
      socket.send(bytes);
      assert.equal(await socket.status(), status);
      await socket.gone();
      assert.equal(await metric(server, refused(reason)), before + 1);
    });
  }
  scenario(world, 'a silent connection is closed and counted', async (open, server) => {
    const before = await metric(server, refused('idle_timeout'));
    const silent = new RawSocket(server);
    const kept = new RawSocket(server);
    assert.equal(await kept.get('/healthz'), 200);
    await silent.gone();
    await kept.gone();
    assert.equal(await metric(server, refused('idle_timeout')), before + 2);
  });
});

describe('limits of connections', () => {
  test('beyond io.connections-per-address there is a 429, until a connection closes', async () => {
    const server = await startServer({ args: ['--io.connections-per-address=4'] });
    try {
      const held = Array.from({ length: 4 }, () => new RawSocket(server));
      for (const socket of held) assert.equal(await socket.get('/healthz'), 200);
      const fifth = new RawSocket(server);
      assert.equal(await fifth.status(), 429);
      await fifth.gone();
      assert.match(await textOver(held[1], '/metrics'), /reason="address_limit"} [1-9]/);
      held[0].close();
      let status;
      for (let i = 0; i < 600 && status !== 200; i++) {
        const next = new RawSocket(server);
        status = await next.get('/healthz');
        next.close();
        await pause(25);
      }
      assert.equal(status, 200);
      for (const socket of held) socket.close();
    } finally {
      await server.finish();
    }
  });

  test('beyond io.connections the next connection waits until there is room', async () => {
    const server = await startServer({ args: ['--io.connections=4'] });
    try {
      const held = Array.from({ length: 4 }, () => new RawSocket(server));
      for (const socket of held) assert.equal(await socket.get('/healthz'), 200);
      const waiting = new RawSocket(server);
      waiting.send('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await pause(300);
      assert.equal(waiting.text, '');
      held[0].close();
      assert.equal(await waiting.status(), 200);
      for (const socket of [...held, waiting]) socket.close();
      await until(server, 'parley_accept_paused', (paused) => paused === 0);
      assert.ok((await metric(server, 'parley_accept_pauses_total')) >= 1);
    } finally {
      await server.finish();
    }
  });

  // With 40, descriptors run out before the program's own limit of connections; with 200, after it.
  for (const descriptors of [40, 200]) {
    test(`with ${descriptors} descriptors accepting pauses without spinning and resumes`, async () => {
      const server = await startServer({ wrapper: ['prlimit', `--nofile=${descriptors}`] });
      try {
        const first = new RawSocket(server);
        assert.equal(await first.get('/healthz'), 200);
        const many = Array.from({ length: descriptors + 20 }, () => new RawSocket(server));
        await Promise.all(many.map((socket) => socket.opened)); // the kernel accepts them
        for (const socket of many) socket.send('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
        await pause(300);
        const unanswered = many.filter((socket) => socket.text === '').length;
        assert.ok(unanswered >= 20, `only ${unanswered} wait`);
        // Accepted connections are served, and the loop does not spin.
        const before = await cpuSeconds(server);
        await pause(1000);
        assert.ok((await cpuSeconds(server)) - before < 0.5 * patience, 'the server spins');
        const now = await textOver(first, '/metrics');
        assert.match(now, /^parley_accept_pauses_total [1-9]/m);
        assert.match(now, /^parley_accept_paused 1$/m);
        // When some close, all others are accepted without further help.
        const open = new Set(many);
        for (const socket of many) {
          await socket.status();
          socket.close();
          open.delete(socket);
        }
        assert.equal(open.size, 0);
        const answer = await rest(server, 'POST', '/chat/messages', {
          conversationId: 'c', fromUserId: 'u', fromRole: 'cx-agent', content: 'still stored',
        });
        assert.equal(answer.status, 201, answer.text);
      } finally {
        await server.finish();
      }
    });
  }

  test('the descriptor table does not have to grow while connections are accepted', async () => {
    const connections = 5000; // the kernel rounds up, to a power of two
    const server = await startServer({ args: [`--io.connections=${connections}`] });
    try {
      const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
      const size = Number(/^FDSize:\s+(\d+)$/m.exec(status)[1]);
      assert.ok(size >= connections, `room for ${size} descriptors`);
      assert.ok((await metric(server, 'process_open_fds')) < 100);
    } finally {
      await server.finish();
    }
  });

  test('beyond io.sessions a handshake gets 503; beyond rooms.per-connection limit_reached', async () => {
    const server = await startServer({ args: ['--io.sessions=2', '--rooms.per-connection=3'] });
    const client = new Client(kinds.v4WebSocket, server.url);
    try {
      await client.connected();
      const room = unique('rooms');
      for (let i = 0; i < 3; i++) await client.join(`${room}-${i}`, 'u', 'cx-agent');
      const fourth = { conversationId: `${room}-3`, userId: 'u', userRole: 'cx-agent' };
      await client.refused('join_room', fourth, 'limit_reached');
      await client.do('leave_room', { conversationId: `${room}-0` });
      await client.join(`${room}-3`, 'u', 'cx-agent');
      assert.equal(await metric(server, 'parley_room_members'), 3);
      assert.equal(await metric(server, 'parley_rooms'), 3);
      assert.equal((await rest(server, 'GET', handshake)).status, 200);
      assert.equal((await rest(server, 'GET', handshake)).status, 503);
      await until(server, refused('session_limit'), (count) => count === 1);
      client.close();
      await until(server, 'parley_room_members', (count) => count === 0);
      await until(server, 'parley_connections_joined', (count) => count === 0);
    } finally {
      client.close();
      await server.finish();
    }
  });

  test('a client that does not enter the default namespace within connect.timeout is closed', async () => {
    const server = await startServer({ args: [`--connect.timeout=${1000 * patience}`] });
    const client = new Client(kinds.v4WebSocket, server.url);
    try {
      await client.connected();
      const idle = [];
      for (let i = 0; i < 2; i++) {
        const { text } = await rest(server, 'GET', handshake);
        idle.push(`${handshake}&sid=${JSON.parse(text.slice(1)).sid}`);
        await pause(300);
      }
      for (const session of idle) {
        assert.equal((await rest(server, 'GET', session)).text, '1'); // waits until it is closed
        assert.equal((await rest(server, 'GET', session)).status, 400);
      }
      await client.join(unique('connect'), 'u', 'cx-agent');
      assert.deepEqual(client.disconnects, []);
    } finally {
      client.close();
      await server.finish();
    }
  });

  test('beyond typing.users typing_start is refused, until somebody stops', async () => {
    const server = await startServer({ args: ['--typing.users=2', '--typing.timeout=3600000'] });
    const client = new Client(kinds.v4WebSocket, server.url);
    try {
      await client.connected();
      const conversationId = unique('typing');
      for (const user of ['a', 'b', 'c']) await client.join(conversationId, user, 'cx-agent');
      const typing = (userId) => ({ conversationId, userId, userName: userId });
      for (const user of ['a', 'b']) await client.do('typing_start', typing(user));
      await client.refused('typing_start', typing('c'), 'limit_reached');
      assert.equal(await metric(server, 'parley_typing_users'), 2);
      await client.do('typing_stop', { conversationId, userId: 'a' });
      await client.do('typing_start', typing('c'));
    } finally {
      client.close();
      await server.finish();
    }
  });
});

describe('metrics', () => {
  const world = useServer();
  scenario(world, 'are well-formed and complete, and count correctly', async (open, server) => {
    const client = await open(kinds.v4WebSocket);
    const conversationId = unique('metrics');
    await client.join(conversationId, 'u', 'cx-agent');
    const { position } = await client.say(conversationId, 'one');
    const poller = await open(kinds.v4Polling);
    await poller.join(conversationId, 'p', 'cx-agent');
    await until(server, 'parley_polls_parked', (count) => count === 1);
    const now = await metrics(server);
    assert.equal(now.get('parley_log_position'), position + 1);
    assert.equal(now.get('parley_events_appended_total'), position + 1);
    assert.equal(now.get('parley_web_sockets_open'), 1);
    assert.equal(now.get('parley_sessions_open'), 2);
    assert.equal(now.get('parley_connections_joined'), 2);
    assert.equal(now.get('parley_rooms'), 1);
    assert.equal(now.get('parley_room_members'), 2);
    assert.equal(now.get('parley_conversations_loaded'), 1);
    assert.equal(now.get('parley_draining'), 0);
    assert.equal(now.get('parley_storage_full'), 0);
    for (const name of ['batches_committed_total', 'wal_bytes', 'bytes_in_total', 'bytes_out_total',
      'frames_out_total', 'connections_accepted_total', 'uptime_seconds']) {
      assert.ok(now.get(`parley_${name}`) > 0, name);
    }
    for (const name of ['resident_memory_bytes', 'open_fds', 'max_fds', 'start_time_seconds']) {
      assert.ok(now.get(`process_${name}`) > 0, name);
    }
    for (const name of ['batches_failed_total', 'requests_refused_total', 'requests_busy_total',
      'reads_busy_total', 'writer_queue_requests', 'writer_queue_bytes', 'reader_queue_requests',
      'mailbox_tasks', 'mailbox_bytes', 'typing_users', 'outbox_bytes', 'frames_dropped_total',
      'slow_clients_closed_total', 'clients_paused', 'ping_timeouts_total', 'accept_pauses_total', 'accept_paused']) {
      assert.equal(now.get(`parley_${name}`), 0, name);
    }
    assert.ok([...now.keys()].some((key) => /^parley_build_info\{version="\d+\.\d+\.\d+"\}$/.test(key)));
    for (const reason of ['header_timeout', 'body_timeout', 'idle_timeout', 'header_too_large',
      'uri_too_long', 'body_too_large', 'malformed', 'address_limit', 'session_limit', 'draining',
      'origin', 'misdirected', 'unsupported_media_type']) {
      assert.equal(now.get(refused(reason)), 0, reason);
    }
  });

  scenario(world, 'every setting, metric and test that docs/limits.md names exists', async (open, server) => {
    const settings = await readDocument('docs/configuration.md');
    const names = [...(await metrics(server)).keys()];
    let rows = 0;
    for (const [, setting, , , metricCell, tests] of rowsOf(await readDocument('docs/limits.md'))) {
      if (tests === undefined) continue;
      rows++;
      for (const name of quoted(setting).filter((text) => /^[a-z]+\.[a-z.-]+$/.test(text))) {
        assert.ok(settings.includes(`| \`${name}\` |`), `setting ${name}`);
      }
      for (const text of quoted(metricCell)) {
        const reason = /\{reason="\w+"\}$/.exec(text)?.[0];
        const full = text.startsWith('process_') ? text : `parley_${text}`;
        assert.ok(names.includes(reason ? `parley_connections_refused_total${reason}` : full), `metric ${text}`);
      }
      assert.deepEqual((await testsNamedIn(tests)).missing, [], 'tests');
    }
    assert.ok(rows > 25, `${rows} rows`);
  });
});
