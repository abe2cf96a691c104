//! A store of its own for each test, on either database.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diembao_store::{Store, StoreOptions};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

pub(crate) fn options() -> StoreOptions {
    StoreOptions { busy_timeout: Duration::from_secs(10), max_connections: 3 }
}

/// Runs a test on a new SQLite file.
pub(crate) async fn on_sqlite<F, R>(test: F)
where
    F: FnOnce(Store, String) -> R,
    R: Future<Output = ()>,
{
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("kho dữ liệu?.db").display());
    let store = Store::open(&url, &options()).await.unwrap();
    test(store.clone(), url).await;
    store.close().await;
}

/// Runs a test in a schema of its own on PostgreSQL, and drops it; without a server it says so.
pub(crate) async fn on_postgres<F, R>(test: F)
where
    F: FnOnce(Store, String) -> R + Send + 'static,
    R: Future<Output = ()> + Send,
{
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("DIEMBAO_TEST_POSTGRES") else {
        eprintln!("skipped: DIEMBAO_TEST_POSTGRES holds no server's address");
        return;
    };
    let schema = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    run(&server, &format!("CREATE SCHEMA {schema}")).await;
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}options[search_path]={schema}");
    let store = Store::open(&url, &options()).await.unwrap();
    let copy = store.clone();
    let ended = tokio::spawn(async move { test(copy, url).await }).await;
    store.close().await;
    run(&server, &format!("DROP SCHEMA {schema} CASCADE")).await;
    if let Err(e) = ended {
        std::panic::resume_unwind(e.into_panic());
    }
}

async fn run(server: &str, sql: &str) {
    sqlx::any::install_default_drivers();
    let mut conn = AnyConnection::connect(server).await.unwrap();
    conn.execute(sqlx::raw_sql(AssertSqlSafe(format!("SET client_min_messages = warning; {sql}")))).await.unwrap();
    conn.close().await.unwrap();
}

/// Makes a function `async fn name(store: Store, url: String)` a test on both databases.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                crate::backend::on_sqlite(super::$name).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::backend::on_postgres(super::$name).await;
            })*
        }
    };
}
pub(crate) use on_both;
