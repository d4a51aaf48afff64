// Engine.IO v4 over the wire, as https://github.com/socketio/engine.io-protocol describes it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Raw,
  binary,
  closeCode,
  handshake,
  nextPacket,
  openWebSocket,
  quietServer,
  request,
  startConformance,
  target,
  text,
} from './wire.mjs';

// One server with the defaults, one with heartbeats slow enough for any machine, one without
// heartbeats during a test.
let server, patient;
const quiet = quietServer();
before(async () => {
  server = await startConformance();
  patient = await startConformance(['--ping-interval', '100', '--ping-timeout', '20000']);
});
after(() => Promise.all([server.stop(), patient.stop()]));

const polling = (sid) => target('engine.io', 'polling', sid);
const get = (where, on = quiet) => request(on.port, 'GET', where);
const poll = (sid, on) => get(polling(sid), on);
const post = (sid, body, on = quiet) => request(on.port, 'POST', polling(sid), body);

async function openSession(on) {
  const { status, body } = await get(polling(), on);
  assert.equal(status, 200);
  return JSON.parse(body.slice(1)).sid;
}

describe('handshakes', () => {
  it('give the open packet with the protocol’s keys and the server’s settings', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const raw = await Raw.connect(server.port, host);
      raw.send(`GET ${polling()} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\n\r\n`);
      const { status, headers, body } = await raw.response();
      raw.destroy();
      assert.equal(status, 200);
      assert.equal(headers.get('content-type'), 'text/plain; charset=UTF-8');
      assert.equal(headers.get('set-cookie'), undefined);
      assert.equal(headers.get('access-control-allow-origin'), 'http://localhost:3000');
      assert.equal(body[0], '0');
      const { sid, ...rest } = JSON.parse(body.slice(1));
      assert.match(sid, /^[\w-]{20,}$/);
      assert.deepEqual(rest, {
        upgrades: ['websocket'],
        pingInterval: 300,
        pingTimeout: 200,
        maxPayload: 1_000_000,
      });
    }
  });

  it('over WebSocket offer no upgrade', async () => {
    const raw = await openWebSocket(server.port, 'engine.io', { host: '::1' });
    assert.deepEqual(raw.open.upgrades, []);
    raw.destroy();
  });

  const refused = [
    ['GET', '/engine.io/?transport=polling', 5, 'Unsupported protocol version'],
    ['GET', '/engine.io/?EIO=3&transport=polling', 5, 'Unsupported protocol version'],
    ['GET', '/engine.io/?EIO=abc&transport=polling', 5, 'Unsupported protocol version'],
    ['GET', '/engine.io/?EIO=4', 0, 'Transport unknown'],
    ['GET', '/engine.io/?EIO=4&transport=abc', 0, 'Transport unknown'],
    ['GET', '/engine.io/?EIO=4&transport=constructor', 0, 'Transport unknown'],
    ['GET', '/engine.io/?EIO=4&transport=polling&sid=abc', 1, 'Session ID unknown'],
    ['POST', '/engine.io/?EIO=4&transport=polling', 2, 'Bad handshake method'],
    ['PUT', '/engine.io/?EIO=4&transport=polling', 2, 'Bad handshake method'],
    ['GET', '/engine.io/?EIO=4&transport=websocket', 3, 'Bad request'],
  ];
  for (const [method, where, code, message] of refused) {
    it(`${method} ${where} is refused: ${message}`, async () => {
      const answer = await request(quiet.port, method, where, method === 'GET' ? undefined : 'x');
      assert.equal(answer.status, 400);
      assert.deepEqual(JSON.parse(answer.body), { code, message });
    });
  }

  it('over WebSocket are refused before the connection is switched', async () => {
    for (const query of ['EIO=3&transport=websocket', 'EIO=4&transport=abc', 'EIO=4&transport=websocket&sid=abc']) {
      const raw = await Raw.connect(server.port);
      raw.send(handshake(`/engine.io/?${query}`));
      assert.equal((await raw.response()).status, 400, query);
      await raw.closed();
    }
  });
});

describe('messages', () => {
  const payloads = [
    ['one text packet', '4hello', '4hello'],
    ['several packets', '4a\x1e4b\x1e4c', '4a\x1e4b\x1e4c'],
    ['text and binary', '4a\x1ebAQIDBA==\x1e4', '4a\x1ebAQIDBA==\x1e4'],
    ['an empty binary message', 'b', 'b'],
    ['text of any language', '4héß€😀\u202eمرحبا', '4héß€😀\u202eمرحبا'],
    ['text with what looks like other packets', '4b12\n1\n', '4b12\n1\n'],
  ];
  for (const [what, sent, received] of payloads) {
    it(`over polling: ${what}`, async () => {
      const sid = await openSession();
      const answer = await post(sid, sent);
      assert.equal(answer.status, 200);
      assert.equal(answer.body, 'ok');
      assert.equal((await poll(sid)).body, received);
    });
  }

  const malformed = ['', 'abc', '4a\x1e', '7', '2', 'b*', 'bA', '4a\x1eabc', Buffer.from([0x34, 0xff])];
  for (const body of malformed) {
    it(`over polling: ${JSON.stringify(String(body))} closes the session`, async () => {
      const sid = await openSession();
      assert.equal((await post(sid, body)).status, 400);
      const after = await poll(sid);
      assert.equal(after.status, 400);
      assert.equal(JSON.parse(after.body).code, 1);
    });
  }

  it('over WebSocket: text and binary come back unchanged', async () => {
    const raw = await openWebSocket(quiet.port, 'engine.io');
    raw.send(Buffer.concat([text('4hello'), binary(Buffer.of(1, 2, 255)), text('4'), binary('')]));
    assert.equal(await nextPacket(raw), '4hello');
    assert.deepEqual([...(await nextPacket(raw))], [1, 2, 255]);
    assert.equal(await nextPacket(raw), '4');
    assert.equal((await nextPacket(raw)).length, 0);
    raw.destroy();
  });

  for (const packet of ['', 'abc', '9', '2']) {
    it(`over WebSocket: ${JSON.stringify(packet)} closes the session`, async () => {
      const raw = await openWebSocket(quiet.port, 'engine.io');
      raw.send(text(packet));
      assert.equal(await closeCode(raw), 1002);
      await raw.closed();
    });
  }

  it('up to maxPayload pass, one byte more does not', async () => {
    const raw = await openWebSocket(quiet.port, 'engine.io');
    const largest = `4${'x'.repeat(999_999)}`;
    raw.send(text(largest));
    assert.equal(await nextPacket(raw), largest);
    raw.send(text(`${largest}x`));
    assert.equal(await closeCode(raw), 1009);

    const sid = await openSession();
    assert.equal((await post(sid, largest)).status, 200);
    assert.equal((await poll(sid)).body, largest);
    assert.equal((await post(sid, `${largest}x`)).status, 413);
  });
});

describe('polling', () => {
  it('two polls at the same time close the session', async () => {
    const sid = await openSession();
    const answers = await Promise.all([poll(sid), poll(sid)]);
    answers.sort((a, b) => a.status - b.status);
    assert.deepEqual([answers[0].status, answers[0].body], [200, '1']); // the first one
    assert.equal(answers[1].status, 400);
    assert.equal(JSON.parse((await poll(sid)).body).code, 1);
  });

  it('two simultaneous POSTs close the session', async () => {
    for (const secondIsWhole of [true, false]) {
      const sid = await openSession();
      const begin = async () => {
        const raw = await Raw.connect(quiet.port);
        raw.send(`POST ${polling(sid)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\n4fi`);
        return raw;
      };
      const first = await begin();
      // A client is not told that half of its request has arrived.
      const parked = poll(sid);
      await sleep(100);
      const second = secondIsWhole ? undefined : await begin();
      if (secondIsWhole) assert.equal((await post(sid, '4second')).status, 400);
      assert.equal((await parked).body, '1');
      first.send('rst');
      assert.equal((await first.response()).status, 400);
      first.destroy();
      second?.destroy();
    }
  });

  it('after an abandoned POST the session accepts the next one', async () => {
    const sid = await openSession();
    const first = await Raw.connect(quiet.port);
    first.send(`POST ${polling(sid)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\n4fi`);
    first.endSending();
    await first.closed();
    assert.equal((await post(sid, '4next')).body, 'ok');
    assert.equal((await poll(sid)).body, '4next');
  });

  it('a POST in many pieces is one request', async () => {
    const sid = await openSession();
    const raw = await Raw.connect(quiet.port);
    for (const body of ['4first', '4other']) {
      await raw.trickle(
        Buffer.from(`POST ${polling(sid)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\n${body}`),
      );
      assert.equal((await raw.response()).body, 'ok');
    }
    assert.equal((await poll(sid)).body, '4first\x1e4other');
    raw.destroy();
  });

  it('requests in one segment get their replies in order', async () => {
    const sid = await openSession();
    const raw = await Raw.connect(quiet.port);
    const send = (body) =>
      `POST ${polling(sid)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const read = `GET ${polling(sid)} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    raw.send(send('4one') + send('4two\x1e4three') + read + read + send('4four'));
    for (const body of ['ok', 'ok', '4one\x1e4two\x1e4three', '4four', 'ok']) {
      assert.equal((await raw.response()).body, body);
    }
    raw.destroy();
  });

  it('requests cut at any byte get the same replies as whole ones', async () => {
    const head = (method, where) => `${method} ${where} HTTP/1.1\r\nHost: localhost\r\n`;
    const requests =
      `${head('GET', '/engine.io/?EIO=3&transport=polling')}\r\n` +
      `${head('POST', '/engine.io/?EIO=4&transport=polling')}Content-Length: 5\r\n\r\n4GET ` +
      `\r\n${head('GET', polling('none'))}X-A: b\r\n\r\n` +
      `${head('OPTIONS', '/engine.io/')}Origin: http://localhost\r\n\r\n` +
      `${head('GET', '/nowhere')}\r\n`;
    const answers = async (...cuts) => {
      const raw = await Raw.connect(quiet.port);
      let at = 0;
      for (const cut of [...cuts, requests.length]) {
        raw.send(requests.slice(at, cut));
        at = cut;
        await sleep(cuts.length > 0 ? 1 : 0);
      }
      const seen = [];
      for (let i = 0; i < 5; ++i) {
        const { status, body } = await raw.response();
        seen.push(`${status} ${body}`);
      }
      raw.destroy();
      return seen;
    };
    const whole = await answers();
    assert.deepEqual(
      whole.map((answer) => answer.slice(0, 3)),
      ['400', '400', '400', '204', '404'],
    );
    const cuts = Array.from({ length: requests.length - 1 }, (_, i) => i + 1);
    for (let i = 0; i < cuts.length; i += 16) {
      const some = await Promise.all(cuts.slice(i, i + 16).map((cut) => answers(cut)));
      for (const one of some) assert.deepEqual(one, whole);
    }
    const raw = await Raw.connect(quiet.port);
    await raw.trickle(Buffer.from(requests));
    for (const answer of whole) {
      const { status, body } = await raw.response();
      assert.equal(`${status} ${body}`, answer);
    }
    raw.destroy();
  });

  it('unsupported methods are refused, and the session stays open', async () => {
    const sid = await openSession();
    for (const method of ['PUT', 'DELETE']) {
      assert.equal((await request(quiet.port, method, polling(sid), '4x')).status, 400);
    }
    assert.equal((await post(sid, '4x')).body, 'ok');
    assert.equal((await poll(sid)).body, '4x');
  });
});

describe('heartbeats', () => {
  it('a session that answers its pings stays open, on both transports', async () => {
    const sid = await openSession(patient);
    for (let i = 0; i < 3; ++i) {
      assert.equal((await poll(sid, patient)).body, '2');
      assert.equal((await post(sid, '3', patient)).body, 'ok');
    }
    const raw = await openWebSocket(patient.port, 'engine.io');
    for (let i = 0; i < 3; ++i) {
      assert.equal((await raw.frame()).payload.toString(), '2');
      raw.send(text('3'));
    }
    raw.send(text('4still here'));
    assert.equal(await nextPacket(raw), '4still here');
    raw.destroy();
  });

  it('a session without a pong is gone after interval and timeout', async () => {
    const sid = await openSession(server);
    const raw = await openWebSocket(server.port, 'engine.io');
    await sleep(500);
    assert.equal(JSON.parse((await poll(sid, server)).body).code, 1);
    assert.equal((await raw.frame()).payload.toString(), '2');
    assert.equal(await closeCode(raw), 1008);
    await raw.closed();
  });
});

describe('closing', () => {
  it('a close packet ends the poll with a noop and the session with it', async () => {
    const sid = await openSession();
    const parked = await Raw.connect(quiet.port);
    parked.send(`GET ${polling(sid)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    assert.equal((await post(sid, '1')).body, 'ok');
    assert.equal((await parked.response()).body, '6'); // even if it arrives only now
    assert.equal((await poll(sid)).status, 400);
    parked.destroy();
  });

  it('a close packet over WebSocket closes it', async () => {
    const raw = await openWebSocket(quiet.port, 'engine.io');
    raw.send(text('1'));
    assert.equal(await closeCode(raw), 1000);
    await raw.closed();
  });
});

describe('the upgrade', () => {
  async function upgraded() {
    const sid = await openSession();
    const raw = await openWebSocket(quiet.port, 'engine.io', { sid });
    raw.send(text('2probe'));
    assert.equal((await raw.frame()).payload.toString(), '3probe');
    return { sid, raw };
  }

  it('keeps messages in their order, in both directions', async () => {
    const sid = await openSession();
    const parked = await Raw.connect(quiet.port);
    parked.send(`GET ${polling(sid)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const raw = await openWebSocket(quiet.port, 'engine.io', { sid });
    raw.send(text('2probe'));
    assert.equal((await raw.frame()).payload.toString(), '3probe');
    assert.equal((await parked.response()).body, '6');
    assert.equal((await post(sid, '41\x1e42')).body, 'ok');
    raw.send(Buffer.concat([text('5'), text('43'), binary('4'), text('45')]));
    const received = [];
    while (received.length < 5) received.push(String(await nextPacket(raw)));
    assert.deepEqual(received, ['41', '42', '43', '4', '45']);
    parked.destroy();
    raw.destroy();
  });

  it('makes further requests and WebSockets for the session ineffective', async () => {
    const { sid, raw } = await upgraded();
    raw.send(text('5'));
    const second = await openWebSocket(quiet.port, 'engine.io', { sid });
    second.send(text('2probe'));
    assert.equal(await closeCode(second), 1008);
    await second.closed();
    assert.equal((await poll(sid)).status, 400);
    assert.equal((await post(sid, '4lost')).status, 400);
    raw.send(text('4hello'));
    assert.equal(await nextPacket(raw), '4hello');
    raw.destroy();
  });

  it('that fails leaves the session on its transport', async () => {
    for (const nonsense of ['4hello', '3probe', '2']) {
      const sid = await openSession();
      const raw = await openWebSocket(quiet.port, 'engine.io', { sid });
      raw.send(text(nonsense));
      await closeCode(raw);
      await raw.closed();
      assert.equal((await post(sid, '4on')).body, 'ok', nonsense);
      assert.equal((await poll(sid)).body, '4on');
    }
  });

  it('belongs to one server: a sid of another is unknown', async () => {
    const sid = await openSession();
    const elsewhere = target('socket.io', 'polling', sid);
    const answer = await request(quiet.socketIoPort, 'GET', elsewhere);
    assert.equal(JSON.parse(answer.body).code, 1);
  });
});
