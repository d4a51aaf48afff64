-- Every event of a range with all columns.
--
-- For other programs. `parley export` carries the same as JSON lines that can be checked and
-- imported.
--
-- Options: from to conversation limit
-- ... | the columns of `v1_event` ([sql.md](sql.md))
-- Example: --limit 1 --format json
SELECT *
FROM v1_event
WHERE true
  AND position >= :from_position -- if from
  AND position <= :to_position -- if to
  AND conversation_id = :conversation -- if conversation
ORDER BY position LIMIT :limit -- if limit
ORDER BY position -- unless limit
