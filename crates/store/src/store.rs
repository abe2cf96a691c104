//! The store itself: opening, the two pools, transactions.
//!
//! SQLite: one writing connection whose transactions begin IMMEDIATE, so that a write never
//! fails half-way for a lock, and a few reading ones; WAL, so that readers and the writer do
//! not wait for each other; `synchronous=FULL`, so that a committed batch survives not only
//! kill -9 (for which NORMAL would do) but a power cut: the outbox and the desk's audit trail
//! must not forget what was sent and decided, and one sync a batch costs little.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions, Connection, Executor, Transaction};

use crate::connections::new_name;
use crate::error::StoreError;
use crate::migrate;

const IMMEDIATE: &str = "BEGIN IMMEDIATE";
/// Between two tries to open a file that another process is making.
const BUSY_PAUSE: Duration = Duration::from_millis(25);

/// A transaction on either database.
pub(crate) type Tx = Transaction<'static, Any>;

/// How the store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// How long to wait for another process's lock before [`StoreError::Busy`].
    pub busy_timeout: Duration,
    /// Connections at most, beside SQLite's one for writing.
    pub max_connections: u32,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { busy_timeout: Duration::from_secs(10), max_connections: 4 }
    }
}

/// Which database is behind the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// The truth. Cheap to clone; all clones share the connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) backend: Backend,
    /// The file, or the server without the password: for error messages.
    pub(crate) place: String,
    /// The address the driver connects to.
    pub(crate) address: String,
    /// What a server calls the connections.
    pub(crate) name: String,
    pub(crate) reader: AnyPool,
    pub(crate) writer: AnyPool,
}

/// Shows the place only: the address may hold a password.
impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store, creates it when it is not there, and brings its schema up to date.
    /// The address is `sqlite:PATH` or `postgres://USER@HOST/DATABASE`.
    ///
    /// # Errors
    /// When the address is of another kind, the database cannot be opened, is locked for longer
    /// than the time-out, or was written by a newer program.
    pub async fn open(url: &str, options: &StoreOptions) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let inner = if let Some(path) = url.strip_prefix("sqlite:") {
            open_patiently(path.strip_prefix("//").unwrap_or(path), options).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            open_postgres(url, options).await?
        } else {
            return Err(StoreError::Address(without_password(url)));
        };
        let store = Self { inner: Arc::new(inner) };
        migrate::migrate(&store).await?;
        Ok(store)
    }

    /// The file, or the server without the password.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.inner.place
    }

    /// Closes all connections after what is under way has ended.
    pub async fn close(&self) {
        self.inner.reader.close().await;
        self.inner.writer.close().await;
    }

    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        match self.inner.backend {
            Backend::Sqlite => match self.inner.writer.begin_with(IMMEDIATE).await {
                Err(sqlx::Error::InvalidSavePointStatement) => self.begin_afresh().await,
                begun => begun,
            },
            Backend::Postgres => self.inner.writer.begin().await,
        }
        .map_err(|e| self.error(e))
    }

    /// On a full disk SQLite ends a transaction by itself; the driver then believes for ever
    /// that its connection is inside one. Such a connection is given up for a new one.
    async fn begin_afresh(&self) -> Result<Tx, sqlx::Error> {
        let conn = self.inner.writer.acquire().await?;
        if conn.is_in_transaction() {
            conn.close().await?;
        }
        self.inner.writer.begin_with(IMMEDIATE).await
    }

    pub(crate) async fn commit(&self, tx: Tx) -> Result<(), StoreError> {
        tx.commit().await.map_err(|e| self.error(e))
    }

    pub(crate) fn error(&self, source: sqlx::Error) -> StoreError {
        match (self.inner.backend, source) {
            // A server that does not answer is no lock.
            (Backend::Postgres, source @ sqlx::Error::PoolTimedOut) => {
                StoreError::Open { place: self.inner.place.clone(), source }
            }
            (_, source) => StoreError::of_sqlx(&self.inner.place, source),
        }
    }
}

/// The change of a new file to WAL does not wait for another process that makes it too: SQLite
/// answers "locked" at once, and asking again is all there is to do.
async fn open_patiently(path: &str, options: &StoreOptions) -> Result<Inner, StoreError> {
    let deadline = Instant::now() + options.busy_timeout;
    loop {
        match open_sqlite(path, options).await {
            Err(StoreError::Busy { .. }) if Instant::now() < deadline => tokio::time::sleep(BUSY_PAUSE).await,
            opened => return opened,
        }
    }
}

async fn open_sqlite(path: &str, options: &StoreOptions) -> Result<Inner, StoreError> {
    let place = path.to_owned();
    let url = format!("sqlite:{}?mode=rwc", escaped(path));
    let wait = options.busy_timeout.as_millis();
    let common = format!(
        "PRAGMA busy_timeout = {wait}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
    );
    let write = format!(
        "{common} PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;"
    );
    let read = format!("{common} PRAGMA cache_size = -8000; PRAGMA query_only = ON;");
    let writer = pool(&url, 1, options, write).await.map_err(|e| opening(&place, e))?;
    let reader = pool(&url, options.max_connections.max(1), options, read).await.map_err(|e| opening(&place, e))?;
    Ok(Inner { backend: Backend::Sqlite, place, address: url, name: new_name(), reader, writer })
}

async fn open_postgres(url: &str, options: &StoreOptions) -> Result<Inner, StoreError> {
    let place = without_password(url);
    let wait = options.busy_timeout.as_millis();
    let name = new_name();
    let setup =
        format!("SET lock_timeout = {wait}; SET client_min_messages = warning; SET application_name = '{name}';");
    let pool = pool(url, options.max_connections.max(2), options, setup).await.map_err(|e| opening(&place, e))?;
    let address = url.to_owned();
    Ok(Inner { backend: Backend::Postgres, place, address, name, reader: pool.clone(), writer: pool })
}

async fn pool(url: &str, connections: u32, options: &StoreOptions, setup: String) -> Result<AnyPool, sqlx::Error> {
    let connect = url.parse::<AnyConnectOptions>()?.disable_statement_logging();
    // The pool tries a failing set-up again until its time is over and then hides why it failed.
    let mut first = AnyConnection::connect_with(&connect).await?;
    first.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(setup.clone()))).await?;
    first.close().await?;
    let setup: Arc<str> = setup.into();
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.busy_timeout + Duration::from_secs(20))
        .test_before_acquire(false)
        .after_connect(move |conn, _| {
            let setup = Arc::clone(&setup);
            Box::pin(async move {
                conn.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(setup.to_string()))).await?;
                Ok(())
            })
        })
        .connect_with(connect)
        .await
}

fn opening(place: &str, source: sqlx::Error) -> StoreError {
    match StoreError::of_sqlx(place, source) {
        StoreError::Sql { place, source } => StoreError::Open { place, source },
        other => other,
    }
}

/// A path as it may stand in the driver's URL.
fn escaped(path: &str) -> String {
    path.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let rest = rest.split('?').next().unwrap_or(rest);
    match rest.rsplit_once('@') {
        Some((user, host)) => format!("{scheme}://{}@{host}", user.split(':').next().unwrap_or(user)),
        None => format!("{scheme}://{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("postgres://a:b@h:1/d?x=y"), "postgres://a@h:1/d");
        assert_eq!(without_password("postgres://h/d"), "postgres://h/d");
        assert_eq!(without_password("mysql"), "mysql");
    }

    #[test]
    fn paths_are_escaped() {
        assert_eq!(escaped("/a b?/c%.db"), "/a%20b%3F/c%25.db");
    }

    /// A store whose writing connection was told something first.
    async fn told(pragma: &'static str) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/x.db", folder.path().display());
        let store = Store::open(&url, &StoreOptions::default()).await.unwrap();
        store.inner.writer.execute(pragma).await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn a_full_disk_is_said_to_be_full_and_loses_nothing() {
        let (_folder, store) = told("PRAGMA max_page_count = 60").await;
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut kept = 0;
        let refused = loop {
            match store.raise_notice(&format!("n{kept}"), &"đầy ".repeat(500), now).await {
                Ok(_) => kept += 1,
                Err(e) => break e,
            }
        };
        assert!(matches!(refused, StoreError::Full { .. }), "{refused:?}");
        assert!(kept > 0);
        assert_eq!(store.notices().await.unwrap().len(), kept);
        store.inner.writer.execute("PRAGMA max_page_count = 600").await.unwrap();
        assert!(store.raise_notice("after", "có chỗ", now).await.unwrap());
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_is_said_so() {
        let (_folder, store) = told("PRAGMA query_only = ON").await;
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let refused = store.raise_notice("n", "x", now).await;
        assert!(matches!(refused, Err(StoreError::ReadOnly { .. })), "{refused:?}");
        assert!(store.notices().await.unwrap().is_empty(), "it can still be read");
    }
}
