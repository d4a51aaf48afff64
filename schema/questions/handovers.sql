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
  SELECT number, user_number, position,
    lag(user_number) OVER (PARTITION BY number ORDER BY position) AS before
  FROM v1_answer
  WHERE number IN (SELECT number FROM several) AND position <= :to_position
    AND position >= :from_position -- if from
), handed AS MATERIALIZED (
  SELECT count(DISTINCT user_number) AS people,
    count(*) FILTER (WHERE user_number <> before) AS handovers,
    min(position) AS first_position, max(position) AS last_position
  FROM given GROUP BY number
)
SELECT f.conversation_id, people, f.user_id AS first_by, l.user_id AS last_by, handovers,
  first_position, last_position
FROM handed
CROSS JOIN v1_answer AS f ON f.position = first_position
CROSS JOIN v1_answer AS l ON l.position = last_position
ORDER BY first_position LIMIT :limit -- if limit
ORDER BY first_position -- unless limit
