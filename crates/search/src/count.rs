//! Matching documents counted by what they are.

use std::collections::HashMap;
use std::fmt::Debug;

use chrono::{DateTime, Datelike, Days, NaiveDate};
use tantivy::columnar::{Cardinality, Column, StrColumn};
use tantivy::{DocId, SegmentReader};

use crate::{Facet, dates, severity};

/// Counts one facet in one segment.
pub(crate) enum Counter {
    /// By ordinal of a column of strings.
    Strings(Option<StrColumn>, Vec<u64>),
    Severity([u64; 5]),
    /// By hour, which no day of Vietnam cuts; the facet says what the hours are added up to.
    Time(Facet, Hours),
}

/// Counts by hour, from the first hour since 1970 that a segment knows.
pub(crate) struct Hours {
    first: i64,
    counts: Vec<u32>,
    /// Of segments that span more hours than are worth a place each.
    far: HashMap<i64, u64>,
}

/// The first value of each of some documents; many are read faster at once.
pub(crate) fn first_values<T: Copy + PartialOrd + Debug + Send + Sync + 'static>(
    column: &Column<T>,
    docs: &[DocId],
) -> impl Iterator<Item = Option<T>> {
    let mut values = vec![None; docs.len()];
    column.first_vals(docs, &mut values);
    values.into_iter()
}

/// A century of hours.
const MAX_HOURS: usize = 876_600;

impl Hours {
    fn of(reader: &SegmentReader) -> tantivy::Result<Self> {
        let published = reader.fast_fields().i64("published")?;
        let (first, last) = (hour(published.min_value()), hour(published.max_value()));
        let n = usize::try_from(last - first + 1).unwrap_or(0).min(MAX_HOURS);
        Ok(Self { first, counts: vec![0; n], far: HashMap::new() })
    }

    fn count(&mut self, hour: i64) {
        match usize::try_from(hour - self.first).ok().and_then(|at| self.counts.get_mut(at)) {
            Some(n) => *n += 1,
            None => *self.far.entry(hour).or_default() += 1,
        }
    }

    fn all(self) -> impl Iterator<Item = (i64, u64)> {
        (self.first..).zip(self.counts).filter(|&(_, n)| n > 0).map(|(hour, n)| (hour, n.into())).chain(self.far)
    }
}

fn hour(seconds: i64) -> i64 {
    seconds.div_euclid(3600)
}

impl Counter {
    pub(crate) fn new(facet: Facet, reader: &SegmentReader) -> tantivy::Result<Self> {
        let name = match facet {
            Facet::Severity => return Ok(Self::Severity([0; 5])),
            Facet::Day | Facet::Week | Facet::Month => return Ok(Self::Time(facet, Hours::of(reader)?)),
            facet => facet.as_str(),
        };
        let column = reader.fast_fields().str(name)?;
        let n = column.as_ref().map_or(0, |c| c.num_terms());
        Ok(Self::Strings(column, vec![0; n]))
    }

    pub(crate) fn count(&mut self, docs: &[DocId], published: &Column<i64>, severity: &Column<u64>) {
        match self {
            Self::Strings(Some(column), counts) => {
                let mut add = |ord: u64| {
                    if let Some(n) = usize::try_from(ord).ok().and_then(|o| counts.get_mut(o)) {
                        *n += 1;
                    }
                };
                if column.ords().get_cardinality() == Cardinality::Full {
                    first_values(column.ords(), docs).flatten().for_each(add);
                } else {
                    docs.iter().for_each(|&doc| column.term_ords(doc).for_each(&mut add));
                }
            }
            Self::Strings(None, _) => {}
            Self::Severity(counts) => {
                for severity in first_values(severity, docs) {
                    let rank = severity.and_then(|s| usize::try_from(s).ok()).unwrap_or(0);
                    counts[rank.min(4)] += 1;
                }
            }
            Self::Time(_, hours) => first_values(published, docs).for_each(|t| hours.count(hour(t.unwrap_or(0)))),
        }
    }

    pub(crate) fn finish(self) -> HashMap<String, u64> {
        let mut out = HashMap::new();
        match self {
            Self::Strings(column, counts) => {
                let Some(column) = column else { return out };
                for (ord, n) in (0..).zip(counts).filter(|&(_, n)| n > 0) {
                    let mut name = String::new();
                    if column.ord_to_str(ord, &mut name).unwrap_or(false) {
                        out.insert(name, n);
                    }
                }
            }
            Self::Severity(counts) => {
                for (rank, n) in (0..).zip(counts).filter(|&(_, n)| n > 0) {
                    if let Some(s) = severity::of_rank(rank) {
                        out.insert(s.as_str().to_owned(), n);
                    }
                }
            }
            Self::Time(facet, hours) => {
                for (hour, n) in hours.all() {
                    if let Some(at) = DateTime::from_timestamp(hour.saturating_mul(3600), 0) {
                        *out.entry(period(facet, dates::day_of(at))).or_default() += n;
                    }
                }
            }
        }
        out
    }
}

/// The name of the stretch of time a day lies in.
fn period(facet: Facet, day: NaiveDate) -> String {
    match facet {
        Facet::Month => day.format("%Y-%m").to_string(),
        Facet::Week => {
            let since = Days::new(day.weekday().num_days_from_monday().into());
            day.checked_sub_days(since).unwrap_or(day).to_string()
        }
        _ => day.to_string(),
    }
}

/// Most frequent first; stretches of time in order of time.
pub(crate) fn in_order(facet: Facet, counts: HashMap<String, u64>) -> Vec<(String, u64)> {
    let mut out: Vec<_> = counts.into_iter().collect();
    match facet {
        Facet::Day | Facet::Week | Facet::Month => out.sort_unstable(),
        _ => out.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0))),
    }
    out
}
