-- Who watches: the log need not know them, and then `user` is 0. Who follows the dashboard, where
-- the client says it.
ALTER TABLE session_room ADD COLUMN watcher TEXT;
ALTER TABLE session ADD COLUMN dashboard_user TEXT;
ALTER TABLE session ADD COLUMN dashboard_role INTEGER;
ALTER TABLE session ADD COLUMN dashboard_presence INTEGER NOT NULL DEFAULT 0;
