-- Up to where audit.db holds the log.
--
-- The questions that need `audit.db` answer up to this position.
--
-- Reads: audit.db
-- position  | the last event that is in it
-- at        | when that event was
-- lag       | events of the log that are not in it yet
-- head_hash | that event's hash
SELECT f.position, f.at, l.head - f.position AS lag, f.head_hash
FROM v1_follower AS f, v1_log AS l
