-- Sessions are bounded (docs/decisions/035-sessions-are-bounded.md): it is known which of them
-- dropped first, and what a session caused in a room goes when it leaves that room.
CREATE TABLE bounded_session (
  id         INTEGER PRIMARY KEY,
  pid_hash   BLOB NOT NULL UNIQUE,  -- SHA-256 of the pid; the pid itself is the client's secret
  dropped_at INTEGER NOT NULL,      -- when its connection went away; 2^63 - 1: it has one
  dashboard  INTEGER                -- position since which the dashboard is watched; NULL: it is not
) STRICT;
INSERT INTO bounded_session (id, pid_hash, dropped_at, dashboard)
  SELECT id, pid_hash, seen_at, dashboard FROM session;
DROP TABLE session;
ALTER TABLE bounded_session RENAME TO session;
CREATE INDEX session_dropped_at ON session (dropped_at);

-- Events the session caused in a room it is in, where the wire says "without the sender".
CREATE TABLE bounded_own (
  session      INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  position     INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversation_key (key),
  PRIMARY KEY (session, position)
) STRICT, WITHOUT ROWID;
INSERT INTO bounded_own (session, position, conversation)
  SELECT o.session, o.position, e.conversation
  FROM session_own AS o JOIN event AS e ON e.position = o.position
  WHERE EXISTS (SELECT 1 FROM session_room AS r
                WHERE r.session = o.session AND r.conversation = e.conversation);
DROP TABLE session_own;
ALTER TABLE bounded_own RENAME TO session_own;
