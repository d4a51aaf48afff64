-- The connections of all nodes of a cluster, as the node that decides knows them: every node has
-- these rows, so any of them can decide next. A single node keeps this in memory and writes no row.
-- A connection's number says which node serves it (docs/format/node-messages.md).

-- What a connection has joined or watches.
CREATE TABLE live_room (
  connection   INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversation_key (key),
  user         TEXT NOT NULL,
  user_key     INTEGER NOT NULL,  -- 0: one that watches, and that the log does not know
  role         INTEGER NOT NULL,
  watching     INTEGER NOT NULL,
  PRIMARY KEY (connection, conversation)
) STRICT, WITHOUT ROWID;

-- The session that a connection holds, and how it follows the dashboard.
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

-- Users who type, and the connections that they type on.
CREATE TABLE live_typing (
  conversation TEXT NOT NULL,
  user         TEXT NOT NULL,
  connection   INTEGER NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;
