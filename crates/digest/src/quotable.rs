//! The sentences of an article that may be quoted, and which of them belong together.

use std::collections::HashSet;

use diembao_text::lower;

use crate::ArticleInput;
use crate::wording::plain;

/// How much of a body is looked at, in sentences.
const MAX_BODY_SENTENCES: usize = 14;
const CONTRASTS: &[&str] =
    &["Tuy nhiên", "Nhưng ", "Song ", "Thế nhưng", "Dù vậy", "Mặc dù vậy", "Trái lại", "Ngược lại"];
const LEANING: &[&str] = &[
    "Ông này",
    "Bà này",
    "Người này",
    "Anh này",
    "Chị này",
    "Theo đó",
    "Trước đó",
    "Sau đó",
    "Ngoài ra",
    "Bên cạnh",
    "Điều này",
    "Việc này",
    "Đây ",
    "Đó ",
    "Đồng thời",
    "Do đó",
    "Do vậy",
    "Vì vậy",
    "Vì thế",
    "Trong khi đó",
    "Cụ thể",
    "Như vậy",
    "Cũng ",
    "Ngay sau",
    "Khi đó",
    "Lúc này",
    "Tại đây",
    "Nơi này",
    "Đến nay",
    "Hiện ",
    "Ông ",
    "Bà ",
    "Theo ông",
    "Còn ",
    "Và ",
    "Trong đó",
    "Tiếp đó",
    "Khi ấy",
    "Cùng với đó",
    "Thậm chí",
    "Bởi vậy",
    "Chính vì",
    "Nhờ đó",
    "Từ đó",
    "Trong số đó",
    "Phía ",
    "Theo bà",
    "Họ ",
];
const FURNITURE: &[&str] =
    &["Ảnh", "Xem thêm", "Đọc thêm", "Video", ">>", "Mời ", "Theo dõi ", "Tin liên quan", "Nguồn:", "(Ảnh", "Clip"];

/// One or more sentences that stand or fall together.
pub(crate) struct Unit {
    pub(crate) text: String,
    pub(crate) words: usize,
    pub(crate) sentences: usize,
    pub(crate) pairs: HashSet<u64>,
    pub(crate) is_lead: bool,
    pub(crate) leans: bool,
    pub(crate) place: usize,
}

/// The quotable sentences of an article, lead first.
pub(crate) fn units_of(article: &ArticleInput) -> Vec<Unit> {
    let lead = without_dateline(&article.text.lead);
    let mut units: Vec<Unit> = Vec::new();
    let mut place = 0;
    for (text, is_lead) in lead
        .lines()
        .flat_map(|line| split(line).into_iter().map(|s| (s, true)))
        .chain(body_sentences(&article.text.body).map(|s| (s, false)))
    {
        let mut text = plain(text);
        if !is_worth_quoting(&text, is_lead) {
            continue;
        }
        if !without_closing(&text).ends_with(END) {
            text.push('.');
        }
        place += usize::from(!is_lead);
        let words = text.split(' ').count();
        if let Some(before) = units.last_mut().filter(|u| begins_with(&text, CONTRASTS) && u.is_lead == is_lead) {
            before.pairs.extend(pairs(&text));
            before.text = format!("{} {text}", before.text);
            before.words += words;
            before.sentences += 1;
        } else {
            let leans = begins_with(&text, LEANING) || begins_with(&text, CONTRASTS);
            units.push(Unit { pairs: pairs(&text), words, sentences: 1, is_lead, leans, place, text });
        }
    }
    units
}

fn split(line: &str) -> Vec<&str> {
    diembao_text::sentences(line).into_iter().map(|range| &line[range]).collect()
}

fn body_sentences(body: &str) -> impl Iterator<Item = &str> {
    body.lines().map(without_dateline).flat_map(split).take(MAX_BODY_SENTENCES)
}

fn begins_with(text: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|b| text.starts_with(b))
}

/// Captions, questions, sub-headings and invitations to read on are not quoted.
fn is_worth_quoting(text: &str, is_lead: bool) -> bool {
    let ends = without_closing(text);
    let whole = ends.ends_with(END) || (is_lead && !ends.ends_with([':', '?', ',', ';']));
    whole && text.split(' ').count() >= 5 && !begins_with(text, FURNITURE)
}

/// What ends a sentence that is quoted.
const END: [char; 3] = ['.', '!', '…'];

/// Without closing quotation marks and brackets.
fn without_closing(text: &str) -> &str {
    text.trim_end_matches(['"', '”', '\'', '’', ')', ' '])
}

/// Without a leading "(Tên báo) - ", "TPO - " or "bao.vn – ".
fn without_dateline(text: &str) -> &str {
    let text = text.trim_start();
    let Some((head, rest)) =
        [" - ", " – ", " — "].iter().filter_map(|dash| text.split_once(dash)).min_by_key(|(h, _)| h.len())
    else {
        return text;
    };
    let in_brackets = head.starts_with('(') && head.ends_with(')') && head.chars().count() <= 30;
    let is_token = !head.contains(' ')
        && head.chars().count() <= 16
        && (head.contains('.') || head.chars().all(|c| !c.is_lowercase()) && head.chars().any(char::is_alphabetic));
    if in_brackets || is_token { rest.trim_start() } else { text }
}

/// Hashes of the sequences of two syllables.
pub(crate) fn pairs(text: &str) -> HashSet<u64> {
    let text = lower(text);
    let hashes: Vec<u64> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(fnv).collect();
    hashes.windows(2).map(|w| w[0].rotate_left(5) ^ w[1].wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect()
}

/// The FNV-1a hash: the same on every machine and run.
fn fnv(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datelines_go_but_places_and_words_stay() {
        for (input, want) in [
            ("TPO - Một tin.", "Một tin."),
            ("bao.vn – Một tin.", "Một tin."),
            ("(Báo Một) - Một tin.", "Một tin."),
            ("Bệnh viện X - nơi xảy ra vụ việc - nói.", "Bệnh viện X - nơi xảy ra vụ việc - nói."),
            ("2 - 3 người.", "2 - 3 người."),
        ] {
            assert_eq!(without_dateline(input), want);
        }
    }
}
