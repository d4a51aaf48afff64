-- How far this node has applied the stream of its cluster. No row: it is no node of any.
CREATE TABLE cluster_state (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  incarnation INTEGER NOT NULL,  -- which stream
  epoch       INTEGER NOT NULL,  -- the leadership it is under
  sequence    INTEGER NOT NULL   -- of the last message applied
) STRICT;
