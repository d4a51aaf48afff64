-- A log similar to Parley's: one append-only table, integer ids, two unique indexes.
-- It has no hash chain and no salts: the peer does less work per message, never more.
CREATE TABLE conversation (
  id              INTEGER PRIMARY KEY,
  name            TEXT    NOT NULL UNIQUE,
  last_seq        INTEGER NOT NULL,
  message_count   INTEGER NOT NULL,
  last_message_at INTEGER NOT NULL,
  created_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE user (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE participant (
  conversation INTEGER NOT NULL REFERENCES conversation (id),
  user         INTEGER NOT NULL REFERENCES user (id),
  role         TEXT    NOT NULL,
  joined_at    INTEGER NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  position     INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL REFERENCES conversation (id),
  seq          INTEGER NOT NULL,
  type         TEXT    NOT NULL,
  at           INTEGER NOT NULL,
  actor        INTEGER NOT NULL REFERENCES user (id),
  id           BLOB    NOT NULL UNIQUE,
  data         TEXT    NOT NULL,
  content      TEXT,
  UNIQUE (conversation, seq)
) STRICT;
