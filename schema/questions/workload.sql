-- How much each person had to do.
--
-- Agents and supervisors who gave an answer in the range. Their waits are those that their answers
-- ended. `at_once` counts stays that overlap.
--
-- Options: from to user role
-- Reads: audit.db
-- user_id       | the person
-- answers       | answers that this person gave
-- conversations | conversations that this person answered in
-- p50_ms        | half of the waits that this person's answers ended took no longer
-- longest_ms    | the longest of them
-- at_once       | in how many conversations the person was at the same time, at most
-- Example: --from 2025-12-22 --to 2025-12-29
WITH given AS (
  SELECT user_id, conversation_id, waited_ms,
    row_number() OVER (PARTITION BY user_id ORDER BY waited_ms) AS rank,
    count(waited_ms) OVER (PARTITION BY user_id) AS n,
    count(*) OVER (PARTITION BY user_id) AS all_n
  FROM v1_answer
  WHERE position <= :to_position
    AND position >= :from_position -- if from
    AND user_id = :user -- if user
    AND role = :role -- if role
), people AS (
  SELECT user_id, count(*) AS answers, count(DISTINCT conversation_id) AS conversations,
    min(waited_ms) FILTER (WHERE (rank - (all_n - n)) * 2 >= n) AS p50_ms,
    max(waited_ms) AS longest_ms
  FROM given GROUP BY user_id
), changes AS (
  SELECT p.user_id, max(s.joined_position, :from_position) AS position, 1 AS change
  FROM people AS p JOIN v1_stay AS s ON s.user_id = p.user_id
  WHERE s.joined_position <= :to_position
    AND coalesce(s.left_position, :to_position) >= :from_position
  UNION ALL
  SELECT p.user_id, s.left_position, -1
  FROM people AS p JOIN v1_stay AS s ON s.user_id = p.user_id
  WHERE s.left_position BETWEEN :from_position AND :to_position
), running AS (
  SELECT user_id, sum(change) OVER (PARTITION BY user_id ORDER BY position, change) AS at_once
  FROM changes
)
SELECT user_id, answers, conversations, p50_ms, longest_ms,
  (SELECT max(r.at_once) FROM running AS r WHERE r.user_id = people.user_id) AS at_once
FROM people
ORDER BY answers DESC, user_id
