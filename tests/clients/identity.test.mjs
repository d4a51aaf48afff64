// Tokens in real use: where they may be, what a bad one is answered with, and whose a session is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { io as io3 } from 'socket.io-client-v3';
import { as, ask, connect, done, sign, tokenOf, useIdentityServer } from './identity.mjs';
import { rest, unique } from './support.mjs';

const inRoom = (socket, conversationId) => ask(socket, 'join_room', { conversationId });

describe('a server that asks for tokens', () => {
  const world = useIdentityServer(['--auth.cookie', '__Host-token']);
  const refusal = async (token, options) => {
    const error = await connect(world, token, options).then(
      () => assert.fail('it was let in'),
      (reason) => reason,
    );
    assert.deepEqual(error.data, { code: 'unauthenticated' });
    assert.equal(error.message, 'a valid token is required');
  };

  test('no token, a bad one and an ended one get the same refusal', async () => {
    const ended = sign({ sub: 'ann', role: 'cx-agent', exp: 1_000_000_000 });
    const forged = sign({ sub: 'ann', role: 'cx-agent' }, Buffer.alloc(32, 1));
    for (const token of [undefined, null, '', 7, 'x.y.z', ended, forged]) await refusal(token);
    for (const token of ['', 'x.y.z', ended, forged]) {
      const answer = await as(world, token, 'GET', '/chat/conversations');
      assert.equal(answer.status, 401);
      assert.equal(answer.body.code, 'unauthenticated');
    }
    const answer = await rest(world.server, 'GET', '/chat/conversations');
    assert.equal(answer.status, 401);
    assert.match(answer.headers['www-authenticate'], /^Bearer/);
  });

  test('a token may come in the handshake, as a bearer or as a cookie, but not in the URL', async () => {
    const token = tokenOf('agent', unique('agent'));
    for (const extraHeaders of [{ authorization: `Bearer ${token}` }, { cookie: `a=1; __Host-token=${token}` }]) {
      for (const transports of [['websocket'], ['polling', 'websocket']]) {
        const socket = await connect(world, token, { auth: {}, extraHeaders, transports });
        assert.equal((await inRoom(socket, unique('room'))).success, true);
      }
      const answer = await rest(world.server, 'GET', '/chat/conversations', undefined, extraHeaders);
      assert.equal(answer.status, 200);
    }
    await refusal(undefined, { query: { token } });
    const inUrl = await rest(world.server, 'GET', `/chat/conversations?token=${token}`);
    assert.equal(inUrl.status, 401);
  });

  test('a handshake and a CONNECT of two users are refused', async () => {
    const token = tokenOf('agent', unique('agent'));
    const extraHeaders = { authorization: `Bearer ${tokenOf('agent', unique('other'))}` };
    await refusal(token, { extraHeaders });
  });

  test('socket.io-client 3 sends its token, too', async () => {
    const socket = io3(world.server.url, { auth: { token: tokenOf('agent', unique('agent')) }, reconnection: false });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
    socket.disconnect();
  });

  test('a request may leave out who sends it, repeat it, and say nobody else', async () => {
    const user = unique('agent');
    const socket = await connect(world, tokenOf('agent', user));
    const conversationId = unique('room');
    assert.equal((await inRoom(socket, conversationId)).participant.userId, user);
    const sent = await ask(socket, 'send_message', { conversationId, content: 'mine' });
    assert.deepEqual([sent.fromUserId, sent.fromRole], [user, 'cx-agent']);
    const again = { conversationId, content: 'mine', fromUserId: user, fromRole: 'cx-agent' };
    assert.equal((await ask(socket, 'send_message', again)).fromUserId, user);
    for (const other of [{ fromUserId: 'other' }, { fromRole: 'cx-supervisor' }]) {
      const refused = await ask(socket, 'send_message', { conversationId, content: 'not mine', ...other });
      assert.equal(refused.code, 'forbidden');
    }
    const list = await done(world, world.back, 'GET', `/chat/conversations/${conversationId}/messages`);
    assert.equal(list.length, 2);
    const foreign = await as(world, tokenOf('agent', user), 'GET', '/chat/conversations?userId=other');
    assert.equal(foreign.status, 403);
    const posted = await as(world, tokenOf('agent', user), 'POST', '/chat/messages', { conversationId, content: 'x', fromUserId: 'other' });
    assert.equal(posted.body.code, 'forbidden');
    // Forbidden by the table, not for the identity.
    assert.equal((await ask(socket, 'send_message', { conversationId, content: 'x', type: 'system' })).code, 'forbidden');
    const figures = await as(world, tokenOf('operator', unique('operator')), 'GET', '/metrics');
    assert.match(figures.text, /^parley_identities_refused_total 4$/m);
  });

  test('a pid is worth nothing to another user', async () => {
    const options = (token, pid) => ({ auth: { token, recovery: true, ...(pid ? { pid } : {}) } });
    const mine = tokenOf('agent', unique('agent'));
    const socket = await connect(world, mine, options(mine));
    const conversationId = unique('room');
    await inRoom(socket, conversationId);
    const pid = socket._pid;
    assert.ok(pid);
    socket.io.engine.close();
    const theirs = tokenOf('agent', unique('thief'));
    const thief = await connect(world, theirs, options(theirs, pid));
    assert.notEqual(thief._pid, pid);
    const back = await connect(world, mine, options(mine, pid));
    assert.equal(back._pid, pid);
  });

  test('credentials that are not the session\'s own get 403, and the session goes on', async () => {
    const mine = { authorization: `Bearer ${tokenOf('agent', unique('agent'))}` };
    const theirs = { authorization: `Bearer ${tokenOf('agent', unique('thief'))}` };
    const poll = (sid, headers, method = 'GET', body = undefined) =>
      rest(world.server, method, `/socket.io/?EIO=4&transport=polling${sid ? `&sid=${sid}` : ''}`, body, headers);
    const opened = JSON.parse((await poll('', mine)).text.slice(1));
    for (const headers of [theirs, {}]) {
      const refused = await poll(opened.sid, headers);
      assert.equal(refused.status, 403);
      assert.equal(refused.body.code, 4);
      assert.equal((await poll(opened.sid, headers, 'POST', '40')).status, 403);
    }
    assert.equal((await poll(opened.sid, mine, 'POST', '40')).status, 200);
    assert.match((await poll(opened.sid, mine)).text, /^40\{"sid":/);
  });

  test('a list tells nobody which ids exist, and what a token lists is all that it lists', async () => {
    const mine = unique('mine');
    const foreign = unique('foreign');
    for (const conversationId of [mine, foreign]) {
      await done(world, world.back, 'POST', '/chat/conversations/start', { conversationId, createdBy: 'a', createdByRole: 'cx-agent' });
    }
    const bound = tokenOf('agent', unique('agent'), { conversations: [mine] });
    for (const token of [tokenOf('customer', unique('customer')), bound]) {
      const at = (before) => as(world, token, 'GET', `/chat/conversations?before=${before}`);
      const [known, unknown] = [await at(foreign), await at('unknown')];
      assert.equal(known.status, unknown.status);
      assert.equal(known.text, unknown.text.replace('unknown', foreign));
    }
    const listed = await done(world, bound, 'GET', '/chat/conversations');
    assert.deepEqual(listed.map((one) => one.id), [mine]);
    assert.equal((await as(world, bound, 'GET', '/chat/dashboard/stats')).status, 403);
  });

  test('a customer takes part in what it starts over REST', async () => {
    const token = tokenOf('customer', unique('customer'));
    const { id } = await done(world, token, 'POST', '/chat/conversations/start', {});
    await done(world, token, 'POST', '/chat/messages', { conversationId: id, content: 'hello' });
  });

  test('a removal is the end of what its user reads, however soon something is said', async () => {
    const room = unique('room');
    const customer = unique('customer');
    const agent = await connect(world, tokenOf('agent', unique('agent')));
    for (let round = 0; round < 10; round++) {
      const conversationId = `${room}-${round}`;
      await inRoom(agent, conversationId);
      await ask(agent, 'join_room', { conversationId, userId: customer, userRole: 'cx-customer' });
      const socket = await connect(world, tokenOf('customer', customer));
      await inRoom(socket, conversationId);
      const reads = [];
      const read = () => reads.push(ask(socket, 'get_messages', { conversationId }));
      for (let i = 0; i < 20; i++) read();
      agent.emit('leave_room', { conversationId, userId: customer });
      agent.emit('send_message', { conversationId, content: 'later' });
      for (let i = 0; i < 20; i++) {
        read();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      const texts = JSON.stringify([await Promise.all(reads), socket.frames]);
      assert.ok(!texts.includes('later'), texts);
      socket.disconnect();
    }
  });

  test('probes need no token, and tell strangers no reasons', async () => {
    assert.equal((await rest(world.server, 'GET', '/healthz')).status, 200);
    const ready = await rest(world.server, 'GET', '/readyz');
    assert.equal(ready.status, 200);
    assert.equal(ready.body.status, 'ready');
    assert.ok(ready.body.warnings.every((one) => Object.keys(one).join() === 'name'));
    assert.ok(ready.body.checks.every((one) => Object.keys(one).join() === 'name,ok'));
    const known = await done(world, tokenOf('operator', 'ops'), 'GET', '/readyz');
    assert.ok(known.checks.every((one) => Object.keys(one).join() === 'name,ok,text'));
    assert.ok(known.warnings.every((one) => Object.keys(one).join() === 'name,text'));
  });
});
