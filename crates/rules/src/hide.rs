//! What takes a found phrase back before any rule sees it: masks and negations. Also counts, which add to what was found.

use crate::numerals::Numerals;
use crate::phrases::{Book, Form, GroupId};
use crate::scan::{Doc, Hidden, Hit};

/// Words that negate what follows them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Negation {
    pub group: GroupId,
    pub within: u32,
}

/// A count: a number, what is counted, and what became of it.
#[derive(Debug)]
pub(crate) struct NumberRule {
    pub form: Form,
    pub at_least: u32,
    pub units: Vec<GroupId>,
    pub then: Vec<GroupId>,
    pub within: u32,
}

/// Hides what lies inside a mask. A mask that itself lies inside a rule's phrase hides nothing.
pub(crate) fn apply_masks(doc: &mut Doc, book: &Book) {
    let masks: Vec<usize> = (0..doc.hits.len()).filter(|&i| book.form(doc.hits[i].form).mask).collect();
    for &m in &masks {
        let mask = doc.hits[m];
        let overruled = around(&doc.hits, m).any(|(_, h)| {
            h.first <= mask.first
                && h.last >= mask.last
                && (h.first, h.last) != (mask.first, mask.last)
                && !book.groups(h.form).is_empty()
        }) || !book.groups(mask.form).is_empty();
        if overruled {
            continue;
        }
        let inside: Vec<usize> = around(&doc.hits, m)
            .filter(|(_, h)| h.first >= mask.first && h.last <= mask.last && h.last - h.first < mask.last - mask.first)
            .map(|(i, _)| i)
            .collect();
        for i in inside {
            doc.hits[i].hidden = Hidden::Mask(u32::try_from(m).expect("hits are capped"));
        }
    }
}

/// The hits near a hit; hits are ordered by their first syllable, and none is longer than the cap.
fn around(hits: &[Hit], of: usize) -> impl Iterator<Item = (usize, &Hit)> {
    let reach = u32::try_from(crate::phrases::MAX_SYLLABLES).expect("a small constant");
    let (first, last) = (hits[of].first.saturating_sub(reach), hits[of].last);
    let from = hits.partition_point(|h| h.first < first);
    hits.iter().enumerate().skip(from).take_while(move |(_, h)| h.first < last)
}

/// Marks what a negation stands before, without punctuation between.
pub(crate) fn apply_negation(doc: &mut Doc, book: &Book, negation: Negation) {
    let before: Vec<(usize, Hit)> = doc
        .hits
        .iter()
        .enumerate()
        .filter(|(_, h)| h.hidden == Hidden::No && book.groups(h.form).contains(&negation.group))
        .map(|(i, h)| (i, *h))
        .collect();
    for (n, not) in before {
        let from = doc.hits.partition_point(|h| h.first < not.last);
        for i in from..doc.hits.len() {
            let h = doc.hits[i];
            if h.sentence != not.sentence
                || h.first > not.last + negation.within
                || doc.punct_within(not.last, h.first + 1)
            {
                break;
            }
            if h.hidden == Hidden::No {
                doc.hits[i].hidden = Hidden::Negation(u32::try_from(n).expect("hits are capped"));
            }
        }
    }
}

/// Adds a hit for every count a number rule finds.
pub(crate) fn add_counts(doc: &mut Doc, book: &Book, rules: &[NumberRule], numerals: &Numerals) {
    if rules.is_empty() {
        return;
    }
    let mut counts = Vec::new();
    for (n, unit) in doc.hits.iter().enumerate() {
        let groups = book.groups(unit.form);
        if unit.hidden != Hidden::No || !rules.iter().any(|r| r.units.iter().any(|u| groups.contains(u))) {
            continue;
        }
        let Some((first, value)) = number_before(doc, unit, numerals) else {
            continue;
        };
        for rule in rules.iter().filter(|r| value >= r.at_least && r.units.iter().any(|u| groups.contains(u))) {
            if let Some(last) = followed(doc, book, rule, n) {
                counts.push(Hit { form: rule.form, first, last, ..*unit });
            }
        }
    }
    doc.hits.extend(counts);
}

/// The number that stands right before a hit in the same sentence: its first syllable, and its value.
pub(crate) fn number_before(doc: &Doc, hit: &Hit, numerals: &Numerals) -> Option<(u32, u32)> {
    let sentence = doc.sentences[hit.sentence as usize];
    let before = hit.first.checked_sub(1).filter(|b| *b >= sentence.first)?;
    if doc.punct_within(hit.first, hit.first + 1) {
        return None;
    }
    match doc.number_at(before) {
        Some(value) => Some((before, value)),
        None => numerals.ending_at(before, sentence.first, |at| doc.id(at)),
    }
}

/// Where the count ends: at the outcome that must follow, or at the unit when none must.
fn followed(doc: &Doc, book: &Book, rule: &NumberRule, unit: usize) -> Option<u32> {
    let unit = doc.hits[unit];
    if rule.then.is_empty() {
        return Some(unit.last);
    }
    let from = doc.hits.partition_point(|h| h.first < unit.last);
    doc.hits[from..]
        .iter()
        .take_while(|h| h.sentence == unit.sentence && h.first <= unit.last + rule.within)
        .find(|h| h.hidden == Hidden::No && book.groups(h.form).iter().any(|g| rule.then.contains(g)))
        .map(|h| h.last)
}
