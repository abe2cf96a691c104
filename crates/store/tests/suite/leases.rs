//! Leases, notices, and opening the store in every condition.

use std::time::Duration;

use diembao_store::{Store, StoreError, StoreOptions};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use crate::backend::{on_both, on_sqlite, options};
use crate::samples::{article, at, classification, id};

on_both!(
    a_lease_has_one_holder,
    notices_are_raised_once,
    a_store_opens_again,
    a_newer_schema_is_refused,
    processes_open_a_new_store_at_once,
    what_a_dead_process_asked_for_is_ended,
    old_pages_are_thrown_away_but_not_evidence,
);

async fn a_lease_has_one_holder(store: Store, _: String) {
    assert!(store.acquire_lease("run", "p1", at(10), at(0)).await.unwrap());
    assert!(!store.acquire_lease("run", "p2", at(11), at(1)).await.unwrap());
    assert!(store.acquire_lease("run", "p1", at(12), at(2)).await.unwrap(), "its own again");
    assert!(store.renew_lease("run", "p1", at(20), at(3)).await.unwrap());
    assert!(!store.renew_lease("run", "p2", at(20), at(3)).await.unwrap());
    assert_eq!(store.lease("run").await.unwrap().unwrap().until, at(20));
    assert!(!store.renew_lease("run", "p1", at(30), at(20)).await.unwrap(), "an expired lease is not renewed");
    assert!(store.acquire_lease("run", "p2", at(30), at(20)).await.unwrap(), "but taken");
    store.release_lease("run", "p1").await.unwrap();
    assert_eq!(store.lease("run").await.unwrap().unwrap().holder, "p2");
    store.release_lease("run", "p2").await.unwrap();
    assert_eq!(store.lease("run").await.unwrap(), None);
}

async fn notices_are_raised_once(store: Store, _: String) {
    assert!(store.raise_notice("channel/a", "im lặng", at(0)).await.unwrap());
    assert!(!store.raise_notice("channel/a", "im lặng", at(1)).await.unwrap());
    let standing = store.notices().await.unwrap();
    assert_eq!((standing.len(), standing[0].raised_at, standing[0].text.as_str()), (1, at(0), "im lặng"));
    assert!(store.clear_notice("channel/a", at(2)).await.unwrap());
    assert!(!store.clear_notice("channel/a", at(3)).await.unwrap());
    assert!(store.notices().await.unwrap().is_empty());
    assert!(store.raise_notice("channel/a", "lại", at(4)).await.unwrap());
    assert_eq!(store.notices().await.unwrap()[0].raised_at, at(4));
}

async fn a_store_opens_again(store: Store, url: String) {
    assert!(!format!("{store:?}").contains("search_path"), "an address is never shown whole");
    store.add_articles(&[article(1)]).await.unwrap();
    let again = Store::open(&url, &options()).await.unwrap();
    assert!(again.article(id(1)).await.unwrap().is_some());
    again.close().await;
}

async fn a_newer_schema_is_refused(_: Store, url: String) {
    direct(&url, "INSERT INTO migrations (version) VALUES (999)").await;
    let opened = Store::open(&url, &options()).await;
    assert!(matches!(opened, Err(StoreError::NewerSchema { found: 999, .. })), "{opened:?}");
}

async fn processes_open_a_new_store_at_once(_: Store, url: String) {
    // The schema of PostgreSQL tests is named in the address; SQLite gets a new file.
    let url = if url.starts_with("sqlite") { format!("{url}2") } else { url };
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let url = url.clone();
        tasks.spawn(async move { Store::open(&url, &options()).await.unwrap().close().await });
    }
    tasks.join_all().await;
}

async fn what_a_dead_process_asked_for_is_ended(store: Store, url: String) {
    let other = Store::open(&url, &options()).await.unwrap();
    assert_ne!(store.connection_name(), other.connection_name());
    other.end_connections(store.connection_name(), Duration::from_secs(10)).await.unwrap();
    other.counts().await.unwrap();
    if url.starts_with("sqlite") {
        store.counts().await.unwrap();
    } else {
        assert!(store.counts().await.is_err(), "its connection is gone");
    }
    other.end_connections(other.connection_name(), Duration::ZERO).await.unwrap();
    other.counts().await.unwrap();
    other.close().await;
}

async fn direct(url: &str, sql: &str) {
    let url = match url.strip_prefix("sqlite:") {
        Some(path) => format!("sqlite:{}", path.replace('?', "%3F").replace(' ', "%20")),
        None => url.to_owned(),
    };
    let mut conn = AnyConnection::connect(&url).await.unwrap();
    conn.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
    conn.close().await.unwrap();
}

#[tokio::test]
async fn a_locked_file_is_named_after_the_wait() {
    on_sqlite(async |_, url| {
        let hasty = StoreOptions { busy_timeout: Duration::from_millis(200), max_connections: 1 };
        let store = Store::open(&url, &hasty).await.unwrap();
        let path = url.replace('?', "%3F").replace(' ', "%20");
        let mut other = AnyConnection::connect(&path).await.unwrap();
        let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let refused = store.add_articles(&[article(1)]).await;
        assert!(matches!(&refused, Err(StoreError::Busy { place }) if place.ends_with(".db")), "{refused:?}");
        assert_eq!(store.counts().await.unwrap().articles, 0, "readers do not wait");
        held.rollback().await.unwrap();
        store.add_articles(&[article(1)]).await.unwrap();
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_store_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    std::fs::write(&file, "đây không phải là cơ sở dữ liệu".repeat(100)).unwrap();
    let open = async |url: &str| Store::open(url, &options()).await.unwrap_err();
    assert!(matches!(open(&format!("sqlite:{}", file.display())).await, StoreError::Corrupt { .. }));
    let nowhere = format!("sqlite:{}/no/such/x.db", folder.path().display());
    assert!(matches!(open(&nowhere).await, StoreError::Open { .. }));
    let refused = open("mysql://u:secret@h/d").await;
    assert!(matches!(refused, StoreError::Address(_)));
    assert!(!refused.to_string().contains("secret"));
}

async fn old_pages_are_thrown_away_but_not_evidence(store: Store, _: String) {
    store.add_articles(&[article(1), article(2), article(3)]).await.unwrap();
    let flagged = classification("v1", diembao_news::Severity::Red);
    store.save_classifications(&[(id(1), flagged)]).await.unwrap();
    assert_eq!(store.prune_pages(at(1), 10).await.unwrap(), 0, "the samples were fetched in minute 1");
    assert_eq!(store.prune_pages(at(2), 1).await.unwrap(), 1);
    assert_eq!(store.prune_pages(at(2), 10).await.unwrap(), 1);
    assert!(store.page(id(1)).await.unwrap().is_some());
    assert!(store.page(id(2)).await.unwrap().is_none());
    assert!(store.article(id(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_copy_is_whole_and_never_overwrites() {
    on_sqlite(async |store, _| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bản sao.db");
        store.add_articles(&[article(1), article(2)]).await.unwrap();
        store.backup(&file).await.unwrap();
        store.add_articles(&[article(3)]).await.unwrap();
        let copy = Store::open(&format!("sqlite:{}", file.display()), &options()).await.unwrap();
        assert_eq!(copy.counts().await.unwrap().articles, 2);
        assert!(copy.damages().await.unwrap().is_empty());
        assert!(store.backup(&file).await.is_err());
        copy.close().await;
    })
    .await;
}

#[tokio::test]
async fn damage_is_found() {
    on_sqlite(async |store, url| {
        let many: Vec<_> = (0..300).map(article).collect();
        store.add_articles(&many).await.unwrap();
        store.close().await;
        let path = url.trim_start_matches("sqlite:");
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 40_000].fill(7);
        std::fs::write(path, bytes).unwrap();
        let found = match Store::open(&url, &options()).await {
            Ok(store) => store.damages().await,
            Err(e) => Err(e),
        };
        assert!(
            matches!(&found, Err(StoreError::Corrupt { .. })) || found.as_ref().is_ok_and(|f| !f.is_empty()),
            "{found:?}"
        );
    })
    .await;
}
