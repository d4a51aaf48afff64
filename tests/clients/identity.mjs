// Shared by the tests of identity: a server with auth.mode=jwt, tokens of every kind, sockets and
// REST with them.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { io } from 'socket.io-client';
import { bounded, connected, patience, startServer } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';

const answerMsMax = 15_000 * patience;
const secret = randomBytes(32);
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

/// A JWT with these claims, signed with the tests' key, or with another that `kid` names. `exp` is
/// in an hour unless the claims say so.
export function sign(claims, key = secret, kid = undefined) {
  const head = base64url(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid }));
  const body = base64url(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + 3600, ...claims }));
  const signature = createHmac('sha256', key).update(`${head}.${body}`).digest('base64url');
  return `${head}.${body}.${signature}`;
}

/// The tests' key, or another one, as an entry of a JWKS.
export const jwk = (key = secret, kid = undefined) => ({ kty: 'oct', alg: 'HS256', k: base64url(key), kid });

/// The claims of each actor of docs/authorization.md, for the user `sub`.
export const claimsOf = {
  customer: (sub) => ({ sub, role: 'cx-customer' }),
  agent: (sub) => ({ sub, role: 'cx-agent' }),
  supervisor: (sub) => ({ sub, role: 'cx-supervisor' }),
  robot: (sub) => ({ sub, kind: 'robot' }),
  service: (sub) => ({ sub, kind: 'service' }),
  auditor: (sub) => ({ sub, kind: 'auditor' }),
  operator: (sub) => ({ sub, kind: 'operator' }),
};
export const tokenOf = (actor, sub, more = {}) => sign({ ...claimsOf[actor](sub), ...more });

/// Flags that turn all rates off, for tests that ask faster than people and programs do.
export const ratesOff = [
  ...['messages', 'typing', 'reads', 'joins', 'user-messages', 'user-reads', 'user-rest', 'connects', 'auth-failures']
    .flatMap((name) => [`--rate.${name}`, '0']),
  ...['--io.connections-per-user', '0'],
];

/// A server with auth.mode=jwt for the tests of the enclosing `describe`. `settings` are further
/// flags, in which `{folder}` is the folder of its keys; `files` are further files there, by name.
export function useIdentityServer(settings = [], files = {}) {
  const world = {};
  before(async () => {
    world.folder = mkdtempSync(path.join(tmpdir(), 'parley-keys-'));
    world.keys = path.join(world.folder, 'keys.json');
    writeFileSync(world.keys, JSON.stringify({ keys: [jwk()] }));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(world.folder, name), text);
    const further = settings.map((word) => word.replace('{folder}', world.folder));
    const args = ['--auth.mode', 'jwt', '--auth.keys', world.keys, ...further];
    world.server = await startServer({ args });
    world.back = tokenOf('service', 'back-end');
  });
  after(async () => {
    for (const socket of world.sockets ?? []) socket.disconnect();
    await world.server?.finish();
    rmSync(world.folder, { recursive: true, force: true });
  });
  world.sockets = [];
  return world;
}

/// A REST request with a token, or without one where it is null. `more` are further headers.
export function as(world, token, method, path, body, more = {}) {
  const headers = token === null ? more : { authorization: `Bearer ${token}`, ...more };
  return rest(world.server, method, path, body, headers);
}

/// The same; it must succeed. Returns the body.
export async function done(world, token, method, path, body) {
  const answer = await as(world, token, method, path, body);
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.body;
}

/// A socket with a token. Its `frames` are all events that it receives.
export async function connect(world, token, options = {}) {
  const socket = io(world.server.url, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    auth: { token },
    ...options,
  });
  socket.frames = [];
  socket.onAny((name, ...args) => socket.frames.push([name, ...args]));
  world.sockets.push(socket);
  await connected(socket, answerMsMax, 'connecting with a token');
  return socket;
}

/// Emits a request and returns its acknowledgement.
export function ask(socket, name, body) {
  return bounded(new Promise((resolve) => socket.emit(name, body, resolve)), answerMsMax, `the ack of ${name}`);
}
