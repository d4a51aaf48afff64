// Questions about the past are recorded in the log before they are answered.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { describe, test } from 'node:test';
import { as, done, ratesOff, tokenOf, useIdentityServer } from './identity.mjs';
import { readDocument } from '../support/documents.mjs';
import { rest, scenario, unique, useServer } from './support.mjs';

const database = (server) => `file:${path.join(server.dataDir, 'parley.db')}?mode=ro`;
const rows = (server, sql) => JSON.parse(execFileSync('sqlite3', ['-json', database(server), sql], { encoding: 'utf8' }) || '[]');

/// The records, the oldest first: {position, data}.
const records = (server) =>
  rows(server, "SELECT position, conversation_id, actor, data FROM v1_event WHERE type = 'audit_read' ORDER BY position")
    .map(({ data, ...more }) => ({ ...more, data: JSON.parse(data) }));

/// What `ask` adds to them.
async function added(server, ask) {
  const before = records(server).length;
  await ask();
  return records(server).slice(before).map(({ data }) => data);
}

async function start(server, user = 'cust') {
  const conversationId = unique('room');
  const post = (body) => rest(server, 'POST', '/chat/messages', { conversationId, ...body });
  await post({ fromUserId: user, fromRole: 'cx-customer', content: 'one' });
  await post({ fromUserId: 'ann', fromRole: 'cx-agent', content: 'two' });
  const { body } = await post({ fromUserId: 'ann', fromRole: 'cx-agent', content: 'three' });
  return { room: conversationId, path: `/chat/conversations/${conversationId}`, last: body };
}

async function get(server, url, status = 200) {
  const answer = await rest(server, 'GET', url);
  assert.equal(answer.status, status, answer.text);
  return answer;
}

const atOnce = (server, paths) => Promise.all(paths.map((one) => rest(server, 'GET', one)));

/// A shell that holds the write lock until `release`.
async function holdLock(server) {
  const shell = spawn('sqlite3', [path.join(server.dataDir, 'parley.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => shell.once('close', resolve));
  const began = new Promise((resolve) => shell.stdout.once('data', resolve));
  shell.stdin.write("BEGIN IMMEDIATE;\nSELECT 'held';\n");
  await began;
  return () => (shell.stdin.end('ROLLBACK;\n'), ended);
}

describe('audit_read', () => {
  const world = useServer();

  scenario(world, 'a question is in the log before its answer, and says what, how and by whom', async (open, server) => {
    const { room, path: url, last } = await start(server);
    const before = records(server).length;
    const query = `asOf=${last.position}&viewer=cust&viewerRole=cx-customer&userId=boss&userRole=cx-supervisor`;
    await get(server, `${url}?${query}`);
    const found = records(server).slice(before);
    assert.deepEqual(found.map(({ data }) => data), [{
      what: 'as_of',
      filters: { conversationId: room, asOf: String(last.position), viewer: 'cust', viewerRole: 'cx-customer' },
      by: { kind: 'none', userId: 'boss', userRole: 'cx-supervisor' },
    }]);
    assert.equal(found[0].conversation_id, '\u001fsystem');
    assert.equal(found[0].actor, '\u001fparley');
    // As of now: the moment is taken once the question is recorded.
    const now = await get(server, `${url}/messages?viewer=ann`);
    assert.ok(JSON.parse(now.headers['parley-as-of']).position >= records(server).at(-1).position);
    assert.deepEqual(records(server).at(-1).data, { what: 'as_of', filters: { conversationId: room, viewer: 'ann' }, by: { kind: 'none' } });
  });

  scenario(world, 'pages and further steps of a question belong to its record', async (open, server) => {
    const { path: url, last } = await start(server);
    const recorded = await added(server, async () => {
      let next = `${url}/messages?asOf=${last.timestamp}&limit=1`;
      let pages = 0;
      for (; next; pages++) {
        const answer = await get(server, next);
        next = /^<([^>]+)>/.exec(answer.headers.link ?? '')?.[1];
      }
      assert.equal(pages, 4);
      await get(server, `${url}?asOf=${last.timestamp}`);
      await get(server, `${url}/participants?asOf=${last.position}`);
    });
    assert.equal(recorded.length, 1);
    assert.equal(recorded[0].filters.asOf, last.timestamp);
    // Another moment, viewer, conversation or asker is another question.
    const other = await start(server);
    for (const next of [`${url}?asOf=${last.position - 1}`, `${url}?asOf=${last.position}&viewer=ann`,
      `${other.path}?asOf=${other.last.position}`, `${url}?asOf=${last.position}&userId=ann&userRole=cx-agent`]) {
      assert.equal((await added(server, () => get(server, next))).length, 1, next);
    }
  });

  scenario(world, 'what a customer reads of its own, and what is not of the past, is not recorded', async (open, server) => {
    const { path: url, last } = await start(server);
    for (const own of [`${url}`, `${url}/messages`, `${url}/participants`, '/chat/conversations',
      `${url}?asOf=${last.position}&userId=cust`, `${url}/messages?asOf=${last.position}&userId=cust&userRole=cx-customer`,
      `${url}/messages?viewer=cust&userId=cust`]) {
      assert.deepEqual(await added(server, () => get(server, own)), [], own);
    }
    const asked = await added(server, () => get(server, `${url}?asOf=${last.position}&userId=ann&userRole=cx-agent`));
    assert.equal(asked.length, 1);
  });

  scenario(world, 'who only says to be a customer of the conversation is recorded', async (open, server) => {
    const customer = unique('cust');
    const { path: url, last } = await start(server, customer);
    const say = (fromUserId, fromRole) =>
      rest(server, 'POST', '/chat/messages', { conversationId: url.split('/').at(-1), fromUserId, fromRole, content: 'more' });
    const questions = (user, position = last.position) => ['', '/messages', '/participants']
      .map((route, i) => `${url}${route}?asOf=${position - i}&userId=${user}`);
    const isRecorded = async (paths) => {
      for (const one of paths) {
        const recorded = await added(server, () => get(server, one));
        assert.equal(recorded.length, 1, one);
      }
    };
    // A stranger, an agent without a role or with another one, and a customer of another conversation.
    const other = await start(server, unique('other'));
    const { fromUserId: elsewhere } = (await get(server, `${other.path}/messages`)).body[0];
    for (const user of [unique('ghost'), 'ann', 'ann&userRole=cx-customer', elsewhere]) await isRecorded(questions(user));
    // Who joined later was not there then.
    const { body: joined } = await say('late', 'cx-customer');
    await isRecorded([`${url}/messages?asOf=${last.position}&userId=late`]);
    assert.deepEqual(await added(server, () => get(server, `${url}/messages?asOf=${joined.position}&userId=late`)), []);
    // What was said after somebody had left is not theirs; what was said before is.
    await rest(server, 'POST', `/chat/conversations/${url.split('/').at(-1)}/leave`, { userId: customer });
    const { body: after } = await say('ann', 'cx-agent');
    await isRecorded([`${url}/messages?asOf=${after.position}&userId=${customer}`, `${url}?asOf=${after.position - 1}&userId=${customer}`]);
    for (const own of [...questions(customer), `${url}/messages?viewer=${customer}&userId=${customer}`]) {
      assert.deepEqual(await added(server, () => get(server, own)), [], own);
    }
    await isRecorded([`${url}/messages?viewer=ann&viewerRole=cx-agent&userId=ann`]);
  });

  scenario(world, 'a search of somebody who is more than a customer, or was nowhere, is recorded', async (open, server) => {
    const customer = unique('cust');
    await start(server, customer);
    const search = (user) => added(server, () => get(server, `/chat/search?q=two&userId=${user}`));
    assert.deepEqual(await search(customer), []);
    assert.deepEqual(await search(`${customer}&viewer=${customer}`), []);
    for (const user of ['ann', unique('ghost'), `${customer}&viewer=ann`]) {
      assert.equal((await search(user)).length, 1, user);
    }
  });

  scenario(world, 'a question that cannot be recorded is refused, and nothing is shown', async (open, server) => {
    const { path: url, last } = await start(server);
    const release = await holdLock(server);
    try {
      const answer = await rest(server, 'GET', `${url}/messages?asOf=${last.position}`);
      assert.equal(answer.status, 503, answer.text);
      assert.equal(answer.body.code, 'busy');
      assert.doesNotMatch(answer.text, /three/);
      assert.equal((await rest(server, 'GET', `${url}/messages?asOf=${last.position}&userId=cust`)).status, 200);
    } finally {
      await release();
    }
    const recorded = await added(server, () => get(server, `${url}/messages?asOf=${last.position}`));
    assert.equal(recorded.length, 1);
  });

  scenario(world, 'a search is recorded, its words only as their salted hash', async (open, server) => {
    const { room, path: url } = await start(server);
    const words = `two "${unique('secret')}"`;
    const search = (more) => get(server, `/chat/search?q=${encodeURIComponent(words)}${more}`);
    const recorded = await added(server, async () => {
      await search(`&conversationId=${room}&limit=1&userId=ann&userRole=cx-agent`);
      await search(`&conversationId=${room}&limit=1&before=9999&userId=ann&userRole=cx-agent`);
    });
    assert.equal(recorded.length, 1);
    const [{ what, by, filters: { words: hashed, ...filters } }] = recorded;
    assert.deepEqual({ what, by, filters }, {
      what: 'search', by: { kind: 'none', userId: 'ann', userRole: 'cx-agent' }, filters: { conversationId: room },
    });
    const hash = createHash('sha256').update(Buffer.from(hashed.salt, 'hex')).update(words).digest('hex');
    assert.equal(hashed.sha256, hash);
    assert.doesNotMatch(JSON.stringify(records(server)), /secret/);
    const [other] = await added(server, () => search('&author=ann&from=2020-01-01'));
    assert.deepEqual({ ...other.filters, words: undefined },
      { author: 'ann', from: '2020-01-01T00:00:00.000Z', words: undefined });
    assert.notEqual(other.filters.words.salt, hashed.salt);
    assert.deepEqual(await added(server, () => search('&userId=cust')), []);
    assert.equal((await added(server, () => get(server, `${url}?asOf=1&userId=ann&userRole=cx-agent`, 404))).length, 1);
  });

  scenario(world, 'pages of a search whose range is how long ago belong to its record', async (open, server) => {
    const { room } = await start(server);
    const recorded = await added(server, async () => {
      let pages = 0;
      for (let next = `/chat/search?q=t*&conversationId=${room}&from=-1h&to=9999-01-01&limit=1`; next; pages++) {
        const answer = await get(server, next);
        next = /^<([^>]+)>/.exec(answer.headers.link ?? '')?.[1];
      }
      assert.equal(pages, 2);
    });
    assert.equal(recorded.length, 1);
  });

  scenario(world, 'the query of docs/time-travel.md lists them', async (open, server) => {
    const { room, path: url, last } = await start(server);
    await get(server, `${url}?asOf=${last.position}&viewer=cust&userId=boss&userRole=cx-supervisor`);
    const [sql] = [...(await readDocument('docs/time-travel.md')).matchAll(/```sql\n(.*?)```/gs)].map(([, inner]) => inner);
    const [newest] = rows(server, sql);
    assert.deepEqual({ ...newest, at: undefined },
      { at: undefined, asker: 'boss', conversation: room, as_of: String(last.position), viewer: 'cust' });
  });
});

describe('audit_read, on four loops', () => {
  const world = useServer({ args: ['--io.threads=4'] });

  scenario(world, 'the same question, asked many times at once, is one record', async (open, server) => {
    const { path: url, last } = await start(server);
    const asker = 'userId=x9&userRole=cx-agent';
    const search = `/chat/search?q=${unique('word')}&${asker}`;
    const asked = {
      search: Array(30).fill(search),
      page: ['', '/messages', '/participants'].map((route) => `${url}${route}?asOf=${last.timestamp}&${asker}`),
      many: Array(30).fill(`${url}/messages?asOf=${last.position}&${asker}&viewer=cust`),
    };
    for (const [name, paths] of Object.entries(asked)) {
      const recorded = await added(server, async () => {
        const answers = await atOnce(server, paths);
        assert.deepEqual(answers.filter(({ status }) => status !== 200), []);
      });
      assert.equal(recorded.length, 1, name);
    }
    // Each asker's question is its own.
    const askers = ['ann', 'bea', 'cid'].flatMap((id) => Array(10).fill(`${url}?asOf=${last.position}&userId=${id}&userRole=cx-agent`));
    const recorded = await added(server, () => atOnce(server, askers));
    assert.deepEqual(recorded.map(({ by }) => by.userId).sort(), ['ann', 'bea', 'cid']);
  });

  scenario(world, 'where the record cannot be stored, all who asked at once are refused', async (open, server) => {
    const { path: url, last } = await start(server);
    const question = `${url}/messages?asOf=${last.position}&userId=x9&userRole=cx-agent`;
    const release = await holdLock(server);
    const recorded = await added(server, async () => {
      try {
        for (const { status, body, text } of await atOnce(server, Array(30).fill(question))) {
          assert.equal(status, 503, text);
          assert.equal(body.code, 'busy');
          assert.doesNotMatch(text, /three/);
        }
      } finally {
        await release();
      }
    });
    assert.deepEqual(recorded, []);
    assert.equal((await added(server, () => get(server, question))).length, 1);
  });
});

describe('audit_read, with audit.record off', () => {
  const world = useServer({ args: ['--audit.record=false'] });

  scenario(world, 'nothing is recorded', async (open, server) => {
    const { path: url, last } = await start(server);
    assert.deepEqual(await added(server, () => get(server, `${url}?asOf=${last.position}`)), []);
  });
});

describe('audit_read, with tokens', () => {
  const world = useIdentityServer(ratesOff);

  test('the record names the token\'s principal, and whom a service acted for', async () => {
    const conversationId = unique('room');
    const user = unique('cust');
    const post = (to, body) => done(world, world.back, 'POST', to, body);
    await post(`/chat/conversations/${conversationId}/join`, { userId: user, userRole: 'cx-customer' });
    const { position } = await post('/chat/messages', { conversationId, fromUserId: user, fromRole: 'cx-customer', content: 'hi' });
    const url = `/chat/conversations/${conversationId}/messages?asOf=${position}`;
    const askedBy = async (token, more = '') =>
      (await added(world.server, async () => as(world, token, 'GET', url + more))).map(({ by }) => by);
    const ada = unique('ada');
    assert.deepEqual(await askedBy(tokenOf('auditor', ada)), [{ kind: 'auditor', userId: ada }]);
    assert.deepEqual(await askedBy(tokenOf('supervisor', 'boss'), `&viewer=${user}`), [
      { kind: 'person', userId: 'boss', userRole: 'cx-supervisor' },
    ]);
    assert.deepEqual(await askedBy(world.back), [{ kind: 'service', userId: 'back-end' }]);
    assert.deepEqual(await askedBy(world.back, '&userId=ann&userRole=cx-agent'), [
      { kind: 'service', userId: 'back-end', for: { userId: 'ann', userRole: 'cx-agent' } },
    ]);
    assert.deepEqual(await askedBy(world.back, '&userId=nobody'), [
      { kind: 'service', userId: 'back-end', for: { userId: 'nobody' } },
    ]);
    // Its own history, by itself or through the back end; and what was refused before it was read.
    assert.deepEqual(await askedBy(tokenOf('customer', user)), []);
    assert.deepEqual(await askedBy(world.back, `&userId=${user}&userRole=cx-customer`), []);
    assert.deepEqual(await askedBy(tokenOf('agent', 'ann'), `&viewer=${user}`), []);
  });
});
