-- One row for each conversation. A condition on `id` or `number` uses an index, and `ORDER BY
-- number DESC` gives the newest first. `event` is read for `title` and `description` alone.
--
-- id                           | the conversation
-- title                        | as it was started with
-- description                  | as it was started with
-- created_by                   | the user who started it
-- participant_ids              | JSON: the users who take part now, in the order they joined
-- participant_roles            | JSON: their roles, in the same order
-- message_count                | messages, notes among them
-- last_message_at              | when the last message was, or the start: ISO 8601, UTC, milliseconds
-- is_active                    | 1: nobody closed it
-- created_at                   | when it started: ISO 8601, UTC, milliseconds
-- updated_at                   | when the last message, join or leave was: ISO 8601, UTC, milliseconds
-- number                       | conversations are numbered in the order in which the log first names them
-- last_message_at_ms           | `last_message_at` as milliseconds since 1970
-- created_at_ms                | `created_at` as milliseconds since 1970
-- updated_at_ms                | `updated_at` as milliseconds since 1970
-- first_customer_message_at    | when a customer first wrote: ISO 8601, UTC, milliseconds; NULL: none
-- first_customer_message_at_ms | `first_customer_message_at` as milliseconds since 1970
-- first_response_at            | the first answer after that ([metrics](metrics.md)): ISO 8601, UTC, milliseconds; NULL: none
-- first_response_at_ms         | `first_response_at` as milliseconds since 1970
-- first_response_by            | who gave it
-- first_response_ms            | how long it took, in milliseconds
-- waiting_since                | the first message of a customer that nobody has answered yet: ISO 8601, UTC, milliseconds; NULL: none
-- waiting_since_ms             | `waiting_since` as milliseconds since 1970
--
-- Example: the newest fifty conversations
--   SELECT id, created_at, created_by, message_count FROM v1_conversation
--   ORDER BY number DESC LIMIT 50
-- Example: the customers who have waited longest
--   SELECT id, waiting_since FROM v1_conversation
--   WHERE waiting_since_ms IS NOT NULL ORDER BY waiting_since_ms LIMIT 20
CREATE VIEW v1_conversation AS
SELECT
  k.id,
  (SELECT s.content ->> '$.title' FROM event AS s
    WHERE s.conversation = c.conversation AND s.seq = 1) AS title,
  (SELECT s.content ->> '$.description' FROM event AS s
    WHERE s.conversation = c.conversation AND s.seq = 1) AS description,
  (SELECT u.id FROM user_key AS u WHERE u.key = c.created_by) AS created_by,
  (SELECT json_group_array(id) FROM (
    SELECT pu.id FROM participant AS p JOIN user_key AS pu ON pu.key = p.user
    WHERE p.conversation = c.conversation AND p.left_at IS NULL
    ORDER BY p.joined_position)) AS participant_ids,
  (SELECT json_group_array(name) FROM (
    SELECT pr.name FROM participant AS p JOIN user_role AS pr ON pr.role = p.role
    WHERE p.conversation = c.conversation AND p.left_at IS NULL
    ORDER BY p.joined_position)) AS participant_roles,
  c.message_count,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.last_message_at / 1000.0, 'unixepoch') AS last_message_at,
  c.is_active,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.created_at / 1000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.updated_at / 1000.0, 'unixepoch') AS updated_at,
  c.conversation AS number,
  c.last_message_at AS last_message_at_ms,
  c.created_at AS created_at_ms,
  c.updated_at AS updated_at_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.asked_at / 1000.0, 'unixepoch') AS first_customer_message_at,
  c.asked_at AS first_customer_message_at_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.answered_at / 1000.0, 'unixepoch') AS first_response_at,
  c.answered_at AS first_response_at_ms,
  (SELECT u.id FROM user_key AS u WHERE u.key = c.answered_by) AS first_response_by,
  c.answered_at - c.asked_at AS first_response_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.waiting_at / 1000.0, 'unixepoch') AS waiting_since,
  c.waiting_at AS waiting_since_ms
FROM conversation AS c
JOIN conversation_key AS k ON k.key = c.conversation;
