//! One suite for both databases: every test runs on SQLite, and on PostgreSQL when
//! `DIEMBAO_TEST_POSTGRES` holds a server's address (`tests/postgres.sh` gives one).

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod articles;
mod backend;
mod case_news;
mod cases;
mod channels;
mod claims;
mod editions;
mod layouts;
mod leases;
mod samples;
mod saved;
mod stories;
mod trend;
