-- What retention took away.
--
-- Each slice of the log that it emptied events of ([retention](retention.md)).
--
-- Options: from to limit
-- position         | the place of the event that tells of it
-- at               | when
-- setting          | the setting that asked for it
-- retention_ms     | its value
-- before           | what is of this time or later stays
-- after_position   | the slice begins behind this position
-- through_position | its last position
-- emptied          | how many events were emptied
SELECT position, at, setting, retention_ms, before, after_position, through_position, emptied
FROM v1_retention
WHERE true
  AND position >= :from_position -- if from
  AND position <= :to_position -- if to
ORDER BY position LIMIT :limit -- if limit
ORDER BY position -- unless limit
