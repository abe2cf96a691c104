//! The partition of documents into stories.

use crate::{Bond, Constraint, Doc, GroupSettings};

/// The story of each document: the index of the story's first document by (published, key),
/// documents without a time last.
///
/// Constraints that name an index outside `docs` are ignored.
#[must_use]
pub fn group(docs: &[Doc<'_>], constraints: &[Constraint], settings: &GroupSettings) -> Vec<usize> {
    let _ = settings;
    let mut story: Vec<usize> = (0..docs.len()).collect();
    for c in constraints
        .iter()
        .filter(|c| c.bond == Bond::Together && c.a < docs.len() && c.b < docs.len())
    {
        let (from, to) = (story[c.b], story[c.a]);
        story
            .iter_mut()
            .filter(|s| **s == from)
            .for_each(|s| *s = to);
    }
    story
}
