-- v1_event: the log in readable form, one row per event. Order by position.
--   position         global number, dense from 1          seq    number within the conversation
--   type, version    event type, version of its payload   at     ISO 8601, UTC
--   actor            the user who caused it               role   the actor's role, if known
--   cause            cause of an event not requested      data   JSON metadata
--   content          what a person typed                  hash   hex, chained to the previous event
--   emptied          1: retention emptied data or content (NULL here); a commitment replaces it
CREATE VIEW v1_event AS
SELECT
  e.position,
  c.id AS conversation_id,
  e.seq,
  t.name AS type,
  e.version,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS at,
  u.id AS actor,
  r.name AS role,
  lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-' || substr(hex(e.id), 13, 4)
    || '-' || substr(hex(e.id), 17, 4) || '-' || substr(hex(e.id), 21)) AS id,
  e.cause,
  nullif(e.data, '') AS data,
  e.content,
  lower(hex(e.hash)) AS hash,
  e.commitment IS NOT NULL AS emptied
FROM event AS e
JOIN conversation_key AS c ON c.key = e.conversation
JOIN user_key AS u ON u.key = e.actor
JOIN event_type AS t ON t.type = e.type
LEFT JOIN user_role AS r ON r.role = e.role;
