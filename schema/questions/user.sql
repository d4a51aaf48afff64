-- What a user did.
--
-- Every event of the user but typing, in all conversations.
--
-- Options: user! from to conversation role limit
-- Reads: audit.db
-- position        | place in the log
-- at              | when
-- conversation_id | the conversation
-- type            | what happened
-- role            | the user's role there
-- content         | what was written
-- Example: --user agent-zeynep --limit 5
SELECT u.position, u.at, u.conversation_id, u.type, u.role,
  (SELECT content FROM v1_event AS e WHERE e.position = u.position) AS content
FROM v1_user_event AS u
WHERE u.user_id = :user
  AND u.position <= :to_position
  AND u.position >= :from_position -- if from
  AND u.conversation_id = :conversation -- if conversation
  AND u.role = :role -- if role
ORDER BY u.position LIMIT :limit -- if limit
ORDER BY u.position -- unless limit
