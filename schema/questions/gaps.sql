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
SELECT e.position, e.at, e.conversation_id,
  CASE WHEN p.position IS NULL THEN 'the event before is missing'
    WHEN p.at_ms > e.at_ms THEN 'its time is earlier than that of the event before'
    ELSE 'an event of its conversation is missing' END AS problem
FROM v1_event AS e
LEFT JOIN v1_event AS p ON p.position = e.position - 1
LEFT JOIN v1_event AS s ON s.conversation_id = e.conversation_id AND s.seq = e.seq - 1
WHERE e.position > 1
  AND e.position >= :from_position -- if from
  AND e.position <= :to_position -- if to
  AND (p.position IS NULL OR p.at_ms > e.at_ms OR (e.seq > 1 AND s.position IS NULL))
ORDER BY e.position
