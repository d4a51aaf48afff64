-- One row for each wait of a conversation: from the first message of a customer that nobody had
-- answered to the first answer after it, or until no customer was in the conversation any more.
-- docs/metrics.md says what an answer is. A range of `from_position`, or a `conversation_id`, uses
-- an index.
--
-- conversation_id | the conversation
-- customer_id     | the customer who wrote the first message of the wait
-- from_at         | when that was: ISO 8601, UTC, milliseconds
-- from_position   | that message's place in the log
-- to_at           | when the wait ended; NULL: it goes on
-- to_position     | the place in the log of what ended it
-- by              | who answered; NULL: nobody
-- ms              | how long the wait took; NULL: it goes on
-- ended_by        | `answer`, `left`: no customer was left; NULL: it goes on
-- from_at_ms      | `from_at` as milliseconds since 1970
-- to_at_ms        | `to_at` as milliseconds since 1970
--
-- Example: the longest waits that go on
--   SELECT conversation_id, customer_id, from_at FROM audit.v1_reply
--   WHERE to_position IS NULL ORDER BY from_position LIMIT 20
CREATE VIEW v1_reply AS
SELECT
  c.id AS conversation_id,
  (SELECT u.id FROM user_text AS u WHERE u.key = w.customer) AS customer_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', w.from_at / 1000.0, 'unixepoch') AS from_at,
  w.from_position,
  strftime('%Y-%m-%dT%H:%M:%fZ', w.to_at / 1000.0, 'unixepoch') AS to_at,
  w.to_position,
  (SELECT u.id FROM user_text AS u WHERE u.key = w.answered_by) AS by,
  w.to_at - w.from_at AS ms,
  CASE w.ended_by WHEN 1 THEN 'answer' WHEN 2 THEN 'left' END AS ended_by,
  w.from_at AS from_at_ms,
  w.to_at AS to_at_ms
FROM reply AS w
JOIN conversation_text AS c ON c.key = w.conversation;
