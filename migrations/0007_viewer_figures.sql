-- What customers may know of a conversation: its count of messages and its times, without what is
-- hidden from them. A rebuild at the next start fills the columns.
ALTER TABLE conversation ADD COLUMN last_message_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN customer_message_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN customer_last_message_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN customer_last_message_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN customer_updated_at INTEGER NOT NULL DEFAULT 0;

-- What an author wrote that customers may not see: the author may, also when reading as a customer.
CREATE TABLE hidden_by_author (
  conversation  INTEGER NOT NULL REFERENCES conversation_key (key),
  user          INTEGER NOT NULL REFERENCES user_key (key),
  message_count INTEGER NOT NULL,
  last_seq      INTEGER NOT NULL,
  last_at       INTEGER NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;
