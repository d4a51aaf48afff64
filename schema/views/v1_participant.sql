-- v1_participant: current and former participants of every conversation.
--   joined_at        time of the join (of the last one, after a leave)
--   left_at          NULL while the user is a participant
--   left_cause       'removed': removed by another user; NULL: the user left
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
