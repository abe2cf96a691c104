//! A document as weighted terms: what it is about, in numbers that can be compared.
//!
//! Terms are pairs of adjacent syllables (the nearest thing to a Vietnamese word that needs no
//! dictionary), numbers, codes and, counting less, single syllables. A pair never crosses
//! punctuation. Terms with capital letters are told from others: they name places and facilities. What looks like the
//! name of a person is left out: names conflict between reports of one event and recur across events.

use diembao_news::{ArticleText, Field};
use diembao_text::{Boundary, Kind, Syllables};

use crate::function_words::is_function_word;
use crate::names::is_name;

/// What a use counts in each field.
const FIELDS: [(Field, f32); 3] = [(Field::Title, 3.0), (Field::Lead, 2.0), (Field::Body, 1.0)];
/// How much of a body is read, in syllables.
const MAX_BODY_SYLLABLES: usize = 1_500;
/// What a single word counts against a pair; numbers and codes count in full.
const SINGLE_WORD: f32 = 0.5;
/// How many times more a pair counts that is part of a proper name: places and facilities tell
/// events apart better than what happens in them.
const PROPER: f32 = 8.0;
/// How much of a title or lead is read, in syllables.
const MAX_HEAD_SYLLABLES: usize = 400;
/// How much of a field is read, in bytes.
const MAX_FIELD_BYTES: usize = 24_000;

/// The bit of a term that says that it is part of a proper name.
pub(crate) const NAME: u32 = 1 << 8;

/// Terms with weights, by ascending term.
pub(crate) type Vector = Vec<(u32, f32)>;

/// How often an article uses each term, weighed by where.
pub(crate) fn terms(text: &ArticleText, buffer: &mut Syllables) -> Vector {
    let mut uses: Vector = Vec::with_capacity(512);
    for (field, weight) in FIELDS {
        let max = if field == Field::Body { MAX_BODY_SYLLABLES } else { MAX_HEAD_SYLLABLES };
        buffer.read(head(text.field(field)));
        push_terms(text.field(field), buffer, max, weight, &mut uses);
    }
    uses.sort_by_key(|&(term, _)| term);
    uses.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    uses.shrink_to_fit();
    uses
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(MAX_FIELD_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn push_terms(text: &str, syllables: &Syllables, max: usize, weight: f32, uses: &mut Vector) {
    let mut last: Option<Before<'_>> = None;
    let mut after_name = 0_usize;
    for (i, syllable) in syllables.iter().take(max).enumerate() {
        if after_name == 0 {
            after_name = is_name(text, syllables, i);
        }
        if after_name > 0 {
            after_name -= 1;
            last = None;
            continue;
        }
        let is_empty = syllable.kind == Kind::Word && is_function_word(syllable.norm);
        let alone = if syllable.kind == Kind::Word { weight * SINGLE_WORD } else { weight };
        let is_capital = syllable.kind == Kind::Word && text[syllable.start..].starts_with(char::is_uppercase);
        let begins = i == 0 || matches!(syllable.boundary, Boundary::Sentence | Boundary::Paragraph);
        if !is_empty {
            uses.push((term(&[syllable.norm], is_capital && !begins), alone));
        }
        let is_joined = syllable.boundary == Boundary::Space;
        if let Some(before) = last.filter(|b| is_joined && !(is_empty && b.is_empty)) {
            let is_proper = is_capital && before.is_proper;
            let is_name = is_capital && before.is_capital && !before.is_empty;
            let weight = if is_proper { weight * PROPER } else { weight };
            uses.push((term(&[before.norm, syllable.norm], is_name), weight));
        }
        last = Some(Before { norm: syllable.norm, is_empty, is_capital, is_proper: is_capital && is_joined });
    }
}

/// What is remembered of the syllable before.
#[derive(Clone, Copy)]
struct Before<'a> {
    norm: &'a str,
    is_empty: bool,
    is_capital: bool,
    /// It has a capital letter that no beginning of a sentence gave it.
    is_proper: bool,
}

fn term(parts: &[&str], is_name: bool) -> u32 {
    if is_name { hash(parts) | NAME } else { hash(parts) & !NAME }
}

/// FNV-1a, the same on every machine and run, folded to 32 bits.
pub(crate) fn hash(parts: &[&str]) -> u32 {
    let mut h = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for b in part.bytes().chain([0x1f]) {
            h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    u32::try_from((h >> 32) ^ (h & 0xffff_ffff)).expect("the upper half is folded away")
}
