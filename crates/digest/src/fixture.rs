//! Fictional inputs for tests.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use diembao_news::{ArticleId, ArticleText, CanonicalUrl, FlagKind, Severity, Stance, StoryId, Tier};

use crate::{ArticleInput, FlagView, StoryInput};

/// The edition's day, at an hour of Vietnam (negative: the day before).
pub(crate) fn t(hour: i64) -> DateTime<Utc> {
    let midnight = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
    midnight - Duration::hours(7) + Duration::hours(hour)
}

/// An article with a title only.
pub(crate) fn article(outlet: &str, title: &str, hour: i64) -> ArticleInput {
    full(outlet, hour, title, "", "")
}

/// An article with all its text.
pub(crate) fn full(outlet: &str, hour: i64, title: &str, lead: &str, body: &str) -> ArticleInput {
    let host: String = outlet.bytes().filter(u8::is_ascii_alphanumeric).map(char::from).collect();
    let url = format!("https://{}.example/{}-{hour}.html", host.to_lowercase(), title.len());
    let id = ArticleId::of_url(&CanonicalUrl::parse(&format!("{url}?{outlet}{title}{lead}")).unwrap());
    ArticleInput {
        id,
        outlet: outlet.to_owned(),
        tier: if outlet.starts_with("Cổng") { Tier::Gov } else { Tier::Central },
        url: Some(url),
        text: ArticleText { title: title.to_owned(), lead: lead.to_owned(), body: body.to_owned() },
        published: t(hour),
        is_reprint: false,
    }
}

/// A story without topics or flags.
pub(crate) fn story(articles: Vec<ArticleInput>) -> StoryInput {
    let first = articles
        .iter()
        .min_by_key(|a| (a.published, a.id))
        .map_or_else(|| ArticleId::of_url(&CanonicalUrl::parse("https://rong.example/").unwrap()), |a| a.id);
    StoryInput {
        id: StoryId::beginning_with(first),
        articles,
        topics: Vec::new(),
        flags: Vec::new(),
        reported: Vec::new(),
        case: None,
        is_late: false,
    }
}

/// An incident flag of a severity.
pub(crate) fn flag(severity: &str) -> FlagView {
    FlagView {
        rule: "su-co".to_owned(),
        rule_name: "Sự cố trong khám bệnh, chữa bệnh".to_owned(),
        kind: FlagKind::Incident,
        severity: Severity::parse(severity).unwrap(),
        stance: None,
    }
}

/// A misinformation flag with a stance.
pub(crate) fn rumour(stance: Stance) -> FlagView {
    FlagView {
        rule: "tin-don".to_owned(),
        rule_name: "Tin đồn thất thiệt".to_owned(),
        kind: FlagKind::Misinformation,
        severity: Severity::Yellow,
        stance: Some(stance),
    }
}
