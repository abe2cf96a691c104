//! The turns of a running story: its first report, its first official voice, its growing numbers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, Tier};

use crate::ArticleInput;
use crate::item::headline;
use crate::since::title_counts;
use crate::wording::{MAX_NAME, capped};

/// A turn of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// The article that brought it.
    pub article: ArticleId,
    /// Who published it.
    pub outlet: String,
    /// Its headline.
    pub headline: String,
    /// It is the first word of an authority.
    pub is_official: bool,
}

/// At most `max` turns in the order of time: the first report always, then the latest.
///
/// A turn is an article whose headline or lead names a greater number of what was counted before,
/// or the first of an authority. Copies turn nothing.
#[must_use]
pub fn timeline(articles: &[ArticleInput], max: usize) -> Vec<TimelineEntry> {
    let mut sorted: Vec<&ArticleInput> = articles.iter().filter(|a| !a.is_reprint).collect();
    sorted.sort_by_key(|a| (a.published, a.id));
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut has_official = false;
    let mut turns = Vec::new();
    for article in sorted {
        let mut grows = false;
        for (n, unit) in title_counts(article) {
            let most = known.entry(unit).or_insert(0);
            grows |= *most > 0 && n > *most;
            *most = n.max(*most);
        }
        let is_official = !has_official && article.tier == Tier::Gov;
        has_official |= is_official;
        if turns.is_empty() || grows || is_official {
            turns.push(TimelineEntry {
                at: article.published,
                article: article.id,
                outlet: capped(&article.outlet, MAX_NAME),
                headline: headline(article),
                is_official,
            });
        }
    }
    if turns.len() > max.max(1) {
        turns.drain(1..turns.len() - (max.max(1) - 1));
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::article;

    #[test]
    fn first_report_growing_numbers_and_the_first_official_word() {
        let articles = [
            article("Cổng Sở Y tế", "Thông tin về 35 học sinh", 4),
            article("Báo A", "30 học sinh nhập viện", 1),
            article("Báo B", "Thêm ý kiến về 30 học sinh", 2),
            article("Báo C", "35 học sinh nhập viện", 3),
            article("Cổng Sở Y tế", "Cập nhật 35 học sinh", 5),
        ];
        let outlets = |max| timeline(&articles, max).into_iter().map(|t| t.outlet).collect::<Vec<_>>();
        assert_eq!(outlets(9), ["Báo A", "Báo C", "Cổng Sở Y tế"]);
        assert_eq!(outlets(2), ["Báo A", "Cổng Sở Y tế"]);
        assert_eq!(outlets(0), ["Báo A"]);
        assert!(timeline(&[], 5).is_empty());
    }
}
