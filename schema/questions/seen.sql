-- What a user could see at a moment.
--
-- The messages that `--user` could read at `--at`, in the conversations that the user was in by
-- then, by the rules of [authorization](authorization.md): staff and robots all of them, also
-- after they left; customers what is visible to customers, or their own. A customer who left keeps
-- what there was; one whom a named user removed keeps nothing. It says *could*: what was delivered
-- or read is not in the log.
--
-- Options: user! at conversation limit
-- Reads: audit.db
-- position        | place in the log
-- conversation_id | the conversation
-- at              | when it was written
-- from_user_id    | the author
-- from_role       | the author's role
-- is_visible      | 1: customers may see it
-- seen_as         | the role that the user had last by then
-- content         | what was written
-- Example: --user customer-000290 --at 2025-12-31T08:12Z --limit 4
WITH own AS (
  SELECT conversation_id, role, max(joined_position) AS joined_position, left_position, end
  FROM v1_stay
  WHERE user_id = :user AND joined_position <= :at_position
    AND conversation_id = :conversation -- if conversation
  GROUP BY conversation_id
)
SELECT m.position, m.conversation_id, m.at, m.from_user_id, m.from_role, m.is_visible,
  own.role AS seen_as, m.content
FROM own CROSS JOIN v1_message AS m ON m.conversation_id = own.conversation_id
WHERE m.position <= :at_position
  AND (own.role <> 'cx-customer' OR (
    (m.is_visible = 1 OR m.from_user_id = :user)
    AND (own.left_position IS NULL OR own.left_position > :at_position
      OR (m.position <= own.left_position AND NOT (own.end = 'removed' AND EXISTS (
        SELECT 1 FROM v1_event AS e WHERE e.position = own.left_position AND e.data <> '{}'))))))
ORDER BY m.position LIMIT :limit -- if limit
ORDER BY m.position -- unless limit
