-- One row for each conversation that a customer wrote in: its first response. A condition on
-- `conversation_id` uses an index; one on `asked_position` or `asked_at_ms` reads the table
-- `conversation`, and never the log.
--
-- conversation_id   | the conversation
-- asked_at          | when a customer first wrote: ISO 8601, UTC, milliseconds
-- asked_at_ms       | `asked_at` as milliseconds since 1970
-- asked_position    | its place in the log
-- answered_at       | the first answer after that: ISO 8601, UTC, milliseconds; NULL: none yet
-- answered_at_ms    | `answered_at` as milliseconds since 1970
-- answered_position | its place in the log
-- answered_by       | the user who answered
-- answered_role     | that user's role
-- ms                | from the question to the answer, in milliseconds; NULL: no answer yet
-- shared            | 1: the answer was a robot's message that a person shared
--
-- Example: first responses to what customers asked in two hours
--   SELECT count(*) AS asked, count(ms) AS answered, max(ms) AS longest_ms FROM v1_response_time
--   WHERE asked_position >= (SELECT min(first_position) FROM v1_hour WHERE hour >= '2026-11-28T19')
--     AND asked_position <= (SELECT max(last_position) FROM v1_hour WHERE hour < '2026-11-28T21')
CREATE VIEW v1_response_time AS
SELECT
  k.id AS conversation_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.asked_at / 1000.0, 'unixepoch') AS asked_at,
  c.asked_at AS asked_at_ms,
  c.asked_position,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.answered_at / 1000.0, 'unixepoch') AS answered_at,
  c.answered_at AS answered_at_ms,
  c.answered_position,
  (SELECT u.id FROM user_key AS u WHERE u.key = c.answered_by) AS answered_by,
  (SELECT r.name FROM event AS a JOIN user_role AS r ON r.role = a.role
    WHERE a.position = c.answered_position) AS answered_role,
  c.answered_at - c.asked_at AS ms,
  (SELECT a.type = 7 FROM event AS a WHERE a.position = c.answered_position) AS shared
FROM conversation AS c
JOIN conversation_key AS k ON k.key = c.conversation
WHERE c.asked_position IS NOT NULL;
