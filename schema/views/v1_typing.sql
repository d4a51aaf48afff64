-- One row for each start of typing that a client told, and how it ended. A client tells it again
-- every few seconds while its user types on, so rows that end at the same `stopped_position` are one
-- spell: take the longest of them, and do not add them up. A condition on `position` or
-- `conversation_id` uses an index.
--
-- position         | the start's place in the log
-- at               | when the user began: ISO 8601, UTC, milliseconds
-- at_ms            | `at` as milliseconds since 1970
-- conversation_id  | the conversation
-- user_id          | the user
-- stopped_position | the end's place in the log; NULL: the user types now
-- stopped_at       | when it ended: ISO 8601, UTC, milliseconds
-- stopped_at_ms    | `stopped_at` as milliseconds since 1970
-- ms               | how long it lasted, in milliseconds
-- ended_by         | `message`, `leave`, `timeout`, `disconnect`, `restart`, or `stop`: the user stopped
--
-- Example: how long each user typed in one conversation, and how it ended
--   SELECT user_id, at, ms, ended_by FROM v1_typing
--   WHERE conversation_id = 'order-77' ORDER BY position
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
