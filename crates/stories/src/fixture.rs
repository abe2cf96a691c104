//! Fictional documents for tests.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use diembao_news::ArticleText;

use crate::Doc;

/// A document and its text.
pub(crate) struct Piece {
    outlet: &'static str,
    published: Option<DateTime<Utc>>,
    text: ArticleText,
}

impl Piece {
    /// A document of an hour; hours from 100,000 on mean that the time is not known.
    pub(crate) fn new(outlet: &'static str, hour: i64, title: &str, lead: &str, body: &str) -> Self {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
        let text = ArticleText { title: title.into(), lead: lead.into(), body: body.into() };
        Self { outlet, published: (hour < 100_000).then(|| day + Duration::hours(hour)), text }
    }
}

/// The documents; keys count up.
pub(crate) fn docs(pieces: &[Piece]) -> Vec<Doc<'_>> {
    (0..).zip(pieces).map(|(key, p)| Doc { key, outlet: p.outlet, published: p.published, text: &p.text }).collect()
}
