-- Up to where `audit.db` holds the log: one row. Every other view of `audit.db` is of that moment.
--
-- position  | the last event that is in it; 0: none yet
-- at        | when that event was: ISO 8601, UTC, milliseconds
-- at_ms     | `at` as milliseconds since 1970
-- head_hash | that event's hash, hex; equal to `hash` of `v1_event` there
--
-- Example: how many events audit.db lacks
--   SELECT l.head - f.position AS lag FROM v1_log AS l, audit.v1_follower AS f
CREATE VIEW v1_follower AS
SELECT
  f.position,
  strftime('%Y-%m-%dT%H:%M:%fZ', f.at / 1000.0, 'unixepoch') AS at,
  f.at AS at_ms,
  lower(hex(f.head_hash)) AS head_hash
FROM follower AS f;
