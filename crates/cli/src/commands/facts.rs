//! What an article says that a reader of its flags wants to know, for `why`, `show` and `desk show`.

use std::io::Write;

use diembao_rules::{Fact, Facts, RuleSet};
use diembao_store::StoredArticle;
use serde_json::{Value, json};

/// The facts of a story's first flagged article.
pub(in crate::commands) fn of_flagged(rules: &RuleSet, articles: &[StoredArticle]) -> Option<Facts> {
    let flagged = |a: &&StoredArticle| a.classification.as_ref().is_some_and(|c| !c.flags.is_empty());
    articles.iter().find(flagged).map(|a| rules.facts(&a.article.text))
}

/// Prints the facts, one kind a line; nothing when there are none.
pub(in crate::commands) fn print(out: &mut impl Write, facts: &Facts) -> std::io::Result<()> {
    let rows: Vec<(&str, Vec<String>)> =
        kinds(facts).into_iter().map(|(kind, facts)| (kind, facts.into_iter().map(shown).collect())).collect();
    if rows.iter().any(|(_, facts)| !facts.is_empty()) {
        writeln!(out, "\nfacts")?;
    }
    for (kind, facts) in rows.iter().filter(|(_, facts)| !facts.is_empty()) {
        writeln!(out, "  {kind:<10} {}", facts.join("; "))?;
    }
    Ok(())
}

/// The same as JSON: by kind, a list of what it means, the words, and where they stand.
pub(in crate::commands) fn as_json(facts: &Facts) -> Value {
    let one =
        |f: &Fact| json!({"value": f.value, "text": f.text, "field": f.field.as_str(), "start": f.start, "end": f.end});
    let rows = kinds(facts).into_iter().map(|(kind, facts)| (kind.to_owned(), facts.into_iter().map(one).collect()));
    Value::Object(rows.collect())
}

fn kinds(facts: &Facts) -> [(&'static str, Vec<&Fact>); 7] {
    [
        ("facility", facts.facilities.iter().collect()),
        ("province", facts.provinces.iter().collect()),
        ("dead", facts.dead.iter().collect()),
        ("ill", facts.ill.iter().collect()),
        ("date", facts.dates.iter().collect()),
        ("deadline", facts.deadlines.iter().collect()),
        ("quoted", facts.speakers.iter().collect()),
    ]
}

/// The words as they stand, with what they mean where that is something else: "Bắc Giang (Bắc Ninh)".
fn shown(fact: &Fact) -> String {
    if fact.value == fact.text { fact.text.clone() } else { format!("{} ({})", fact.text, fact.value) }
}
