-- What was said in a conversation, or in a range of time.
--
-- Every message, notes and robots' messages among them.
--
-- Options: conversation from to user role limit
-- position          | place in the log
-- conversation_id   | the conversation
-- at                | when
-- from_user_id      | the author; of a share, the user who shared it
-- from_role         | the author's role
-- type              | `text`, `system` or `robot`
-- is_visible        | 1: customers may see it
-- shared_by         | of a robot's message: who shared it
-- original_position | of a share: the place of the robot's message
-- content           | what was written
-- Example: --conversation case-0000494 --limit 5
SELECT position, conversation_id, at, from_user_id, from_role, type, is_visible, shared_by,
  original_position, content
FROM v1_message
WHERE true
  AND conversation_id = :conversation -- if conversation
  AND position >= :from_position -- if from
  AND position <= :to_position -- if to
  AND from_user_id = :user -- if user
  AND from_role = :role -- if role
ORDER BY position LIMIT :limit -- if limit
ORDER BY position -- unless limit
