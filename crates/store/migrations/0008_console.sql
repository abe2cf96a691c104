-- Who may use the console, and what they did. A login name never changes and is never given twice.
CREATE TABLE users (
    name TEXT NOT NULL PRIMARY KEY,
    display TEXT NOT NULL,
    role TEXT NOT NULL,
    unit TEXT,
    password TEXT,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);
-- Of a session or an API token only the SHA-256 is kept.
CREATE TABLE sessions (
    token TEXT NOT NULL PRIMARY KEY,
    user_name TEXT NOT NULL REFERENCES users (name),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_name);
CREATE INDEX sessions_seen ON sessions (seen_at);
CREATE TABLE api_tokens (
    token TEXT NOT NULL PRIMARY KEY,
    user_name TEXT NOT NULL REFERENCES users (name),
    label TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX api_tokens_user ON api_tokens (user_name, created_at);
-- Failed logins by name and address, whether the name exists or not.
CREATE TABLE login_failures (
    what TEXT NOT NULL PRIMARY KEY,
    n BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
-- Append-only: what was done in the console and at the command line to users, editions and cases.
CREATE TABLE audit (
    id BIGSERIAL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX audit_actor ON audit (actor, id);
-- What changed last, asked every few seconds while pages are open.
CREATE INDEX cases_updated ON cases (updated_at);
