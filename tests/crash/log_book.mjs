// The event log of a data folder, read with sqlite3 while the server runs, like an auditor, and its
// invariants.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const outputBytesMax = 256 * 1024 * 1024;

/// Returns the rows of a query as objects; the query may change data only if `write` is set.
export async function query(dataDir, sql, { write = false } = {}) {
  const mode = write ? [] : ['-readonly'];
  const args = [...mode, '-cmd', '.timeout 10000', '-json', path.join(dataDir, 'parley.db'), sql];
  const { stdout } = await run('sqlite3', args, { maxBuffer: outputBytesMax });
  return stdout.trim() === '' ? [] : JSON.parse(stdout);
}

/// The wire's Message for a row of v1_message.
function messageOf(row) {
  const message = {
    id: row.id,
    conversationId: row.conversation_id,
    fromUserId: row.from_user_id,
    fromRole: row.from_role,
    content: row.content,
    type: row.type,
    timestamp: row.at,
    isVisible: row.is_visible === 1,
    seq: row.seq,
    position: row.position,
  };
  if (row.to_role !== null) message.toRole = row.to_role;
  if (row.original_message_id !== null) message.originalMessageId = row.original_message_id;
  if (row.client_message_id !== null) message.clientMessageId = row.client_message_id;
  return message;
}

const countKey = (type, conversation, user) => `${type}\n${conversation}\n${user}`;

export class LogBook {
  doubled = 0;
  position = 0;
  messages = new Map(); // by id
  rooms = new Map(); // conversation id -> { seq, startedAt, messages: Message[] }
  #dataDir;
  #joins = new Map(); // countKey -> Set of times
  #counts = new Map(); // countKey -> events
  #once = new Set(); // values that may be in a log only once

  constructor(dataDir) {
    this.#dataDir = dataDir;
  }

  /// Reads new events and checks them: positions and seqs are dense, nothing is there twice.
  async read() {
    const since = `WHERE position > ${this.position} ORDER BY position`;
    const events = await query(this.#dataDir, `SELECT * FROM v1_event ${since}`);
    const last = events.at(-1)?.position ?? this.position;
    const upTo = `WHERE position > ${this.position} AND position <= ${last} ORDER BY position`;
    const messages = await query(this.#dataDir, `SELECT * FROM v1_message ${upTo}`);
    for (const event of events) this.#addEvent(event);
    for (const row of messages) this.#addMessage(messageOf(row));
    return events.length;
  }

  #only(what) {
    if (this.#once.has(what)) {
      this.doubled++;
      assert.fail(`twice in the log: ${what}`);
    }
    this.#once.add(what);
  }

  #addEvent({ position, conversation_id: id, seq, type, actor, role, at, id: eventId }) {
    assert.equal(position, this.position + 1, 'positions are dense');
    this.position = position;
    if (!this.rooms.has(id)) {
      assert.equal(type, 'conversation_started', `the first event of ${id}`);
      this.rooms.set(id, { seq: 0, startedAt: at, messages: [] });
    }
    const room = this.rooms.get(id);
    assert.equal(seq, room.seq + 1, `seqs of ${id} are dense`);
    room.seq = seq;
    this.#only(`event ${eventId}`);
    const key = countKey(type, id, actor);
    this.#counts.set(key, this.count(type, id, actor) + 1);
    if (type !== 'participant_joined') return;
    const joinKey = countKey(role, id, actor);
    if (!this.#joins.has(joinKey)) this.#joins.set(joinKey, new Set());
    this.#joins.get(joinKey).add(at);
  }

  // The test writes each content only once.
  #addMessage(message) {
    const { id, conversationId, fromUserId, content, clientMessageId, originalMessageId } = message;
    this.messages.set(id, message);
    this.rooms.get(conversationId).messages.push(message);
    if (!originalMessageId) this.#only(`content ${conversationId} ${fromUserId} ${content}`);
    if (clientMessageId) this.#only(`client's id ${conversationId} ${fromUserId} ${clientMessageId}`);
  }

  /// The number of events of a type that a user caused in a conversation.
  count(type, conversation, user) {
    return this.#counts.get(countKey(type, conversation, user)) ?? 0;
  }

  hasJoin(conversation, { userId, userRole, joinedAt }) {
    return this.#joins.get(countKey(userRole, conversation, userId))?.has(joinedAt) ?? false;
  }

  /// A conversation's messages after a position that `viewer` ({id, role}) may see.
  seenBy(viewer, conversation, after = 0) {
    const all = this.rooms.get(conversation)?.messages ?? [];
    return all.slice(firstAfter(all, after)).filter((message) => sees(viewer, message));
  }

  /// The first of these messages.
  nextSeenBy(viewer, conversation, after) {
    const all = this.rooms.get(conversation)?.messages ?? [];
    for (let i = firstAfter(all, after); i < all.length; i++) {
      if (sees(viewer, all[i])) return all[i];
    }
    return undefined;
  }
}

const sees = ({ id, role }, message) =>
  role !== 'cx-customer' || message.isVisible || message.fromUserId === id;

/// The index of the first message after a position; `messages` are sorted by position.
function firstAfter(messages, position) {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].position > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
