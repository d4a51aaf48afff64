-- audit.db: what questions about users, days and waits need, built from the log by a follower. It
-- is no part of the log and never migrated: a program with another text of this file, of the names
-- of types and roles or of the fold builds the file anew.

-- How far it has come: one row. `head_hash`: of the log's event at `position`; position 0: nothing.
CREATE TABLE follower (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  position  INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  head_hash BLOB NOT NULL
) STRICT;
INSERT INTO follower VALUES (1, 0, 0, zeroblob(32));

-- Names of the numbers of types and roles.
CREATE TABLE type_name (type INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE role_name (role INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;

-- Ids, by the numbers that the log gave them.
CREATE TABLE conversation_text (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE user_text (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;

-- Every stay of a user in a conversation, in one role. `end`: 1 left, 2 removed, 3 another role.
CREATE TABLE stay (
  conversation    INTEGER NOT NULL,
  user            INTEGER NOT NULL,
  joined_position INTEGER NOT NULL,
  role            INTEGER NOT NULL,
  joined_at       INTEGER NOT NULL,
  left_position   INTEGER,
  left_at         INTEGER,
  end             INTEGER,
  PRIMARY KEY (conversation, user, joined_position)
) STRICT, WITHOUT ROWID;
CREATE INDEX stay_user ON stay (user, joined_position);

-- What each user caused, but for typing. `open_stays`: after a join or a leave, in how many
-- conversations the user was.
CREATE TABLE user_event (
  user         INTEGER NOT NULL,
  position     INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  conversation INTEGER NOT NULL,
  type         INTEGER NOT NULL,
  role         INTEGER,
  open_stays   INTEGER,
  PRIMARY KEY (user, position)
) STRICT, WITHOUT ROWID;

-- What each user did in a role on a day (UTC). `role` 0: none is known. `open_stays`: the most
-- that `user_event` has of these events.
CREATE TABLE activity (
  day            TEXT NOT NULL,
  user           INTEGER NOT NULL,
  role           INTEGER NOT NULL,
  messages       INTEGER NOT NULL,
  notes          INTEGER NOT NULL,
  shares         INTEGER NOT NULL,
  joins          INTEGER NOT NULL,
  leaves         INTEGER NOT NULL,
  typing         INTEGER NOT NULL,
  first_position INTEGER NOT NULL,
  first_at       INTEGER NOT NULL,
  last_position  INTEGER NOT NULL,
  last_at        INTEGER NOT NULL,
  open_stays     INTEGER,
  PRIMARY KEY (day, user, role)
) STRICT, WITHOUT ROWID;

-- What happened in each quarter of an hour that has an event. `number`: since 1970.
CREATE TABLE quarter_hour (
  number            INTEGER PRIMARY KEY,
  first_position    INTEGER NOT NULL,
  last_position     INTEGER NOT NULL,
  events            INTEGER NOT NULL,
  messages          INTEGER NOT NULL,
  customer_messages INTEGER NOT NULL,
  staff_messages    INTEGER NOT NULL,
  robot_messages    INTEGER NOT NULL,
  notes             INTEGER NOT NULL,
  joins             INTEGER NOT NULL,
  leaves            INTEGER NOT NULL,
  typing            INTEGER NOT NULL
) STRICT;

-- Every wait of a conversation. `ended_by`: 1 an answer, 2 no customer is left; NULL: it goes on.
CREATE TABLE reply (
  from_position INTEGER PRIMARY KEY,
  conversation  INTEGER NOT NULL,
  customer      INTEGER NOT NULL,
  from_at       INTEGER NOT NULL,
  to_position   INTEGER,
  to_at         INTEGER,
  answered_by   INTEGER,
  ended_by      INTEGER
) STRICT;
CREATE INDEX reply_conversation ON reply (conversation);

-- Every answer. `waited_ms`: how long a customer had waited for it; NULL: nobody waited.
CREATE TABLE answer (
  position     INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  user         INTEGER NOT NULL,
  role         INTEGER NOT NULL,
  waited_ms    INTEGER
) STRICT;

-- The words of all messages, folded and cut by the program (src/audit/words.h), by position; the
-- messages themselves are in the log. `filter`: the numbers of conversation and author as words
-- (c12 a7), and v where every customer may see it.
CREATE VIRTUAL TABLE search USING fts5(
  content, filter,
  content = '', columnsize = 0, detail = full, tokenize = 'ascii'
);
