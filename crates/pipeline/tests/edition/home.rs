//! A home in a temporary folder, with a clock that is set by hand and articles that are given.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use diembao_news::EditionId;
use diembao_pipeline::{Clock, Home, ImportFormat, Pipeline, Progress, RunReport};

/// A home whose time stands still until it is moved.
pub(crate) struct Desk {
    pub(crate) p: Pipeline,
    now: Arc<AtomicI64>,
    _dir: tempfile::TempDir,
}

pub(crate) fn time(s: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{s}:00+07:00")).unwrap().into()
}

pub(crate) fn day(s: &str) -> EditionId {
    EditionId::parse(s).unwrap()
}

impl Desk {
    /// A home with the shipped settings, each change made to them; it is `at`.
    pub(crate) async fn open(at: &str, changes: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        diembao_pipeline::init(dir.path()).unwrap();
        let path = dir.path().join("diembao.toml");
        let mut text = std::fs::read_to_string(&path).unwrap();
        for (old, new) in changes {
            assert!(text.contains(old), "diembao.toml does not hold {old:?}");
            text = text.replace(old, new);
        }
        std::fs::write(&path, text).unwrap();
        let now = Arc::new(AtomicI64::new(time(at).timestamp_micros()));
        let hand = Arc::clone(&now);
        let clock = Clock::new(move || DateTime::from_timestamp_micros(hand.fetch_add(1, Ordering::Relaxed)).unwrap());
        let p = Pipeline::open(Home::load(dir.path()).unwrap(), clock, Progress::default()).await.unwrap();
        Self { p, now, _dir: dir }
    }

    /// Moves the time.
    pub(crate) fn at(&self, time_: &str) {
        self.now.store(time(time_).timestamp_micros(), Ordering::Relaxed);
    }

    /// Articles arrive now: outlet, title, body; published an hour ago.
    pub(crate) async fn arrive(&self, articles: &[(&str, &str, &str)]) {
        let published = self.p.clock.now() - chrono::TimeDelta::hours(1);
        let lines: Vec<String> = articles
            .iter()
            .map(|(outlet, title, body)| {
                let record = serde_json::json!({
                    "id": format!("{outlet}/{title}"), "outlet": outlet, "title": title, "lead": "", "body": body,
                    "published": published.to_rfc3339(),
                });
                record.to_string()
            })
            .collect();
        let text = lines.join("\n");
        let report = diembao_pipeline::import(&self.p, text.as_bytes(), ImportFormat::JsonLines).await.unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
        diembao_pipeline::absorb(&self.p, &mut RunReport::default()).await.unwrap();
    }

    /// The whole text of an edition for its first audience, as it stands.
    pub(crate) async fn text(&self, id: &EditionId) -> String {
        let frozen = self.p.store.rendered_parts(id).await.unwrap();
        let state = self.p.store.edition(id).await.unwrap().map(|e| e.state);
        if state == Some(diembao_news::EditionState::Frozen) {
            return frozen.into_iter().find(|part| part.audience.as_str() == "lanh-dao").unwrap().text;
        }
        let (_, parts) = diembao_pipeline::preview_edition(&self.p, id).await.unwrap();
        parts.into_iter().find(|part| part.audience.as_str() == "lanh-dao").unwrap().rendered.text
    }
}
