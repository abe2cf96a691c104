//! A text, read once: syllable ids, sentences, numbers, and every phrase found.

use std::sync::Arc;

use diembao_news::{ArticleText, Field};
use diembao_text::{Boundary, IdReader, Kind, Reading, Run};

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
    reader: IdReader,
    /// What the reader's ids were taken from.
    book: Arc<Book>,
    /// The syllables of each field: title, lead, body.
    fields: [Reading; 3],
    pub sentences: Vec<Sentence>,
    /// Numbers in digits: (syllable, value).
    pub numbers: Vec<(u32, u32)>,
    pub hits: Vec<Hit>,
    field_starts: [u32; 3],
    n_syllables: u32,
    /// Bytes inside quotation marks, by field.
    quotes: [Vec<(u32, u32)>; 3],
}

/// In the order of the syllables.
const FIELDS: [Field; 3] = [Field::Title, Field::Lead, Field::Body];
/// Only so many bytes of each field are read.
const MAX_FIELD: usize = 512 * 1024;
const FIRST_PARAGRAPHS: usize = 2;
const FIRST_SYLLABLES: usize = 160;
const OPENING_SYLLABLES: usize = 80;

impl Doc {
    /// Reads an article.
    pub(crate) fn read(&mut self, text: &ArticleText, book: &Arc<Book>) {
        if !Arc::ptr_eq(&self.book, book) {
            self.reader.forget();
            self.book = Arc::clone(book);
        }
        self.sentences.clear();
        self.numbers.clear();
        self.hits.clear();
        let mut start = 0;
        for (n, field) in FIELDS.into_iter().enumerate() {
            self.field_starts[n] = start;
            start = self.read_field(cut(text.field(field)), field, text.lead.is_empty());
        }
        self.n_syllables = start;
        self.find();
    }

    /// Whether there is a headline or a lead.
    pub(crate) fn has_headline(&self) -> bool {
        self.field_starts[2] > 0
    }

    /// The id of a syllable.
    pub(crate) fn id(&self, syllable: u32) -> u32 {
        let (field, at) = self.place(syllable);
        self.fields[field].runs[at].id
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
        (self.run(first).start as usize, self.run(last - 1).end as usize)
    }

    /// Whether punctuation stands before any of these syllables.
    pub(crate) fn punct_within(&self, from: u32, to: u32) -> bool {
        (from..to.min(self.n_syllables)).any(|at| self.run(at).boundary == Boundary::Punct)
    }

    /// The number in digits at a syllable.
    pub(crate) fn number_at(&self, syllable: u32) -> Option<u32> {
        let i = self.numbers.binary_search_by_key(&syllable, |n| n.0).ok()?;
        Some(self.numbers[i].1)
    }

    /// Notes what stands inside quotation marks.
    pub(crate) fn find_quotes(&mut self, text: &ArticleText) {
        for (quotes, field) in self.quotes.iter_mut().zip(FIELDS) {
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

    fn run(&self, syllable: u32) -> &Run {
        let (field, at) = self.place(syllable);
        &self.fields[field].runs[at]
    }

    /// The field a syllable stands in, and where in it.
    fn place(&self, syllable: u32) -> (usize, usize) {
        let field = self.field(syllable) as usize;
        (field, (syllable - self.field_starts[field]) as usize)
    }

    /// Answers where the next field begins.
    fn read_field(&mut self, text: &str, field: Field, no_lead: bool) -> u32 {
        let Self { reader, book, fields, sentences, numbers, field_starts, .. } = self;
        let start = field_starts[field as usize];
        let read = &mut fields[field as usize];
        reader.read(text, |norm| book.vocabulary.get(norm), read);
        let last = start + small(read.runs.len());
        let (mut first, mut paragraphs) = (start, 0);
        let mut zone = zone_of(field, 0, 0, no_lead);
        for &n in &read.marks {
            let (here, run) = (start + n, &read.runs[n as usize]);
            if run.boundary >= Boundary::Sentence && here > start {
                let question = asks(text, read.runs[n as usize - 1].end);
                sentences.push(Sentence { first, last: here, zone, question });
                first = here;
                paragraphs += usize::from(run.boundary == Boundary::Paragraph);
                zone = zone_of(field, paragraphs, n as usize, no_lead);
            }
            let (from, to) = (run.start as usize, run.end as usize);
            if run.kind == Kind::Number
                && let Some(value) = value(&text[from..to], &text[to..])
            {
                numbers.push((here, value));
            }
        }
        if let Some(end) = read.runs.last().map(|r| r.end) {
            sentences.push(Sentence { first, last, zone, question: asks(text, end) });
        }
        last
    }

    fn find(&mut self) {
        for n in 0..self.sentences.len() {
            let Sentence { first, last, zone, .. } = self.sentences[n];
            let (field, at) = self.place(first);
            let runs = &self.fields[field].runs[at..at + (last - first) as usize];
            for (first, i) in (first..).zip(0..runs.len()) {
                self.book.trie.starting_at(&runs[i..], |length, form| {
                    let last = first + small(length);
                    self.hits.push(Hit { form, zone, first, last, sentence: small(n), hidden: Hidden::No });
                });
            }
        }
    }
}

/// Whether a question mark follows.
fn asks(text: &str, end: u32) -> bool {
    let after = text.get(end as usize..).unwrap_or_default();
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
    for (at, mark) in text.match_indices(['\n', '"', '\'', '“', '”', '„', '‘', '’', '«', '»']) {
        let c = mark.chars().next().unwrap_or('\n');
        if open.is_some_and(|(start, _)| at - start > MAX_QUOTE) {
            open = None;
        }
        let inside = at + mark.len();
        let closes = match (open, c) {
            (_, '\n') => {
                open = None;
                continue;
            }
            (Some((start, close)), c) if c == close => {
                out.push((small(start), small(at)));
                open = None;
                continue;
            }
            (Some(_), _) => continue,
            (None, '“' | '„') => '”',
            (None, '‘') => '’',
            (None, '«') => '»',
            (None, '"') => '"',
            (None, '\'') if !text[..at].ends_with(char::is_alphanumeric) => '\'',
            (None, _) => continue,
        };
        open = Some((inside, closes));
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
fn value(number: &str, after: &str) -> Option<u32> {
    if after.trim_start().starts_with('%') {
        return None;
    }
    let mut parts = number.split('.');
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
