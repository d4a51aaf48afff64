-- Which conversations were answered by more than one person.
--
-- Conversations in which at least two people gave an answer in the range.
--
-- Options: from to limit
-- Reads: audit.db
-- conversation_id | the conversation
-- people          | how many people answered
-- first_by        | who answered first
-- last_by         | who answered last
-- handovers       | how often an answer came from another person than the one before
-- first_position  | the place of the first of these answers
-- last_position   | the place of the last
-- Example: --from 2025-12-24 --limit 3
WITH several AS (
  SELECT number FROM v1_answer
  WHERE position <= :to_position
    AND position >= :from_position -- if from
  GROUP BY number HAVING min(user_number) < max(user_number)
), given AS (
  SELECT conversation_id, user_id, position,
    lag(user_id) OVER (PARTITION BY number ORDER BY position) AS before,
    lead(user_id) OVER (PARTITION BY number ORDER BY position) AS next
  FROM v1_answer
  WHERE number IN (SELECT number FROM several) AND position <= :to_position
    AND position >= :from_position -- if from
)
SELECT conversation_id, count(DISTINCT user_id) AS people,
  max(user_id) FILTER (WHERE before IS NULL) AS first_by,
  max(user_id) FILTER (WHERE next IS NULL) AS last_by,
  count(*) FILTER (WHERE user_id <> before) AS handovers,
  min(position) AS first_position, max(position) AS last_position
FROM given GROUP BY conversation_id
ORDER BY first_position LIMIT :limit -- if limit
ORDER BY first_position -- unless limit
