-- What happened in a conversation, event by event.
--
-- All events: joins, leaves, messages and typing.
--
-- Options: conversation! from to limit
-- seq        | place in the conversation
-- position   | place in the log
-- at         | when
-- type       | what happened
-- actor      | the user who did it
-- role       | that user's role, where the event says it
-- cause      | what led to it, where nobody asked for exactly this
-- is_visible | 0: customers were not told
-- content    | what was written
-- Example: --conversation case-0000494 --limit 6
SELECT seq, position, at, type, actor, role, cause, is_visible, content
FROM v1_event
WHERE conversation_id = :conversation
  AND position >= :from_position -- if from
  AND position <= :to_position -- if to
ORDER BY seq LIMIT :limit -- if limit
ORDER BY seq -- unless limit
