//! Who should answer: a unit and a spokesperson from the facility, place and field a story
//! names, with the reason. A proposal only: a person decides.

use chrono::NaiveDate;

use super::{Organisation, OrganisationKind, Registry, Spokesperson};

const MAX_TEXT: usize = 200_000;
/// The Pacific, whose name holds that of a province.
const OCEAN: &str = "Thái Bình Dương";

/// What a proposal is made from.
#[derive(Debug, Clone)]
pub struct RouteFacts<'a> {
    /// Title, lead and body, a line each.
    pub text: &'a str,
    /// The story's topics, best first.
    pub topics: Vec<&'a str>,
    /// The day, in `Asia/Ho_Chi_Minh`.
    pub day: NaiveDate,
}

/// A province that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceMention<'a> {
    /// The name as the text writes it (or its short form).
    pub written: &'a str,
    /// Today's name.
    pub today: &'a str,
    /// How often.
    pub n_times: usize,
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<'a> {
    /// The unit that should answer.
    pub unit: &'a Organisation,
    /// The ministry's unit for the field, when it is another.
    pub with: Option<&'a Organisation>,
    /// Who speaks.
    pub spokesperson: Option<&'a Spokesperson>,
    /// Why, in Vietnamese, one sentence each.
    pub reasons: Vec<String>,
}

/// Proposes who should answer: the owner of the facility that is named; else the health
/// department of the province; else the ministry's unit for the field; else nobody.
#[must_use]
pub fn propose<'a>(registry: &'a Registry, facts: &RouteFacts<'a>) -> Option<Route<'a>> {
    let text = prepared(facts.text);
    let mut reasons = Vec::new();
    let field = of_field(registry, facts);
    let unit = of_facility(registry, &text, facts.day, &mut reasons)
        .or_else(|| of_place(registry, &text, facts.day, &mut reasons))
        .or_else(|| {
            let (topic, unit) = field?;
            reasons.push(format!("Lĩnh vực “{topic}” do {} phụ trách.", unit.name));
            Some(unit)
        })?;
    let with = field.map(|(_, unit)| unit).filter(|other| other.id != unit.id);
    if let (Some(other), Some((topic, _))) = (with, field) {
        reasons.push(format!("Phối hợp: {} phụ trách lĩnh vực “{topic}”.", other.name));
    }
    let spokesperson = registry.spokesperson(&unit.id, &facts.topics, facts.day);
    if let Some(person) = spokesperson {
        reasons.push(format!("Người phát ngôn của {}: {}, {}.", unit.name, person.name, person.title));
    }
    Some(Route { unit, with, spokesperson, reasons })
}

/// The provinces a text names, the one named most often first, then in the order of the text.
#[must_use]
pub fn places<'a>(registry: &'a Registry, text: &str) -> Vec<PlaceMention<'a>> {
    mentions(registry, &prepared(text)).into_iter().map(|(_, mention)| mention).collect()
}

fn prepared(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    diembao_text::normalize(&text[..end]).replace(OCEAN, "…")
}

fn of_field<'a>(registry: &'a Registry, facts: &RouteFacts<'a>) -> Option<(&'a str, &'a Organisation)> {
    facts.topics.iter().find_map(|topic| {
        let duty = registry.fields.iter().find(|f| f.topic == *topic && f.validity.holds_on(facts.day))?;
        let unit = registry.on_day(registry.organisation(&duty.organisation)?, facts.day)?;
        Some((*topic, unit))
    })
}

/// The facility with the longest name in the text, of several the first.
fn of_facility<'a>(
    registry: &'a Registry,
    text: &str,
    day: NaiveDate,
    reasons: &mut Vec<String>,
) -> Option<&'a Organisation> {
    let facilities = registry.organisations.iter().filter(|o| o.kind == OrganisationKind::Facility);
    let named = facilities.flat_map(|o| std::iter::once(&o.name).chain(&o.also).map(move |name| (o, name)));
    let lower = diembao_text::lower(text);
    let found = named.filter_map(|(o, name)| {
        let at = occurrences(&lower, &diembao_text::lower(name)).next()?;
        Some(((name.len(), std::cmp::Reverse(at)), o, name))
    });
    let (_, facility, written) = found.max_by_key(|(key, ..)| *key)?;
    let today = registry.on_day(facility, day)?;
    let owner = owner(registry, today, day)?;
    let renamed = if today.id == facility.id { String::new() } else { format!(" (nay là {})", today.name) };
    reasons.push(format!("Bài nêu “{written}”{renamed}, thuộc {}.", owner.name));
    Some(owner)
}

/// The first organisation above a facility that is none itself.
fn owner<'a>(registry: &'a Registry, facility: &'a Organisation, day: NaiveDate) -> Option<&'a Organisation> {
    let mut current = facility;
    for _ in 0..super::MAX_STEPS {
        let parent = registry.organisation(current.parent.as_deref()?)?;
        current = registry.on_day(parent, day)?;
        if current.kind != OrganisationKind::Facility {
            return Some(current);
        }
    }
    None
}

fn of_place<'a>(
    registry: &'a Registry,
    text: &str,
    day: NaiveDate,
    reasons: &mut Vec<String>,
) -> Option<&'a Organisation> {
    let (_, mention) = mentions(registry, text).into_iter().next()?;
    let unit = registry.organisations.iter().find(|o| {
        o.kind == OrganisationKind::Provincial
            && o.province.as_deref() == Some(mention.today)
            && o.validity.holds_on(day)
    })?;
    reasons.push(if mention.written == mention.today {
        format!("Bài nêu địa danh “{}”.", mention.today)
    } else {
        format!("Bài nêu địa danh “{}”, nay thuộc {}.", mention.written, mention.today)
    });
    Some(unit)
}

/// Names are capital in the text, so that "hòa bình" is peace; short forms are taken in any case.
fn mentions<'a>(registry: &'a Registry, text: &str) -> Vec<(usize, PlaceMention<'a>)> {
    let lower = diembao_text::lower(text);
    let mut found: Vec<(usize, PlaceMention<'a>)> = Vec::new();
    for place in &registry.places {
        let proper = std::iter::once(&place.name).chain(&place.old).map(|name| {
            let wanted = diembao_text::normalize(name);
            (name, positions(text, &wanted))
        });
        let short = place.also.iter().map(|name| (name, positions(&lower, &diembao_text::lower(name))));
        for (name, at) in proper.chain(short) {
            if let Some(&first) = at.first() {
                let mention = PlaceMention { written: name, today: &place.name, n_times: at.len() };
                found.push((first, mention));
            }
        }
    }
    found.sort_by_key(|(at, mention)| (std::cmp::Reverse(mention.n_times), *at));
    found
}

fn positions(text: &str, wanted: &str) -> Vec<usize> {
    occurrences(text, wanted).take(1000).collect()
}

/// Where a name stands as whole words.
fn occurrences<'t>(text: &'t str, wanted: &'t str) -> impl Iterator<Item = usize> + 't {
    let whole = move |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + wanted.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    };
    let found = (!wanted.is_empty()).then(|| text.match_indices(wanted).map(|(at, _)| at));
    found.into_iter().flatten().filter(move |at| whole(*at))
}
