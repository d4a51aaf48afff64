-- Removal: what it is told of a participant, and the subscriptions it ends in stored sessions.
ALTER TABLE participant ADD COLUMN left_cause TEXT;

-- A subscription: as whom, after which position its broadcasts begin, and up to which they go. One
-- that a removal ended is kept until its session has been told of that; its user may have joined
-- again meanwhile, so a session can have several of one conversation, one of them open.
CREATE TABLE session_subscription (
  session      INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  conversation INTEGER NOT NULL REFERENCES conversation_key (key),
  user         INTEGER NOT NULL REFERENCES user_key (key),
  role         INTEGER NOT NULL,
  since        INTEGER NOT NULL,
  until        INTEGER,  -- the removal's position; NULL: it is open
  PRIMARY KEY (session, conversation, since)
) STRICT, WITHOUT ROWID;
INSERT INTO session_subscription (session, conversation, user, role, since)
  SELECT session, conversation, user, role, since FROM session_room;
DROP TABLE session_room;
ALTER TABLE session_subscription RENAME TO session_room;
CREATE INDEX session_room_open ON session_room (conversation, user) WHERE until IS NULL;
