//! The piece of a text that shows why it was found, and what to mark in it.

use std::collections::HashMap;
use std::ops::Range;

use diembao_text::{Boundary, Syllable, Syllables};

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
    /// Words that tell less than this are marked only beside another marked word.
    strong: f32,
}

impl Marks {
    /// Remembers a word and how much it tells.
    pub(crate) fn word(&mut self, unit: &Unit, slot: &Slot, weight: f32) {
        let weight = weight.min(12.0);
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

    fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.folded.is_empty() && self.prefixes.is_empty()
    }
}

/// The best piece of a text. A text in which nothing is marked gives its beginning.
pub(crate) fn snippet(text: &str, marks: &Marks) -> Snippet {
    let read = Syllables::of(text);
    let n = read.len().min(MAX_READ);
    if n == 0 {
        return Snippet::default();
    }
    let marked = if marks.is_empty() { vec![0.0; n] } else { marked(&read, n, marks) };
    let window = best_window(&read, &marked);
    cut(text, &read, &marked, window)
}

/// What each syllable weighs; 0 for one that is not marked.
fn marked(read: &Syllables, n: usize, marks: &Marks) -> Vec<f32> {
    let all: Vec<f32> = (0..n).map(|i| marks.weight(&read.get(i)).unwrap_or(0.0)).collect();
    let touches = |i: usize| i > 0 && i < n && read.get(i).boundary <= Boundary::Punct;
    (0..n)
        .map(|i| {
            let strong = |at: usize| all[at] >= marks.strong && all[at] > 0.0;
            let beside = (touches(i) && strong(i - 1)) || (touches(i + 1) && strong(i + 1));
            if strong(i) || (all[i] > 0.0 && beside) { all[i] } else { 0.0 }
        })
        .collect()
}

/// The window with most weight; a word's second and later times count little.
fn best_window(read: &Syllables, marked: &[f32]) -> Range<usize> {
    let n = marked.len();
    let mut counts: HashMap<&str, u32> = HashMap::new();
    let (mut sum, mut best, mut best_at) = (0.0f32, -1.0f32, 0);
    let worth = |times: u32| if times == 0 { 1.0 } else { 0.1 };
    for end in 0..n {
        let s = read.get(end);
        if marked[end] > 0.0 {
            let times = counts.entry(s.norm).or_default();
            sum += marked[end] * worth(*times);
            *times += 1;
        }
        if let Some(out) = end.checked_sub(WIDTH)
            && marked[out] > 0.0
            && let Some(times) = counts.get_mut(read.get(out).norm)
        {
            *times = times.saturating_sub(1);
            sum -= marked[out] * worth(*times);
        }
        if sum > best + 1e-3 {
            (best, best_at) = (sum, end);
        }
    }
    let last = best_at.max(WIDTH.min(n) - 1).min(n - 1);
    let mut start = (last + 1).saturating_sub(WIDTH);
    // The words found lie at the window's end: move it on, so that they stand in its middle, back to a sentence.
    let first_marked = (start..=last).find(|&i| marked[i] > 0.0).unwrap_or(start);
    start = start.max(first_marked.saturating_sub(REACH));
    let sentence = (first_marked.saturating_sub(2 * REACH)..=first_marked)
        .rev()
        .find(|&i| read.get(i).boundary >= Boundary::Sentence);
    if let Some(sentence) = sentence {
        start = if last < sentence + WIDTH { sentence } else { start };
    }
    let start = start.min(n.saturating_sub(WIDTH));
    start..(start + WIDTH).min(n)
}

fn cut(text: &str, read: &Syllables, marked: &[f32], window: Range<usize>) -> Snippet {
    let from = read.get(window.start).start;
    let last = read.get(window.end - 1);
    let cut_short = window.end < read.len();
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
    for i in window.filter(|&i| marked[i] > 0.0) {
        let s = read.get(i);
        let range = s.start - from + shift..s.end - from + shift;
        match highlights.last_mut() {
            Some(open) if before == i.checked_sub(1) && s.boundary == Boundary::Space => open.end = range.end,
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
