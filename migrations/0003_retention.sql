-- Retention (docs/retention.md): its event type, and how far its walk over the log has come. The
-- row is only where to go on; deleted, the walk starts again and finds nothing left to do.
INSERT INTO event_type VALUES (8, 'retention_applied');
CREATE TABLE retention_walk (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;
