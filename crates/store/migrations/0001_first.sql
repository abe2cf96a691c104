-- Times are microseconds since 1970 UTC; yes and no are 1 and 0; lists are JSON.

CREATE TABLE channels (
    id TEXT NOT NULL PRIMARY KEY,
    etag TEXT,
    last_modified TEXT,
    body_hash TEXT,
    next_poll BIGINT,
    last_poll BIGINT,
    last_success BIGINT,
    last_new_item BIGINT,
    failures DOUBLE PRECISION NOT NULL,
    last_problem TEXT,
    n_items BIGINT NOT NULL
);

-- New items of a channel by day in Asia/Ho_Chi_Minh (YYYY-MM-DD): what is normal for it.
CREATE TABLE channel_days (
    channel TEXT NOT NULL,
    day TEXT NOT NULL,
    n_items BIGINT NOT NULL,
    PRIMARY KEY (channel, day)
);

CREATE TABLE items (
    id BIGINT PRIMARY KEY,
    channel TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    published BIGINT,
    first_seen BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_try BIGINT NOT NULL,
    outcome TEXT,
    reason TEXT,
    finished_at BIGINT
);
CREATE INDEX items_pending ON items (next_try, first_seen, id) WHERE outcome IS NULL;
CREATE INDEX items_finished ON items (finished_at, outcome) WHERE outcome IS NOT NULL;

-- What is decided of an article, beside its text so that a decision rewrites little.
CREATE TABLE articles (
    id BIGINT PRIMARY KEY,
    outlet TEXT NOT NULL,
    reference TEXT,
    published BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    health BIGINT NOT NULL,
    health_score DOUBLE PRECISION NOT NULL,
    rules_version TEXT,
    story BIGINT,
    grouped_at BIGINT,
    version BIGINT NOT NULL,
    indexed BIGINT NOT NULL
);
CREATE INDEX articles_published ON articles (published);
CREATE INDEX articles_first_seen ON articles (first_seen, story);
CREATE INDEX articles_story ON articles (story) WHERE story IS NOT NULL;
CREATE INDEX articles_reference ON articles (reference) WHERE reference IS NOT NULL;
CREATE INDEX articles_unclassified ON articles (first_seen, id) WHERE rules_version IS NULL;
CREATE INDEX articles_ungrouped ON articles (published) WHERE grouped_at IS NULL;
CREATE INDEX articles_unindexed ON articles (id) WHERE indexed < version;

CREATE TABLE texts (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id),
    url TEXT,
    title TEXT NOT NULL,
    lead TEXT NOT NULL,
    body TEXT NOT NULL,
    authors TEXT NOT NULL,
    published_source TEXT NOT NULL,
    modified BIGINT,
    image TEXT,
    section TEXT,
    lang TEXT NOT NULL
);

-- Archived pages, compressed by zstd.
CREATE TABLE pages (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id),
    url TEXT NOT NULL,
    fetched_at BIGINT NOT NULL,
    status BIGINT NOT NULL,
    content_type TEXT,
    n_bytes BIGINT NOT NULL,
    body BLOB NOT NULL
);

CREATE TABLE topics (
    article_id BIGINT NOT NULL REFERENCES articles (id),
    position BIGINT NOT NULL,
    topic TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (article_id, position)
);

CREATE TABLE flags (
    article_id BIGINT NOT NULL REFERENCES articles (id),
    position BIGINT NOT NULL,
    rule TEXT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    stance TEXT,
    score DOUBLE PRECISION NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (article_id, position)
);

-- A person's word that two articles belong together or apart; a < b.
CREATE TABLE story_links (
    a BIGINT NOT NULL,
    b BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (a, b)
);

CREATE TABLE cases (
    id BIGSERIAL PRIMARY KEY,
    story BIGINT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    severity_rank BIGINT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    owner TEXT,
    opened_at BIGINT NOT NULL,
    published BIGINT NOT NULL,
    version BIGINT NOT NULL,
    occurred_at BIGINT,
    acknowledged_at BIGINT,
    assigned_at BIGINT,
    answered_at BIGINT,
    closed_at BIGINT,
    updated_at BIGINT,
    n_articles BIGINT NOT NULL,
    n_outlets BIGINT NOT NULL,
    unit TEXT,
    escalated_to TEXT,
    dismissed TEXT
);
CREATE INDEX cases_state ON cases (state, severity_rank, id);

-- Append-only: the audit trail of a case.
CREATE TABLE case_events (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    details TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (case_id, version)
);

CREATE TABLE editions (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    frozen_at BIGINT
);

CREATE TABLE edition_parts (
    edition TEXT NOT NULL REFERENCES editions (id),
    audience TEXT NOT NULL,
    subject TEXT NOT NULL,
    html TEXT NOT NULL,
    plain TEXT NOT NULL,
    PRIMARY KEY (edition, audience)
);

-- The outbox: one row for each edition and recipient.
CREATE TABLE deliveries (
    edition TEXT NOT NULL REFERENCES editions (id),
    recipient TEXT NOT NULL,
    audience TEXT NOT NULL,
    message_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    last_reply TEXT,
    next_try BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (edition, recipient)
);
CREATE INDEX deliveries_due ON deliveries (next_try) WHERE next_try IS NOT NULL;

CREATE TABLE notices (
    name TEXT NOT NULL PRIMARY KEY,
    raised_at BIGINT NOT NULL,
    cleared_at BIGINT,
    message TEXT NOT NULL
);

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
);
