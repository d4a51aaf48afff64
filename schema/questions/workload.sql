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
WITH RECURSIVE day (day) AS MATERIALIZED (
  SELECT date(:from_ms / 1000.0, 'unixepoch')
  UNION ALL
  SELECT date(day, '+1 day') FROM day WHERE day < date(:to_ms / 1000.0, 'unixepoch')
), given AS MATERIALIZED (
  SELECT count(*) AS answers, count(DISTINCT number) AS conversations, max(waited_ms) AS longest_ms,
    json_group_array(waited_ms) FILTER (WHERE waited_ms IS NOT NULL) AS waits,
    count(waited_ms) AS waited, min(position) AS first
  FROM v1_answer
  WHERE position <= :to_position
    AND position >= :from_position -- if from
    AND user_id = :user -- if user
    AND role = :role -- if role
  GROUP BY user_number
), people AS MATERIALIZED (
  SELECT (SELECT a.user_id FROM v1_answer AS a WHERE a.position = first) AS user_id,
    answers, conversations, longest_ms,
    (SELECT json_group_array(value) FROM (SELECT value FROM json_each(waits) ORDER BY value))
      ->> ((waited - 1) / 2) AS p50_ms
  FROM given
)
SELECT user_id, answers, conversations, p50_ms, longest_ms,
  -- Of days in the range as a whole, of the events of the other days, and of what was before.
  max(coalesce((SELECT max(a.open_stays) FROM day CROSS JOIN v1_activity AS a ON a.day = day.day
      WHERE a.user_id = people.user_id
      AND a.first_position >= :from_position AND a.last_position <= :to_position), 0),
    coalesce((SELECT max((SELECT max(e.open_stays) FROM v1_user_event AS e
        WHERE e.user_id = people.user_id AND e.position
          BETWEEN max(a.first_position, :from_position) AND min(a.last_position, :to_position)))
      FROM day CROSS JOIN v1_activity AS a ON a.day = day.day WHERE a.user_id = people.user_id
      AND (a.first_position < :from_position OR a.last_position > :to_position)), 0),
    coalesce((SELECT e.open_stays FROM v1_user_event AS e WHERE e.user_id = people.user_id
      AND e.position < :from_position AND e.open_stays IS NOT NULL
      ORDER BY e.position DESC LIMIT 1), 0)) AS at_once
FROM people
ORDER BY answers DESC, user_id
