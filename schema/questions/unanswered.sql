-- Which conversations got no answer.
--
-- Conversations in which a customer first wrote in the range, and that had no answer by its end.
--
-- Options: from to limit
-- conversation_id | the conversation
-- asked_at        | when a customer first wrote
-- asked_position  | that message's place in the log
-- open_ms         | from then to the end of the range, or to the last event of the log
-- answered_at     | when an answer came after the range; empty: none did
-- Example: --from 2025-12-25 --limit 4
SELECT conversation_id, asked_at, asked_position, :to_ms - asked_at_ms AS open_ms, answered_at
FROM v1_response_time
WHERE (answered_position IS NULL OR answered_position > :to_position)
  AND asked_position <= :to_position
  AND asked_position >= :from_position -- if from
ORDER BY asked_position LIMIT :limit -- if limit
ORDER BY asked_position -- unless limit
