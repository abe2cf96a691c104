//! Reading cases: pages of a list, one case with all that belongs to it, clocks, the log.

use chrono::{DateTime, Utc};
use diembao_desk::{Action, Case, CaseEvent, ClockLevel, ClockReading, allowed_actions, clocks};
use diembao_news::CaseId;
use diembao_store::{CaseCursor, CaseFilter, CaseStates, LoggedEvent, QueuedAlert, StoredArticle};

use super::DeskFailure;
use super::route::{self, Proposal};
use crate::Pipeline;

/// Open cases that the clocks are read of, the gravest first.
const MAX_CLOCK_CASES: usize = 1000;

/// A stretch of a list.
#[derive(Debug, Clone)]
pub struct CasePage {
    /// The cases.
    pub cases: Vec<Case>,
    /// Where the next stretch begins; none: this was the last.
    pub next: Option<CaseCursor>,
}

/// One case with all that belongs to it.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// What happened to it, the first first.
    pub events: Vec<CaseEvent>,
    /// Its clocks now, the most pressing first.
    pub clocks: Vec<ClockReading>,
    /// Its articles, the first published first.
    pub articles: Vec<StoredArticle>,
    /// Who should answer by the registry of today.
    pub proposal: Option<Proposal>,
    /// Who was told or will be.
    pub alerts: Vec<QueuedAlert>,
    /// The names of the actions its state allows.
    pub allowed: Vec<&'static str>,
}

/// A running clock of an open case.
#[derive(Debug, Clone)]
pub struct ClockRow {
    /// The case.
    pub case: Case,
    /// The clock.
    pub reading: ClockReading,
}

/// A stretch of the list that a filter asks for, the gravest first.
///
/// # Errors
/// When the store fails.
pub async fn list(p: &Pipeline, filter: &CaseFilter) -> Result<CasePage, DeskFailure> {
    let mut wanted = filter.clone();
    wanted.n_max = filter.n_max.saturating_add(1);
    let mut cases = p.store.cases(&wanted).await?;
    let more = cases.len() > filter.n_max;
    cases.truncate(filter.n_max);
    let next = cases.last().filter(|_| more).map(CaseCursor::behind);
    Ok(CasePage { cases, next })
}

/// The closed cases that the press wrote more of and nobody has looked at since, the gravest first, each with a
/// headline of what was written.
///
/// # Errors
/// When the store fails.
pub async fn closed_with_news(p: &Pipeline, n_max: usize) -> Result<Vec<(Case, String)>, DeskFailure> {
    let cases = list(p, &CaseFilter { states: CaseStates::News, n_max, ..CaseFilter::default() }).await?.cases;
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    let events = p.store.case_events(&ids).await?;
    let with_headline = |case: Case| {
        let headline = news_of(&case, events.get(&case.id)?)?.to_owned();
        Some((case, headline))
    };
    Ok(cases.into_iter().filter_map(with_headline).collect())
}

/// A headline of what was last written of a closed case, if nobody has looked at it.
#[must_use]
pub fn news_of<'e>(case: &Case, events: &'e [CaseEvent]) -> Option<&'e str> {
    case.times.news?;
    let last = events.iter().rev().find(|e| matches!(e.action, Action::News { .. }))?;
    Some(&last.note)
}

/// One case with all that belongs to it.
///
/// # Errors
/// When there is no such case, or the store fails.
pub async fn show(p: &Pipeline, id: CaseId) -> Result<CaseFile, DeskFailure> {
    let (case, events) = p.store.case(id).await?.ok_or(DeskFailure::NoCase(id))?;
    let articles = case_articles(p, id).await?;
    let now = p.clock.now();
    Ok(CaseFile {
        clocks: clocks(&case, &events, &p.home.registry.clocks, now),
        proposal: route::of_articles(p, &articles, now),
        alerts: p.store.alerts(id).await?,
        allowed: allowed_actions(&case),
        case,
        events,
        articles,
    })
}

/// The articles of a case and of those merged into it, the first published first.
///
/// # Errors
/// When the store fails.
pub async fn case_articles(p: &Pipeline, id: CaseId) -> Result<Vec<StoredArticle>, DeskFailure> {
    let held = p.store.case_articles(&[id]).await?.remove(&id).unwrap_or_default();
    let ids: Vec<_> = held.into_iter().map(|(article, _)| article).collect();
    let mut articles = p.store.articles(&ids).await?;
    articles.sort_by_key(|a| (a.article.times.published, a.article.id));
    Ok(articles)
}

/// The clocks of the open cases that run now, the most used first; `at_least` leaves out those below.
///
/// # Errors
/// When the store fails.
pub async fn clock_board(p: &Pipeline, at_least: ClockLevel) -> Result<Vec<ClockRow>, DeskFailure> {
    let cases = p.store.cases(&CaseFilter { n_max: MAX_CLOCK_CASES, ..CaseFilter::default() }).await?;
    let ids: Vec<CaseId> = cases.iter().map(|c| c.id).collect();
    let mut events = p.store.case_events(&ids).await?;
    let mut rows = Vec::new();
    for case in cases {
        let events = events.remove(&case.id).unwrap_or_default();
        rows.extend(clock_rows(p, &case, &events, at_least));
    }
    sort_clocks(&mut rows);
    Ok(rows)
}

/// The clocks of one case that run now and are used as far as asked for; none when it is over.
#[must_use]
pub fn clock_rows(p: &Pipeline, case: &Case, events: &[CaseEvent], at_least: ClockLevel) -> Vec<ClockRow> {
    if !case.state.is_open() {
        return Vec::new();
    }
    let readings = clocks(case, events, &p.home.registry.clocks, p.clock.now());
    let running = readings.into_iter().filter(|r| r.level >= ClockLevel::Running.max(at_least));
    running.map(|reading| ClockRow { case: case.clone(), reading }).collect()
}

/// Puts the most used first; of equal ones those of the gravest case, then what is due first.
pub fn sort_clocks(rows: &mut [ClockRow]) {
    rows.sort_by(|a, b| {
        let key = |r: &ClockRow| (r.reading.level, r.case.severity);
        key(b).cmp(&key(a)).then(a.reading.due.cmp(&b.reading.due)).then(a.case.id.cmp(&b.case.id))
    });
}

/// What happened to all cases in a stretch of time, the last first; `behind` is where to go on.
///
/// # Errors
/// When the store fails.
pub async fn log(
    p: &Pipeline,
    span: (DateTime<Utc>, DateTime<Utc>),
    behind: Option<&LoggedEvent>,
    n_max: usize,
) -> Result<Vec<LoggedEvent>, DeskFailure> {
    Ok(p.store.case_log(span, behind, n_max).await?)
}
