//! Bringing the schema up to date. Migrations are append-only files, written once in the
//! words both databases share; what they spell differently is replaced here.

use sqlx::Executor;

use crate::StoreError;
use crate::sql::args;
use crate::store::{Backend, Store, Tx};

const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_first.sql")),
    (2, include_str!("../migrations/0002_handovers.sql")),
    (3, include_str!("../migrations/0003_indexes.sql")),
    (4, include_str!("../migrations/0004_alerts.sql")),
    (5, include_str!("../migrations/0005_collection.sql")),
    (6, include_str!("../migrations/0006_editions.sql")),
    (7, include_str!("../migrations/0007_desk.sql")),
    (8, include_str!("../migrations/0008_console.sql")),
    (9, include_str!("../migrations/0009_saved_searches.sql")),
    (11, include_str!("../migrations/0011_edition_files.sql")),
    (12, include_str!("../migrations/0012_layouts.sql")),
    (13, include_str!("../migrations/0013_profiles.sql")),
    (15, include_str!("../migrations/0015_console.sql")),
    (16, include_str!("../migrations/0016_hosts.sql")),
    (17, include_str!("../migrations/0017_item_times.sql")),
    (18, include_str!("../migrations/0018_case_news.sql")),
];

/// Any number: the lock under which PostgreSQL migrates.
const LOCK: &str = "SELECT CAST(1 AS BIGINT) FROM (SELECT pg_advisory_xact_lock(7310642)) AS locked";

pub(crate) async fn migrate(store: &Store) -> Result<(), StoreError> {
    let known = MIGRATIONS.last().map_or(0, |(n, _)| *n);
    let mut tx = store.begin().await?;
    if store.inner.backend == Backend::Postgres {
        store.fetch_in(&mut tx, LOCK, args![]).await?;
    }
    store
        .execute(&mut tx, "CREATE TABLE IF NOT EXISTS migrations (version BIGINT NOT NULL PRIMARY KEY)", args![])
        .await?;
    let rows = store.fetch_in(&mut tx, "SELECT version FROM migrations", args![]).await?;
    let done: Vec<i64> = rows.iter().map(|row| store.get(row, 0)).collect::<Result<_, _>>()?;
    let found = done.iter().copied().max().unwrap_or(0);
    if found > known {
        return Err(StoreError::NewerSchema { place: store.inner.place.clone(), found, known });
    }
    for (version, sql) in MIGRATIONS.iter().filter(|(version, _)| !done.contains(version)) {
        run(store, &mut tx, &dialect(store.inner.backend, sql)).await?;
        store.execute(&mut tx, "INSERT INTO migrations (version) VALUES ($1)", args![*version]).await?;
    }
    store.commit(tx).await
}

async fn run(store: &Store, tx: &mut Tx, sql: &str) -> Result<(), StoreError> {
    let statements = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
    tx.execute(statements).await.map_err(|e| store.error(e))?;
    Ok(())
}

/// SQLite keeps a table by its key only when the key is spelt INTEGER PRIMARY KEY.
fn dialect(backend: Backend, sql: &str) -> String {
    match backend {
        Backend::Sqlite => sql
            .replace("BIGSERIAL PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT")
            .replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY"),
        Backend::Postgres => sql.replace("BLOB", "BYTEA"),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{AnyConnection, Connection};

    use super::*;
    use crate::StoreOptions;

    #[tokio::test]
    async fn a_store_of_the_first_schema_is_brought_up_to_date() {
        sqlx::any::install_default_drivers();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/old.db", folder.path().display());
        let mut conn = AnyConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
        let old = format!(
            "CREATE TABLE migrations (version BIGINT NOT NULL PRIMARY KEY); INSERT INTO migrations VALUES (1); {}
            INSERT INTO notices VALUES ('n', 5, NULL, 'x');",
            dialect(Backend::Sqlite, MIGRATIONS[0].1)
        );
        conn.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(old))).await.unwrap();
        conn.close().await.unwrap();
        let store = Store::open(&url, &StoreOptions::default()).await.unwrap();
        assert_eq!(store.notices().await.unwrap().len(), 1, "nothing is lost");
        assert!(store.handovers(1).await.unwrap().is_empty(), "what is new is there");
    }

    #[test]
    fn migrations_stand_in_the_order_of_their_numbers() {
        assert!(MIGRATIONS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
