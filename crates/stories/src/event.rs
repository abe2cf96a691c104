//! What is known of an event beside the words of its reports: of what kind it is, and where it happened.

use crate::terms::hash;

/// What its report says of an event that happened in one place.
#[derive(Debug, Clone, Copy, Default)]
pub struct Event<'a> {
    /// Of what kinds it is, each by one name for good, such as the rules that recognised it.
    pub kinds: &'a [&'a str],
    /// Its towns or provinces, each by one name for good, such as today's name.
    pub places: Where<'a>,
    /// Its hospitals and other facilities, each by one name as far as there is one.
    pub facilities: Where<'a>,
}

/// Places of an event.
#[derive(Debug, Clone, Copy, Default)]
pub struct Where<'a> {
    /// Where it happened.
    pub happened: &'a [&'a str],
    /// All that its report names.
    pub named: &'a [&'a str],
}

/// Bits of a mark.
pub(crate) const MARK_BITS: u32 = 24;
/// The lowest three bits of a mark say what it marks.
const WHAT: u32 = 0b111;
const PLACE: u32 = 0;
const FACILITY: u32 = 2;
const KIND: u32 = 4;
/// Added to a place or facility that is not only named.
const HAPPENED: u32 = 1;

/// What is known of the events that articles report: numbers in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marks(Vec<u32>);

/// What two events have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinship {
    /// Neither report names where the other event happened.
    Elsewhere,
    /// The same, by hospital or other facility.
    OtherFacility,
    /// They have no kind in common.
    OtherKind,
    /// Too little is known.
    Unknown,
    /// They are of one kind and in one place, and of one of them the facility is not known.
    OnePlace,
    /// They are of one kind and in one facility.
    OneFacility,
}

impl Kinship {
    /// How alike the reports must be in the words beside proper names, at least; 0 to 1. What incidents have in common
    /// is the words of their kind, and a province has more than one in a week.
    pub(crate) fn words(self) -> f64 {
        match self {
            Self::OtherFacility => 0.4,
            Self::OtherKind => 0.2,
            _ => 0.0,
        }
    }

    /// How many times more their likeness counts.
    pub(crate) fn weight(self) -> f64 {
        match self {
            Self::Elsewhere => 0.0,
            Self::OtherFacility | Self::OtherKind | Self::Unknown => 1.0,
            Self::OnePlace => 2.0,
            Self::OneFacility => 3.0,
        }
    }
}

impl Marks {
    pub(crate) fn new(marks: impl IntoIterator<Item = u32>) -> Self {
        let mut marks: Vec<u32> = marks.into_iter().collect();
        marks.sort_unstable();
        marks.dedup();
        Self(marks)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        if !other.0.is_empty() {
            *self = Self::new(self.0.iter().chain(&other.0).copied());
        }
    }

    /// What they have in common; the same either way. Where one is known to be elsewhere nothing else counts.
    pub(crate) fn kinship(&self, other: &Self) -> Kinship {
        let (place, facility) = (self.agree_in(PLACE, other), self.agree_in(FACILITY, other));
        let are_known = [self, other].iter().all(|marks| marks.of(KIND).next().is_some());
        let is_one_kind = self.of(KIND).any(|kind| other.has(kind));
        match (place, facility) {
            (Some(false), _) => Kinship::Elsewhere,
            (_, Some(false)) => Kinship::OtherFacility,
            _ if !are_known => Kinship::Unknown,
            _ if !is_one_kind => Kinship::OtherKind,
            (_, Some(true)) => Kinship::OneFacility,
            (Some(true), None) => Kinship::OnePlace,
            (None, None) => Kinship::Unknown,
        }
    }

    /// Whether one of the reports names where the other event happened; none when it is not known of both.
    fn agree_in(&self, what: u32, other: &Self) -> Option<bool> {
        let is_known = |marks: &Self| marks.of(what | HAPPENED).next().is_some();
        let are_named = |ours: &Self, by: &Self| ours.of(what | HAPPENED).any(|mark| by.has(mark ^ HAPPENED));
        (is_known(self) && is_known(other)).then(|| are_named(self, other) || are_named(other, self))
    }

    fn has(&self, mark: u32) -> bool {
        self.0.binary_search(&mark).is_ok()
    }

    fn of(&self, what: u32) -> impl Iterator<Item = u32> {
        self.0.iter().copied().filter(move |mark| mark & WHAT == what)
    }
}

impl Event<'_> {
    /// What is remembered of it.
    pub(crate) fn marks(&self) -> Vec<u32> {
        let mut marks = mark(KIND, self.kinds);
        for (what, places) in [(PLACE, self.places), (FACILITY, self.facilities)] {
            marks.extend(mark(what, places.named));
            marks.extend(mark(what, places.happened));
            marks.extend(mark(what | HAPPENED, places.happened));
        }
        marks
    }
}

fn mark(what: u32, names: &[&str]) -> Vec<u32> {
    names.iter().map(|name| (hash(&[name]) >> (32 - MARK_BITS)) & !WHAT | what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Where<'static> = Where { happened: &[], named: &[] };

    fn marks(kind: &str, place: &str, facilities: Where<'_>) -> Marks {
        let places = Where { happened: &[place], named: &["Hà Nội"] };
        Marks::new(Event { kinds: &[kind], places, facilities }.marks())
    }

    #[track_caller]
    fn check(a: &Marks, b: &Marks, expect: Kinship) {
        assert_eq!((a.kinship(b), b.kinship(a)), (expect, expect));
    }

    #[test]
    fn what_is_known_of_both_decides() {
        let lam_giang = Where { happened: &["lam giang"], named: &["bạch mai"] };
        let tan_phu = Where { happened: &["tân phú"], named: &["bạch mai"] };
        let first = marks("mo-nham", "Thanh Hóa", lam_giang);
        check(&first, &marks("mo-nham", "Đồng Nai", lam_giang), Kinship::Elsewhere);
        check(&first, &marks("mo-nham", "Nghệ An", NONE), Kinship::Elsewhere);
        check(&first, &marks("mo-nham", "Thanh Hóa", tan_phu), Kinship::OtherFacility);
        check(&first, &marks("bao-luc", "Thanh Hóa", lam_giang), Kinship::OtherKind);
        check(&first, &marks("mo-nham", "Thanh Hóa", NONE), Kinship::OnePlace);
        check(&first, &marks("mo-nham", "Thanh Hóa", lam_giang), Kinship::OneFacility);
        check(&first, &Marks::default(), Kinship::Unknown);
    }

    #[test]
    fn a_report_that_names_the_others_place_is_not_elsewhere() {
        let moved = Where { happened: &["bạch mai"], named: &["lam giang"] };
        let first = marks("mo-nham", "Hà Nội", Where { happened: &["lam giang"], named: &[] });
        check(&first, &marks("mo-nham", "Thanh Hóa", moved), Kinship::OneFacility);
    }

    #[test]
    fn a_story_knows_what_its_reports_know() {
        let mut story = marks("mo-nham", "Thanh Hóa", NONE);
        story.add(&marks("tu-vong", "Đồng Nai", NONE));
        check(&story, &marks("tu-vong", "Thanh Hóa", NONE), Kinship::OnePlace);
    }
}
