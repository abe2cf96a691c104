//! Numbers written as words: "ba", "mười lăm", "hai mươi mốt", "hàng chục".

use crate::phrases::BookBuilder;

/// Words one number may have: "một nghìn hai trăm ba mươi lăm" has seven.
const MOST_WORDS: u32 = 8;

/// What a word does to the number it stands in.
#[derive(Debug, Clone, Copy)]
enum Part {
    Unit(u32),
    Ten,
    /// Multiplies what stands before it; alone it is vague, and taken low: "hàng chục" is 20.
    Times {
        by: u32,
        alone: u32,
    },
}

const PARTS: &[(&str, Part)] = &[
    ("một", Part::Unit(1)),
    ("mốt", Part::Unit(1)),
    ("hai", Part::Unit(2)),
    ("ba", Part::Unit(3)),
    ("bốn", Part::Unit(4)),
    ("tư", Part::Unit(4)),
    ("năm", Part::Unit(5)),
    ("lăm", Part::Unit(5)),
    ("sáu", Part::Unit(6)),
    ("bảy", Part::Unit(7)),
    ("tám", Part::Unit(8)),
    ("chín", Part::Unit(9)),
    ("mười", Part::Ten),
    ("mươi", Part::Times { by: 10, alone: 20 }),
    ("chục", Part::Times { by: 10, alone: 20 }),
    ("trăm", Part::Times { by: 100, alone: 200 }),
    ("nghìn", Part::Times { by: 1000, alone: 1000 }),
    ("ngàn", Part::Times { by: 1000, alone: 1000 }),
];

/// The words of numbers by syllable id.
#[derive(Debug, Default)]
pub(crate) struct Numerals {
    words: Vec<(u32, Part)>,
}

impl Numerals {
    pub(crate) fn new(book: &mut BookBuilder) -> Self {
        Self { words: PARTS.iter().map(|&(word, part)| (book.syllable(word), part)).collect() }
    }

    /// The number whose last word is the syllable at `last`, and its first syllable. `id` gives a syllable's id;
    /// nothing before `from` is looked at.
    pub(crate) fn ending_at(&self, last: u32, from: u32, id: impl Fn(u32) -> u32) -> Option<(u32, u32)> {
        let part = |at: u32| self.words.iter().find(|w| w.0 == id(at)).map(|w| w.1);
        let earliest = from.max((last + 1).saturating_sub(MOST_WORDS));
        let first = (earliest..=last).rev().take_while(|&at| part(at).is_some()).last()?;
        let (total, pending) =
            (first..=last).filter_map(part).fold((0u32, 0u32), |(total, pending), part| match part {
                Part::Unit(n) => (total, pending + n),
                Part::Ten => (total, pending + 10),
                Part::Times { by, .. } if pending > 0 => (total.saturating_add(pending.saturating_mul(by)), 0),
                Part::Times { alone, .. } => (total.saturating_add(alone), 0),
            });
        Some((first, total.saturating_add(pending)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diembao_text::Syllables;

    #[test]
    fn numbers_in_words_are_read() {
        let mut book = BookBuilder::default();
        let numerals = Numerals::new(&mut book);
        for (text, expect) in [
            ("ba", 3),
            ("mười", 10),
            ("mười lăm", 15),
            ("hai mươi", 20),
            ("hai mươi mốt", 21),
            ("hàng chục", 20),
            ("ba chục", 30),
            ("hàng trăm", 200),
            ("một trăm hai mươi", 120),
            ("gần một nghìn hai trăm", 1200),
        ] {
            let ids: Vec<u32> = Syllables::of(text).iter().map(|s| book.syllable(s.norm)).collect();
            let last = u32::try_from(ids.len()).unwrap() - 1;
            let got = numerals.ending_at(last, 0, |at| ids[at as usize]);
            assert_eq!(got.map(|g| g.1), Some(expect), "{text}");
        }
    }
}
