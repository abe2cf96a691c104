//! Where a page of hits ended, so that the next one goes on there while the index grows.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::collect::Found;
use crate::{Query, Sort};

/// The end of a page, as text that means nothing to people.
///
/// The next page leaves out what was first seen after the first page was asked for, and goes on after the story
/// or article the page ended with, wherever that stands by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Of the text and the kind of question it belongs to.
    question: u32,
    /// When the first page was asked for, in microseconds since 1970.
    as_of: i64,
    /// What the last hit was ordered by, and its story or article.
    pub(crate) rank: u64,
    pub(crate) published: i64,
    pub(crate) key: u64,
}

/// A text that is no cursor, or one of another question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor of this query; take it from the answer before, and ask with the same query and order")]
pub struct CursorError;

impl Cursor {
    pub(crate) fn after(query: &Query, last: &Found) -> Self {
        Self {
            question: question(query),
            as_of: query.after.map_or(query.now.timestamp_micros(), |c| c.as_of),
            rank: last.rank,
            published: last.published,
            key: last.key,
        }
    }

    /// When the first page was asked for: spans such as "the last seven days" are counted from then on every page.
    #[must_use]
    pub fn as_of(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.as_of).unwrap_or_default()
    }

    /// Whether it can continue the answers to a question.
    ///
    /// # Errors
    /// [`CursorError`] when the text, the order or the unit is another.
    pub fn check(&self, query: &Query) -> Result<(), CursorError> {
        if self.question == question(query) { Ok(()) } else { Err(CursorError) }
    }
}

/// FNV-1a of what decides the order of the hits.
fn question(query: &Query) -> u32 {
    let kind = format!("{:?} {:?} {:?} {}", query.sort, query.unit, query.matching, query.text);
    kind.bytes().fold(0x811c_9dc5, |h: u32, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}-{:x}-{:x}-{:x}", self.question, self.as_of, self.rank, self.published, self.key)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(s: &str) -> Result<Self, CursorError> {
        let parts: Vec<&str> = s.split('-').collect();
        let [question, as_of, rank, published, key] = parts.as_slice() else { return Err(CursorError) };
        let number = |s: &str| u64::from_str_radix(s, 16).map_err(|_| CursorError);
        Ok(Self {
            question: u32::from_str_radix(question, 16).map_err(|_| CursorError)?,
            as_of: number(as_of)?.cast_signed(),
            rank: number(rank)?,
            published: number(published)?.cast_signed(),
            key: number(key)?,
        })
    }
}

/// What the hits are ordered by, as a number that is greater for the better one.
pub(crate) fn rank_of(sort: Sort, score: f32, severity: u64) -> u64 {
    match sort {
        // Scores are never negative: their bits are ordered as they are.
        Sort::Relevance => u64::from(score.max(0.0).to_bits()),
        Sort::Severity => severity,
        Sort::Date | Sort::Outlets => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = Cursor { question: 7, as_of: -5, rank: u64::MAX, published: -1, key: 3 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "1-2-3-4", "x-1-1-1-1", "1-1-1-1-1-1", "1-fffffffffffffffff-1-1-1"] {
            assert_eq!(bad.parse::<Cursor>(), Err(CursorError), "{bad}");
        }
    }

    #[test]
    fn better_scores_rank_higher() {
        assert!(rank_of(Sort::Relevance, 2.5, 0) > rank_of(Sort::Relevance, 0.1, 0));
        assert!(rank_of(Sort::Severity, 0.0, 4) > rank_of(Sort::Severity, 9.0, 1));
    }
}
