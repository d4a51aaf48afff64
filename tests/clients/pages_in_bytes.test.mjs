// Pages are bounded in bytes as well as in messages. A client can read any history, with messages
// of any size, by paging until a page is empty.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { kinds, rest, scenario, unique, useServer } from './support.mjs';

const pageBytesMax = 1024 * 1024;
const bytesOf = (page) => Buffer.byteLength(JSON.stringify(page));
const positions = (page) => page.map(({ position }) => position);
const pathOf = (room) => `/chat/conversations/${encodeURIComponent(room)}/messages`;

const from = { fromUserId: 'ann', fromRole: 'cx-agent' };

/// Sends without joining, so its messages are not delivered to itself.
async function fill(client, room, count, content) {
  return positions(await Promise.all(Array.from({ length: count }, () => client.say(room, content, from))));
}

/// Returns all pages of `ask` (a query → a page), by `before` or `after`, until one is empty.
async function pagedOn(ask, forward) {
  const pages = [];
  for (let query = forward ? { after: 0 } : {}; ; ) {
    const page = await ask(query);
    if (page.length === 0) return pages;
    assert.ok(page.length === 1 || bytesOf(page) <= pageBytesMax, `${bytesOf(page)} bytes`);
    pages.push(page);
    query = forward ? { after: page.at(-1).position } : { before: page[0].position };
  }
}

/// Follows `Link: <...>; rel="next"` from `path` until a reply has none.
async function followed(server, path) {
  const pages = [];
  for (let next = path; next; ) {
    const answer = await rest(server, 'GET', next);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.body.length === 1 || Buffer.byteLength(answer.text) <= pageBytesMax, next);
    next = /^<([^>]*)>; rel="next"$/.exec(answer.headers.link ?? '')?.[1];
    pages.push({ page: answer.body, truncated: answer.headers['parley-truncated'], next });
  }
  return pages;
}

describe('pages in bytes', () => {
  const world = useServer({ args: ['--polling.queue=65536', '--participants.max=10000'] });

  for (const kind of [kinds.v4WebSocket, kinds.v4Polling]) {
    scenario(world, `fifty messages of 100 kB reach a client page by page (${kind.name})`, async (open) => {
      const room = unique('heavy');
      const writer = await open(kinds.v4WebSocket);
      const all = await fill(writer, room, 50, 'x'.repeat(100_000));
      const reader = await open(kind);
      const ask = (query) => reader.ask('get_messages', { conversationId: room, limit: 50, ...query });
      const newest = await ask({});
      assert.equal(newest.at(-1).position, all.at(-1), 'cut at the far end: the newest is there');
      const back = await pagedOn(ask, false);
      assert.deepEqual(back.reverse().flatMap(positions), all);
      const oldest = await ask({ after: 0 });
      assert.equal(oldest[0].position, all[0], 'forward, the oldest is there');
      assert.deepEqual((await pagedOn(ask, true)).flatMap(positions), all);
      assert.deepEqual(reader.disconnects, []);
    });
  }

  scenario(world, 'bytes are counted as sent: a page of newlines holds half as many', async (open) => {
    const room = unique('newlines');
    const client = await open(kinds.v4WebSocket);
    const all = await fill(client, room, 6, '\n'.repeat(200_000));
    const ask = (query) => client.ask('get_messages', { conversationId: room, ...query });
    assert.deepEqual(positions(await ask({})), all.slice(-2));
    assert.deepEqual((await pagedOn(ask, false)).reverse().flatMap(positions), all);
  });

  scenario(world, 'a message larger than a page is a page of its own', async (open, server) => {
    const room = unique('single');
    const client = await open(kinds.v4WebSocket);
    const all = await fill(client, room, 3, '\n'.repeat(512 * 1024));
    const pages = await pagedOn((query) => client.ask('get_messages', { conversationId: room, ...query }), false);
    assert.deepEqual(pages.reverse().map(positions), all.map((one) => [one]));
    const followedPages = await followed(server, `${pathOf(room)}?limit=3`);
    assert.deepEqual(followedPages.reverse().map(({ page }) => positions(page)), all.map((one) => [one]));
  });

  scenario(world, 'a page over REST tells that it was cut, and links to the next one', async (open, server) => {
    const room = unique('a/b ü"');
    const client = await open(kinds.v4WebSocket);
    const all = await fill(client, room, 25, 'x'.repeat(100_000));
    const back = await followed(server, `${pathOf(room)}?limit=25&userId=ann&userRole=cx-agent`);
    assert.equal(back[0].truncated, 'true');
    assert.match(back[0].next, new RegExp(`before=${back[0].page[0].position}\\b`));
    assert.match(back[0].next, /limit=25/);
    assert.match(back[0].next, /userRole=cx-agent/);
    assert.deepEqual(back.reverse().flatMap(({ page }) => positions(page)), all);
    assert.equal(back[0].truncated, undefined, 'the last page is not cut');

    const forward = await followed(server, `${pathOf(room)}?after=0&limit=25&offset=2`);
    assert.match(forward[0].next, new RegExp(`after=${forward[0].page.at(-1).position}\\b`));
    assert.doesNotMatch(forward[0].next, /offset/);
    assert.deepEqual(forward.flatMap(({ page }) => positions(page)), all.slice(2));

    const last = await followed(server, `${pathOf(room)}/last/25`);
    assert.equal(last[0].truncated, 'true');
    assert.deepEqual(last.reverse().flatMap(({ page }) => positions(page)), all);

    // Between two positions: backwards, to the first one.
    const between = await followed(server, `${pathOf(room)}?after=${all[2]}&before=${all[22]}&limit=25`);
    assert.deepEqual(between.reverse().flatMap(({ page }) => positions(page)), all.slice(3, 22));
  });

  scenario(world, 'a page that is full, but not cut, also links to a next one', async (open, server) => {
    const room = unique('light');
    const client = await open(kinds.v4WebSocket);
    const all = await fill(client, room, 5, 'x');
    const pages = await followed(server, `${pathOf(room)}?limit=2`);
    assert.deepEqual(pages.map(({ page }) => page.length), [2, 2, 1]);
    assert.deepEqual(pages.map(({ truncated }) => truncated), [undefined, undefined, undefined]);
    assert.deepEqual(pages.reverse().flatMap(({ page }) => positions(page)), all);
  });

  scenario(world, 'a web page from another origin may read the paging headers', async (open, server) => {
    const room = unique('headers');
    const client = await open(kinds.v4WebSocket);
    await fill(client, room, 2, 'x');
    const answer = await rest(server, 'GET', `${pathOf(room)}?limit=1`);
    const exposed = answer.headers['access-control-expose-headers'].split(/, */);
    assert.ok(exposed.includes('Link') && exposed.includes('Parley-Truncated'), `${exposed}`);
  });

  scenario(world, 'the list of conversations is cut in bytes, and continues before the last one', async (_, server) => {
    // 100 participants with long ids: each conversation weighs about 20 kB.
    const name = (i) => `${i}-${'ü'.repeat(60)}`;
    const description = 'd'.repeat(16 * 1024);
    const made = [];
    for (let i = 0; i < 60; i++) {
      const body = { createdBy: 'ann', createdByRole: 'cx-agent', description, conversationId: unique('list') };
      body.initialParticipants = Array.from({ length: 100 }, (_, p) => name(p));
      const answer = await rest(server, 'POST', '/chat/conversations/start', body);
      assert.equal(answer.status, 201, answer.text);
      made.push(answer.body.id);
    }
    const pages = await followed(server, '/chat/conversations?limit=100');
    assert.equal(pages[0].truncated, 'true');
    assert.match(pages[0].next, new RegExp(`before=${pages[0].page.at(-1).id}`));
    const listed = pages.flatMap(({ page }) => page.map(({ id }) => id));
    assert.deepEqual(listed.slice(0, made.length), [...made].reverse());
    assert.equal(new Set(listed).size, listed.length, 'none twice');

    const unknown = await rest(server, 'GET', '/chat/conversations?before=nobody-knows-it');
    assert.equal(unknown.status, 404);
    assert.equal(unknown.body.code, 'conversation_not_found');
  });

  scenario(world, 'participants are listed in the order of joining, page by page', async (open, server) => {
    const room = unique('crowd');
    const client = await open(kinds.v4WebSocket);
    // Each is sent as about 280 bytes.
    const users = Array.from({ length: 4000 }, (_, i) => `${i}-${'"'.repeat(100)}`);
    await Promise.all(
      users.map((fromUserId) => client.say(room, 'x', { fromUserId, fromRole: 'cx-customer' })),
    );
    await client.do('leave_room', { conversationId: room, userId: users[0] });
    await client.say(room, 'back', { fromUserId: users[0], fromRole: 'cx-customer' });
    const pages = await followed(server, `/chat/conversations/${room}/participants`);
    assert.equal(pages[0].truncated, 'true');
    const listed = pages.flatMap(({ page }) => page.map(({ userId }) => userId));
    assert.deepEqual(listed, [...users.slice(1), users[0]]);
  });

  scenario(world, 'the missed messages in a conflict are bounded in bytes as sent', async (open) => {
    const room = unique('missed');
    const client = await open(kinds.v4WebSocket);
    await fill(client, room, 3, '\n'.repeat(120_000));
    const refused = await client.ask('send_message', { conversationId: room, content: 'late', expectedSeq: 2, ...from });
    assert.equal(refused.code, 'conflict');
    assert.equal(refused.missed.length, 1);
    assert.equal(refused.more, true);
  });
});
