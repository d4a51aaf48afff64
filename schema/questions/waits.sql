-- Which customers waited longest.
--
-- Waits that began in the range, the longest first. One that was still open at the end of the
-- range counts up to it; without `--to`, up to the last event of the log.
--
-- Options: from to conversation limit=20
-- Reads: audit.db
-- conversation_id | the conversation
-- customer_id     | the customer who wrote first
-- from_at         | when the wait began
-- from_position   | that message's place in the log
-- ms              | how long it took, or has taken so far
-- by              | who answered; empty: nobody did by the end of the range
-- ended_by        | `answer` or `left`; empty: it was open at the end of the range
-- Example: --from 2025-12-01 --to 2026-01-01 --limit 3
SELECT conversation_id, customer_id, from_at, from_position,
  iif(to_position <= :to_position, to_at_ms, :to_ms) - from_at_ms AS ms,
  iif(to_position <= :to_position, by, NULL) AS by,
  iif(to_position <= :to_position, ended_by, NULL) AS ended_by
FROM v1_reply
WHERE from_position <= :to_position
  AND from_position >= :from_position -- if from
  AND conversation_id = :conversation -- if conversation
ORDER BY ms DESC, from_position LIMIT :limit
