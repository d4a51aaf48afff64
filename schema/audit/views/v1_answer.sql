-- One row for each answer that staff gave customers, also where nobody waited for it. docs/metrics.md
-- says what an answer is. A range of `position` uses the primary key.
--
-- position        | the answer's place in the log
-- conversation_id | the conversation
-- user_id         | who answered; of a shared message, who shared it
-- role            | that user's role
-- waited_ms       | how long a customer had waited, in milliseconds; NULL: nobody waited
-- number          | the conversation's, as in `v1_conversation`
-- user_number     | the user's, for grouping without a look-up a row
--
-- Example: who answered how often in the first thousand events
--   SELECT user_id, count(*) AS answers FROM v1_answer
--   WHERE position BETWEEN 1 AND 1000 GROUP BY user_id ORDER BY answers DESC
CREATE VIEW v1_answer AS
SELECT
  a.position,
  (SELECT c.id FROM conversation_text AS c WHERE c.key = a.conversation) AS conversation_id,
  (SELECT u.id FROM user_text AS u WHERE u.key = a.user) AS user_id,
  (SELECT r.name FROM role_name AS r WHERE r.role = a.role) AS role,
  a.waited_ms,
  a.conversation AS number,
  a.user AS user_number
FROM answer AS a;
