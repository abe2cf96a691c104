CREATE TABLE saved_searches (
    name TEXT NOT NULL PRIMARY KEY,
    question TEXT NOT NULL,
    recipients TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    looked_at BIGINT
);

-- Articles the recipients of a saved search were told of.
CREATE TABLE saved_told (
    search TEXT NOT NULL,
    article_id BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (search, article_id)
);

-- The outbox of saved searches.
CREATE TABLE saved_mails (
    message_id TEXT NOT NULL PRIMARY KEY,
    search TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    html TEXT NOT NULL,
    plain TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    last_reply TEXT,
    next_try BIGINT,
    updated_at BIGINT NOT NULL
);
CREATE INDEX saved_mails_due ON saved_mails (next_try) WHERE next_try IS NOT NULL;
