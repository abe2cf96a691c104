//! What stands between two syllables: spaces, punctuation, the end of a sentence or line.

use crate::Boundary;

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
