//! Checks raw tables and compiles them.

use std::collections::{HashMap, HashSet};

use diembao_news::FlagKind;

use crate::compiled::{FactWords, FlagRule, How, Place, Places, Rules, Section, StanceRule, Suppression, Topic};
use crate::hide::{Negation, NumberRule};
use crate::info::{RuleInfo, TopicInfo};
use crate::load::{In, Raw, Reporter, unknown};
use crate::names::{At, Conditions, Names};
use crate::phrases::{Book, GroupId, number_words};
use crate::pieces::{Owner, examples, positive, scoring, severity, validity};
use crate::raw::{RawFlag, RawGate, RawSuppress, RawTopic, Word};

const TOPIC_PLACES: Places = [2.0, 1.5, 1.0, 0.3];
const FLAG_PLACES: Places = [1.0, 1.0, 1.0, 0.0];
const KINDS: [&str; 2] = ["incident", "misinformation"];

/// Compiles everything that can be; the reporter holds what cannot.
pub(crate) fn compile(raw: &Raw, report: &mut Reporter<'_>) -> (Rules, Book) {
    let mut names = Names::default();
    let mut rules = Rules::default();
    check_ids(raw, report);
    variants(raw, &mut names, report);
    rules.number_words = number_words(&mut names.book).into_iter().collect();
    lists(raw, &mut names, report);
    numbers(raw, &mut names, &mut rules, report);
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
    masks(raw, &mut names, report);
    settings(raw, &mut names, &mut rules, report);
    facts(raw, &mut names, &mut rules, report);
    if names.too_many() {
        report.error(0, 0, "", "more than 4000 groups of phrases");
    }
    rules.negatable = std::mem::take(&mut names.negatable);
    (rules, names.book.build())
}

fn check_ids(raw: &Raw, report: &mut Reporter<'_>) {
    let rules = (raw.topics.iter().map(|t| (t.file, &t.table.id))).chain(raw.flags.iter().map(|t| (t.file, &t.table.id)));
    check_family(rules, report);
    let lists = (raw.lists.iter().map(|t| (t.file, &t.table.id))).chain(raw.numbers.iter().map(|t| (t.file, &t.table.id)));
    check_family(lists, report);
    check_family(raw.suppressions.iter().map(|t| (t.file, &t.table.id)), report);
}

fn check_family<'r>(ids: impl Iterator<Item = (usize, &'r Word)>, report: &mut Reporter<'_>) {
    let mut seen = HashSet::new();
    for (file, id) in ids {
        let name = id.get_ref();
        let slug = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !slug || name.len() > 64 {
            report.error(file, id.span().start, name.as_str(), "an id is 1 to 64 of a-z, 0-9 and hyphens");
        }
        if !seen.insert(name.as_str()) {
            report.error(file, id.span().start, name.as_str(), "this id is taken already");
        }
    }
}

fn variants(raw: &Raw, names: &mut Names, report: &mut Reporter<'_>) {
    for v in &raw.variants {
        let forms: Vec<&str> = v.table.forms.iter().map(|f| f.get_ref().as_str()).collect();
        let at = v.table.forms.first().map_or(0, |f| f.span().start);
        if forms.len() < 2 {
            report.error(v.file, at, "variant", "a variant needs at least two forms");
        } else if names.book.add_variant(&forms).is_err() {
            report.error(v.file, at, "variant", "every form must be a short phrase");
        }
    }
}

/// Lists may use lists that stand before them, in any file.
fn lists(raw: &Raw, names: &mut Names, report: &mut Reporter<'_>) {
    for list in &raw.lists {
        let (id, file) = (list.table.id.get_ref(), list.file);
        let group = names.group(list.table.negatable);
        let at = At { file, key: id };
        let mut forms = names.add(&list.table.phrases, group, at, report);
        for used in &list.table.uses {
            match names.include(used.get_ref(), group) {
                Some(more) => forms.extend(more),
                None => {
                    let message = format!("no list {:?} stands before this one", used.get_ref());
                    report.error(file, used.span().start, id.as_str(), message);
                }
            }
        }
        if forms.is_empty() {
            report.error(file, list.table.id.span().start, id.as_str(), "the list is empty");
        }
        names.define(id, group, forms);
    }
}

fn numbers(raw: &Raw, names: &mut Names, rules: &mut Rules, report: &mut Reporter<'_>) {
    for n in &raw.numbers {
        let id = n.table.id.get_ref();
        let at = At { file: n.file, key: id };
        let units = names.lists_of(&n.table.unit, at, report);
        let then = names.lists_of(&n.table.then, at, report);
        if units.is_empty() {
            report.error(n.file, n.table.id.span().start, id.as_str(), "a number needs a unit");
        }
        if *n.table.at_least.get_ref() == 0 {
            report.error(n.file, n.table.at_least.span().start, id.as_str(), "at_least must be 1 or more");
        }
        let group = names.group(true);
        let form = names.book.add_pseudo(id);
        names.book.join(form, group);
        names.define(id, group, vec![form]);
        rules.numbers.push(NumberRule { form, at_least: *n.table.at_least.get_ref(), units, then, within: n.table.within });
    }
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
            let message = format!("{:?} would decide alone; a single word must weigh less than {alone:.2}", word.get_ref());
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
    let scoring = scoring((&t.threshold, t.places, &t.groups), TOPIC_PLACES, names, &mut own, at, report);
    if let Some(field) = &t.field
        && !(1..=11).contains(field.get_ref())
    {
        report.error(raw.file, field.span().start, at.key, "field is one of the eleven, 1 to 11; leave it out for an extension");
    }
    let when = Conditions { names, own: &own, at }.plain(&t.when, report);
    examples(&t.examples, at, Owner::Topic, &mut rules.examples, report);
    let info = TopicInfo { id: t.id.get_ref().clone(), name: t.name.clone(), field: t.field.as_ref().map(|f| *f.get_ref()), order: 0 };
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
    let scoring = scoring((&f.threshold, f.places, &f.groups), FLAG_PLACES, names, &mut own, at, report);
    let conditions = Conditions { names, own: &own, at };
    let steps = conditions.steps(&f.step, report);
    if f.step.is_empty() {
        report.error(raw.file, f.id.span().start, at.key, "a flag needs at least one [[flag.step]] with a severity");
    }
    let claims: Vec<GroupId> = f.claims.iter().filter_map(|c| conditions.group(c, report)).collect();
    if kind == FlagKind::Misinformation && claims.is_empty() {
        report.error(raw.file, f.id.span().start, at.key, "a misinformation flag names the groups that make the claim: claims = [...]");
    }
    examples(&f.examples, at, Owner::Flag, &mut rules.examples, report);
    let info = RuleInfo {
        id: f.id.get_ref().clone(),
        name: f.name.clone(),
        kind,
        gravest: steps.iter().map(|s| s.severity).max().unwrap_or(diembao_news::Severity::Yellow),
        author: f.history.author.clone(),
        reason: f.history.reason.clone(),
        resembles: f.resembles.clone(),
    };
    let validity = validity(&f.history, at, report);
    let needs_health = f.needs_health.unwrap_or(kind == FlagKind::Misinformation);
    rules.flags.push(FlagRule { info, scoring, steps, claims, needs_health, posts_only: f.posts_only, validity });
}

fn suppression(raw: &In<RawSuppress>, names: &Names, rules: &Rules, report: &mut Reporter<'_>) -> Option<Suppression> {
    let s = &raw.table;
    let at = At { file: raw.file, key: s.id.get_ref() };
    let own = HashMap::new();
    let conditions = Conditions { names, own: &own, at };
    let how = match (s.how.get_ref().as_str(), &s.to) {
        ("hard", _) => How::Hard,
        ("soft", _) => How::Soft(s.penalty),
        ("lower", Some(to)) => How::Lower(severity(to, at, report)?),
        ("lower", None) => {
            report.error(raw.file, s.how.span().start, at.key, "\"lower\" needs a severity: to = \"green\"");
            return None;
        }
        (other, _) => {
            report.error(raw.file, s.how.span().start, at.key, unknown(other, ["hard", "soft", "lower"]));
            return None;
        }
    };
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

fn masks(raw: &Raw, names: &mut Names, report: &mut Reporter<'_>) {
    for m in &raw.masks {
        let at = At { file: m.file, key: m.table.id.get_ref() };
        for word in &m.table.phrases {
            let Some(form) = names.phrase(word, at, report) else { continue };
            let served = names.book.form_mut(form).serves();
            names.book.form_mut(form).mask = true;
            if served {
                let message = format!("{:?} is a phrase of a rule too, so it hides nothing", word.get_ref());
                report.warn(m.file, word.span().start, at.key, message);
            }
        }
    }
}

fn settings(raw: &Raw, names: &mut Names, rules: &mut Rules, report: &mut Reporter<'_>) {
    if let Some(n) = raw.negations.last() {
        let group = names.group(false);
        names.add(&n.table.before, group, At { file: n.file, key: "negation" }, report);
        rules.negation = Some(Negation { group, within: n.table.within });
    }
    if let Some(s) = raw.stances.last() {
        let at = At { file: s.file, key: "stance" };
        rules.stance = Some(StanceRule {
            rebuttal: names.lists_of(&s.table.rebuttal, at, report),
            subjects: names.lists_of(&s.table.subjects, at, report),
            attribution: names.lists_of(&s.table.attribution, at, report),
            selling: names.lists_of(&s.table.selling, at, report),
            within: s.table.within,
        });
    }
    for s in &raw.sections {
        let path = s.table.path.get_ref().clone();
        if !path.starts_with('/') {
            report.error(s.file, s.table.path.span().start, "section", "a section's path begins with a slash");
        }
        rules.sections.push(Section { path, health: s.table.health, no_flags: s.table.no_flags });
    }
}

fn facts(raw: &Raw, names: &mut Names, rules: &mut Rules, report: &mut Reporter<'_>) {
    if let Some(f) = raw.facts.last() {
        let at = At { file: f.file, key: "facts" };
        let mut add = |words: &[Word]| {
            let group = names.group(true);
            names.add(words, group, at, report);
            group
        };
        let t = &f.table;
        rules.facts = Some(FactWords {
            facility: add(&t.facility),
            inner: add(&t.inner),
            unit: add(&t.unit),
            dead: add(&t.dead),
            ill: add(&t.ill),
            deadline: add(&t.deadline),
            says: add(&t.says),
            speaker: add(&t.speaker),
        });
    }
    for p in &raw.places {
        let today = p.table.name.get_ref();
        let at = At { file: p.file, key: today };
        for word in std::iter::once(&p.table.name).chain(&p.table.old).chain(&p.table.also) {
            if let Some(form) = names.phrase(word, at, report) {
                rules.places.push(Place { form, today: today.clone() });
            }
        }
    }
}
