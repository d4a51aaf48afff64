// Compares what one person received with the log: every acknowledgement and event is in the log
// with the same content; within a subscription no message is missing, duplicated or out of order.
import assert from 'node:assert/strict';

export class Witness {
  acknowledged = 0;
  broadcast = 0;
  lost = 0;
  doubled = 0;
  recoveries = 0;
  #person;
  #book;
  #counts = new Map(); // how often an event without an id was received
  #rooms = new Map(); // subscribed room -> position up to which its messages have arrived
  #messageCounts = new Map(); // room -> the last count on the dashboard
  #unsure = new Set(); // rooms that were perhaps joined or left when the connection dropped
  #pid;

  constructor(person, book) {
    this.#person = person;
    this.#book = book;
  }

  /// Checks, in order, everything recorded since the last call; the book is at least as new.
  check() {
    for (const { name, body } of this.#person.take()) {
      try {
        if (name === 'drop') this.#dropped(body);
        else if (name === 'connect') this.#connected(body);
        else if (name.startsWith('ack:')) this.#acknowledged(name.slice('ack:'.length), body);
        else this.#received(name, body);
      } catch (error) {
        error.message = `${this.#person.id} was told by ${name}: ${JSON.stringify(body)}\n${error.message}`;
        throw error;
      }
    }
  }

  /// Everything stored must have arrived: nothing may be missing at the end of a subscription
  /// either.
  checkNothingMissing() {
    for (const [room, position] of this.#rooms) {
      const missing = this.#book.seenBy(this.#person, room, position);
      this.lost += missing.length;
      assert.deepEqual(missing, [], `${this.#person.id} in ${room} lost the last messages`);
    }
  }

  // With a pid, a stock client survives the drop: it receives what it missed, and its subscriptions
  // continue. Without a pid they end.
  #connected({ pid, recovered }) {
    if (this.#pid !== undefined) {
      assert.ok(recovered, 'a client with a pid was not recovered');
      this.recoveries++;
    }
    this.#pid = pid;
  }

  #dropped({ unanswered }) {
    if (this.#pid === undefined) {
      this.#rooms.clear();
      this.#messageCounts.clear();
      return;
    }
    for (const { request, conversationId } of unanswered) {
      if (request !== 'join_room' && request !== 'leave_room') continue;
      if (request === 'join_room' && this.#rooms.has(conversationId)) continue;
      this.#rooms.delete(conversationId);
      this.#unsure.add(conversationId);
    }
  }

  #acknowledged(request, body) {
    const book = this.#book;
    const { id: userId } = this.#person;
    const { conversationId: room, reply } = body;
    if (request === 'get_messages') return reply.forEach((message) => this.#isStored(message));
    this.acknowledged++;
    if (reply.position !== undefined) assert.ok(reply.position <= book.position, 'a position to come');
    if (request === 'send_message' || request === 'share_robot_message') {
      this.#isStored(reply);
    } else if (request === 'join_room') {
      this.#isJoin(room, reply.participant);
      this.#unsure.delete(room);
      const isNew = this.#person.subscribes && !this.#rooms.has(room);
      if (isNew) this.#rooms.set(room, reply.position);
    } else if (request === 'leave_room') {
      this.#rooms.delete(room);
      this.#unsure.delete(room);
      this.#counted(request, 'participant_left', room, userId);
    } else if (request === 'typing_start') {
      this.#counted(request, 'typing_started', room, userId);
    } else if (request === 'typing_stop') {
      this.#counted(request, 'typing_stopped', room, userId);
    }
  }

  #received(name, body) {
    const book = this.#book;
    const room = body.conversationId;
    this.broadcast++;
    if (name === 'new_message') {
      this.#isStored(body);
      this.#isNext(body);
    } else if (name === 'user_joined' || name === 'conversation_participant_added') {
      this.#isJoin(room, body.participant);
    } else if (name === 'user_left') {
      this.#counted(name, 'participant_left', room, body.userId);
    } else if (name === 'conversation_participant_removed') {
      this.#counted(name, 'participant_left', room, body.participant.userId);
    } else if (name === 'user_typing') {
      const type = body.isTyping ? 'typing_started' : 'typing_stopped';
      // A client that comes back receives each user's typing state once more.
      this.#counted(name, type, room, body.userId, this.recoveries);
    } else if (name === 'conversation_created') {
      const { id, createdAt } = body.conversation;
      this.#holds(book.rooms.get(id)?.startedAt === createdAt, 'the start is not in the log');
    } else if (name === 'conversation_updated') {
      const { messageCount, lastMessageAt } = body.changes;
      const last = book.rooms.get(room).messages[messageCount - 1];
      this.#holds(last?.timestamp === lastMessageAt, 'the message counted is not in the log');
      this.#isNextCount(room, messageCount);
    } else {
      assert.fail('an event that nobody expects here');
    }
  }

  #isStored(message) {
    const stored = this.#book.messages.get(message.id);
    if (stored === undefined) this.lost++;
    assert.deepEqual(stored, message, 'told, but not so in the log');
  }

  #isNext({ conversationId, position }) {
    const after = this.#rooms.get(conversationId);
    if (after !== undefined) {
      const next = this.#book.nextSeenBy(this.#person, conversationId, after);
      if (position <= after) this.doubled++;
      else if (position !== next?.position) this.lost++;
      assert.equal(position, next?.position, `the room's next message after position ${after}`);
    } else {
      assert.ok(this.#unsure.delete(conversationId), 'a message of a room it is not in');
    }
    this.#rooms.set(conversationId, position);
  }

  // A dashboard receives each message once, in order.
  #isNextCount(room, count) {
    const before = this.#messageCounts.get(room);
    if (before !== undefined && count <= before) this.doubled++;
    if (before !== undefined && count > before + 1) this.lost++;
    assert.ok(before === undefined || count === before + 1, `after message ${before} of ${room}`);
    this.#messageCounts.set(room, count);
  }

  // Events without an id: received at most as often as they are in the log, plus `repeats`.
  #counted(told, type, room, userId, repeats = 0) {
    const key = `${told}\n${type}\n${room}\n${userId}`;
    const times = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, times);
    const stored = this.#book.count(type, room, userId);
    this.#holds(times <= stored + repeats, `told ${times} times, ${stored} times in the log`);
  }

  #isJoin(room, participant) {
    this.#holds(this.#book.hasJoin(room, participant), 'the join is not in the log');
  }

  #holds(stored, otherwise) {
    if (!stored) this.lost++;
    assert.ok(stored, otherwise);
  }
}
