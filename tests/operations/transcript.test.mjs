// `parley transcript`: what people are given to read of a conversation.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { rest } from '../support/rest.mjs';
import { startServer } from '../support/server.mjs';
import { parley, succeeds, waitMsMax } from './support.mjs';

const hostile = '<script>alert(1)</script> & "quoted" \u001b[31m';
const rightToLeft = 'שלום, הזמנה #A123 לא הגיעה';
const chinese = '您好，请问我的订单什么时候到？';

describe('parley transcript', { timeout: 4 * waitMsMax }, () => {
  let data;
  let scratch;
  const of = (...args) => succeeds('transcript', '--data', data, '--conversation', 'c1', '--by', 'Case 17 <clerk>', ...args);
  before(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'parley-transcript-'));
    data = path.join(scratch, 'data');
    const server = await startServer({ dataDir: data });
    try {
      const post = async (route, body) => {
        const answer = await rest(server, 'POST', route, body);
        assert.ok(answer.status < 300, JSON.stringify(answer.body));
      };
      const send = (fromUserId, fromRole, content, more = {}) =>
        post('/chat/messages', { conversationId: 'c1', fromUserId, fromRole, content, ...more });
      await post('/chat/conversations/start', {
        conversationId: 'c1', createdBy: 'anna', createdByRole: 'cx-customer', title: 'Order <A123>', initialParticipants: [{ userId: 'anna', userRole: 'cx-customer' }],
      });
      await send('anna', 'cx-customer', hostile);
      await send('bot', 'robot', 'a draft of the robot', { type: 'robot' });
      await send('lena', 'cx-agent', 'two lines\nof an answer');
      await send('lena', 'cx-agent', 'a note among us', { isVisible: false });
      await pause(2); // nothing else is of its millisecond
      await send('anna', 'cx-customer', rightToLeft);
      await send('anna', 'cx-customer', chinese);
      await post('/chat/conversations/c1/leave', { userId: 'anna' });
    } finally {
      await server.stop();
    }
  });
  after(() => rm(scratch, { recursive: true, force: true }));

  test('as text it shows all that was written and happened, and its head says what it is', async () => {
    const text = await of();
    const plain = text.replaceAll('\u2068', '').replaceAll('\u2069', '');
    assert.match(plain, /^Conversation: +c1\nTitle: +Order <A123>\nTook part: +anna \(cx-customer\), bot \(robot\), lena \(cx-agent\)\nMessages: +6\n/);
    assert.match(plain, /\nSeen by: +staff: nothing is hidden\nLeft out: +typing\nRetention: +has emptied nothing of it\n/);
    assert.match(plain, /\nLog: +up to position \d+ of [^\n]*Z, hash [0-9a-f]{64}\nMade: +[^\n]*Z by Case 17 <clerk>\nTimes: +UTC\n/);
    assert.match(plain, /\n== \d{4}-\d\d-\d\d \(UTC\+00:00\) ==\n/);
    assert.match(plain, /\n\d\d:\d\d:\d\d {2}anna began the conversation\n/);
    assert.match(plain, /\n\d\d:\d\d:\d\d {2}lena \(cx-agent\)\n {10}two lines\n {10}of an answer\n/);
    assert.match(plain, /lena \(cx-agent\) \[not shown to customers\]\n {10}a note among us\n/);
    assert.match(plain, /anna left\n$/);
    assert.ok(text.includes(`\u2068${rightToLeft}\u2069\n`), 'text from right to left is isolated');
    assert.ok(text.includes(chinese));
    assert.ok(!text.includes('\u001b'), 'no escape of a terminal');
    assert.ok(text.includes('⟨U+001B⟩[31m'));
  });

  test('as of a moment it ends there', async () => {
    const events = (await succeeds('export', '--data', data, '--conversation', 'c1')).trim().split('\n').slice(1, -1).map((line) => JSON.parse(line));
    const note = events.find(({ content }) => content === 'a note among us');
    const plain = async (...args) => (await of(...args)).replaceAll('\u2068', '').replaceAll('\u2069', '');
    const text = await plain('--as-of', String(note.position));
    assert.match(text, /a note among us\n$/);
    assert.match(text, new RegExp(`\\nMessages: +4\\n[^]*\\nLog: +up to position ${note.position} of `));
    assert.equal((await plain('--at', note.at)).replace(/\nMade: .*/, ''), text.replace(/\nMade: .*/, ''));
    const viewer = await of('--as-of', String(note.position), '--viewer', 'anna');
    assert.doesNotMatch(viewer, /a note among us/);
    for (const [status, words, asOf] of [[1, /no conversation "c1" yet at position 0/, '2001-01-01'], [2, /the log ends at position/, '99999'], [2, /yesterday/, 'yesterday']]) {
      const { code, stderr, stdout } = await parley('transcript', '--data', data, '--conversation', 'c1', '--as-of', asOf);
      assert.equal(code, status, stderr);
      assert.match(stderr, words);
      assert.equal(stdout, '');
    }
  });

  test('as HTML it is one page that loads and runs nothing, and no text of a person is a tag', async () => {
    const file = path.join(scratch, 'c1.html');
    await of('--format', 'html', '--positions', '--out', file);
    const page = await readFile(file, 'utf8');
    assert.ok(page.startsWith('<!DOCTYPE html>\n<html lang="en">') && page.endsWith('</html>\n'));
    assert.ok(page.includes("default-src 'none'"));
    const tags = new Set([...page.matchAll(/<([a-z0-9]+)/g)].map(([, name]) => name));
    for (const tag of tags) {
      assert.ok('html head meta title style body h1 h2 bdi table tr th td article header time span div'.split(' ').includes(tag), tag);
    }
    assert.ok(!/ (on[a-z]+|src|href)=/.test(page));
    assert.ok(page.includes('<div class="written" dir="auto">&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot; ⟨U+001B⟩[31m</div>'));
    assert.ok(page.includes(`<div class="written" dir="auto">${rightToLeft}</div>`));
    assert.ok(page.includes('Case 17 &lt;clerk&gt;') && page.includes('Order &lt;A123&gt;'));
    const hashes = (await succeeds('export', '--data', data, '--conversation', 'c1')).trim().split('\n').slice(1, -1).map((line) => JSON.parse(line));
    const chain = [...page.matchAll(/<div class="chain">(\d+) ([0-9a-f]{64})<\/div>/g)].map(([, position, hash]) => [Number(position), hash]);
    assert.deepEqual(chain, hashes.map(({ position, hash }) => [position, hash]));
  });

  test("through a customer's eyes notes and robots' messages are left out, and counted", async () => {
    const text = await of('--viewer', 'anna', '--role', 'cx-customer');
    assert.ok(!text.includes('a note among us') && !text.includes('a draft of the robot'));
    assert.match(text, /2 messages that anna may not see/);
    assert.match(text, /anna as cx-customer/);
    const staff = await of('--viewer', 'lena');
    assert.ok(staff.includes('a note among us') && staff.includes('a draft of the robot'));
  });

  test('times are those of the zone that is asked for', async () => {
    const text = await of('--tz', 'Asia/Kolkata');
    assert.match(text, /\(UTC\+05:30\) ==\n/);
    assert.match(text, /Asia\/Kolkata/);
    const utc = Number(/\n(\d\d):\d\d:\d\d {2}/.exec(await of())[1]);
    const [, hour] = /\n(\d\d):\d\d:\d\d {2}/.exec(text);
    assert.ok([(utc + 5) % 24, (utc + 6) % 24].includes(Number(hour)));
  });

  test('what cannot be told is refused, with nothing on standard output', async () => {
    for (const [args, status, words] of [
      [[], 2, /which conversation/],
      [['--conversation', 'nowhere'], 1, /no conversation "nowhere"/],
      [['--conversation', 'c1', '--tz', 'Mars/Olympus'], 2, /no time zone "Mars\/Olympus"/],
      [['--conversation', 'c1', '--format', 'pdf'], 2, /html or text, not "pdf"/],
      [['--conversation', 'c1', '--viewer', 'nobody'], 1, /no user "nobody"/],
      [['--conversation', 'c1', '--role', 'cx-agent'], 2, /--role needs --viewer/],
      [['--conversation', 'c1', '--out', data], 78, /cannot be written|is there already/],
    ]) {
      const { code, stdout, stderr } = await parley('transcript', '--data', data, ...args);
      assert.equal(code, status, `${args}: ${stderr}`);
      assert.match(stderr, words);
      assert.equal(stdout, '');
    }
    assert.match(await succeeds('transcript', '--data', data, '--conversation', 'c1'), new RegExp(`by ${userInfo().username}`));
  });
});
