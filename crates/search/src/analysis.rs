//! Text → what is indexed: syllables at positions, and pairs of neighbours.
//!
//! One term serves accented and unaccented queries: `folded` alone when nothing was folded away, else
//! `folded U+0001 accents`, so that all accented forms of a folded syllable lie side by side in the dictionary.
//! Documents and queries are read by the same functions.

use std::ops::Range;

use diembao_text::{Boundary, Kind, Syllables};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Between the folded form and the accents of a term.
pub(crate) const MARK: char = '\u{1}';
/// Between title, lead and body in the text given to the tokenizers.
pub(crate) const FIELD: char = '\u{1}';
/// How often a title's and a lead's terms count.
const REPEAT: [usize; 3] = [3, 2, 1];
/// Where positions of title, lead and body begin.
const BASES: [u32; 3] = [0, 64, 320];
/// Positions skipped between paragraphs, so that phrases stay inside one.
const PARAGRAPH_GAP: u32 = 4;
/// Longer runs of letters or digits are no words; they are not indexed.
const MAX_TERM: usize = 64;

/// The positions of one field of an article.
pub(crate) fn zone(field: diembao_news::Field) -> Range<u32> {
    match field {
        diembao_news::Field::Title => BASES[0]..BASES[1],
        diembao_news::Field::Lead => BASES[1]..BASES[2],
        diembao_news::Field::Body => BASES[2]..u32::MAX,
    }
}

/// A syllable, number or code, or a part of a code, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Normalised lower case.
    pub(crate) norm: String,
    /// Without accents.
    pub(crate) folded: String,
    /// Where it stands, counted in syllables.
    pub(crate) position: u32,
    /// How many places it takes: more than one for a code that is also indexed in parts.
    pub(crate) width: u32,
    /// Whether it is a part of the code before it.
    pub(crate) is_part: bool,
    /// What stands before it.
    pub(crate) boundary: Boundary,
    /// Byte offsets in the text that was read.
    pub(crate) bytes: Range<usize>,
}

impl Unit {
    /// Whether the word carries accents.
    pub(crate) fn is_accented(&self) -> bool {
        self.norm != self.folded
    }

    /// The term it is indexed by.
    pub(crate) fn term(&self) -> String {
        term(&self.norm, &self.folded)
    }
}

/// The term of a word.
pub(crate) fn term(norm: &str, folded: &str) -> String {
    let mut out = String::from(folded);
    if norm != folded {
        out.push(MARK);
        out.extend(norm.chars().filter(|c| !c.is_ascii()));
    }
    out
}

/// The folded form and the accents of two neighbours, as [`term`] would join them.
pub(crate) fn pair_term(a: &Unit, b: &Unit) -> String {
    let mut out = pair_folded(a, b);
    if a.is_accented() || b.is_accented() {
        out.push(MARK);
        out.extend(a.norm.chars().filter(|c| !c.is_ascii()));
        out.push(' ');
        out.extend(b.norm.chars().filter(|c| !c.is_ascii()));
    }
    out
}

/// The folded form of two neighbours.
pub(crate) fn pair_folded(a: &Unit, b: &Unit) -> String {
    format!("{} {}", a.folded, b.folded)
}

/// Reads a text into units, codes followed by their parts.
pub(crate) fn units(text: &str, buffers: &mut Syllables) -> Vec<Unit> {
    buffers.read(text);
    let mut out: Vec<Unit> = Vec::with_capacity(buffers.len());
    let mut position = 0;
    for s in buffers.iter() {
        if s.boundary == Boundary::Paragraph && !out.is_empty() {
            position += PARAGRAPH_GAP;
        }
        let parts = if s.kind == Kind::Code { parts_of_code(s.norm) } else { Vec::new() };
        let width = u32::try_from(parts.len()).unwrap_or(1).max(1);
        if s.norm.len() <= MAX_TERM {
            out.push(Unit {
                norm: s.norm.to_owned(),
                folded: s.folded.to_owned(),
                position,
                width,
                is_part: false,
                boundary: s.boundary,
                bytes: s.start..s.end,
            });
            for (at, part) in (position..).zip(parts) {
                out.push(Unit {
                    folded: diembao_text::fold(part),
                    norm: part.to_owned(),
                    position: at,
                    width: 1,
                    is_part: true,
                    boundary: Boundary::Punct,
                    bytes: s.start..s.end,
                });
            }
        }
        position += width;
    }
    out
}

/// `covid-19` and `covid19` → `covid`, `19`; a code without parts worth finding → nothing.
fn parts_of_code(norm: &str) -> Vec<&str> {
    let parts: Vec<&str> = norm.split(['-', '/', '.', ':', ',']).filter(|p| !p.is_empty()).take(12).collect();
    if parts.len() > 1 {
        return parts;
    }
    let letters = norm.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let (word, number) = norm.split_at(letters);
    let splits = word.len() >= 3 && word.is_ascii() && number.bytes().all(|b| b.is_ascii_digit());
    if splits { vec![word, number] } else { Vec::new() }
}

/// The pairs of neighbours inside a sentence, as indexes into the units.
pub(crate) fn pairs(units: &[Unit]) -> Vec<(usize, usize)> {
    let mut out = Vec::with_capacity(units.len());
    let mut whole: Option<usize> = None;
    for (i, unit) in units.iter().enumerate() {
        if unit.is_part {
            let before = &units[i - 1];
            if before.is_part {
                out.push((i - 1, i));
            } else if let Some(w) = neighbour(units, whole, i) {
                out.push((w, i));
            }
            continue;
        }
        if unit.boundary <= Boundary::Punct && i > 0 {
            if let Some(w) = whole {
                out.push((w, i));
            }
            if units[i - 1].is_part {
                out.push((i - 1, i));
            }
        }
        whole = Some(i);
    }
    out
}

/// The whole unit before a code's first part, if it stands in the same sentence.
fn neighbour(units: &[Unit], code: Option<usize>, part: usize) -> Option<usize> {
    let code = code.filter(|&c| c + 1 == part && units[c].boundary <= Boundary::Punct)?;
    (0..code).rev().find(|&i| !units[i].is_part)
}

/// Joins an article's fields for the tokenizers.
pub(crate) fn joined(text: &diembao_news::ArticleText) -> String {
    let mut out = String::with_capacity(text.title.len() + text.lead.len() + text.body.len() + 2);
    for (i, field) in [&text.title, &text.lead, &text.body].into_iter().enumerate() {
        if i > 0 {
            out.push(FIELD);
        }
        out.extend(field.split(FIELD).enumerate().flat_map(|(n, s)| [if n > 0 { " " } else { "" }, s]));
    }
    out
}

/// What a tokenizer makes of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Terms {
    /// Syllables at positions.
    Syllables,
    /// Pairs of neighbours.
    Pairs,
}

/// The tokenizer of the index; reads what [`joined`] wrote.
#[derive(Debug, Clone)]
pub(crate) struct ArticleTokenizer {
    terms: Terms,
    buffers: Syllables,
    stream: Stream,
}

/// The tokens of one article, in one buffer.
#[derive(Debug, Clone, Default)]
struct Stream {
    text: String,
    /// End in `text`, position, times it is still to be emitted.
    tokens: Vec<(usize, u32, usize)>,
}

impl ArticleTokenizer {
    pub(crate) fn new(terms: Terms) -> Self {
        Self { terms, buffers: Syllables::new(), stream: Stream::default() }
    }

    fn read(&mut self, joined: &str) {
        self.stream.text.clear();
        self.stream.tokens.clear();
        for (i, field) in joined.splitn(3, FIELD).enumerate() {
            let units = units(field, &mut self.buffers);
            match self.terms {
                Terms::Syllables => {
                    let end = BASES.get(i + 1).copied().unwrap_or(u32::MAX);
                    for unit in &units {
                        // What does not fit its own zone is filed at the zone's last place: found, but in no phrase.
                        let position = BASES[i].saturating_add(unit.position).min(end - 1);
                        self.push(&unit.term(), position, REPEAT[i]);
                    }
                }
                Terms::Pairs => {
                    for (a, b) in pairs(&units) {
                        self.push(&pair_term(&units[a], &units[b]), 0, REPEAT[i]);
                    }
                }
            }
        }
    }

    fn push(&mut self, term: &str, position: u32, times: usize) {
        self.stream.text.push_str(term);
        self.stream.tokens.push((self.stream.text.len(), position, times));
    }
}

impl Tokenizer for ArticleTokenizer {
    type TokenStream<'a> = ArticleTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> ArticleTokens<'a> {
        self.read(text);
        ArticleTokens { of: &self.stream, next: 0, emitted: 0, start: 0, token: Token::default() }
    }
}

/// The tokens of one article.
pub(crate) struct ArticleTokens<'a> {
    of: &'a Stream,
    next: usize,
    emitted: usize,
    start: usize,
    token: Token,
}

impl TokenStream for ArticleTokens<'_> {
    fn advance(&mut self) -> bool {
        let Some(&(end, position, times)) = self.of.tokens.get(self.next) else {
            return false;
        };
        if self.emitted == 0 {
            self.token.text.clear();
            self.token.text.push_str(&self.of.text[self.start..end]);
            self.token.position = position as usize;
        }
        self.emitted += 1;
        if self.emitted >= times {
            (self.next, self.emitted, self.start) = (self.next + 1, 0, end);
        }
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    fn terms(text: &str) -> Vec<String> {
        units(text, &mut Syllables::new())
            .iter()
            .map(|u| format!("{}@{}", u.term().replace(MARK, "|"), u.position))
            .collect()
    }

    fn pair_terms(text: &str) -> Vec<String> {
        let units = units(text, &mut Syllables::new());
        pairs(&units).iter().map(|&(a, b)| pair_term(&units[a], &units[b]).replace(MARK, "|")).collect()
    }

    #[test]
    fn codes_are_found_whole_and_in_parts() {
        assert_eq!(terms("dịch Covid-19 lan"), ["dich|ị@0", "covid-19@1", "covid@1", "19@2", "lan@3"]);
        assert_eq!(terms("covid19 H5N1"), ["covid19@0", "covid@0", "19@1", "h5n1@2"]);
        assert_eq!(
            pair_terms("dịch covid-19 lan"),
            ["dich covid-19|ị ", "dich covid|ị ", "covid 19", "covid-19 lan", "19 lan"]
        );
        assert_eq!(pair_terms("một hai. Ba bốn"), ["mot hai|ộ ", "ba bon| ố"]);
    }

    #[test]
    fn repeated_tokens_keep_their_position() {
        let mut t = ArticleTokenizer::new(Terms::Syllables);
        let mut stream = t.token_stream("a b\u{1}c\u{1}d");
        let mut got = Vec::new();
        while stream.advance() {
            got.push((stream.token().text.clone(), stream.token().position));
        }
        let expect = [("a", 0), ("a", 0), ("a", 0), ("b", 1), ("b", 1), ("b", 1), ("c", 64), ("c", 64), ("d", 320)];
        assert_eq!(got, expect.map(|(t, p)| (t.to_owned(), p)));
    }

    proptest! {
        #[test]
        fn spelling_does_not_matter(s in "[a-zàáạăđêộợừỵHOÀ0-9 .,/-]{0,40}") {
            let nfd: String = s.nfd().collect();
            prop_assert_eq!(terms(&nfd), terms(&s));
            prop_assert_eq!(terms(&s.to_lowercase()), terms(&s));
            prop_assert_eq!(terms(&diembao_text::normalize(&s)), terms(&s));
            prop_assert_eq!(pair_terms(&nfd), pair_terms(&s));
        }
    }
}
