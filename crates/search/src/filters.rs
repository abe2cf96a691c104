//! Conditions on what an article is, not on what it says.

use std::ops::Bound;

use chrono::{DateTime, Utc};
use diembao_news::StoryId;
use diembao_text::{fold, lower};
use tantivy::query::{AllQuery, BooleanQuery, Occur, Query, RangeQuery, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, Term};

use crate::clauses::Clauses;
use crate::schema::Fields;
use crate::tree::Attribute;
use crate::wrap::{OneOf, Published, Weighed};
use crate::{Filter, Places, severity};

/// Values one filter may list.
const MAX_VALUES: usize = 1_000;
/// Names of facilities looked at in one segment.
const MAX_FACILITIES: usize = 200_000;

/// Where conditions are looked up.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) fields: Fields,
    pub(crate) places: &'a Places,
}

/// Published at `from` or later and before `to`.
pub(crate) fn published(fields: Fields, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Box<dyn Query> {
    if from.is_none() && to.is_none() {
        return Box::new(AllQuery);
    }
    Box::new(Published { field: fields.published, from, to })
}

/// First seen at `from` or later, and not after `as_of`.
fn seen(fields: Fields, from: Option<DateTime<Utc>>, as_of: Option<DateTime<Utc>>) -> Box<dyn Query> {
    let bound = |t: Option<DateTime<Utc>>| {
        t.map_or(Bound::Unbounded, |t| Bound::Included(Term::from_field_i64(fields.first_seen, t.timestamp_micros())))
    };
    Box::new(RangeQuery::new(bound(from), bound(as_of)))
}

impl Scope<'_> {
    /// Any of the values.
    pub(crate) fn values(&self, attribute: Attribute, values: &[String]) -> tantivy::Result<Box<dyn Query>> {
        let fields = self.fields;
        let field = match attribute {
            Attribute::Outlet => fields.outlet,
            Attribute::Topic => fields.topic,
            Attribute::Flag => fields.flag,
            Attribute::Province => fields.province,
            Attribute::Facility => return self.facilities(values),
            Attribute::Section => fields.section,
            Attribute::Story => return Ok(stories(fields, values)),
        };
        let value = |v: &String| match attribute {
            Attribute::Province => self.places.today(v).unwrap_or(v).to_owned(),
            _ => v.clone(),
        };
        let terms = values.iter().take(MAX_VALUES).map(|v| Term::from_field_text(field, &value(v)));
        Ok(Box::new(OneOf { terms: terms.collect() }))
    }

    /// The facilities in whose names the words stand.
    fn facilities(&self, values: &[String]) -> tantivy::Result<Box<dyn Query>> {
        let field = self.fields.facility;
        let mut terms = Vec::new();
        for reader in self.searcher.segment_readers() {
            let index = reader.inverted_index(field)?;
            let mut stream = index.terms().stream()?;
            let mut scanned = 0;
            while scanned < MAX_FACILITIES && terms.len() < MAX_VALUES && stream.advance() {
                scanned += 1;
                let Ok(name) = std::str::from_utf8(stream.key()) else { continue };
                if values.iter().take(MAX_VALUES).any(|v| names(name, v)) {
                    terms.push(Term::from_field_text(field, name));
                }
            }
        }
        Ok(Box::new(OneOf { terms }))
    }
}

/// Whether a name holds words, in their order; accents count when they were typed.
fn names(name: &str, words: &str) -> bool {
    let spaced = |s: &str| format!(" {} ", s.split(|c: char| !c.is_alphanumeric()).collect::<Vec<_>>().join(" "));
    let (low, plain) = (lower(words), fold(words));
    let name = if low == plain { fold(name) } else { lower(name) };
    spaced(&name).contains(spaced(low.trim()).as_str())
}

fn stories(fields: Fields, values: &[String]) -> Box<dyn Query> {
    let ids = values.iter().take(MAX_VALUES).filter_map(|v| StoryId::parse(v).ok());
    let each = ids.flat_map(|story| {
        let id = number(story.first_article().as_i64());
        [fields.story, fields.id].map(|f| {
            let term = Term::from_field_u64(f, id);
            (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>)
        })
    });
    Box::new(BooleanQuery::new(each.collect()))
}

/// An id as it is stored; ids are never negative.
pub(crate) fn number(id: i64) -> u64 {
    u64::try_from(id).unwrap_or(0)
}

/// The clauses of a filter; none when it narrows nothing. `as_of`: nothing first seen later.
pub(crate) fn clauses(scope: Scope<'_>, filter: &Filter, as_of: Option<DateTime<Utc>>) -> tantivy::Result<Clauses> {
    let fields = scope.fields;
    let mut out: Vec<Box<dyn Query>> = Vec::new();
    if filter.from.is_some() || filter.to.is_some() {
        out.push(published(fields, filter.from, filter.to));
    }
    if filter.seen_from.is_some() || as_of.is_some() {
        out.push(seen(fields, filter.seen_from, as_of));
    }
    for (attribute, wanted) in [
        (Attribute::Outlet, &filter.outlets),
        (Attribute::Topic, &filter.topics),
        (Attribute::Flag, &filter.flags),
        (Attribute::Province, &filter.provinces),
        (Attribute::Facility, &filter.facilities),
        (Attribute::Story, &filter.stories),
    ] {
        if !wanted.is_empty() {
            out.push(scope.values(attribute, wanted)?);
        }
    }
    if let Some(least) = filter.severity_at_least {
        let term = Term::from_field_u64(fields.severity, severity::rank(least));
        out.push(Box::new(RangeQuery::new(Bound::Included(term), Bound::Unbounded)));
    }
    Ok(out.into_iter().map(|query| (Occur::Must, Weighed::silent(query))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facilities_are_named_by_some_of_their_words() {
        for (words, expect) in
            [("Bạch Mai", true), ("bach mai", true), ("BẠCH MAI", true), ("bách mai", false), ("ach mai", false)]
        {
            assert_eq!(names("Bệnh viện Bạch Mai", words), expect, "{words}");
        }
    }
}
