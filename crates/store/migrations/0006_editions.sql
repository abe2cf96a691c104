-- Append-only: what was done to a draft, by whom.
CREATE TABLE edition_edits (
    edition TEXT NOT NULL REFERENCES editions (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    story BIGINT,
    value TEXT,
    PRIMARY KEY (edition, version)
);
-- Append-only: corrections of frozen editions; printed in the next one, or mailed by themselves.
CREATE TABLE corrections (
    id BIGSERIAL PRIMARY KEY,
    edition TEXT NOT NULL REFERENCES editions (id),
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    printed_in TEXT
);
CREATE INDEX corrections_open ON corrections (id) WHERE printed_in IS NULL;
