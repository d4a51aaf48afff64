-- One row for each message of a robot that staff shared with the customer. A condition on
-- `position` reads no event of another share; the shares themselves, a few numbers each, are all read.
--
-- position          | the share's place in the log
-- at                | when it was shared: ISO 8601, UTC, milliseconds
-- at_ms             | `at` as milliseconds since 1970
-- conversation_id   | the conversation
-- by                | the user who shared it
-- robot_id          | the robot that wrote it
-- original_position | the place of the robot's message
-- ms                | from the robot's message to its share, in milliseconds
-- content           | what was written
--
-- Example: how often each person shared what a robot wrote
--   SELECT by, count(*) AS shares FROM v1_share GROUP BY by ORDER BY shares DESC
CREATE VIEW v1_share AS
SELECT
  o.shared_position AS position,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.at / 1000.0, 'unixepoch') AS at,
  s.at AS at_ms,
  c.id AS conversation_id,
  (SELECT u.id FROM user_key AS u WHERE u.key = s.actor) AS by,
  (SELECT u.id FROM user_key AS u WHERE u.key = e.actor) AS robot_id,
  o.position AS original_position,
  s.at - e.at AS ms,
  s.content
FROM message_overlay AS o
CROSS JOIN event AS s ON s.position = o.shared_position
CROSS JOIN event AS e ON e.position = o.position
CROSS JOIN conversation_key AS c ON c.key = s.conversation;
