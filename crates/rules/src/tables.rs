//! The tables that serve all rules: variants, lists, counts, masks, negation, stance, sections, places, facts.

use std::collections::HashSet;

use crate::compiled::{Facility, FactWords, Place, Rules, Section, StanceRule};
use crate::hide::{Negation, NumberRule};
use crate::load::{Raw, Reporter};
use crate::names::{At, Names};
use crate::raw::Word;

pub(crate) fn check_ids(raw: &Raw, report: &mut Reporter<'_>) {
    let rules =
        (raw.topics.iter().map(|t| (t.file, &t.table.id))).chain(raw.flags.iter().map(|t| (t.file, &t.table.id)));
    check_family(rules, report);
    let lists =
        (raw.lists.iter().map(|t| (t.file, &t.table.id))).chain(raw.numbers.iter().map(|t| (t.file, &t.table.id)));
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

pub(crate) fn variants(raw: &Raw, names: &mut Names, report: &mut Reporter<'_>) {
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
pub(crate) fn lists(raw: &Raw, names: &mut Names, report: &mut Reporter<'_>) {
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

pub(crate) fn numbers(raw: &Raw, names: &mut Names, rules: &mut Rules, report: &mut Reporter<'_>) {
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
        rules.numbers.push(NumberRule {
            form,
            at_least: *n.table.at_least.get_ref(),
            units,
            then,
            within: n.table.within,
        });
    }
}

/// Masks, when all that they could hide is known.
pub(crate) fn masks(raw: &Raw, names: &mut Names, report: &mut Reporter<'_>) {
    for m in &raw.masks {
        let at = At { file: m.file, key: m.table.id.get_ref() };
        for word in &m.table.phrases {
            let Some(form) = names.phrase(word, at, report) else {
                continue;
            };
            let served = names.book.form_mut(form).serves();
            names.book.form_mut(form).mask = true;
            let why = if served {
                "is a phrase of a rule too, so it hides nothing"
            } else if names.book.holds_none(word.get_ref()) {
                "hides nothing: no phrase lies inside it"
            } else {
                continue;
            };
            report.warn(m.file, word.span().start, at.key, format!("{:?} {why}", word.get_ref()));
        }
    }
}

pub(crate) fn settings(raw: &Raw, names: &mut Names, rules: &mut Rules, report: &mut Reporter<'_>) {
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

pub(crate) fn facts(raw: &Raw, names: &mut Names, rules: &mut Rules, report: &mut Reporter<'_>) {
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
                rules.places.push(Place { form, name: word.get_ref().clone(), today: today.clone() });
            }
        }
    }
}

/// The facilities of the registry; the first to have a name keeps it.
pub(crate) fn facilities(raw: &Raw, names: &mut Names, rules: &mut Rules, report: &mut Reporter<'_>) {
    for o in raw.organisations.iter().filter(|o| o.table.kind == "facility") {
        let name = o.table.name.get_ref();
        let at = At { file: o.file, key: name };
        for word in std::iter::once(&o.table.name).chain(&o.table.also) {
            if let Some(form) = names.phrase(word, at, report) {
                let facility = || Facility { name: name.clone(), province: o.table.province.clone() };
                rules.facilities.entry(form).or_insert_with(facility);
            }
        }
    }
}

/// Warns of lists that no rule, list or table names.
pub(crate) fn unused_lists(raw: &Raw, report: &mut Reporter<'_>) {
    let mut used: HashSet<&str> = HashSet::new();
    let uses = |words: &[&[Word]]| -> Vec<String> {
        words.iter().flat_map(|w| w.iter()).map(|w| w.get_ref().clone()).collect()
    };
    let mut names: Vec<String> = Vec::new();
    for t in &raw.topics {
        t.table.groups.values().for_each(|g| names.extend(uses(&[&g.uses])));
        t.table.when.iter().for_each(|c| names.extend(c.words()));
    }
    for f in &raw.flags {
        f.table.groups.values().for_each(|g| names.extend(uses(&[&g.uses])));
        f.table.step.iter().for_each(|c| names.extend(c.words()));
        names.extend(uses(&[&f.table.claims]));
    }
    for s in &raw.suppressions {
        s.table.when.iter().chain(&s.table.unless).for_each(|c| names.extend(c.words()));
    }
    raw.lists.iter().for_each(|l| names.extend(uses(&[&l.table.uses])));
    raw.numbers.iter().for_each(|n| names.extend(uses(&[&n.table.unit, &n.table.then])));
    for s in raw.stances.iter().map(|s| &s.table) {
        names.extend(uses(&[&s.rebuttal, &s.subjects, &s.attribution, &s.selling]));
    }
    used.extend(names.iter().map(|n| n.rsplit(':').next().unwrap_or(n)));
    for list in &raw.lists {
        let id = list.table.id.get_ref();
        if !used.contains(id.as_str()) {
            report.warn(list.file, list.table.id.span().start, id.as_str(), "no rule uses this list");
        }
    }
}
