//! A question to the index as a person asks it and as it is saved: days and spans, not instants.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::Severity;
use diembao_search::{Filter, Matching, Query, Sort, Unit};
use serde::{Deserialize, Serialize};

/// What is asked, again and again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// What a person typed.
    pub text: String,
    /// Which of the words must match.
    pub matching: Matching,
    /// Stories or articles.
    pub unit: Unit,
    /// The order of the answers.
    pub sort: Sort,
    /// When it was published.
    pub when: When,
    /// What it is narrowed to.
    pub narrowed: Narrowed,
}

/// When articles were published; days are Vietnam's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Up to and including this day.
    pub to: Option<NaiveDate>,
    /// Within so many seconds before the question.
    pub last_s: Option<i64>,
}

impl When {
    /// The instants: from, and before.
    #[must_use]
    pub fn instants(&self, now: DateTime<Utc>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let last = self.last_s.and_then(TimeDelta::try_seconds).and_then(|span| now.checked_sub_signed(span));
        let to = self.to.and_then(|day| day.checked_add_days(Days::new(1))).map(midnight);
        (last.or_else(|| self.from.map(midnight)), to)
    }
}

/// The first instant of a day in Vietnam.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let local = Ho_Chi_Minh.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest();
    local.map_or_else(DateTime::default, |t| t.with_timezone(&Utc))
}

/// Lists of alternatives; an empty one narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// Outlet ids.
    pub outlets: Vec<String>,
    /// Topic ids.
    pub topics: Vec<String>,
    /// Rule ids or kinds.
    pub flags: Vec<String>,
    /// Names of provinces.
    pub provinces: Vec<String>,
    /// Words of facilities' names.
    pub facilities: Vec<String>,
    /// At least so grave.
    pub severity: Option<Severity>,
}

impl Question {
    /// The query it is at a moment: ten hits of the first page, nothing counted.
    #[must_use]
    pub fn query(&self, now: DateTime<Utc>) -> Query {
        let (from, to) = self.when.instants(now);
        let n = &self.narrowed;
        Query {
            matching: self.matching,
            unit: self.unit,
            sort: self.sort,
            filter: Filter {
                from,
                to,
                outlets: n.outlets.clone(),
                topics: n.topics.clone(),
                flags: n.flags.clone(),
                provinces: n.provinces.clone(),
                facilities: n.facilities.clone(),
                severity_at_least: n.severity,
                ..Filter::default()
            },
            ..Query::new(self.text.as_str(), now)
        }
    }

    /// The form it is saved in.
    #[must_use]
    pub fn to_json(&self) -> String {
        let n = &self.narrowed;
        let saved = Saved {
            text: self.text.clone(),
            any: self.matching == Matching::Any,
            articles: self.unit == Unit::Articles,
            sort: sort_name(self.sort).to_owned(),
            from: self.when.from,
            to: self.when.to,
            last_s: self.when.last_s,
            outlets: n.outlets.clone(),
            topics: n.topics.clone(),
            flags: n.flags.clone(),
            provinces: n.provinces.clone(),
            facilities: n.facilities.clone(),
            severity: n.severity.map(|s| s.as_str().to_owned()),
        };
        serde_json::to_string(&saved).expect("texts and numbers are JSON")
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// When it is something else.
    pub fn from_json(json: &str) -> anyhow::Result<Self> {
        let s: Saved = serde_json::from_str(json)?;
        Ok(Self {
            text: s.text,
            matching: if s.any { Matching::Any } else { Matching::All },
            unit: if s.articles { Unit::Articles } else { Unit::Stories },
            sort: SORTS.into_iter().find(|&sort| sort_name(sort) == s.sort).unwrap_or_default(),
            when: When { from: s.from, to: s.to, last_s: s.last_s },
            narrowed: Narrowed {
                outlets: s.outlets,
                topics: s.topics,
                flags: s.flags,
                provinces: s.provinces,
                facilities: s.facilities,
                severity: s.severity.as_deref().and_then(Severity::parse),
            },
        })
    }
}

const SORTS: [Sort; 4] = [Sort::Relevance, Sort::Date, Sort::Severity, Sort::Outlets];

fn sort_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Relevance => "relevance",
        Sort::Date => "date",
        Sort::Severity => "severity",
        Sort::Outlets => "outlets",
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    text: String,
    any: bool,
    articles: bool,
    sort: String,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    last_s: Option<i64>,
    outlets: Vec<String>,
    topics: Vec<String>,
    flags: Vec<String>,
    provinces: Vec<String>,
    facilities: Vec<String>,
    severity: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_as_it_was_saved() {
        let question = Question {
            text: "thiếu \"vắc xin\"".to_owned(),
            matching: Matching::Any,
            unit: Unit::Articles,
            sort: Sort::Severity,
            when: When { from: NaiveDate::from_ymd_opt(2026, 11, 1), to: None, last_s: Some(86_400) },
            narrowed: Narrowed {
                provinces: vec!["Đồng Nai".to_owned()],
                severity: Some(Severity::Orange),
                ..Narrowed::default()
            },
        };
        assert_eq!(Question::from_json(&question.to_json()).unwrap(), question);
        assert!(Question::from_json("{}").is_err());
    }

    #[test]
    fn days_are_vietnams_and_the_last_one_counts() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21);
        let when = When { from: day, to: day, last_s: None };
        let (from, to) = when.instants(DateTime::UNIX_EPOCH);
        assert_eq!(from.unwrap().to_rfc3339(), "2026-11-20T17:00:00+00:00");
        assert_eq!(to.unwrap().to_rfc3339(), "2026-11-21T17:00:00+00:00");
    }
}
