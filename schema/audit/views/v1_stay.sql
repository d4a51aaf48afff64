-- Every stay of a user in a conversation: who was in the room when. A user who joins again in
-- another role begins another stay. A condition on `conversation_id` or `user_id` uses an index.
--
-- conversation_id | the conversation
-- user_id         | the user
-- role            | the role during this stay
-- joined_at       | when it began: ISO 8601, UTC, milliseconds
-- joined_position | the join's place in the log
-- left_at         | when it ended; NULL: it goes on
-- left_position   | the place in the log of what ended it
-- end             | `left`, `removed` by another user, `role`: joined again in another role; NULL: it goes on
-- joined_at_ms    | `joined_at` as milliseconds since 1970
-- left_at_ms      | `left_at` as milliseconds since 1970
--
-- Example: who was in a conversation at an event
--   SELECT user_id, role, joined_at FROM audit.v1_stay
--   WHERE conversation_id = 'late-parcel' AND joined_position <= 40
--     AND (left_position IS NULL OR left_position > 40) ORDER BY joined_position
-- Example: the conversations that a user took part in, as what and how long
--   SELECT conversation_id, role, joined_at, left_at_ms - joined_at_ms AS ms FROM audit.v1_stay
--   WHERE user_id = 'nadia.benmarwan' ORDER BY joined_position
CREATE VIEW v1_stay AS
SELECT
  c.id AS conversation_id,
  u.id AS user_id,
  (SELECT r.name FROM role_name AS r WHERE r.role = s.role) AS role,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.joined_at / 1000.0, 'unixepoch') AS joined_at,
  s.joined_position,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.left_at / 1000.0, 'unixepoch') AS left_at,
  s.left_position,
  CASE s.end WHEN 1 THEN 'left' WHEN 2 THEN 'removed' WHEN 3 THEN 'role' END AS end,
  s.joined_at AS joined_at_ms,
  s.left_at AS left_at_ms
FROM stay AS s
JOIN conversation_text AS c ON c.key = s.conversation
JOIN user_text AS u ON u.key = s.user;
