-- Whether anything is missing from the log.
--
-- Events before which a position, or a number in the conversation, is missing, or whose time is
-- earlier than that of the event before. No row: nothing is missing. `parley verify` also
-- recomputes the hashes, which finds any change.
--
-- Options: from to
-- position        | the event's place in the log
-- at              | its time
-- conversation_id | its conversation
-- problem         | what is missing
WITH seen AS (
  SELECT e.position, e.at, e.conversation_id, e.at_ms,
    (SELECT p.at_ms FROM v1_event AS p WHERE p.position = e.position - 1) AS before_ms,
    e.seq > 1 AND NOT EXISTS (SELECT 1 FROM v1_event AS s
      WHERE s.conversation_id = e.conversation_id AND s.seq = e.seq - 1) AS lacks_one
  FROM v1_event AS e
  WHERE e.position > 1
    AND e.position >= :from_position -- if from
    AND e.position <= :to_position -- if to
)
SELECT position, at, conversation_id,
  CASE WHEN before_ms IS NULL THEN 'the event before is missing'
    WHEN before_ms > at_ms THEN 'its time is earlier than that of the event before'
    ELSE 'an event of its conversation is missing' END AS problem
FROM seen
WHERE before_ms IS NULL OR before_ms > at_ms OR lacks_one
ORDER BY position
