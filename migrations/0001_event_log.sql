-- The event log and the thin projections beside it. docs/format/event-log.md explains each
-- column; docs/decisions/ explains what is not here.

-- Names of the numbers in the log, for the views and for people.
CREATE TABLE event_type (type INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO event_type VALUES
  (1, 'conversation_started'), (2, 'participant_joined'), (3, 'participant_left'),
  (4, 'message_sent'), (5, 'typing_started'), (6, 'typing_stopped'), (7, 'message_shared');
CREATE TABLE user_role (role INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO user_role VALUES
  (1, 'cx-customer'), (2, 'cx-agent'), (3, 'cx-supervisor'), (4, 'robot');
CREATE TABLE message_type (type INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO message_type VALUES (1, 'text'), (2, 'system'), (3, 'robot');

-- Interned texts: the log holds the numbers, its hashes cover the texts.
CREATE TABLE conversation_key (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE user_key (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE event (
  position          INTEGER PRIMARY KEY,
  conversation      INTEGER NOT NULL REFERENCES conversation_key (key),
  seq               INTEGER NOT NULL,
  type              INTEGER NOT NULL,
  version           INTEGER NOT NULL,
  at                INTEGER NOT NULL,
  actor             INTEGER NOT NULL REFERENCES user_key (key),
  role              INTEGER,
  id                BLOB NOT NULL,
  message_type      INTEGER,
  to_role           INTEGER,
  visible           INTEGER,
  client_message_id TEXT,
  original          BLOB,
  cause             TEXT,
  data              TEXT NOT NULL,
  content           TEXT,
  key               INTEGER,
  salt              BLOB,
  commitment        BLOB,
  hash              BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_conversation_seq ON event (conversation, seq);
CREATE UNIQUE INDEX event_id ON event (id);
CREATE UNIQUE INDEX event_client_message_id ON event (conversation, actor, client_message_id)
  WHERE client_message_id IS NOT NULL;

CREATE TRIGGER event_never_deleted BEFORE DELETE ON event
BEGIN
  SELECT RAISE(ABORT, 'the event log is append-only: events are never deleted');
END;

-- The one change allowed: data and content emptied, their commitment kept in their place.
CREATE TRIGGER event_never_updated BEFORE UPDATE ON event
WHEN NOT (
  OLD.commitment IS NULL AND NEW.commitment IS NOT NULL AND length(NEW.commitment) = 32
  AND NEW.data IN (OLD.data, '') AND (NEW.content IS NULL OR NEW.content IS OLD.content)
  AND (NEW.data = '' OR NEW.content IS NULL)
  AND NEW.position = OLD.position AND NEW.conversation = OLD.conversation AND NEW.seq = OLD.seq
  AND NEW.type = OLD.type AND NEW.version = OLD.version AND NEW.at = OLD.at
  AND NEW.actor = OLD.actor AND NEW.role IS OLD.role AND NEW.id = OLD.id
  AND NEW.message_type IS OLD.message_type AND NEW.to_role IS OLD.to_role
  AND NEW.visible IS OLD.visible AND NEW.client_message_id IS OLD.client_message_id
  AND NEW.original IS OLD.original AND NEW.cause IS OLD.cause AND NEW.key IS OLD.key
  AND (NEW.salt IS NULL OR NEW.salt IS OLD.salt) AND NEW.hash = OLD.hash
)
BEGIN
  SELECT RAISE(ABORT, 'the event log is append-only: events are never changed');
END;

CREATE TRIGGER conversation_key_never_deleted BEFORE DELETE ON conversation_key
BEGIN SELECT RAISE(ABORT, 'the event log is append-only: ids are never deleted'); END;
CREATE TRIGGER conversation_key_never_updated BEFORE UPDATE ON conversation_key
BEGIN SELECT RAISE(ABORT, 'the event log is append-only: ids are never changed'); END;
CREATE TRIGGER user_key_never_deleted BEFORE DELETE ON user_key
BEGIN SELECT RAISE(ABORT, 'the event log is append-only: ids are never deleted'); END;
CREATE TRIGGER user_key_never_updated BEFORE UPDATE ON user_key
BEGIN SELECT RAISE(ABORT, 'the event log is append-only: ids are never changed'); END;

-- Projections: a pure function of the log, written in the append's transaction.
CREATE TABLE conversation (
  conversation    INTEGER PRIMARY KEY REFERENCES conversation_key (key),
  created_by      INTEGER NOT NULL REFERENCES user_key (key),
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  last_message_at INTEGER NOT NULL,
  message_count   INTEGER NOT NULL,
  is_active       INTEGER NOT NULL
) STRICT;

-- A user who left keeps the row, with left_at; joined_position gives the order of joining.
CREATE TABLE participant (
  conversation    INTEGER NOT NULL REFERENCES conversation_key (key),
  user            INTEGER NOT NULL REFERENCES user_key (key),
  role            INTEGER NOT NULL,
  joined_at       INTEGER NOT NULL,
  joined_position INTEGER NOT NULL,
  left_at         INTEGER,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

-- What later events changed about a message; messages themselves are read from the log.
CREATE TABLE message_overlay (
  position        INTEGER PRIMARY KEY REFERENCES event (position),
  shared_position INTEGER NOT NULL REFERENCES event (position)
) STRICT;

-- With which version of its code a projection was built.
CREATE TABLE projection_version (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;
