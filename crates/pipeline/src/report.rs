//! What a run did: a line a stage, what went wrong with which source, and the edition.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diembao_news::{ChannelId, EditionId};

/// A stage of the run, in the order of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Channels are polled for items.
    Collect,
    /// Pages are fetched, extracted and stored.
    Pages,
    /// Articles get topics and flags.
    Classify,
    /// Articles become stories.
    Group,
    /// Articles become searchable.
    Index,
    /// Flagged stories become cases.
    Desk,
    /// Stories become an edition.
    Edition,
    /// The edition becomes mail.
    Deliver,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Collect,
        Self::Pages,
        Self::Classify,
        Self::Group,
        Self::Index,
        Self::Desk,
        Self::Edition,
        Self::Deliver,
    ];

    /// The name in reports and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Pages => "pages",
            Self::Classify => "classify",
            Self::Group => "group",
            Self::Index => "index",
            Self::Desk => "desk",
            Self::Edition => "edition",
            Self::Deliver => "deliver",
        }
    }
}

/// What one stage did.
#[derive(Debug, Clone, Default)]
pub struct StageReport {
    /// How much came in.
    pub n_in: u64,
    /// How much of it came out well.
    pub n_out: u64,
    /// Everything else worth a number, by name.
    pub counts: BTreeMap<&'static str, u64>,
    /// How long it took on the clock.
    pub elapsed: Duration,
}

impl StageReport {
    /// Adds to a named number.
    pub fn count(&mut self, name: &'static str, n: u64) {
        if n > 0 {
            *self.counts.entry(name).or_default() += n;
        }
    }
}

/// A channel that could not be read, or was read with a problem.
#[derive(Debug, Clone)]
pub struct SourceProblem {
    /// Which.
    pub channel: ChannelId,
    /// A short word for the kind: "dns", "timeout", "status-404".
    pub kind: String,
    /// What happened.
    pub message: String,
}

/// What became of the day's edition.
#[derive(Debug, Clone)]
pub struct EditionReport {
    /// Which.
    pub id: EditionId,
    /// Whether this run made it, or an earlier one had.
    pub outcome: EditionOutcome,
    /// Stories in it, if this run assembled it.
    pub n_stories: Option<u64>,
    /// The subject of its mail.
    pub subject: String,
    /// Deliveries by state, this run and before.
    pub deliveries: BTreeMap<&'static str, u64>,
}

/// Whether a run made the edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditionOutcome {
    /// This run froze it.
    Frozen,
    /// It had been frozen before and was not touched.
    AlreadyFrozen,
    /// It waits for an editor's approval.
    AwaitingApproval,
}

/// What a run did.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// By stage.
    pub stages: BTreeMap<Stage, StageReport>,
    /// Sources with problems.
    pub sources: Vec<SourceProblem>,
    /// Channels polled, and those of them that answered.
    pub channels: (u64, u64),
    /// The edition, if the run got that far.
    pub edition: Option<EditionReport>,
    /// What else the reader should know.
    pub notices: Vec<String>,
    /// The search index could not be written; everything else is done.
    pub index_failed: bool,
}

impl RunReport {
    /// Whether channels were polled and none of them answered.
    #[must_use]
    pub fn nothing_reached(&self) -> bool {
        self.channels.0 > 0 && self.channels.1 == 0
    }
}

/// What a stage tells whoever watches.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A stage begins; how much there is to do, if known.
    Begin(Stage, Option<u64>),
    /// So much more is done.
    Advance(Stage, u64),
    /// A stage is over.
    End(Stage),
}

/// Where progress is told.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(Event) + Send + Sync>>);

impl Progress {
    /// Tells `watcher`.
    pub fn to(watcher: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(watcher)))
    }

    /// Tells one event.
    pub fn tell(&self, event: Event) {
        if let Some(watcher) = &self.0 {
            watcher(event);
        }
    }

    /// Begins a stage and measures it until [`StageRun::end`].
    pub fn begin(&self, stage: Stage, n_total: Option<u64>) -> StageRun<'_> {
        self.tell(Event::Begin(stage, n_total));
        StageRun { progress: self, stage, started: Instant::now(), report: StageReport::default() }
    }
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(watched)" } else { "Progress(unwatched)" })
    }
}

/// A stage at work.
#[derive(Debug)]
pub struct StageRun<'p> {
    progress: &'p Progress,
    stage: Stage,
    started: Instant,
    /// What it has done so far.
    pub report: StageReport,
}

impl StageRun<'_> {
    /// Tells that so much more is done.
    pub fn advance(&self, n: u64) {
        self.progress.tell(Event::Advance(self.stage, n));
    }

    /// Ends the stage.
    #[must_use]
    pub fn end(mut self) -> StageReport {
        self.report.elapsed = self.started.elapsed();
        self.progress.tell(Event::End(self.stage));
        self.report
    }
}
