//! Who is responsible for what: organisations, fields, spokespersons and places, all of them
//! dated, because ministries and provinces are merged and reorganised.

mod check;
mod duty;
mod parse;
mod roster;
mod route;

use chrono::NaiveDate;

use crate::{AlertPolicy, ClockRule, WarningPolicy};

pub use check::{Known, check_registry};
pub use parse::{RegistryFile, load_registry};
pub use roster::{Officer, OnDuty, Roster, Shift};
pub use route::{PlaceMention, Route, RouteFacts, places, propose};

/// A fictional but complete ministry with its clocks and ladders, to begin from and to test with.
pub const EXAMPLE_REGISTRY: &[RegistryFile<'static>] = &[
    RegistryFile { name: "registry/clocks.toml", text: include_str!("../../../../registry/clocks.toml") },
    RegistryFile { name: "registry/facilities.toml", text: include_str!("../../../../registry/facilities.toml") },
    RegistryFile { name: "registry/fields.toml", text: include_str!("../../../../registry/fields.toml") },
    RegistryFile { name: "registry/hospitals.toml", text: include_str!("../../../../registry/hospitals.toml") },
    RegistryFile { name: "registry/organisations.toml", text: include_str!("../../../../registry/organisations.toml") },
    RegistryFile { name: "registry/provinces.toml", text: include_str!("../../../../registry/provinces.toml") },
    RegistryFile { name: "registry/provincial.toml", text: include_str!("../../../../registry/provincial.toml") },
    RegistryFile { name: "registry/rosters.toml", text: include_str!("../../../../registry/rosters.toml") },
    RegistryFile { name: "registry/spokespersons.toml", text: include_str!("../../../../registry/spokespersons.toml") },
];

/// The days on which an entry holds, in `Asia/Ho_Chi_Minh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// The first day; none: always was.
    pub from: Option<NaiveDate>,
    /// The first day on which it no longer holds; none: still does.
    pub to: Option<NaiveDate>,
}

impl Validity {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

/// What an organisation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrganisationKind {
    /// The ministry itself.
    Ministry,
    /// One of its units: a department (vụ, cục), the inspectorate, the office.
    Department,
    /// A province's health department (sở y tế).
    Provincial,
    /// A hospital, institute or centre.
    Facility,
}

impl OrganisationKind {
    const ALL: [Self; 4] = [Self::Ministry, Self::Department, Self::Provincial, Self::Facility];

    /// The name used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ministry => "ministry",
            Self::Department => "department",
            Self::Provincial => "provincial",
            Self::Facility => "facility",
        }
    }

    /// Reads the name used in files.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == s)
    }
}

/// An organisation of the sector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: String,
    /// Its Vietnamese name.
    pub name: String,
    /// Other names the press uses.
    pub also: Vec<String>,
    /// What it is.
    pub kind: OrganisationKind,
    /// The province it is responsible for or stands in, by today's name.
    pub province: Option<String>,
    /// The id of the organisation it belongs to.
    pub parent: Option<String>,
    /// The id of the organisation that took over when it ended.
    pub successor: Option<String>,
    /// When it is.
    pub validity: Validity,
}

/// Which organisation answers for a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDuty {
    /// The topic's id in the rules.
    pub topic: String,
    /// The organisation's id.
    pub organisation: String,
    /// When.
    pub validity: Validity,
}

/// Who speaks for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spokesperson {
    /// The name.
    pub name: String,
    /// The office held.
    pub title: String,
    /// The organisation's id.
    pub organisation: String,
    /// Only for this topic; none: for all.
    pub topic: Option<String>,
    /// First or second in line.
    pub rank: SpokesRank,
    /// How to reach the person.
    pub contact: Option<String>,
    /// When.
    pub validity: Validity,
}

/// First or second in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpokesRank {
    /// Speaks.
    First,
    /// Speaks when the first cannot.
    Deputy,
}

/// A province with the names it had and has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Today's name.
    pub name: String,
    /// Names of provinces that were merged into it.
    pub old: Vec<String>,
    /// Short and other names, in lower case.
    pub also: Vec<String>,
}

/// Everything that is known of who is responsible for what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registry {
    /// The organisations.
    pub organisations: Vec<Organisation>,
    /// Who answers for which topic.
    pub fields: Vec<FieldDuty>,
    /// Who speaks.
    pub spokespersons: Vec<Spokesperson>,
    /// The provinces.
    pub places: Vec<Place>,
    /// The allowed times.
    pub clocks: Vec<ClockRule>,
    /// Who is told of which severity.
    pub alerts: Vec<AlertPolicy>,
    /// Who is told of a clock that runs out.
    pub warnings: Vec<WarningPolicy>,
    /// Who takes shifts or is told.
    pub officers: Vec<Officer>,
    /// Their turns.
    pub rosters: Vec<Roster>,
}

/// An organisation found by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    /// The one that was named.
    pub named: &'a Organisation,
    /// The one that is responsible on the day: itself, or who took over.
    pub today: &'a Organisation,
}

/// No chain of parents or successors is followed further.
const MAX_STEPS: usize = 16;

impl Registry {
    /// The organisation with an id.
    #[must_use]
    pub fn organisation(&self, id: &str) -> Option<&Organisation> {
        self.organisations.iter().find(|o| o.id == id)
    }

    /// The organisation that does the work of another on a day: itself or its successors' last.
    #[must_use]
    pub fn on_day<'a>(&'a self, organisation: &'a Organisation, day: NaiveDate) -> Option<&'a Organisation> {
        let mut current = organisation;
        for _ in 0..MAX_STEPS {
            if current.validity.holds_on(day) {
                return Some(current);
            }
            current = self.organisation(current.successor.as_deref()?)?;
        }
        None
    }

    /// The organisations whose name or province holds a text, accents not counted, as of a day.
    #[must_use]
    pub fn search(&self, text: &str, day: NaiveDate) -> Vec<Found<'_>> {
        let wanted = diembao_text::fold(text);
        let wanted = wanted.trim();
        let holds = |name: &String| diembao_text::fold(name).contains(wanted);
        let places: Vec<&str> = self
            .places
            .iter()
            .filter(|p| holds(&p.name) || p.old.iter().any(holds) || p.also.iter().any(holds))
            .map(|p| p.name.as_str())
            .collect();
        let matches = |o: &Organisation| {
            let here = o.province.as_deref().is_some_and(|p| places.contains(&p));
            holds(&o.name) || o.also.iter().any(holds) || here
        };
        let named = self.organisations.iter().filter(|o| matches(o));
        named.filter_map(|named| Some(Found { named, today: self.on_day(named, day)? })).collect()
    }

    /// Who speaks for an organisation on a day: for the topic before for all, the first before the deputy.
    #[must_use]
    pub fn spokesperson(&self, organisation: &str, topics: &[&str], day: NaiveDate) -> Option<&Spokesperson> {
        let general = topics.len();
        self.spokespersons
            .iter()
            .filter(|s| s.organisation == organisation && s.validity.holds_on(day))
            .filter_map(|s| {
                let place = match &s.topic {
                    Some(topic) => topics.iter().position(|t| t == topic)?,
                    None => general,
                };
                Some(((place, s.rank), s))
            })
            .min_by_key(|(key, _)| *key)
            .map(|(_, s)| s)
    }
}
