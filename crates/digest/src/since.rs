//! "Mới so với kỳ trước": what a running story says now that it did not say before.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diembao_news::Tier;

use crate::ArticleInput;
use crate::item::outlets;
use crate::wording::{MAX_NAME, capped, list, number};

/// What is counted in reports of events.
const COUNTED: &[&str] = &[
    "người",
    "ca",
    "bệnh nhân",
    "học sinh",
    "công nhân",
    "trẻ",
    "trường hợp",
    "nạn nhân",
    "em",
    "sản phụ",
    "du khách",
    "sinh viên",
    "bé",
];
/// New counts shown.
const MAX_COUNTS: usize = 3;
/// New outlets named.
const MAX_OUTLETS: usize = 3;

/// New facts of the articles published from a time on, against those before; empty for a new story.
pub(crate) fn news_since(articles: &[ArticleInput], from: DateTime<Utc>) -> Vec<String> {
    let (before, now): (Vec<ArticleInput>, Vec<ArticleInput>) =
        articles.iter().cloned().partition(|a| a.published < from);
    if before.is_empty() || now.is_empty() {
        return Vec::new();
    }
    let mut news = Vec::new();
    news.extend(first_official(&before, &now));
    let new = new_counts(&before, &now);
    if !new.is_empty() {
        news.push(format!("số liệu mới: {}", new.join(", ")));
    }
    let known: BTreeSet<&str> = before.iter().map(|a| a.outlet.as_str()).collect();
    let joined: Vec<String> =
        outlets(&now).into_iter().filter(|a| !known.contains(a.outlet.as_str())).map(|a| a.outlet.clone()).collect();
    if !joined.is_empty() {
        news.push(format!("thêm {} báo đưa tin: {}", joined.len(), list(&joined, MAX_OUTLETS, "báo")));
    }
    news
}

fn first_official(before: &[ArticleInput], now: &[ArticleInput]) -> Option<String> {
    if before.iter().any(|a| a.tier == Tier::Gov) {
        return None;
    }
    let official = outlets(now).into_iter().find(|a| a.tier == Tier::Gov)?;
    Some(format!("lần đầu có thông tin chính thức ({})", capped(&official.outlet, MAX_NAME)))
}

/// "47 học sinh (trước: 30)": counts that no article said before, the greatest first.
fn new_counts(before: &[ArticleInput], now: &[ArticleInput]) -> Vec<String> {
    let known: BTreeSet<Count> = before.iter().flat_map(|a| counts(a, &a.text.body)).collect();
    let new: BTreeSet<Count> = now.iter().flat_map(|a| counts(a, "")).filter(|c| !known.contains(c)).collect();
    let earlier = |unit: &str| known.iter().filter(|(_, u)| u == unit).map(|(n, _)| *n).max();
    let line = |(n, unit): &Count| match earlier(unit) {
        Some(before) => format!("{} {unit} (trước: {})", number(*n), number(before)),
        None => format!("{} {unit}", number(*n)),
    };
    new.iter().rev().take(MAX_COUNTS).map(line).collect()
}

/// Numbers with what they count in title and lead.
pub(crate) fn title_counts(article: &ArticleInput) -> Vec<Count> {
    counts(article, "")
}

/// A number and what it counts.
pub(crate) type Count = (usize, String);

/// Numbers with what they count, in title, lead and as much of the body as is given.
fn counts(article: &ArticleInput, body: &str) -> Vec<Count> {
    [article.text.title.as_str(), &article.text.lead, body].into_iter().flat_map(counts_in).collect()
}

fn counts_in(text: &str) -> Vec<Count> {
    let text = diembao_text::lower(text);
    let words: Vec<&str> = text.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    let counted = |at: usize| {
        let two = words.get(at..at + 2).map(|w| w.join(" "));
        let one = words.get(at).map(|w| (*w).to_owned());
        two.into_iter().chain(one).find(|w| COUNTED.contains(&w.as_str()))
    };
    (0..words.len()).filter_map(|i| Some((whole_number(words[i])?, counted(i + 1)?))).collect()
}

/// "1.250" and "47"; nothing for "3,5", dates and codes.
fn whole_number(word: &str) -> Option<usize> {
    let parts: Vec<&str> = word.split('.').collect();
    let thousands = parts[1..].iter().all(|p| p.len() == 3);
    let digits = word.len() <= 7 && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    if thousands && digits { parts.concat().parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{article, t};

    #[test]
    fn new_counts_voices_and_outlets_are_named() {
        let articles = [
            article("Báo A", "30 học sinh nhập viện sau bữa trưa", -10),
            article("Báo B", "35 học sinh nhập viện, 2 ca nặng", 5),
            article("Cổng thông tin Sở Y tế", "Thông tin về 35 học sinh nhập viện", 6),
        ];
        assert_eq!(
            news_since(&articles, t(0)),
            [
                "lần đầu có thông tin chính thức (Cổng thông tin Sở Y tế)",
                "số liệu mới: 35 học sinh (trước: 30), 2 ca",
                "thêm 2 báo đưa tin: Báo B, Cổng thông tin Sở Y tế",
            ]
        );
    }

    #[test]
    fn only_whole_numbers_count() {
        for (word, want) in [
            ("47", Some(47)),
            ("1.250", Some(1250)),
            ("3.5", None),
            ("20/11", None),
            ("", None),
            (".", None),
            ("99999999", None),
        ] {
            assert_eq!(whole_number(word), want, "{word}");
        }
    }

    #[test]
    fn a_new_story_and_an_old_one_have_no_news() {
        assert!(news_since(&[article("Báo A", "30 học sinh", 5)], t(0)).is_empty());
        assert!(news_since(&[article("Báo A", "30 học sinh", -5)], t(0)).is_empty());
        assert!(news_since(&[], t(0)).is_empty());
    }
}
