// A client may send everything that the protocol allows. If it asks for something impossible, the
// request is refused and the connection stays open.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { history, kinds, reconnectMsMax, recovering, rest, scenario, unique, useServer } from './support.mjs';
import * as shapes from './shapes.mjs';

const contentBytesMax = 512 * 1024;

/// Sends a raw packet that no client library would write.
const write = (client, packet) => client.socket.io.engine.write(packet);

describe('legal packets', () => {
  const world = useServer();

  for (const kind of [kinds.v4WebSocket, kinds.v4Polling, kinds.v3]) {
    scenario(world, `${kind.name}: a number as an event name is an unknown event`, async (open) => {
      const client = await open(kind);
      const { id } = client.socket;
      for (const name of [7, 0, -1.5]) {
        const reply = await client.ask(name, { conversationId: 'c' });
        shapes.refusal(reply, `the refusal of ${name}`);
        assert.equal(reply.code, 'unknown_event');
        client.take();
        client.tell(name);
        const exception = await client.receives('exception');
        assert.equal(exception.code, 'unknown_event');
        assert.equal(exception.event, String(name));
        client.take();
      }
      assert.equal(client.socket.id, id);
      assert.deepEqual(client.disconnects, []);
    });
  }

  scenario(world, 'a whole number may be written as a fraction or with an exponent', async (open, server) => {
    const room = unique('whole');
    const client = await open(kinds.v4WebSocket);
    await client.join(room, 'ann', 'cx-agent');
    const [one, two] = [await client.say(room, 'one'), await client.say(room, 'two')];
    const reads = [
      ['"limit":1.0', [two]],
      ['"limit":1e0', [two]],
      ['"limit":10e-1,"offset":1.0', [one]],
      [`"before":${two.position}.0`, [one]],
      [`"after":${one.position}e0`, [two]],
    ];
    for (const [fields, expected] of reads) {
      client.take();
      write(client, `2["get_messages",{"conversationId":"${room}",${fields}}]`);
      assert.deepEqual(await client.receives('get_messages'), expected, fields);
    }
    write(client, `2["send_message",{"conversationId":"${room}","content":"three","expectedSeq":${two.seq}.0e0}]`);
    await client.receives('new_message', ({ content }) => content === 'three');
    const body = `{"conversationId":"${room}","fromUserId":"ann","fromRole":"cx-agent","content":"four","expectedSeq":${two.seq + 1}.00}`;
    assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
    assert.equal((await history(server, room)).length, 4);
  });

  scenario(world, 'a number too large for a double is a number, and out of range', async (open, server) => {
    const room = unique('endless');
    const client = await open(kinds.v4WebSocket);
    const { id } = client.socket;
    await client.join(room, 'ann', 'cx-agent');
    for (const number of ['1e400', '-1e400', '9'.repeat(400), '1.5e309']) {
      write(client, `2["send_message",{"conversationId":"${room}","content":"x","expectedSeq":${number}}]`);
      assert.equal((await client.receives('exception')).code, 'invalid_value', number);
      client.take();
      write(client, `2["get_messages",{"conversationId":"${room}","unknown":${number}}]`);
      assert.deepEqual(await client.receives('get_messages'), [], number);
      client.take();
      const body = `{"conversationId":"${room}","fromUserId":"a","fromRole":"robot","content":"x","expectedSeq":${number}}`;
      assert.equal((await rest(server, 'POST', '/chat/messages', body)).body.code, 'invalid_value');
    }
    assert.equal(client.socket.id, id);
  });
});

describe('escaped content', () => {
  const world = useServer();
  const contents = {
    newlines: '\n',
    'control characters': '\u0001',
    quotes: '"',
    umlauts: 'ü',
    'characters beyond the basic plane': '👋',
  };
  const within = (character) => character.repeat(Math.floor(contentBytesMax / Buffer.byteLength(character)));
  /// As clients of other languages often write it: all non-ASCII characters, or all characters,
  /// escaped.
  const escaped = (text) => [...text].flatMap((one) => one.split('')).map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

  for (const kind of [kinds.v4WebSocket, kinds.v4Polling]) {
    for (const [what, character] of Object.entries(contents)) {
      scenario(world, `${kind.name}: 512 KiB of ${what} fit, and one byte more is refused`, async (open, server) => {
        const room = unique('escapes');
        const [writer, reader] = [await open(kind), await open(kinds.v4WebSocket)];
        const { id } = writer.socket;
        await writer.join(room, 'ann', 'cx-customer');
        await reader.join(room, 'bob', 'cx-agent');
        const content = within(character);
        const sent = await writer.say(room, content);
        assert.ok(sent.content === content);
        assert.ok((await reader.receives('new_message')).content === content);
        assert.ok((await writer.do('get_messages', { conversationId: room }))[0].content === content);
        const reply = await writer.ask('send_message', { conversationId: room, content: `${content}${character}` });
        assert.equal(reply.code, 'too_long');
        const dto = { conversationId: room, fromUserId: 'ann', fromRole: 'cx-customer' };
        const posted = await rest(server, 'POST', '/chat/messages', { ...dto, content });
        assert.equal(posted.status, 201);
        assert.ok(posted.body.content === content);
        assert.equal(writer.socket.id, id);
        assert.deepEqual(writer.disconnects, []);
      });
    }
  }

  scenario(world, '512 KiB also fit if a client escapes every character', async (open, server) => {
    const room = unique('all-escaped');
    const client = await open(kinds.v4WebSocket);
    await client.join(room, 'ann', 'cx-agent');
    for (const character of ['x', 'ü', '👋']) {
      const content = within(character);
      write(client, `2["send_message",{"conversationId":"${room}","content":"${escaped(content)}"}]`);
      const got = await client.receives('new_message', (body) => body.content.startsWith(character));
      assert.ok(got.content === content);
      const body = `{"conversationId":"${room}","fromUserId":"ann","fromRole":"cx-agent","content":"${escaped(content)}"}`;
      assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
    }
    assert.deepEqual(client.disconnects, []);
  });

  for (const kind of [kinds.v4WebSocket, kinds.v4Polling]) {
    scenario(world, `${kind.name}: a client that comes back receives them, and can read them`, async (open, server) => {
      const room = unique('away');
      const client = await open(recovering(kind));
      await client.join(room, 'bob', 'cx-agent');
      await client.say(room, 'heard');
      await client.receives('new_message');
      client.socket.io.reconnection(false);
      client.socket.io.engine.close();
      await client.dropped();
      client.take();
      const content = within('\u0001');
      const dto = { conversationId: room, fromUserId: 'ann', fromRole: 'cx-customer', content };
      const missed = [];
      for (let i = 0; i < 3; i++) missed.push((await rest(server, 'POST', '/chat/messages', dto)).body);
      client.socket.io.reconnection(true);
      client.socket.connect();
      await client.connected(reconnectMsMax);
      assert.equal(client.socket.recovered, true);
      await client.receives('new_message', ({ id }) => id === missed[2].id);
      const told = client.take().filter(({ name }) => name === 'new_message');
      assert.deepEqual(told.map(({ body }) => body.id), missed.map(({ id }) => id));
      assert.ok(told.every(({ body }) => body.content === content));
      const read = await client.do('get_messages', { conversationId: room });
      assert.equal(read.at(-1).id, missed[2].id);
      assert.equal(client.disconnects.length, 1);
    });
  }
});
