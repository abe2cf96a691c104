//! Where sentences end, in text as newspapers print it.

use std::ops::Range;

use crate::fold;

/// Abbreviations, folded, after which a full stop does not end a sentence.
const ABBREVIATIONS: &[&str] = &[
    "ts", "bs", "pgs", "gs", "ths", "tp", "q", "p", "st", "tx", "tt", "ks", "ls", "ds", "cn", "dd", "bscki", "bsckii",
    "cki", "ckii", "bscc", "bsnt", "tths", "nsnd", "nsut", "kts", "mr", "mrs", "ms", "dr", "tr", "vd", "sdt",
];

/// Whether a folded word is an abbreviation that takes a full stop.
pub(crate) fn is_abbreviation(folded: &str) -> bool {
    folded.len() <= 6 && ABBREVIATIONS.contains(&folded)
}

/// The sentences of a text as byte ranges, without the space around them. A line end ends a sentence.
///
/// Unlike [`Boundary::Sentence`](crate::Boundary) this looks at capitals: a full stop before a small letter ends nothing.
#[must_use]
pub fn sentences(s: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in s.split(['\n', '\r', '\u{2028}', '\u{2029}']) {
        split_line(s, at..at + line.len(), &mut found);
        at += line.len() + s[at + line.len()..].chars().next().map_or(0, char::len_utf8);
    }
    found
}

fn split_line(s: &str, line: Range<usize>, found: &mut Vec<Range<usize>>) {
    let mut start = line.start;
    let mut at = line.start;
    while let Some(i) = s[at..line.end].find(['.', '!', '?', '…']) {
        let mark = at + i;
        let rest = &s[mark..line.end];
        let marks = rest.len() - rest.trim_start_matches(['.', '!', '?', '…']).len();
        let closed = rest[marks..].trim_start_matches(['"', '”', '’', '\'', ')', ']', '»']);
        let end = line.end - closed.len();
        if ends(&s[start..mark], &rest[..marks], closed) {
            push_trimmed(s, start..end, found);
            start = end;
        }
        at = end;
    }
    push_trimmed(s, start..line.end, found);
}

/// Whether punctuation ends the sentence that came before it, given what follows.
fn ends(before: &str, marks: &str, after: &str) -> bool {
    let next_word = after.trim_start().trim_start_matches(['"', '“', '‘', '\'', '(', '[', '«', '-', '–', '—', ' ']);
    let Some(next) = next_word.chars().next() else {
        return false;
    };
    let word = last_word(before);
    if !after.starts_with(char::is_whitespace) {
        return marks == "." && is_glued(word, next_word);
    }
    if next.is_lowercase() {
        return false;
    }
    marks != "." || !(is_abbreviation(&fold(word)) || is_initial(before, word) || numbers_a_line(before))
}

/// A full stop with the space forgotten: `bệnh viện.Theo`. Accents tell it from an address.
fn is_glued(word: &str, next_word: &str) -> bool {
    let next_end = next_word.find(|c: char| !c.is_alphabetic()).unwrap_or(next_word.len());
    let next = &next_word[..next_end];
    let capital = next.chars().next().is_some_and(char::is_uppercase) && next.chars().skip(1).all(char::is_lowercase);
    let small = word.chars().next_back().is_some_and(char::is_lowercase) && word.chars().nth(1).is_some();
    small && capital && !(word.is_ascii() && next.is_ascii()) && !is_abbreviation(&fold(word))
}

fn last_word(before: &str) -> &str {
    let start = before.char_indices().rev().take_while(|(_, c)| c.is_alphanumeric()).last();
    start.map_or("", |(i, _)| &before[i..])
}

/// `N.V.A.`: a letter after a letter and a full stop.
fn is_initial(before: &str, word: &str) -> bool {
    let is_letter = |w: &str| w.chars().next().is_some_and(char::is_alphabetic) && w.chars().nth(1).is_none();
    let earlier = before[..before.len() - word.len()].strip_suffix('.');
    is_letter(word) && earlier.is_some_and(|e| is_letter(last_word(e)))
}

/// `1.`, `a.`, `IV.` at the beginning.
fn numbers_a_line(before: &str) -> bool {
    let before = before.trim();
    before.len() <= 3 && before.chars().all(char::is_alphanumeric)
}

fn push_trimmed(s: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let text = &s[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    let end = start + text.trim().len();
    if start < end {
        found.push(start..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let got: Vec<&str> = sentences(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn abbreviations_and_numbers_do_not_end_sentences() {
        check(
            "TS. BS. Trần Văn Lâm ở TP.HCM nói. Có 1.234,5 kg ngày 21.11.2026. Hết.",
            &["TS. BS. Trần Văn Lâm ở TP.HCM nói.", "Có 1.234,5 kg ngày 21.11.2026.", "Hết."],
        );
        check("Ở P. Bến Nghé, Q. 1. Ông nói vậy.", &["Ở P. Bến Nghé, Q. 1.", "Ông nói vậy."]);
        check("Bệnh nhân N.V.A. Sau đó về.", &["Bệnh nhân N.V.A. Sau đó về."]);
        check("1. Nguyên nhân. 2. Cách chữa", &["1. Nguyên nhân.", "2. Cách chữa"]);
        check("Tiêm vitamin C. Sau đó khỏe.", &["Tiêm vitamin C.", "Sau đó khỏe."]);
    }

    #[test]
    fn quotes_and_ellipses() {
        check("“Ai đó?” ông hỏi. “Tôi.” Rồi im…", &["“Ai đó?” ông hỏi.", "“Tôi.”", "Rồi im…"]);
        check("Chờ… rồi đi. Thôi… Về", &["Chờ… rồi đi.", "Thôi…", "Về"]);
        check("Vào bệnh viện.Theo bác sĩ, xem suckhoe.Vn.", &["Vào bệnh viện.", "Theo bác sĩ, xem suckhoe.Vn."]);
    }

    #[test]
    fn lines_end_sentences() {
        check("Một dòng\r\n\n Hai dòng. \n", &["Một dòng", "Hai dòng."]);
        check("", &[]);
        check(" . . ", &[". ."]);
    }
}
