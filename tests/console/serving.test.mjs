// How the console's page is served: caching, compression, headers, links from elsewhere.
import assert from 'node:assert/strict';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startServer } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';

const withServer = async (args, use) => {
  const server = await startServer({ args });
  try {
    await use(server);
  } finally {
    await server.finish();
  }
};

test('the first load is three files within its budget', () =>
  withServer([], async (server) => {
    const page = await fetch(server.url);
    const html = await page.text();
    const files = [...html.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].map(([, file]) => file);
    assert.equal(files.length, 2, 'a style sheet and a script');
    const sizes = {};
    for (const file of files) {
      const { headers } = await rest(server, 'HEAD', file, undefined, { 'accept-encoding': 'gzip' });
      assert.equal(headers['content-encoding'], 'gzip');
      assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
      sizes[file.split('.').pop()] = Number(headers['content-length']);
    }
    assert.ok(sizes.js <= 45_000, `the script has ${sizes.js} bytes`);
    assert.ok(sizes.css <= 6_000, `the style sheet has ${sizes.css} bytes`);
    assert.ok(Buffer.byteLength(html) <= 2_000, `the page has ${html.length} bytes`);
  }));

test('the page is asked for again and is not sent again', () =>
  withServer([], async (server) => {
    const first = await rest(server, 'GET', '/');
    assert.equal(first.headers['cache-control'], 'no-cache');
    const again = await rest(server, 'GET', '/', undefined, { 'if-none-match': first.headers.etag });
    assert.equal(again.status, 304);
    assert.equal(again.text, '');
    assert.equal(again.headers['content-length'], undefined);
    // The connection goes on after it.
    const [one, two] = await Promise.all([fetch(server.url), fetch(server.url)]);
    assert.equal(await one.text(), await two.text());
  }));

test('compressed and plain are the same page', () =>
  withServer([], async (server) => {
    const plain = await (await fetch(server.url, { headers: { 'accept-encoding': 'identity' } })).arrayBuffer();
    const { default: http } = await import('node:http');
    const packed = await new Promise((resolve, reject) =>
      http
        .get(server.url, { headers: { 'accept-encoding': 'br, gzip;q=0.8' }, agent: false }, (response) => {
          const parts = [];
          response.on('data', (part) => parts.push(part));
          response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(parts) }));
        })
        .on('error', reject),
    );
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.deepEqual(gunzipSync(packed.bytes), Buffer.from(plain));
    const refused = await rest(server, 'HEAD', '/', undefined, { 'accept-encoding': 'gzip;q=0' });
    assert.equal(refused.headers['content-encoding'], undefined);
  }));

test('every file has the headers that keep other sites out', () =>
  withServer([], async (server) => {
    const html = await (await fetch(server.url)).text();
    const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file]) => file);
    for (const file of ['/', ...files]) {
      const { status, headers } = await rest(server, 'GET', file);
      assert.equal(status, 200, file);
      assert.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'.*require-trusted-types-for/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    }
  }));

test('a link from another site leads to the page, also where the browser sends cookies', () =>
  withServer([], async (server) => {
    const link = { 'sec-fetch-site': 'cross-site', cookie: 'token=1' };
    assert.equal((await rest(server, 'GET', '/', undefined, link)).status, 200);
    assert.equal((await rest(server, 'GET', '/chat/conversations', undefined, link)).status, 403);
    assert.equal((await rest(server, 'POST', '/', '{}', link)).status, 415);
  }));

test('console.enabled=false leaves no page', () =>
  withServer(['--console.enabled=false'], async (server) => {
    assert.equal((await rest(server, 'GET', '/')).status, 404);
    const link = { 'sec-fetch-site': 'cross-site', cookie: 'token=1' };
    assert.equal((await rest(server, 'GET', '/', undefined, link)).status, 403);
  }));
