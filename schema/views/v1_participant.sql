-- One row for each user who takes part, or took part, in a conversation: the last stay. A
-- condition on `conversation_id` or `user_id` uses an index. All stays are in `v1_stay` of
-- `audit.db`.
--
-- conversation_id | the conversation
-- user_id         | the user
-- role            | the role of the last join
-- joined_at       | when the stay began: ISO 8601, UTC, milliseconds
-- left_at         | when it ended; NULL: it goes on
-- left_cause      | `removed`: another user took them out; NULL: they left by themselves, or did not
-- joined_at_ms    | `joined_at` as milliseconds since 1970
-- left_at_ms      | `left_at` as milliseconds since 1970
-- joined_position | the join's place in the log
-- left_position   | the leave's place in the log
--
-- Example: the conversations that a user takes part in
--   SELECT conversation_id, role, joined_at FROM v1_participant
--   WHERE user_id = 'olga' AND left_at IS NULL ORDER BY joined_position
CREATE VIEW v1_participant AS
SELECT
  c.id AS conversation_id,
  u.id AS user_id,
  (SELECT r.name FROM user_role AS r WHERE r.role = p.role) AS role,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.joined_at / 1000.0, 'unixepoch') AS joined_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.left_at / 1000.0, 'unixepoch') AS left_at,
  p.left_cause,
  p.joined_at AS joined_at_ms,
  p.left_at AS left_at_ms,
  p.joined_position,
  p.left_position
FROM participant AS p
JOIN conversation_key AS c ON c.key = p.conversation
JOIN user_key AS u ON u.key = p.user;
