//! Checks raw tables and compiles them.

use std::collections::HashMap;

use diembao_news::{FlagKind, Severity};

use crate::compiled::{Example, FlagRule, How, Places, Rules, Suppression, Topic};
use crate::info::{Expected, RuleInfo, TopicInfo};
use crate::load::{In, Raw, Reporter, unknown};
use crate::names::{At, Conditions, Names};
use crate::numerals::Numerals;
use crate::phrases::{Book, GroupId};
use crate::pieces::{Owner, RawScoring, examples, positive, scoring, severity, validity};
use crate::raw::{RawFlag, RawGate, RawSuppress, RawTopic};
use crate::tables;

const TOPIC_PLACES: Places = [2.0, 1.5, 1.0, 0.3];
const FLAG_PLACES: Places = [1.0, 1.0, 1.0, 0.0];
const KINDS: [&str; 2] = ["incident", "misinformation"];

/// Compiles everything that can be; the reporter holds what cannot.
pub(crate) fn compile(raw: &Raw, report: &mut Reporter<'_>) -> (Rules, Book) {
    let mut names = Names::default();
    let mut rules = Rules::default();
    tables::check_ids(raw, report);
    tables::variants(raw, &mut names, report);
    rules.numerals = Numerals::new(&mut names.book);
    tables::lists(raw, &mut names, report);
    tables::numbers(raw, &mut names, &mut rules, report);
    for gate in &raw.gates {
        compile_gate(gate, &mut names, &mut rules, report);
    }
    for raw in &raw.topics {
        topic(raw, &mut names, &mut rules, report);
    }
    for raw in &raw.flags {
        flag(raw, &mut names, &mut rules, report);
    }
    order_topics(&mut rules.topics);
    rules.suppressions = raw.suppressions.iter().filter_map(|s| suppression(s, &names, &rules, report)).collect();
    cases(raw, &mut rules, report);
    tables::unused_lists(raw, report);
    tables::settings(raw, &mut names, &mut rules, report);
    tables::facts(raw, &mut names, &mut rules, report);
    tables::facilities(raw, &mut names, &mut rules, report);
    tables::masks(raw, &mut names, report);
    if names.too_many() {
        report.error(0, 0, "", "more than 4000 groups of phrases");
    }
    rules.negatable = std::mem::take(&mut names.negatable);
    (rules, names.book.build())
}

fn compile_gate(raw: &In<RawGate>, names: &mut Names, rules: &mut Rules, report: &mut Reporter<'_>) {
    let at = At { file: raw.file, key: "gate" };
    if let Some(t) = &raw.table.threshold {
        rules.gate.threshold = positive(t, at, report);
    }
    if let Some(p) = raw.table.places {
        rules.gate.places = [p.title, p.lead, p.first, p.body];
    }
    if let Some(prior) = raw.table.prior {
        rules.gate.prior = prior.max(0.0);
    }
    let alone = rules.gate.alone();
    let listed = raw.table.weights.iter().map(|(w, weight)| (w, *weight));
    let grouped = raw.table.groups.values().flat_map(|g| g.phrases.iter().map(|w| (w, *g.weight.get_ref())));
    for (word, weight) in listed.chain(grouped) {
        let single = !word.get_ref().trim().contains([' ', '-']);
        if !weight.is_finite() || single && weight >= alone {
            let message =
                format!("{:?} would decide alone; a single word must weigh less than {alone:.2}", word.get_ref());
            report.error(raw.file, word.span().start, "gate", message);
        }
        if let Some(form) = names.phrase(word, at, report) {
            let slot = &mut names.book.form_mut(form).gate;
            if weight.abs() > slot.abs() {
                *slot = weight;
            }
        }
    }
    examples(&raw.table.examples, at, Owner::Gate, &mut rules.examples, report);
}

fn topic(raw: &In<RawTopic>, names: &mut Names, rules: &mut Rules, report: &mut Reporter<'_>) {
    let t = &raw.table;
    let at = At { file: raw.file, key: t.id.get_ref() };
    let mut own = HashMap::new();
    let raw_scoring =
        RawScoring { threshold: &t.threshold, places: t.places, default: TOPIC_PLACES, groups: &t.groups };
    let scoring = scoring(raw_scoring, names, &mut own, at, report);
    if let Some(field) = &t.field
        && !(1..=11).contains(field.get_ref())
    {
        report.error(
            raw.file,
            field.span().start,
            at.key,
            "field is one of the eleven, 1 to 11; leave it out for an extension",
        );
    }
    let when = Conditions { names, own: &own, at }.plain(&t.when, report);
    examples(&t.examples, at, Owner::Topic, &mut rules.examples, report);
    let info = TopicInfo {
        id: t.id.get_ref().clone(),
        name: t.name.clone(),
        field: t.field.as_ref().map(|f| *f.get_ref()),
        order: 0,
    };
    rules.topics.push(Topic { info, scoring, when, validity: validity(&t.history, at, report) });
}

/// The eleven in their order, then what has no number, as written.
fn order_topics(topics: &mut [Topic]) {
    topics.sort_by_key(|t| t.info.field.unwrap_or(u8::MAX));
    for (n, t) in topics.iter_mut().enumerate() {
        t.info.order = n;
    }
}

fn flag(raw: &In<RawFlag>, names: &mut Names, rules: &mut Rules, report: &mut Reporter<'_>) {
    let f = &raw.table;
    let at = At { file: raw.file, key: f.id.get_ref() };
    let Some(kind) = FlagKind::parse(f.kind.get_ref()) else {
        report.error(raw.file, f.kind.span().start, at.key, unknown(f.kind.get_ref(), KINDS));
        return;
    };
    let mut own = HashMap::new();
    let raw_scoring = RawScoring { threshold: &f.threshold, places: f.places, default: FLAG_PLACES, groups: &f.groups };
    let scoring = scoring(raw_scoring, names, &mut own, at, report);
    let conditions = Conditions { names, own: &own, at };
    let steps = conditions.steps(&f.step, report);
    let claims: Vec<GroupId> = f.claims.iter().filter_map(|c| conditions.group(c, report)).collect();
    complete(f, kind, at, report);
    examples(&f.examples, at, Owner::Flag, &mut rules.examples, report);
    let info = RuleInfo {
        id: f.id.get_ref().clone(),
        name: f.name.clone(),
        kind,
        gravest: steps.iter().map(|s| s.severity).max().unwrap_or(Severity::Yellow),
        author: f.history.author.clone(),
        reason: f.history.reason.clone(),
        resembles: f.resembles.clone(),
        one_place: f.one_place,
    };
    let validity = validity(&f.history, at, report);
    let needs_health = f.needs_health.unwrap_or(kind == FlagKind::Misinformation);
    rules.flags.push(FlagRule { info, scoring, steps, claims, needs_health, posts_only: f.posts_only, validity });
}

/// What a flag must have.
fn complete(f: &RawFlag, kind: FlagKind, at: At<'_>, report: &mut Reporter<'_>) {
    let mut missing = |message: &str| report.error(at.file, f.id.span().start, at.key, message);
    if f.step.is_empty() {
        missing("a flag needs at least one [[flag.step]] with a severity");
    }
    if kind == FlagKind::Misinformation && f.claims.is_empty() {
        missing("a misinformation flag names the groups that make the claim: claims = [...]");
    }
}

fn suppression(raw: &In<RawSuppress>, names: &Names, rules: &Rules, report: &mut Reporter<'_>) -> Option<Suppression> {
    let s = &raw.table;
    let at = At { file: raw.file, key: s.id.get_ref() };
    let own = HashMap::new();
    let conditions = Conditions { names, own: &own, at };
    let how = how(s, at, report)?;
    let known: Vec<&str> = rules.flags.iter().map(|f| f.info.id.as_str()).collect();
    for id in s.only.iter().chain(&s.except).filter(|id| !known.contains(&id.get_ref().as_str())) {
        report.error(raw.file, id.span().start, at.key, unknown(id.get_ref(), known.iter().copied()));
    }
    let mut kinds = Vec::new();
    for k in &s.kinds {
        match FlagKind::parse(k.get_ref()) {
            Some(kind) => kinds.push(kind),
            None => report.error(raw.file, k.span().start, at.key, unknown(k.get_ref(), KINDS)),
        }
    }
    Some(Suppression {
        name: s.name.clone(),
        how,
        kinds,
        only: s.only.iter().map(|w| w.get_ref().clone()).collect(),
        except: s.except.iter().map(|w| w.get_ref().clone()).collect(),
        when: conditions.plain(&s.when, report),
        unless: conditions.plain(&s.unless, report),
    })
}

fn how(s: &RawSuppress, at: At<'_>, report: &mut Reporter<'_>) -> Option<How> {
    let message = match (s.how.get_ref().as_str(), &s.to) {
        ("hard", _) => return Some(How::Hard),
        ("soft", _) => return Some(How::Soft(s.penalty)),
        ("lower", Some(to)) => return Some(How::Lower(severity(to, at, report)?)),
        ("lower", None) => "\"lower\" needs a severity: to = \"green\"".to_owned(),
        (other, _) => unknown(other, ["hard", "soft", "lower"]),
    };
    report.error(at.file, s.how.span().start, at.key, message);
    None
}

/// Corrections by people: tests of whatever rule they name.
fn cases(raw: &Raw, rules: &mut Rules, report: &mut Reporter<'_>) {
    let topics = rules.topics.iter().map(|t| t.info.id.as_str());
    let known: Vec<String> =
        (topics.chain(rules.flags.iter().map(|f| f.info.id.as_str()))).chain(["gate"]).map(str::to_owned).collect();
    for c in &raw.cases {
        let rule = c.table.rule.get_ref();
        if !known.contains(rule) {
            let message = unknown(rule, known.iter().map(String::as_str));
            report.error(c.file, c.table.rule.span().start, "case", message);
        }
        let Some(expected) = Expected::parse(c.table.expect.get_ref()) else {
            let words = ["fires", "silent", "red", "orange", "yellow", "green", "claim", "rebuttal", "mixed"];
            let message = unknown(c.table.expect.get_ref(), words);
            report.error(c.file, c.table.expect.span().start, "case", message);
            continue;
        };
        let headline = c.table.headline.clone();
        rules.examples.push(Example { rule: rule.clone(), headline, expected });
    }
}
