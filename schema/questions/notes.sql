-- What staff wrote that customers could not see.
--
-- Messages of agents and supervisors that are hidden from customers.
--
-- Options: from to conversation user limit
-- position        | place in the log
-- at              | when
-- conversation_id | the conversation
-- from_user_id    | the author
-- from_role       | the author's role
-- to_role         | the role that it is meant for; empty: all staff
-- content         | what was written
-- Example: --from 2025-12-31 --limit 3
SELECT position, at, conversation_id, from_user_id, from_role, to_role, content
FROM v1_message
WHERE is_visible = 0 AND from_role IN ('cx-agent', 'cx-supervisor')
  AND position >= :from_position -- if from
  AND position <= :to_position -- if to
  AND conversation_id = :conversation -- if conversation
  AND from_user_id = :user -- if user
ORDER BY position LIMIT :limit -- if limit
ORDER BY position -- unless limit
