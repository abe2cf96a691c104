-- Units' own lists of cases; who a user is at the ministry's single sign-on.
CREATE INDEX cases_unit ON cases (unit, severity_rank, opened_at, id) WHERE unit IS NOT NULL;
-- The issuer and its name for the user, bound at their first sign-in through it.
ALTER TABLE users ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX users_subject ON users (subject) WHERE subject IS NOT NULL;
