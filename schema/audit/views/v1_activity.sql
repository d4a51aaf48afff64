-- What each user did in a role on a day, UTC. A user who did nothing on a day has no row. A range
-- of `day` uses the primary key.
--
-- user_id       | the user
-- role          | the role; NULL: none is known
-- day           | `2026-11-28`, UTC
-- messages      | messages sent and shared, notes among them
-- notes         | of those: as agent or supervisor, hidden from customers
-- shares        | of those: shared messages of robots
-- conversations | in how many conversations the user wrote, joined or left on this day; counted when it is asked for
-- joins         | joins, and changes to this role
-- leaves        | leaves and removals
-- typing        | starts and stops of typing
-- first_at      | the first of these events: ISO 8601, UTC, milliseconds
-- last_at       | the last of them
-- first_at_ms   | `first_at` as milliseconds since 1970
-- last_at_ms    | `last_at` as milliseconds since 1970
-- first_position | the first event's place in the log
-- last_position | the last one's
-- open_stays    | in how many conversations the user was at once, at most, after a join or a leave of this role and day; NULL: there was none
--
-- Example: who wrote how much in a week
--   SELECT user_id, role, sum(messages) AS messages, sum(notes) AS notes
--   FROM audit.v1_activity WHERE day >= '2026-11-23' AND day < '2026-11-30' GROUP BY user_id, role ORDER BY messages DESC
CREATE VIEW v1_activity AS
SELECT
  u.id AS user_id,
  (SELECT r.name FROM role_name AS r WHERE r.role = a.role) AS role,
  a.day,
  a.messages,
  a.notes,
  a.shares,
  (SELECT count(DISTINCT e.conversation) FROM user_event AS e
   WHERE e.user = a.user AND e.position BETWEEN a.first_position AND a.last_position
     AND coalesce(e.role, 0) = a.role AND e.type IN (2, 3, 4, 7)) AS conversations,
  a.joins,
  a.leaves,
  a.typing,
  strftime('%Y-%m-%dT%H:%M:%fZ', a.first_at / 1000.0, 'unixepoch') AS first_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', a.last_at / 1000.0, 'unixepoch') AS last_at,
  a.first_at AS first_at_ms,
  a.last_at AS last_at_ms,
  a.first_position,
  a.last_position,
  a.open_stays
FROM activity AS a
JOIN user_text AS u ON u.key = a.user;
