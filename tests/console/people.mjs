// People who chat beside the page, through the real client.
import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import { bounded, patience } from '../support/server.mjs';
import { rest } from '../support/rest.mjs';

const answerMs = 15_000 * patience;
const sockets = new Set();

/// Ends everybody, also after a failed test: a client that tries to come back keeps the process.
export function endPeople() {
  sockets.forEach((socket) => socket.disconnect());
  sockets.clear();
}

/// Connects and joins; `say(content, more)` resolves with the stored message.
export async function person(server, conversationId, userId, userRole = 'cx-customer') {
  const socket = io(server.url, { forceNew: true, transports: ['websocket'], auth: { recovery: true } });
  sockets.add(socket);
  const ask = async (name, body) => {
    const answer = await bounded(socket.emitWithAck(name, body), answerMs, `${name} of ${userId}`);
    if (answer.success === false) throw new Error(`${name}: ${answer.code} ${answer.error}`);
    return answer;
  };
  await ask('join_room', { conversationId, userId, userRole });
  return {
    socket,
    ask,
    say: (content, more = {}) =>
      ask('send_message', { conversationId, content, clientMessageId: randomUUID(), ...more }),
    types: () => ask('typing_start', { conversationId, userId, userName: userId }),
    end: () => socket.disconnect(),
  };
}

/// Has somebody say `count` messages, a hundred at once; `textOf` a number from 1.
export async function fill(who, count, textOf = (number) => `message ${number}`) {
  for (let i = 0; i < count; i += 100) {
    const some = Array.from({ length: Math.min(100, count - i) }, (_, k) => who.say(textOf(i + k + 1)));
    await Promise.all(some);
  }
}

/// All messages of a conversation as a viewer reads them, oldest first.
export async function allMessages(server, conversationId, viewer = 'userRole=cx-supervisor') {
  const all = [];
  for (let after = 0; ; after = all.at(-1).position) {
    const path = `/chat/conversations/${conversationId}/messages?after=${after}&limit=100&${viewer}`;
    const { body } = await rest(server, 'GET', path);
    if (body.length === 0) return all;
    all.push(...body);
  }
}

/// The log's last position.
export async function head(server) {
  const { body } = await rest(server, 'GET', '/log/events?limit=1');
  return body.head;
}
