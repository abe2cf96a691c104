//! Grouping against labelled collections of real events, where they are present.
//!
//! One setting for all of them, each collection by itself, all at once and as a stream of small rounds. The reference is single link with the
//! best threshold chosen on each collection. Skipped where the collections are absent.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests fail and speak like tests")]

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use chrono::{DateTime, Utc};
use diembao_news::ArticleText;
use diembao_stories::{Background, Doc, Fresh, GroupSettings, Recent, group, profiles};
use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/group/clusters.jsonl.gz");
/// Collections and the score each must exceed.
const REFERENCE: [(&str, f64); 3] = [("ViMs", 0.960), ("VietnameseMDS", 0.914), ("Abmusu", 0.849)];

struct Labelled {
    set: String,
    cluster: String,
    outlet: String,
    published: Option<DateTime<Utc>>,
    text: ArticleText,
}

fn read() -> Option<Vec<Labelled>> {
    if !Path::new(FILE).exists() {
        eprintln!("skipped: {FILE} is absent");
        return None;
    }
    let out = Command::new("gzip").args(["-dc", FILE]).output().ok()?;
    let string = |v: &Value, key: &str| v[key].as_str().unwrap_or_default().to_owned();
    let row = |line: &str| {
        let v: Value = serde_json::from_str(line).unwrap();
        Labelled {
            set: string(&v, "set"),
            cluster: string(&v, "cluster"),
            outlet: string(&v, "outlet"),
            published: DateTime::parse_from_rfc3339(&string(&v, "published")).ok().map(|d| d.to_utc()),
            text: ArticleText { title: string(&v, "title"), lead: string(&v, "lead"), body: string(&v, "body") },
        }
    };
    Some(String::from_utf8(out.stdout).unwrap().lines().map(row).collect())
}

/// Bagga and Baldwin's B-cubed F1.
fn b_cubed(gold: &[&str], found: &[usize]) -> f64 {
    let (mut of_gold, mut of_found, mut both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for pair in gold.iter().zip(found) {
        *of_gold.entry(pair.0).or_insert(0.0_f64) += 1.0;
        *of_found.entry(pair.1).or_insert(0.0_f64) += 1.0;
        *both.entry(pair).or_insert(0.0_f64) += 1.0;
    }
    let precision: f64 = both.iter().map(|((_, f), n)| n * n / of_found[f]).sum();
    let recall: f64 = both.iter().map(|((g, _), n)| n * n / of_gold[g]).sum();
    2.0 * precision * recall / (precision + recall) / f64::from(u32::try_from(gold.len()).unwrap())
}

fn score(rows: &[Labelled], set: &str, settings: &GroupSettings) -> f64 {
    let rows: Vec<&Labelled> = rows.iter().filter(|r| r.set.starts_with(set)).collect();
    let docs: Vec<Doc<'_>> = (0..)
        .zip(&rows)
        .map(|(key, r)| Doc { key, outlet: &r.outlet, published: r.published, text: &r.text })
        .collect();
    let gold: Vec<&str> = rows.iter().map(|r| r.cluster.as_str()).collect();
    b_cubed(&gold, &group(&docs, &[], settings))
}

#[test]
fn one_setting_beats_the_best_of_each() {
    let Some(rows) = read() else { return };
    for (set, reference) in REFERENCE {
        let f1 = score(&rows, set, &GroupSettings::default());
        eprintln!("{set}: B-cubed F1 {f1:.4} (reference {reference})");
        assert!(f1 > reference, "{set}: {f1}");
    }
}

#[test]
fn the_setting_stands_on_a_plateau() {
    let Some(rows) = read() else { return };
    let threshold = GroupSettings::default().threshold;
    for (set, reference) in [("VietnameseMDS", 0.914), ("Abmusu-dev", 0.849)] {
        for factor in [0.85, 1.15] {
            let f1 = score(&rows, set, &GroupSettings { threshold: threshold * factor, ..GroupSettings::default() });
            assert!(f1 > reference, "{set} × {factor}: {f1}");
        }
    }
}

/// The stories of a collection that arrives seven articles at a time, in the order of publication; what has no date
/// arrives in an order that has nothing to do with its clusters.
fn stream(rows: &[&Labelled]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&i| (rows[i].published, (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let mut recent = Recent::new(GroupSettings::default());
    let (mut background, mut n_counted) = (Background::default(), 0);
    let mut stories = vec![0; rows.len()];
    for (round, before) in order.chunks(7).zip((0..).step_by(7)) {
        if before > n_counted * 3 / 2 {
            let seen: Vec<ArticleText> = order[..before].iter().map(|&i| rows[i].text.clone()).collect();
            (background, n_counted) = (Background::of(&seen), before);
        }
        let texts: Vec<&ArticleText> = round.iter().map(|&i| &rows[i].text).collect();
        let profiles = profiles(&texts, &background);
        let fresh: Vec<Fresh<'_>> = round
            .iter()
            .zip(&profiles)
            .map(|(&i, profile)| Fresh { key: i as u64, published: rows[i].published, profile })
            .collect();
        for group in recent.group(&fresh, &[]) {
            let story = group.stories.first().copied().unwrap_or_else(|| fresh[group.fresh[0]].key);
            for other in group.stories.iter().skip(1) {
                recent.unite(*other, story);
                stories.iter_mut().filter(|s| **s as u64 == *other).for_each(|s| *s = usize::try_from(story).unwrap());
            }
            for i in group.fresh {
                recent.place(story, fresh[i].published, fresh[i].profile);
                stories[round[i]] = usize::try_from(story).unwrap();
            }
        }
    }
    stories
}

#[test]
fn a_stream_beats_the_best_of_each_too() {
    let Some(rows) = read() else { return };
    for (set, reference) in REFERENCE {
        let rows: Vec<&Labelled> = rows.iter().filter(|r| r.set.starts_with(set)).collect();
        let gold: Vec<&str> = rows.iter().map(|r| r.cluster.as_str()).collect();
        let f1 = b_cubed(&gold, &stream(&rows));
        eprintln!("{set} as a stream: B-cubed F1 {f1:.4} (reference {reference})");
        assert!(f1 > reference, "{set}: {f1}");
    }
}
