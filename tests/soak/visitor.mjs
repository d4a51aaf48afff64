// An ordinary user's short visit on a stock client: joins rooms, talks, reads, leaves some of them,
// and disconnects, with or without a close.
import { setTimeout as pause } from 'node:timers/promises';
import { Client, kinds, recovering } from '../clients/support.mjs';
import { between, oneOf } from '../support/seeded.mjs';

// So few that all have met within the first minute: a server keeps each participant of a room that
// is in use.
const roomCount = 60;
const userCount = 60;
const answerMsMax = 5000;
const roles = ['cx-customer', 'cx-agent', 'cx-supervisor', 'robot'];
const fairRefusals = ['not_participant', 'conversation_not_found', 'busy'];

/// One visit. Throws on an unexpected refusal or an event of a wrong shape; codes in `alsoFair` are
/// expected too.
export async function visit(url, random, alsoFair = []) {
  const kind = oneOf(random, Object.values(kinds));
  const once = { ...kind, options: { ...kind.options, reconnection: false } };
  // socket.io-client 3 has no use for cursors.
  const asks = random() < 0.5 && kind !== kinds.v3;
  const client = new Client(asks ? recovering(once) : once, url);
  const fair = [...fairRefusals, ...alsoFair];
  const ask = (name, body) => answerOf(client, name, body, fair);
  try {
    if (!(await arrived(client))) return;
    const user = { userId: `user-${between(random, 0, userCount)}`, userRole: oneOf(random, roles) };
    const rooms = Array.from({ length: between(random, 1, 3) }, () => `room-${between(random, 0, roomCount)}`);
    if (random() < 0.2) await ask('join_dashboard', {});
    for (const conversationId of rooms) await ask('join_room', { conversationId, ...user });
    for (let i = between(random, 1, 6); i > 0; i--) await act(ask, oneOf(random, rooms), user, random);
    if (random() < 0.5) await ask('leave_room', { conversationId: rooms[0], userId: user.userId });
    if (random() < 0.3) client.socket.io.engine.close(); // without a Socket.IO disconnect
    if (client.faults.length > 0) throw client.faults[0];
  } finally {
    client.close();
  }
}

async function act(ask, conversationId, { userId, userRole }, random) {
  const dice = random();
  if (dice < 0.5) {
    const content = `hello ${'z'.repeat(between(random, 0, 500))}`;
    await ask('send_message', { conversationId, content, fromUserId: userId, fromRole: userRole });
  } else if (dice < 0.75) {
    await ask('typing_start', { conversationId, userId, userName: userId });
  } else {
    await ask('get_messages', { conversationId, limit: between(random, 1, 50) });
  }
  await pause(between(random, 0, 30));
}

async function arrived({ socket }) {
  await Promise.race([
    new Promise((resolve) => socket.once('connect', resolve)),
    new Promise((resolve) => socket.once('connect_error', resolve)),
    pause(answerMsMax),
  ]);
  return socket.connected;
}

// Returns the reply or undefined: a busy machine may miss a heartbeat, which ends a visit early.
async function answerOf({ socket }, name, body, fair) {
  if (!socket.connected) return undefined;
  const answer = new Promise((resolve) => socket.emit(name, body, (...given) => resolve(given[0])));
  const timer = new AbortController();
  const reply = await Promise.race([
    answer,
    pause(answerMsMax, undefined, { signal: timer.signal }).catch(() => undefined),
  ]);
  timer.abort();
  if (reply?.success === false && !fair.includes(reply.code)) {
    throw new Error(`${name} ${JSON.stringify(body)}: refused with ${JSON.stringify(reply)}`);
  }
  return reply;
}
