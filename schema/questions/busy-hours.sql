-- At which hours of the day most is said.
--
-- One row for each hour of the day, in the zone of `--tz`, over all days of the range.
--
-- Options: from to tz
-- Reads: hours
-- hour              | 0 to 23, of the day in `--tz`
-- messages          | all messages
-- customer_messages | of customers
-- staff_messages    | of agents and supervisors, that customers may see
-- robot_messages    | of robots
-- notes             | of agents and supervisors, hidden from customers
-- joins             | joins, and changes of role
-- leaves            | leaves and removals
-- typing            | starts and stops of typing
-- events            | all events
-- Example: --from 2025-12-01 --to 2026-01-01 --tz Europe/Berlin
SELECT CAST(strftime('%H', local_ms / 1000, 'unixepoch') AS INTEGER) AS hour,
  sum(messages) AS messages, sum(customer_messages) AS customer_messages,
  sum(staff_messages) AS staff_messages, sum(robot_messages) AS robot_messages,
  sum(notes) AS notes, sum(joins) AS joins, sum(leaves) AS leaves, sum(typing) AS typing,
  sum(events) AS events
FROM counted
GROUP BY hour ORDER BY hour
