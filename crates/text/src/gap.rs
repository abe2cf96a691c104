//! What stands between two syllables: spaces, punctuation, the end of a sentence or line.

use crate::sentence::is_abbreviation;
use crate::{Boundary, Kind, Syllable};

/// What separates two syllables, as far as it was read.
pub(crate) struct Gap {
    pub(crate) boundary: Boundary,
    /// A full stop, question or exclamation mark that a space would make the end of a sentence.
    ender: bool,
    stops: u32,
}

impl Gap {
    pub(crate) fn new(at_start: bool) -> Self {
        let boundary = if at_start { Boundary::Paragraph } else { Boundary::Space };
        Self { boundary, ender: false, stops: 0 }
    }

    pub(crate) fn space(&mut self) {
        if self.ender && self.stops <= 1 {
            self.boundary = self.boundary.max(Boundary::Sentence);
        }
        (self.ender, self.stops) = (false, 0);
    }

    pub(crate) fn other(&mut self, c: char, may_end: impl FnOnce() -> bool) {
        self.boundary = self.boundary.max(Boundary::Punct);
        match c {
            '.' => {
                self.stops += 1;
                self.ender |= self.stops == 1 && may_end();
            }
            '!' | '?' => self.ender = true,
            '"' | '”' | '’' | '\'' | ')' | ']' | '»' => {}
            _ => (self.ender, self.stops) = (false, 0),
        }
    }
}

/// A word before a full stop, as far as it decides whether a sentence ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) boundary: Boundary,
    pub(crate) shape: Shape,
}

/// What of this lies in the word itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// An abbreviation that takes a full stop.
    pub(crate) abbreviation: bool,
    /// One letter.
    pub(crate) initial: bool,
    /// At most two bytes.
    pub(crate) short: bool,
}

impl Shape {
    pub(crate) fn of(word: &Syllable<'_>) -> Self {
        Self {
            abbreviation: is_abbreviation(word.folded),
            initial: word.kind == Kind::Word && word.norm.chars().nth(1).is_none(),
            short: word.norm.len() <= 2,
        }
    }
}

/// Whether a full stop at a byte can end a sentence, judged by the word before it and the one before that.
pub(crate) fn may_end_sentence(word: Last, before: Option<Last>, stop: usize) -> bool {
    if word.end as usize != stop {
        return true;
    }
    let Shape { abbreviation, initial, short } = word.shape;
    let in_initials = initial
        && word.boundary == Boundary::Punct
        && before.is_some_and(|b| b.shape.initial && b.end + 1 == word.start);
    let numbers_a_line = word.boundary == Boundary::Paragraph && short;
    !(abbreviation || in_initials || numbers_a_line)
}
