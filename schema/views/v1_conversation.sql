-- v1_conversation: every conversation in its current state.
--   created_by       the user who started it
--   participant_ids  JSON array, in the order of joining; participant_roles is parallel to it
--   last_message_at  equals created_at while there is no message
CREATE VIEW v1_conversation AS
SELECT
  k.id,
  s.content ->> '$.title' AS title,
  s.content ->> '$.description' AS description,
  u.id AS created_by,
  (SELECT json_group_array(id) FROM (
    SELECT pu.id FROM participant AS p JOIN user_key AS pu ON pu.key = p.user
    WHERE p.conversation = c.conversation AND p.left_at IS NULL
    ORDER BY p.joined_position)) AS participant_ids,
  (SELECT json_group_array(name) FROM (
    SELECT pr.name FROM participant AS p JOIN user_role AS pr ON pr.role = p.role
    WHERE p.conversation = c.conversation AND p.left_at IS NULL
    ORDER BY p.joined_position)) AS participant_roles,
  c.message_count,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.last_message_at / 1000.0, 'unixepoch') AS last_message_at,
  c.is_active,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.created_at / 1000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.updated_at / 1000.0, 'unixepoch') AS updated_at
FROM conversation AS c
JOIN conversation_key AS k ON k.key = c.conversation
JOIN user_key AS u ON u.key = c.created_by
JOIN event AS s ON s.conversation = c.conversation AND s.seq = 1;
