//! `diembao rules test --gold`: the rules against labelled articles.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use anyhow::Context;
use diembao_news::{ArticleText, CanonicalUrl, Classification, FlagKind, Stance};
use diembao_rules::{RuleSet, Scratch};
use serde::Deserialize;
use serde_json::json;

use crate::exit::Exit;
use crate::output::json_line;

/// A labelled article. What is not labelled is not measured.
#[derive(Debug, Deserialize)]
struct Gold {
    #[serde(default)]
    title: String,
    #[serde(default)]
    lead: String,
    #[serde(default)]
    body: String,
    url: Option<String>,
    health: Option<bool>,
    /// A severity, "any" or "none".
    incident: Option<String>,
    /// A stance, "any" or "none".
    misinformation: Option<String>,
    /// Topics that must be found.
    topics: Option<Vec<String>>,
    /// All rules that must fire.
    rules: Option<Vec<String>>,
}

#[derive(Debug, Default)]
struct Tally {
    hits: u32,
    false_alarms: u32,
    missed: u32,
}

impl Tally {
    fn add(&mut self, wanted: bool, got: bool) {
        match (wanted, got) {
            (true, true) => self.hits += 1,
            (true, false) => self.missed += 1,
            (false, true) => self.false_alarms += 1,
            (false, false) => {}
        }
    }

    /// Precision, recall, F1; none where there is nothing to divide by.
    fn scores(&self) -> [Option<f64>; 3] {
        let share = |of: u32| (of > 0).then(|| f64::from(self.hits) / f64::from(of));
        let (precision, recall) = (share(self.hits + self.false_alarms), share(self.hits + self.missed));
        let f1 = (2 * self.hits + self.false_alarms + self.missed > 0)
            .then(|| 2.0 * f64::from(self.hits) / f64::from(2 * self.hits + self.false_alarms + self.missed));
        [precision, recall, f1]
    }
}

#[derive(Debug)]
struct Confusion {
    measure: String,
    wanted: String,
    got: String,
    headline: String,
}

#[derive(Debug, Default)]
struct Result {
    n: usize,
    tallies: BTreeMap<String, Tally>,
    confusions: Vec<Confusion>,
}

/// Judges every line of a labelled file and prints how well.
pub(super) fn test(out: &mut impl Write, rules: &RuleSet, path: &Path, as_json: bool) -> anyhow::Result<Exit> {
    let file = std::fs::File::open(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    let mut result = Result::default();
    let mut scratch = Scratch::default();
    for (n, line) in BufReader::new(file).lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let gold: Gold = serde_json::from_str(&line).with_context(|| format!("{}:{}", path.display(), n + 1))?;
        let address = gold.url.as_deref().and_then(|u| CanonicalUrl::parse(u).ok());
        let text = ArticleText { title: gold.title.clone(), lead: gold.lead.clone(), body: gold.body.clone() };
        let found = rules.classify_with(&mut scratch, &text, address.as_ref().map(CanonicalUrl::path));
        result.judge(&gold, &found);
    }
    if as_json {
        result.print_json(out)?;
    } else {
        result.print(out)?;
    }
    Ok(Exit::Done)
}

impl Result {
    fn judge(&mut self, gold: &Gold, found: &Classification) {
        self.n += 1;
        let headline = if gold.title.is_empty() { gold.body.chars().take(90).collect() } else { gold.title.clone() };
        if let Some(wanted) = gold.health {
            let word = |b: bool| if b { "health" } else { "none" };
            self.one("health", &headline, word(wanted), word(found.health));
        }
        if let Some(wanted) = &gold.incident {
            let got = found.severity(FlagKind::Incident).map_or("none", |s| s.as_str());
            self.one("incident", &headline, wanted, got);
        }
        if let Some(wanted) = &gold.misinformation {
            let flag = found.flags.iter().find(|f| f.kind == FlagKind::Misinformation);
            let got = flag.and_then(|f| f.stance).map_or("none", Stance::as_str);
            self.one("misinformation", &headline, wanted, got);
        }
        for wanted in gold.topics.iter().flatten() {
            let got = found.topics.iter().any(|t| &t.id == wanted);
            self.one(&format!("topic {wanted}"), &headline, "any", if got { "found" } else { "none" });
        }
        if let Some(wanted) = &gold.rules {
            let fired = found.flags.iter().map(|f| &f.rule);
            let mut all: Vec<&String> = wanted.iter().chain(fired.clone()).collect();
            all.sort();
            all.dedup();
            for rule in all {
                let word = |b: bool| if b { "fires" } else { "none" };
                let got = word(fired.clone().any(|r| r == rule));
                self.one(&format!("rule {rule}"), &headline, word(wanted.contains(rule)), got);
            }
        }
    }

    fn one(&mut self, measure: &str, headline: &str, wanted: &str, got: &str) {
        self.tallies.entry(measure.to_owned()).or_default().add(wanted != "none", got != "none");
        let right = wanted == got || wanted == "any" && got != "none";
        if !right {
            self.confusions.push(Confusion {
                measure: measure.to_owned(),
                wanted: wanted.to_owned(),
                got: got.to_owned(),
                headline: headline.to_owned(),
            });
        }
    }

    fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        for c in &self.confusions {
            writeln!(out, "{}: wanted {}, got {}: {}", c.measure, c.wanted, c.got, c.headline)?;
        }
        let mut rows = crate::output::table(&["measure", "right", "false", "missed", "precision", "recall", "f1"]);
        for (name, t) in &self.tallies {
            let [p, r, f] = t.scores().map(|s| s.map_or_else(|| "–".to_owned(), |s| format!("{s:.3}")));
            rows.add_row([name.clone(), t.hits.to_string(), t.false_alarms.to_string(), t.missed.to_string(), p, r, f]);
        }
        writeln!(out, "\n{rows}\n{} articles, {} confusions", self.n, self.confusions.len())
    }

    fn print_json(&self, out: &mut impl Write) -> std::io::Result<()> {
        for c in &self.confusions {
            json_line(out, &json!({"measure": c.measure, "wanted": c.wanted, "got": c.got, "headline": c.headline}))?;
        }
        for (name, t) in &self.tallies {
            let [precision, recall, f1] = t.scores();
            let line = json!({
                "measure": name, "right": t.hits, "false": t.false_alarms, "missed": t.missed,
                "precision": precision, "recall": recall, "f1": f1,
            });
            json_line(out, &line)?;
        }
        Ok(())
    }
}
