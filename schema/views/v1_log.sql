-- One row: what the log holds. Reads no event but the first and the last.
--
-- head          | the position of the last event; 0: the log is empty
-- hash          | its hash: proves every event before it
-- events        | how many events there are
-- conversations | conversations ever started
-- users         | users who ever did something
-- first_at      | when the first event was: ISO 8601, UTC, milliseconds
-- first_at_ms   | `first_at` as milliseconds since 1970
-- last_at       | when the last event was: ISO 8601, UTC, milliseconds
-- last_at_ms    | `last_at` as milliseconds since 1970
--
-- Example: what there is, and the hash to keep elsewhere
--   SELECT head, hash, events, conversations, users, first_at, last_at FROM v1_log
CREATE VIEW v1_log AS
SELECT
  coalesce(h.position, 0) AS head,
  coalesce(nullif(lower(hex(h.hash)), ''), '0000000000000000000000000000000000000000000000000000000000000000') AS hash,
  coalesce((SELECT sum(events) FROM hour), 0) AS events,
  (SELECT coalesce(max(key), 0) FROM conversation_key)
    - (SELECT count(*) FROM conversation_key WHERE id = char(31) || 'system') AS conversations,
  (SELECT coalesce(max(key), 0) FROM user_key)
    - (SELECT count(*) FROM user_key WHERE id = char(31) || 'parley') AS users,
  strftime('%Y-%m-%dT%H:%M:%fZ', (SELECT at FROM event WHERE position = 1) / 1000.0, 'unixepoch') AS first_at,
  (SELECT at FROM event WHERE position = 1) AS first_at_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', h.at / 1000.0, 'unixepoch') AS last_at,
  h.at AS last_at_ms
FROM (SELECT 1)
LEFT JOIN event AS h ON h.position = (SELECT max(position) FROM event);
