-- Hand-overs of the duty desk's shifts, as they were signed. Never changed.
CREATE TABLE handovers (
    id BIGSERIAL PRIMARY KEY,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    given_by TEXT NOT NULL,
    taken_by TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    UNIQUE (from_at, to_at)
);
