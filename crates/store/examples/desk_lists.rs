//! How fast the duty desk's lists stay over many cases:
//! `cargo run --release -p diembao-store --example desk_lists [CASES]`, on SQLite in a temporary
//! folder, and on PostgreSQL too when `DIEMBAO_TEST_POSTGRES` names an empty database.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement says what is wrong by failing")]

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::CaseState;
use diembao_news::{CaseId, Severity};
use diembao_store::{CaseCursor, CaseFilter, CaseStates, Store, StoreOptions};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

const ROUNDS: usize = 200;
/// One case in so many is open: a ministry closes what it opens.
const OPEN_IN: i64 = 100;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_219_200, 0).unwrap()
}

/// Cases opened one every ten minutes until now, each with five events.
fn fill(n: i64) -> [String; 2] {
    let (end, step) = (now().timestamp_micros(), 600_000_000_i64);
    let numbers =
        format!("WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {n})");
    let opened = format!("{end} - ({n} - i) * {step}");
    let cases = format!(
        "INSERT INTO cases (story, kind, severity, severity_rank, state, title, owner, opened_at, published, version,
        acknowledged_at, closed_at, updated_at, n_articles, n_outlets, next_warning)
        {numbers} SELECT i, CASE WHEN i % 5 = 0 THEN 'misinformation' ELSE 'incident' END,
        CASE i % 4 WHEN 0 THEN 'red' WHEN 1 THEN 'orange' WHEN 2 THEN 'yellow' ELSE 'green' END, 3 - i % 4,
        CASE WHEN i % {OPEN_IN} = 0 THEN 'acknowledged' WHEN i % 3 = 0 THEN 'dismissed' ELSE 'closed' END,
        'Gia đình phản ánh bệnh viện chậm xử trí, vụ việc số ' || i, 'can-bo-' || (i % 200), {opened}, {opened} - {step},
        5, {opened} + 60000000, CASE WHEN i % {OPEN_IN} = 0 THEN NULL ELSE {opened} + {step} END, {opened} + {step}, 3, 2,
        CASE WHEN i % {OPEN_IN} = 0 THEN {end} + i ELSE NULL END FROM n"
    );
    let events = format!(
        "INSERT INTO case_events (case_id, version, at, actor, action, details, note)
        {numbers}, v (k) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT k + 1 FROM v WHERE k < 5)
        SELECT i, k, {opened} + k * 1000000, 'can-bo-' || (i % 200),
        CASE WHEN k = 1 THEN 'open' ELSE 'note' END,
        CASE WHEN k = 1 THEN '{{\"severity\":\"red\",\"kind\":\"incident\"}}' ELSE '{{}}' END, 'đã gọi bệnh viện'
        FROM n CROSS JOIN v"
    );
    // PostgreSQL takes the WITH of an INSERT behind its target, SQLite too.
    [cases, events]
}

async fn measure<T>(what: &str, mut work: impl AsyncFnMut(usize) -> T) {
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let began = Instant::now();
        work(round).await;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let ms = |i: usize| times[i].as_secs_f64() * 1000.0;
    println!("  {what:<44} p50 {:7.2} ms   p99 {:7.2} ms", ms(ROUNDS / 2), ms(ROUNDS * 99 / 100));
}

async fn run(url: &str, n: i64) {
    let store = Store::open(url, &StoreOptions::default()).await.unwrap();
    println!("{}: {n} cases, {} events", url.split(':').next().unwrap(), n * 5);
    let address = if url.starts_with("sqlite") { format!("{url}?mode=rwc") } else { url.to_owned() };
    let mut connection = AnyConnection::connect(&address).await.unwrap();
    for sql in fill(n) {
        connection.execute(sqlx::query(AssertSqlSafe(sql))).await.unwrap();
    }
    connection.execute(sqlx::query("ANALYZE")).await.unwrap();
    let page = |filter: CaseFilter| CaseFilter { n_max: 100, ..filter };
    let middle = store.case(CaseId::new(n / 2).unwrap()).await.unwrap().unwrap().0;
    let all = || page(CaseFilter { states: CaseStates::All, ..CaseFilter::default() });
    measure("open cases, first page", async |_| store.cases(&page(CaseFilter::default())).await.unwrap()).await;
    measure("all cases, first page", async |_| store.cases(&all()).await.unwrap()).await;
    let deep = CaseFilter { behind: Some(CaseCursor::behind(&middle)), ..all() };
    measure("all cases, a page in the middle", async |_| store.cases(&deep).await.unwrap()).await;
    let red = CaseFilter { at_least: Severity::Red, ..all() };
    measure("red cases, first page", async |_| store.cases(&red).await.unwrap()).await;
    let closed = page(CaseFilter { states: CaseStates::Only(CaseState::Closed), ..CaseFilter::default() });
    measure("closed cases, first page", async |_| store.cases(&closed).await.unwrap()).await;
    let owned = page(CaseFilter { owner: Some("can-bo-0".to_owned()), ..CaseFilter::default() });
    measure("one officer's open cases", async |_| store.cases(&owned).await.unwrap()).await;
    measure("one case with its events", async |i| {
        let id = 1 + i64::try_from(i * 7919).unwrap() % n;
        store.case(CaseId::new(id).unwrap()).await.unwrap().unwrap()
    })
    .await;
    measure("open cases counted by state and severity", async |_| store.open_cases().await.unwrap()).await;
    let day = (now() - TimeDelta::days(1), now());
    measure("log of a day, first 100", async |_| store.case_log(day, None, 100).await.unwrap()).await;
    measure("cases that ended in a shift", async |_| store.cases_ended(day.0, day.1).await.unwrap()).await;
    measure("clocks to warn of now", async |_| store.cases_to_warn(now(), 100).await.unwrap()).await;
    measure("alerts due now", async |_| store.due_alerts(now(), 100).await.unwrap()).await;
}

#[tokio::main]
async fn main() {
    sqlx::any::install_default_drivers();
    let n: i64 = std::env::args().nth(1).map_or(100_000, |s| s.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    run(&format!("sqlite:{}/desk.db", folder.path().display()), n).await;
    if let Ok(url) = std::env::var("DIEMBAO_TEST_POSTGRES") {
        run(&url, n).await;
    }
}
