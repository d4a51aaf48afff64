-- One row for each slice of the log from which retention took something
-- ([retention](retention.md)). A condition on `position` uses an index; without one, the system's
-- own events are read.
--
-- position         | the place of the `retention_applied` event
-- at               | when: ISO 8601, UTC, milliseconds
-- at_ms            | `at` as milliseconds since 1970
-- setting          | the setting that asked for it
-- retention_ms     | its value, in milliseconds
-- before           | what is of this time or later stays: ISO 8601, UTC, milliseconds
-- after_position   | the slice begins behind this position
-- through_position | its last position
-- emptied          | how many events were emptied
--
-- Example: what retention took away, by day
--   SELECT substr(at, 1, 10) AS day, sum(emptied) AS emptied FROM v1_retention
--   GROUP BY day ORDER BY day
CREATE VIEW v1_retention AS
SELECT
  e.position,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS at,
  e.at AS at_ms,
  e.data ->> '$.setting' AS setting,
  e.data ->> '$.retentionMs' AS retention_ms,
  e.data ->> '$.before' AS before,
  e.data ->> '$.after' AS after_position,
  e.data ->> '$.through' AS through_position,
  e.data ->> '$.emptied' AS emptied
FROM event AS e
WHERE e.conversation = (SELECT key FROM conversation_key WHERE id = char(31) || 'system')
  AND e.type = 8;
