-- v1_message: every message, read from the log. ORDER BY position gives the order everybody saw.
--   is_visible           1: customers may see it; 0: robot messages, staff to staff, notes
--   original_message_id  for a shared message: the robot's message
--   shared_position      for a robot's message: position of its first share, or NULL
CREATE VIEW v1_message AS
SELECT
  e.position,
  e.seq,
  lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-' || substr(hex(e.id), 13, 4)
    || '-' || substr(hex(e.id), 17, 4) || '-' || substr(hex(e.id), 21)) AS id,
  c.id AS conversation_id,
  u.id AS from_user_id,
  r.name AS from_role,
  tr.name AS to_role,
  m.name AS type,
  e.content,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS at,
  e.visible AS is_visible,
  e.client_message_id,
  CASE WHEN e.original IS NOT NULL THEN
    lower(substr(hex(e.original), 1, 8) || '-' || substr(hex(e.original), 9, 4) || '-'
      || substr(hex(e.original), 13, 4) || '-' || substr(hex(e.original), 17, 4) || '-'
      || substr(hex(e.original), 21)) END AS original_message_id,
  o.shared_position
FROM event AS e
JOIN conversation_key AS c ON c.key = e.conversation
JOIN user_key AS u ON u.key = e.actor
LEFT JOIN user_role AS r ON r.role = e.role
LEFT JOIN user_role AS tr ON tr.role = e.to_role
LEFT JOIN message_type AS m ON m.type = e.message_type
LEFT JOIN message_overlay AS o ON o.position = e.position
WHERE e.type IN (4, 7);
