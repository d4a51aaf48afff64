// `parley token`: what it prints is a signed token as any other library would make it, and what it
// refuses is said.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, verify } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parley, succeeds, temporaryFolder, waitMsMax } from './support.mjs';

const exitUsage = 2;
const exitConfig = 78;
const exitNoInput = 66;
const secret = Buffer.from('0123456789abcdef0123456789abcdef');

/// The parts of a printed token.
function read(printed) {
  assert.match(printed, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const [header, claims, signature] = printed.trimEnd().split('.');
  const json = (part) => JSON.parse(Buffer.from(part, 'base64url'));
  return {
    header: json(header), claims: json(claims), signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

describe('parley token', { timeout: waitMsMax }, () => {
  const pem = (key) => key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

  /// Files of keys, and where another file would be.
  async function keyFiles() {
    const folder = await temporaryFolder();
    const file = async (name, text) => {
      await writeFile(path.join(folder, name), text);
      return path.join(folder, name);
    };
    return {
      file,
      missing: path.join(folder, 'missing'),
      ec: await file('ec.pem', pem(ec.privateKey)),
      rsa: await file('rsa.pem', pem(rsa.privateKey)),
      jwks: await file('jwks.json', JSON.stringify({
        keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'public' }, { kty: 'oct', kid: 'k1', k: secret.toString('base64url') }],
      })),
    };
  }

  test('signs with ES256, RS256 or HS256, by the first key that can', async () => {
    const keys = await keyFiles();
    const byEc = read(await succeeds('token', '--keys', keys.ec, '--user', 'anna', '--role', 'cx-agent'));
    assert.deepEqual(byEc.header, { alg: 'ES256', typ: 'JWT' });
    assert.ok(verify('sha256', byEc.signed, { key: ec.publicKey, dsaEncoding: 'ieee-p1363' }, byEc.signature));
    const byRsa = read(await succeeds('token', '--keys', keys.rsa, '--user', 'anna', '--role', 'cx-agent'));
    assert.equal(byRsa.header.alg, 'RS256');
    assert.ok(verify('sha256', byRsa.signed, rsa.publicKey, byRsa.signature));
    const bySecret = read(await succeeds('token', '--keys', keys.jwks, '--user', 'anna', '--role', 'cx-agent'));
    assert.deepEqual(bySecret.header, { alg: 'HS256', typ: 'JWT', kid: 'k1' });
    assert.deepEqual(createHmac('sha256', secret).update(bySecret.signed).digest(), bySecret.signature);
  });

  test('says who, and for how long', async () => {
    const keys = await keyFiles();
    const { claims } = read(await succeeds('token', '--keys', keys.ec, '--user', 'anna é', '--role', 'cx-customer',
      '--conversations', 'a, b', '--issuer', 'us', '--audience', 'parley', '--for', '90s'));
    const { iat, exp, jti, ...rest } = claims;
    assert.deepEqual(rest, { sub: 'anna é', kind: 'person', role: 'cx-customer', conversations: ['a', 'b'], iss: 'us', aud: 'parley' });
    assert.equal(exp - iat, 90);
    assert.ok(Math.abs(iat - Date.now() / 1000) < 120, `iat ${iat}`);
    assert.match(jti, /^[0-9a-f-]{36}$/);
    const named = read(await succeeds('token', '--keys', keys.ec, '--user', 'anna', '--role', 'cx-agent', '--jti', 'first'));
    assert.equal(named.claims.jti, 'first');
  });

  test('makes tokens for services and robots', async () => {
    const keys = await keyFiles();
    const service = read(await succeeds('token', '--keys', keys.ec, '--user', 'shop', '--kind', 'service', '--roles', 'cx-customer,robot', '--for', '1d'));
    assert.equal(service.claims.kind, 'service');
    assert.deepEqual(service.claims.roles, ['cx-customer', 'robot']);
    assert.equal(service.claims.role, undefined);
    assert.equal(service.claims.exp - service.claims.iat, 24 * 3600);
    const robot = read(await succeeds('token', '--keys', keys.ec, '--user', 'bot', '--role', 'robot'));
    assert.equal(robot.claims.kind, 'robot');
    assert.equal(robot.claims.role, 'robot');
  });

  test('refuses what would make no good token, and says why', async () => {
    const keys = await keyFiles();
    const refuses = async (status, words, ...args) => {
      const { code, stdout, stderr } = await parley('token', ...args);
      assert.equal(stdout, '', args.join(' '));
      assert.match(stderr, words);
      assert.equal(code, status, stderr);
    };
    const anna = ['--keys', keys.ec, '--user', 'anna'];
    await refuses(exitUsage, /--keys is required/, '--user', 'anna', '--role', 'cx-agent');
    await refuses(exitUsage, /--user is required/, '--keys', keys.ec);
    await refuses(exitUsage, /--user is empty/, '--keys', keys.ec, '--user=', '--role', 'cx-agent');
    await refuses(exitUsage, /a person needs a role/, ...anna);
    await refuses(exitUsage, /"agent" is no role/, ...anna, '--role', 'agent');
    await refuses(exitUsage, /the role of robots, and no other/, ...anna, '--kind', 'person', '--role', 'robot');
    await refuses(exitUsage, /the role of robots, and no other/, ...anna, '--kind', 'robot', '--role', 'cx-agent');
    await refuses(exitUsage, /--role is for persons and robots only/, ...anna, '--kind', 'auditor', '--role', 'cx-agent');
    await refuses(exitUsage, /"none" is no kind: say person, robot, service, auditor or operator/, ...anna, '--kind', 'none');
    await refuses(exitUsage, /--roles is for services only/, ...anna, '--role', 'cx-agent', '--roles', 'robot');
    await refuses(exitUsage, /--jti is empty/, ...anna, '--role', 'cx-agent', '--jti=');
    await refuses(exitUsage, /--roles names no role/, ...anna, '--kind', 'service', '--roles=');
    for (const time of ['1', 'h', '0s', '-1h', '1y', '1h30m', '99999999999d', '']) {
      await refuses(exitUsage, /--for must be a time up to ten years/, ...anna, '--role', 'cx-agent', `--for=${time}`);
    }
    await refuses(exitConfig, /public\.pem: it has no private key/, '--keys', await keys.file('public.pem', pem(ec.publicKey)), '--user', 'anna', '--role', 'cx-agent');
    await refuses(exitNoInput, /there is no file ".*missing"/, '--keys', keys.missing, '--user', 'anna', '--role', 'cx-agent');
    const weak = await keys.file('weak.json', JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA' }] }));
    await refuses(exitConfig, /weak\.json: key 1: a secret of 3 bytes is weak/, '--keys', weak, '--user', 'anna', '--role', 'cx-agent');
  });
});
