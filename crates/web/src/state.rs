//! What all requests share.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use chrono::TimeDelta;
use diembao_desk::{Case, CaseState, ClockLevel};
use diembao_digest::Coverage;
use diembao_news::Severity;
use diembao_pipeline::Pipeline;
use diembao_pipeline::desk::{self, ClockRow};
use diembao_search::Index;
use diembao_store::{CaseFilter, CaseStates, DayHealth};
use tokio::sync::Semaphore;

use crate::answer::Stop;
use crate::cookies::Transport;
use crate::held::Held;
use crate::key::Key;
use crate::live::Live;
use crate::oidc::Provider;
use crate::pace::Pace;

/// Logins that are hashed at the same time: each takes 19 MiB and a core.
const N_HASHING: usize = 2;
/// How long what presses now is kept.
const KEEP: TimeDelta = TimeDelta::seconds(5);
/// How long what changes slowly is kept: which sources answer, news by day.
const KEEP_COUNTS: TimeDelta = TimeDelta::seconds(15);
const N_WAITING: usize = 200;

/// What all requests share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Console(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) p: Pipeline,
    pub(crate) key: Key,
    pub(crate) transport: Transport,
    pub(crate) hashing: Semaphore,
    pub(crate) live: Live,
    index: Mutex<Option<Arc<Index>>>,
    board: Held<Board>,
    /// Which sources were read in the last day.
    pub(crate) coverage: Held<Coverage>,
    /// Health news by day.
    pub(crate) trend: Held<Vec<DayHealth>>,
    /// How fast everybody asks.
    pub(crate) pace: Pace,
    /// Where people may sign in beside the login form.
    pub(crate) provider: Option<Provider>,
}

/// What presses now on the whole desk.
pub(crate) struct Board {
    /// Cases that nobody has taken, the gravest first.
    pub(crate) waiting: Vec<Case>,
    /// Clocks beyond half of their time, the most used first.
    pub(crate) clocks: Vec<ClockRow>,
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
        let hashing = Semaphore::new(N_HASHING);
        let inner = Inner {
            key,
            transport,
            hashing,
            live: Live::new(),
            index: Mutex::new(None),
            board: Held::new(KEEP),
            coverage: Held::new(KEEP_COUNTS),
            trend: Held::new(KEEP_COUNTS),
            pace: Pace::default(),
            provider: Provider::of(&p.home).context("single sign-on")?,
            p,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// What presses now. Everybody's first page shows it, so it is read once for all of them and
    /// kept for a few seconds, or until something is changed here.
    pub(crate) async fn board(&self) -> Result<Arc<Board>, Stop> {
        let asked = (self.p.clock.now(), self.live.n_changes());
        let make = async || {
            let filter = CaseFilter {
                states: CaseStates::Only(CaseState::Detected),
                at_least: Severity::Orange,
                n_max: N_WAITING,
                ..CaseFilter::default()
            };
            let waiting = self.p.store.cases(&filter).await?;
            Ok(Board { waiting, clocks: desk::clock_board(&self.p, ClockLevel::Half).await? })
        };
        self.board.get(asked, make).await
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
