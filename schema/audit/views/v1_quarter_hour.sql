-- One row for each quarter of an hour that has an event: `v1_hour`, finer. The clocks of every zone
-- are whole quarters of an hour away from UTC, so days and hours of all of them can be counted.
--
-- quarter_hour      | `2026-11-28T19:15`, UTC
-- start_ms          | when it begins, as milliseconds since 1970
-- first_position    | its first event
-- last_position     | its last event
-- events            | all events
-- messages          | all messages
-- customer_messages | of customers
-- staff_messages    | of agents and supervisors, that customers may see; shares among them
-- robot_messages    | of robots
-- notes             | of agents and supervisors, hidden from customers
-- joins             | joins, and changes of role
-- leaves            | leaves and removals
-- typing            | starts and stops of typing
--
-- Example: messages a day, in India
--   SELECT date(start_ms / 1000, 'unixepoch', '+05:30') AS day, sum(messages) AS messages
--   FROM audit.v1_quarter_hour GROUP BY day ORDER BY day
CREATE VIEW v1_quarter_hour AS
SELECT
  strftime('%Y-%m-%dT%H:%M', q.number * 900, 'unixepoch') AS quarter_hour,
  q.number * 900000 AS start_ms,
  q.first_position,
  q.last_position,
  q.events,
  q.messages,
  q.customer_messages,
  q.staff_messages,
  q.robot_messages,
  q.notes,
  q.joins,
  q.leaves,
  q.typing
FROM quarter_hour AS q;
