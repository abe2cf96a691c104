-- How channels answer over time, who is reading what, and how pages change after they were first read.

-- How the last readable answer looked; empty ones and pages without text in a row; the server's clock less ours.
ALTER TABLE channels ADD COLUMN first_poll BIGINT;
ALTER TABLE channels ADD COLUMN answer TEXT;
ALTER TABLE channels ADD COLUMN n_empty BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN n_misses BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN skew BIGINT;
UPDATE channels SET first_poll = last_poll;

-- Whether feeds.toml asks for it; which worker has it, and until when.
ALTER TABLE channels ADD COLUMN polled BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN holder TEXT;
ALTER TABLE channels ADD COLUMN held_until BIGINT;
CREATE INDEX channels_held ON channels (holder) WHERE holder IS NOT NULL;
ALTER TABLE items ADD COLUMN holder TEXT;
ALTER TABLE items ADD COLUMN held_until BIGINT;
CREATE INDEX items_held ON items (holder) WHERE holder IS NOT NULL;

-- The next moment a host may be asked, when several workers share it.
CREATE TABLE host_turns (
    host TEXT NOT NULL PRIMARY KEY,
    next_start BIGINT NOT NULL
);

-- Pages under the desk's eye: when each is looked at again.
CREATE TABLE watches (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id),
    next_look BIGINT,
    etag TEXT,
    last_modified TEXT,
    body_hash TEXT
);
CREATE INDEX watches_due ON watches (next_look) WHERE next_look IS NOT NULL;

-- What such a page said, each time it said something else; kind is text, gone or back.
CREATE TABLE page_versions (
    article_id BIGINT NOT NULL REFERENCES articles (id),
    seen_at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    title TEXT NOT NULL,
    lead TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (article_id, seen_at)
);
