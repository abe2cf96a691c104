//! A text as numbers: for each syllable its id, its place, and what separates it from the one before.
//!
//! What [`Syllables`] reads, read faster: a word spelt as it was before is looked up by its bytes, and is normalised
//! only the first time. The ids are the caller's. Nothing may differ from [`Syllables`]; a property test holds it to that.

use crate::chars::{Class, class};
use crate::code::may_join;
use crate::gap::{Gap, Last, Shape, may_end_sentence};
use crate::syllable::{next_char, readable};
use crate::{Boundary, Kind, Syllables, table};

/// One syllable of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Its first byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// What the caller calls it.
    pub id: u32,
    /// What it is made of.
    pub kind: Kind,
    /// What stands between it and the one before.
    pub boundary: Boundary,
    shape: Shape,
}

/// The syllables of a text.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// All of them, in order.
    pub runs: Vec<Run>,
    /// Those that begin a sentence or line, and those that hold digits: few.
    pub marks: Vec<u32>,
}

/// Reads texts; remembers spellings from one text to the next.
#[derive(Debug, Clone, Default)]
pub struct IdReader {
    memo: Memo,
    slow: Syllables,
}

impl IdReader {
    /// Forgets all ids: the next text is read for another caller.
    pub fn forget(&mut self) {
        self.memo = Memo::default();
    }

    /// Replaces `out` by the syllables of a text. `id_of` names a normalised syllable, always in the same way
    /// until [`forget`](Self::forget). Of a text over 1 GiB only the beginning is read.
    pub fn read(&mut self, text: &str, id_of: impl Fn(&str) -> u32, out: &mut Reading) {
        out.runs.clear();
        out.marks.clear();
        let text = readable(text);
        out.runs.reserve(text.len() / 6);
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if let Some((start, boundary)) = plain_gap(bytes, at, &out.runs)
                && let Some(spelling) = Spelling::at(bytes, start)
                && let Some(known) = self.memo.get(spelling)
            {
                at = start + spelling.length;
                out.push(known.run(start, at, boundary));
                continue;
            }
            let (start, boundary) = skip(text, at, &out.runs);
            if start >= bytes.len() {
                return;
            }
            let run = self.unit(text, start, boundary, &id_of);
            at = run.end as usize;
            out.push(run);
        }
    }

    /// One syllable, number or code that begins at a byte: remembered, or read in full.
    fn unit(&mut self, text: &str, start: usize, boundary: Boundary, id_of: &impl Fn(&str) -> u32) -> Run {
        let spelling = Spelling::at(text.as_bytes(), start);
        if let Some(known) = spelling.and_then(|s| self.memo.get(s)) {
            return known.run(start, start + spelling.map_or(0, |s| s.length), boundary);
        }
        let word = self.slow.read_one(text, start);
        let run = Run {
            start: small(start),
            end: small(word.end),
            id: id_of(word.norm),
            kind: word.kind,
            boundary,
            shape: Shape::of(&word),
        };
        // Only what proves to be one whole unit is remembered, so the look-up may take other bytes for letters.
        if let Some(spelling) = spelling.filter(|s| start + s.length == word.end) {
            self.memo.put(spelling, &run);
        }
        run
    }
}

impl Reading {
    #[inline]
    fn push(&mut self, run: Run) {
        if run.boundary >= Boundary::Sentence || run.kind != Kind::Word {
            self.marks.push(small(self.runs.len()));
        }
        self.runs.push(run);
    }
}

impl Run {
    fn as_last(&self) -> Last {
        Last { start: self.start, end: self.end, boundary: self.boundary, shape: self.shape }
    }
}

/// Whether a full stop at a byte can end a sentence.
#[inline]
fn may_end(before: &[Run], stop: usize) -> bool {
    before
        .split_last()
        .is_some_and(|(last, earlier)| may_end_sentence(last.as_last(), earlier.last().map(Run::as_last), stop))
}

/// A gap of one space, comma and space, or full stop and space. What follows may be no word: then nobody knows its spelling.
#[inline]
fn plain_gap(bytes: &[u8], at: usize, before: &[Run]) -> Option<(usize, Boundary)> {
    if before.is_empty() {
        return None;
    }
    match *bytes.get(at..)?.first_chunk::<2>()? {
        [b' ', _] => Some((at + 1, Boundary::Space)),
        [b',', b' '] => Some((at + 2, Boundary::Punct)),
        [b'.', b' '] => Some((at + 2, if may_end(before, at) { Boundary::Sentence } else { Boundary::Punct })),
        _ => None,
    }
}

/// Skips what separates syllables; answers where the next one begins and what was skipped.
fn skip(text: &str, from: usize, before: &[Run]) -> (usize, Boundary) {
    let bytes = text.as_bytes();
    let mut gap = Gap::new(before.is_empty());
    let mut at = from;
    while let Some(&b) = bytes.get(at) {
        let c = if b < 0x80 { char::from(b) } else { next_char(text, at) };
        match if table::letter(c).lower != 0 { Class::Letter } else { class(c) } {
            Class::Letter | Class::Digit => break,
            Class::Newline => gap.boundary = Boundary::Paragraph,
            Class::Space => gap.space(),
            Class::Mark | Class::Invisible => {}
            Class::Other => gap.other(c, || may_end(before, at)),
        }
        at += c.len_utf8();
    }
    (at, gap.boundary)
}

/// The bytes from a place up to the next that belongs to no word: at most twelve of them.
#[derive(Debug, Clone, Copy)]
struct Spelling {
    head: u64,
    tail: u32,
    length: usize,
}

impl Spelling {
    /// None when it is too long or too near the end of the text, and when what follows could belong to it:
    /// a second part after a joint. All bytes from `A` on are taken for letters.
    #[inline]
    fn at(bytes: &[u8], start: usize) -> Option<Self> {
        let bytes = bytes.get(start..)?.first_chunk::<17>()?;
        let head = u64::from_le_bytes(*bytes.first_chunk::<8>()?);
        let stops = stops(head);
        let spelling = if stops == 0 {
            let tail = u64::from_le_bytes(*bytes[8..].first_chunk::<8>()?);
            let n_bits = self::stops(tail).trailing_zeros() & !7;
            if n_bits > 32 {
                return None;
            }
            let tail = tail & ((1 << n_bits) - 1);
            Self { head, tail: u32::try_from(tail).ok()?, length: 8 + n_bits as usize / 8 }
        } else {
            let n_bits = stops.trailing_zeros() & !7;
            Self { head: head & ((1 << n_bits) - 1), tail: 0, length: n_bits as usize / 8 }
        };
        let (stop, next) = (bytes[spelling.length], bytes[spelling.length + 1]);
        (spelling.length > 0 && !(may_join(stop) && (next >= 0x80 || next.is_ascii_alphanumeric()))).then_some(spelling)
    }
}

/// The high bit of each byte that is ASCII and neither letter nor digit, nor one of the few that stand among the letters.
#[inline]
fn stops(word: u64) -> u64 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const fn each(byte: u64) -> u64 {
        byte * 0x0101_0101_0101_0101
    }
    let low = word & !HIGH;
    let from_zero = low + each(0x80 - b'0' as u64);
    let after_nine = low + each(0x80 - b'9' as u64 - 1);
    let from_a = low + each(0x80 - b'A' as u64);
    !(word | from_a | (from_zero & !after_nine)) & HIGH
}

/// What is known of a spelling.
#[derive(Debug, Clone, Copy)]
struct Known(u32);

/// Ids from here on are not remembered.
const MAX_ID: u32 = 1 << 24;

impl Known {
    fn of(run: &Run) -> Self {
        let Shape { abbreviation, initial, short } = run.shape;
        let kind = match run.kind {
            Kind::Word => 0,
            Kind::Number => 1,
            Kind::Code => 2,
        };
        let bits = 1 | kind << 1 | u32::from(abbreviation) << 3 | u32::from(initial) << 4 | u32::from(short) << 5;
        Self(run.id << 8 | bits)
    }

    #[inline]
    fn run(self, start: usize, end: usize, boundary: Boundary) -> Run {
        let has = |bit: u32| self.0 >> bit & 1 == 1;
        let kind = match (has(2), has(1)) {
            (false, false) => Kind::Word,
            (false, true) => Kind::Number,
            (true, _) => Kind::Code,
        };
        let shape = Shape { abbreviation: has(3), initial: has(4), short: has(5) };
        Run { start: small(start), end: small(end), id: self.0 >> 8, kind, boundary, shape }
    }
}

/// Spellings looked up lately: sets of four, the newest first; the oldest of a set makes room.
#[derive(Debug, Clone, Default)]
struct Memo {
    sets: Vec<[(u64, u64); 4]>,
}

/// A power of two. Eight thousand spellings are the words of Vietnamese news in their usual cases.
const SETS: usize = 2048;

impl Memo {
    #[inline]
    fn get(&self, spelling: Spelling) -> Option<Known> {
        let set = self.sets.get(spelling.set())?;
        let mut found = 0;
        for &(head, rest) in set {
            let same = head == spelling.head && rest as u32 == spelling.tail;
            found |= if same { rest >> 32 } else { 0 };
        }
        (found != 0).then_some(Known(found as u32))
    }

    fn put(&mut self, spelling: Spelling, run: &Run) {
        if run.id >= MAX_ID {
            return;
        }
        if self.sets.is_empty() {
            self.sets.resize(SETS, Default::default());
        }
        let set = &mut self.sets[spelling.set()];
        set.rotate_right(1);
        set[0] = (spelling.head, u64::from(Known::of(run).0) << 32 | u64::from(spelling.tail));
    }
}

impl Spelling {
    #[inline]
    fn set(self) -> usize {
        let mixed = self.head ^ u64::from(self.tail).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
        (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize & (SETS - 1)
    }
}

/// Callers cap their texts far below 4 GiB.
#[inline]
fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
