// `parley show`, and every example of docs/time-travel.md, on the golden database of the demo's day.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pastConversation, pastMessages, asOf, participant } from '../clients/shapes.mjs';
import { readDocument } from '../support/documents.mjs';
import { rest } from '../support/rest.mjs';
import { repositoryRoot, startServer } from '../support/server.mjs';
import { parley, refuses, succeeds, waitMsMax } from './support.mjs';

const world = {};

before(async () => {
  world.folder = await mkdtemp(path.join(tmpdir(), 'parley-day-'));
  await copyFile(path.join(repositoryRoot, 'tests/golden/schema_0009.db'), path.join(world.folder, 'parley.db'));
  await succeeds('rebuild', '--data', world.folder);
});

after(() => rm(world.folder, { recursive: true, force: true }));

const show = (...args) => succeeds('show', '--data', world.folder, ...args);
const shown = async (...args) => JSON.parse(await show('--format', 'json', ...args));

/// The blocks of the document, in order: {language, text}.
async function blocks() {
  const text = await readDocument('docs/time-travel.md');
  return [...text.matchAll(/```([a-z]+)\n(.*?)\n```/gs)].map(([, language, inner]) => ({ language, text: inner }));
}

describe('docs/time-travel.md', { timeout: waitMsMax }, () => {
  test('the output of each command is what the program prints', async () => {
    let compared = 0;
    const all = await blocks();
    for (const [i, { language, text }] of all.entries()) {
      if (language !== 'sh' || !text.startsWith('parley ')) continue;
      const expected = all[i + 1];
      for (const line of text.split('\n')) {
        const { code, stdout, stderr } = await parley(...line.split(' ').slice(1), '--data', world.folder);
        if (expected.language === 'text') assert.equal(stdout, `${expected.text}\n`, line);
        else if (expected.language === 'error') assert.equal(stderr, `${expected.text}\n`, line);
        else assert.equal(code, 0, `${line}: ${stderr}`);
        compared++;
      }
    }
    assert.equal(compared, 6);
  });

  test('the requests are answered', async () => {
    const server = await startServer({ dataDir: world.folder });
    try {
      const lines = (await blocks()).flatMap(({ text }) => text.split('\n')).filter((line) => line.startsWith('curl '));
      const answers = [];
      for (const line of lines) {
        const { pathname, search } = new URL(/'(.*)'/.exec(line)[1]);
        const answer = await rest(server, 'GET', pathname + search);
        assert.equal(answer.status, 200, answer.text);
        answers.push(answer.body);
      }
      const [conversation, messages, participants] = answers;
      pastConversation(conversation);
      assert.deepEqual(conversation.typing, [{ userId: 'olga', userName: 'Olga ✓' }]);
      pastMessages(messages);
      assert.equal(messages.length, 2);
      assert.deepEqual(participants.map(({ userId }) => userId), ['olga']);
    } finally {
      await server.stop();
      await server.finish();
    }
  });
});

describe('parley show', { timeout: waitMsMax }, () => {
  test('JSON has the types of the wire, and what retention has emptied', async () => {
    const { conversation, participants, typing, messages, asOf: moment, viewer } = await shown(
      '--conversation', 'late-parcel', '--as-of', '19', '--viewer', 'owen.tallowby');
    pastConversation({ ...conversation, typing, asOf: moment });
    participants.forEach((one) => participant(one, 'participants'));
    pastMessages(messages);
    assert.deepEqual(viewer, { userId: 'owen.tallowby', userRole: 'cx-customer' });
    assert.deepEqual(typing, [{ userId: 'nadia.benmarwan', userName: '' }]);
    asOf(moment, 'asOf');
    assert.equal(moment.emptied, true);
    assert.deepEqual(messages.map(({ position }) => position), [5, 12, 15, 18]);
    const all = await shown('--conversation', 'late-parcel', '--as-of', '19');
    assert.equal(all.viewer, undefined);
    assert.deepEqual(all.messages.map(({ sharedPosition }) => sharedPosition), [undefined, 18, undefined, undefined, undefined]);
  });

  test('it agrees with the routes of a server', async () => {
    const server = await startServer({ dataDir: world.folder });
    try {
      for (const room of ['late-parcel', 'broken-handle', 'order-77']) {
        const route = async (more) => (await rest(server, 'GET', `/chat/conversations/${room}${more}`)).body;
        const last = (await route('?viewer=x&viewerRole=cx-agent')).asOf.position;
        for (const position of [last, last - 30, 400, 30, 12]) {
          const answer = await route(`?asOf=${position}`);
          if (answer.code === 'conversation_not_found') continue;
          const { typing, asOf: moment, ...conversation } = answer;
          const printed = await shown('--conversation', room, '--as-of', String(position));
          assert.deepEqual(printed, {
            asOf: moment, conversation, participants: await route(`/participants?asOf=${position}`), typing,
            messages: await route(`/messages?asOf=${position}&limit=100`),
          });
        }
      }
    } finally {
      await server.stop();
      await server.finish();
    }
  });

  test('marks tell notes, robots and shares apart', async () => {
    const parcel = await show('--conversation', 'late-parcel', '--as-of', '43');
    assert.match(parcel, /^\S+ {2}8 {2}pip \(robot\) \[robot, shared at 18\]$/m);
    assert.match(parcel, /^\S+ {2}18 {2}nadia\.benmarwan \(cx-agent\) \[shares a robot's message\]$/m);
    assert.match(parcel, /^\S+ {2}32 {2}pip \(robot\) \[robot\]$/m);
    assert.match(parcel, /^\S+ {2}43 {2}nadia\.benmarwan \(cx-agent\) \[note\]$/m);
    const handle = await show('--conversation', 'broken-handle');
    assert.match(handle, /^\S+ {2}396 {2}nadia\.benmarwan \(cx-agent\) \[to cx-supervisor, note\]$/m);
    assert.match(await show('--conversation', 'late-parcel', '--as-of', '19'), /retention has emptied/);
  });

  test('no text of others controls the terminal', async () => {
    const server = await startServer();
    const hostile = 'a\u001b[2Jb\u0007\r\u009b1mc\u202Egpj.exe\nnext\tline';
    try {
      await rest(server, 'POST', '/chat/conversations/start', {
        conversationId: 'c', createdBy: 'u', createdByRole: 'cx-agent', title: hostile, initialParticipants: ['u'],
      });
      await rest(server, 'POST', '/chat/messages', { conversationId: 'c', fromUserId: 'u', fromRole: 'cx-agent', content: hostile });
      const text = await succeeds('show', '--data', server.dataDir, '--conversation', 'c');
      assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      assert.ok(text.includes('    a⟨U+001B⟩[2Jb⟨U+0007⟩⟨U+000D⟩⟨U+009B⟩1mc⟨U+202E⟩gpj.exe\n    next\tline\n'), text);
      assert.match(text, /^Title +a⟨U\+001B⟩.*gpj\.exe next\tline$/m);
      assert.match(text, /^Title +a⟨U\+001B⟩.*gpj\.exe next\tline$/m);
      const { messages } = JSON.parse(await succeeds('show', '--data', server.dataDir, '--conversation', 'c', '--format', 'json'));
      assert.equal(messages[0].content, hostile);
    } finally {
      await server.finish();
    }
  });

  test('a viewer who had left sees the messages until then, and nothing else', async () => {
    const seen = await shown('--conversation', 'order-77', '--viewer', 'robin', '--role', 'cx-agent');
    assert.equal(seen.messages.length, 2);
    const server = await startServer();
    try {
      const post = (to, body) => rest(server, 'POST', `/chat/${to}`, body);
      await post('conversations/c/join', { userId: 'cust', userRole: 'cx-customer' });
      await post('messages', { conversationId: 'c', fromUserId: 'ann', fromRole: 'cx-agent', content: 'before' });
      await post('conversations/c/leave', { userId: 'cust' });
      await post('messages', { conversationId: 'c', fromUserId: 'ann', fromRole: 'cx-agent', content: 'after' });
      const args = ['show', '--data', server.dataDir, '--conversation', 'c', '--viewer', 'cust'];
      const { conversation, messages } = JSON.parse(await succeeds(...args, '--format', 'json'));
      assert.equal(conversation, undefined);
      assert.deepEqual(messages.map(({ content }) => content), ['before']);
      assert.match(await succeeds(...args), /who had left at position 5: could see messages until then, nothing else/);
    } finally {
      await server.finish();
    }
  });

  test('a backup, a zone and the other spelling of the moment', async () => {
    const backup = path.join(world.folder, '..', `${path.basename(world.folder)}.backup`);
    const of = (...args) => succeeds('show', '--conversation', 'order-77', '--as-of', '445', ...args);
    try {
      await succeeds('backup', backup, '--data', world.folder);
      const text = await of('--data', world.folder);
      assert.equal(await of('--file', backup), text);
      assert.equal(await succeeds('show', '--conversation', 'order-77', '--at', '445', '--file', backup), text);
    } finally {
      await rm(backup, { force: true });
    }
    const india = await of('--data', world.folder, '--tz', 'Asia/Kolkata');
    const moved = (time) => new Date(Date.parse(time) + 5.5 * 3_600_000).toISOString().replace('Z', '+05:30');
    assert.equal(india, (await of('--data', world.folder)).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, moved));
    const day = /\d{4}-\d\d-\d\d/.exec(india)[0];
    const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
    assert.match((await parley('show', '--data', world.folder, '--conversation', 'order-77', '--as-of', day, '--tz', 'Asia/Kolkata')).stderr, /yet at position/, next);
    assert.match((await succeeds('help', 'show')), /--as-of TIME\|POSITION/);
    assert.doesNotMatch((await succeeds('help', 'show')), /--at\b/);
  });

  test('an id that the log does not have is answered with the nearest', async () => {
    for (const [wanted, ...args] of [
      [/no conversation "order-7"; the nearest is "order-77"/, 'show', '--conversation', 'order-7'],
      [/no user "owen.tallowb"; the nearest is "owen.tallowby"/, 'show', '--conversation', 'order-77', '--viewer', 'owen.tallowb'],
      [/no conversation "order-7"; the nearest is "order-77"/, 'export', '--conversation', 'order-77', '--conversation', 'order-7'],
      [/no user "owen.tallowb"; the nearest is "owen.tallowby"/, 'export', '--user', 'owen.tallowb'],
      [/no conversation "order-7"; the nearest is "order-77"/, 'transcript', '--conversation', 'order-7'],
    ]) {
      const { code, stdout, stderr } = await parley(...args, '--data', world.folder);
      assert.equal(code, 1, stderr);
      assert.match(stderr, wanted);
      assert.equal(stdout, '');
    }
  });

  test('what cannot be shown ends with a status of its own', async () => {
    const status = async (wanted, words, ...args) => {
      const { code, stdout, stderr } = await parley('show', '--data', world.folder, ...args);
      assert.equal(code, wanted, stderr);
      assert.match(stderr, words);
      assert.equal(stdout, '');
    };
    await status(1, /there is no conversation "nope"/, '--conversation', 'nope');
    await status(1, /no conversation "order-77" yet at position 5/, '--conversation', 'order-77', '--as-of', '5');
    await status(1, /"owen.tallowby" could not see/, '--conversation', 'order-77', '--viewer', 'owen.tallowby');
    await status(2, /the log ends at position/, '--conversation', 'order-77', '--as-of', '99999');
    await status(2, /the log ends at position/, '--conversation', 'order-77', '--as-of', '2999-01-01');
    await status(2, /yesterday/, '--conversation', 'order-77', '--as-of', 'yesterday');
    await status(2, /--conversation is needed/);
    await status(2, /--role needs a --viewer/, '--conversation', 'order-77', '--role', 'cx-agent');
    await status(2, /--role is/, '--conversation', 'order-77', '--viewer', 'a', '--role', 'boss');
    await status(2, /--format is/, '--conversation', 'order-77', '--format', 'xml');
    await refuses(/there is no database/, 'show', '--conversation', 'c', '--data', path.join(world.folder, 'nowhere'));
  });
});
