// RFC 6455 as far as a client can test a server: the case families that the Autobahn test suite
// numbers 1 (framing), 2 (pings), 3 (reserved bits), 4 (opcodes), 5 (fragments), 6 (UTF-8), 7
// (closing), 9 (sizes) and 10 (many frames). Each message is an Engine.IO message and is echoed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Raw,
  binary,
  closeCode,
  closeFrame,
  frame,
  handshake,
  nextPacket,
  openWebSocket,
  quietServer,
  target,
  text,
} from './wire.mjs';

const server = quietServer();
const open = () => openWebSocket(server.port, 'engine.io');
const CONTINUES = 0x00, TEXT = 0x01, BINARY = 0x02, CLOSE = 0x08, PING = 0x09, PONG = 0x0a, FIN = 0x80;

// The server fails the connection with `code`, although the client sends nothing more.
async function fails(frames, code) {
  const raw = await open();
  raw.send(Buffer.concat([frames].flat()));
  assert.equal(await closeCode(raw), code);
  await raw.closed();
}

// Returns the next frames, as [opcode, payload].
async function answers(raw, count) {
  const seen = [];
  while (seen.length < count) {
    const { op, payload } = await raw.frame();
    seen.push([op, payload]);
  }
  return seen;
}

describe('1: framing', () => {
  for (const size of [0, 1, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537]) {
    it(`messages of ${size} bytes come back, sent whole and in pieces of 997 bytes`, async () => {
      const raw = await open();
      const message = `4${'*'.repeat(size)}`;
      const bytes = Buffer.alloc(size, 0xfe);
      const wire = Buffer.concat([text(message), binary(bytes)]);
      raw.send(wire);
      for (let at = 0; at < wire.length; at += 997) raw.send(wire.subarray(at, at + 997));
      for (let i = 0; i < 2; ++i) {
        assert.equal(await nextPacket(raw), message);
        assert.ok(bytes.equals(await nextPacket(raw)));
      }
      raw.destroy();
    });
  }
});

describe('2: pings', () => {
  for (const size of [0, 5, 125]) {
    it(`a ping of ${size} bytes gets a pong with the same bytes`, async () => {
      const raw = await open();
      const payload = Buffer.alloc(size, 0xff);
      await raw.trickle(frame(FIN | PING, payload));
      const [[op, echoed]] = await answers(raw, 1);
      assert.equal(op, PONG);
      assert.ok(payload.equals(echoed));
      raw.destroy();
    });
  }

  it('ten pings in one segment get ten pongs in their order', async () => {
    const raw = await open();
    raw.send(Buffer.concat(Array.from({ length: 10 }, (_, i) => frame(FIN | PING, `ping ${i}`))));
    const pongs = await answers(raw, 10);
    assert.deepEqual(pongs.map(([op, payload]) => [op, String(payload)]), Array.from({ length: 10 }, (_, i) => [PONG, `ping ${i}`]));
    raw.destroy();
  });

  it('an unsolicited pong is ignored', async () => {
    const raw = await open();
    raw.send(Buffer.concat([frame(FIN | PONG, 'unasked'), frame(FIN | PONG), text('4on')]));
    assert.equal(await nextPacket(raw), '4on');
    raw.destroy();
  });

  it('a ping of more than 125 bytes fails', () => fails(frame(FIN | PING, Buffer.alloc(126)), 1002));
  it('a header of such a ping already fails', () => fails(frame(FIN | PING, Buffer.alloc(126)).subarray(0, 2), 1002));
  it('a pong of more than 125 bytes fails', () => fails(frame(FIN | PONG, Buffer.alloc(126)), 1002));
});

describe('3: reserved bits', () => {
  for (const bits of [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70]) {
    for (const op of [TEXT, BINARY, PING, CLOSE]) {
      it(`0x${bits.toString(16)} on opcode ${op} fail, after earlier messages got their replies`, async () => {
        const raw = await open();
        raw.send(Buffer.concat([text('4before'), frame(FIN | bits | op), text('4after')]));
        assert.equal(await nextPacket(raw), '4before');
        assert.equal(await closeCode(raw), 1002);
        await raw.closed();
      });
    }
  }
});

describe('4: opcodes', () => {
  for (const op of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    it(`${op} fails at its first byte, empty or not`, async () => {
      await fails(frame(FIN | op), 1002);
      await fails([text('4a'), frame(FIN | op, 'x')], 1002);
      await fails(Buffer.of(FIN | op), 1002);
    });
  }
});

describe('masks and lengths', () => {
  it('an unmasked frame fails', async () => {
    await fails(frame(FIN | TEXT, '4a', { masked: false }), 1002);
    await fails(frame(FIN | PING, '', { masked: false }), 1002);
  });
  it('a length that is not in its shortest form fails', async () => {
    await fails(frame(FIN | TEXT, '4a', { form: 16 }), 1002);
    await fails(frame(FIN | BINARY, Buffer.alloc(300), { form: 64 }), 1002);
  });
  it('absurd lengths fail before any payload arrives', async () => {
    for (const length of [2n ** 63n, 2n ** 64n - 1n]) {
      await fails(frame(FIN | BINARY, '', { length, form: 64 }), 1002);
    }
    for (const length of [2n ** 63n - 1n, 2n ** 62n, 2n ** 32n, 2n ** 31n, 1_000_001n]) {
      await fails(frame(FIN | BINARY, '', { length, form: 64 }), 1009);
      await fails([frame(BINARY, 'x'), frame(FIN | CONTINUES, '', { length, form: 64 })], 1009);
    }
  });
});

describe('5: fragments', () => {
  it('make one message, also if some are empty', async () => {
    const raw = await open();
    for (const parts of [['4a', 'b'], ['', '4', 'ab', ''], ['4ab', '', '', ''], ['', '', '4ab']]) {
      const last = parts.length - 1;
      const wire = Buffer.concat(
        parts.map((part, i) => frame((i === last ? FIN : 0) | (i === 0 ? TEXT : CONTINUES), part)),
      );
      raw.send(wire);
      assert.equal(await nextPacket(raw), '4ab');
      await raw.trickle(wire);
      assert.equal(await nextPacket(raw), '4ab');
    }
    raw.destroy();
  });

  it('may have pings in between, which get their pongs before the message', async () => {
    const raw = await open();
    raw.send(Buffer.concat([frame(TEXT, '4a'), frame(FIN | PING, '1'), frame(CONTINUES, 'b'), frame(FIN | PING, '2')]));
    const pongs = await answers(raw, 2);
    assert.deepEqual(pongs.map(([op, payload]) => [op, String(payload)]), [[PONG, '1'], [PONG, '2']]);
    raw.send(Buffer.concat([frame(FIN | CONTINUES, 'c'), text('4next')]));
    assert.equal(await nextPacket(raw), '4abc');
    assert.equal(await nextPacket(raw), '4next');
    raw.destroy();
  });

  const wrong = [
    ['a fragmented ping', [frame(PING, 'a'), frame(FIN | CONTINUES, 'b')]],
    ['a fragmented pong', [frame(PONG)]],
    ['a fragmented close', [frame(CLOSE)]],
    ['a continuation of nothing', [frame(FIN | CONTINUES, '4a')]],
    ['an unfinished continuation of nothing', [frame(CONTINUES, '4a'), frame(FIN | TEXT, '4b')]],
    ['a continuation after a message has ended', [frame(TEXT, '4a'), frame(FIN | CONTINUES), frame(FIN | CONTINUES)]],
    ['a text within a message', [frame(TEXT, '4a'), text('4b')]],
    ['a binary within a message', [frame(BINARY, 'a'), frame(BINARY, 'b')]],
  ];
  for (const [what, frames] of wrong) it(`${what} fails`, () => fails(frames, 1002));
});

describe('6: UTF-8', () => {
  const good = [
    'Hello-µ@ßöäüàá-UTF-8!!', 'κόσμε', '\u0000', '\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff',
    '\ue000', '\uffff', '\ufffe', '\ufffd', '\ufdd0', '\u{10000}', '\u{1ffff}', '\u{10ffff}', '\ufeff',
  ];
  it('valid text comes back, cut at any byte', async () => {
    const raw = await open();
    for (const message of good) {
      const bytes = Buffer.from(`4${message}`);
      raw.send(text(bytes));
      assert.equal(await nextPacket(raw), `4${message}`);
      raw.send(
        Buffer.concat([...bytes].map((byte, i) => frame((i === bytes.length - 1 ? FIN : 0) | (i === 0 ? TEXT : CONTINUES), Buffer.of(byte)))),
      );
      assert.equal(await nextPacket(raw), `4${message}`);
    }
    raw.destroy();
  });

  const bad = [
    ['a continuation byte alone', [0x80]], ['a continuation byte after text', [0x61, 0xbf]],
    ['0xfe', [0xfe]], ['0xff', [0xff]], ['five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['six bytes', [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80]], ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong slash of three bytes', [0xe0, 0x80, 0xaf]], ['of four', [0xf0, 0x80, 0x80, 0xaf]],
    ['an overlong NUL', [0xc0, 0x80]], ['the largest overlong of two bytes', [0xc1, 0xbf]],
    ['of three', [0xe0, 0x9f, 0xbf]], ['of four bytes, largest', [0xf0, 0x8f, 0xbf, 0xbf]],
    ['the first surrogate', [0xed, 0xa0, 0x80]], ['the last surrogate', [0xed, 0xbf, 0xbf]],
    ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]], ['far beyond', [0xf7, 0xbf, 0xbf, 0xbf]],
    ['two bytes of three, then text', [0xe2, 0x82, 0x61]],
  ];
  for (const [what, bytes] of bad) {
    it(`${what} fails as soon as it arrives, whole and in fragments`, async () => {
      const message = Buffer.from([0x34, 0x61, ...bytes]);
      await fails(text(message), 1007);
      await fails([frame(TEXT, message), frame(FIN | PING, 'never answered')], 1007);
      await fails([...message].map((byte, i) => frame(i === 0 ? TEXT : CONTINUES, Buffer.of(byte))), 1007);
      // The rest of the frame never comes.
      const cut = frame(FIN | TEXT, Buffer.concat([message, Buffer.alloc(200, 0x61)]));
      await fails(cut.subarray(0, 8 + message.length), 1007);
    });
  }

  it('a character cut by the end of its message fails there', async () => {
    for (const cut of [[0xc3], [0xe2], [0xe2, 0x82], [0xf0, 0x9f], [0xf0, 0x9f, 0x98]]) {
      await fails(text(Buffer.from([0x34, ...cut])), 1007);
      await fails([frame(TEXT, Buffer.from([0x34, ...cut])), frame(FIN | CONTINUES)], 1007);
    }
  });

  it('binary messages may hold anything', async () => {
    const raw = await open();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    raw.send(Buffer.concat([frame(BINARY, bytes.subarray(0, 200)), frame(FIN | CONTINUES, bytes.subarray(200))]));
    assert.ok(bytes.equals(await nextPacket(raw)));
    raw.destroy();
  });
});

describe('7: closing', () => {
  it('everything after a close frame is ignored', async () => {
    const raw = await open();
    raw.send(Buffer.concat([text('4before'), closeFrame(1000, 'bye'), text('4after'), frame(FIN | PING, 'x'), frame(0xff)]));
    assert.equal(await nextPacket(raw), '4before');
    assert.equal(await closeCode(raw), 1000);
    await raw.closed();
  });
  it('a close between fragments closes the connection', () => fails([frame(TEXT, '4a'), closeFrame(1001)], 1001));
  it('a close without a code gets a close without one', () => fails(frame(FIN | CLOSE), 0));
  it('a close of one byte fails', () => fails(frame(FIN | CLOSE, 'a'), 1002));
  it('a close of 125 bytes is fine', () => fails(closeFrame(1000, 'r'.repeat(123)), 1000));
  it('a close of 126 bytes fails', () => fails(closeFrame(1000, 'r'.repeat(124)), 1002));
  it('a reason that is not UTF-8 fails', () => fails(closeFrame(1000, Buffer.of(0xce, 0xba, 0xff)), 1007));
  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]) {
    it(`code ${code} gets the same code back`, () => fails(closeFrame(code), code));
  }
  for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]) {
    it(`code ${code} fails`, () => fails(closeFrame(code), 1002));
  }
});

describe('9: sizes', () => {
  const whole = Buffer.concat([Buffer.from('4'), Buffer.alloc(999_999, 'm')]);
  for (const size of [64, 1_000, 16_384, 131_072]) {
    it(`a message of maxPayload in fragments of ${size} bytes comes back`, async () => {
      const raw = await open();
      const frames = [];
      for (let at = 0; at < whole.length; at += size) {
        const last = at + size >= whole.length;
        frames.push(frame((last ? FIN : 0) | (at === 0 ? TEXT : CONTINUES), whole.subarray(at, at + size)));
      }
      raw.send(Buffer.concat(frames));
      assert.ok(whole.equals(Buffer.from(await nextPacket(raw))));
      raw.destroy();
    });
  }
  it('a message beyond maxPayload fails at the fragment that exceeds it', async () => {
    await fails([frame(TEXT, whole), frame(CONTINUES, 'x')], 1009);
    await fails([frame(TEXT, whole.subarray(0, 600_000)), frame(CONTINUES, whole.subarray(0, 600_000)).subarray(0, 14)], 1009);
  });
  it('many empty fragments are allowed', async () => {
    const raw = await open();
    const empty = frame(CONTINUES);
    raw.send(Buffer.concat([frame(TEXT, '4a'), ...Array(10_000).fill(empty), frame(FIN | CONTINUES, 'b')]));
    assert.equal(await nextPacket(raw), '4ab');
    raw.destroy();
  });
});

describe('10: many frames', () => {
  it('a thousand messages in one segment come back in their order', async () => {
    const raw = await open();
    const messages = Array.from({ length: 1000 }, (_, i) => `4message ${i}`);
    raw.send(Buffer.concat(messages.map(text)));
    for (const message of messages) assert.equal(await nextPacket(raw), message);
    raw.destroy();
  });
  it('the handshake and first frames may arrive in one segment, or byte by byte', async () => {
    for (const trickles of [false, true]) {
      const raw = await Raw.connect(server.port);
      const bytes = Buffer.concat([
        Buffer.from(handshake(target('engine.io', 'websocket'))),
        text('4first'),
        frame(FIN | PING, 'p'),
      ]);
      if (trickles) await raw.trickle(bytes);
      else raw.send(bytes);
      assert.equal((await raw.response()).status, 101);
      assert.ok((await nextPacket(raw)).startsWith('0{'));
      assert.equal(await nextPacket(raw), '4first');
      assert.equal((await answers(raw, 1))[0][0], PONG);
      raw.destroy();
    }
  });
});

describe('the handshake', () => {
  it('computes the accept value of the standard’s example', async () => {
    const raw = await Raw.connect(server.port);
    raw.send(handshake(target('engine.io', 'websocket'), { key: 'dGhlIHNhbXBsZSBub25jZQ==' }));
    const { status, headers } = await raw.response();
    assert.equal(status, 101);
    assert.equal(headers.get('sec-websocket-accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    assert.equal(headers.get('upgrade').toLowerCase(), 'websocket');
    assert.equal(headers.get('connection').toLowerCase(), 'upgrade');
    assert.equal(headers.get('set-cookie'), undefined);
    raw.destroy();
  });
  it('accepts no offered extension', async () => {
    const raw = await Raw.connect(server.port);
    raw.send(handshake(target('engine.io', 'websocket'), {
      more: 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n',
    }));
    assert.equal((await raw.response()).headers.get('sec-websocket-extensions'), undefined);
    raw.destroy();
  });
});
