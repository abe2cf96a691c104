-- Lists of cases in their order, and the rhythm of one channel, without reading the whole table.
DROP INDEX cases_state;
CREATE INDEX cases_all ON cases (severity_rank, opened_at, id);
CREATE INDEX cases_open ON cases (severity_rank, opened_at, id) WHERE state NOT IN ('closed', 'dismissed');
CREATE INDEX cases_state ON cases (state, severity_rank, opened_at, id);
CREATE INDEX items_channel ON items (channel, first_seen);
-- Pages are thrown away by age.
CREATE INDEX pages_age ON pages (fetched_at);
