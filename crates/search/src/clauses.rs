//! Clauses joined into one tantivy query.

use tantivy::query::{AllQuery, BooleanQuery, Occur, Query};

use crate::wrap::Weighed;

/// Queries and whether they must, may or must not match.
pub(crate) type Clauses = Vec<(Occur, Box<dyn Query>)>;

/// Joins clauses; what is only excluded is taken from everything, and no clauses at all mean everything.
pub(crate) fn boolean(clauses: Clauses) -> Box<dyn Query> {
    let mut clauses = clauses;
    if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        clauses.push((Occur::Must, Weighed::silent(Box::new(AllQuery))));
    }
    Box::new(BooleanQuery::new(clauses))
}

/// Beside conditions that narrow, at least one of the optional words must still be there.
pub(crate) fn any_within(clauses: Clauses) -> Box<dyn Query> {
    let (optional, mut rest): (Clauses, Clauses) = clauses.into_iter().partition(|(o, _)| *o == Occur::Should);
    if !optional.is_empty() {
        rest.push((Occur::Must, Box::new(BooleanQuery::new(optional))));
    }
    boolean(rest)
}

/// The `most` first of what was found, by how much they tell.
pub(crate) fn most_telling<T>(mut found: Vec<(f32, T)>, most: usize) -> impl Iterator<Item = T> {
    if found.len() > most {
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.truncate(most);
    }
    found.into_iter().map(|(_, t)| t)
}

/// The same clauses once more.
pub(crate) fn again(clauses: &[(Occur, Box<dyn Query>)]) -> Clauses {
    clauses.iter().map(|(occur, query)| (*occur, query.box_clone())).collect()
}
