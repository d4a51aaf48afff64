-- Staff and robots who take part without customers being told.
ALTER TABLE participant ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
