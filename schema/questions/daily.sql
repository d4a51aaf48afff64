-- What happened on each day.
--
-- One row for each day, in the zone of `--tz`. A day without events has no row.
--
-- Options: from to tz limit
-- Reads: hours
-- day               | in `--tz`
-- messages          | all messages
-- customer_messages | of customers
-- staff_messages    | of agents and supervisors, that customers may see
-- robot_messages    | of robots
-- notes             | of agents and supervisors, hidden from customers
-- joins             | joins, and changes of role
-- leaves            | leaves and removals
-- typing            | starts and stops of typing
-- events            | all events
-- Example: --from 2025-12-27 --to 2026-01-01
SELECT date(local_ms / 1000, 'unixepoch') AS day,
  sum(messages) AS messages, sum(customer_messages) AS customer_messages,
  sum(staff_messages) AS staff_messages, sum(robot_messages) AS robot_messages,
  sum(notes) AS notes, sum(joins) AS joins, sum(leaves) AS leaves, sum(typing) AS typing,
  sum(events) AS events
FROM counted
GROUP BY day ORDER BY day LIMIT :limit -- if limit
GROUP BY day ORDER BY day -- unless limit
