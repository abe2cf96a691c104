-- The duty desk at work: proposals, merged cases, the articles of a case, warnings of clocks, and
-- why an alert was sent.
ALTER TABLE cases ADD COLUMN proposed TEXT;
ALTER TABLE cases ADD COLUMN merged_into BIGINT;
-- When a clock of the case next reaches 50, 80 or 100 %.
ALTER TABLE cases ADD COLUMN next_warning BIGINT;
CREATE INDEX cases_warning ON cases (next_warning) WHERE next_warning IS NOT NULL;
CREATE INDEX cases_merged ON cases (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX cases_owner ON cases (owner, severity_rank, opened_at, id) WHERE owner IS NOT NULL;
CREATE INDEX cases_closed ON cases (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX case_events_at ON case_events (at, case_id, version);

CREATE TABLE case_articles (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    article_id BIGINT NOT NULL REFERENCES articles (id),
    PRIMARY KEY (case_id, article_id)
);
INSERT INTO case_articles (case_id, article_id)
    SELECT cases.id, articles.id FROM cases JOIN articles ON articles.story = cases.story;

ALTER TABLE alerts ADD COLUMN mark TEXT;
ALTER TABLE alerts ADD COLUMN wording TEXT;
CREATE INDEX flags_kind ON flags (kind, article_id);
