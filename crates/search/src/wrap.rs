//! Queries around others that, unlike the engine's own, let one see what they hold: what matches can then be found
//! without asking for scores (`sieve`). They score as the engine's own do.

use std::ops::Bound;

use chrono::{DateTime, Utc};
use tantivy::Term;
use tantivy::query::{
    BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EnableScoring, Query, RangeQuery, TermSetQuery, Weight,
};
use tantivy::schema::Field;

/// A query whose score is multiplied, or is always nought.
#[derive(Debug)]
pub(crate) struct Weighed {
    pub(crate) inner: Box<dyn Query>,
    by: f32,
}

impl Weighed {
    pub(crate) fn by(by: f32, inner: Box<dyn Query>) -> Box<dyn Query> {
        Box::new(Self { inner, by })
    }

    /// A condition that scores nothing.
    pub(crate) fn silent(inner: Box<dyn Query>) -> Box<dyn Query> {
        Self::by(0.0, inner)
    }
}

impl Clone for Weighed {
    fn clone(&self) -> Self {
        Self { inner: self.inner.box_clone(), by: self.by }
    }
}

impl Query for Weighed {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = self.inner.box_clone();
        if self.by > 0.0 {
            BoostQuery::new(inner, self.by).weight(scoring)
        } else {
            ConstScoreQuery::new(inner, 0.0).weight(scoring)
        }
    }
}

/// Any of several queries; the one that scores most counts.
#[derive(Debug)]
pub(crate) struct Best {
    pub(crate) each: Vec<Box<dyn Query>>,
}

impl Clone for Best {
    fn clone(&self) -> Self {
        Self { each: self.each.iter().map(|q| q.box_clone()).collect() }
    }
}

impl Query for Best {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        DisjunctionMaxQuery::new(self.each.iter().map(|q| q.box_clone()).collect()).weight(scoring)
    }
}

/// One of several terms of a field.
#[derive(Debug, Clone)]
pub(crate) struct OneOf {
    pub(crate) terms: Vec<Term>,
}

impl Query for OneOf {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        TermSetQuery::new(self.terms.clone()).weight(scoring)
    }
}

/// Published at `from` or later and before `to`.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) field: Field,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) to: Option<DateTime<Utc>>,
}

impl Query for Published {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let term = |t: DateTime<Utc>| Term::from_field_i64(self.field, t.timestamp());
        let from = self.from.map_or(Bound::Unbounded, |t| Bound::Included(term(t)));
        let to = self.to.map_or(Bound::Unbounded, |t| Bound::Excluded(term(t)));
        RangeQuery::new(from, to).weight(scoring)
    }
}
