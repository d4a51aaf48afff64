// The stream and the bus of a cluster on real nats-servers. The probes are processes of their own,
// as nodes would be.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../support/certificates.mjs';
import { askNats, freePorts, sendHeartbeats, startNats } from '../support/nats.mjs';
import { patience } from '../support/server.mjs';
import { startProbe } from './probe.mjs';

const timeout = 120_000 * patience;
const appendBytesMax = 1020 * 1024;
const numbered = (name, count) => Array.from({ length: count }, (_, i) => `${name}${i}`);

/// Runs `work` with probes of these options, and ends them.
async function withProbes(list, work) {
  const probes = await Promise.all(list.map(startProbe));
  try {
    await work(...probes);
  } catch (error) {
    await Promise.all(probes.map((probe) => probe.kill9()));
    throw error;
  }
  await Promise.all(probes.map((probe) => probe.end()));
}

describe('on one server', { timeout }, () => {
  let servers;
  // Each test has a stream of its own.
  const node = (cluster, name = 'a') => ({ cluster, node: name, servers: servers.urls, replicas: 1 });

  before(async () => {
    servers = await startNats(1);
  });
  after(() => servers.finish());

  test('a stream is made once, and then says how far it goes', async () => {
    await withProbes([node('made')], async (probe) => {
      assert.deepEqual(probe.hello, { connected: true });
      assert.equal((await probe.ask('ends')).exists, false);
      assert.equal(await probe.append(0, 'early'), 'unknown');
      assert.deepEqual(await probe.ask('make'), { made: true });
      assert.deepEqual(await probe.ask('ends'), { exists: true, first: 0, last: 0, bytes: 0 });
      assert.equal((await probe.ask('make')).refused, 'conflict');
      assert.deepEqual(await probe.ask('read', { sequence: 1 }), { message: null });
      assert.equal(await probe.append(0, 'x'), 'taken');
      assert.equal(await probe.append(1, 'y', 'Grüße\u0000\n'), 'taken');
      assert.deepEqual(await probe.ask('read', { sequence: 2 }), { sequence: 2, id: 'y', text: 'Grüße\u0000\n' });
      assert.deepEqual(await probe.ask('read', { sequence: 3 }), { message: null });
      assert.deepEqual(await probe.ask('read', { sequence: 2, led: true }), await probe.ask('read', { sequence: 2 }));
      assert.deepEqual(await probe.ask('read', { sequence: 3, led: true }), { message: null });
      const { first, last, bytes } = await probe.ask('ends');
      assert.deepEqual([first, last], [1, 2]);
      assert.ok(bytes > 0);
      const { config } = await askNats(servers.urls[0], '$JS.API.STREAM.INFO.PARLEY_made_1', {});
      const { subjects, retention, discard, storage, num_replicas, deny_delete, deny_purge, allow_direct } = config;
      assert.deepEqual(
        { subjects, retention, discard, storage, num_replicas, deny_delete, deny_purge, allow_direct },
        {
          subjects: ['parley.made.log.1'],
          retention: 'limits',
          discard: 'old',
          storage: 'file',
          num_replicas: 1,
          deny_delete: true,
          deny_purge: true,
          allow_direct: true,
        },
      );
      assert.equal(config.duplicate_window, 120e9);
      assert.equal(config.max_bytes, 64 * 1024 * 1024);
    });
  });

  test('of writers that expect the same last message, one is taken', async () => {
    await withProbes([node('race'), node('race', 'b')], async (a, b) => {
      await a.ask('make');
      for (let last = 0; last < 30; last++) {
        const both = await Promise.all([a.append(last, `a${last}`), b.append(last, `b${last}`)]);
        assert.deepEqual(both.sort(), ['refused', 'taken'], `after ${last}`);
      }
      assert.equal((await a.ask('ends')).last, 30);
      assert.equal(await a.append(31, 'beyond the end'), 'unknown');
    });
  });

  test('an append whose answer was lost is told when it is repeated, and is there once', async () => {
    await withProbes([{ ...node('lost'), timeoutMs: 300 }], async (probe) => {
      await probe.ask('make');
      assert.equal(await probe.append(0, 'x'), 'taken');
      await servers.pause(0);
      try {
        assert.equal(await probe.append(1, 'y'), 'unknown');
      } finally {
        servers.resume(0);
      }
      let repeated;
      do repeated = await probe.append(1, 'y');
      while (repeated === 'unknown');
      assert.equal(repeated, 'taken');
      assert.equal(await probe.append(1, 'y'), 'taken');
      assert.equal((await probe.ask('ends')).last, 2);
      assert.equal(await probe.append(1, 'z'), 'refused');
    });
  });

  test('it is told also when the servers have forgotten the id', async () => {
    const config = { name: 'PARLEY_forgot_1', subjects: ['parley.forgot.log.1'], duplicate_window: 100e6, allow_direct: true };
    assert.equal((await askNats(servers.urls[0], '$JS.API.STREAM.CREATE.PARLEY_forgot_1', config)).error, undefined);
    await withProbes([node('forgot')], async (probe) => {
      for (let last = 0; last < 3; last++) assert.equal(await probe.append(last, `x${last}`), 'taken');
      await sleep(400);
      for (let last = 0; last < 3; last++) assert.equal(await probe.append(last, `x${last}`), 'taken');
      for (let last = 0; last < 3; last++) assert.equal(await probe.append(last, `y${last}`), 'refused');
      assert.equal((await probe.ask('ends')).last, 3);
    });
  });

  test('the longest text is taken and read, and a node that follows gets it', async () => {
    await withProbes([node('long'), node('long', 'b')], async (a, b) => {
      await a.ask('make');
      await b.ask('follow', { from: 1 });
      for (let last = 0; last < 20; last++) {
        assert.deepEqual(await a.ask('append', { last, id: `long${last}`, size: appendBytesMax }), { append: 'taken' });
      }
      const { ids } = await b.ask('collect', { from: 1, to: 20 });
      assert.deepEqual(ids, numbered('long', 20));
    });
  });

  test('what the stream has discarded is not there, and a node that wanted it can go on', async () => {
    await withProbes([{ ...node('small'), streamBytes: 3 * 1024 * 1024 }], async (probe) => {
      await probe.ask('make');
      for (let last = 0; last < 10; last++) await probe.ask('append', { last, id: `x${last}`, size: appendBytesMax });
      const { first, last } = await probe.ask('ends');
      assert.deepEqual([first, last], [8, 10]);
      assert.deepEqual(await probe.ask('read', { sequence: 7 }), { message: null });
      assert.equal(await probe.append(6, 'too late to tell'), 'unknown');
      await probe.ask('follow', { from: 1 });
      await probe.happens(() => probe.log.includes('why=gap'), 'a gap');
      assert.deepEqual((await probe.ask('collect', { from: 8, to: 10 })).ids, ['x7', 'x8', 'x9']);
      const next = probe.ask('collect', { from: 11, to: 11 });
      await withProbes([node('small', 'b')], (other) => other.append(10, 'x10'));
      assert.deepEqual((await next).ids, ['x10']);
    });
  });

  test('a node that follows gets what was there and what comes, in order, from where it asks', async () => {
    await withProbes([node('feed'), node('feed', 'b'), node('feed', 'c')], async (a, b, c) => {
      await a.ask('make');
      await a.ask('write', { last: 0, count: 300, name: 'x' });
      await b.ask('follow', { from: 1 });
      await c.ask('follow', { from: 200 });
      const all = Promise.all([b.ask('collect', { from: 1, to: 500 }), c.ask('collect', { from: 200, to: 500 })]);
      await a.ask('write', { last: 300, count: 200, name: 'x' });
      const [fromFirst, fromLater] = await all;
      assert.deepEqual(fromFirst.ids, numbered('x', 500));
      assert.deepEqual(fromLater.ids, numbered('x', 500).slice(199));
      // It can begin again, before what it has read.
      await b.ask('follow', { from: 480 });
      assert.deepEqual((await b.ask('collect', { from: 480, to: 500 })).ids, numbered('x', 500).slice(479));
      // A read far beyond what has come to the node goes on from there.
      await b.ask('follow', { from: 1 });
      assert.equal((await b.ask('read', { sequence: 499 })).id, 'x498');
      const next = b.ask('collect', { from: 500, to: 520 });
      await a.ask('write', { last: 500, count: 20, name: 'x' });
      assert.deepEqual((await next).ids, numbered('x', 520).slice(499));
    });
  });

  describe('a consumer that brings nothing any more is noticed', () => {
    test('by being silent', async () => {
      await withFollower('silent', async (a, b, stream) => {
        await endConsumer(stream);
        await subscribesAnew(b, stream, 'silent');
        // Only now: a follower that is behind may notice that first.
        await a.ask('write', { last: 0, count: 10, name: 'x' });
      });
    });

    test('by being behind', async () => {
      await withFollower('behind', async (a, b, stream) => {
        const stop = sendHeartbeats(servers.urls[0], await endConsumer(stream));
        await a.ask('write', { last: 0, count: 10, name: 'x' });
        await subscribesAnew(b, stream, 'behind');
        stop();
      });
    });

    async function withFollower(cluster, work) {
      await withProbes([node(cluster), node(cluster, 'b')], async (a, b) => {
        await a.ask('make');
        await b.ask('follow', { from: 1 });
        await work(a, b, `PARLEY_${cluster}_1`);
        assert.deepEqual((await b.ask('collect', { from: 1, to: 10 })).ids, numbered('x', 10));
      });
    }

    const subscribesAnew = (probe, stream, why) =>
      probe.happens(() => probe.log.includes(`stream_subscribed_anew stream=${stream} why=${why}`), 'another consumer');
  });

  /// Takes the stream's only consumer away; where it delivered to.
  async function endConsumer(stream) {
    const [url] = servers.urls;
    let consumers;
    do ({ consumers } = await askNats(url, `$JS.API.CONSUMER.LIST.${stream}`, {}));
    while (consumers.length === 0);
    const done = await askNats(url, `$JS.API.CONSUMER.DELETE.${stream}.${consumers[0].name}`, {});
    assert.equal(done.success, true);
    return consumers[0].config.deliver_subject;
  }

  test('a message on the bus reaches all others that listen to its subject', async () => {
    await withProbes([node('bus'), node('bus', 'b'), node('bus', 'c')], async (a, b, c) => {
      await a.ask('listen', { subject: 'parley.bus.lead' });
      await b.ask('listen', { subject: 'parley.bus.applied.*' });
      await c.ask('listen', { subject: 'parley.bus.>' });
      const texts = ({ heard }) => [...new Set(heard.map(({ subject, text }) => `${subject} ${text}`))].sort();
      const applied = 'parley.bus.applied.a 1';
      const lead = ['parley.bus.lead Grüße', 'parley.bus.lead from itself'];
      let sending = true;
      // Listening begins soon, not at once.
      const sent = (async () => {
        while (sending) {
          await a.ask('send', { subject: 'parley.bus.applied.a', text: '1' });
          await b.ask('send', { subject: 'parley.bus.lead', text: 'Grüße' });
          await a.ask('send', { subject: 'parley.bus.lead', text: 'from itself' });
        }
      })();
      await a.happens(() => a.heard.length > 0, 'a message for a');
      await b.happens(() => b.heard.length > 0, 'a message for b');
      await c.happens(() => texts(c).length === 3, 'messages for c');
      sending = false;
      await sent;
      assert.deepEqual([texts(a), texts(b), texts(c)], [[lead[0]], [applied], [applied, ...lead]]);
    });
  });

  test('without its server a node knows nothing, and goes on when it is back', async () => {
    await withProbes([node('away'), node('away', 'b')], async (a, b) => {
      await a.ask('make');
      assert.equal(await a.append(0, 'x'), 'taken');
      await b.ask('follow', { from: 1 });
      await b.ask('listen', { subject: 'parley.away.lead' });
      const seen = b.ask('collect', { from: 1, to: 60 });
      await servers.kill9(0);
      assert.equal(await a.append(1, 'x1'), 'unknown');
      assert.equal((await a.ask('read', { sequence: 1 })).refused, 'busy');
      assert.equal((await a.ask('ends')).refused, 'busy');
      assert.equal((await a.ask('make')).refused, 'busy');
      assert.deepEqual(await a.ask('connected'), { connected: false });
      await a.ask('send', { subject: 'parley.away.lead', text: 'lost' });
      await a.happens(() => a.log.includes('nats_not_connected'), 'a line of the log');
      await servers.start(0);
      assert.equal((await a.ask('write', { last: 1, count: 59, name: 'x' })).last, 60);
      assert.deepEqual((await seen).ids, ['x', ...numbered('x', 60).slice(1)]);
      while (b.heard.length === 0) await a.ask('send', { subject: 'parley.away.lead', text: 'here' });
      assert.equal(b.heard[0].text, 'here');
      const said = a.log.match(/ nats_\w+/g).map((name) => name.trim());
      assert.deepEqual(said, ['nats_connected', 'nats_disconnected', 'nats_not_connected', 'nats_connected']);
    });
  });
});

describe('what cannot work', { timeout }, () => {
  test('is refused at the start, without the password', async () => {
    const [port] = await freePorts(1);
    const servers = [`nats://ann:secret@127.0.0.1:${port}`];
    for (const [options, refused] of [
      [{ node: 'a', servers: [] }, 'invalid_setting'],
      [{ node: 'a.b', servers }, 'invalid_setting'],
      [{ node: 'a', cluster: 'x y', servers }, 'invalid_setting'],
      [{ node: 'a', servers: ['http://ann:secret@127.0.0.1'] }, 'invalid_setting'],
      [{ node: 'a', servers: ['nats://ann:secret@127.0.0.1'] }, 'invalid_setting'],
      [{ node: 'a', servers, ca: '/nowhere/ca.pem' }, 'file_refused'],
    ]) {
      const probe = await startProbe(options);
      assert.equal(probe.hello.refused, refused, JSON.stringify(options));
      assert.doesNotMatch(JSON.stringify(probe.hello) + probe.log, /secret/);
    }
  });

  test('a server with small messages is refused', async () => {
    const small = await startNats(1, { settings: 'max_payload: 65536' });
    try {
      const { hello } = await startProbe({ node: 'a', servers: small.urls });
      assert.equal(hello.refused, 'invalid_setting');
      assert.match(hello.message, /max_payload of 65536/);
    } finally {
      await small.finish();
    }
  });

  test('a node without a server starts all the same, and says so once', async () => {
    const [port] = await freePorts(1);
    await withProbes([{ node: 'a', servers: [`nats://ann:secret@127.0.0.1:${port}`] }], async (probe) => {
      assert.deepEqual(probe.hello, { connected: false });
      assert.equal(await probe.append(0, 'x'), 'unknown');
      assert.equal((await probe.ask('ends')).refused, 'busy');
      assert.equal(probe.log.match(/nats_not_connected/g).length, 1);
      assert.doesNotMatch(probe.log, /secret/);
    });
  });
});

describe('over TLS, with a password', { timeout }, () => {
  test('a node connects to a server that its authority has signed, and to no other', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-nats-tls-'));
    const { certificate, key } = makeCertificate(folder);
    const settings = `tls { cert_file: "${certificate}", key_file: "${key}" }
      authorization { user: ann, password: secret }`;
    const servers = await startNats(1, { settings, scheme: 'tls', user: 'ann:secret' });
    try {
      const [url] = servers.urls;
      const wrong = url.replace('secret', 'guess');
      await withProbes(
        [
          { node: 'a', servers: [url], ca: certificate, replicas: 1 },
          { node: 'b', servers: [url] },
          { node: 'c', servers: [wrong], ca: certificate },
          { node: 'd', servers: [wrong, url], ca: certificate },
        ],
        async (a, b, c, d) => {
          assert.deepEqual([a, b, c, d].map(({ hello }) => hello.connected), [true, false, false, true]);
          assert.deepEqual(await a.ask('make'), { made: true });
          assert.equal(await d.append(0, 'x'), 'taken');
          assert.doesNotMatch(a.log + b.log + c.log + d.log, /secret|guess/);
        },
      );
    } finally {
      await servers.finish();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('on three servers', { timeout }, () => {
  const stream = 'PARLEY_three_1';
  let servers;
  let leader; // the writer, on another server than the stream's leader
  let follower; // on that one
  const node = (name, first) => ({
    cluster: 'three',
    node: name,
    servers: [...servers.urls.slice(first), ...servers.urls.slice(0, first)],
  });

  before(async () => {
    servers = await startNats(3);
    await withProbes([node('maker', 0)], async (maker) => {
      let made;
      do made = await maker.ask('make');
      while (made.refused === 'busy');
      assert.deepEqual(made, { made: true });
    });
  });
  after(async () => {
    for (const probe of [leader, follower]) await probe?.kill9();
    await servers.finish();
  });

  test('nothing is lost, doubled or out of order while the leader of the stream is killed', async () => {
    const first = await servers.leaderOf(stream);
    leader = await startProbe(node('a', (first + 1) % 3));
    follower = await startProbe(node('b', first));
    await follower.ask('follow', { from: 1 });
    const seen = follower.ask('collect', { from: 1, to: 200 });
    const writing = leader.ask('write', { last: 0, count: 200, name: 'x' });
    await leader.happens(() => leader.written >= 100, 'the first hundred messages');
    await servers.kill9(first);
    const { last, unknown } = await writing;
    assert.equal(last, 200);
    assert.ok(unknown > 0, 'the server was killed too late');
    assert.deepEqual((await seen).ids, numbered('x', 200));
    assert.equal((await leader.ask('ends')).last, 200);
    await servers.start(first);
  });

  test('it goes on after all servers were killed at once', async () => {
    await servers.ready();
    const seen = follower.ask('collect', { from: 201, to: 260 });
    await Promise.all([0, 1, 2].map((i) => servers.kill9(i)));
    const writing = leader.ask('write', { last: 200, count: 60, name: 'x' });
    await Promise.all([0, 1, 2].map((i) => servers.start(i)));
    assert.equal((await writing).last, 260);
    assert.deepEqual((await seen).ids, numbered('x', 260).slice(200));
    const fresh = await startProbe(node('c', 2));
    await fresh.ask('follow', { from: 1 });
    assert.deepEqual((await fresh.ask('collect', { from: 1, to: 260 })).ids, numbered('x', 260));
    for (const probe of [fresh, leader, follower]) await probe.end();
    leader = follower = undefined;
  });
});
