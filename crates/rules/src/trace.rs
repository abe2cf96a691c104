//! Tells everything that was seen on the way to a decision.

use diembao_news::{ArticleText, Classification};

use crate::condition::Seen;
use crate::explain::{Explanation, HealthTrace, HiddenBy, HiddenPhrase, RuleTrace};
use crate::judge::{Judge, evidence_of};
use crate::ruleset::fill;
use crate::scan::{Doc, Hidden};

const MAX_WEIGHED: usize = 40;

/// The whole account of one decision.
pub(crate) fn explain(
    judge: Judge<'_>,
    doc: &Doc,
    text: &ArticleText,
    path: Option<&str>,
    classification: Classification,
) -> Explanation {
    let seen = Seen::new(doc, judge.book, &judge.rules.negatable);
    let mut rules = topic_traces(judge, &seen, &classification);
    rules.extend(flag_traces(judge, &seen));
    rules.sort_by(|a, b| b.fired.cmp(&a.fired).then(ratio(b).total_cmp(&ratio(a))));
    fill(rules.iter_mut().flat_map(|r| &mut r.evidence), text);
    let mut health = health(judge, doc, path, &classification);
    fill(health.evidence.iter_mut(), text);
    let facts = crate::facts::facts(judge, doc, text);
    Explanation { classification, health, rules, hidden: hidden(judge, doc, text), facts }
}

fn ratio(rule: &RuleTrace) -> f32 {
    rule.score / rule.threshold
}

fn health(judge: Judge<'_>, doc: &Doc, path: Option<&str>, classification: &Classification) -> HealthTrace {
    let mut weighed = judge.weighed(doc);
    let norm = (judge.rules.gate.prior + weighed.iter().map(|w| w.1 * w.1).sum::<f32>()).sqrt().max(f32::MIN_POSITIVE);
    let weight = |w: &(u32, f32, u32)| judge.book.form(w.0).gate * w.1 / norm;
    weighed.sort_by(|a, b| weight(b).abs().total_cmp(&weight(a).abs()));
    weighed.truncate(MAX_WEIGHED);
    HealthTrace {
        score: classification.health_score,
        threshold: judge.rules.gate.threshold,
        section: judge.section(path).map(|s| (s.path.clone(), s.health)),
        evidence: weighed.iter().map(|w| evidence_of(doc, &doc.hits[w.2 as usize], "gate", weight(w))).collect(),
    }
}

fn topic_traces(judge: Judge<'_>, seen: &Seen<'_>, found: &Classification) -> Vec<RuleTrace> {
    let traces = judge.rules.topics.iter().map(|topic| {
        let (score, evidence) = judge.score(&topic.scoring, seen);
        RuleTrace {
            id: topic.info.id.clone(),
            name: topic.info.name.clone(),
            kind: None,
            fired: found.topics.iter().any(|t| t.id == topic.info.id),
            score,
            threshold: topic.scoring.threshold,
            steps: topic.when.iter().map(|c| ("when".to_owned(), c.holds(seen))).collect(),
            suppressed_by: Vec::new(),
            evidence,
        }
    });
    traces.filter(|t| !t.evidence.is_empty()).collect()
}

fn flag_traces(judge: Judge<'_>, seen: &Seen<'_>) -> Vec<RuleTrace> {
    let traces = judge.rules.flags.iter().map(|rule| {
        let trace = judge.flag(rule, seen);
        RuleTrace {
            id: rule.info.id.clone(),
            name: rule.info.name.clone(),
            kind: Some(rule.info.kind),
            fired: trace.fired,
            score: trace.flag.score,
            threshold: rule.scoring.threshold,
            steps: rule.steps.iter().map(|s| s.label.clone()).zip(trace.steps).collect(),
            suppressed_by: trace.suppressed_by,
            evidence: trace.flag.evidence,
        }
    });
    traces.filter(|t| !t.evidence.is_empty()).collect()
}

fn hidden(judge: Judge<'_>, doc: &Doc, text: &ArticleText) -> Vec<HiddenPhrase> {
    let words = |n: u32| judge.book.form(doc.hits[n as usize].form).text.clone();
    let phrases = doc.hits.iter().filter(|h| !judge.book.groups(h.form).is_empty()).filter_map(|hit| {
        let reason = match hit.hidden {
            Hidden::No => return None,
            Hidden::Mask(n) => HiddenBy::Mask(words(n)),
            Hidden::Negation(n) => HiddenBy::Negation(words(n)),
        };
        let (start, end) = doc.bytes(hit.first, hit.last);
        let field = doc.field(hit.first);
        let text = text.field(field).get(start..end).unwrap_or_default().to_owned();
        Some(HiddenPhrase { field, start, end, text, reason })
    });
    phrases.collect()
}
