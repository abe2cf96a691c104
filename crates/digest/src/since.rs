//! "Mới so với kỳ trước": what a running story says now that it did not say before.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diembao_news::Tier;

use crate::ArticleInput;
use crate::item::outlets;
use crate::wording::{MAX_NAME, capped, list};

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
    let known: BTreeSet<String> = before.iter().flat_map(|a| counts(a, &a.text.body)).collect();
    let new: BTreeSet<String> = now
        .iter()
        .flat_map(|a| counts(a, ""))
        .filter(|c| !known.contains(c))
        .collect();
    if !new.is_empty() {
        let shown: Vec<String> = new.into_iter().take(MAX_COUNTS).collect();
        news.push(format!("số liệu mới: {}", shown.join(", ")));
    }
    let known: BTreeSet<&str> = before.iter().map(|a| a.outlet.as_str()).collect();
    let joined: Vec<String> = outlets(&now)
        .into_iter()
        .filter(|a| !known.contains(a.outlet.as_str()))
        .map(|a| a.outlet.clone())
        .collect();
    if !joined.is_empty() {
        news.push(format!(
            "thêm {} báo đưa tin: {}",
            joined.len(),
            list(&joined, MAX_OUTLETS, "báo")
        ));
    }
    news
}

fn first_official(before: &[ArticleInput], now: &[ArticleInput]) -> Option<String> {
    if before.iter().any(|a| a.tier == Tier::Gov) {
        return None;
    }
    let official = outlets(now).into_iter().find(|a| a.tier == Tier::Gov)?;
    Some(format!(
        "lần đầu có thông tin chính thức ({})",
        capped(&official.outlet, MAX_NAME)
    ))
}

/// "35 học sinh": numbers with what they count, in title, lead and as much of the body as is given.
fn counts(article: &ArticleInput, body: &str) -> Vec<String> {
    [article.text.title.as_str(), &article.text.lead, body]
        .into_iter()
        .flat_map(counts_in)
        .collect()
}

fn counts_in(text: &str) -> Vec<String> {
    let text = diembao_text::lower(text);
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()))
        .collect();
    let counted = |at: usize| {
        let two = words.get(at..at + 2).map(|w| w.join(" "));
        let one = words.get(at).map(|w| (*w).to_owned());
        two.into_iter().chain(one).find(|w| COUNTED.contains(&w.as_str()))
    };
    let is_number = |w: &str| {
        w.len() <= 7 && w.starts_with(|c: char| c.is_ascii_digit()) && w.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    (0..words.len())
        .filter(|&i| is_number(words[i]))
        .filter_map(|i| counted(i + 1).map(|w| format!("{} {w}", words[i])))
        .collect()
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
                "số liệu mới: 2 ca, 35 học sinh",
                "thêm 2 báo đưa tin: Báo B, Cổng thông tin Sở Y tế",
            ]
        );
    }

    #[test]
    fn a_new_story_and_an_old_one_have_no_news() {
        assert!(news_since(&[article("Báo A", "30 học sinh", 5)], t(0)).is_empty());
        assert!(news_since(&[article("Báo A", "30 học sinh", -5)], t(0)).is_empty());
        assert!(news_since(&[], t(0)).is_empty());
    }
}
