// Limits by number, with tokens: each is reached, says when to try again, and lets go.
// The rates are tiny and slow, so that what is sent at once is refused for certain; no test looks at
// a clock.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { as, ask, connect, done, ratesOff, sign, tokenOf, useIdentityServer } from './identity.mjs';
import { parseMetrics } from './metrics.mjs';
import { bounded, patience, rest, unique, useServer } from './support.mjs';
import { run } from '../support/server.mjs';

const manyMs = 60_000 * patience;
/// All rates off but these: { messages: '1/3' }.
const only = (rates) => [...ratesOff, ...Object.entries(rates).flatMap(([name, rate]) => [`--rate.${name}`, rate])];
const transports = [['websocket'], ['polling']];
const isLimited = (answer) => answer.code === 'rate_limited';

async function limited(world, limit) {
  const answer = await as(world, tokenOf('operator', 'watcher'), 'GET', '/metrics');
  assert.equal(answer.status, 200);
  const count = parseMetrics(answer.text).get(`parley_rate_limited_total{limit="${limit}"}`);
  assert.notEqual(count, undefined, `there is no limit ${limit}`);
  return count;
}

/// Asks again after the time that each refusal names, until an answer is none.
async function persist(request) {
  for (let i = 0; i < 100; i++) {
    const answer = await request();
    if (!isLimited(answer)) return answer;
    assert.ok(Number.isInteger(answer.retryAfterMs) && answer.retryAfterMs > 0, JSON.stringify(answer));
    await pause(answer.retryAfterMs);
  }
  return assert.fail('it was refused a hundred times');
}

/// As `persist`, over REST.
const persistRest = (request) => persist(async () => (await request()).body);

/// Sends `count` requests at once. The first `burst` must be allowed, and not all of them; 0 where
/// they go over several connections, and arrive in any order.
async function flood(request, count = 20, burst = 3) {
  const order = [];
  const answers = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      request(i).then((answer) => {
        order.push(i);
        return answer;
      }),
    ),
  );
  const refused = answers.filter(isLimited);
  assert.ok(refused.length > 0, 'some were refused');
  assert.ok(!answers.slice(0, burst).some(isLimited), `the first ${burst} were allowed: ${JSON.stringify(answers.slice(0, burst))}`);
  for (const one of refused) {
    assert.equal(one.success, false);
    assert.ok(one.retryAfterMs > 0);
    assert.match(one.error, /^rate\.[a-z-]+ is reached; try again in \d+ ms$/);
  }
  return { answers, order, refused };
}

async function agentIn(world, options = {}) {
  const user = unique('agent');
  const socket = await connect(world, tokenOf('agent', user), options);
  const { conversation } = await persist(() => ask(socket, 'join_room', {}));
  return { user, socket, conversationId: conversation.id };
}

const start = (world) =>
  done(world, world.back, 'POST', '/chat/conversations/start', { createdBy: 'owner', createdByRole: 'cx-agent' });

describe('what one connection may ask for', () => {
  const world = useIdentityServer(only({ messages: '1/3', typing: '1/3', reads: '1/3', joins: '1/3' }));
  const requests = {
    messages: (conversationId) => ['send_message', { conversationId, content: 'hello' }],
    typing: (conversationId) => ['typing_start', { conversationId }],
    reads: (conversationId) => ['get_messages', { conversationId }],
    joins: (conversationId) => ['join_room', { conversationId }],
  };

  for (const over of transports) {
    for (const [limit, of] of Object.entries(requests)) {
      test(`${limit} over ${over}: reached, in order, and free again`, async () => {
        const { socket, conversationId } = await agentIn(world, { transports: over });
        const [name, body] = of(conversationId);
        const before = await limited(world, limit);
        const burst = limit === 'joins' ? 2 : 3;
        const { order, refused } = await flood(() => ask(socket, name, body), 20, burst);
        // Acks of reads may overtake one another.
        if (limit !== 'reads') assert.deepEqual(order, [...order].sort((a, b) => a - b), 'the answers came in order');
        assert.equal((await limited(world, limit)) - before, refused.length);
        await persist(() => ask(socket, name, body));
        const others = Object.keys(requests).filter((one) => one !== limit && one !== 'joins');
        for (const other of others) assert.ok(!isLimited(await ask(socket, ...requests[other](conversationId))));
      });
    }

    test(`what is refused over ${over} is not stored, what is allowed is`, async () => {
      const { socket, conversationId } = await agentIn(world, { transports: over });
      const { answers } = await flood((i) => ask(socket, 'send_message', { conversationId, content: `${i}` }));
      const stored = await done(world, world.back, 'GET', `/chat/conversations/${conversationId}/messages`);
      const allowed = answers.flatMap((answer, i) => (isLimited(answer) ? [] : [`${i}`]));
      assert.deepEqual(stored.map((one) => one.content).sort(), allowed.sort());
    });

    test(`without an ack, exceptions over ${over} say it, after the answers to what was asked before`, async () => {
      const { socket, conversationId } = await agentIn(world, { transports: over });
      for (const name of ['send_message', 'get_messages']) {
        const frames = [];
        const all = new Promise((resolve) => {
          socket.onAny((heard, body) => {
            if (heard === 'get_messages' || (heard === 'new_message' && name === 'send_message')) frames.push('answer');
            if (heard === 'exception') frames.push(body);
            if (frames.length === 20) resolve();
          });
        });
        for (let i = 0; i < 20; i++) socket.emit(name, { conversationId, content: 'hello' });
        await bounded(all, manyMs, 'all answers');
        socket.offAny();
        const first = frames.findIndex((one) => one !== 'answer');
        assert.ok(first >= 3, JSON.stringify(frames.slice(0, 3)));
        const { status, code, event, retryAfterMs } = frames[first];
        assert.deepEqual([status, code, event], ['error', 'rate_limited', name]);
        assert.ok(retryAfterMs > 0);
      }
    });

    test(`a hundred refusals in a row end a connection over ${over}, and it comes back`, async () => {
      const { socket, conversationId } = await agentIn(world, { transports: over, reconnection: true, reconnectionDelay: 50 });
      const ended = bounded(
        new Promise((resolve) => socket.io.engine.once('close', (_, details) => resolve(details))),
        manyMs,
        'the end',
      );
      const back = bounded(new Promise((resolve) => socket.once('connect', resolve)), manyMs, 'coming back');
      const answers = [];
      for (let i = 0; i < 150; i++) {
        socket.emit('send_message', { conversationId, content: 'hello' }, (answer) => answers.push(answer));
      }
      const details = await ended;
      if (over[0] === 'websocket') {
        assert.equal(details.context.code, 1008);
        assert.equal(details.context.reason, 'asks too often');
      }
      // Nothing that was stored stays without its acknowledgement.
      const { body: stored } = await persist(() => as(world, world.back, 'GET', `/chat/conversations/${conversationId}/messages`));
      assert.equal(answers.filter(({ content }) => content === 'hello').length, stored.length);
      await back;
      assert.equal((await persist(() => ask(socket, 'join_room', { conversationId }))).success, true);
      socket.disconnect();
    });
  }

  test('requests in unusual forms and unknown ones count as well', async () => {
    const { socket, conversationId } = await agentIn(world);
    // An attachment and an escape in the name take the general way.
    await flood(() => ask(socket, 'send_message', { conversationId, content: 'hello', more: Buffer.alloc(2) }));
    await persist(() => ask(socket, 'send_message', { conversationId, content: 'hello' }));
    const { refused } = await flood(() => ask(socket, 'no_such_request', {}), 20, 0);
    assert.ok(refused.length > 0);
  });

  test('ninety-nine refusals and an allowed request, again and again, end nothing', async () => {
    const { socket, conversationId } = await agentIn(world);
    for (let round = 0; round < 2; round++) {
      await flood(() => ask(socket, 'typing_start', { conversationId }), 60, 0);
      await persist(() => ask(socket, 'typing_start', { conversationId }));
      assert.equal(socket.connected, true);
    }
  });

  test('a client that leaves the namespace and comes back has no more than before', async () => {
    const { socket, conversationId } = await agentIn(world);
    await flood(() => ask(socket, 'send_message', { conversationId, content: 'hello' }));
    socket.disconnect();
    // One transport, on which a client leaves and enters at will, is what the manager keeps for a
    // second socket.
    const manager = socket.io;
    manager.opts.forceNew = false;
    socket.connect();
    await bounded(new Promise((resolve) => socket.once('connect', resolve)), manyMs, 'entering again');
    const answer = await persist(() => ask(socket, 'send_message', { conversationId, content: 'again' }));
    assert.equal(answer.content, 'again');
  });

  test('a service is limited by the users that it acts as, not by its connection', async () => {
    const { id } = await start(world);
    const socket = await connect(world, tokenOf('service', unique('back-end')));
    const say = (i) => ask(socket, 'send_message', { conversationId: id, content: 'x', fromUserId: `u${i}`, fromRole: 'cx-agent' });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => say(i)));
    assert.ok(!answers.some(isLimited));
    // Typing has no user's rate: for a service a connection's counts for each user.
    const type = (userId) => ask(socket, 'typing_start', { conversationId: id, userId, userName: userId });
    const { refused } = await flood(() => type('u1'), 150);
    assert.ok(refused.length > 100 && socket.connected, 'refusals do not end a connection that speaks for many');
    assert.ok(!isLimited(await type('u2')));
  });

  for (const transport of ['websocket', 'polling']) {
    test(`a stock Python client over ${transport} waits and goes on`, async () => {
      const script = fileURLToPath(new URL('python_rates.py', import.meta.url));
      const token = tokenOf('agent', unique('agent'));
      const child = spawn('/usr/bin/python3', [script, world.server.url, transport, token], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines = [];
      createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
      const code = await bounded(new Promise((resolve) => child.once('exit', resolve)), manyMs, 'the Python client');
      assert.equal(code, 0, lines.join('\n'));
    });
  }
});

describe('what one user may ask for', () => {
  const world = useIdentityServer(only({ 'user-messages': '1/3', 'user-reads': '1/3' }));

  test('two connections, REST and a service that acts as the user share one bucket', async () => {
    const user = unique('agent');
    const { id: conversationId } = await start(world);
    const token = tokenOf('agent', user);
    const sockets = [await connect(world, token), await connect(world, token, { transports: ['polling'] })];
    await flood((i) => ask(sockets[i % 2], 'send_message', { conversationId, content: 'hello' }), 40, 0);
    const over = async (bearer, body) => (await as(world, bearer, 'POST', '/chat/messages', body)).body;
    const body = { conversationId, content: 'hello' };
    const { refused } = await flood(() => over(token, body), 20, 0);
    assert.match(refused[0].error, /^rate\.user-messages /);
    const named = { ...body, fromUserId: user, fromRole: 'cx-agent' };
    await flood(() => over(world.back, named), 20, 0);
    assert.ok(!isLimited(await over(world.back, { ...named, fromUserId: unique('other') })));
    const other = await connect(world, tokenOf('agent', unique('agent')));
    assert.ok(!isLimited(await ask(other, 'send_message', body)));
    await persist(() => ask(sockets[0], 'send_message', body));
  });

  test('a service uses up nothing of a user that it may not act as', async () => {
    const user = unique('agent');
    const { id: conversationId } = await start(world);
    const named = { conversationId, content: 'hello', fromUserId: user, fromRole: 'cx-agent' };
    const bounded = { conversations: [unique('other')] };
    for (const claims of [{ roles: ['cx-customer'] }, bounded]) {
      const service = await connect(world, tokenOf('service', unique('back-end'), claims));
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(service, 'send_message', named)));
      assert.ok(answers.every(({ success }) => success === false), JSON.stringify(answers[0]));
      assert.ok(answers.some(isLimited), 'it counts by the service');
    }
    const bearer = tokenOf('service', unique('back-end'), bounded);
    const posts = await Promise.all(Array.from({ length: 20 }, () => as(world, bearer, 'POST', '/chat/messages', named)));
    assert.ok(posts.every(({ status }) => status >= 400) && posts.some(({ status }) => status === 429));
    const socket = await connect(world, tokenOf('agent', user));
    assert.equal((await ask(socket, 'send_message', { conversationId, content: 'hello' })).content, 'hello');
  });

  test('reads of sockets and REST share another', async () => {
    const user = unique('agent');
    const { id: conversationId } = await start(world);
    const token = tokenOf('agent', user);
    const socket = await connect(world, token);
    await flood(() => ask(socket, 'get_messages', { conversationId }));
    const read = (bearer, query = '') => as(world, bearer, 'GET', `/chat/conversations/${conversationId}/messages${query}`);
    const answers = await Promise.all(Array.from({ length: 10 }, () => read(token)));
    assert.ok(answers.some((one) => one.status === 429));
    const named = await Promise.all(Array.from({ length: 10 }, () => read(world.back, `?userId=${user}&userRole=cx-agent`)));
    assert.ok(named.some((one) => one.status === 429));
    assert.equal((await read(world.back, `?userId=${unique('other')}&userRole=cx-agent`)).status, 200);
    assert.ok(!isLimited(await ask(socket, 'send_message', { conversationId, content: 'hello' })));
    await persist(() => ask(socket, 'get_messages', { conversationId }));
  });
});

describe('what one user may ask for over REST', () => {
  const world = useIdentityServer(only({ 'user-rest': '1/3', joins: '1/3' }));

  test('429 says when to try again, and probes and metrics are never limited', async () => {
    const token = tokenOf('supervisor', unique('supervisor'));
    const list = () => as(world, token, 'GET', '/chat/conversations');
    const answers = await Promise.all(Array.from({ length: 20 }, list));
    const refused = answers.filter((one) => one.status === 429);
    assert.ok(refused.length > 0);
    for (const { body, headers } of refused) {
      assert.equal(body.code, 'rate_limited');
      assert.match(body.error, /^rate\.user-rest /);
      assert.equal(Number(headers['retry-after']), Math.ceil(body.retryAfterMs / 1000));
    }
    const operator = tokenOf('operator', unique('operator'));
    for (let i = 0; i < 20; i++) {
      for (const path of ['/healthz', '/readyz']) assert.equal((await as(world, null, 'GET', path)).status, 200);
      assert.equal((await as(world, operator, 'GET', '/metrics')).status, 200);
    }
    await persistRest(list);
    assert.equal((await as(world, tokenOf('agent', unique('agent')), 'GET', '/chat/conversations')).status, 200);
  });

  test('a service cannot name two users, to be counted as one and read as the other', async () => {
    const read = (query) => as(world, world.back, 'GET', `/chat/conversations?${query}`);
    for (const query of ['userId=x1&userId=carl', 'userId=carl&user%49d=carl', 'userRole=cx-agent&userId=carl&userRole=cx-agent']) {
      const { code } = await persistRest(() => read(query));
      assert.equal(code, 'invalid_value', query);
    }
    // They count as the service's own, whoever they name.
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => read(`userId=${unique(`x${i}`)}&userId=carl`)));
    assert.ok(answers.some((one) => one.status === 429));
    assert.equal((await read('userId=carl')).status, 200);
  });

  test('every route with a token counts, also one that is forbidden', async () => {
    const token = tokenOf('customer', unique('customer'));
    const answers = await Promise.all(Array.from({ length: 20 }, () => as(world, token, 'GET', '/chat/dashboard/stats')));
    const statuses = new Set(answers.map((one) => one.status));
    assert.deepEqual([...statuses].sort(), [403, 429]);
  });
});

describe('joins over REST', () => {
  const world = useIdentityServer(only({ joins: '1/3' }));

  test('count by their user', async () => {
    const { id } = await start(world);
    const token = tokenOf('agent', unique('agent'));
    const { refused } = await flood(async () => (await as(world, token, 'POST', `/chat/conversations/${id}/join`, {})).body, 20, 0);
    assert.match(refused[0].error, /^rate\.joins /);
    const answer = await persistRest(() => as(world, token, 'POST', `/chat/conversations/${id}/join`, {}));
    assert.equal(answer.success, true);
  });
});

const handshake = (server, headers = {}) => rest(server, 'GET', '/socket.io/?EIO=4&transport=polling', undefined, headers);
const from = (address) => ({ 'x-forwarded-for': address });

describe('connects of an address', () => {
  const direct = useIdentityServer(only({ connects: '1/3' }));
  const proxied = useIdentityServer([...only({ connects: '1/3' }), '--proxy.trusted', '127.0.0.1,::1']);
  const refusedAmong = (answers) => answers.filter((one) => one.status === 429);

  test('beyond the rate a handshake gets 429, and comes through later', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => handshake(direct.server)));
    const refused = refusedAmong(answers);
    assert.ok(refused.length > 0);
    assert.equal(refused[0].body.code, 'rate_limited');
    assert.equal(Number(refused[0].headers['retry-after']), Math.ceil(refused[0].body.retryAfterMs / 1000));
    await persistRest(async () => {
      const answer = await handshake(direct.server);
      return answer.status === 200 ? { body: {} } : answer;
    });
  });

  test('a header that names another client is not believed without a trusted proxy', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => handshake(direct.server, from(`192.0.2.${i}`))));
    assert.ok(refusedAmong(answers).length > 0);
  });

  test('behind a trusted proxy each client has a bucket of its own', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => handshake(proxied.server, from(`192.0.2.${i}`))));
    assert.equal(refusedAmong(answers).length, 0);
    const one = await Promise.all(Array.from({ length: 20 }, () => handshake(proxied.server, from('198.51.100.7'))));
    assert.ok(refusedAmong(one).length > 0);
    // A client cannot choose: the proxy's own entry is the last one.
    const forged = await Promise.all(
      Array.from({ length: 20 }, (_, i) => handshake(proxied.server, from(`203.0.113.${i}, 198.51.100.8`))),
    );
    assert.ok(refusedAmong(forged).length > 0);
  });

  for (const over of transports) {
    test(`a stock client over ${over} comes back by itself`, async () => {
      const address = over[0] === 'polling' ? '198.51.100.20' : '198.51.100.21';
      const options = { transports: over, extraHeaders: from(address), reconnection: true, reconnectionDelay: 100 };
      const clients = Array.from({ length: 8 }, () =>
        io(proxied.server.url, { forceNew: true, auth: { token: tokenOf('agent', unique('agent')) }, ...options }),
      );
      proxied.sockets.push(...clients);
      const all = clients.map((one) => new Promise((resolve) => one.once('connect', resolve)));
      await bounded(Promise.all(all), manyMs, 'all clients');
    });
  }

  test('CONNECTs beyond the first of a connection count, too', async () => {
    const poll = (sid, method = 'GET', body = undefined) =>
      rest(proxied.server, method, `/socket.io/?EIO=4&transport=polling&sid=${sid}`, body, from('198.51.100.30'));
    const opened = await handshake(proxied.server, from('198.51.100.30'));
    const { sid } = JSON.parse(opened.text.slice(1));
    const packet = `40${JSON.stringify({ token: tokenOf('agent', unique('agent')) })}`;
    const post = Array.from({ length: 10 }, () => packet).join('\x1e41\x1e');
    assert.equal((await poll(sid, 'POST', post)).status, 200);
    const { text } = await poll(sid);
    const refusal = text.split('\x1e').find((one) => one.startsWith('44'));
    const { data } = JSON.parse(refusal.slice(2));
    assert.equal(data.code, 'rate_limited');
    assert.ok(data.retryAfterMs > 0);
  });
});

describe('bad tokens of an address', () => {
  const world = useIdentityServer([...only({ 'auth-failures': '1/3' }), '--proxy.trusted', '127.0.0.1,::1']);
  const list = (token, address) =>
    rest(world.server, 'GET', '/chat/conversations', undefined, { ...from(address), authorization: `Bearer ${token}` });
  const bad = () => sign({ sub: unique('thief'), role: 'cx-agent' }, Buffer.alloc(32, 1));
  const guess = (address, count = 20) => Promise.all(Array.from({ length: count }, () => list(bad(), address)));

  test('some get 401, then the address waits; tokens known before still pass', async () => {
    const address = '192.0.2.1';
    const known = tokenOf('agent', unique('agent'));
    assert.equal((await list(known, address)).status, 200);
    const answers = await guess(address);
    const statuses = answers.map((one) => one.status);
    assert.ok(statuses.includes(401) && statuses.includes(429), `${statuses}`);
    const waits = answers.find((one) => one.status === 429);
    assert.equal(waits.body.code, 'rate_limited');
    assert.match(waits.body.error, /^rate\.auth-failures /);
    assert.equal((await list(known, address)).status, 200);
    const elsewhere = tokenOf('agent', unique('agent'));
    assert.equal((await list(elsewhere, '192.0.2.2')).status, 200);
    assert.equal((await list(elsewhere, address)).status, 200, 'remembered, wherever it was verified');
    const socket = await connect(world, known, { extraHeaders: from(address) });
    assert.equal(socket.connected, true);
    assert.ok((await limited(world, 'auth_failures')) > 0);
  });

  test('each bad token after a wait makes the next one longer, and a good one comes through at last', async () => {
    const address = '192.0.2.3';
    await guess(address);
    let last = 0;
    for (let i = 0; i < 2; i++) {
      const refused = await list(bad(), address);
      const wait = refused.body.retryAfterMs ?? 0;
      await pause(wait + 1);
      while ((await list(bad(), address)).status !== 401) await pause(100);
      const { body } = await list(bad(), address);
      assert.equal(body.code, 'rate_limited');
      assert.ok(body.retryAfterMs > last, `${body.retryAfterMs} is more than ${last}`);
      last = body.retryAfterMs;
    }
    await persistRest(() => list(tokenOf('agent', unique('agent')), address));
  });

  test('a CONNECT says it, a handshake with a token gets 429, and a connected client renews its token', async () => {
    const address = '192.0.2.4';
    const known = tokenOf('agent', unique('agent'));
    const user = unique('agent');
    const socket = await connect(world, tokenOf('agent', user), { extraHeaders: from(address) });
    assert.equal((await list(known, address)).status, 200);
    await guess(address);
    const refused = await connect(world, bad(), { extraHeaders: from(address) }).then(
      () => assert.fail('it was let in'),
      (error) => error,
    );
    assert.equal(refused.data.code, 'rate_limited');
    assert.ok(refused.data.retryAfterMs > 0);
    assert.equal((await ask(socket, 'authenticate', { token: bad() })).code, 'unauthenticated');
    const exp = Math.floor(Date.now() / 1000) + 7_200;
    assert.equal((await ask(socket, 'authenticate', { token: tokenOf('agent', user, { exp }) })).success, true);
    assert.equal(socket.connected, true);
    const opened = await handshake(world.server, { ...from(address), authorization: `Bearer ${bad()}` });
    assert.equal(opened.status, 429);
    assert.ok(opened.headers['retry-after']);
    assert.equal((await handshake(world.server, { ...from(address), authorization: `Bearer ${known}` })).status, 200);
    assert.equal((await handshake(world.server, from(address))).status, 200, 'without a token there is nothing to verify');
  });

  test('bad tokens in a CONNECT and in a renewal count', async () => {
    const address = '192.0.2.5';
    const options = { extraHeaders: from(address) };
    const socket = await connect(world, tokenOf('agent', unique('agent')), options);
    for (let i = 0; i < 10; i++) {
      assert.equal((await ask(socket, 'authenticate', { token: bad() })).code, 'unauthenticated');
    }
    assert.equal((await list(bad(), address)).status, 429);
    const codes = [];
    for (let i = 0; i < 6; i++) {
      await connect(world, bad(), { extraHeaders: from('192.0.2.6') }).catch((error) => codes.push(error.data.code));
    }
    assert.ok(codes.includes('unauthenticated') && codes.includes('rate_limited'), `${codes}`);
  });

  test('no token is no bad token, and probes and metrics are served', async () => {
    const address = '192.0.2.7';
    for (let i = 0; i < 20; i++) {
      const answer = await rest(world.server, 'GET', '/chat/conversations', undefined, from(address));
      assert.equal(answer.status, 401);
    }
    await guess(address);
    for (const path of ['/healthz', '/readyz']) {
      assert.equal((await rest(world.server, 'GET', path, undefined, { ...from(address), authorization: `Bearer ${bad()}` })).status, 200);
    }
    const fresh = { ...from(address), authorization: `Bearer ${tokenOf('operator', unique('operator'))}` };
    assert.equal((await rest(world.server, 'GET', '/metrics', undefined, fresh)).status, 200);
  });
});

describe('connections of a user', () => {
  const world = useIdentityServer(['--io.connections-per-user', '2', '--io.threads', '3', '--recovery.for', 'all']);
  const codeOf = (token, options) =>
    connect(world, token, options).then(
      () => 'let in',
      (error) => error.data.code,
    );
  /// The server notices the end of a connection a moment later.
  async function letIn(token) {
    for (let i = 0; i < 200; i++) {
      const socket = await connect(world, token).catch((error) => error);
      if (socket.connected) return socket;
      assert.equal(socket.data.code, 'limit_reached');
      await pause(25 * patience);
    }
    return assert.fail('no place came free');
  }

  for (const over of transports) {
    test(`over ${over}: beyond the limit a CONNECT is refused, and one that ends makes room`, async () => {
      const token = tokenOf('agent', unique('agent'));
      const sockets = [await connect(world, token, { transports: over }), await connect(world, token, { transports: over })];
      for (let i = 0; i < 5; i++) assert.equal(await codeOf(token, { transports: over }), 'limit_reached');
      assert.equal(await codeOf(tokenOf('agent', unique('agent')), { transports: over }), 'let in');
      for (let i = 0; i < 5; i++) {
        sockets.shift().disconnect();
        sockets.push(await letIn(token));
        assert.equal(await codeOf(token), 'limit_reached');
      }
    });
  }

  test('robots and persons of one name are two users, and services have no limit', async () => {
    const user = unique('user');
    for (const actor of ['agent', 'robot']) {
      for (let i = 0; i < 2; i++) await connect(world, tokenOf(actor, user));
      assert.equal(await codeOf(tokenOf(actor, user)), 'limit_reached');
    }
    for (let i = 0; i < 5; i++) assert.equal(await codeOf(tokenOf('service', 'back-end')), 'let in');
  });

  test('a session that is resumed or taken over, and a refused CONNECT, leave the count exact', async () => {
    const user = unique('agent');
    const token = tokenOf('agent', user);
    for (let i = 0; i < 5; i++) {
      const first = await connect(world, token);
      const pid = first._pid;
      assert.ok(pid);
      const second = await connect(world, token, { auth: { token, pid } });
      if (!first.disconnected) await bounded(new Promise((resolve) => first.once('disconnect', resolve)), manyMs, 'the end of the first');
      await connect(world, 'x.y.z').catch((error) => assert.equal(error.data.code, 'unauthenticated'));
      second.io.engine.close();
      const third = await letIn(token);
      third.disconnect();
    }
    await letIn(token);
    await letIn(token);
    assert.equal(await codeOf(token), 'limit_reached');
  });
});

describe('without tokens', () => {
  const world = useServer({ args: [] });

  test('nothing is limited, however fast it is asked for', async () => {
    const socket = io(world.server.url, { forceNew: true, reconnection: false, transports: ['websocket'] });
    await bounded(new Promise((resolve) => socket.once('connect', resolve)), manyMs, 'connecting');
    const conversationId = unique('room');
    const agent = { conversationId, userId: 'ann', userRole: 'cx-agent' };
    assert.equal((await ask(socket, 'join_room', agent)).success, true);
    const send = { conversationId, content: 'hello', fromUserId: 'ann', fromRole: 'cx-agent' };
    const sent = await Promise.all(Array.from({ length: 1000 }, () => ask(socket, 'send_message', send)));
    assert.ok(!sent.some(isLimited));
    for (const [name, body] of [['join_room', agent], ['get_messages', { conversationId }], ['typing_start', agent]]) {
      const answers = await Promise.all(Array.from({ length: 400 }, () => ask(socket, name, body)));
      assert.ok(!answers.some(isLimited), name);
    }
    socket.disconnect();
    const { text } = await rest(world.server, 'GET', '/metrics');
    for (const [name, value] of parseMetrics(text)) {
      if (name.startsWith('parley_rate_limited_total')) assert.equal(value, 0, name);
    }
  });

  test('a rate is refused at the start, and off is not', async () => {
    for (const [flag, value] of [['rate.messages', '20/100'], ['rate.connects', '1/1'], ['io.connections-per-user', '50']]) {
      const { exit, output } = await run(['serve', `--${flag}`, value, '--port', '0']);
      assert.notEqual(exit.code, 0);
      assert.match(output, new RegExp(`${flag.replace('.', '\\.')} has no effect, because auth\\.mode is none`));
    }
  });
});
