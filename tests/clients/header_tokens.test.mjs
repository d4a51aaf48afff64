// Tokens in the headers of polling clients: every poll carries one, so a client that renews its token
// must change its headers, too. Otherwise its polls end with the old token.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask, connect, tokenOf, useIdentityServer } from './identity.mjs';
import { bounded, patience, reconnectMsMax, rest, unique } from './support.mjs';

const testMsMax = { timeout: 120_000 * patience };
const soon = () => Math.floor(Date.now() / 1000) + 4 * patience;
const later = () => soon() + 3600;
const bearer = (token) => ({ authorization: `Bearer ${token}` });
const over = (exp) => pause(exp * 1000 + 1_000 - Date.now());
const polling = '/socket.io/?EIO=4&transport=polling';

describe('a token in the headers of polls', () => {
  const world = useIdentityServer(['--auth.skew', '0', '--auth.expiry-warning', String(3_000 * patience)]);
  const open = (extraHeaders) => connect(world, undefined, { auth: {}, transports: ['polling'], extraHeaders });

  test('is renewed by authenticate and by changing the headers in place', testMsMax, async () => {
    const user = unique('agent');
    const exp = soon();
    const extraHeaders = bearer(tokenOf('agent', user, { exp }));
    const socket = await open(extraHeaders);
    const { id } = socket;
    const token = tokenOf('agent', user, { exp: later() });
    Object.assign(extraHeaders, bearer(token));
    assert.equal((await ask(socket, 'authenticate', { token })).success, true);
    await over(exp);
    assert.equal((await ask(socket, 'join_room', { conversationId: unique('room') })).success, true);
    assert.equal(socket.id, id);
    assert.deepEqual(socket.frames.filter(([name]) => name === 'exception'), []);
  });

  test('ends the polls of a client that renews with authenticate alone', testMsMax, async () => {
    const user = unique('agent');
    const exp = soon();
    const socket = await open(bearer(tokenOf('agent', user, { exp })));
    const lost = new Promise((resolve) => socket.once('disconnect', resolve));
    const token = tokenOf('agent', user, { exp: later() });
    assert.equal((await ask(socket, 'authenticate', { token })).success, true);
    await over(exp);
    socket.emit('leave_dashboard', {}); // a POST with the old header
    assert.equal(await bounded(lost, reconnectMsMax, 'the end of its polls'), 'transport error');
  });

  test('of another user, or one that has ended, gets 403 with code 4 and ends nothing', testMsMax, async () => {
    const user = unique('agent');
    const exp = soon();
    const [mine, others] = [tokenOf('agent', user, { exp: later() }), tokenOf('agent', unique('agent'))];
    const ending = tokenOf('agent', user, { exp });
    const ask = (sid, token, method = 'GET', body = undefined) =>
      rest(world.server, method, `${polling}${sid ? `&sid=${sid}` : ''}`, body, token ? bearer(token) : {});
    const { sid } = JSON.parse((await ask(null, ending)).text.slice(1));
    assert.equal((await ask(sid, ending, 'POST', '40')).status, 200);
    assert.match((await ask(sid, mine)).text, /^40/);
    const renewal = `420${JSON.stringify(['authenticate', { token: mine }])}`;
    assert.equal((await ask(sid, ending, 'POST', renewal)).status, 200);
    await over(exp);
    assert.match((await ask(sid, mine)).text, /"success":true/);
    for (const token of [others, ending, null]) {
      const refused = await ask(sid, token, 'POST', '42["leave_dashboard",{}]');
      assert.deepEqual([refused.status, refused.body.code], [403, 4]);
    }
    assert.equal((await ask(sid, mine, 'POST', '42["leave_dashboard",{}]')).status, 200);
  });

  test('python3-socketio renews it in the headers of its session', testMsMax, async () => {
    const user = unique('python');
    const exp = soon();
    const script = fileURLToPath(new URL('python_header_token.py', import.meta.url));
    const child = spawn('/usr/bin/python3', [script, world.server.url], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('close', resolve));
    let asked = 0;
    createInterface({ input: child.stdout }).on('line', async () => {
      child.stdin.write(`${tokenOf('agent', user, { exp: ++asked === 1 ? exp : later() })}\n`);
      if (asked < 2) return;
      await over(exp);
      child.stdin.write('ended\n');
    });
    try {
      assert.equal(await bounded(ended, 100_000 * patience, 'the python client'), 0);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
