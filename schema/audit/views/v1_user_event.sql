-- What each user caused: every event but typing. The way to a user's events; ask for one `user_id`,
-- and for a range of positions, which use the primary key.
--
-- user_id         | the user; of a removal, the one who was taken out
-- position        | the event's place in the log
-- at              | when it was: ISO 8601, UTC, milliseconds
-- conversation_id | its conversation
-- type            | its type, as in `v1_event`
-- role            | the user's role in the conversation; NULL: none is known
-- at_ms           | `at` as milliseconds since 1970
-- open_stays      | after a join or a leave: in how many conversations the user was; else NULL
--
-- Example: a user's events, the newest first
--   SELECT position, at, conversation_id, type FROM audit.v1_user_event
--   WHERE user_id = 'nadia.benmarwan' ORDER BY position DESC LIMIT 50
CREATE VIEW v1_user_event AS
SELECT
  u.id AS user_id,
  e.position,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS at,
  (SELECT c.id FROM conversation_text AS c WHERE c.key = e.conversation) AS conversation_id,
  (SELECT t.name FROM type_name AS t WHERE t.type = e.type) AS type,
  (SELECT r.name FROM role_name AS r WHERE r.role = e.role) AS role,
  e.at AS at_ms,
  e.open_stays
FROM user_text AS u
CROSS JOIN user_event AS e ON e.user = u.key;
