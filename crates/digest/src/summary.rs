//! Extracted summaries: whole sentences of one article, never more.
//!
//! The sentences come from the article that has most in common with the others of its story, lead
//! first, then what of the body says most beyond the lead. A sentence that limits the one before it
//! ("Tuy nhiên …") goes with it or neither goes; a sentence that leans on the one before it ("Ông
//! này …") is only taken after it. Sentences are never cut, so numbers and negations stay.

use std::collections::{HashMap, HashSet};

use diembao_news::Tier;
use diembao_text::lower;

use crate::ArticleInput;
use crate::wording::plain;

const MAX_SENTENCES: usize = 3;
/// Articles tried when the most central have nothing to quote.
const MAX_TRIED: usize = 5;
/// How much of a body is looked at, in sentences.
const MAX_BODY_SENTENCES: usize = 14;
/// How much of a body counts when articles are compared, in bytes.
const COMPARED_BYTES: usize = 3000;
/// A sentence that repeats this share of the chosen ones adds nothing.
const REPEATED: f32 = 0.5;

const CONTRASTS: &[&str] = &[
    "Tuy nhiên",
    "Nhưng ",
    "Song ",
    "Thế nhưng",
    "Dù vậy",
    "Mặc dù vậy",
    "Trái lại",
    "Ngược lại",
];
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
    "Theo bà",
    "Họ ",
];
const FURNITURE: &[&str] = &[
    "Ảnh",
    "Xem thêm",
    "Đọc thêm",
    "Video",
    ">>",
    "Mời ",
    "Theo dõi ",
    "Tin liên quan",
    "Nguồn:",
    "(Ảnh",
    "Clip",
];

/// At most `max_words` words of a story, in at most three whole sentences of its central article.
/// Empty when no whole sentence fits.
#[must_use]
pub fn summarise(articles: &[ArticleInput], max_words: usize) -> String {
    quoted(articles, max_words)
        .map(|(_, summary)| summary)
        .unwrap_or_default()
}

/// The article to quote and its summary: the most central that has something to quote, else the most central.
pub(crate) fn quoted(articles: &[ArticleInput], max_words: usize) -> Option<(usize, String)> {
    let order = by_centrality(articles);
    let summaries = order
        .iter()
        .map(|&i| (i, summarise_one(&articles[i], articles, max_words)));
    summaries
        .take(MAX_TRIED)
        .find(|(_, s)| !s.is_empty())
        .or_else(|| order.first().map(|&i| (i, String::new())))
}

/// The articles by how many two-syllable sequences they have in common with the others, official and
/// national outlets a little before others, the earlier first; copies only when all are copies.
fn by_centrality(articles: &[ArticleInput]) -> Vec<usize> {
    let sets: Vec<HashSet<u64>> = articles.iter().map(|a| pairs(&compared_text(a))).collect();
    let shared = frequencies(&sets);
    let centrality = |i: usize| {
        let sum: f32 = sets[i].iter().map(|p| f32::from(shared[p]) - 1.0).sum();
        let standing = match articles[i].tier {
            Tier::Gov => 1.2,
            Tier::Central | Tier::Health => 1.1,
            Tier::Local => 1.0,
        };
        standing * sum / (count(sets[i].len()) + 20.0).sqrt()
    };
    let copies_only = articles.iter().all(|a| a.is_reprint);
    let mut order: Vec<(f32, usize)> = (0..articles.len())
        .filter(|&i| copies_only || !articles[i].is_reprint)
        .map(|i| (centrality(i), i))
        .collect();
    order.sort_by(|&(x, a), &(y, b)| {
        y.total_cmp(&x).then_with(|| {
            (articles[a].published, articles[a].id).cmp(&(articles[b].published, articles[b].id))
        })
    });
    order.into_iter().map(|(_, i)| i).collect()
}

/// The summary of one article; the others only say which of its sentences matter.
fn summarise_one(article: &ArticleInput, all: &[ArticleInput], max_words: usize) -> String {
    let units = units_of(article);
    let shared = frequencies(
        &all.iter()
            .take(40)
            .map(|a| pairs(&compared_text(a)))
            .collect::<Vec<_>>(),
    );
    let title = pairs(&article.text.title);
    let mut chosen: Vec<usize> = Vec::new();
    let mut room = Room {
        words: max_words,
        sentences: MAX_SENTENCES,
        said: HashSet::new(),
    };
    for (i, unit) in units.iter().enumerate().filter(|(_, u)| u.is_lead) {
        if room.fits(unit) && (!unit.leans || chosen.last().is_some_and(|&last| last + 1 == i)) {
            room.take(unit);
            chosen.push(i);
        }
    }
    while let Some(best) = best_unit(&units, &chosen, &room, &|u| weight(u, &title, &shared)) {
        room.take(&units[best]);
        chosen.push(best);
    }
    chosen.sort_unstable();
    chosen
        .iter()
        .map(|&i| units[i].text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// One or more sentences that stand or fall together.
struct Unit {
    text: String,
    words: usize,
    sentences: usize,
    pairs: HashSet<u64>,
    is_lead: bool,
    leans: bool,
    place: usize,
}

/// What may still be added.
struct Room {
    words: usize,
    sentences: usize,
    said: HashSet<u64>,
}

impl Room {
    fn fits(&self, unit: &Unit) -> bool {
        let repeated = unit.pairs.iter().filter(|p| self.said.contains(*p)).count();
        unit.words <= self.words
            && unit.sentences <= self.sentences
            && count(repeated) < REPEATED * count(unit.pairs.len().max(1))
    }

    fn take(&mut self, unit: &Unit) {
        self.words -= unit.words;
        self.sentences -= unit.sentences;
        self.said.extend(&unit.pairs);
    }
}

fn best_unit(
    units: &[Unit],
    chosen: &[usize],
    room: &Room,
    weight: &dyn Fn(&Unit) -> f32,
) -> Option<usize> {
    let may = |i: &usize| {
        let unit = &units[*i];
        let follows = *i > 0 && chosen.contains(&(*i - 1));
        !chosen.contains(i) && room.fits(unit) && (!unit.leans || follows)
    };
    (0..units.len()).filter(may).max_by(|&a, &b| {
        weight(&units[a])
            .total_cmp(&weight(&units[b]))
            .then(b.cmp(&a))
    })
}

/// Early sentences, those near the headline, and those whose words other articles use too.
fn weight(unit: &Unit, title: &HashSet<u64>, shared: &HashMap<u64, u16>) -> f32 {
    let n = count(unit.pairs.len().max(1));
    let on_title = count(unit.pairs.intersection(title).count()) / count(title.len().max(1));
    let common = unit
        .pairs
        .iter()
        .filter(|p| shared.get(*p).is_some_and(|&f| f > 1))
        .count();
    let position = 1.0 / (1.0 + 0.35 * count(unit.place));
    position + 0.4 * on_title + 0.5 * count(common) / n
}

fn units_of(article: &ArticleInput) -> Vec<Unit> {
    let lead = without_dateline(&article.text.lead);
    let mut units: Vec<Unit> = Vec::new();
    let mut place = 0;
    for (text, is_lead) in lead
        .lines()
        .flat_map(|line| split(line).into_iter().map(|s| (s, true)))
        .chain(body_sentences(&article.text.body).map(|s| (s, false)))
    {
        let text = plain(text);
        if !is_worth_quoting(&text, is_lead) {
            continue;
        }
        place += usize::from(!is_lead);
        let words = text.split(' ').count();
        if let Some(before) = units
            .last_mut()
            .filter(|u| begins_with(&text, CONTRASTS) && u.is_lead == is_lead)
        {
            before.pairs.extend(pairs(&text));
            before.text = format!("{} {text}", before.text);
            before.words += words;
            before.sentences += 1;
        } else {
            let leans = begins_with(&text, LEANING) || begins_with(&text, CONTRASTS);
            units.push(Unit {
                pairs: pairs(&text),
                words,
                sentences: 1,
                is_lead,
                leans,
                place,
                text,
            });
        }
    }
    units
}

fn split(line: &str) -> Vec<&str> {
    diembao_text::sentences(line)
        .into_iter()
        .map(|range| &line[range])
        .collect()
}

fn body_sentences(body: &str) -> impl Iterator<Item = &str> {
    body.lines()
        .map(without_dateline)
        .flat_map(split)
        .take(MAX_BODY_SENTENCES)
}

fn begins_with(text: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|b| text.starts_with(b))
}

/// Captions, questions, sub-headings and invitations to read on are not quoted.
fn is_worth_quoting(text: &str, is_lead: bool) -> bool {
    let ends = text.trim_end_matches(['"', '”', '\'', '’', ')', ' ']);
    let whole =
        ends.ends_with(['.', '!', '…']) || (is_lead && !ends.ends_with([':', '?', ',', ';']));
    whole && text.split(' ').count() >= 5 && !begins_with(text, FURNITURE)
}

/// Without a leading "(Tên báo) - ", "TPO - " or "bao.vn – ".
fn without_dateline(text: &str) -> &str {
    let text = text.trim_start();
    let Some((head, rest)) = [" - ", " – ", " — "]
        .iter()
        .filter_map(|dash| text.split_once(dash))
        .min_by_key(|(h, _)| h.len())
    else {
        return text;
    };
    let in_brackets = head.starts_with('(') && head.ends_with(')') && head.chars().count() <= 30;
    let is_token = !head.contains(' ')
        && head.chars().count() <= 16
        && (head.contains('.')
            || head.chars().all(|c| !c.is_lowercase()) && head.chars().any(char::is_alphabetic));
    if in_brackets || is_token {
        rest.trim_start()
    } else {
        text
    }
}

fn compared_text(article: &ArticleInput) -> String {
    let body = &article.text.body;
    let mut end = body.len().min(COMPARED_BYTES);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    format!(
        "{}\n{}\n{}",
        article.text.title,
        article.text.lead,
        &body[..end]
    )
}

/// Hashes of the sequences of two syllables.
fn pairs(text: &str) -> HashSet<u64> {
    let text = lower(text);
    let hashes: Vec<u64> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(fnv)
        .collect();
    hashes
        .windows(2)
        .map(|w| w[0].rotate_left(5) ^ w[1].wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .collect()
}

/// The FNV-1a hash: the same on every machine and run.
fn fnv(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn frequencies(sets: &[HashSet<u64>]) -> HashMap<u64, u16> {
    let mut frequencies: HashMap<u64, u16> = HashMap::new();
    for pair in sets.iter().flatten() {
        let n = frequencies.entry(*pair).or_default();
        *n = n.saturating_add(1);
    }
    frequencies
}

fn count(n: usize) -> f32 {
    f32::from(u16::try_from(n).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::full;

    #[track_caller]
    fn check(lead: &str, body: &str, want: &str) {
        assert_eq!(
            summarise(&[full("Báo A", 6, "Một tin", lead, body)], 60),
            want
        );
    }

    #[test]
    fn the_lead_comes_first_and_the_body_adds() {
        check(
            "(Báo A) - Chiều 20/11, 35 học sinh một trường tiểu học nhập viện sau bữa trưa.",
            "Ảnh: Báo A\nBác sĩ cho biết không em nào nguy kịch.\nÔng này nói thêm rằng nguyên nhân đang được làm rõ.",
            "Chiều 20/11, 35 học sinh một trường tiểu học nhập viện sau bữa trưa. Bác sĩ cho biết không em nào nguy kịch. \
             Ông này nói thêm rằng nguyên nhân đang được làm rõ.",
        );
    }

    #[test]
    fn a_sentence_never_loses_the_one_that_limits_it() {
        let claim = "Người nhà cho rằng bệnh viện chậm cấp cứu cho sản phụ.";
        let limit = format!(
            "Tuy nhiên, bệnh viện khẳng định {}.",
            "đã làm đúng quy trình ".repeat(12).trim()
        );
        check("", &format!("{claim} {limit}"), "");
        check(
            "",
            &format!("{claim} Tuy nhiên, bệnh viện nói chưa có kết luận."),
            &format!("{claim} Tuy nhiên, bệnh viện nói chưa có kết luận."),
        );
    }

    #[test]
    fn no_sentence_is_cut_and_none_is_better_than_half_of_one() {
        check(&format!("{}.", "rất dài ".repeat(40).trim()), "", "");
        check("", "", "");
    }

    #[test]
    fn the_central_article_speaks_for_the_story() {
        let common = "Sở Y tế yêu cầu bệnh viện báo cáo vụ việc trước ngày 25/11.";
        let articles = [
            full(
                "Báo A",
                5,
                "Bạn đọc viết",
                "Tôi từng chờ rất lâu ở nhiều nơi khác nhau.",
                "Chuyện xưa nay vẫn thế mà thôi.",
            ),
            full(
                "Báo B",
                6,
                "Sở Y tế yêu cầu báo cáo",
                common,
                "Bệnh viện đã lập hội đồng chuyên môn.",
            ),
            full(
                "Báo C",
                7,
                "Yêu cầu bệnh viện báo cáo",
                common,
                "Bệnh viện đã lập hội đồng chuyên môn hôm qua.",
            ),
        ];
        assert_eq!(quoted(&articles, 60).unwrap().0, 1);
        assert!(summarise(&articles, 60).starts_with(common));
        assert_eq!(quoted(&[], 60), None);
    }

    #[test]
    fn datelines_go_but_places_and_words_stay() {
        for (input, want) in [
            ("TPO - Một tin.", "Một tin."),
            ("bao.vn – Một tin.", "Một tin."),
            ("(Báo Một) - Một tin.", "Một tin."),
            (
                "Bệnh viện X - nơi xảy ra vụ việc - nói.",
                "Bệnh viện X - nơi xảy ra vụ việc - nói.",
            ),
            ("2 - 3 người.", "2 - 3 người."),
        ] {
            assert_eq!(without_dateline(input), want);
        }
    }
}
