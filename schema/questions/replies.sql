-- How long each wait of a customer took, and who ended it.
--
-- Every wait that began in the range: from a customer's message that found nobody waiting to the
-- first answer after it, or until the last customer was gone. `--user` is the person who answered.
--
-- Options: from to conversation user limit
-- Reads: audit.db
-- conversation_id | the conversation
-- customer_id     | the customer who wrote first
-- from_at         | when the wait began
-- from_position   | that message's place in the log
-- to_at           | when it ended; empty: it goes on
-- to_position     | the place of what ended it
-- by              | who answered
-- ms              | how long it took
-- ended_by        | `answer`, or `left`: no customer was left
-- Example: --from 2025-12-31 --limit 4
SELECT conversation_id, customer_id, from_at, from_position, to_at, to_position, by, ms, ended_by
FROM v1_reply
WHERE from_position <= :to_position
  AND from_position >= :from_position -- if from
  AND conversation_id = :conversation -- if conversation
  AND by = :user -- if user
ORDER BY from_position LIMIT :limit -- if limit
ORDER BY from_position -- unless limit
