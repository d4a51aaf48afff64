// The REST twin: every route with its reply, its refusals and their status, and the events that
// sockets receive.
import assert from 'node:assert/strict';
import http from 'node:http';
import { describe } from 'node:test';
import { bounded, fence, history, kinds, rest, scenario, unique, useServer, answerMsMax } from './support.mjs';
import { readDocument, rowsOf } from '../support/documents.mjs';
import * as shapes from './shapes.mjs';

const kind = kinds.v4;
const nowhere = 'no-such-conversation';

function refused(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  shapes.refusal(answer.body, 'refusal');
  assert.equal(answer.body.code, code);
}

async function start(server, more = {}) {
  const answer = await rest(server, 'POST', '/chat/conversations/start', {
    createdBy: 'cust',
    createdByRole: 'cx-customer',
    initialParticipants: ['cust'],
    ...more,
  });
  assert.equal(answer.status, 201, answer.text);
  shapes.conversation(answer.body);
  return answer.body;
}

async function post(server, conversationId, fromUserId, fromRole, content, more = {}) {
  const dto = { conversationId, fromUserId, fromRole, content, ...more };
  const answer = await rest(server, 'POST', '/chat/messages', dto);
  assert.equal(answer.status, 201, answer.text);
  shapes.message(answer.body, 'POST /chat/messages');
  return answer.body;
}

async function get(server, path) {
  const answer = await rest(server, 'GET', path);
  assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  assert.match(answer.headers['content-type'], /^application\/json/);
  return answer.body;
}

describe('REST', () => {
  const world = useServer();

  scenario(world, 'a conversation starts under the client\'s id, once', async (open, server) => {
    const conversationId = unique('own-id');
    assert.equal((await start(server, { conversationId })).id, conversationId);
    const again = { createdBy: 'cust', createdByRole: 'cx-customer', conversationId };
    refused(await rest(server, 'POST', '/chat/conversations/start', again), 409, 'conversation_exists');
  });

  scenario(world, 'ids that a URL cannot hold are named by the query', async (open, server) => {
    for (const conversationId of ['.', '..']) {
      assert.equal((await start(server, { conversationId })).id, conversationId);
      for (let i = 1; i <= 3; ++i) await post(server, conversationId, 'cust', 'cx-customer', `message ${i}`);
      const of = (what, more = '') => `/chat/conversations/${what}?conversationId=${conversationId}${more}`;
      assert.equal((await get(server, of('/'))).id, conversationId);
      assert.deepEqual((await get(server, of('/participants'))).map(({ userId }) => userId), ['cust']);
      const page = await rest(server, 'GET', of('/messages', '&limit=2'));
      assert.deepEqual(page.body.map(({ content }) => content), ['message 2', 'message 3']);
      const [, next] = /<([^>]+)>/.exec(page.headers.link);
      assert.deepEqual((await get(server, next)).map(({ content }) => content), ['message 1'], 'its Link leads on');
      assert.equal((await get(server, of('/messages/last/1')))[0].content, 'message 3');
      const joined = await rest(server, 'POST', of('/join'), { userId: 'anna', userRole: 'cx-agent' });
      assert.equal(joined.body.conversation.id, conversationId);
      assert.equal((await rest(server, 'POST', of('/leave'), { userId: 'anna' })).status, 200);
    }
    refused(await rest(server, 'GET', '/chat/conversations//messages'), 400, 'invalid_id');
    refused(await rest(server, 'GET', '/chat/conversations/?conversationId='), 400, 'invalid_id');
    refused(await rest(server, 'GET', `/chat/conversations//messages?conversationId=${nowhere}`), 404, 'conversation_not_found');
  });

  scenario(world, 'without an id each start is a new conversation', async (open, server) => {
    const [one, other] = [await start(server), await start(server, { initialParticipants: undefined })];
    assert.notEqual(one.id, other.id);
    assert.deepEqual(one.participantIds, ['cust']);
    assert.deepEqual(other.participantIds, []);
    assert.equal(one.messageCount, 0);
  });

  scenario(world, 'a posted message is stored and broadcast like a sent one', async (open, server) => {
    const { id } = await start(server);
    const reader = await open(kind);
    await reader.join(id, 'agent', 'cx-agent');
    reader.take();
    const message = await post(server, id, 'cust', 'cx-customer', 'over REST', { clientMessageId: 'r-1' });
    await fence(server, [reader]);
    assert.deepEqual(reader.take(), [{ name: 'new_message', body: message }]);
    assert.deepEqual(await get(server, `/chat/conversations/${id}/messages`), [message]);
    assert.equal((await get(server, `/chat/conversations/${id}`)).messageCount, 1);
  });

  scenario(world, 'a message to an unknown conversation starts it', async (open, server) => {
    const id = unique('started-by-message');
    const message = await post(server, id, 'cust', 'cx-customer', 'anybody?');
    const conversation = await get(server, `/chat/conversations/${id}`);
    shapes.conversation(conversation);
    assert.deepEqual(conversation.participantIds, ['cust']);
    assert.equal(conversation.lastMessageAt, message.timestamp);
  });

  scenario(world, 'conversations are listed newest first', async (open, server) => {
    const ids = [];
    for (let i = 0; i < 3; i++) ids.unshift((await start(server)).id);
    const list = await get(server, '/chat/conversations?limit=3');
    list.forEach((one) => shapes.listedConversation(one));
    assert.deepEqual(list.map(({ id }) => id), ids);
    const next = await get(server, '/chat/conversations?limit=1&offset=1');
    assert.deepEqual(next.map(({ id }) => id), [ids[1]]);
    assert.ok((await get(server, '/chat/conversations')).length >= 3);
  });

  scenario(world, 'history is paged and depends on the named viewer', async (open, server) => {
    const { id } = await start(server);
    const sent = [];
    for (let i = 0; i < 5; i++) sent.push(await post(server, id, 'cust', 'cx-customer', `line ${i}`));
    sent.push(await post(server, id, 'bot', 'robot', 'a draft', { type: 'robot' }));
    const path = `/chat/conversations/${id}/messages`;
    assert.deepEqual(await get(server, path), sent);
    assert.deepEqual(await get(server, `${path}?limit=2`), sent.slice(4));
    assert.deepEqual(await get(server, `${path}?limit=2&offset=1`), sent.slice(3, 5));
    assert.deepEqual(await get(server, `${path}?limit=2&before=${sent[3].position}`), sent.slice(1, 3));
    assert.deepEqual(await get(server, `${path}?after=${sent[3].position}`), sent.slice(4));
    assert.deepEqual(await get(server, `${path}/last/2`), sent.slice(4));
    assert.deepEqual(await history(server, id, { userId: 'agent', userRole: 'cx-agent' }), sent);
    assert.deepEqual(
      await history(server, id, { userId: 'cust', userRole: 'cx-customer' }),
      sent.slice(0, 5),
    );
  });

  scenario(world, 'joins and leaves reach sockets and the list of participants', async (open, server) => {
    const { id } = await start(server);
    const watcher = await open(kind);
    await watcher.join(id, 'cust', 'cx-customer');
    watcher.take();
    const body = { userId: 'agent', userRole: 'cx-agent' };
    const join = await rest(server, 'POST', `/chat/conversations/${id}/join`, body);
    assert.equal(join.status, 200, join.text);
    shapes.joined(join.body, 'join');
    assert.equal(join.body.participant.userId, 'agent');
    const participants = await get(server, `/chat/conversations/${id}/participants`);
    participants.forEach((one) => shapes.participant(one, 'participants'));
    assert.deepEqual(participants.map(({ userId }) => userId), ['cust', 'agent']);
    assert.deepEqual(participants[1], join.body.participant);

    const leave = await rest(server, 'POST', `/chat/conversations/${id}/leave`, { userId: 'agent' });
    assert.equal(leave.status, 200, leave.text);
    shapes.done(leave.body, 'leave');
    await fence(server, [watcher]);
    assert.deepEqual(watcher.take(), [
      { name: 'user_joined', body: { conversationId: id, participant: join.body.participant } },
      { name: 'user_left', body: { conversationId: id, userId: 'agent' } },
    ]);
    const left = await rest(server, 'POST', `/chat/conversations/${id}/leave`, { userId: 'agent' });
    refused(left, 403, 'not_participant');
  });

  scenario(world, 'joining an unknown conversation starts it', async (open, server) => {
    const id = unique('joined');
    const body = { userId: 'cust', userRole: 'cx-customer' };
    const { status, body: reply } = await rest(server, 'POST', `/chat/conversations/${id}/join`, body);
    assert.equal(status, 200);
    assert.equal(reply.conversation.id, id);
  });

  scenario(world, 'ids in a path may be any Unicode', async (open, server) => {
    const id = unique('räum/日本 🛋️?#%');
    await start(server, { conversationId: id });
    await post(server, id, 'Ünï', 'cx-customer', 'hei');
    assert.equal((await get(server, `/chat/conversations/${encodeURIComponent(id)}`)).id, id);
    assert.equal((await history(server, id)).length, 1);
  });

  scenario(world, 'the dashboard figures are right', async (open, server) => {
    const before = await get(server, '/chat/dashboard/stats');
    shapes.stats(before, 'stats');
    const { id } = await start(server);
    await post(server, id, 'cust', 'cx-customer', 'one more');
    const after = await get(server, '/chat/dashboard/stats');
    shapes.stats(after, 'stats');
    assert.equal(after.activeConversations, before.activeConversations + 1);
    assert.equal(after.totalMessages, before.totalMessages + 1);
  });

  scenario(world, 'health, readiness and metrics answer', async (open, server) => {
    for (const path of ['/healthz', '/readyz']) {
      assert.equal((await rest(server, 'GET', path)).status, 200, path);
    }
    const metrics = await rest(server, 'GET', '/metrics');
    assert.equal(metrics.status, 200);
    assert.match(metrics.headers['content-type'], /^text\/plain/);
    const lines = metrics.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.ok(lines.length > 0);
    for (const line of lines) assert.match(line, /^[a-zA-Z_:][\w:]*(\{[^}]*\})? \S+( \d+)?$/);
    const histograms = [...metrics.text.matchAll(/^# TYPE (\w+) histogram$/gm)].map(([, name]) => name);
    const partOf = (name) => histograms.find((one) => [`${one}_bucket`, `${one}_sum`, `${one}_count`].includes(name));
    const names = new Set(lines.map((line) => /^\w+/.exec(line)[0]).map((name) => partOf(name) ?? name));
    const plain = rowsOf(await readDocument('docs/metrics.md')).filter((row) => !row.at(-1).includes('absent without TLS'));
    const documented = plain.map(([name]) => /^`(\w+)/.exec(name)?.[1]);
    // Those of a cluster are a node's alone: tests/cluster/nodes.test.mjs looks at them.
    const single = documented.filter((name) => name && !name.startsWith('parley_cluster_'));
    assert.deepEqual([...names].sort(), single.sort());
  });

  scenario(world, 'an unknown route is 404', async (open, server) => {
    for (const path of ['/chat', '/chat/nothing', '/chat/conversations/x/nothing', '/healthz/x']) {
      refused(await rest(server, 'GET', path), 404, 'not_found');
    }
  });

  scenario(world, 'an unknown conversation is 404', async (open, server) => {
    const path = `/chat/conversations/${nowhere}`;
    for (const rest_ of ['', '/messages', '/messages/last/3', '/participants']) {
      refused(await rest(server, 'GET', path + rest_), 404, 'conversation_not_found');
    }
    const leave = await rest(server, 'POST', `${path}/leave`, { userId: 'u' });
    refused(leave, 404, 'conversation_not_found');
  });

  scenario(world, 'a wrong method is 405', async (open, server) => {
    const wrong = [
      ['GET', '/chat/conversations/start-me/join'],
      ['GET', '/chat/conversations/x/leave'],
      ['GET', '/chat/messages'],
      ['DELETE', '/chat/messages'],
      ['POST', '/chat/conversations'],
      ['PUT', '/chat/conversations/start'],
      ['POST', '/chat/conversations/x/messages'],
      ['POST', '/chat/conversations/x/messages/last/3'],
      ['DELETE', '/chat/conversations/x/participants'],
      ['POST', '/chat/dashboard/stats'],
      ['POST', '/healthz'],
      ['POST', '/readyz'],
      ['POST', '/metrics'],
    ];
    for (const [method, path] of wrong) {
      const answer = await rest(server, method, path, method === 'GET' ? undefined : {});
      refused(answer, 405, 'method_not_allowed');
      const known = answer.headers.allow.split(', ');
      assert.ok(known.length > 0 && !known.includes(method), `${method} ${path}: ${answer.headers.allow}`);
    }
    assert.equal((await rest(server, 'DELETE', '/chat/conversations/start')).headers.allow, 'POST, GET, HEAD');
  });

  scenario(world, 'a page of another origin on this machine may send requests', async (open, server) => {
    const origin = 'http://localhost:5173';
    const preflight = await ask(server, 'OPTIONS', '/chat/messages', {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    });
    assert.ok([200, 204].includes(preflight.statusCode), `preflight: ${preflight.statusCode}`);
    const allowed = (answer) => answer.headers['access-control-allow-origin'];
    assert.equal(allowed(preflight), origin);
    assert.match(preflight.headers['access-control-allow-methods'], /\bPOST\b/);
    assert.match(preflight.headers['access-control-allow-headers'], /content-type|\*/i);
    for (const path of ['/chat/conversations', '/chat/nothing', '/socket.io/?EIO=4&transport=polling']) {
      const answer = await ask(server, 'GET', path, { origin });
      assert.equal(allowed(answer), origin, path);
    }
  });
});

/// Sends one request with its own `headers`; ignores the reply's body.
function ask(server, method, path, headers) {
  const answer = new Promise((resolve, reject) => {
    const request = http.request(new URL(path, server.url), { method, headers, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response));
    });
    request.on('error', reject);
    request.end();
  });
  return bounded(answer, answerMsMax, `${method} ${path}`);
}
