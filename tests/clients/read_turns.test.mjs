// Askers take turns at the readers: a connection with many REST requests delays only itself, and a
// large read delays no small one.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { kinds, rest, scenario, unique, useServer } from './support.mjs';
import { metric } from './metrics.mjs';
import { RawSocket } from './raw_socket.mjs';

const from = { fromUserId: 'ann', fromRole: 'cx-agent' };
const answersIn = (raw) => raw.text.split('HTTP/1.1 ').length - 1;

describe('reads take turns', () => {
  const world = useServer({ args: ['--readers.threads=1'] });

  scenario(world, 'a connection that sends many REST requests delays only itself', async (open, server) => {
    const room = unique('turns');
    const client = await open(kinds.v4WebSocket);
    for (let sent = 0; sent < 10_000; sent += 2000) {
      await Promise.all(Array.from({ length: 2000 }, () => client.say(room, 'x', from)));
    }
    const path = `/chat/conversations/${room}/messages?limit=1`;
    const greedy = new RawSocket(server);
    const other = new RawSocket(server);
    await Promise.all([greedy.opened, other.opened]);
    // As many as one connection may have in progress; each looks at many rows for a small reply.
    const asked = 16;
    const request = (query) => `GET ${path}&${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    greedy.send(request('offset=9000').repeat(asked));
    await greedy.until(() => answersIn(greedy) > 0, 'the first answer');
    other.send(request('before=1000000000'));
    await other.until(() => answersIn(other) === 1, 'the answer to the other one');
    const before = answersIn(greedy);
    await greedy.until(() => answersIn(greedy) === asked, 'all answers');
    assert.ok(before < asked / 2, `the other one waited for ${before} of ${asked}`);
    other.close();
    greedy.close();
  });

  scenario(world, 'a page that needs many rows is read, but not in the lane for small reads', async (open, server) => {
    const room = unique('notes');
    const client = await open(kinds.v4WebSocket);
    await client.say(room, 'seen', from);
    for (let sent = 0; sent < 24_000; sent += 2000) {
      const notes = Array.from({ length: 2000 }, () =>
        client.exchange('send_message', [{ conversationId: room, content: 'n', isVisible: false, ...from }]),
      );
      await Promise.all(notes);
    }
    const before = await metric(server, 'parley_reads_large_total');
    const path = `/chat/conversations/${room}/messages?limit=2`;
    assert.deepEqual((await rest(server, 'GET', path)).body.map(({ content }) => content), ['n', 'n']);
    assert.equal(await metric(server, 'parley_reads_large_total'), before, 'a small one');
    const seen = await rest(server, 'GET', `${path}&userId=cus&userRole=cx-customer`);
    assert.deepEqual(seen.body.map(({ content }) => content), ['seen']);
    assert.equal(await metric(server, 'parley_reads_large_total'), before + 1, 'over REST');
    await client.join(room, 'cus', 'cx-customer');
    const page = await client.do('get_messages', { conversationId: room, limit: 2, before: Number.MAX_SAFE_INTEGER });
    assert.deepEqual(page.map(({ content }) => content), ['seen']);
    assert.equal(await metric(server, 'parley_reads_large_total'), before + 2, 'over a socket');
    assert.equal(await metric(server, 'parley_reads_cut_total'), 0);
  });
});
