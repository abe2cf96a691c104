//! Extracted summaries: whole sentences of one article, never more.
//!
//! The sentences come from the article that has most in common with the others of its story, lead
//! first, then what of the body says most beyond the lead. A sentence that limits the one before it
//! ("Tuy nhiên …") goes with it or neither goes; a sentence that leans on the one before it ("Ông
//! này …") is only taken after it. Sentences are never cut, so numbers and negations stay.

use std::collections::{HashMap, HashSet};

use diembao_news::Tier;

use crate::ArticleInput;
use crate::quotable::{Unit, pairs, units_of};

const MAX_SENTENCES: usize = 3;
/// Articles tried when the most central have nothing to quote.
const MAX_TRIED: usize = 5;
/// How much of a body counts when articles are compared, in bytes.
const COMPARED_BYTES: usize = 3000;
/// A sentence that repeats this share of the chosen ones adds nothing.
const REPEATED: f32 = 0.5;

/// At most `max_words` words of a story, in at most three whole sentences of its central article.
/// Empty when no whole sentence fits.
#[must_use]
pub fn summarise(articles: &[ArticleInput], max_words: usize) -> String {
    quoted(articles, max_words).map(|(_, summary)| summary).unwrap_or_default()
}

/// The article to quote and its summary: the most central that has something to quote, else the most central.
pub(crate) fn quoted(articles: &[ArticleInput], max_words: usize) -> Option<(usize, String)> {
    let sets: Vec<HashSet<u64>> = articles.iter().map(|a| pairs(&compared_text(a))).collect();
    let shared = frequencies(&sets);
    let order = by_centrality(articles, &sets, &shared);
    let summaries = order.iter().map(|&i| (i, summarise_one(&articles[i], &shared, max_words)));
    summaries.take(MAX_TRIED).find(|(_, s)| !s.is_empty()).or_else(|| order.first().map(|&i| (i, String::new())))
}

/// The articles by how many two-syllable sequences they have in common with the others, official and
/// national outlets a little before others, the earlier first; copies only when all are copies.
fn by_centrality(articles: &[ArticleInput], sets: &[HashSet<u64>], shared: &HashMap<u64, u16>) -> Vec<usize> {
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
    let mut order: Vec<(f32, usize)> =
        (0..articles.len()).filter(|&i| copies_only || !articles[i].is_reprint).map(|i| (centrality(i), i)).collect();
    order.sort_by(|&(x, a), &(y, b)| {
        y.total_cmp(&x)
            .then_with(|| (articles[a].published, articles[a].id).cmp(&(articles[b].published, articles[b].id)))
    });
    order.into_iter().map(|(_, i)| i).collect()
}

/// The summary of one article; what it shares with the others only says which of its sentences matter.
fn summarise_one(article: &ArticleInput, shared: &HashMap<u64, u16>, max_words: usize) -> String {
    let units = units_of(article);
    let title = pairs(&article.text.title);
    let mut chosen: Vec<usize> = Vec::new();
    let mut room = Room { words: max_words, sentences: MAX_SENTENCES, said: HashSet::new() };
    for (i, unit) in units.iter().enumerate().filter(|(_, u)| u.is_lead) {
        if room.fits(unit) && (!unit.leans || chosen.last().is_some_and(|&last| last + 1 == i)) {
            room.take(unit);
            chosen.push(i);
        }
    }
    while let Some(best) = best_unit(&units, &chosen, &room, &|u| weight(u, &title, shared)) {
        room.take(&units[best]);
        chosen.push(best);
    }
    chosen.sort_unstable();
    chosen.iter().map(|&i| units[i].text.as_str()).collect::<Vec<_>>().join(" ")
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

fn best_unit(units: &[Unit], chosen: &[usize], room: &Room, weight: &dyn Fn(&Unit) -> f32) -> Option<usize> {
    let may = |i: &usize| {
        let unit = &units[*i];
        let follows = *i > 0 && chosen.contains(&(*i - 1));
        !chosen.contains(i) && room.fits(unit) && (!unit.leans || follows)
    };
    (0..units.len()).filter(may).max_by(|&a, &b| weight(&units[a]).total_cmp(&weight(&units[b])).then(b.cmp(&a)))
}

/// Early sentences, those near the headline, and those whose words other articles use too.
fn weight(unit: &Unit, title: &HashSet<u64>, shared: &HashMap<u64, u16>) -> f32 {
    let n = count(unit.pairs.len().max(1));
    let on_title = count(unit.pairs.intersection(title).count()) / count(title.len().max(1));
    let common = unit.pairs.iter().filter(|p| shared.get(*p).is_some_and(|&f| f > 1)).count();
    let position = 1.0 / (1.0 + 0.35 * count(unit.place));
    position + 0.4 * on_title + 0.5 * count(common) / n
}

fn compared_text(article: &ArticleInput) -> String {
    let body = &article.text.body;
    let mut end = body.len().min(COMPARED_BYTES);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}\n{}\n{}", article.text.title, article.text.lead, &body[..end])
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
        assert_eq!(summarise(&[full("Báo A", 6, "Một tin", lead, body)], 60), want);
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
        let limit = format!("Tuy nhiên, bệnh viện khẳng định {}.", "đã làm đúng quy trình ".repeat(12).trim());
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
            full("Báo B", 6, "Sở Y tế yêu cầu báo cáo", common, "Bệnh viện đã lập hội đồng chuyên môn."),
            full("Báo C", 7, "Yêu cầu bệnh viện báo cáo", common, "Bệnh viện đã lập hội đồng chuyên môn hôm qua."),
        ];
        assert_eq!(quoted(&articles, 60).unwrap().0, 1);
        assert!(summarise(&articles, 60).starts_with(common));
        assert_eq!(quoted(&[], 60), None);
    }
}
