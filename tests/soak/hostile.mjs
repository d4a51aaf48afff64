// Clients that do everything wrong. Each makes one short visit to the server at `url`; the server
// must clean up what it leaves behind.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { between, oneOf } from '../support/seeded.mjs';
import { Raw } from './raw.mjs';

const lingerMs = 3000; // for clients that do not notice being disconnected
const messages = '/chat/messages';

/// name -> async (raw, random); the connection is cut when it returns.
export const misdeeds = {
  async 'sends garbage'(raw, random) {
    raw.write(randomBytes(between(random, 1, 4000)));
    await raw.thrownOut();
  },
  async 'goes at once'(raw) {
    await pause(1);
    raw.destroy();
  },
  async 'sends half a request'(raw) {
    raw.write('GET /socket.io/?EIO=4&trans');
    await raw.thrownOut();
  },
  async 'sends a header byte by byte'(raw, random) {
    const text = `GET /healthz HTTP/1.1\r\nHost: ${raw.host}\r\nX-Slow: ${'x'.repeat(500)}`;
    for (let i = 0; i < text.length && !raw.ended; i++) {
      raw.write(text[i]);
      await pause(between(random, 5, 20));
    }
    await raw.thrownOut();
  },
  async 'sends half a body'(raw) {
    raw.head('POST', messages, 'Content-Type: application/json\r\nContent-Length: 5000\r\n');
    raw.write('{"conversationId":');
    await raw.thrownOut();
  },
  async 'sends a header without end'(raw) {
    raw.write(`GET / HTTP/1.1\r\nX-Long: ${'y'.repeat(40_000)}`);
    await raw.thrownOut();
  },
  async 'pipelines and goes'(raw, random) {
    for (let i = 0; i < 40; i++) raw.head('GET', '/chat/conversations?limit=100');
    await pause(between(random, 0, 30));
    raw.destroy();
  },
  async 'posts no JSON'(raw) {
    for (const body of ['{"conversationId":"x"', '['.repeat(5000), '{"a":1}}', '\u0000', '']) {
      raw.post(messages, body, 'application/json');
    }
    await raw.hears(/HTTP\/1\.1 4\d\d /);
  },
  async 'announces a frame of a terabyte'(raw) {
    if (!(await raw.connect())) return;
    raw.write(Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4]));
    await raw.thrownOut();
  },
  async 'sends half a frame'(raw) {
    if (!(await raw.connect())) return;
    raw.write(Buffer.from([0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0, 0x34]));
    await raw.thrownOut();
  },
  async 'fragments without end'(raw, random) {
    if (!(await raw.connect())) return;
    for (let i = 0; i < 200 && !raw.ended; i++) {
      raw.write(Buffer.concat([Buffer.from([i === 0 ? 0x01 : 0x00, 0xfe, 0x10, 0, 0, 0, 0, 0]), Buffer.alloc(4096, 0x34)]));
      await pause(between(random, 0, 5));
    }
    await raw.thrownOut();
  },
  async 'does not mask'(raw) {
    if (!(await raw.connect())) return;
    raw.write(Buffer.from([0x81, 0x01, 0x32]));
    await raw.thrownOut();
  },
  async 'sends malformed packets'(raw, random) {
    if (!(await raw.connect())) return;
    const packets = ['42["join_room",{', '42', '4', '49', '42{}', '42[]', '42[1]', '4/nowhere,', '9', `42${'['.repeat(2000)}`];
    raw.frame(oneOf(random, packets));
    await raw.thrownOut();
  },
  async 'promises attachments'(raw) {
    if (!(await raw.connect())) return;
    raw.frame('452-["send_message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    await raw.thrownOut();
  },
  async 'never connects'(raw) {
    await raw.openWebSocket();
    await raw.thrownOut();
  },
  async 'never connects, by polling'(raw) {
    await raw.openPolling();
  },
  async 'abandons a poll'(raw, random) {
    const sid = await raw.openPolling();
    if (!sid) return;
    const target = `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
    raw.post(target, '40');
    if (!(await raw.hears(/\bok$/))) return;
    raw.head('GET', target);
    await raw.hears(/40\{"sid"/);
    raw.head('GET', target);
    await pause(between(random, 0, 100));
    raw.destroy();
  },
  async 'begins an upgrade'(raw, random) {
    const sid = await raw.openPolling();
    if (!sid) return;
    const second = new Raw(`http://${raw.host}`);
    if (await second.openWebSocket(sid)) second.frame('2probe');
    await second.hears(/3probe/);
    await pause(between(random, 0, 1500));
    second.destroy();
  },
  async 'asks for everything and reads nothing'(raw) {
    if (!(await raw.connect())) return;
    raw.socket.pause();
    for (let i = 0; i < 200 && !raw.ended; i++) {
      raw.frame('42["get_messages",{"conversationId":"busy","limit":20}]');
    }
    await raw.waits(lingerMs);
  },
  async 'asks for everything and goes'(raw, random) {
    if (!(await raw.connect())) return;
    for (let i = 0; i < 100; i++) raw.frame(`42${i}["get_messages",{"conversationId":"busy","limit":20}]`);
    await pause(between(random, 0, 20));
    raw.destroy();
  },
};

/// Runs one of them; returns its name.
export async function misbehave(url, random, name = oneOf(random, Object.keys(misdeeds))) {
  const raw = new Raw(url);
  try {
    await misdeeds[name](raw, random);
  } catch (error) {
    error.message = `hostile client (${name}): ${error.message}`;
    throw error;
  } finally {
    raw.destroy();
  }
  return name;
}

/// Joins the busy room and stops reading.
export async function readSlowly(url, random) {
  const raw = new Raw(url);
  if (await raw.connect()) {
    const who = { conversationId: 'busy', userId: `sleeper-${between(random, 0, 20)}`, userRole: 'cx-agent' };
    raw.frame(`420${JSON.stringify(['join_room', who])}`);
    await raw.hears(/430\[/);
    raw.socket.pause();
    await pause(between(random, 500, 4000));
  }
  raw.destroy();
}
