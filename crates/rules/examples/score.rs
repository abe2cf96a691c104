//! Scores the shipped rules against labelled articles and lists the mistakes.
//! `score CLASSIFY_DIR RULES_DIR [REGISTRY_DIR] [-v]`, where the first holds health, incidents and fake `.jsonl.gz`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::Path;

use diembao_news::{ArticleText, Classification, Flag, FlagKind, Severity, Stance};
use diembao_rules::{RuleFile, RuleSet, Scratch};
use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let verbose = args.iter().any(|a| a == "-v");
    let dirs: Vec<&String> = args.iter().filter(|a| *a != "-v").collect();
    let [data, rules @ ..] = dirs.as_slice() else {
        return Err("usage: score CLASSIFY_DIR RULES_DIR… [-v]".into());
    };
    let rules = load(rules)?;
    let failed: Vec<_> = rules.run_examples().into_iter().filter(|o| !o.passed()).collect();
    println!("examples that fail: {}", failed.len());
    for f in &failed {
        println!("  {}: {:?} expected {:?} got {:?}", f.rule, f.headline, f.expected, f.got);
    }
    let data = Path::new(data);
    health(&rules, &rows(&data.join("health.jsonl.gz"))?, verbose);
    incidents(&rules, &rows(&data.join("incidents.jsonl.gz"))?);
    fake(&rules, &rows(&data.join("fake.jsonl.gz"))?, verbose);
    Ok(())
}

fn load(dirs: &[&String]) -> Outcome<RuleSet> {
    let mut files = Vec::new();
    for dir in dirs {
        let mut paths: Vec<_> = std::fs::read_dir(dir)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
        paths.sort();
        for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "toml") && !p.ends_with("synonyms.toml"))
        {
            files.push((path.display().to_string(), std::fs::read_to_string(path)?));
        }
    }
    let files: Vec<RuleFile<'_>> = files.iter().map(|(name, text)| RuleFile { name, text }).collect();
    match RuleSet::parse(&files) {
        Ok((rules, warnings)) => {
            warnings.iter().for_each(|w| println!("warning: {w}"));
            Ok(rules)
        }
        Err(problems) => {
            problems.iter().for_each(|p| println!("error: {p}"));
            Err("the rules do not check".into())
        }
    }
}

fn rows(path: &Path) -> Outcome<Vec<Value>> {
    let file = BufReader::new(flate2::read::GzDecoder::new(std::fs::File::open(path)?));
    file.lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

fn text(row: &Value) -> ArticleText {
    let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    ArticleText { title: field("title"), lead: field("lead"), body: field("body") }
}

fn shown(row: &Value) -> String {
    let line = format!(
        "{} | {} | {}",
        row["title"].as_str().unwrap_or(""),
        row["lead"].as_str().unwrap_or(""),
        row["body"].as_str().unwrap_or("")
    );
    line.replace('\n', " ").chars().take(330).collect()
}

#[derive(Default)]
struct Count {
    tp: f64,
    fp: f64,
    tn: f64,
    missed: f64,
}

impl Count {
    fn add(&mut self, predicted: bool, wanted: bool) {
        match (predicted, wanted) {
            (true, true) => self.tp += 1.0,
            (true, false) => self.fp += 1.0,
            (false, true) => self.missed += 1.0,
            (false, false) => self.tn += 1.0,
        }
    }

    fn show(&self) -> String {
        let (p, r) = (self.tp / (self.tp + self.fp), self.tp / (self.tp + self.missed));
        let alarms = self.fp / (self.fp + self.tn);
        format!("precision {p:.4} recall {r:.4} f1 {:.4} false alarms {alarms:.4}", 2.0 * p * r / (p + r))
    }
}

fn health(rules: &RuleSet, rows: &[Value], verbose: bool) {
    let mut sets: BTreeMap<String, Count> = BTreeMap::new();
    let mut other = 0;
    let mut claims: Vec<String> = Vec::new();
    let mut alarms: Vec<(Severity, String)> = Vec::new();
    let mut scratch = Scratch::default();
    for row in rows {
        let found = rules.classify_with(&mut scratch, &text(row), Some("/x"));
        let wanted = row["health"] == true;
        let set = row["set"].as_str().unwrap_or_default();
        sets.entry(set.to_owned()).or_default().add(found.health, wanted);
        if verbose && found.health != wanted {
            println!("{} {set} {:.2} {}", if wanted { "MISSED" } else { "FALSE" }, found.health_score, shown(row));
        }
        let press =
            found.flags.iter().find(|f| f.kind == FlagKind::Misinformation && f.stance != Some(Stance::Rebuttal));
        if let Some(flag) = press {
            claims.push(format!("{set} {} || {}", one(flag), shown(row)));
        }
        if !wanted {
            other += 1;
            if let Some(s) = found.severity(FlagKind::Incident).filter(|s| *s >= Severity::Orange) {
                alarms.push((s, format!("{} {} || {}", set, flags(&found), shown(row))));
            }
        }
    }
    for (set, count) in &sets {
        println!("health {set}: {}", count.show());
    }
    println!("misinformation not shown as rebuttal on {} press articles: {}", rows.len(), claims.len());
    claims.iter().for_each(|c| println!("  press {c}"));
    for s in [Severity::Red, Severity::Orange] {
        println!("non-health articles {other}: {} {}", s.label(), alarms.iter().filter(|a| a.0 == s).count());
    }
    alarms.sort_by_key(|a| std::cmp::Reverse(a.0));
    alarms.iter().for_each(|(s, line)| println!("  {}: {line}", s.label()));
}

fn flags(found: &Classification) -> String {
    found.flags.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn one(f: &Flag) -> String {
    let stance = f.stance.map_or("", Stance::as_str);
    let words: Vec<&str> = f.evidence.iter().map(|e| e.text.as_str()).collect();
    format!("{} {} {stance} {:.1} [{}]", f.rule, f.severity.as_str(), f.score, words.join(", "))
}

fn incidents(rules: &RuleSet, rows: &[Value]) {
    for clear in [true, false] {
        let mut count = Count::default();
        for row in rows.iter().filter(|r| !(clear && r["borderline"] == true)) {
            let found = rules.classify(&text(row), Some("/x"));
            let predicted = found.flags.iter().any(|f| f.kind == FlagKind::Incident);
            let wanted = row["label"] != "other";
            count.add(predicted, wanted);
            if !clear && predicted != wanted {
                println!(
                    "  {} border={} {} || {}",
                    if wanted { "MISSED" } else { "FALSE" },
                    row["borderline"],
                    flags(&found),
                    shown(row)
                );
            }
        }
        println!("incidents clear={clear}: {}", count.show());
    }
}

fn fake(rules: &RuleSet, rows: &[Value], verbose: bool) {
    for set in ["ReINTEL", "VFND"] {
        let mut count = Count::default();
        for row in rows.iter().filter(|r| r["set"] == set && r["health"] == true) {
            let found = rules.classify(&text(row), Some("/x"));
            let mut flagged = found.flags.iter().filter(|f| f.kind == FlagKind::Misinformation);
            let predicted = flagged.any(|f| f.stance != Some(Stance::Rebuttal));
            let wanted = row["fake"] == true;
            count.add(predicted, wanted);
            if predicted && !wanted || verbose && predicted != wanted || set == "VFND" && predicted {
                println!("  {} {} || {}", if wanted { "fake" } else { "FALSE" }, flags(&found), shown(row));
            }
        }
        println!("fake {set}: {}", count.show());
    }
}
