-- Closed cases that the press wrote more of, until somebody looks.
ALTER TABLE cases ADD COLUMN news_at BIGINT;
CREATE INDEX cases_news ON cases (severity_rank, opened_at, id) WHERE news_at IS NOT NULL;
