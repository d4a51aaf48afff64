-- What the server records of questions about the past (docs/time-travel.md).
INSERT INTO event_type VALUES (9, 'audit_read');
