import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidText, uuidv7 } from './uuidv7.mjs';

/**
 * The stores of the peer. All have the same four parts:
 *
 *   submit(work, done)  runs work(store) and, once its appends are durable, done(its result).
 *                       Works run in the order in which they were submitted.
 *   append(...)         only inside a work: appends the next event of a conversation.
 *   saveConversation, saveParticipant, internUser  only inside a work.
 *   messages(conversation, limit, offset)          the newest messages, oldest first.
 *
 * A failing disk ends the process: events that are not stored must not be shown.
 *
 * `Database` is the runtime's class for SQLite: better-sqlite3's on Node, bun:sqlite's on Bun. Only
 * their common part is used.
 */
export function openStore(kind, dataFolder, Database) {
  switch (kind) {
    case 'memory':
      return new MemoryStore();
    case 'sqlite-each':
      return new SqliteEachStore(dataFolder, Database);
    case 'sqlite-group':
      return new SqliteGroupStore(dataFolder, Database);
    default:
      throw new Error(`unknown store '${kind}' (sqlite-each, sqlite-group or memory)`);
  }
}

/** Messages that the memory-only store keeps per conversation; older ones are dropped. */
const messagesKeptMax = 1000;

class MemoryStore {
  #position = 0;
  #users = 0;

  internUser() {
    return ++this.#users;
  }

  append(conversation, type, at, actor, data, content) {
    const event = {
      position: ++this.#position,
      seq: ++conversation.seq,
      id: uuidText(uuidv7()),
    };
    if (type === 'message_sent') {
      conversation.messages ??= [];
      conversation.messages.push({ ...event, at, actor: actor.name, data, content });
      if (conversation.messages.length >= 2 * messagesKeptMax) {
        conversation.messages.splice(0, messagesKeptMax);
      }
    }
    return event;
  }

  saveConversation() {}
  saveParticipant() {}

  submit(work, done) {
    done(work(this));
  }

  messages(conversation, limit, offset) {
    const all = conversation.messages ?? [];
    const end = Math.max(0, all.length - offset);
    return all.slice(Math.max(0, end - limit), end);
  }

  close() {}
}

class SqliteStore {
  #position = 0;
  #insertUser;
  #insertEvent;
  #insertConversation;
  #updateConversation;
  #insertParticipant;
  #selectMessages;

  constructor(dataFolder, Database) {
    const db = new Database(join(dataFolder, 'peer.db'));
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    db.exec(readFileSync(new URL('schema.sql', import.meta.url), 'utf8'));
    this.db = db;
    this.begin = db.prepare('BEGIN IMMEDIATE');
    this.commit = db.prepare('COMMIT');
    this.#insertUser = db.prepare('INSERT INTO user (name) VALUES (?)');
    this.#insertEvent = db.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#insertConversation = db.prepare(
      'INSERT INTO conversation (name, last_seq, message_count, last_message_at, created_at) ' +
        'VALUES (?, 0, 0, ?, ?)',
    );
    this.#updateConversation = db.prepare(
      'UPDATE conversation SET last_seq = ?, message_count = ?, last_message_at = ? WHERE id = ?',
    );
    this.#insertParticipant = db.prepare('INSERT INTO participant VALUES (?, ?, ?, ?)');
    this.#selectMessages = db.prepare(
      'SELECT e.position, e.seq, e.id, e.at, e.data, e.content, u.name AS actor ' +
        'FROM event e JOIN user u ON u.id = e.actor ' +
        "WHERE e.conversation = ? AND e.type = 'message_sent' " +
        'ORDER BY e.seq DESC LIMIT ? OFFSET ?',
    );
  }

  internUser(name) {
    return Number(this.#insertUser.run(name).lastInsertRowid);
  }

  append(conversation, type, at, actor, data, content) {
    const id = uuidv7();
    const position = ++this.#position;
    const seq = ++conversation.seq;
    const text = JSON.stringify(data);
    this.#insertEvent.run(
      position, conversation.key, seq, type, at, actor.key, id, text, content ?? null,
    );
    return { position, seq, id: uuidText(id) };
  }

  saveConversation(conversation) {
    if (conversation.key === undefined) {
      const { name, createdAt } = conversation;
      const row = this.#insertConversation.run(name, createdAt, createdAt);
      conversation.key = Number(row.lastInsertRowid);
      return;
    }
    const { seq, messageCount, lastMessageAt, key } = conversation;
    this.#updateConversation.run(seq, messageCount, lastMessageAt, key);
  }

  saveParticipant(conversation, user, role, at) {
    this.#insertParticipant.run(conversation.key, user.key, role, at);
  }

  messages(conversation, limit, offset) {
    const rows = this.#selectMessages.all(conversation.key, limit, offset).reverse();
    for (const row of rows) {
      row.id = uuidText(row.id);
      row.data = JSON.parse(row.data);
    }
    return rows;
  }

  close() {
    this.db.close();
  }
}

/** One transaction and one sync for each request: the straightforward durable server. */
class SqliteEachStore extends SqliteStore {
  submit(work, done) {
    this.begin.run();
    const result = work(this);
    this.commit.run();
    done(result);
  }
}

/**
 * One transaction and one sync for all requests of a turn of the event loop. setImmediate runs
 * after the poll phase, that is after every socket that had something to read has been read.
 */
class SqliteGroupStore extends SqliteStore {
  #waiting = [];

  submit(work, done) {
    if (this.#waiting.length === 0) {
      setImmediate(() => this.#flush());
    }
    this.#waiting.push({ work, done, result: undefined });
  }

  #flush() {
    const batch = this.#waiting;
    this.#waiting = [];
    this.begin.run();
    for (const item of batch) {
      item.result = item.work(this);
    }
    this.commit.run();
    for (const item of batch) {
      item.done(item.result);
    }
  }

  close() {
    if (this.#waiting.length > 0) {
      this.#flush();
    }
    super.close();
  }
}
