// Socket.IO v5 over the wire, as https://github.com/socketio/socket.io-protocol describes it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  binary,
  closeCode,
  nextPacket,
  openWebSocket,
  quietServer,
  request,
  target,
  text,
} from './wire.mjs';

const server = quietServer();
const open = () => openWebSocket(server.socketIoPort, 'socket.io');

async function connected(nsp = '') {
  const raw = await open();
  raw.send(text(nsp ? `40${nsp},` : '40'));
  await nextPacket(raw);
  await nextPacket(raw); // auth
  return raw;
}

async function ask(raw, packet, attachments = []) {
  raw.send(Buffer.concat([text(packet), ...attachments.map((bytes) => binary(bytes))]));
  return nextPacket(raw);
}

describe('connecting', { concurrency: 8 }, () => {
  const rows = [
    ['40', '40', '42["auth",{}]'],
    ['40{"token":"123"}', '40', '42["auth",{"token":"123"}]'],
    ['40/custom,', '40/custom,', '42/custom,["auth",{}]'],
    ['40/custom,{"b":1,"a":[2]}', '40/custom,', '42/custom,["auth",{"b":1,"a":[2]}]'],
  ];
  for (const [sent, reply, auth] of rows) {
    it(`${sent} is accepted, with its own sid and its payload`, async () => {
      const raw = await open();
      const packet = await ask(raw, sent);
      assert.ok(packet.startsWith(reply));
      const { sid, ...rest } = JSON.parse(packet.slice(reply.length));
      assert.deepEqual(rest, {}); // recovery is off: no pid
      assert.equal(typeof sid, 'string');
      assert.notEqual(sid, raw.open.sid);
      assert.equal(await nextPacket(raw), auth);
      raw.destroy();
    });
  }

  it('the Socket.IO id is not an Engine.IO sid', async () => {
    const raw = await open();
    const { sid } = JSON.parse((await ask(raw, '40')).slice(2));
    const answer = await request(server.socketIoPort, 'GET', target('socket.io', 'polling', sid));
    assert.equal(JSON.parse(answer.body).code, 1);
    raw.destroy();
  });

  it('an unknown namespace is refused and the connection stays open', async () => {
    const raw = await open();
    assert.equal(await ask(raw, '40/random,'), '44/random,{"message":"Invalid namespace"}');
    assert.ok((await ask(raw, '40')).startsWith('40{'));
    raw.destroy();
  });

  it('a client that enters no namespace is closed, one that did stays', async () => {
    const joined = await connected();
    const raw = await open();
    assert.equal(await closeCode(raw), 1000);
    await raw.closed();
    assert.equal(await ask(joined, '42["message"]'), '42["message-back"]');
    joined.destroy();
  });

  it('works over polling too', async () => {
    const where = target('socket.io', 'polling');
    const { sid } = JSON.parse((await request(server.socketIoPort, 'GET', where)).body.slice(1));
    const own = target('socket.io', 'polling', sid);
    await request(server.socketIoPort, 'POST', own, '40\x1e42["message",1]');
    let received = '';
    while (!received.includes('message-back')) {
      received += `\x1e${(await request(server.socketIoPort, 'GET', own)).body}`;
    }
    const packets = received.split('\x1e').filter((packet) => packet && packet !== '2');
    assert.ok(packets[0].startsWith('40{"sid":'));
    assert.deepEqual(packets.slice(1), ['42["auth",{}]', '42["message-back",1]']);
  });
});

describe('leaving', () => {
  it('one of several namespaces does not affect the others', async () => {
    const raw = await connected();
    await ask(raw, '40/custom,');
    await nextPacket(raw); // auth
    raw.send(text('41/custom,'));
    assert.equal(await ask(raw, '42["message","on"]'), '42["message-back","on"]');
    raw.send(text('42/custom,["message"]'));
    assert.equal(await closeCode(raw), 1002);
  });

  it('and entering again', async () => {
    const raw = await connected();
    raw.send(text('41'));
    assert.ok((await ask(raw, '40{"again":true}')).startsWith('40{'));
    assert.equal(await nextPacket(raw), '42["auth",{"again":true}]');
    raw.destroy();
  });
});

describe('events and acks', { concurrency: 8 }, () => {
  const back = [
    '["message"]',
    '["message",1,"2",{"3":[true]}]',
    '["message",{"z":1,"a":2,"m":{"y":1,"b":2}}]', // in the order of arrival
    '["message",{"10":1,"2":2,"":3,"__proto__":4,"constructor":5}]',
    '["message","héß€😀\u202eمرحبا","\\u0000\\n\\"\\\\"]',
    '["message",null,[],{},[[[]]],"",0,-1,0.5]',
    '["message",9007199254740993,18446744073709551615,-9223372036854775808]',
  ];
  for (const payload of back) {
    it(`${payload} comes back unchanged`, async () => {
      const raw = await connected();
      const expected = payload.replace('"message"', '"message-back"');
      assert.equal(await ask(raw, `42${payload}`), `42${expected}`);
      raw.destroy();
      const custom = await connected('/custom');
      assert.equal(await ask(custom, `42/custom,${payload}`), `42/custom,${expected}`);
      custom.destroy();
    });
  }

  it('numbers in any notation keep their value', async () => {
    const numbers = ['1.0', '1.10', '1e3', '1E-7', '-0.0', '0.1', '123456789012345678901234567890', '5e-324', '1.7976931348623157e308'];
    const raw = await connected();
    const packet = await ask(raw, `42["message",${numbers}]`);
    const [, ...values] = JSON.parse(packet.slice(2));
    assert.deepEqual(values, JSON.parse(`[${numbers}]`));
    raw.destroy();
  });

  it('attachments come back with their packet', async () => {
    const raw = await connected();
    const packet =
      '452-["message",{"_placeholder":true,"num":1},"x",{"a":[{"_placeholder":true,"num":0}]}]';
    assert.equal(await ask(raw, packet, [Buffer.of(1, 2, 3), Buffer.of()]), packet.replace('"message"', '"message-back"'));
    assert.deepEqual([...(await nextPacket(raw))], [1, 2, 3]);
    assert.deepEqual([...(await nextPacket(raw))], []);
    raw.destroy();
  });

  const acks = [
    ['420["message-with-ack"]', '430[]'],
    ['42456["message-with-ack",1,"2",{"3":[false]}]', '43456[1,"2",{"3":[false]}]'],
    ['4218446744073709551615["message-with-ack",{"z":1,"a":2}]', '4318446744073709551615[{"z":1,"a":2}]'],
  ];
  for (const [sent, received] of acks) {
    it(`${sent} is acknowledged with ${received}`, async () => {
      const raw = await connected();
      assert.equal(await ask(raw, sent), received);
      raw.destroy();
    });
  }

  it('acks carry attachments, also in a namespace', async () => {
    const raw = await connected('/custom');
    const placeholder = '{"_placeholder":true,"num":0}';
    const packet = await ask(raw, `451-/custom,7["message-with-ack",${placeholder}]`, [Buffer.of(9)]);
    assert.equal(packet, `461-/custom,7[${placeholder}]`);
    assert.deepEqual([...(await nextPacket(raw))], [9]);
    raw.destroy();
  });
});

describe('a malformed packet closes the connection', { concurrency: 8 }, () => {
  const deep = `42["message",${'['.repeat(1000)}${']'.repeat(1000)}]`;
  const many = `42["message"${',1'.repeat(1000)}]`;
  const packets = [
    '4', '4abc', '49', '47["message"]', '42', '42{}', '42[]', '42["message"', '42["message"]x',
    '42{"message":1}', '42"message"', '42abc["message"]', '42["connect"]', '42["disconnect"]',
    '42["connect_error"]', '42["disconnecting"]', '42["newListener"]', '42["removeListener"]',
    '4299999999999999999999["message"]', '42-1["message"]', '42/custom,["message"]', '43[]', '431{}',
    '40', '40[]', '40"x"', '405{}', '41{}', '44{"message":"x"}',
    '45["message"]', '451["message"]', '45x-["message"]', '45-1-["message"]', '451000-["message"]',
    '451-["message",{"_placeholder":true,"num":1}]', '451-["message",{"_placeholder":true,"num":-1}]',
    '451-["message",{"_placeholder":true,"num":"0"}]', '451-["message",{"_placeholder":true}]',
    `42/${'n'.repeat(1000)},["message"]`, deep, many,
  ];
  for (const packet of packets) {
    it(packet.length > 60 ? `${packet.slice(0, 30)}... of ${packet.length} bytes` : packet, async () => {
      const raw = await connected();
      raw.send(text(packet));
      assert.equal(await closeCode(raw), 1002);
      await raw.closed();
    });
  }

  it('but a number as event name does not: the protocol allows it', async () => {
    const raw = await connected();
    raw.send(text('42[1]'));
    assert.equal(await ask(raw, '421["message-with-ack",2]'), '431[2]');
    raw.destroy();
  });

  it('binary without a packet, and text among attachments', async () => {
    const placeholder = '{"_placeholder":true,"num":0}';
    for (const frames of [
      [binary('x')],
      [text(`451-["message",${placeholder}]`), text('42["message"]')],
      [text(`451-["message",${placeholder}]`), binary('x'), binary('y')],
    ]) {
      const raw = await connected();
      raw.send(Buffer.concat(frames));
      assert.equal(await closeCode(raw), 1002);
      await raw.closed();
    }
  });
});
