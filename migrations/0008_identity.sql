-- Identity (docs/security.md): which conversations a user takes part in, where a user left, which
-- bounds what they may read, and which principal a session belongs to. A rebuild at the next start
-- fills the projections' columns.
ALTER TABLE participant ADD COLUMN left_position INTEGER;
CREATE INDEX participant_user ON participant (user, conversation);

-- Only this user, as this actor (domain/principals.def), resumes the session. NULL: it began
-- without authentication.
ALTER TABLE session ADD COLUMN user TEXT;
ALTER TABLE session ADD COLUMN actor TEXT;
