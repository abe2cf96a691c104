//! Measures retrieval on labelled queries: `cargo run --release -p diembao-search --example measure [DATA [SYNONYMS]]`.
//!
//! DATA holds `group/clusters.jsonl.gz`, `search/answers.jsonl.gz` and `search/queries.jsonl.gz`. Prints MRR@10,
//! recall@10 and nDCG@10 for queries with and without accents, bytes per article, articles and queries a second.

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, ArticleText, OutletId};
use diembao_search::{Index, IndexDoc, Matching, Query, Synonyms, Unit};
use flate2::read::GzDecoder;
use serde_json::Value;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let mut args = std::env::args().skip(1);
    let data = args
        .next()
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let synonyms = match args.next() {
        Some(path) => Synonyms::parse(&std::fs::read_to_string(path)?)?,
        None => Synonyms::default(),
    };
    if !data.exists() {
        println!("no data at {}", data.display());
        return Ok(());
    }
    let queries = rows(&data.join("search/queries.jsonl.gz"))?;
    for (corpus, file) in
        [("clusters.jsonl", "group/clusters.jsonl.gz"), ("vicov19qa_answers.jsonl", "search/answers.jsonl.gz")]
    {
        let docs = rows(&data.join(file))?;
        let dir = tempfile::tempdir()?;
        let known = fill(dir.path(), &docs)?;
        let index = Index::open(dir.path())?.with_synonyms(synonyms.clone());
        for field in ["query", "query_nodia"] {
            measure(&index, queries.iter().filter(|q| q["corpus"] == corpus), field, &known)?;
        }
    }
    Ok(())
}

fn rows(path: &Path) -> Fallible<Vec<Value>> {
    let lines = BufReader::new(GzDecoder::new(File::open(path)?)).lines();
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

fn string(row: &Value, key: &str) -> String {
    match &row[key] {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn fill(dir: &Path, docs: &[Value]) -> Fallible<HashSet<String>> {
    let outlet = OutletId::parse("bao-thu")?;
    let started = Instant::now();
    let mut known = HashSet::new();
    let mut bytes = 0;
    let mut rebuild = Index::rebuild(dir)?;
    for row in docs {
        let id = string(row, "id");
        let text = ArticleText {
            title: string(row, "title"),
            lead: string(row, "lead"),
            body: if row["body"].is_null() { string(row, "text") } else { string(row, "body") },
        };
        bytes += text.title.len() + text.lead.len() + text.body.len();
        rebuild.add(&IndexDoc {
            id: ArticleId::of_reference(&outlet, &id),
            reference: Some(&id),
            url: None,
            text: &text,
            outlet: &outlet,
            published: DateTime::<Utc>::UNIX_EPOCH,
            first_seen: DateTime::<Utc>::UNIX_EPOCH,
            story: None,
            topics: Vec::new(),
            flags: Vec::new(),
            severity: None,
            provinces: Vec::new(),
            facilities: Vec::new(),
            section: None,
        })?;
        known.insert(id);
    }
    rebuild.finish()?;
    let took = started.elapsed();
    println!(
        "{} documents, {} bytes of text each, {} bytes of index each, {:.0} documents/s",
        docs.len(),
        bytes / docs.len(),
        size(dir)? / docs.len() as u64,
        docs.len() as f64 / took.as_secs_f64()
    );
    for (kind, n) in sizes(dir)? {
        println!("    .{kind}: {} bytes each", n / docs.len() as u64);
    }
    Ok(known)
}

fn sizes(dir: &Path) -> Fallible<BTreeMap<String, u64>> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            for (k, n) in sizes(&path)? {
                *out.entry(k).or_default() += n;
            }
        } else {
            let kind = path.extension().map_or(String::new(), |e| e.to_string_lossy().into_owned());
            *out.entry(kind).or_default() += path.metadata()?.len();
        }
    }
    Ok(out)
}

fn size(dir: &Path) -> Fallible<u64> {
    Ok(sizes(dir)?.values().sum())
}

#[derive(Default)]
struct Scores {
    n: f64,
    mrr: f64,
    recall: f64,
    ndcg: f64,
    took: Vec<Duration>,
}

fn measure<'a>(
    index: &Index,
    queries: impl Iterator<Item = &'a Value>,
    field: &str,
    known: &HashSet<String>,
) -> Fallible<()> {
    let mut sets: BTreeMap<String, Scores> = BTreeMap::new();
    for row in queries {
        let relevant: HashSet<String> = row["relevant"]
            .as_array()
            .map(|a| a.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
            .unwrap_or_default();
        let relevant: HashSet<String> = relevant.intersection(known).cloned().collect();
        if relevant.is_empty() {
            continue;
        }
        let set = string(row, "set");
        let qid = string(row, "qid");
        let own = (set == "more-like-title").then(|| qid.split_once(':').map(|(_, id)| id)).flatten();
        let query = Query {
            matching: Matching::Any,
            unit: Unit::Articles,
            limit: 11,
            ..Query::new(string(row, field).replace('\n', " "), DateTime::<Utc>::UNIX_EPOCH)
        };
        let started = Instant::now();
        let answer = index.search(&query)?;
        let took = started.elapsed();
        let hits: Vec<String> = answer.hits.into_iter().filter_map(|h| h.reference).collect();
        let hits: Vec<&str> = hits.iter().map(String::as_str).filter(|h| Some(*h) != own).take(10).collect();
        let scores = sets.entry(set).or_default();
        score(scores, &hits, &relevant);
        scores.took.push(took);
    }
    for (set, mut s) in sets {
        s.took.sort();
        let at = |p: f64| s.took[((s.took.len() - 1) as f64 * p) as usize].as_secs_f64() * 1e3;
        println!(
            "{set:18} {field:12} n {:4} MRR {:.4} recall {:.4} nDCG {:.4}  p50 {:.2} ms p99 {:.2} ms",
            s.n,
            s.mrr / s.n,
            s.recall / s.n,
            s.ndcg / s.n,
            at(0.5),
            at(0.99)
        );
    }
    Ok(())
}

fn score(scores: &mut Scores, hits: &[&str], relevant: &HashSet<String>) {
    let gain = |rank: usize| 1.0 / ((rank + 2) as f64).log2();
    let found: Vec<usize> = (0..hits.len()).filter(|&i| relevant.contains(hits[i])).collect();
    scores.n += 1.0;
    scores.mrr += found.first().map_or(0.0, |&i| 1.0 / (i + 1) as f64);
    scores.recall += found.len() as f64 / relevant.len() as f64;
    let ideal: f64 = (0..relevant.len().min(10)).map(gain).sum();
    scores.ndcg += found.into_iter().map(gain).sum::<f64>() / ideal;
}
