-- What all migrations give; compared by tests/log/schema_test.cpp.

CREATE INDEX conversation_waiting ON conversation (waiting_position)
  WHERE waiting_position IS NOT NULL;

CREATE INDEX conversation_without_staff ON conversation (conversation) WHERE staff_count = 0;

CREATE UNIQUE INDEX event_client_message_id ON event (conversation, actor, client_message_id)
  WHERE client_message_id IS NOT NULL;

CREATE UNIQUE INDEX event_conversation_seq ON event (conversation, seq);

CREATE UNIQUE INDEX event_id ON event (id);

CREATE INDEX participant_user ON participant (user, conversation);

CREATE INDEX session_dropped_at ON session (dropped_at);

CREATE INDEX session_room_open ON session_room (conversation, user) WHERE until IS NULL;

CREATE TABLE active_user (
  user               INTEGER PRIMARY KEY REFERENCES user_key (key),
  conversation_count INTEGER NOT NULL
) STRICT;

CREATE TABLE cluster_state (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  incarnation INTEGER NOT NULL,  -- which stream
  epoch       INTEGER NOT NULL,  -- the leadership it is under
  sequence    INTEGER NOT NULL   -- of the last message applied
) STRICT;

CREATE TABLE conversation (
  conversation    INTEGER PRIMARY KEY REFERENCES conversation_key (key),
  created_by      INTEGER NOT NULL REFERENCES user_key (key),
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  last_message_at INTEGER NOT NULL,
  message_count   INTEGER NOT NULL,
  is_active       INTEGER NOT NULL
, staff_count INTEGER NOT NULL DEFAULT 0, last_message_seq INTEGER NOT NULL DEFAULT 0, customer_message_count INTEGER NOT NULL DEFAULT 0, customer_last_message_seq INTEGER NOT NULL DEFAULT 0, customer_last_message_at INTEGER NOT NULL DEFAULT 0, customer_updated_at INTEGER NOT NULL DEFAULT 0, asked_position INTEGER, asked_at INTEGER, answered_position INTEGER, answered_at INTEGER, answered_by INTEGER REFERENCES user_key (key), waiting_position INTEGER, waiting_at INTEGER) STRICT;

CREATE TABLE conversation_key (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE dashboard (
  id                   INTEGER PRIMARY KEY CHECK (id = 1),
  active_conversations INTEGER NOT NULL,
  total_messages       INTEGER NOT NULL,
  active_users         INTEGER NOT NULL,  -- with a conversation_count above 0
  queued_conversations INTEGER NOT NULL   -- active, with a staff_count of 0
) STRICT;

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

CREATE TABLE event_type (type INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE hidden_by_author (
  conversation  INTEGER NOT NULL REFERENCES conversation_key (key),
  user          INTEGER NOT NULL REFERENCES user_key (key),
  message_count INTEGER NOT NULL,
  last_seq      INTEGER NOT NULL,
  last_at       INTEGER NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE hour (
  number            INTEGER PRIMARY KEY,  -- since 1970-01-01
  name              TEXT NOT NULL,        -- 2026-11-10T14
  first_position    INTEGER NOT NULL,
  last_position     INTEGER NOT NULL,
  events            INTEGER NOT NULL,
  messages          INTEGER NOT NULL,
  customer_messages INTEGER NOT NULL,
  staff_messages    INTEGER NOT NULL,     -- of agents and supervisors, that customers may see
  robot_messages    INTEGER NOT NULL,
  notes             INTEGER NOT NULL,     -- of agents and supervisors, hidden from customers
  joins             INTEGER NOT NULL,
  leaves            INTEGER NOT NULL,
  typing            INTEGER NOT NULL
) STRICT;

CREATE TABLE live_connection (
  connection     INTEGER PRIMARY KEY,
  follows        INTEGER NOT NULL,  -- 1: it follows the dashboard
  dashboard_user TEXT,
  dashboard_role INTEGER,
  pid_hash       BLOB,              -- NULL: it holds no session
  session        INTEGER,           -- its row; NULL: none yet
  own            INTEGER NOT NULL,  -- events of its own that are stored with it
  owner          TEXT,              -- the user of the token; NULL: there is no authentication
  owner_kind     INTEGER,
  owner_role     INTEGER
) STRICT;

CREATE TABLE live_room (
  connection   INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversation_key (key),
  user         TEXT NOT NULL,
  user_key     INTEGER NOT NULL,  -- 0: one that watches, and that the log does not know
  role         INTEGER NOT NULL,
  watching     INTEGER NOT NULL,
  PRIMARY KEY (connection, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE live_typing (
  conversation TEXT NOT NULL,
  user         TEXT NOT NULL,
  connection   INTEGER NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE message_overlay (
  position        INTEGER PRIMARY KEY REFERENCES event (position),
  shared_position INTEGER NOT NULL REFERENCES event (position)
) STRICT;

CREATE TABLE message_type (type INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE participant (
  conversation    INTEGER NOT NULL REFERENCES conversation_key (key),
  user            INTEGER NOT NULL REFERENCES user_key (key),
  role            INTEGER NOT NULL,
  joined_at       INTEGER NOT NULL,
  joined_position INTEGER NOT NULL,
  left_at         INTEGER, left_cause TEXT, left_position INTEGER, hidden INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE projection_version (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;

CREATE TABLE retention_walk (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;

CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;

CREATE TABLE "session" (
  id         INTEGER PRIMARY KEY,
  pid_hash   BLOB NOT NULL UNIQUE,  -- SHA-256 of the pid; the pid itself is the client's secret
  dropped_at INTEGER NOT NULL,      -- when its connection went away; 2^63 - 1: it has one
  dashboard  INTEGER                -- position since which the dashboard is watched; NULL: it is not
, user TEXT, actor TEXT, dashboard_user TEXT, dashboard_role INTEGER, dashboard_presence INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE "session_own" (
  session      INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  position     INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversation_key (key),
  PRIMARY KEY (session, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE "session_room" (
  session      INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  conversation INTEGER NOT NULL REFERENCES conversation_key (key),
  user         INTEGER NOT NULL REFERENCES user_key (key),
  role         INTEGER NOT NULL,
  since        INTEGER NOT NULL,
  until        INTEGER, watching INTEGER NOT NULL DEFAULT 0, watcher TEXT,  -- the removal's position; NULL: it is open
  PRIMARY KEY (session, conversation, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_key (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE user_role (role INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TRIGGER conversation_key_never_deleted BEFORE DELETE ON conversation_key
BEGIN SELECT RAISE(ABORT, 'the event log is append-only: ids are never deleted'); END;

CREATE TRIGGER conversation_key_never_updated BEFORE UPDATE ON conversation_key
BEGIN SELECT RAISE(ABORT, 'the event log is append-only: ids are never changed'); END;

CREATE TRIGGER event_never_deleted BEFORE DELETE ON event
BEGIN
  SELECT RAISE(ABORT, 'the event log is append-only: events are never deleted');
END;

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

CREATE TRIGGER user_key_never_deleted BEFORE DELETE ON user_key
BEGIN SELECT RAISE(ABORT, 'the event log is append-only: ids are never deleted'); END;

CREATE TRIGGER user_key_never_updated BEFORE UPDATE ON user_key
BEGIN SELECT RAISE(ABORT, 'the event log is append-only: ids are never changed'); END;

CREATE VIEW v1_conversation AS
SELECT
  k.id,
  (SELECT s.content ->> '$.title' FROM event AS s
    WHERE s.conversation = c.conversation AND s.seq = 1) AS title,
  (SELECT s.content ->> '$.description' FROM event AS s
    WHERE s.conversation = c.conversation AND s.seq = 1) AS description,
  (SELECT u.id FROM user_key AS u WHERE u.key = c.created_by) AS created_by,
  (SELECT json_group_array(id) FROM (
    SELECT pu.id FROM participant AS p JOIN user_key AS pu ON pu.key = p.user
    WHERE p.conversation = c.conversation AND p.left_at IS NULL
    ORDER BY p.joined_position)) AS participant_ids,
  (SELECT json_group_array(name) FROM (
    SELECT pr.name FROM participant AS p JOIN user_role AS pr ON pr.role = p.role
    WHERE p.conversation = c.conversation AND p.left_at IS NULL
    ORDER BY p.joined_position)) AS participant_roles,
  c.message_count,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.last_message_at / 1000.0, 'unixepoch') AS last_message_at,
  c.is_active,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.created_at / 1000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.updated_at / 1000.0, 'unixepoch') AS updated_at,
  c.conversation AS number,
  c.last_message_at AS last_message_at_ms,
  c.created_at AS created_at_ms,
  c.updated_at AS updated_at_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.asked_at / 1000.0, 'unixepoch') AS first_customer_message_at,
  c.asked_at AS first_customer_message_at_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.answered_at / 1000.0, 'unixepoch') AS first_response_at,
  c.answered_at AS first_response_at_ms,
  (SELECT u.id FROM user_key AS u WHERE u.key = c.answered_by) AS first_response_by,
  c.answered_at - c.asked_at AS first_response_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.waiting_at / 1000.0, 'unixepoch') AS waiting_since,
  c.waiting_at AS waiting_since_ms
FROM conversation AS c
JOIN conversation_key AS k ON k.key = c.conversation;

CREATE VIEW v1_event AS
SELECT
  e.position,
  c.id AS conversation_id,
  e.seq,
  (SELECT t.name FROM event_type AS t WHERE t.type = e.type) AS type,
  e.version,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS at,
  (SELECT u.id FROM user_key AS u WHERE u.key = e.actor) AS actor,
  (SELECT r.name FROM user_role AS r WHERE r.role = e.role) AS role,
  lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-' || substr(hex(e.id), 13, 4)
    || '-' || substr(hex(e.id), 17, 4) || '-' || substr(hex(e.id), 21)) AS id,
  e.cause,
  nullif(e.data, '') AS data,
  e.content,
  lower(hex(e.hash)) AS hash,
  e.commitment IS NOT NULL AS emptied,
  e.at AS at_ms,
  (SELECT m.name FROM message_type AS m WHERE m.type = e.message_type) AS message_type,
  (SELECT r.name FROM user_role AS r WHERE r.role = e.to_role) AS to_role,
  e.visible AS is_visible,
  e.client_message_id,
  CASE WHEN e.original IS NOT NULL THEN
    lower(substr(hex(e.original), 1, 8) || '-' || substr(hex(e.original), 9, 4) || '-' || substr(hex(e.original), 13, 4)
    || '-' || substr(hex(e.original), 17, 4) || '-' || substr(hex(e.original), 21)) END AS original_id,
  nullif(lower(hex(e.salt)), '') AS salt,
  nullif(lower(hex(e.commitment)), '') AS commitment,
  coalesce((SELECT lower(hex(p.hash)) FROM event AS p WHERE p.position = e.position - 1),
    '0000000000000000000000000000000000000000000000000000000000000000') AS previous_hash
FROM event AS e
JOIN conversation_key AS c ON c.key = e.conversation;

CREATE VIEW v1_hour AS
SELECT
  h.name AS hour,
  h.number * 3600000 AS start_ms,
  h.first_position,
  h.last_position,
  h.events,
  h.messages,
  h.customer_messages,
  h.staff_messages,
  h.robot_messages,
  h.notes,
  h.joins,
  h.leaves,
  h.typing
FROM hour AS h;

CREATE VIEW v1_log AS
SELECT
  coalesce(h.position, 0) AS head,
  coalesce(nullif(lower(hex(h.hash)), ''), '0000000000000000000000000000000000000000000000000000000000000000') AS hash,
  coalesce((SELECT sum(events) FROM hour), 0) AS events,
  (SELECT coalesce(max(key), 0) FROM conversation_key)
    - (SELECT count(*) FROM conversation_key WHERE id = char(31) || 'system') AS conversations,
  (SELECT coalesce(max(key), 0) FROM user_key)
    - (SELECT count(*) FROM user_key WHERE id = char(31) || 'parley') AS users,
  strftime('%Y-%m-%dT%H:%M:%fZ', (SELECT at FROM event WHERE position = 1) / 1000.0, 'unixepoch') AS first_at,
  (SELECT at FROM event WHERE position = 1) AS first_at_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', h.at / 1000.0, 'unixepoch') AS last_at,
  h.at AS last_at_ms
FROM (SELECT 1)
LEFT JOIN event AS h ON h.position = (SELECT max(position) FROM event);

CREATE VIEW v1_message AS
SELECT
  e.position,
  e.seq,
  lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-' || substr(hex(e.id), 13, 4)
    || '-' || substr(hex(e.id), 17, 4) || '-' || substr(hex(e.id), 21)) AS id,
  c.id AS conversation_id,
  (SELECT u.id FROM user_key AS u WHERE u.key = e.actor) AS from_user_id,
  (SELECT r.name FROM user_role AS r WHERE r.role = e.role) AS from_role,
  (SELECT r.name FROM user_role AS r WHERE r.role = e.to_role) AS to_role,
  (SELECT m.name FROM message_type AS m WHERE m.type = e.message_type) AS type,
  e.content,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS at,
  e.visible AS is_visible,
  e.client_message_id,
  CASE WHEN e.original IS NOT NULL THEN
    lower(substr(hex(e.original), 1, 8) || '-' || substr(hex(e.original), 9, 4) || '-' || substr(hex(e.original), 13, 4)
    || '-' || substr(hex(e.original), 17, 4) || '-' || substr(hex(e.original), 21)) END AS original_message_id,
  o.shared_position,
  e.at AS at_ms,
  (SELECT u.id FROM event AS s JOIN user_key AS u ON u.key = s.actor
    WHERE s.position = o.shared_position) AS shared_by,
  (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', s.at / 1000.0, 'unixepoch') FROM event AS s
    WHERE s.position = o.shared_position) AS shared_at,
  (SELECT s.at FROM event AS s WHERE s.position = o.shared_position) AS shared_at_ms,
  (SELECT r.position FROM event AS r WHERE r.id = e.original) AS original_position
FROM event AS e
JOIN conversation_key AS c ON c.key = e.conversation
LEFT JOIN message_overlay AS o ON o.position = e.position
WHERE e.type IN (4, 7);

CREATE VIEW v1_participant AS
SELECT
  c.id AS conversation_id,
  u.id AS user_id,
  (SELECT r.name FROM user_role AS r WHERE r.role = p.role) AS role,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.joined_at / 1000.0, 'unixepoch') AS joined_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.left_at / 1000.0, 'unixepoch') AS left_at,
  p.left_cause,
  p.joined_at AS joined_at_ms,
  p.left_at AS left_at_ms,
  p.joined_position,
  p.left_position
FROM participant AS p
JOIN conversation_key AS c ON c.key = p.conversation
JOIN user_key AS u ON u.key = p.user;

CREATE VIEW v1_response_time AS
SELECT
  k.id AS conversation_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.asked_at / 1000.0, 'unixepoch') AS asked_at,
  c.asked_at AS asked_at_ms,
  c.asked_position,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.answered_at / 1000.0, 'unixepoch') AS answered_at,
  c.answered_at AS answered_at_ms,
  c.answered_position,
  (SELECT u.id FROM user_key AS u WHERE u.key = c.answered_by) AS answered_by,
  (SELECT r.name FROM event AS a JOIN user_role AS r ON r.role = a.role
    WHERE a.position = c.answered_position) AS answered_role,
  c.answered_at - c.asked_at AS ms,
  (SELECT a.type = 7 FROM event AS a WHERE a.position = c.answered_position) AS shared
FROM conversation AS c
JOIN conversation_key AS k ON k.key = c.conversation
WHERE c.asked_position IS NOT NULL;

CREATE VIEW v1_retention AS
SELECT
  e.position,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS at,
  e.at AS at_ms,
  e.data ->> '$.setting' AS setting,
  e.data ->> '$.retentionMs' AS retention_ms,
  e.data ->> '$.before' AS before,
  e.data ->> '$.after' AS after_position,
  e.data ->> '$.through' AS through_position,
  e.data ->> '$.emptied' AS emptied
FROM event AS e
WHERE e.conversation = (SELECT key FROM conversation_key WHERE id = char(31) || 'system')
  AND e.type = 8;

CREATE VIEW v1_share AS
SELECT
  o.shared_position AS position,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.at / 1000.0, 'unixepoch') AS at,
  s.at AS at_ms,
  c.id AS conversation_id,
  (SELECT u.id FROM user_key AS u WHERE u.key = s.actor) AS by,
  (SELECT u.id FROM user_key AS u WHERE u.key = e.actor) AS robot_id,
  o.position AS original_position,
  s.at - e.at AS ms,
  s.content
FROM message_overlay AS o
CROSS JOIN event AS s ON s.position = o.shared_position
CROSS JOIN event AS e ON e.position = o.position
CROSS JOIN conversation_key AS c ON c.key = s.conversation;

CREATE VIEW v1_typing AS
SELECT
  e.position,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS at,
  e.at AS at_ms,
  c.id AS conversation_id,
  (SELECT u.id FROM user_key AS u WHERE u.key = e.actor) AS user_id,
  s.position AS stopped_position,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.at / 1000.0, 'unixepoch') AS stopped_at,
  s.at AS stopped_at_ms,
  s.at - e.at AS ms,
  CASE WHEN s.position IS NOT NULL THEN coalesce(s.cause, 'stop') END AS ended_by
FROM event AS e
JOIN conversation_key AS c ON c.key = e.conversation
LEFT JOIN event AS s ON s.position = (
  SELECT t.position FROM event AS t
  WHERE t.conversation = e.conversation AND t.seq > e.seq AND t.actor = e.actor AND t.type = 6
  ORDER BY t.seq LIMIT 1)
WHERE e.type = 5;
