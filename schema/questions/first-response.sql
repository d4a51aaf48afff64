-- How long customers waited for the first answer.
--
-- One row. A conversation counts in the range in which a customer first wrote; its answer counts
-- also where it came later. Conversations without an answer are counted as `open`, and in no other
-- figure. With `--user`: those that this user answered first. With `--conversation`: that one, so
-- that every figure is how long it took.
--
-- Options: from to conversation user role
-- asked    | conversations in which a customer first wrote in this range
-- answered | of those: with an answer
-- open     | of those: without one
-- mean_ms  | mean, rounded
-- p50_ms   | half of them took no longer; percentiles are by nearest rank
-- p90_ms   | 90 of 100 took no longer
-- p95_ms   | 95 of 100
-- p99_ms   | 99 of 100
-- max_ms   | the longest
-- Example: --from 2025-12-01 --to 2026-01-01
WITH asked AS (
  SELECT ms FROM v1_response_time
  WHERE true
    AND asked_position >= :from_position -- if from
    AND asked_position <= :to_position -- if to
    AND conversation_id = :conversation -- if conversation
    AND answered_by = :user -- if user
    AND answered_role = :role -- if role
), ranked AS (
  SELECT ms, row_number() OVER (ORDER BY ms) AS rank, count(*) OVER () AS n
  FROM asked WHERE ms IS NOT NULL
)
SELECT (SELECT count(*) FROM asked) AS asked, count(*) AS answered,
  (SELECT count(*) FROM asked WHERE ms IS NULL) AS open,
  CAST(round(avg(ms)) AS INTEGER) AS mean_ms,
  min(ms) FILTER (WHERE rank * 100 >= n * 50) AS p50_ms,
  min(ms) FILTER (WHERE rank * 100 >= n * 90) AS p90_ms,
  min(ms) FILTER (WHERE rank * 100 >= n * 95) AS p95_ms,
  min(ms) FILTER (WHERE rank * 100 >= n * 99) AS p99_ms,
  max(ms) AS max_ms
FROM ranked
