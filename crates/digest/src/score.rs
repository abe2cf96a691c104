//! The order of stories: a sum whose parts can be shown.
//!
//! Severity outweighs everything else together by design of the scale: an incident of a higher
//! level with one outlet stands before one of the next lower level with average coverage.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use diembao_news::{FlagKind, Severity, Tier};

use crate::{ArticleInput, StoryInput};

/// The parts of a story's score; the greater the sum, the earlier it is read.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ScoreParts {
    /// Gravest flag: 0 to 20.
    pub severity: f32,
    /// How many outlets carry it: 0 to 5.
    pub outlets: f32,
    /// How much those outlets weigh: 0 to 2.
    pub tier: f32,
    /// How much of its coverage is of the last six hours: 0 to 2.
    pub rhythm: f32,
    /// How recently it began: 0 to 2.
    pub novelty: f32,
    /// How near it is to the work of the ministry and the Government: 0 to 3.
    pub ministry: f32,
    /// An editor's pin: 0 or 100.
    pub pin: f32,
}

impl ScoreParts {
    /// The sum.
    #[must_use]
    pub fn total(&self) -> f32 {
        self.severity + self.outlets + self.tier + self.rhythm + self.novelty + self.ministry + self.pin
    }

    /// The parts by their Vietnamese names, for those who ask why.
    #[must_use]
    pub fn parts(&self) -> [(&'static str, f32); 7] {
        [
            ("mức độ", self.severity),
            ("số báo", self.outlets),
            ("uy tín nguồn", self.tier),
            ("nhịp đưa tin", self.rhythm),
            ("tính mới", self.novelty),
            ("liên quan Bộ, Chính phủ", self.ministry),
            ("biên tập ghim", self.pin),
        ]
    }
}

/// What an editor's pin counts: more than everything else together.
pub const PIN: f32 = 100.0;

const LEADERS: &[&str] = &["Bộ trưởng", "Thứ trưởng", "Thủ tướng", "Phó Thủ tướng", "Chính phủ", "Quốc hội"];
const AUTHORITIES: &[&str] = &["Bộ Y tế", "Sở Y tế", "Cục ", "Thanh tra", "CDC"];

/// The score of a story at a time, without an editor's pin.
#[must_use]
pub fn order_score(story: &StoryInput, now: DateTime<Utc>) -> ScoreParts {
    let outlets = outlets_of(&story.articles);
    ScoreParts {
        severity: severity_part(story),
        outlets: outlets_part(outlets.len()),
        tier: outlets.values().copied().fold(0.0, f32::max),
        rhythm: rhythm_part(&story.articles, now),
        novelty: novelty_part(&story.articles, now),
        ministry: ministry_part(&story.articles),
        pin: 0.0,
    }
}

fn severity_part(story: &StoryInput) -> f32 {
    let weigh = |kind: FlagKind, severity: Severity| {
        let points = match severity {
            Severity::Green => 2.0,
            Severity::Yellow => 6.0,
            Severity::Orange => 12.0,
            Severity::Red => 20.0,
        };
        if kind == FlagKind::Incident { points } else { points * 0.7 }
    };
    story.flags.iter().map(|f| weigh(f.kind, f.severity)).fold(0.0, f32::max)
}

/// Distinct outlets and the best weight each has among its articles.
fn outlets_of(articles: &[ArticleInput]) -> BTreeMap<&str, f32> {
    let mut outlets = BTreeMap::new();
    for article in articles {
        let weight: f32 = match article.tier {
            Tier::Gov => 2.0,
            Tier::Central => 1.6,
            Tier::Health => 1.4,
            Tier::Local => 0.8,
        };
        let best = outlets.entry(article.outlet.as_str()).or_insert(weight);
        *best = best.max(weight);
    }
    outlets
}

fn outlets_part(n: usize) -> f32 {
    let n = u16::try_from(n).unwrap_or(u16::MAX);
    (f32::from(n.max(1)).ln() * 1.7).min(5.0)
}

/// The share of articles of the last six hours; a single article has no rhythm.
fn rhythm_part(articles: &[ArticleInput], now: DateTime<Utc>) -> f32 {
    if articles.len() < 2 {
        return 0.0;
    }
    let recent = articles.iter().filter(|a| now - a.published <= Duration::hours(6)).count();
    2.0 * share(recent, articles.len())
}

fn share(part: usize, whole: usize) -> f32 {
    let count = |n: usize| f32::from(u16::try_from(n).unwrap_or(u16::MAX));
    count(part) / count(whole.max(1))
}

/// Two points for what began now, none for what began three days ago.
fn novelty_part(articles: &[ArticleInput], now: DateTime<Utc>) -> f32 {
    let Some(first) = articles.iter().map(|a| a.published).min() else {
        return 0.0;
    };
    let hours = u16::try_from((now - first).num_hours().clamp(0, 72)).unwrap_or(72);
    2.0 * (1.0 - f32::from(hours) / 72.0)
}

fn ministry_part(articles: &[ArticleInput]) -> f32 {
    let named = |names: &[&str]| {
        articles.iter().take(20).any(|a| names.iter().any(|n| a.text.title.contains(n) || a.text.lead.contains(n)))
    };
    let leaders = if named(LEADERS) { 1.8 } else { 0.0 };
    let authorities = if named(AUTHORITIES) { 1.2 } else { 0.0 };
    leaders + authorities
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{article, flag, story, t};

    #[test]
    fn a_graver_story_with_one_outlet_stands_before_a_lighter_one_with_five() {
        let red = StoryInput {
            flags: vec![flag("red")],
            ..story(vec![article("Báo A", "Ngộ độc tại một trường học", 6)])
        };
        let five = ["A", "B", "C", "D", "E"].map(|o| article(&format!("Báo {o}"), "Hai người nhập viện", 6));
        let orange = StoryInput { flags: vec![flag("orange")], ..story(five.to_vec()) };
        assert!(order_score(&red, t(7)).total() > order_score(&orange, t(7)).total());
    }

    #[test]
    fn without_flags_authority_and_coverage_decide() {
        let ministry = story(vec![article("Báo A", "Bộ trưởng Bộ Y tế kiểm tra tiêm chủng", 6)]);
        let other = story(vec![article("Báo A", "Năm món ăn tốt cho tim", 6)]);
        let score = order_score(&ministry, t(7));
        assert!(score.total() > order_score(&other, t(7)).total());
        assert!((score.ministry - 3.0).abs() < 1e-6);
        assert_eq!(score.parts().iter().map(|(_, v)| v).sum::<f32>(), score.total());
    }

    #[test]
    fn an_empty_story_has_a_score_too() {
        assert!(order_score(&story(Vec::new()), t(7)).total().is_finite());
    }
}
