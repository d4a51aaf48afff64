// `parley demo` over TLS: where it plays, and which servers it tells nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeCertificate } from '../support/certificates.mjs';
import { startServer } from '../support/server.mjs';
import { parley, parleyWith, waitMsMax } from './support.mjs';

const answerMsMax = 10_000; // how long the demo waits for an answer

/// Lets `server` listen until the end of the test of `context`; returns the port.
async function listen(context, server) {
  server.listen(0, '127.0.0.1');
  context.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return server.address().port;
}

/// A server with that certificate, until the end of the test: `requests` counts what reaches it.
async function startStranger(context, files, options = {}) {
  const stranger = { requests: 0 };
  const pem = { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
  const server = https.createServer({ ...pem, ...options }, (request, response) => {
    stranger.requests++;
    response.end('[]');
  });
  stranger.port = await listen(context, server);
  return stranger;
}

/// Passes connections on to `port`, whose first bytes it holds back for `ms`; returns its own port.
function startDelay(context, port, ms) {
  const server = createServer((client) => {
    const inner = connect({ port, host: '127.0.0.1' });
    for (const [one, other] of [[client, inner], [inner, client]]) {
      one.on('error', () => {}).on('close', () => other.destroy());
    }
    client.pipe(inner);
    const timer = setTimeout(() => inner.pipe(client), ms);
    client.on('close', () => clearTimeout(timer));
  });
  return listen(context, server);
}

describe('the demo over TLS', { timeout: 4 * waitMsMax }, () => {
  const world = {};
  before(async () => {
    world.folder = mkdtempSync(path.join(tmpdir(), 'parley-demo-tls-'));
    world.files = makeCertificate(world.folder);
    const { certificate, key, ca } = world.files;
    world.server = await startServer({ args: ['--tls.certificate', certificate, '--tls.key', key] });
    world.server.ca = ca;
  });
  after(async () => {
    await world.server?.finish();
    rmSync(world.folder, { recursive: true, force: true });
  });

  for (const host of ['localhost', '127.0.0.1']) {
    test(`plays at ${host}, whose certificate it is told to trust`, async () => {
      const url = `https://${host}:${world.server.port}`;
      const { certificate } = world.files;
      const { code, stdout, stderr } = await parley('demo', '--url', url, '--pace', '0', '--force', '--ca', certificate);
      assert.equal(code, 0, stderr);
      assert.ok(stdout.includes(`curl --cacert '${certificate}' ${url}/chat/`), stdout);
    });
  }

  test("plays where it is told nothing, and the certificate is among the system's", async () => {
    const { code, stderr } = await parleyWith(
      { SSL_CERT_FILE: world.files.certificate },
      ...['demo', '--url', `https://localhost:${world.server.port}`, '--pace', '0', '--force'],
    );
    assert.equal(code, 0, stderr);
  });

  /// The demo must refuse to ask `stranger`, and say why.
  async function refuses(stranger, words, { host = 'localhost', port = stranger.port, ca, variables = {} }) {
    const trust = ca === undefined ? [] : ['--ca', ca];
    const { code, stderr } = await parleyWith(variables, 'demo', '--url', `https://${host}:${port}`, ...trust);
    assert.equal(code, 1, stderr);
    assert.match(stderr, words);
    assert.equal(stranger.requests, 0);
  }
  const hint = String.raw`.* \(--ca FILE names the certificates to trust; without TLS the URL begins with http:\)`;

  for (const [what, names, host] of [
    ['of another name', 'DNS:chat.example,IP:127.0.0.1', 'localhost'],
    ['of a name below', 'DNS:a.localhost,DNS:*.localhost', 'localhost'],
    ['of another address', 'DNS:localhost,IP:127.0.0.2', '127.0.0.1'],
    ['of a name, asked for by an address', 'DNS:localhost', '127.0.0.1'],
  ]) {
    test(`tells nothing to a server with a certificate ${what}`, async (context) => {
      const files = makeCertificate(world.folder, { name: 'stranger', names });
      const stranger = await startStranger(context, files);
      const words = new RegExp(`certificate.*: it is not for ${host}${hint}`, 'i');
      await refuses(stranger, words, { host, ca: files.certificate });
    });
  }

  for (const [trusts, isTold, isSystem] of [
    ["the system's certificates", false, false],
    ['another certificate', true, false],
    ["another certificate instead of the system's, which are good", true, true],
  ]) {
    test(`tells nothing to a server with a certificate of its own, where it trusts ${trusts}`, async (context) => {
      const files = makeCertificate(world.folder, { name: 'stranger' });
      const stranger = await startStranger(context, files);
      const variables = isSystem ? { SSL_CERT_FILE: files.certificate } : {};
      const ca = isTold ? world.files.certificate : undefined;
      await refuses(stranger, new RegExp(`certificate.*: self-signed certificate${hint}`, 'i'), { ca, variables });
    });
  }

  test('tells nothing to a server whose certificate comes too late', async (context) => {
    const files = makeCertificate(world.folder, { name: 'stranger', names: 'DNS:chat.example' });
    const stranger = await startStranger(context, files);
    const port = await startDelay(context, stranger.port, 1.5 * answerMsMax);
    await refuses(stranger, /no answer within 10 s/, { port, ca: files.certificate });
  });

  for (const [what, options, words] of [
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }, /protocol version/],
    ['a cipher without certificates', { maxVersion: 'TLSv1.2', ciphers: 'AECDH:@SECLEVEL=0' }, /handshake failure/],
  ]) {
    test(`does not agree to ${what}, whatever OpenSSL is configured to allow`, async (context) => {
      const stranger = await startStranger(context, world.files, options);
      const file = path.join(world.folder, 'openssl.cnf');
      writeFileSync(
        file,
        'openssl_conf = all\n[all]\nssl_conf = tls\n[tls]\nsystem_default = lax\n' +
          '[lax]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n',
      );
      await refuses(stranger, words, { ca: world.files.certificate, variables: { OPENSSL_CONF: file } });
    });
  }

  test('says so where the server speaks no TLS, and where it does', async () => {
    const plain = await startServer();
    try {
      await refuses({ requests: 0 }, new RegExp(`wrong version number${hint}`), { port: plain.port });
    } finally {
      await plain.finish();
    }
    const { code, stderr } = await parley('demo', '--url', `http://localhost:${world.server.port}`);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /\(does the server speak TLS\? Then the URL begins with https:\)/);
  });
});
