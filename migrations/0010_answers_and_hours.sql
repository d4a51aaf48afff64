-- What became of the questions of a conversation (domain/answer.h): the first message of a customer,
-- the first answer after it, and since when a customer waits now. NULL: there is none. A rebuild at
-- the next start fills the columns and the table.
ALTER TABLE conversation ADD COLUMN asked_position INTEGER;
ALTER TABLE conversation ADD COLUMN asked_at INTEGER;
ALTER TABLE conversation ADD COLUMN answered_position INTEGER;
ALTER TABLE conversation ADD COLUMN answered_at INTEGER;
ALTER TABLE conversation ADD COLUMN answered_by INTEGER REFERENCES user_key (key);
ALTER TABLE conversation ADD COLUMN waiting_position INTEGER;
ALTER TABLE conversation ADD COLUMN waiting_at INTEGER;

-- What happened in each hour (UTC) that has an event: the way from a time to positions, and figures
-- of all time without a walk through the log.
CREATE TABLE hour (
  number            INTEGER PRIMARY KEY,  -- since 1970-01-01
  name              TEXT NOT NULL,        -- 2026-11-10T14
  first_position    INTEGER NOT NULL,
  last_position     INTEGER NOT NULL,
  events            INTEGER NOT NULL,
  messages          INTEGER NOT NULL,
  customer_messages INTEGER NOT NULL,
  staff_messages    INTEGER NOT NULL,     -- of agents and supervisors, that customers may see
  robot_messages    INTEGER NOT NULL,
  notes             INTEGER NOT NULL,     -- of agents and supervisors, hidden from customers
  joins             INTEGER NOT NULL,
  leaves            INTEGER NOT NULL,
  typing            INTEGER NOT NULL
) STRICT;
