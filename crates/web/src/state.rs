//! What all requests share.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use chrono::TimeDelta;
use diembao_digest::Coverage;
use diembao_pipeline::{Pipeline, SourceHealth};
use diembao_search::Index;
use diembao_store::DayHealth;

use crate::answer::Stop;
use crate::board::Boards;
use crate::cookies::Transport;
use crate::held::Held;
use crate::key::Key;
use crate::live::Live;
use crate::oidc::Provider;
use crate::pace::Pace;
use crate::turns::Turns;

/// How long what changes slowly is kept: which sources answer, news by day.
const KEEP_COUNTS: TimeDelta = TimeDelta::seconds(15);

/// What all requests share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Console(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) p: Pipeline,
    pub(crate) key: Key,
    pub(crate) transport: Transport,
    /// Passwords that are checked: each takes 19 MiB and a core.
    pub(crate) hashing: Turns,
    /// Papers, previews and texts to try that are made.
    pub(crate) making: Turns,
    pub(crate) live: Live,
    index: Mutex<Option<Arc<Index>>>,
    pub(crate) boards: Boards,
    coverage: Held<Coverage>,
    sources: Held<Vec<SourceHealth>>,
    trend: Held<Vec<DayHealth>>,
    /// How fast everybody asks.
    pub(crate) pace: Pace,
    /// Where people may sign in beside the login form.
    pub(crate) provider: Option<Provider>,
}

impl Deref for Console {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Console {
    pub(crate) fn open(p: Pipeline) -> anyhow::Result<Self> {
        let settings = &p.home.settings.console;
        let key = Key::open(&p.home.root.join(&settings.key_file)).context("the console's key")?;
        let transport = if settings.public_url.starts_with("https://") { Transport::Tls } else { Transport::Plain };
        let inner = Inner {
            key,
            transport,
            hashing: Turns::new(2, 256),
            making: Turns::new(4, 64),
            live: Live::new(),
            index: Mutex::new(None),
            boards: Boards::new(),
            coverage: Held::new(KEEP_COUNTS),
            sources: Held::new(KEEP_COUNTS),
            trend: Held::new(KEEP_COUNTS),
            pace: Pace::default(),
            provider: Provider::of(&p.home).context("single sign-on")?,
            p,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Which sources were read in the last day.
    pub(crate) async fn coverage(&self) -> Result<Arc<Coverage>, Stop> {
        let (now, console) = (self.p.clock.now(), self.clone());
        let make = async move { Ok(diembao_pipeline::coverage(&console.p, now - TimeDelta::hours(24)).await?) };
        self.coverage.get(now, make).await
    }

    /// How every source does.
    pub(crate) async fn sources(&self) -> Result<Arc<Vec<SourceHealth>>, Stop> {
        let console = self.clone();
        let make = async move { Ok(diembao_pipeline::source_health(&console.p).await?) };
        self.sources.get(self.p.clock.now(), make).await
    }

    /// The health news of the last seven days.
    pub(crate) async fn trend(&self) -> Result<Arc<Vec<DayHealth>>, Stop> {
        let (now, console) = (self.p.clock.now(), self.clone());
        let make = async move { Ok(console.p.store.health_per_day(now - TimeDelta::days(7), now).await?) };
        self.trend.get(now, make).await
    }

    /// The search index; opened at the first question, because a new home has none.
    pub(crate) fn index(&self) -> anyhow::Result<Arc<Index>> {
        let mut held = self.index.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(index) = held.as_ref() {
            return Ok(Arc::clone(index));
        }
        let home = &self.p.home;
        let index = Arc::new(Index::open(&home.index_dir())?.with_synonyms(home.synonyms.clone()));
        *held = Some(Arc::clone(&index));
        Ok(index)
    }
}
