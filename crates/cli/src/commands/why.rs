//! `diembao why ID`

use std::io::Write;

use clap::Args;
use diembao_digest::ScoreParts;
use diembao_news::{ArticleText, CanonicalUrl, Evidence, Field};
use diembao_rules::{Explanation, HiddenBy, RuleTrace};
use serde_json::json;

use super::facts;
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// Which article.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  diembao why 4k7m2p9x0abc\n  diembao why 4k7m2p9x0abc --json")]
pub(crate) struct Options {
    /// Its id, its address, or the ref it was imported with
    article: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let stored = super::find_article(&p, &options.article).await?;
    let path = stored.article.url.as_ref().map(CanonicalUrl::path);
    let explained = p.home.rules.explain(&stored.article.text, path);
    let recorded = stored.classification.as_ref().map(|c| c.rules_version.as_str());
    let place = match stored.story {
        Some(story) => diembao_pipeline::place_score(&p, story).await?,
        None => None,
    };
    let mut out = stdout();
    if options.json {
        let mut whole = as_json(&stored.article.id.to_string(), recorded, &explained);
        whole["place"] = place.map_or(serde_json::Value::Null, place_json);
        json_line(&mut out, &whole)?;
    } else {
        writeln!(out, "{}", stored.article.text.title)?;
        writeln!(out, "article {} · rules {}", stored.article.id, explained.classification.rules_version)?;
        if recorded.is_some_and(|v| v != explained.classification.rules_version) {
            writeln!(
                out,
                "it was judged by rules {}; what follows is the present rules' view",
                recorded.unwrap_or("?")
            )?;
        }
        print(&mut out, &stored.article.text, &explained)?;
        if let (Some(story), Some(place)) = (stored.story, place) {
            let parts: Vec<String> =
                place.parts().iter().filter(|(_, v)| *v > 0.0).map(|(name, v)| format!("{name} {v:.1}")).collect();
            writeln!(out, "\nplace of story {story} in today's edition: {:.1} ({})", place.total(), parts.join(", "))?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// Prints an explanation with each phrase in its context.
pub(crate) fn print(out: &mut impl Write, text: &ArticleText, explained: &Explanation) -> std::io::Result<()> {
    let health = &explained.health;
    let verdict = if explained.classification.health { "about health" } else { "not about health" };
    writeln!(out, "\n{verdict}: {:.2}, needs {:.2}", health.score, health.threshold)?;
    for e in health.evidence.iter().take(8) {
        print_evidence(out, text, e)?;
    }
    for rule in &explained.rules {
        print_rule(out, text, rule)?;
    }
    facts::print(out, &explained.facts)?;
    if !explained.hidden.is_empty() {
        writeln!(out, "\nnot counted:")?;
    }
    for hidden in &explained.hidden {
        let reason = match &hidden.reason {
            HiddenBy::Mask(phrase) => format!("hidden by {phrase:?}"),
            HiddenBy::Negation(phrase) => format!("negated by {phrase:?}"),
        };
        let (before, after) = context(text, hidden.field, hidden.start, hidden.end);
        writeln!(out, "  {:<6} {before}[{}]{after}  ({reason})", hidden.field.as_str(), hidden.text)?;
    }
    Ok(())
}

fn print_rule(out: &mut impl Write, text: &ArticleText, rule: &RuleTrace) -> std::io::Result<()> {
    let kind = rule.kind.map_or("topic", diembao_news::FlagKind::as_str);
    let fired = if rule.fired { "fired" } else { "silent" };
    writeln!(out, "\n{kind} {} ({}): {fired}, {:.2}, needs {:.2}", rule.id, rule.name, rule.score, rule.threshold)?;
    let steps: Vec<String> =
        rule.steps.iter().map(|(name, held)| format!("{name} {}", if *held { "yes" } else { "no" })).collect();
    if !steps.is_empty() {
        writeln!(out, "  severity: {}", steps.join(", "))?;
    }
    if !rule.suppressed_by.is_empty() {
        writeln!(out, "  suppressed by: {}", rule.suppressed_by.join(", "))?;
    }
    for e in rule.evidence.iter().take(12) {
        print_evidence(out, text, e)?;
    }
    Ok(())
}

fn print_evidence(out: &mut impl Write, text: &ArticleText, e: &Evidence) -> std::io::Result<()> {
    let (before, after) = context(text, e.field, e.start, e.end);
    writeln!(out, "  {:+5.1} {:<6} {before}[{}]{after}  ({})", e.weight, e.field.as_str(), e.text, e.group)
}

/// Up to 24 characters on either side of a phrase, on its own line.
fn context(text: &ArticleText, field: Field, start: usize, end: usize) -> (String, String) {
    let text = text.field(field);
    let before = text.get(..start).unwrap_or_default().lines().next_back().unwrap_or_default();
    let after = text.get(end..).unwrap_or_default().lines().next().unwrap_or_default();
    let skip = before.chars().count().saturating_sub(24);
    (before.chars().skip(skip).collect(), after.chars().take(24).collect())
}

fn place_json(place: ScoreParts) -> serde_json::Value {
    json!({
        "total": place.total(),
        "severity": place.severity,
        "outlets": place.outlets,
        "tier": place.tier,
        "rhythm": place.rhythm,
        "novelty": place.novelty,
        "ministry": place.ministry,
        "pin": place.pin,
    })
}

fn as_json(id: &str, recorded: Option<&str>, explained: &Explanation) -> serde_json::Value {
    let evidence = |evidence: &[Evidence]| -> Vec<serde_json::Value> {
        evidence
            .iter()
            .map(|e| {
                json!({"field": e.field.as_str(), "start": e.start, "end": e.end, "text": e.text, "group": e.group, "weight": e.weight})
            })
            .collect()
    };
    let rules: Vec<serde_json::Value> = explained
        .rules
        .iter()
        .map(|r| {
            json!({
                "rule": r.id,
                "name": r.name,
                "kind": r.kind.map_or("topic", diembao_news::FlagKind::as_str),
                "fired": r.fired,
                "score": r.score,
                "threshold": r.threshold,
                "severity_steps": r.steps.iter().map(|(n, held)| json!({"step": n, "held": held})).collect::<Vec<_>>(),
                "suppressed_by": r.suppressed_by,
                "evidence": evidence(&r.evidence),
            })
        })
        .collect();
    let hidden: Vec<serde_json::Value> = explained
        .hidden
        .iter()
        .map(|h| {
            let (by, phrase) = match &h.reason {
                HiddenBy::Mask(phrase) => ("mask", phrase),
                HiddenBy::Negation(phrase) => ("negation", phrase),
            };
            json!({"field": h.field.as_str(), "start": h.start, "end": h.end, "text": h.text, "by": by, "phrase": phrase})
        })
        .collect();
    json!({
        "id": id,
        "judged_by": recorded,
        "rules_version": explained.classification.rules_version,
        "health": {
            "verdict": explained.classification.health,
            "score": explained.health.score,
            "threshold": explained.health.threshold,
            "evidence": evidence(&explained.health.evidence),
        },
        "rules": rules,
        "facts": facts::as_json(&explained.facts),
        "hidden": hidden,
    })
}
