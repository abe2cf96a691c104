-- The outbox of the duty desk: one row for each case, alarm, rung and receiver.
CREATE TABLE alerts (
    name TEXT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    version BIGINT NOT NULL,
    rung BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    last_reply TEXT,
    next_try BIGINT,
    updated_at BIGINT NOT NULL
);
CREATE INDEX alerts_due ON alerts (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX alerts_case ON alerts (case_id, due_at);
