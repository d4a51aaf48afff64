-- The dashboard's figures as counters: projections like the others, filled by the rebuild that
-- follows.
ALTER TABLE conversation ADD COLUMN staff_count INTEGER NOT NULL DEFAULT 0;

-- In how many active conversations a user takes part.
CREATE TABLE active_user (
  user               INTEGER PRIMARY KEY REFERENCES user_key (key),
  conversation_count INTEGER NOT NULL
) STRICT;

-- One row; none before the first event.
CREATE TABLE dashboard (
  id                   INTEGER PRIMARY KEY CHECK (id = 1),
  active_conversations INTEGER NOT NULL,
  total_messages       INTEGER NOT NULL,
  active_users         INTEGER NOT NULL,  -- with a conversation_count above 0
  queued_conversations INTEGER NOT NULL   -- active, with a staff_count of 0
) STRICT;
