//! What presses now on the whole desk. Everybody's first page shows it and it takes long to make, so it is made
//! for all of them together; what is changed here is laid over it at once.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use diembao_desk::{Case, CaseState, ClockLevel};
use diembao_news::{CaseId, Severity};
use diembao_pipeline::desk::{self, ClockRow};
use diembao_store::{CaseFilter, CaseStates};

use crate::answer::Stop;
use crate::held::Held;
use crate::state::Console;

/// How long a board is kept.
const KEEP: TimeDelta = TimeDelta::seconds(5);
const N_WAITING: usize = 200;
const AT_LEAST: Severity = Severity::Orange;

/// What presses now.
#[derive(Clone)]
pub(crate) struct Board {
    /// Cases that nobody has taken, the gravest first.
    pub(crate) waiting: Vec<Case>,
    /// Clocks beyond half of their time, the most used first.
    pub(crate) clocks: Vec<ClockRow>,
    /// Closed cases that the press wrote more of and nobody has looked at, the gravest first, each with a headline.
    pub(crate) news: Vec<(Case, String)>,
}

/// The board as the store had it, and after which change of ours it was begun.
struct Made {
    board: Arc<Board>,
    after: u64,
}

/// The board, and what was changed here since it was made.
pub(crate) struct Boards {
    made: Held<Made>,
    changes: Mutex<Changes>,
}

#[derive(Default)]
struct Changes {
    n: u64,
    /// The cases as they were read after our changes.
    cases: HashMap<CaseId, Changed>,
    /// The last board that was laid out, of which one and after which change.
    shown: Option<(Arc<Board>, u64, Arc<Board>)>,
}

/// A case as it was read after a change of ours.
struct Changed {
    /// The number of the change.
    n: u64,
    case: Case,
    clocks: Vec<ClockRow>,
    headline: Option<String>,
}

impl Boards {
    pub(crate) fn new() -> Self {
        Self { made: Held::new(KEEP), changes: Mutex::default() }
    }
}

impl Console {
    /// What presses now, at most some seconds old, and never without what was changed here.
    pub(crate) async fn board(&self) -> Result<Arc<Board>, Stop> {
        let made = self.boards.made.get(self.p.clock.now(), make(self.clone())).await?;
        Ok(self.boards.changes.lock().unwrap_or_else(PoisonError::into_inner).over(&made))
    }

    /// Makes the board anew: somebody else changed something.
    pub(crate) async fn renew_board(&self) -> Result<(), Stop> {
        self.boards.made.renew(self.p.clock.now(), make(self.clone())).await
    }

    /// Cases were changed here: the board shows them as they are now, and open pages are told.
    pub(crate) async fn changed(&self, ids: &[CaseId]) -> Result<(), Stop> {
        for id in ids {
            let Some((case, events)) = self.p.store.case(*id).await? else { continue };
            let clocks = desk::clock_rows(&self.p, &case, &events, ClockLevel::Half);
            let headline = desk::news_of(&case, &events).map(str::to_owned);
            let changed = Changed { n: 0, case, clocks, headline };
            self.boards.changes.lock().unwrap_or_else(PoisonError::into_inner).add(changed);
        }
        self.live.tell();
        Ok(())
    }
}

async fn make(console: Console) -> Result<Made, Stop> {
    let after = console.boards.changes.lock().unwrap_or_else(PoisonError::into_inner).n;
    let filter = CaseFilter {
        states: CaseStates::Only(CaseState::Detected),
        at_least: AT_LEAST,
        n_max: N_WAITING,
        ..CaseFilter::default()
    };
    let waiting = console.p.store.cases(&filter).await?;
    let clocks = desk::clock_board(&console.p, ClockLevel::Half).await?;
    let news = desk::closed_with_news(&console.p, N_WAITING).await?;
    Ok(Made { board: Arc::new(Board { waiting, clocks, news }), after })
}

impl Changes {
    fn add(&mut self, changed: Changed) {
        self.n += 1;
        // Of two officers at the same moment the later state stays, whoever is first here.
        if self.cases.get(&changed.case.id).is_none_or(|known| known.case.version <= changed.case.version) {
            self.cases.insert(changed.case.id, Changed { n: self.n, ..changed });
        }
    }

    /// A board with the changes that it has not seen.
    fn over(&mut self, made: &Made) -> Arc<Board> {
        if let Some((of, n, shown)) = &self.shown
            && *n == self.n
            && Arc::ptr_eq(of, &made.board)
        {
            return Arc::clone(shown);
        }
        self.cases.retain(|_, changed| changed.n > made.after);
        let mut shown = Arc::clone(&made.board);
        if !self.cases.is_empty() {
            let board = Arc::make_mut(&mut shown);
            board.waiting.retain(|case| !self.cases.contains_key(&case.id));
            board.clocks.retain(|row| !self.cases.contains_key(&row.case.id));
            board.news.retain(|(case, _)| !self.cases.contains_key(&case.id));
            for Changed { case, clocks, headline, .. } in self.cases.values() {
                if case.state == CaseState::Detected && case.severity >= AT_LEAST {
                    board.waiting.push(case.clone());
                }
                board.clocks.extend(clocks.iter().cloned());
                board.news.extend(headline.iter().map(|headline| (case.clone(), headline.clone())));
            }
            let gravest = |case: &Case| Reverse((case.severity, case.opened_at, case.id));
            board.waiting.sort_by_key(gravest);
            board.news.sort_by_key(|(case, _)| gravest(case));
            desk::sort_clocks(&mut board.clocks);
        }
        self.shown = Some((Arc::clone(&made.board), self.n, Arc::clone(&shown)));
        shown
    }
}
