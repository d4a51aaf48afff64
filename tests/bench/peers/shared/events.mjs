import { parseArgs } from 'node:util';
import { mkdirSync } from 'node:fs';
import { Chat, isStaff, iso, toConversation, toMessage } from './chat.mjs';
import { withFault } from './faults.mjs';

/** The command line of every peer. */
export function peerOptions() {
  const { values: options } = parseArgs({
    options: {
      store: { type: 'string', default: 'sqlite-each' },
      port: { type: 'string', default: '0' },
      data: { type: 'string', default: '' },
      // Only for the test of the load generator: wrong deliveries, see faults.mjs.
      fault: { type: 'string', default: '' },
    },
  });
  if (options.store !== 'memory') {
    if (options.data === '') {
      throw new Error('--data DIR is required by a store that keeps its events');
    }
    mkdirSync(options.data, { recursive: true });
  }
  return options;
}

// Room names have a prefix, so that no conversation can have the dashboard's name.
const dashboard = 'dashboard';
const everybody = (conversationId) => `all:${conversationId}`;
const staff = (conversationId) => `staff:${conversationId}`;

function isText(value) {
  return typeof value === 'string' && value !== '';
}

/** The events of a Parley chat on a socket.io server, with any engine below it. */
export function serveChat(io, store, fault) {
  const chat = new Chat();

  function publishMessage(message) {
    const { conversationId } = message;
    const room = message.isVisible ? everybody(conversationId) : staff(conversationId);
    io.to(room).emit('new_message', message);
  }
  const publish = fault === '' ? publishMessage : withFault(fault, io, publishMessage);

  /** socket.io encodes events even if a room is empty, so this skips them. */
  function toDashboard(event, body) {
    if (io.sockets.adapter.rooms.has(dashboard)) {
      io.to(dashboard).emit(event, body());
    }
  }

  function refuse(socket, event, reply, code, message) {
    if (reply) {
      reply({ success: false, error: message, code });
    } else {
      socket.emit('exception', { status: 'error', message, code, event });
    }
  }

  function announceJoin({ started, joined, conversation, participant }) {
    const conversationId = conversation.name;
    if (started) {
      toDashboard('conversation_created', () => ({
        conversation: toConversation(conversation),
        createdBy: participant.userId,
        initialParticipants: [],
        timestamp: iso(conversation.createdAt),
      }));
    }
    if (joined) {
      toDashboard('conversation_participant_added', () => ({
        conversationId,
        participant,
        action: 'added',
        timestamp: participant.joinedAt,
      }));
    }
  }

  function onJoin(socket, body, reply) {
    const { conversationId, userId, userRole } = body?.joinData ?? body ?? {};
    if (!isText(conversationId) || !isText(userId) || !isText(userRole)) {
      return refuse(socket, 'join_room', reply, 'missing_field', 'a field is missing');
    }
    store.submit(
      (s) => chat.join(s, conversationId, userId, userRole),
      (result) => {
        announceJoin(result);
        const { participant, conversation, position } = result;
        const room = everybody(conversationId);
        socket.to(room).emit('user_joined', { conversationId, participant });
        socket.join(isStaff(userRole) ? [room, staff(conversationId)] : room);
        const body = { success: true, participant, conversation: toConversation(conversation), position };
        if (reply) {
          reply(body);
        } else {
          socket.emit('join_room', body);
        }
      },
    );
  }

  function onSend(socket, body, reply) {
    const { conversationId, fromUserId, fromRole, content } = body ?? {};
    if (!isText(conversationId) || !isText(fromUserId) || !isText(fromRole) || !isText(content)) {
      return refuse(socket, 'send_message', reply, 'missing_field', 'a field is missing');
    }
    store.submit(
      (s) => chat.send(s, body),
      ({ joined, message, messageCount, at }) => {
        announceJoin(joined);
        if (joined.joined) {
          const { participant } = joined;
          socket.to(everybody(conversationId)).emit('user_joined', { conversationId, participant });
        }
        publish(message);
        toDashboard('conversation_updated', () => ({
          conversationId,
          changes: { messageCount, lastMessageAt: message.timestamp, updatedAt: message.timestamp },
          timestamp: iso(at),
        }));
        reply?.(message);
      },
    );
  }

  function onTyping(socket, event, isTyping, body, reply) {
    const { conversationId, userId, userName } = body ?? {};
    if (!isText(conversationId) || !isText(userId) || (isTyping && !isText(userName))) {
      return refuse(socket, event, reply, 'missing_field', 'a field is missing');
    }
    store.submit(
      (s) => chat.typing(s, conversationId, userId, isTyping),
      (known) => {
        if (!known) {
          return refuse(socket, event, reply, 'not_participant', 'not a participant');
        }
        const typing = { conversationId, userId, userName: userName ?? userId, isTyping };
        socket.to(everybody(conversationId)).emit('user_typing', typing);
        reply?.({ success: true });
      },
    );
  }

  function onHistory(socket, body, reply) {
    const { conversationId, limit = 50, offset = 0 } = body ?? {};
    const conversation = chat.find(conversationId);
    if (!conversation) {
      return refuse(socket, 'get_messages', reply, 'conversation_not_found', 'no such conversation');
    }
    const page = store
      .messages(conversation, Math.min(Math.max(limit, 1), 100), Math.max(offset, 0))
      .map((event) => toMessage(conversationId, event));
    // The user that this connection joined as decides, as in its rooms.
    const seen = socket.rooms.has(staff(conversationId)) ? page : page.filter((m) => m.isVisible);
    if (reply) {
      reply(seen);
    } else {
      socket.emit('get_messages', seen);
    }
  }

  io.on('connection', (socket) => {
    socket.on('join_room', (body, reply) => onJoin(socket, body, reply));
    socket.on('send_message', (body, reply) => onSend(socket, body, reply));
    socket.on('typing_start', (body, reply) => onTyping(socket, 'typing_start', true, body, reply));
    socket.on('typing_stop', (body, reply) => onTyping(socket, 'typing_stop', false, body, reply));
    socket.on('get_messages', (body, reply) => onHistory(socket, body, reply));
    socket.on('join_dashboard', (body, reply) => {
      const answer = typeof body === 'function' ? body : reply;
      socket.join(dashboard);
      const joined = { success: true, message: 'joined the dashboard' };
      if (answer) {
        answer(joined);
      } else {
        socket.emit('join_dashboard', joined);
      }
    });
  });
}
