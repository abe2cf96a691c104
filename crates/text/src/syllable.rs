//! A text as syllables: what is compared, where it stands, and what separates it from the one before.
//!
//! One pass over the text; words outside the tables of Vietnamese letters take a slow path of their own.

use crate::chars::{Class, class};
use crate::code::{self, joint, may_join};
use crate::gap::{Gap, Last, Shape, may_end_sentence};
use crate::normal::{fold_into, lower, may_be_misplaced, tail};
use crate::{table, tone};

/// What a syllable is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Letters.
    Word,
    /// Digits, with inner `-` `/` `.` `:` `,`: `25/2`, `1.234,5`, `21.11.2026`.
    Number,
    /// Letters and digits: `covid-19`, `h5n1`, `43/2018/tt-byt`.
    Code,
}

/// What separates a syllable from the one before it. The first one of a text has `Paragraph`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Boundary {
    /// Spaces only (an underscore counts as one).
    Space,
    /// Punctuation within a sentence.
    Punct,
    /// The end of a sentence.
    Sentence,
    /// The end of a line.
    Paragraph,
}

/// One syllable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syllable<'a> {
    /// Its first byte in the original text.
    pub start: usize,
    /// One past its last byte in the original text.
    pub end: usize,
    /// The form that is compared: normalised, lower case.
    pub norm: &'a str,
    /// The same without accents.
    pub folded: &'a str,
    /// What it is made of.
    pub kind: Kind,
    /// What stands between it and the one before.
    pub boundary: Boundary,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
    norm_end: u32,
    folded_end: u32,
    kind: Kind,
    boundary: Boundary,
}

/// The syllables of a text, in buffers that can be used again for the next one.
#[derive(Debug, Clone, Default)]
pub struct Syllables {
    spans: Vec<Span>,
    norm: String,
    folded: String,
}

/// Text beyond this many bytes is not read.
const MAX_TEXT: usize = 1 << 30;
/// Parts that one number or code may have.
const MAX_PARTS: usize = 12;

impl Syllables {
    /// No syllables yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The syllables of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut it = Self::new();
        it.read(text);
        it
    }

    /// Replaces what was read before by the syllables of another text. Of a text over 1 GiB only the beginning is read.
    pub fn read(&mut self, text: &str) {
        self.spans.clear();
        self.norm.clear();
        self.folded.clear();
        let text = readable(text);
        self.norm.reserve(text.len());
        self.folded.reserve(text.len());
        self.spans.reserve(text.len() / 6);
        let mut at = 0;
        loop {
            let (start, boundary) = self.skip(text, at);
            if start >= text.len() {
                return;
            }
            at = self.unit(text, start, boundary);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The syllable at an index.
    ///
    /// # Panics
    /// When the index is not below [`len`](Self::len), as for a slice.
    #[must_use]
    pub fn get(&self, i: usize) -> Syllable<'_> {
        let span = self.spans[i];
        let (norm_start, folded_start) = match i.checked_sub(1) {
            Some(before) => (self.spans[before].norm_end, self.spans[before].folded_end),
            None => (0, 0),
        };
        Syllable {
            start: span.start as usize,
            end: span.end as usize,
            norm: &self.norm[norm_start as usize..span.norm_end as usize],
            folded: &self.folded[folded_start as usize..span.folded_end as usize],
            kind: span.kind,
            boundary: span.boundary,
        }
    }

    /// All of them, in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter { of: self, at: 0 }
    }

    /// Skips what separates syllables; answers where the next one begins and what was skipped.
    fn skip(&self, text: &str, from: usize) -> (usize, Boundary) {
        let bytes = text.as_bytes();
        if bytes.get(from) == Some(&b' ') && bytes.get(from + 1).is_some_and(u8::is_ascii_alphanumeric) {
            let first = if self.spans.is_empty() { Boundary::Paragraph } else { Boundary::Space };
            return (from + 1, first);
        }
        let mut gap = Gap::new(self.spans.is_empty());
        let mut at = from;
        while let Some(&b) = bytes.get(at) {
            let c = if b < 0x80 { char::from(b) } else { next_char(text, at) };
            let class = if table::letter(c).lower != 0 { Class::Letter } else { class(c) };
            match class {
                Class::Letter | Class::Digit => break,
                Class::Newline => gap.boundary = Boundary::Paragraph,
                Class::Space => gap.space(),
                Class::Mark | Class::Invisible => {}
                Class::Other => gap.other(c, || self.may_end(at)),
            }
            at += c.len_utf8();
        }
        (at, gap.boundary)
    }

    /// Whether a full stop at a byte can end a sentence, judged by the syllable before it.
    fn may_end(&self, stop: usize) -> bool {
        let Some(last) = self.spans.len().checked_sub(1) else {
            return false;
        };
        let at = |i: usize| {
            let (span, shape) = (self.spans[i], Shape::of(&self.get(i)));
            Last { start: span.start, end: span.end, boundary: span.boundary, shape }
        };
        may_end_sentence(at(last), last.checked_sub(1).map(at), stop)
    }

    /// Replaces what was read before by the one syllable, number or code that begins at a byte.
    pub(crate) fn read_one(&mut self, text: &str, start: usize) -> Syllable<'_> {
        self.spans.clear();
        self.norm.clear();
        self.folded.clear();
        self.unit(text, start, Boundary::Paragraph);
        self.get(0)
    }

    /// Reads one syllable, number or code; answers where it ends.
    fn unit(&mut self, text: &str, start: usize, boundary: Boundary) -> usize {
        let (norm_start, folded_start) = (self.norm.len(), self.folded.len());
        let (mut end, mut shape) = self.part(text, start);
        let mut after_first = (end, self.norm.len(), self.folded.len());
        if text.as_bytes().get(end).is_some_and(|&b| may_join(b)) {
            let mut last = shape;
            for _ in 1..MAX_PARTS {
                let Some((sep, next)) = joint(text, end) else {
                    break;
                };
                let (norm_len, folded_len) = (self.norm.len(), self.folded.len());
                self.norm.push(sep);
                self.folded.push(sep);
                let (next_end, part) = self.part(text, next);
                if !last.joins(sep, part) {
                    self.norm.truncate(norm_len);
                    self.folded.truncate(folded_len);
                    break;
                }
                end = next_end;
                shape = shape.with(part);
                last = part;
                if shape.digits && !shape.letters {
                    after_first = (end, self.norm.len(), self.folded.len());
                }
            }
            if !shape.digits {
                self.norm.truncate(after_first.1);
                self.folded.truncate(after_first.2);
                end = after_first.0;
            }
        }
        debug_assert!(self.norm.len() > norm_start && self.folded.len() > folded_start);
        self.spans.push(Span {
            start: small(start),
            end: small(end),
            norm_end: small(self.norm.len()),
            folded_end: small(self.folded.len()),
            kind: shape.kind(),
            boundary,
        });
        end
    }

    /// Reads one run of letters and digits into the buffers; answers where it ends and what it holds.
    fn part(&mut self, text: &str, start: usize) -> (usize, code::Shape) {
        let bytes = text.as_bytes();
        let (norm_start, folded_start) = (self.norm.len(), self.folded.len());
        let (mut n_digits, mut n_accented, mut n_plain) = (0, 0, 0);
        let mut toned_end = 0;
        let mut toned_row = 0;
        let mut i = start;
        while let Some(&b) = bytes.get(i) {
            if b.is_ascii_alphanumeric() {
                let c = char::from(b.to_ascii_lowercase());
                self.norm.push(c);
                self.folded.push(c);
                i += 1;
                n_plain += 1;
                n_digits += usize::from(b.is_ascii_digit());
                continue;
            }
            if b < 0x80 {
                break;
            }
            let c = next_char(text, i);
            let known = table::letter(c);
            if known.lower == 0 {
                if matches!(class(c), Class::Space | Class::Newline | Class::Other) {
                    break;
                }
                self.norm.truncate(norm_start);
                self.folded.truncate(folded_start);
                return self.odd_part(text, start);
            }
            i += c.len_utf8();
            self.norm.push(table::lower_of(known.lower));
            self.folded.push(char::from(known.base));
            if known.base == b'd' {
                n_plain += 1;
            } else {
                n_accented += 1;
            }
            if known.tone != 0 {
                (toned_end, toned_row) = (i, known.vowel);
            }
        }
        if may_be_misplaced(bytes[start], toned_row, toned_end == i) {
            self.place_tone(norm_start);
        }
        let shape = code::Shape {
            letters: n_plain + n_accented > n_digits,
            digits: n_digits > 0,
            plain: n_accented == 0,
            single: n_plain + n_accented == 1 && n_digits == 0 && n_accented == 0,
            starts_with_digit: bytes[start].is_ascii_digit(),
        };
        (i, shape)
    }

    fn place_tone(&mut self, norm_start: usize) {
        let Some(found) = tone::misplaced(&tail(&self.norm[norm_start..])) else {
            return;
        };
        let kept = self.norm[norm_start..].char_indices().rev().nth(found.after);
        let after = kept.map_or(String::new(), |(at, c)| self.norm[norm_start + at + c.len_utf8()..].to_owned());
        for _ in 0..found.after + 2 {
            self.norm.pop();
        }
        self.norm.extend(found.to);
        self.norm.push_str(&after);
    }

    /// The slow path: combining marks, invisible characters, letters of other languages.
    fn odd_part(&mut self, text: &str, start: usize) -> (usize, code::Shape) {
        let mut end = start;
        for (i, c) in text[start..].char_indices() {
            match class(c) {
                Class::Letter | Class::Digit | Class::Mark => end = start + i + c.len_utf8(),
                Class::Invisible => {}
                Class::Space | Class::Newline | Class::Other => break,
            }
        }
        let lowered = lower(&text[start..end]);
        fold_into(&lowered, &mut self.folded);
        self.norm.push_str(&lowered);
        (end, code::Shape::of(&lowered))
    }
}

/// Iterator over [`Syllables`].
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    of: &'a Syllables,
    at: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Syllable<'a>;

    fn next(&mut self) -> Option<Syllable<'a>> {
        if self.at >= self.of.len() {
            return None;
        }
        self.at += 1;
        Some(self.of.get(self.at - 1))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.of.len() - self.at;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Syllables {
    type Item = Syllable<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

#[inline]
pub(crate) fn next_char(text: &str, at: usize) -> char {
    text[at..].chars().next().unwrap_or('\0')
}

/// What of a text is read at all.
pub(crate) fn readable(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT)]
}

/// Offsets fit: [`MAX_TEXT`] is far below 4 GiB.
#[inline]
fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
