//! The piece of a text that shows why it was found, and what to mark in it.

use std::collections::HashMap;
use std::ops::Range;

use diembao_text::{Boundary, IdReader, Reading, Run, Syllable, Syllables, fold};

use crate::Snippet;
use crate::analysis::Unit;
use crate::slots::Slot;

/// Syllables in a snippet.
const WIDTH: usize = 45;
/// Syllables a snippet may begin earlier so as to begin with a sentence.
const REACH: usize = 12;
/// Syllables of a text that are looked at.
const MAX_READ: usize = 6_000;

/// The words of a query, to be marked in texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    exact: HashMap<String, f32>,
    folded: HashMap<String, f32>,
    /// Folded beginning and accents.
    prefixes: Vec<(String, String)>,
    /// The ids under which the words above are read; of a prefix none is known beforehand.
    ids: Vec<u32>,
    /// Words that tell less than this are marked only beside another marked word.
    strong: f32,
}

impl Marks {
    /// Remembers a word and how much it tells.
    pub(crate) fn word(&mut self, unit: &Unit, slot: &Slot, weight: f32) {
        let weight = weight.min(12.0);
        self.ids.push(id_of(&unit.norm));
        match slot {
            Slot::Exact(_) => _ = self.exact.insert(unit.norm.clone(), weight),
            Slot::Folded(folded) => _ = self.folded.insert(folded.clone(), weight),
            Slot::Prefix { folded, accents } => self.prefixes.push((folded.clone(), accents.clone())),
        }
    }

    /// Sets what is a telling word, once all are known.
    pub(crate) fn finish(&mut self, n_words: usize) {
        let highest = self.exact.values().chain(self.folded.values()).fold(0.0, |a: f32, &b| a.max(b));
        self.strong = if n_words > 3 { highest * 0.35 } else { 0.0 };
    }

    fn weight(&self, s: &Syllable<'_>) -> Option<f32> {
        let plain = self.exact.get(s.norm).or_else(|| self.folded.get(s.folded)).copied();
        plain.or_else(|| {
            let accents = || s.norm.chars().filter(|c| !c.is_ascii()).collect::<String>();
            let fits =
                |(f, a): &(String, String)| s.folded.starts_with(f) && (a.is_empty() || accents().starts_with(a));
            self.prefixes.iter().any(fits).then_some(4.0)
        })
    }

    /// Whether a syllable read under an id may be one of the words.
    fn may_be(&self, id: u32) -> bool {
        !self.prefixes.is_empty() || self.ids.contains(&id)
    }
}

/// The id of a syllable, the same for all its accented forms; seldom that of another one as well.
fn id_of(norm: &str) -> u32 {
    const BITS: u32 = 24;
    fold(norm).bytes().fold(0x811c_9dc5, |h: u32, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193)) >> (u32::BITS - BITS)
}

/// Reads texts for their snippets; remembers spellings from one text to the next.
#[derive(Debug, Default)]
pub(crate) struct Snippets {
    reader: IdReader,
    reading: Reading,
    word: Syllables,
}

/// A marked syllable.
#[derive(Debug, Clone)]
struct Marked {
    /// Its place among the syllables of the text.
    at: usize,
    weight: f32,
    norm: String,
}

impl Snippets {
    /// The best piece of a text. A text in which nothing is marked gives its beginning.
    pub(crate) fn of(&mut self, text: &str, marks: &Marks) -> Snippet {
        self.reader.read(text, id_of, &mut self.reading);
        let all = self.reading.runs.as_slice();
        let runs = &all[..all.len().min(MAX_READ)];
        if runs.is_empty() {
            return Snippet::default();
        }
        let marked = marked(text, runs, marks, &mut self.word);
        let window = best_window(runs, &marked);
        cut(text, all, &marked, window)
    }
}

/// The marked syllables, in order.
fn marked(text: &str, runs: &[Run], marks: &Marks, word: &mut Syllables) -> Vec<Marked> {
    let mut all: Vec<Marked> = Vec::new();
    for (at, run) in runs.iter().enumerate().filter(|(_, run)| marks.may_be(run.id)) {
        word.read(&text[bytes(run)]);
        if let Some(s) = word.iter().next()
            && let Some(weight) = marks.weight(&s).filter(|&weight| weight > 0.0)
        {
            all.push(Marked { at, weight, norm: s.norm.to_owned() });
        }
    }
    let strong = |m: &Marked| m.weight >= marks.strong;
    let beside = |a: &Marked, b: &Marked| b.at == a.at + 1 && runs[b.at].boundary <= Boundary::Punct;
    let shown: Vec<bool> = (0..all.len())
        .map(|i| {
            let before = i > 0 && strong(&all[i - 1]) && beside(&all[i - 1], &all[i]);
            let after = all.get(i + 1).is_some_and(|next| strong(next) && beside(&all[i], next));
            strong(&all[i]) || before || after
        })
        .collect();
    all.into_iter().zip(shown).filter(|(_, shown)| *shown).map(|(m, _)| m).collect()
}

fn bytes(run: &Run) -> Range<usize> {
    run.start as usize..run.end as usize
}

/// The window with most weight; a word's second and later times count little.
fn best_window(runs: &[Run], marked: &[Marked]) -> Range<usize> {
    let n = runs.len();
    let mut counts: HashMap<&str, u32> = HashMap::new();
    let (mut sum, mut best, mut best_at) = (0.0f32, 0.0f32, 0);
    let worth = |times: u32| if times == 0 { 1.0 } else { 0.1 };
    let mut gone = marked.iter().peekable();
    for m in marked {
        while let Some(out) = gone.next_if(|out| out.at + WIDTH <= m.at) {
            if let Some(times) = counts.get_mut(out.norm.as_str()) {
                *times = times.saturating_sub(1);
                sum -= out.weight * worth(*times);
            }
        }
        let times = counts.entry(&m.norm).or_default();
        sum += m.weight * worth(*times);
        *times += 1;
        if sum > best + 1e-3 {
            (best, best_at) = (sum, m.at);
        }
    }
    let last = best_at.max(WIDTH.min(n) - 1).min(n - 1);
    let mut start = (last + 1).saturating_sub(WIDTH);
    // The words found lie at the window's end: move it on, so that they stand in its middle, back to a sentence.
    let first_marked = marked.iter().map(|m| m.at).find(|at| (start..=last).contains(at)).unwrap_or(start);
    start = start.max(first_marked.saturating_sub(REACH));
    let sentence =
        (first_marked.saturating_sub(2 * REACH)..=first_marked).rev().find(|&i| runs[i].boundary >= Boundary::Sentence);
    if let Some(sentence) = sentence {
        start = if last < sentence + WIDTH { sentence } else { start };
    }
    let start = start.min(n.saturating_sub(WIDTH));
    start..(start + WIDTH).min(n)
}

fn cut(text: &str, runs: &[Run], marked: &[Marked], window: Range<usize>) -> Snippet {
    let from = bytes(&runs[window.start]).start;
    let last = bytes(&runs[window.end - 1]);
    let cut_short = window.end < runs.len();
    let tail = &text[last.end..];
    let to = if cut_short { last.end } else { last.end + tail.trim_end().len() };
    let from = if window.start == 0 { 0 } else { from };
    let mut out = String::new();
    if window.start > 0 {
        out.push('…');
    }
    let shift = out.len();
    out.extend(text[from..to].chars().map(|c| if c.is_ascii_control() { ' ' } else { c }));
    if cut_short {
        out.push('…');
    }
    let mut highlights: Vec<Range<usize>> = Vec::new();
    let mut before: Option<usize> = None;
    for i in marked.iter().map(|m| m.at).filter(|at| window.contains(at)) {
        let word = bytes(&runs[i]);
        let range = word.start - from + shift..word.end - from + shift;
        match highlights.last_mut() {
            Some(open) if before == i.checked_sub(1) && runs[i].boundary == Boundary::Space => open.end = range.end,
            _ => highlights.push(range),
        }
        before = Some(i);
    }
    Snippet { text: out, highlights }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::units;
    use proptest::prelude::*;

    fn marks(words: &str) -> Marks {
        let mut marks = Marks::default();
        let words = units(words, &mut Syllables::new());
        for unit in &words {
            marks.word(unit, &Slot::Exact(unit.term()), 5.0);
        }
        marks.finish(words.len());
        marks
    }

    fn snippet(text: &str, marks: &Marks) -> Snippet {
        Snippets::default().of(text, marks)
    }

    fn shown(s: &Snippet) -> Vec<&str> {
        s.highlights.iter().map(|r| &s.text[r.clone()]).collect()
    }

    #[test]
    fn neighbours_are_marked_together() {
        let s = snippet("Cháy tại Bệnh viện Hoa Sen, bệnh nhân an toàn.", &marks("bệnh viện cháy"));
        assert_eq!(shown(&s), ["Cháy", "Bệnh viện", "bệnh"]);
        assert!(s.text.ends_with("an toàn."));
    }

    #[test]
    fn the_window_goes_where_the_words_are() {
        let text = format!(
            "{}Đoàn kiểm tra phát hiện bếp ăn mất vệ sinh. {}",
            "Mở đầu dài dòng. ".repeat(40),
            "Rồi hết. ".repeat(40)
        );
        let s = snippet(&text, &marks("bếp ăn"));
        assert!(s.text.starts_with("…Đoàn kiểm tra"), "{}", s.text);
        assert_eq!(shown(&s), ["bếp ăn"]);
        let s = snippet(&text, &marks("vắng"));
        assert!(s.text.starts_with("Mở đầu") && s.text.ends_with('…') && s.highlights.is_empty());
    }

    proptest! {
        #[test]
        fn words_are_marked_as_syllables_say(text in "(bệnh |BỆNH |beänh |benh |viện, |vien|viẹn-5 |sởi|. |\n|hoà |hòa |é\u{301}|\\PC){0,60}") {
            let mut marks = marks("bệnh hòa");
            let vien = &units("vien", &mut Syllables::new())[0];
            marks.word(vien, &Slot::Folded("vien".to_owned()), 3.0);
            let mut snippets = Snippets::default();
            snippets.of(&text, &marks);
            let found = marked(&text, &snippets.reading.runs, &marks, &mut Syllables::new());
            let found: Vec<(usize, f32)> = found.into_iter().map(|m| (m.at, m.weight)).collect();
            let read = Syllables::of(&text);
            let expect = read.iter().enumerate().filter_map(|(at, s)| Some((at, marks.weight(&s)?)));
            prop_assert_eq!(found, expect.collect::<Vec<_>>());
        }

        #[test]
        fn no_character_is_cut(text in "(bệnh |viện|. |\n|é\u{301}|\\PC){0,80}") {
            let s = snippet(&text, &marks("bệnh viện"));
            let combining = |c: char| ('\u{300}'..='\u{36f}').contains(&c);
            let mut before = 0;
            for r in &s.highlights {
                prop_assert!(before <= r.start && r.start < r.end && r.end <= s.text.len());
                prop_assert!(s.text.is_char_boundary(r.start) && s.text.is_char_boundary(r.end));
                prop_assert!(!s.text[r.end..].starts_with(combining), "{:?} {:?}", s.text, r);
                before = r.end;
            }
        }
    }
}
