-- One row for each hour, UTC, that has an event. It turns a time into positions, and answers what
-- is counted over all time. An hour without events has no row.
--
-- hour              | `2026-11-28T19`, UTC
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
-- Example: messages a day, of all time
--   SELECT substr(hour, 1, 10) AS day, sum(messages) AS messages FROM v1_hour
--   GROUP BY day ORDER BY day
CREATE VIEW v1_hour AS
SELECT
  h.name AS hour,
  h.number * 3600000 AS start_ms,
  h.first_position,
  h.last_position,
  h.events,
  h.messages,
  h.customer_messages,
  h.staff_messages,
  h.robot_messages,
  h.notes,
  h.joins,
  h.leaves,
  h.typing
FROM hour AS h;
