-- One row for each event: the log itself, in its order. A condition on `position` or
-- `conversation_id` uses an index; one on anything else reads the whole log.
--
-- position          | the place in the log, from 1, without gaps
-- conversation_id   | the conversation
-- seq               | the place in the conversation, from 1, without gaps
-- type              | what happened: `message_sent`, `participant_joined` ... ([the log](format/event-log.md) has all)
-- version           | of the payload's schema
-- at                | when: ISO 8601, UTC, milliseconds; never falls along the log
-- actor             | the user who did it
-- role              | the actor's role, where the event says it
-- id                | UUID; of a message, also the message's
-- cause             | what led to it, where no client asked for exactly this
-- data              | JSON: what is no column; NULL once it was emptied
-- content           | what a person wrote
-- hash              | SHA-256, hexadecimal: of this event and, through `previous_hash`, of all before it
-- emptied           | 1: retention took `data` away
-- at_ms             | `at` as milliseconds since 1970
-- message_type      | of a message: `text`, `system` or `robot`
-- to_role           | of a message: the role that it is meant for
-- is_visible        | whether customers may see it; NULL: nothing is hidden
-- client_message_id | the id that the client gave a message
-- original_id       | the `id` of the message that this one is about
-- salt              | hexadecimal; goes into the hash, so that a short text cannot be guessed from it
-- commitment        | SHA-256, hexadecimal, of what was emptied; NULL while nothing is
-- previous_hash     | `hash` of the event before; zeros before the first
--
-- Example: what happened in one conversation
--   SELECT seq, at, type, actor, content FROM v1_event
--   WHERE conversation_id = 'order-77' ORDER BY seq
-- Example: the links of the chain between two positions; none is broken where no row comes
--   SELECT e.position FROM v1_event AS e JOIN v1_event AS p ON p.position = e.position - 1
--   WHERE e.position BETWEEN 2 AND 1000 AND e.previous_hash <> p.hash
CREATE VIEW v1_event AS
SELECT
  e.position,
  c.id AS conversation_id,
  e.seq,
  (SELECT t.name FROM event_type AS t WHERE t.type = e.type) AS type,
  e.version,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS at,
  (SELECT u.id FROM user_key AS u WHERE u.key = e.actor) AS actor,
  (SELECT r.name FROM user_role AS r WHERE r.role = e.role) AS role,
  lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-' || substr(hex(e.id), 13, 4)
    || '-' || substr(hex(e.id), 17, 4) || '-' || substr(hex(e.id), 21)) AS id,
  e.cause,
  nullif(e.data, '') AS data,
  e.content,
  lower(hex(e.hash)) AS hash,
  e.commitment IS NOT NULL AS emptied,
  e.at AS at_ms,
  (SELECT m.name FROM message_type AS m WHERE m.type = e.message_type) AS message_type,
  (SELECT r.name FROM user_role AS r WHERE r.role = e.to_role) AS to_role,
  e.visible AS is_visible,
  e.client_message_id,
  CASE WHEN e.original IS NOT NULL THEN
    lower(substr(hex(e.original), 1, 8) || '-' || substr(hex(e.original), 9, 4) || '-' || substr(hex(e.original), 13, 4)
    || '-' || substr(hex(e.original), 17, 4) || '-' || substr(hex(e.original), 21)) END AS original_id,
  nullif(lower(hex(e.salt)), '') AS salt,
  nullif(lower(hex(e.commitment)), '') AS commitment,
  coalesce((SELECT lower(hex(p.hash)) FROM event AS p WHERE p.position = e.position - 1),
    '0000000000000000000000000000000000000000000000000000000000000000') AS previous_hash
FROM event AS e
JOIN conversation_key AS c ON c.key = e.conversation;
