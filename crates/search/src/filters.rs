//! Conditions on what an article is, not on what it says.

use std::ops::Bound;

use chrono::{DateTime, Utc};
use diembao_news::StoryId;
use tantivy::Term;
use tantivy::query::{AllQuery, BooleanQuery, ConstScoreQuery, Occur, Query, RangeQuery, TermQuery, TermSetQuery};
use tantivy::schema::IndexRecordOption;

use crate::schema::Fields;
use crate::tree::Attribute;
use crate::{Filter, severity};

/// Values one filter may list.
const MAX_VALUES: usize = 1_000;

/// Published at `from` or later and before `to`.
pub(crate) fn published(fields: Fields, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Box<dyn Query> {
    let term = |t: DateTime<Utc>| Term::from_field_i64(fields.published, t.timestamp());
    if from.is_none() && to.is_none() {
        return Box::new(AllQuery);
    }
    let from = from.map_or(Bound::Unbounded, |t| Bound::Included(term(t)));
    let to = to.map_or(Bound::Unbounded, |t| Bound::Excluded(term(t)));
    Box::new(RangeQuery::new(from, to))
}

/// Any of the values.
pub(crate) fn values(fields: Fields, attribute: Attribute, values: &[String]) -> Box<dyn Query> {
    let field = match attribute {
        Attribute::Outlet => fields.outlet,
        Attribute::Topic => fields.topic,
        Attribute::Flag => fields.flag,
        Attribute::Province => fields.province,
        Attribute::Section => fields.section,
        Attribute::Story => return stories(fields, values),
    };
    let terms = values.iter().take(MAX_VALUES).map(|v| Term::from_field_text(field, v));
    Box::new(TermSetQuery::new(terms.collect::<Vec<_>>()))
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

/// The clauses of a filter; none when it narrows nothing.
pub(crate) fn clauses(fields: Fields, filter: &Filter) -> Vec<(Occur, Box<dyn Query>)> {
    let mut out: Vec<Box<dyn Query>> = Vec::new();
    if filter.from.is_some() || filter.to.is_some() {
        out.push(published(fields, filter.from, filter.to));
    }
    for (attribute, wanted) in [
        (Attribute::Outlet, &filter.outlets),
        (Attribute::Topic, &filter.topics),
        (Attribute::Flag, &filter.flags),
        (Attribute::Province, &filter.provinces),
        (Attribute::Story, &filter.stories),
    ] {
        if !wanted.is_empty() {
            out.push(values(fields, attribute, wanted));
        }
    }
    if let Some(least) = filter.severity_at_least {
        let term = Term::from_field_u64(fields.severity, severity::rank(least));
        out.push(Box::new(RangeQuery::new(Bound::Included(term), Bound::Unbounded)));
    }
    let silent = |q: Box<dyn Query>| (Occur::Must, Box::new(ConstScoreQuery::new(q, 0.0)) as Box<dyn Query>);
    out.into_iter().map(silent).collect()
}
