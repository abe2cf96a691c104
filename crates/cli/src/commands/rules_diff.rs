//! `diembao rules diff`: what other rules would have made of the stored articles.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use diembao_news::{CanonicalUrl, Classification, EditionId, Flag};
use diembao_pipeline::{Home, Pipeline, today};
use diembao_rules::{RuleSet, Scratch};
use diembao_store::StoredArticle;
use serde_json::json;

use crate::context::Global;
use crate::exit::{Exit, NotFound};
use crate::output::{json_line, stdout};

const PAGE: usize = 500;

/// Which rules, and on what.
#[derive(Debug, Args)]
#[command(after_help = "A folder is a home, or a folder of rule files. Nothing is stored.\n\n\
Examples:\n  diembao rules diff rules-cu rules --since 7d\n  diembao rules diff rules-cu rules --since 30d --json")]
pub(crate) struct Options {
    /// The old rules
    old: PathBuf,
    /// The new rules
    new: PathBuf,
    /// Articles first seen within this time: 12h, 7d
    #[arg(long, default_value = "7d", value_parser = super::parse_span)]
    since: chrono::TimeDelta,
    /// Print one JSON object an article that changes
    #[arg(long)]
    json: bool,
}

/// What changes for one article.
struct Change {
    edition: EditionId,
    article: String,
    title: String,
    lines: Vec<String>,
    raw: serde_json::Value,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let day = today(p.clock.now()).day();
    let (old, new) = (read(&options.old)?.on(day), read(&options.new)?.on(day));
    let since = p.clock.now() - options.since;
    let (n_seen, changes) = compare(&p, &old, &new, since).await?;
    let mut out = stdout();
    if options.json {
        changes.iter().try_for_each(|c| json_line(&mut out, &c.raw))?;
    } else {
        print(&mut out, &changes)?;
        let (old, new) = (old.version(), new.version());
        writeln!(out, "{n_seen} articles, {} judged otherwise (rules {old} → {new})", changes.len())?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// The rules of a home, or of a folder that holds rule files itself.
fn read(dir: &Path) -> anyhow::Result<RuleSet> {
    if !dir.is_dir() {
        return Err(NotFound(format!("there is no folder {}", dir.display())).into());
    }
    let (rules, _) = if dir.join("rules").is_dir() { Home::load_rules(dir)? } else { Home::load_rules_in(dir)? };
    Ok(rules)
}

async fn compare(
    p: &Pipeline,
    old: &RuleSet,
    new: &RuleSet,
    since: chrono::DateTime<chrono::Utc>,
) -> anyhow::Result<(usize, Vec<Change>)> {
    let (mut after, mut n_seen, mut changes) = (None, 0, Vec::new());
    let mut scratch = Scratch::default();
    loop {
        let page = p.store.articles_page(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.article.id);
        for stored in page.iter().filter(|s| s.article.times.first_seen >= since) {
            n_seen += 1;
            let (text, path) = (&stored.article.text, stored.article.url.as_ref().map(CanonicalUrl::path));
            let before = old.classify_with(&mut scratch, text, path);
            let now = new.classify_with(&mut scratch, text, path);
            changes.extend(change(stored, &before, &now));
        }
    }
    changes.sort_by(|a, b| (&a.edition, &a.title).cmp(&(&b.edition, &b.title)));
    Ok((n_seen, changes))
}

fn change(stored: &StoredArticle, old: &Classification, new: &Classification) -> Option<Change> {
    let mut lines = Vec::new();
    if old.health != new.health {
        lines.push(format!("{} health", if new.health { '+' } else { '-' }));
    }
    let ids = |c: &Classification| c.topics.iter().map(|t| t.id.clone()).collect::<Vec<_>>();
    let (old_topics, new_topics) = (ids(old), ids(new));
    let gained: Vec<&String> = new_topics.iter().filter(|t| !old_topics.contains(t)).collect();
    let lost: Vec<&String> = old_topics.iter().filter(|t| !new_topics.contains(t)).collect();
    lines.extend(gained.iter().map(|t| format!("+ topic {t}")));
    lines.extend(lost.iter().map(|t| format!("- topic {t}")));
    let mut flags: BTreeMap<&str, (Option<String>, Option<String>)> = BTreeMap::new();
    old.flags.iter().for_each(|f| flags.entry(&f.rule).or_default().0 = Some(told(f)));
    new.flags.iter().for_each(|f| flags.entry(&f.rule).or_default().1 = Some(told(f)));
    flags.retain(|_, (a, b)| a != b);
    lines.extend(flags.iter().map(|(rule, sides)| match sides {
        (None, Some(now)) => format!("+ {rule} {now}"),
        (Some(before), None) => format!("- {rule} {before}"),
        (before, now) => {
            format!("~ {rule} {} → {}", before.as_deref().unwrap_or(""), now.as_deref().unwrap_or(""))
        }
    }));
    if lines.is_empty() {
        return None;
    }
    let article = &stored.article;
    let edition = today(article.times.first_seen);
    let flags: Vec<_> = flags.iter().map(|(rule, (a, b))| json!({"rule": rule, "old": a, "new": b})).collect();
    let raw = json!({
        "edition": edition.as_str(), "article": article.id.to_string(), "title": article.text.title,
        "health": {"old": old.health, "new": new.health}, "topics_gained": gained, "topics_lost": lost, "flags": flags,
    });
    Some(Change { edition, article: article.id.to_string(), title: article.text.title.clone(), lines, raw })
}

fn told(flag: &Flag) -> String {
    match flag.stance {
        Some(stance) => format!("{} {}", flag.severity.as_str(), stance.as_str()),
        None => flag.severity.as_str().to_owned(),
    }
}

fn print(out: &mut impl Write, changes: &[Change]) -> std::io::Result<()> {
    let mut edition = None;
    for c in changes {
        if edition != Some(&c.edition) {
            writeln!(out, "edition {}", c.edition)?;
            edition = Some(&c.edition);
        }
        writeln!(out, "  {}  {}", c.article, c.title)?;
        for line in &c.lines {
            writeln!(out, "      {line}")?;
        }
    }
    Ok(())
}
