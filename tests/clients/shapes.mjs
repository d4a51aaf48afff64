// The wire's types as checks with exact field sets, so that an extra field fails like a missing
// one. Every event that a test client receives is checked here.
import assert from 'node:assert/strict';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const roles = ['cx-customer', 'cx-agent', 'cx-supervisor', 'robot'];
export const messageTypes = ['text', 'system', 'robot'];

function is(name, holds) {
  return (value, where) =>
    assert.ok(holds(value), `${where}: expected ${name}, got ${JSON.stringify(value)?.slice(0, 200)}`);
}

const text = is('a string', (v) => typeof v === 'string');
const id = is('an id', (v) => typeof v === 'string' && v.length > 0);
const flag = is('a boolean', (v) => typeof v === 'boolean');
const yes = is('true', (v) => v === true);
const no = is('false', (v) => v === false);
const count = is('a count', (v) => Number.isSafeInteger(v) && v >= 0);
const ordinal = is('a number from 1', (v) => Number.isSafeInteger(v) && v >= 1);
const timestamp = is('an ISO 8601 time', (v) => typeof v === 'string' && time.test(v));
const messageId = is('a UUIDv7', (v) => typeof v === 'string' && uuidV7.test(v));
const role = is('a role', (v) => roles.includes(v));
const type = is('a message type', (v) => messageTypes.includes(v));
const exactly = (wanted) => is(JSON.stringify(wanted), (v) => v === wanted);

function listOf(item) {
  return (value, where) => {
    assert.ok(Array.isArray(value), `${where}: expected an array`);
    value.forEach((one, index) => item(one, `${where}[${index}]`));
  };
}

/// Returns a check for an object with exactly the fields of `required`, and perhaps those of
/// `optional`.
function record(required, optional = {}) {
  return (value, where) => {
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
    assert.ok(isObject, `${where}: expected an object, got ${JSON.stringify(value)?.slice(0, 200)}`);
    for (const field of Object.keys(value)) {
      const known = Object.hasOwn(required, field) || Object.hasOwn(optional, field);
      assert.ok(known, `${where}: a field too many: ${field}`);
    }
    for (const [field, check] of Object.entries(required)) {
      assert.ok(Object.hasOwn(value, field), `${where}: no field ${field}`);
      check(value[field], `${where}.${field}`);
    }
    for (const [field, check] of Object.entries(optional)) {
      if (Object.hasOwn(value, field)) check(value[field], `${where}.${field}`);
    }
  };
}

export const participant = record({ userId: id, userRole: role, joinedAt: timestamp });

const conversationFields = record(
  {
    id,
    participantIds: listOf(id),
    participantRoles: listOf(role),
    messageCount: count,
    lastMessageAt: timestamp,
    isActive: flag,
    createdAt: timestamp,
    updatedAt: timestamp,
  },
  { title: text, description: text },
);

export function conversation(value, where = 'conversation') {
  conversationFields(value, where);
  const { participantIds, participantRoles, messageCount, lastMessageAt, createdAt } = value;
  assert.equal(participantRoles.length, participantIds.length, `${where}: one role per id`);
  if (messageCount === 0) assert.equal(lastMessageAt, createdAt, `${where}.lastMessageAt while empty`);
}

const preview = record(
  { fromUserId: id, fromRole: role, content: text, type, isVisible: flag },
  { toRole: role },
);
/// A row of the list of conversations.
export function listedConversation({ waitingSince, agentIds, lastMessage, ...usual }, where = 'row') {
  conversation(usual, where);
  if (waitingSince !== null) timestamp(waitingSince, `${where}.waitingSince`);
  listOf(id)(agentIds, `${where}.agentIds`);
  if (lastMessage !== undefined && lastMessage !== null) preview(lastMessage, `${where}.lastMessage`);
}

export const message = record(
  {
    id: messageId,
    conversationId: id,
    fromUserId: id,
    fromRole: role,
    content: text,
    type,
    timestamp,
    isVisible: flag,
    seq: ordinal,
    position: ordinal,
  },
  { toRole: role, originalMessageId: messageId, clientMessageId: id },
);

export const messages = listOf(message);

const typing = record({ userId: id, userName: text });
export const asOf = record({ position: ordinal, at: timestamp, emptied: flag });
/// A Conversation as of a moment: its usual fields, and who typed.
export function pastConversation({ typing: who, asOf: moment, ...usual }, where = 'conversation') {
  conversation(usual, where);
  listOf(typing)(who, `${where}.typing`);
  asOf(moment, `${where}.asOf`);
}
export function pastMessages(value, where = 'messages') {
  messages(value.map(({ sharedPosition, ...usual }) => usual), where);
}
const anyRefusal = record({ success: no, error: text, code: id });
const conflict = record({
  success: no,
  error: text,
  code: exactly('conflict'),
  lastSeq: count,
  missed: listOf(message),
  more: flag,
});
const reused = record(
  { success: no, error: text, code: exactly('client_message_id_reused') },
  { messageId },
);
const refusals = { conflict, client_message_id_reused: reused };
export const refusal = (value, where) => (refusals[value?.code] ?? anyRefusal)(value, where);
export const stats = record({
  activeConversations: count,
  totalMessages: count,
  activeUsers: count,
  queuedConversations: count,
});
export const joined = record({ success: yes, participant, conversation, position: count });
export const done = record({ success: yes });
const renewed = record({ success: yes, expiresAt: timestamp });
const dashboard = record({ success: yes, message: text, position: count });

const orNull = (check) => (value, where) => value === null || check(value, where);
const present = { userId: orNull(id), userRole: orNull(role) };
const presenceFields = {
  version: count,
  users: listOf(record({ ...present, connections: count })),
  watchers: listOf(record({ conversationId: id, users: listOf(record(present)) })),
};
export const presence = record(presenceFields);
export const wholePresence = record({ ...presenceFields, truncated: flag });

/// The acknowledgement of a successful request.
export const replies = {
  join_room: joined,
  leave_room: done,
  send_message: message,
  typing_start: done,
  typing_stop: done,
  get_messages: messages,
  share_robot_message: message,
  watch_room: record({ success: yes, position: count }),
  unwatch_room: done,
  join_dashboard: dashboard,
  leave_dashboard: dashboard,
  join_log: record({ success: yes, position: count }),
  leave_log: done,
  authenticate: renewed,
};

/// Requests that reply with an event of their own name if no acknowledgement is asked for.
export const repliesByEvent = [
  'join_room',
  'leave_room',
  'watch_room',
  'unwatch_room',
  'get_messages',
  'share_robot_message',
  'join_dashboard',
  'leave_dashboard',
  'join_log',
  'leave_log',
  'authenticate',
];

/// Every event the server sends.
export const events = {
  conversation_created: record({
    conversation,
    createdBy: id,
    initialParticipants: listOf(participant),
    timestamp,
  }),
  conversation_participant_added: record({
    conversationId: id,
    participant,
    action: exactly('added'),
    timestamp,
  }),
  conversation_participant_removed: record({
    conversationId: id,
    participant,
    action: exactly('removed'),
    timestamp,
  }),
  conversation_updated: record({
    conversationId: id,
    changes: record(
      { messageCount: count, lastMessageAt: timestamp, updatedAt: timestamp, lastFromRole: role },
      { waitingSince: (value, where) => value === null || timestamp(value, where) },
    ),
    timestamp,
  }),
  user_joined: record({ conversationId: id, participant }),
  user_left: record({ conversationId: id, userId: id }),
  new_message: message,
  user_typing: record({ conversationId: id, userId: id, userName: text, isTyping: flag }),
  presence_changed: (value, where) => presence(value, where),
  typing_changed: record({ conversations: listOf(record({ conversationId: id, users: listOf(record({ userId: id, userName: text })), count })) }),
  log_events: record({ events: listOf(() => {}), upTo: count }, { skippedTo: count }),
  token_expiring: record({ expiresAt: timestamp }),
  exception: record(
    { status: exactly('error'), message: text, code: id, event: text },
    { lastSeq: count, missed: listOf(message), more: flag, messageId },
  ),
  ...Object.fromEntries(repliesByEvent.map((name) => [name, replies[name]])),
};
