-- What survives a dropped connection: who may come back, to which rooms, from where on.
-- docs/recovery.md says what is promised. Not part of the log, written in the same transactions.

CREATE TABLE session (
  id        INTEGER PRIMARY KEY,
  pid_hash  BLOB NOT NULL UNIQUE,  -- SHA-256 of the pid; the pid itself is the client's secret
  seen_at   INTEGER NOT NULL,      -- when it was last known to live, within an eighth of retention
  dashboard INTEGER                -- position since which the dashboard is watched; NULL: it is not
) STRICT;
CREATE INDEX session_seen_at ON session (seen_at);

-- A subscription: as whom, and after which position its broadcasts begin.
CREATE TABLE session_room (
  session      INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  conversation INTEGER NOT NULL REFERENCES conversation_key (key),
  user         INTEGER NOT NULL REFERENCES user_key (key),
  role         INTEGER NOT NULL,
  since        INTEGER NOT NULL,
  PRIMARY KEY (session, conversation)
) STRICT, WITHOUT ROWID;

-- Events the session caused in a room it was in, where the wire says "without the sender".
CREATE TABLE session_own (
  session  INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  PRIMARY KEY (session, position)
) STRICT, WITHOUT ROWID;
