//! Numbers and codes: which parts belong together around `-` `/` `.` `:` `,`.

use crate::Kind;
use crate::chars::{Class, class};

/// What a part of a number or code holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) letters: bool,
    pub(crate) digits: bool,
    /// No letters but a–z and đ.
    pub(crate) plain: bool,
    pub(crate) single: bool,
    pub(crate) starts_with_digit: bool,
}

impl Shape {
    pub(crate) fn of(norm: &str) -> Self {
        let is_digit = |c: char| c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric());
        Self {
            letters: norm.chars().any(|c| !is_digit(c)),
            digits: norm.chars().any(is_digit),
            plain: norm.chars().all(|c| c.is_ascii_alphanumeric() || c == 'đ'),
            single: matches!(norm.as_bytes(), [b'a'..=b'z']) || norm == "đ",
            starts_with_digit: norm.chars().next().is_some_and(is_digit),
        }
    }

    /// Whether the next part belongs to the same number or code. Never a matter of case.
    pub(crate) fn joins(self, sep: char, next: Self) -> bool {
        let numbers = !self.letters && !next.letters;
        match sep {
            ',' | ':' => numbers,
            '.' => numbers || (self.single && next.starts_with_digit && !next.letters),
            _ => self.plain && next.plain,
        }
    }

    pub(crate) fn with(self, next: Self) -> Self {
        Self { letters: self.letters || next.letters, digits: self.digits || next.digits, ..next }
    }

    pub(crate) fn kind(self) -> Kind {
        match (self.letters, self.digits) {
            (true, true) => Kind::Code,
            (false, true) => Kind::Number,
            _ => Kind::Word,
        }
    }
}

/// Whether what begins with this byte may join two parts: a separator, or something invisible before one.
#[inline]
pub(crate) fn may_join(b: u8) -> bool {
    matches!(b, b'-' | b'/' | b'.' | b':' | b',' | 0xc2 | 0xe2 | 0xef)
}

/// A separator that may be inside a number or code, and where the next part begins.
pub(crate) fn joint(text: &str, at: usize) -> Option<(char, usize)> {
    let mut visible = text[at..].char_indices().filter(|&(_, c)| class(c) != Class::Invisible);
    let (_, sep) = visible.next().filter(|(_, c)| matches!(c, '-' | '/' | '.' | ':' | ','))?;
    let (next, c) = visible.next()?;
    matches!(class(c), Class::Letter | Class::Digit).then_some((sep, at + next))
}
