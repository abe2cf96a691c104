//! The parts that topics and flags have in common: groups, thresholds, dates, examples.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diembao_news::{Severity, Stance};
use toml::Spanned;

use crate::compiled::{Example, Group, Places, Scoring, Validity};
use crate::info::Expected;
use crate::load::{Reporter, unknown};
use crate::names::{At, Names};
use crate::phrases::GroupId;
use crate::raw::{RawExamples, RawGroup, RawHistory, RawWhere, Word};

/// Whose examples they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Gate,
    Topic,
    Flag,
}

/// What adds up, as written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawScoring<'a> {
    pub threshold: &'a Spanned<f32>,
    pub places: Option<RawWhere>,
    /// The factors when none are written.
    pub default: Places,
    pub groups: &'a BTreeMap<String, RawGroup>,
}

/// Compiles the groups of one rule; `own` learns their names.
pub(crate) fn scoring(
    raw: RawScoring<'_>,
    names: &mut Names,
    own: &mut HashMap<String, GroupId>,
    at: At<'_>,
    report: &mut Reporter<'_>,
) -> Scoring {
    let places = raw.places.map_or(raw.default, |p| [p.title, p.lead, p.first, p.body]);
    let limit = positive(raw.threshold, at, report);
    let most = places.iter().copied().fold(0.0, f32::max);
    let mut out = Vec::new();
    let (mut group_of, mut reachable) = (HashMap::new(), 0.0);
    for (name, group) in raw.groups {
        let id = names.group(true);
        weigh(group, limit / most, at, report);
        let mut forms = names.add(&group.phrases, id, at, report);
        for (form, word) in forms.iter().zip(&group.phrases) {
            if let Some(other) = group_of.insert(*form, name).filter(|other| *other != name) {
                let message = format!("{:?} stands in {other} too: it counts in both groups", word.get_ref());
                report.warn(at.file, word.span().start, at.key, message);
            }
        }
        for used in &group.uses {
            match names.include(used.get_ref(), id) {
                Some(more) => forms.extend(more),
                None => {
                    let known: Vec<String> = names.list_names();
                    let message = unknown(used.get_ref(), known.iter().map(String::as_str));
                    report.error(at.file, used.span().start, at.key, message);
                }
            }
        }
        forms.sort_unstable();
        forms.dedup();
        reachable += group.weight.get_ref().max(0.0) * most * forms.len() as f32;
        own.insert(name.clone(), id);
        out.push(Group { id, name: name.clone(), weight: *group.weight.get_ref() });
    }
    if out.is_empty() {
        let message = "the rule has no phrases: write [….groups.NAME] with weight and phrases";
        report.error(at.file, raw.threshold.span().start, at.key, message);
    } else if reachable < limit {
        let message = format!("the rule can never fire: all its phrases together give {reachable:.1} of {limit:.1}");
        report.warn(at.file, raw.threshold.span().start, at.key, message);
    }
    Scoring { threshold: limit, places, groups: out }
}

/// Refuses a weight with which one word would fire the rule.
fn weigh(group: &RawGroup, alone: f32, at: At<'_>, report: &mut Reporter<'_>) {
    let weight = *group.weight.get_ref();
    if !weight.is_finite() {
        report.error(at.file, group.weight.span().start, at.key, "a weight is a number");
    }
    for word in group.phrases.iter().filter(|w| is_single(w.get_ref()) && weight >= alone) {
        let word_text = word.get_ref();
        let message = format!("{word_text:?} would fire alone: a single word must weigh less than {alone:.2} here");
        report.error(at.file, word.span().start, at.key, message);
    }
}

fn is_single(phrase: &str) -> bool {
    !phrase.trim().contains([' ', '-', '/'])
}

/// A number above zero.
pub(crate) fn positive(n: &Spanned<f32>, at: At<'_>, report: &mut Reporter<'_>) -> f32 {
    let value = *n.get_ref();
    if value.is_nan() || value <= 0.0 || value.is_infinite() {
        report.error(at.file, n.span().start, at.key, "the threshold must be above 0");
        return 1.0;
    }
    value
}

/// A severity by its name.
pub(crate) fn severity(word: &Word, at: At<'_>, report: &mut Reporter<'_>) -> Option<Severity> {
    let found = Severity::parse(word.get_ref());
    if found.is_none() {
        report.error(at.file, word.span().start, at.key, unknown(word.get_ref(), ["green", "yellow", "orange", "red"]));
    }
    found
}

/// The days on which a rule holds.
pub(crate) fn validity(raw: &RawHistory, at: At<'_>, report: &mut Reporter<'_>) -> Validity {
    let mut day = |word: &Option<Word>| {
        let word = word.as_ref()?;
        let parsed = word.get_ref().parse::<NaiveDate>().ok();
        if parsed.is_none() {
            report.error(
                at.file,
                word.span().start,
                at.key,
                format!("{:?} is no date; write \"2026-11-21\"", word.get_ref()),
            );
        }
        parsed
    };
    let validity = Validity { from: day(&raw.valid_from), to: day(&raw.valid_to) };
    if let (Some(from), Some(to), Some(word)) = (validity.from, validity.to, &raw.valid_to)
        && to < from
    {
        report.error(at.file, word.span().start, at.key, "valid_to is before valid_from");
    }
    validity
}

/// A rule's own tests.
pub(crate) fn examples(raw: &RawExamples, at: At<'_>, owner: Owner, out: &mut Vec<Example>, report: &mut Reporter<'_>) {
    let mut add = |words: &[Word], expected: &Expected| {
        let of =
            |w: &Word| Example { rule: at.key.to_owned(), headline: w.get_ref().clone(), expected: expected.clone() };
        out.extend(words.iter().map(of));
    };
    add(&raw.positive, &Expected::Fires);
    add(&raw.negative, &Expected::Silent);
    let graded = [
        (&raw.red, Expected::Severity(Severity::Red)),
        (&raw.orange, Expected::Severity(Severity::Orange)),
        (&raw.yellow, Expected::Severity(Severity::Yellow)),
        (&raw.green, Expected::Severity(Severity::Green)),
        (&raw.claim, Expected::Stance(Stance::Claim)),
        (&raw.rebuttal, Expected::Stance(Stance::Rebuttal)),
        (&raw.mixed, Expected::Stance(Stance::Mixed)),
    ];
    for (words, expected) in graded {
        add(words, &expected);
        if let Some(first) = words.first()
            && owner != Owner::Flag
        {
            report.error(at.file, first.span().start, at.key, "only flags have examples by severity or stance");
        }
    }
}
