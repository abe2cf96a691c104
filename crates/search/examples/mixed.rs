//! Measures an index of many articles: `cargo run --release -p diembao-search --example mixed DIR [ROUNDS]`, where DIR holds the
//! `articles.jsonl` and `queries.jsonl` of `bench/search/generate.py`. Keeps the index in DIR/index, so that it can be asked again.
//!
//! Prints articles and megabytes a second, bytes an article by kind of file, and the times of the 1,000 questions by class,
//! the first time and the quickest of ROUNDS more (five): other work on the machine only ever makes one slower.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{ArticleId, ArticleText, OutletId, StoryId};
use diembao_search::{Facet, Filter, Index, IndexDoc, Query, Unit};
use serde_json::Value;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let mut args = std::env::args().skip(1);
    let dir = args.next().ok_or("which folder? make one with bench/search/generate.py")?;
    let rounds: usize = args.next().map_or(Ok(5), |n| n.parse())?;
    let dir = Path::new(&dir);
    let index_dir = dir.join("index");
    if !index_dir.exists() {
        fill(&dir.join("articles.jsonl"), &index_dir)?;
    }
    let queries = rows(&dir.join("queries.jsonl"))?.collect::<Fallible<Vec<Value>>>()?;
    for unit in [Unit::Articles, Unit::Stories] {
        let index = Index::open(&index_dir)?;
        let ask = |row: &Value| -> Fallible<Duration> {
            let query = Query { unit, ..query(row) };
            let started = Instant::now();
            index.search(&query)?;
            Ok(started.elapsed())
        };
        let first: Vec<Duration> = queries.iter().map(ask).collect::<Fallible<_>>()?;
        report(&format!("{unit:?} first"), &queries, &first);
        let mut best = first;
        for _ in 0..rounds {
            for (row, best) in queries.iter().zip(&mut best) {
                *best = (*best).min(ask(row)?);
            }
        }
        report(&format!("{unit:?} warm"), &queries, &best);
    }
    Ok(())
}

fn report(name: &str, queries: &[Value], took: &[Duration]) {
    let mut classes: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    for (row, took) in queries.iter().zip(took) {
        classes.entry(string(row, "class")).or_default().push(*took);
        classes.entry("all".to_owned()).or_default().push(*took);
    }
    for (class, mut times) in classes {
        times.sort();
        let at = |p: usize| times[(times.len() - 1) * p / 100].as_secs_f64() * 1e3;
        println!("{name} {class:8} n {:4} p50 {:8.3} ms p99 {:8.3} ms", times.len(), at(50), at(99));
    }
}

fn rows(path: &Path) -> Fallible<impl Iterator<Item = Fallible<Value>>> {
    Ok(BufReader::new(File::open(path)?).lines().map(|line| Ok(serde_json::from_str(&line?)?)))
}

fn string(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}

fn day(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + n)
}

fn query(row: &Value) -> Query {
    let text = string(row, "text");
    let outlet = string(row, "outlet");
    Query {
        filter: Filter {
            from: row["from"].as_i64().map(day),
            to: row["to"].as_i64().map(day),
            outlets: if outlet.is_empty() { Vec::new() } else { vec![outlet] },
            ..Filter::default()
        },
        facets: Facet::parse(&string(row, "by")).into_iter().collect(),
        ..Query::new(if row["phrase"] == true { format!("\"{text}\"") } else { text }, day(365))
    }
}

fn fill(articles: &Path, index: &Path) -> Fallible<()> {
    let started = Instant::now();
    let (mut n, mut bytes) = (0u64, 0);
    let mut rebuild = Index::rebuild(index)?;
    for row in rows(articles)? {
        let row = row?;
        let text = ArticleText { title: string(&row, "title"), lead: string(&row, "lead"), body: string(&row, "body") };
        bytes += text.title.len() + text.lead.len() + text.body.len();
        let outlet = OutletId::parse(&string(&row, "outlet"))?;
        let id = |n: &Value| ArticleId::of_reference(&OutletId::parse("bao").expect("an id"), &n.to_string());
        let published = day(row["day"].as_i64().unwrap_or_default());
        rebuild.add(&IndexDoc {
            id: id(&row["id"]),
            reference: None,
            url: None,
            text: &text,
            outlet: &outlet,
            published,
            first_seen: published,
            story: Some(StoryId::beginning_with(id(&row["story"]))),
            topics: Vec::new(),
            flags: Vec::new(),
            severity: None,
            provinces: Vec::new(),
            facilities: Vec::new(),
            section: None,
        })?;
        n += 1;
    }
    rebuild.finish()?;
    let took = started.elapsed().as_secs_f64();
    println!(
        "{n} articles, {} bytes of text each, {:.0} articles/s, {:.1} MB/s",
        bytes as u64 / n,
        n as f64 / took,
        bytes as f64 / took / 1e6
    );
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for generation in std::fs::read_dir(index)?.flatten().filter(|e| e.path().is_dir()) {
        for file in std::fs::read_dir(generation.path())?.flatten() {
            let kind = file.path().extension().map_or_else(String::new, |e| e.to_string_lossy().into_owned());
            *kinds.entry(kind).or_default() += file.metadata()?.len();
        }
    }
    let stored = kinds.get("store").copied().unwrap_or_default();
    let all: u64 = kinds.values().sum();
    println!("{} bytes of index each, {} without the kept text", all / n, (all - stored) / n);
    for (kind, size) in kinds {
        println!("    .{kind}: {} bytes each", size / n);
    }
    Ok(())
}
