//! A text, read once: syllable ids, sentences, numbers, and every phrase found.

use diembao_news::{ArticleText, Field};
use diembao_text::{Boundary, Kind, Syllable, Syllables};

use crate::phrases::{Book, Form};

/// The part of an article a phrase stands in. Ordered by weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Zone {
    Title,
    Lead,
    /// The first paragraph of a body without a lead: it stands in for it.
    Opening,
    /// The first paragraphs of the body.
    First,
    Body,
}

impl Zone {
    /// Its factor among those for title, lead, first paragraphs and body.
    pub(crate) fn factor(self, places: &[f32; 4]) -> f32 {
        match self {
            Self::Title => places[0],
            Self::Lead => places[1],
            Self::Opening | Self::First => places[2],
            Self::Body => places[3],
        }
    }
}

/// A phrase found in the text. Positions are syllables, counted through all fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub form: Form,
    pub zone: Zone,
    pub first: u32,
    /// One past its last syllable.
    pub last: u32,
    pub sentence: u32,
    pub hidden: Hidden,
}

/// Whether and by which hit a hit is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hidden {
    No,
    Mask(u32),
    Negation(u32),
}

/// A sentence: its syllables and its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sentence {
    pub first: u32,
    pub last: u32,
    pub zone: Zone,
    /// Whether it ends with a question mark.
    pub question: bool,
}

/// The article as the rules see it; its buffers can be used again.
#[derive(Debug, Default)]
pub(crate) struct Doc {
    ids: Vec<u32>,
    /// The syllables of each field: title, lead, body.
    syllables: [Syllables; 3],
    pub sentences: Vec<Sentence>,
    /// Numbers in digits: (syllable, value).
    pub numbers: Vec<(u32, u32)>,
    pub hits: Vec<Hit>,
    field_starts: [u32; 3],
    /// Bytes inside quotation marks, by field.
    quotes: [Vec<(u32, u32)>; 3],
}

/// Only so many bytes of each field are read.
const MAX_FIELD: usize = 512 * 1024;
const FIRST_PARAGRAPHS: usize = 2;
const FIRST_SYLLABLES: usize = 160;
const OPENING_SYLLABLES: usize = 80;

impl Doc {
    /// Reads an article.
    pub(crate) fn read(&mut self, text: &ArticleText, book: &Book) {
        self.ids.clear();
        self.sentences.clear();
        self.numbers.clear();
        self.hits.clear();
        for (n, field) in [Field::Title, Field::Lead, Field::Body].into_iter().enumerate() {
            self.field_starts[n] = self.len();
            self.read_field(cut(text.field(field)), field, text.lead.is_empty(), book);
        }
        self.find(book);
    }

    /// Whether there is a headline or a lead.
    pub(crate) fn has_headline(&self) -> bool {
        self.field_starts[2] > 0
    }

    /// The id of a syllable.
    pub(crate) fn id(&self, syllable: u32) -> u32 {
        self.ids[syllable as usize]
    }

    /// The field a syllable stands in.
    pub(crate) fn field(&self, syllable: u32) -> Field {
        match self.field_starts {
            [_, lead, _] if syllable < lead => Field::Title,
            [_, _, body] if syllable < body => Field::Lead,
            _ => Field::Body,
        }
    }

    /// The bytes of a run of syllables in its field.
    pub(crate) fn bytes(&self, first: u32, last: u32) -> (usize, usize) {
        (self.syllable(first).start, self.syllable(last - 1).end)
    }

    /// Whether punctuation stands before any of these syllables.
    pub(crate) fn punct_within(&self, from: u32, to: u32) -> bool {
        (from..to.min(self.len())).any(|at| self.syllable(at).boundary == Boundary::Punct)
    }

    /// The number in digits at a syllable.
    pub(crate) fn number_at(&self, syllable: u32) -> Option<u32> {
        let i = self.numbers.binary_search_by_key(&syllable, |n| n.0).ok()?;
        Some(self.numbers[i].1)
    }

    /// Notes what stands inside quotation marks.
    pub(crate) fn find_quotes(&mut self, text: &ArticleText) {
        for (quotes, field) in self.quotes.iter_mut().zip([Field::Title, Field::Lead, Field::Body]) {
            quotes.clear();
            quoted(cut(text.field(field)), quotes);
        }
    }

    /// Whether any of a run of syllables stands inside quotation marks.
    pub(crate) fn is_quoted(&self, first: u32, last: u32) -> bool {
        let (start, end) = self.bytes(first, last);
        let (start, end) = (small(start), small(end));
        let quotes = &self.quotes[self.field(first) as usize];
        let n = quotes.partition_point(|q| q.1 <= start);
        quotes.get(n).is_some_and(|q| q.0 < end)
    }

    fn syllable(&self, at: u32) -> Syllable<'_> {
        let field = self.field(at) as usize;
        self.syllables[field].get((at - self.field_starts[field]) as usize)
    }

    fn len(&self) -> u32 {
        u32::try_from(self.ids.len()).expect("fields are capped")
    }

    fn read_field(&mut self, text: &str, field: Field, no_lead: bool, book: &Book) {
        let start = self.len();
        let Self { syllables, ids, sentences, numbers, .. } = self;
        let syllables = &mut syllables[field as usize];
        syllables.read(text);
        let (mut first, mut end, mut paragraphs) = (start, 0, 0);
        let mut zone = zone_of(field, 0, 0, no_lead);
        for (here, s) in (start..).zip(syllables.iter()) {
            if s.boundary >= Boundary::Sentence && here > start {
                sentences.push(Sentence { first, last: here, zone, question: asks(text, end) });
                first = here;
                paragraphs += usize::from(s.boundary == Boundary::Paragraph);
                zone = zone_of(field, paragraphs, (here - start) as usize, no_lead);
            }
            if s.kind == Kind::Number
                && let Some(value) = value(s.norm, &text[s.end..])
            {
                numbers.push((here, value));
            }
            ids.push(book.vocabulary.get(s.norm));
            end = s.end;
        }
        let last = small(ids.len());
        if last > first {
            sentences.push(Sentence { first, last, zone, question: asks(text, end) });
        }
    }

    fn find(&mut self, book: &Book) {
        let Self { ids, sentences, hits, .. } = self;
        for (n, s) in sentences.iter().enumerate() {
            let ids = &ids[s.first as usize..s.last as usize];
            for i in 0..ids.len() {
                if ids[i] == crate::vocabulary::UNKNOWN {
                    continue;
                }
                let first = s.first + small(i);
                book.trie.starting_at(&ids[i..], |length, form| {
                    let last = first + small(length);
                    hits.push(Hit { form, zone: s.zone, first, last, sentence: small(n), hidden: Hidden::No });
                });
            }
        }
    }
}

/// Whether a question mark follows.
fn asks(text: &str, end: usize) -> bool {
    let after = text.get(end..).unwrap_or_default();
    after.trim_start_matches(['\'', '"', '”', '’', ' ', ')']).starts_with('?')
}

fn zone_of(field: Field, paragraph: usize, syllables: usize, no_lead: bool) -> Zone {
    let first = FIRST_PARAGRAPHS + usize::from(no_lead);
    match field {
        Field::Title => Zone::Title,
        Field::Lead => Zone::Lead,
        Field::Body if no_lead && paragraph == 0 && syllables < OPENING_SYLLABLES => Zone::Opening,
        Field::Body if paragraph < first && syllables < FIRST_SYLLABLES => Zone::First,
        Field::Body => Zone::Body,
    }
}

/// Longest quotation, in bytes; a mark that is never closed quotes nothing.
const MAX_QUOTE: usize = 1200;

/// The inside of each pair of quotation marks on one line. Single straight marks count around words only.
fn quoted(text: &str, out: &mut Vec<(u32, u32)>) {
    let mut open: Option<(usize, char)> = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match (open, c) {
            (_, '\n') => open = None,
            (Some((start, mark)), c) if c == mark && at - start <= MAX_QUOTE => {
                out.push((small(start), small(at)));
                open = None;
            }
            (Some((start, _)), _) if at - start > MAX_QUOTE => open = None,
            (None, '“' | '„') => open = Some((at + c.len_utf8(), '”')),
            (None, '‘') => open = Some((at + c.len_utf8(), '’')),
            (None, '«') => open = Some((at + c.len_utf8(), '»')),
            (None, '"') => open = Some((at + 1, '"')),
            (None, '\'') if !before.is_alphanumeric() => open = Some((at + 1, '\'')),
            _ => {}
        }
        before = c;
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).expect("fields are capped")
}

/// The beginning of a field, cut between characters.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_FIELD)]
}

/// The count a number stands for: "1.200" is 1200. None for decimals, dates, times and per cents.
fn value(norm: &str, after: &str) -> Option<u32> {
    if after.trim_start().starts_with('%') {
        return None;
    }
    let mut parts = norm.split('.');
    let mut digits = parts.next()?.to_owned();
    for part in parts {
        if part.len() != 3 {
            return None;
        }
        digits.push_str(part);
    }
    if digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_and_other_numbers_are_not() {
        for (norm, after, expect) in [
            ("30", " người", Some(30)),
            ("1.200", " ca", Some(1200)),
            ("1.2", "", None),
            ("25/2", "", None),
            ("30", "%", None),
            ("3,5", "", None),
            ("99999999999", "", None),
        ] {
            assert_eq!(value(norm, after), expect, "{norm}{after}");
        }
    }
}
