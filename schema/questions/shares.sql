-- Which messages of robots were shared, by whom, and how soon.
--
-- Every share in the range.
--
-- Options: from to conversation user limit
-- position          | the share's place in the log
-- at                | when it was shared
-- conversation_id   | the conversation
-- by                | who shared it
-- robot_id          | the robot that wrote it
-- original_position | the place of the robot's message
-- ms                | from the robot's message to the share
-- content           | what was written
-- Example: --from 2025-12-31 --limit 3
SELECT position, at, conversation_id, by, robot_id, original_position, ms, content
FROM v1_share
WHERE true
  AND position >= :from_position -- if from
  AND position <= :to_position -- if to
  AND conversation_id = :conversation -- if conversation
  AND by = :user -- if user
ORDER BY position LIMIT :limit -- if limit
ORDER BY position -- unless limit
