// Prometheus scrapes a loaded server: each panel of the dashboard has data, each alert can be
// evaluated, and none is raised where all is well.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { rest } from '../support/rest.mjs';
import { repositoryRoot, startServer } from '../support/server.mjs';
import { Load, temporaryFolder, waitMsMax } from './support.mjs';

const operations = path.join(repositoryRoot, 'docs/operations');
const rules = path.join(operations, 'alerts.yml');
const inThisTest = [['$__rate_interval', '20s'], ['$instance', '.*']];

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

class Prometheus {
  output = '';

  static async start(target) {
    const prometheus = new Prometheus();
    const folder = await temporaryFolder();
    const config = path.join(folder, 'prometheus.yml');
    const settings = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'parley', static_configs: [{ targets: [target] }] }],
    };
    await writeFile(config, JSON.stringify(settings)); // JSON is YAML
    const port = await freePort();
    prometheus.url = `http://127.0.0.1:${port}`;
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`];
    prometheus.child = spawn('prometheus', [...args, '--log.level=warn'], { stdio: ['ignore', 'ignore', 'pipe'] });
    prometheus.child.stderr.setEncoding('utf8').on('data', (text) => (prometheus.output += text));
    prometheus.ended = new Promise((resolve) => prometheus.child.once('close', resolve));
    return prometheus;
  }

  async get(what) {
    const { status, body } = await rest(this, 'GET', `/api/v1/${what}`);
    assert.equal(status, 200, `${what}: ${JSON.stringify(body)}`);
    return body.data;
  }

  async query(expression) {
    return (await this.get(`query?query=${encodeURIComponent(expression)}`)).result;
  }

  async until(holds, what) {
    for (let waited = 0; waited < waitMsMax; waited += 200) {
      if (await holds().catch(() => false)) return;
      await pause(200);
    }
    assert.fail(`${what}\n${this.output}`);
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.ended;
  }
}

/// A client that is pinged, polls, asks for history and is refused.
async function guest(server) {
  const socket = io(server.url, { forceNew: true, transports: ['polling'] });
  const ask = (name, body) => new Promise((resolve) => socket.emit(name, body, resolve));
  await new Promise((resolve) => socket.once('connect', resolve));
  await ask('join_room', { conversationId: 'room-0', userId: 'guest', userRole: 'cx-customer' });
  await ask('get_messages', { conversationId: 'room-0' });
  await ask('send_message', { conversationId: 'room-0', content: 'somebody there?' });
  await ask('send_message', {});
  await rest(server, 'GET', '/chat/conversations/none');
  await rest(server, 'GET', '/chat/conversations/room-0/participants');
  return socket;
}

describe('monitoring', { timeout: 4 * waitMsMax }, () => {
  let server;
  let load;
  let socket;
  let prometheus;
  before(async () => {
    server = await startServer({ args: ['--ping.interval=500', '--backup.every=1000'] });
    prometheus = await Prometheus.start(new URL(server.url).host);
    load = await Load.start(server, { writers: 2 });
    socket = await guest(server);
    await prometheus.until(async () => {
      const [scrapes] = await prometheus.query('count_over_time(up{job="parley"}[1m])');
      return Number(scrapes?.value[1]) >= 6;
    }, 'Prometheus never scraped six times');
  });
  after(async () => {
    load?.stop();
    socket?.disconnect();
    await prometheus?.stop();
    await server?.finish();
  });

  test('Prometheus has nothing to complain of', async () => {
    const { text } = await rest(server, 'GET', '/metrics');
    const format = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.deepEqual([format.status, format.stdout + format.stderr], [0, '']);
    const checked = spawnSync('promtool', ['check', 'rules', rules], { encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    const [target] = (await prometheus.get('targets')).activeTargets;
    assert.equal(target.lastError, '');
  });

  test('each panel of the dashboard has data', async () => {
    const dashboard = JSON.parse(await readFile(path.join(operations, 'grafana.json'), 'utf8'));
    const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    assert.deepEqual(rows, ['Now', 'Latency', 'Storage', 'Clients', 'Refusals']);
    const ids = dashboard.panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    let asked = 0;
    for (const { title, targets = [], description } of dashboard.panels) {
      assert.ok(targets.length === 0 || description, `${title} says what it shows`);
      for (const { expr } of targets) {
        const now = inThisTest.reduce((text, [name, value]) => text.replaceAll(name, value), expr);
        assert.doesNotMatch(now, /\$/);
        const series = await prometheus.query(now);
        assert.ok(series.length > 0, `${title} has no data: ${now}`);
        asked++;
      }
    }
    assert.ok(asked > 50, `${asked} expressions`);
  });

  test('percentiles are numbers, and agree with what was sent', async () => {
    for (const name of ['request_duration', 'commit_duration', 'fanout_delay', 'read_duration', 'ping_round_trip']) {
      const [half] = await prometheus.query(`histogram_quantile(0.5, sum by (le) (parley_${name}_seconds_bucket))`);
      const seconds = Number(half.value[1]);
      assert.ok(seconds > 0 && seconds < 10, `${name}: ${seconds}`);
    }
    const [kept] = await prometheus.query('parley_events_by_type_total{type="message_sent"}');
    assert.ok(Number(kept.value[1]) > 0);
  });

  test('no alert is raised, each can be evaluated, and its metrics exist', async () => {
    const { groups } = await prometheus.get('rules');
    const all = groups.flatMap(({ rules: some }) => some);
    assert.ok(all.length > 20, `${all.length} alerts`);
    await prometheus.until(async () => {
      const { groups: now } = await prometheus.get('rules');
      return now.flatMap(({ rules: some }) => some).every(({ health }) => health === 'ok');
    }, 'a rule cannot be evaluated');
    const known = new Set(await prometheus.get('label/__name__/values'));
    known.add('parley_tls_certificate_ends_seconds'); // absent without TLS
    for (const { name, query, state, lastError } of all) {
      assert.equal(lastError ?? '', '', name);
      assert.notEqual(state, 'firing', name); // pending: what lasts minutes is no business of a test
      const named = query.match(/\b(parley|process)_[a-z_]+\b|\bup\b/g);
      assert.ok(named.length > 0);
      for (const metric of named) assert.ok(known.has(metric), `${name} asks for ${metric}`);
    }
  });

  test('each alert has a severity and a summary', async () => {
    const text = await readFile(rules, 'utf8');
    const alerts = text.match(/- alert: /g).length;
    assert.equal(text.match(/summary: ".+"/g).length, alerts);
    assert.equal(text.match(/severity: (page|ticket)/g).length, alerts);
  });
});
