// GET /log/events and /log/events/:position: the log as it is stored, page by page, each event
// checked; and from which pages and machines nobody gets an answer.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, test } from 'node:test';
import { succeeds, temporaryFolder } from '../operations/support.mjs';
import { startServer } from '../support/server.mjs';
import { as, ratesOff, tokenOf, useIdentityServer } from './identity.mjs';
import { rest, unique, useServer } from './support.mjs';

const query = (parameters = {}) => `/log/events?${new URLSearchParams(parameters)}`;

async function get(server, path, headers = {}) {
  const answer = await rest(server, 'GET', path, undefined, headers);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

async function say(server, conversationId, fromUserId, fromRole, content, more = {}) {
  const body = { conversationId, fromUserId, fromRole, content, ...more };
  const answer = await rest(server, 'POST', '/chat/messages', body);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

/// All pages from the first one on, following `next`.
async function pages(server, parameters) {
  const found = [];
  for (let next = {}; next !== null;) {
    const page = await get(server, query({ ...parameters, ...next }));
    found.push(page);
    next = page.next;
    assert.ok(found.length < 1000, 'the pages have no end');
  }
  return found;
}
const positions = (page) => page.events.map(({ position }) => position);

describe('the log', () => {
  const world = useServer();

  test('an event is the line of an export, notes included', async () => {
    const room = unique('room');
    await say(world.server, room, 'ann', 'cx-customer', 'Where is my parcel?');
    const note = await say(world.server, room, 'olga', 'cx-agent', 'She is angry', { isVisible: false });
    const { events, head } = await get(world.server, query({ conversationId: room }));
    assert.equal(events[0].position, note.position);
    assert.equal(head, note.position);
    const lines = (await succeeds('export', '--data', world.server.dataDir, '--conversation', room)).trim().split('\n').slice(1, -1);
    assert.deepEqual(events.toReversed(), lines.map((line) => JSON.parse(line)));
    assert.match(events[0].hash, /^[0-9a-f]{64}$/);
    assert.equal(events[0].content, 'She is angry');
  });

  test('pages lead back to the first event and forward to the last one', async () => {
    for (let i = 0; i < 12; i++) await say(world.server, unique('room'), 'ann', 'cx-customer', `number ${i}`);
    const back = await pages(world.server, { limit: 5 });
    const { head } = back[0];
    assert.deepEqual(back.flatMap(positions), Array.from({ length: head }, (_, i) => head - i));
    const forward = await pages(world.server, { after: 0, limit: 5 });
    assert.deepEqual(forward.flatMap(positions), Array.from({ length: head }, (_, i) => i + 1));
    assert.deepEqual(await get(world.server, query({ after: head })), { events: [], next: null, head });
    const more = await say(world.server, unique('room'), 'ann', 'cx-customer', 'one more');
    assert.ok(positions(await get(world.server, query({ after: head }))).includes(more.position));
  });

  test('filters, alone and together', async () => {
    const [room, other, ann, bob] = ['room', 'other', 'ann', 'bob'].map(unique);
    await say(world.server, room, ann, 'cx-customer', 'one');
    await say(world.server, other, ann, 'cx-customer', 'two');
    await say(world.server, room, bob, 'cx-agent', 'three');
    const contents = async (parameters) =>
      (await pages(world.server, parameters)).flatMap(({ events }) => events.map(({ type, content }) => (type === 'message_sent' ? content : type)));
    assert.deepEqual(await contents({ userId: ann, type: 'message_sent' }), ['two', 'one']);
    assert.deepEqual(await contents({ conversationId: room, type: 'message_sent,message_shared' }), ['three', 'one']);
    assert.deepEqual(await contents({ conversationId: room, userId: bob }), ['three', 'participant_joined']);
    assert.deepEqual(await contents({ conversationId: room, userId: bob, after: 0, limit: 1 }), ['participant_joined', 'three']);
    assert.deepEqual(await contents({ conversationId: unique('nowhere') }), []);
    assert.deepEqual(await contents({ userId: unique('nobody') }), []);
  });

  test('a time is a place in the log', async () => {
    const room = unique('room');
    const first = await say(world.server, room, 'ann', 'cx-customer', 'one');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await say(world.server, room, 'ann', 'cx-customer', 'two');
    const messages = { conversationId: room, type: 'message_sent' };
    assert.deepEqual(positions(await get(world.server, query({ ...messages, before: second.timestamp }))), [first.position]);
    assert.deepEqual(positions(await get(world.server, query({ ...messages, after: first.timestamp }))), [second.position]);
    assert.deepEqual(positions(await get(world.server, query({ ...messages, after: '-1h' }))), [first.position, second.position]);
  });

  test('large events make short pages, and none is lost', async () => {
    const room = unique('room');
    for (let i = 0; i < 5; i++) await say(world.server, room, 'ann', 'cx-customer', `${i}`.padEnd(400_000, 'x'));
    const found = await pages(world.server, { conversationId: room, type: 'message_sent' });
    assert.ok(found.length > 2, `${found.length} pages`);
    assert.deepEqual(found.flatMap(({ events }) => events.map(({ content }) => content[0])), ['4', '3', '2', '1', '0']);
  });

  test('one event, checked against the one before it', async () => {
    const room = unique('room');
    const first = await say(world.server, room, 'ann', 'cx-customer', 'one');
    const second = await say(world.server, room, 'ann', 'cx-customer', 'two');
    const checked = await get(world.server, `/log/events/${second.position}`);
    const before = await get(world.server, `/log/events/${second.position - 1}`);
    const { event, hash, previousHash, recomputedHash, ...rest } = checked;
    assert.deepEqual([event.content, event.hash], ['two', hash]);
    assert.equal(previousHash, before.hash);
    assert.equal(recomputedHash, hash);
    assert.deepEqual(rest, {
      ok: true,
      emptied: false,
      cause: null,
      inConversation: { previous: first.position, next: null },
      head: second.position,
    });
    const joined = before.event.conversationId === room ? before : await get(world.server, `/log/events/${first.position - 1}`);
    assert.ok(joined.inConversation.next >= first.position);
    assert.equal((await get(world.server, '/log/events/1')).previousHash, '0'.repeat(64));
  });

  test('what is no question is refused in words', async () => {
    const bad = [
      ['before=1&after=2', /exclude each other/],
      ['before=soon', /^before: /],
      ['after=-1', /^after: /],
      ['limit=0', /from 1 to 500/],
      ['limit=501', /from 1 to 500/],
      ['type=message', /names of event types/],
      ['type=', /names of event types/],
      ['limit=1&limit=2', /only once/],
    ];
    for (const [text, words] of bad) {
      const answer = await rest(world.server, 'GET', `/log/events?${text}`);
      assert.equal(answer.status, 400, text);
      assert.match(answer.body.error, words);
    }
    assert.equal((await rest(world.server, 'GET', '/log/events?conversationId=')).body.code, 'invalid_id');
    for (const position of ['0', '-1', 'x', '9223372036854775807', '99999999999999999999']) {
      assert.equal((await rest(world.server, 'GET', `/log/events/${position}`)).body.code, 'invalid_value', position);
    }
    const far = await rest(world.server, 'GET', '/log/events/9000000000000');
    assert.equal(far.status, 404);
    assert.match(far.body.error, /its last one is \d+/);
    assert.equal((await rest(world.server, 'GET', query({ before: '9223372036854775807' }))).status, 200);
    assert.equal((await rest(world.server, 'GET', query({ after: '9223372036854775807' }))).status, 200);
    assert.equal((await rest(world.server, 'POST', '/log/events', {})).status, 405);
  });
});

describe('from which page the log is read', () => {
  const anywhere = useServer({ args: ['--cors.origins=*'] });
  const listed = useServer({ args: ['--cors.origins=https://shop.example'] });
  const own = (server) => `http://localhost:${server.port}`;

  for (const [name, world] of Object.entries({ 'any page allowed': anywhere, 'one page allowed': listed })) {
    test(`${name}: only the server's own pages get an answer`, async () => {
      const { server } = world;
      const page = { origin: 'https://shop.example' };
      const refused = [
        page,
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'something new' },
        { ...page, 'sec-fetch-site': 'same-site' },
        { origin: 'null', 'sec-fetch-site': 'cross-site' },
        { origin: `http://localhost:${server.port + 1}`, host: `localhost:${server.port}` },
      ];
      const preflight = { ...page, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
      for (const [path, allow] of [
        ['/console/sql', 'POST'], ['/console/verify', 'POST'], ['/console/status', 'GET, HEAD'],
        ['/log/events', 'GET, HEAD'], ['/%6cog/events/7/', 'GET, HEAD'],
      ]) {
        const answer = await rest(server, 'OPTIONS', path, undefined, preflight);
        assert.deepEqual([answer.status, answer.headers.allow], [405, allow], path);
        assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin');
        const told = Object.keys(answer.headers).filter((header) => header.startsWith('access-control-'));
        assert.deepEqual(told, [], path);
      }
      const other = await rest(server, 'OPTIONS', '/chat/messages', undefined, preflight);
      assert.equal(other.status, 204);
      assert.notEqual(other.headers['access-control-allow-origin'], undefined);
      for (const path of ['/log/events', '/log/events/1', '/%6cog/events', '/log/events/']) {
        for (const headers of refused) {
          const answer = await rest(server, 'GET', path, undefined, headers);
          assert.equal(answer.status, 403, `${path} ${JSON.stringify(headers)}: ${answer.text}`);
          assert.equal(answer.body.code, 'origin_refused');
          if (answer.headers['cross-origin-resource-policy'] === undefined) {
            assert.notEqual(answer.headers['access-control-allow-origin'], headers.origin); // refused before the route is known
          } else {
            assert.equal(answer.headers['access-control-allow-origin'], undefined);
          }
        }
        const host = `localhost:${server.port}`;
        for (const headers of [{}, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, { origin: own(server), host }]) {
          const answer = await rest(server, 'GET', path, undefined, headers);
          assert.notEqual(answer.status, 403, `${path} ${JSON.stringify(headers)}`);
          assert.equal(answer.headers['access-control-allow-origin'], undefined);
          assert.equal(answer.headers['access-control-allow-credentials'], undefined);
          assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin');
        }
      }
      const chat = await rest(server, 'GET', '/chat/conversations', undefined, page);
      assert.ok(chat.headers['access-control-allow-origin'], 'other routes answer that page');
    });
  }
});

describe('from which machine the log is read', () => {
  const world = useServer({ args: ['--proxy.trusted', '127.0.0.1'] });
  test('with auth.mode=none only from the server\'s own', async () => {
    for (const path of ['/log/events', '/log/events/1']) {
      const far = await rest(world.server, 'GET', path, undefined, { 'x-forwarded-for': '203.0.113.7' });
      assert.equal(far.status, 403);
      assert.equal(far.body.code, 'forbidden');
      const here = await rest(world.server, 'GET', path, undefined, { 'x-forwarded-for': '127.0.0.1' });
      assert.notEqual(here.status, 403);
    }
  });
});

describe('who reads the log', () => {
  const world = useIdentityServer(ratesOff);

  test('supervisors and auditors, with notes; not a token for single conversations', async () => {
    const room = unique('room');
    const note = { conversationId: room, fromUserId: 'olga', fromRole: 'cx-agent', content: 'secret', isVisible: false };
    assert.equal((await as(world, world.back, 'POST', '/chat/messages', note)).status, 201);
    for (const actor of ['supervisor', 'auditor']) {
      const { status, body } = await as(world, tokenOf(actor, actor), 'GET', query({ conversationId: room }));
      assert.equal(status, 200);
      assert.equal(body.events[0].content, 'secret');
    }
    for (const actor of ['customer', 'agent', 'robot', 'service', 'operator']) {
      assert.equal((await as(world, tokenOf(actor, actor), 'GET', query())).body.code, 'forbidden', actor);
    }
    const bound = tokenOf('supervisor', 'visitor', { conversations: [room] });
    assert.equal((await as(world, bound, 'GET', query({ conversationId: room }))).body.code, 'forbidden');
    assert.equal((await as(world, null, 'GET', query())).status, 401);
  });
});

describe('a log that was changed from outside', { timeout: 120_000 }, () => {
  test('the changed event is told from the good ones, and an emptied one is good', async () => {
    const folder = path.join(await temporaryFolder(), 'run');
    const end = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    await succeeds('generate', '--events', '5000', '--seed', '3', '--days', '30', '--end', end, '--data', folder);
    const sql = (text) => execFileSync('sqlite3', [path.join(folder, 'parley.db'), text], { encoding: 'utf8' });
    const position = Number(sql("SELECT min(position) FROM event WHERE content IS NOT NULL AND position > 40 AND type = 4"));
    const trigger = sql("SELECT sql FROM sqlite_schema WHERE name = 'event_never_updated'");
    sql(`DROP TRIGGER event_never_updated;
      UPDATE event SET content = 'X' || substr(content, 2) WHERE position = ${position};
      ${trigger}`);
    const server = await startServer({ dataDir: folder, args: ['--retention.typing', '1000'] });
    try {
      const changed = await get(server, `/log/events/${position}`);
      assert.equal(changed.ok, false);
      assert.notEqual(changed.recomputedHash, changed.hash);
      assert.match(changed.problem, /its hash is /);
      assert.equal(changed.event.content[0], 'X');
      for (const near of [position - 1, position + 1]) assert.equal((await get(server, `/log/events/${near}`)).ok, true);

      const typing = Number(sql("SELECT min(position) FROM event WHERE type = 5"));
      for (let tries = 0; ; tries++) {
        const event = await get(server, `/log/events/${typing}`);
        assert.equal(event.ok, true, JSON.stringify(event));
        if (event.emptied) {
          assert.match(event.event.commitment, /^[0-9a-f]{64}$/);
          assert.equal(event.event.emptied, true);
          break;
        }
        assert.ok(tries < 200, 'retention empties nothing');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    } finally {
      await server.kill9();
    }
  });
});
