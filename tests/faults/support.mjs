// Shared by the tests of failing storage.
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { io } from 'socket.io-client';
import { bounded, connected, patience, programPath, startServer as startProgram } from '../support/server.mjs';

export const answerMsMax = 15_000 * patience;

/// `parley serve` on a disk that fails according to FAULT_PLAN, with memory that fails according to
/// FAULT_ALLOCATIONS (tests/faults/faulty_main.cpp).
export const faultyProgram = () =>
  path.join(path.dirname(programPath()), 'tests/faults/parley-faulty');

export async function connect(server, options = {}, handlers = {}) {
  const socket = io(server.url, { forceNew: true, reconnection: false, transports: ['websocket'], ...options });
  for (const [event, handler] of Object.entries(handlers)) socket.on(event, handler);
  await connected(socket, answerMsMax, 'connecting');
  return socket;
}

/// The reply, or null if the connection ended before it came.
export function request(socket, event, body) {
  return bounded(
    new Promise((resolve) => {
      socket.once('disconnect', () => resolve(null));
      socket.emit(event, body, resolve);
    }),
    answerMsMax,
    event,
  );
}

export const send = (socket, conversationId, content) =>
  request(socket, 'send_message', { conversationId, content, fromUserId: 'anna', fromRole: 'cx-customer' });

const started = new Set();

/// A server that is stopped even if the test fails.
export async function startServer(options) {
  const server = await startProgram(options);
  started.add(server);
  return server;
}

export async function withFolder(body) {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-faults-'));
  try {
    return await body(folder);
  } finally {
    for (const server of started) if (server.pid) await server.kill9();
    started.clear();
    await rm(folder, { recursive: true, force: true });
  }
}

export const copyFolder = (from, to) => cp(from, to, { recursive: true });

/// name → SHA-256 of the files that must not change; missing files are left out.
export async function fingerprint(folder) {
  const found = {};
  for (const name of ['parley.db', 'parley.db-wal']) {
    try {
      const bytes = await readFile(path.join(folder, name));
      if (bytes.length > 0) found[name] = createHash('sha256').update(bytes).digest('hex');
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return found;
}
