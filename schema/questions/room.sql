-- Who was in a conversation at a moment.
--
-- The stays that had begun and not ended at `--at`; without it, now.
--
-- Options: conversation! at role
-- Reads: audit.db
-- user_id         | the user
-- role            | the user's role at that moment
-- joined_at       | when this stay began
-- joined_position | the join's place in the log
-- left_at         | when it ended later; empty: it goes on
-- end             | how it ended: `left`, `removed` by another user, `role`: joined again in another role
-- Example: --conversation case-0000494 --at 2025-12-31T08:12Z
SELECT user_id, role, joined_at, joined_position, left_at, end
FROM v1_stay
WHERE conversation_id = :conversation
  AND joined_position <= :at_position
  AND (left_position IS NULL OR left_position > :at_position)
  AND role = :role -- if role
ORDER BY joined_position
