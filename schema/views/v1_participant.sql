-- v1_participant: who takes or took part in which conversation.
--   joined_at        when they joined (last, where they had left)
--   left_at          NULL while they take part
--   left_cause       'removed': another user took them out; NULL: they left by themselves
CREATE VIEW v1_participant AS
SELECT
  c.id AS conversation_id,
  u.id AS user_id,
  r.name AS role,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.joined_at / 1000.0, 'unixepoch') AS joined_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.left_at / 1000.0, 'unixepoch') AS left_at,
  p.left_cause
FROM participant AS p
JOIN conversation_key AS c ON c.key = p.conversation
JOIN user_key AS u ON u.key = p.user
JOIN user_role AS r ON r.role = p.role;
