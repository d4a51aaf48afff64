-- One row for each message, sent or shared. A condition on `position` or `conversation_id` uses an
-- index.
--
-- position            | the place in the log
-- seq                 | the place in the conversation
-- id                  | UUID
-- conversation_id     | the conversation
-- from_user_id        | the author; of a share, the user who shared it
-- from_role           | the author's role
-- to_role             | the role that it is meant for; NULL: all
-- type                | `text`, `system` or `robot`
-- content             | what was written
-- at                  | when: ISO 8601, UTC, milliseconds
-- is_visible          | 1: customers may see it; 0: a note, or a robot's
-- client_message_id   | the id that the client gave it
-- original_message_id | of a share: the `id` of the robot's message
-- shared_position     | of a robot's message: the position of its share
-- at_ms               | `at` as milliseconds since 1970
-- shared_by           | of a robot's message: the user who shared it
-- shared_at           | of a robot's message: when it was shared
-- shared_at_ms        | `shared_at` as milliseconds since 1970
-- original_position   | of a share: the position of the robot's message
--
-- Example: what customers could read of a conversation
--   SELECT at, from_user_id, content FROM v1_message
--   WHERE conversation_id = 'order-77' AND is_visible = 1 ORDER BY seq
CREATE VIEW v1_message AS
SELECT
  e.position,
  e.seq,
  lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-' || substr(hex(e.id), 13, 4)
    || '-' || substr(hex(e.id), 17, 4) || '-' || substr(hex(e.id), 21)) AS id,
  c.id AS conversation_id,
  (SELECT u.id FROM user_key AS u WHERE u.key = e.actor) AS from_user_id,
  (SELECT r.name FROM user_role AS r WHERE r.role = e.role) AS from_role,
  (SELECT r.name FROM user_role AS r WHERE r.role = e.to_role) AS to_role,
  (SELECT m.name FROM message_type AS m WHERE m.type = e.message_type) AS type,
  e.content,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS at,
  e.visible AS is_visible,
  e.client_message_id,
  CASE WHEN e.original IS NOT NULL THEN
    lower(substr(hex(e.original), 1, 8) || '-' || substr(hex(e.original), 9, 4) || '-' || substr(hex(e.original), 13, 4)
    || '-' || substr(hex(e.original), 17, 4) || '-' || substr(hex(e.original), 21)) END AS original_message_id,
  o.shared_position,
  e.at AS at_ms,
  (SELECT u.id FROM event AS s JOIN user_key AS u ON u.key = s.actor
    WHERE s.position = o.shared_position) AS shared_by,
  (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', s.at / 1000.0, 'unixepoch') FROM event AS s
    WHERE s.position = o.shared_position) AS shared_at,
  (SELECT s.at FROM event AS s WHERE s.position = o.shared_position) AS shared_at_ms,
  (SELECT r.position FROM event AS r WHERE r.id = e.original) AS original_position
FROM event AS e
JOIN conversation_key AS c ON c.key = e.conversation
LEFT JOIN message_overlay AS o ON o.position = e.position
WHERE e.type IN (4, 7);
