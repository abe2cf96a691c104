//! The options that make up a question, the same for every command that asks the index.

use chrono::{NaiveDate, TimeDelta};
use clap::{Args, ValueEnum};
use diembao_news::Severity;
use diembao_pipeline::{Narrowed, Question, When};
use diembao_search::{Facet, Matching, Sort, Unit};

/// What is asked, beside the words.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Asked {
    /// Some of the words are enough
    #[arg(long)]
    any: bool,
    /// Published from this day on
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    from: Option<NaiveDate>,
    /// Published up to and including this day
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    to: Option<NaiveDate>,
    /// Published within this time: 12h, 7d, 90d
    #[arg(long, value_name = "SPAN", value_parser = crate::commands::parse_span, conflicts_with = "from")]
    last: Option<TimeDelta>,
    /// Only this outlet; may be repeated
    #[arg(long)]
    outlet: Vec<String>,
    /// Only this topic; may be repeated
    #[arg(long)]
    topic: Vec<String>,
    /// Only with this flag: a rule's id, `incident` or `misinformation`; may be repeated
    #[arg(long)]
    flag: Vec<String>,
    /// Only about this province, by its new name or an old one; may be repeated
    #[arg(long)]
    province: Vec<String>,
    /// Only about facilities in whose name these words stand; may be repeated
    #[arg(long)]
    facility: Vec<String>,
    /// Only as grave as this or graver: green, yellow, orange, red
    #[arg(long, value_parser = parse_severity)]
    severity: Option<Severity>,
}

impl Asked {
    /// The question these options make of some words.
    pub(crate) fn question(&self, text: &str, unit: Unit, sort: Sort) -> Question {
        Question {
            text: text.to_owned(),
            matching: if self.any { Matching::Any } else { Matching::All },
            unit,
            sort,
            when: When { from: self.from, to: self.to, last_s: self.last.map(|span| span.num_seconds()) },
            narrowed: Narrowed {
                outlets: self.outlet.clone(),
                topics: self.topic.clone(),
                flags: self.flag.clone(),
                provinces: self.province.clone(),
                facilities: self.facility.clone(),
                severity: self.severity,
            },
        }
    }
}

/// The order of hits.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Order {
    /// Best match first
    #[default]
    Relevance,
    /// Newest first
    Date,
    /// Gravest first
    Severity,
    /// Carried by most outlets first
    Outlets,
}

impl Order {
    pub(crate) fn sort(self) -> Sort {
        match self {
            Self::Relevance => Sort::Relevance,
            Self::Date => Sort::Date,
            Self::Severity => Sort::Severity,
            Self::Outlets => Sort::Outlets,
        }
    }
}

pub(crate) fn parse_facet(s: &str) -> Result<Facet, String> {
    let names = || Facet::ALL.map(Facet::as_str).join(", ");
    Facet::parse(s).ok_or_else(|| format!("expected one of {}", names()))
}

fn parse_severity(s: &str) -> Result<Severity, String> {
    Severity::parse(s).ok_or_else(|| "expected green, yellow, orange or red".to_owned())
}

fn parse_day(s: &str) -> Result<NaiveDate, String> {
    let written = ["%Y-%m-%d", "%d/%m/%Y"].into_iter().find_map(|form| NaiveDate::parse_from_str(s, form).ok());
    written.ok_or_else(|| "expected a day such as 2026-11-21 or 21/11/2026".to_owned())
}
