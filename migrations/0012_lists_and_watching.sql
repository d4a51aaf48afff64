-- Lists of conversations by waiting time, and of those without staff. Neither index is touched by
-- an ordinary message: only by the beginning and the end of a wait, and by joins of staff.
CREATE INDEX conversation_waiting ON conversation (waiting_position)
  WHERE waiting_position IS NOT NULL;
CREATE INDEX conversation_without_staff ON conversation (conversation) WHERE staff_count = 0;

-- A subscription of staff who look on without taking part.
ALTER TABLE session_room ADD COLUMN watching INTEGER NOT NULL DEFAULT 0;
