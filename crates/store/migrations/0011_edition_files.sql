-- The files that go with an edition: written before it is frozen, never after.
CREATE TABLE edition_files (
    edition TEXT NOT NULL,
    audience TEXT NOT NULL,
    place BIGINT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (edition, audience, place)
);
