// `parley export` and `parley import`, and every example of docs/format/export.md.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readDocument } from '../support/documents.mjs';
import { rest } from '../support/rest.mjs';
import { programPath, startServer } from '../support/server.mjs';
import { exported, parley, refuses, succeeds, waitMsMax } from './support.mjs';

const hashIn = (text) => /hash ([0-9a-f]{64})\n$/.exec(text)[1];
const blocksOf = (document, language) => [...document.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text);

describe('export and import', { timeout: 4 * waitMsMax }, () => {
  let folder; // a log of 3,000 events
  let scratch;
  let whole; // the text of its export
  before(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'parley-export-'));
    folder = path.join(scratch, 'log');
    await succeeds('generate', '--events', '3000', '--data', folder);
    whole = await succeeds('export', '--data', folder);
  });

  after(() => rm(scratch, { recursive: true, force: true }));

  test('generate, export, import, export: the same bytes, the same hash, and a server goes on with it', async () => {
    const file = path.join(scratch, 'whole.jsonl');
    await succeeds('export', '--data', folder, '--out', file);
    assert.equal(await readFile(file, 'utf8'), whole);
    assert.equal((await stat(file)).mode & 0o777, 0o640);
    const again = path.join(scratch, 'again');
    const said = await succeeds('import', file, '--data', again);
    assert.match(said, /^imported into .*: 3000 events, \d+ conversations, \d+ users, hash [0-9a-f]{64}\n$/);
    assert.equal(await succeeds('export', '--data', again), whole);
    assert.equal(await succeeds('verify', '--data', again), await succeeds('verify', '--data', folder));
    assert.equal(hashIn(said), hashIn(await succeeds('verify', '--data', folder)));
    assert.match(await succeeds('rebuild', '--check', '--data', again), /^views equal/);

    const server = await startServer({ dataDir: again });
    try {
      const body = { conversationId: 'case-0000001', fromUserId: 'late', fromRole: 'cx-agent', content: 'hello' };
      assert.equal((await rest(server, 'POST', '/chat/messages', body)).status, 201);
    } finally {
      await server.finish(); // verifies it again
    }
  });

  test('what retention emptied is exported, imported and exported again as the same', async () => {
    const data = path.join(scratch, 'emptied');
    await succeeds('generate', '--events', '1000', '--data', data);
    const typing = (await exported(data)).map((line) => JSON.parse(line)).filter(({ type }) => type.startsWith('typing_'));
    const updates = typing.slice(0, 200).map((event) => {
      const commitment = createHash('sha256').update(JSON.stringify(event.data)).digest('hex');
      return `UPDATE event SET data = '', commitment = x'${commitment}' WHERE position = ${event.position};`;
    });
    execFileSync('sqlite3', [path.join(data, 'parley.db')], { input: updates.join('\n') });
    assert.match(await succeeds('verify', '--data', data), /^good/);
    const file = path.join(scratch, 'emptied.jsonl');
    await succeeds('export', '--data', data, '--out', file);
    const again = path.join(scratch, 'emptied-again');
    await succeeds('import', file, '--data', again);
    assert.equal(await succeeds('export', '--data', again), await readFile(file, 'utf8'));
    assert.equal((await exported(again)).filter((line) => line.includes('"commitment":"')).length, 200);
  });

  test('an export that is cut is resumed to what it would have been', async () => {
    const file = path.join(scratch, 'cut.jsonl');
    for (const bytes of [whole.length, 200_000, 100_001, whole.indexOf('\n') + 1]) {
      await writeFile(file, whole.slice(0, bytes));
      const args = ['export', '--data', folder, '--out', file, '--resume'];
      if (bytes === whole.length) {
        await refuses(/is complete/, ...args);
        continue;
      }
      await succeeds(...args);
      assert.equal(await readFile(file, 'utf8'), whole, `cut at ${bytes}`);
    }
    await truncate(file, 100_000);
    await refuses(/other options, or is of another log/, 'export', '--data', folder, '--out', file, '--resume', '--user', 'customer-000001');
    await truncate(file, 10);
    await refuses(/no whole line/, 'export', '--data', folder, '--out', file, '--resume');
    await refuses(/is there already; .*--resume/, 'export', '--data', folder, '--out', file);
    assert.equal((await stat(file)).size, 10);
  });

  test('how many events a viewer may not see is told of the whole export, also where it was cut', async () => {
    const ask = ['export', '--data', folder, '--viewer', 'customer-000001'];
    for (const more of [[], ['--conversation', 'case-0000001'], ['--conversation', 'case-0000001', '--user', 'customer-000001']]) {
      const all = await parley(...ask, ...more);
      const lines = all.stdout.trim().split('\n');
      for (const kept of [1, 2, Math.ceil(lines.length / 2), lines.length - 1]) {
        const file = path.join(scratch, 'cut-view.jsonl');
        await writeFile(file, `${lines.slice(0, kept).join('\n')}\n{"id"`);
        const resumed = await parley(...ask, ...more, '--out', file, '--resume');
        assert.equal(resumed.stderr, all.stderr, `${more}, ${kept} of ${lines.length} lines`);
        assert.equal(await readFile(file, 'utf8'), all.stdout);
      }
    }
    const one = (await exported(folder)).map((line) => JSON.parse(line)).find((event) => event.isVisible === false);
    const { stderr } = await parley(...ask, '--from-position', String(one.position), '--to', new Date(Date.parse(one.at) + 1).toISOString());
    assert.match(stderr, /^parley: 1 event was left out, which the viewer may not see\n$/);
  });

  test('"-" is standard output, and a file in which nothing could be written is not left behind', async () => {
    assert.equal(await succeeds('export', '--data', folder, '--out', '-'), whole);
    await refuses(/--resume needs --out FILE/, 'export', '--data', folder, '--out', '-', '--resume');
    assert.ok(!(await readdir('.')).includes('-'));
    const file = path.join(scratch, 'no-room.jsonl');
    for (const args of [['export'], ['transcript', '--conversation', 'case-0000002']]) {
      const { status, stderr } = spawnSync('prlimit', ['--fsize=0', programPath(), ...args, '--out', file, '--data', folder], { encoding: 'utf8' });
      assert.equal(status, 74, stderr);
      assert.match(stderr, /cannot be written: File too large/);
      assert.ok(!(await readdir(scratch)).includes('no-room.jsonl'), `${args[0]} left it`);
    }
  });

  test('a refused import names the line, ends with 65, and leaves no database', async () => {
    const file = path.join(scratch, 'bad.jsonl');
    const target = path.join(scratch, 'refused');
    const lines = whole.split('\n');
    [lines[1000], lines[1001]] = [lines[1001], lines[1000]];
    await writeFile(file, lines.join('\n'));
    const { code, stdout, stderr } = await parley('import', file, '--data', target);
    assert.equal(code, 65);
    assert.equal(stdout, '');
    assert.match(stderr, /nothing was imported\nparley: line 1001: expected position 1000, found 1001\n$/);
    assert.ok(!(await readdir(scratch)).includes('refused'));
    await refuses(/no database/, 'verify', '--data', target);
    await writeFile(file, whole);
    await succeeds('import', file, '--data', target);
    await refuses(/is there already/, 'import', file, '--data', target);
    await refuses(/there is no file/, 'import', path.join(scratch, 'nowhere'), '--data', path.join(scratch, 'other'));
  });

  test('exports of a part say so, and what may be asked is checked', async () => {
    const part = await succeeds('export', '--data', folder, '--conversation', 'case-0000002', '--conversation', 'case-0000004', '--from-position', '5');
    const [first, ...events] = part.trim().split('\n').map((line) => JSON.parse(line));
    const last = events.pop();
    assert.deepEqual(first.filters, { conversations: ['case-0000002', 'case-0000004'] });
    assert.equal(first.whole, false);
    assert.equal(first.after.position, 4);
    assert.equal(last.events, events.length);
    assert.deepEqual([...new Set(events.map((event) => event.conversationId))].sort(), ['case-0000002', 'case-0000004']);

    const seen = await parley('export', '--data', folder, '--conversation', 'case-0000001', '--viewer', 'customer-000001');
    assert.match(seen.stderr, /^parley: \d+ events were left out, which the viewer may not see\n$/);
    assert.ok(!seen.stdout.includes('"isVisible":false'));

    const short = await parley('export', '--data', folder, '--from-position', '3001');
    assert.deepEqual([short.code, short.stdout.trim().split('\n').length], [0, 2], 'the next event that there will be');

    for (const [args, status, words] of [
      [['--conversation', 'nowhere'], 1, /no conversation "nowhere"/],
      [['--user', 'nobody'], 1, /no user "nobody"/],
      [['--from', 'yesterday'], 2, /is no time/],
      [['--from-position', '0'], 2, /from 1, not "0"/],
      [['--from-position', '99999'], 2, /^parley: the log ends at position 3000/],
      [['--from-position', '3002'], 2, /the log ends at position 3000/],
      [['--from', '2026-11-30', '--to', '2026-11-29'], 2, /--to must be later than --from/],
      [['--from', '2026-11-30', '--to', '2026-11-30'], 2, /--to must be later than --from/],
      [['--user', 'customer-000001', '--user', 'customer-000002'], 2, /--user is given more than once/],
      [['--role', 'cx-agent'], 2, /--role needs --viewer/],
      [['--viewer', 'customer-000001', '--role', 'chief'], 2, /no role "chief"/],
      [['--resume'], 2, /--resume needs --out/],
    ]) {
      const { code, stdout, stderr } = await parley('export', '--data', folder, ...args);
      assert.equal(code, status, `${args}: ${stderr}`);
      assert.match(stderr, words);
      assert.equal(stdout, '');
    }
  });

  test('the examples of docs/format/export.md are what the program says, and its Python checks the hashes', async () => {
    const document = await readDocument('docs/format/export.md');
    const data = path.join(scratch, 'example');
    await succeeds('generate', '--events', '100', '--seed', '7', '--data', data);
    const example = (await succeeds('export', '--data', data)).split('\n');
    const shown = blocksOf(document, 'json')[0].split('\n').slice(0, -1);
    assert.deepEqual(shown, [example[0], example[3], example.at(-2)]);
    const fields = new Set(document.match(/`[A-Za-z]+`/g).map((name) => name.slice(1, -1)));
    for (const line of example.slice(0, -1)) for (const field of Object.keys(JSON.parse(line))) assert.ok(fields.has(field), field);

    const program = path.join(scratch, 'check.py');
    await writeFile(program, blocksOf(document, 'python')[0]);
    const file = path.join(scratch, 'emptied.jsonl'); // of the test above: it has every kind of line
    const check = (name) => execFileSync('python3', [program, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const text = await readFile(file, 'utf8');
    assert.equal(check(file), `good ${JSON.parse(text.trim().split('\n').at(-1)).hash}\n`);
    const changed = path.join(scratch, 'changed.jsonl');
    await writeFile(changed, text.replace('"content":"', '"content":"x'));
    assert.throws(() => check(changed), /BAD at position/);
  });
});
