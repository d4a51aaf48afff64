// The life of the package on a clean Debian under systemd: installed, started, used, upgraded,
// removed, purged. One story: each test goes on where the one before it ended. As root.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CleanSystem, until } from './clean_system.mjs';
import { asVersion, fieldOf, packageFile } from './package.mjs';

const timeout = 1_200_000;
const higher = '99.0.0';
const dropIn = '/etc/systemd/system/parley.service.d';

describe('the package on a clean system', { timeout }, () => {
  let system;
  let folder;
  let file;
  let position;

  const show = async (property) => (await system.runs(`systemctl show -P ${property} parley`)).trim();
  const serves = () => until('the service to serve', async () => (await show('ActiveState')) === 'active' && (await show('StatusText')).startsWith('listening on http://localhost:3500'));
  const positionOf = async () => Number(/position (\d+)/.exec(await system.runs('parley verify --data /var/lib/parley'))[1]);

  before(async () => {
    file = await packageFile();
    folder = await mkdtemp(path.join(tmpdir(), 'parley-packages-'));
    const newer = path.join(folder, 'newer.deb');
    await asVersion(file, higher, newer);
    // The first of alternatives, without versions: what apt would install.
    const depends = (await fieldOf(file, 'Depends')).split(',').map((one) => one.replace(/\(.*|\|.*/g, '').trim());
    system = await CleanSystem.boot([...depends, 'iproute2']);
    await system.take(file);
    await system.take(newer);
  });
  after(async () => {
    await system?.end();
    await rm(folder, { recursive: true, force: true });
  });

  test('an installation starts the service, as a user of its own, and others cannot read its data', async () => {
    await system.runs(`dpkg -i /root/${path.basename(file)}`);
    await serves();
    assert.equal(await show('UnitFileState'), 'enabled');
    assert.equal((await system.runs('stat -c "%U %G %a" /var/lib/parley')).trim(), 'parley parley 750');
    assert.equal((await system.runs('stat -c "%U %G %a" /var/lib/parley/parley.db')).trim(), 'parley parley 640');
    assert.equal((await system.runs('ps -o user= -p $(systemctl show -P MainPID parley) 2>/dev/null || stat -c %U /proc/$(systemctl show -P MainPID parley)')).trim(), 'parley');
  });

  test('the demo of the package plays its own samples', async () => {
    await system.runs('cd / && parley demo --pace 0');
    position = await positionOf();
    assert.ok(position > 100, `${position}`);
  });

  test('a reload is heard, and a watchdog that is not fed ends the process', async () => {
    const journal = 'journalctl --no-pager -u parley';
    const pid = await show('MainPID');
    await system.runs('systemctl reload parley');
    await until('the reload in the journal', async () => /reload_asked/.test(await system.runs(journal)));
    assert.equal(await show('MainPID'), pid);
    await system.runs(`mkdir -p ${dropIn} && printf '[Service]\\nWatchdogSec=4\\n' > ${dropIn}/test.conf && systemctl daemon-reload && systemctl restart parley`);
    await serves();
    const fed = await show('WatchdogTimestampMonotonic');
    await until('the watchdog to be fed', async () => (await show('WatchdogTimestampMonotonic')) !== fed);
    const hanging = await show('MainPID');
    await system.runs(`kill -STOP ${hanging}`);
    await until('a new process', async () => !['0', hanging].includes(await show('MainPID')));
    await serves();
    assert.match(await system.runs(journal), /Watchdog timeout/);
    assert.equal(await positionOf(), position);
    await system.runs(`rm -r ${dropIn} && systemctl daemon-reload`);
  });

  test('a stop waits for a drain that is longer than TimeoutStopSec', async () => {
    await system.runs("printf 'drain.notice = 5000\\ndrain.timeout = 10000\\n' >> /etc/parley/parley.conf");
    await system.runs(`mkdir -p ${dropIn} && printf '[Service]\\nTimeoutStopSec=1\\n' > ${dropIn}/test.conf && systemctl daemon-reload && systemctl restart parley`);
    await serves();
    await system.runs('systemctl stop parley');
    assert.equal(await show('Result'), 'success');
    assert.equal(await show('ExecMainStatus'), '0');
    await system.runs(`sed -i '/^drain/ d' /etc/parley/parley.conf && rm -r ${dropIn} && systemctl daemon-reload && systemctl start parley`);
    await serves();
  });

  test('a wrong setting is not tried again and again', async () => {
    await system.runs("echo 'prot = 1' >> /etc/parley/parley.conf");
    assert.equal((await system.tries('parley config check --config /etc/parley/parley.conf')).code, 78);
    await system.tries('systemctl restart parley');
    await until('the service to have failed', async () => (await show('ActiveState')) === 'failed');
    assert.equal(await show('ExecMainStatus'), '78');
    assert.equal(await show('NRestarts'), '0');
    await system.runs("sed -i '$ d' /etc/parley/parley.conf && systemctl restart parley");
    await serves();
  });

  test('an upgrade restarts the service, and keeps settings and data', async () => {
    await system.runs("echo 'console.name = Help desk' >> /etc/parley/parley.conf && systemctl restart parley");
    const pid = await show('MainPID');
    await system.runs('dpkg -i /root/newer.deb');
    await serves();
    assert.notEqual(await show('MainPID'), pid);
    assert.equal((await system.runs("dpkg-query -W -f '${Version}' parley")).trim(), higher);
    assert.match(await system.runs('cat /etc/parley/parley.conf'), /^console.name = Help desk$/m);
    assert.equal(await positionOf(), position);
  });

  test('a removal stops the service and keeps settings and data; a purge asks nothing and keeps the data', async () => {
    await system.runs('dpkg -r parley </dev/null');
    assert.equal((await system.tries('systemctl is-active parley')).stdout.trim(), 'inactive');
    await system.runs('test -e /etc/parley/parley.conf && test -e /var/lib/parley/parley.db && ! test -e /usr/bin/parley');
    assert.match(await system.runs('dpkg -P parley </dev/null 2>&1'), /The chats in \/var\/lib\/parley are kept/);
    await system.runs('! test -e /etc/parley/parley.conf && test -e /var/lib/parley/parley.db');
    assert.equal((await system.runs('stat -c %U /var/lib/parley')).trim(), 'parley');
    assert.equal((await system.runs('find / -xdev -name "*parley*" -not -path "/root/*" -not -path "/var/lib/parley*" -not -path "/var/log/*"')).trim(), '');
  });

  test('installed again it serves what was kept', async () => {
    await system.runs(`dpkg -i /root/${path.basename(file)}`);
    await serves();
    assert.equal(await positionOf(), position);
  });
});
