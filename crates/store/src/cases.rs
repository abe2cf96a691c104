//! Cases and their events. The events are the truth and are only ever added; the case's row
//! is what they come to, kept so that lists are one query.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diembao_desk::{Case, CaseEvent, CaseState, NewCase};
use diembao_news::{CaseId, FlagKind, Severity, StoryId};

use crate::case_rows::{details_text, rank, same, update_args};
use crate::sql::{args, bad, limit};
use crate::store::Tx;
use crate::{Store, StoreError};

/// Which states a list of cases holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseStates {
    /// Those in which somebody still has to do something.
    #[default]
    Open,
    /// Any.
    All,
    /// One.
    Only(CaseState),
}

/// Which cases a list holds: the gravest first, then the last opened.
#[derive(Debug, Clone, Copy)]
pub struct CaseFilter {
    /// In which states.
    pub states: CaseStates,
    /// Of which kind; none: any.
    pub kind: Option<FlagKind>,
    /// This grave or graver.
    pub at_least: Severity,
    /// Opened from here on.
    pub opened_from: Option<DateTime<Utc>>,
    /// How many at most.
    pub n_max: usize,
}

impl Default for CaseFilter {
    fn default() -> Self {
        Self { states: CaseStates::Open, kind: None, at_least: Severity::Green, opened_from: None, n_max: 1000 }
    }
}

macro_rules! columns {
    () => {
        "id, story, kind, severity, state, title, owner, opened_at, published, version, occurred_at, acknowledged_at,
    assigned_at, answered_at, closed_at, updated_at, n_articles, n_outlets, unit, escalated_to, dismissed"
    };
}

macro_rules! list {
    ($states:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM cases WHERE ",
            $states,
            " AND ($1 = '' OR kind = $1) AND severity_rank >= $2 AND opened_at >= $3
            ORDER BY severity_rank DESC, opened_at DESC, id DESC LIMIT $4"
        )
    };
}

/// One statement for each choice of states, so that each reads its own index in order.
const LIST_OPEN: &str = list!("state NOT IN ('closed', 'dismissed')");
const LIST_ALL: &str = list!("1 = 1");
const LIST_STATE: &str = list!("state = $5");
const ONE: &str = concat!("SELECT ", columns!(), " FROM cases WHERE id = $1");
/// A story that was merged into another still leads to its case, through the article it began with.
const OF_STORY: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM cases WHERE story = $1 OR story IN (SELECT id FROM articles WHERE story = $1)
    OR story IN (SELECT story FROM articles WHERE id = $1 AND story IS NOT NULL) ORDER BY id LIMIT 1"
);
const OF_STORIES: &str = concat!("SELECT ", columns!(), ", story FROM cases WHERE story IN ({ids})");
/// Cases whose first article is in one of the stories now; the story comes last.
const OF_MERGED: &str = concat!(
    "SELECT ",
    columns!(),
    ", (SELECT articles.story FROM articles WHERE articles.id = cases.story) FROM cases
    WHERE story IN (SELECT id FROM articles WHERE articles.story IN ({ids}))"
);
const EVENTS: &str = "SELECT at, actor, action, details, note FROM case_events WHERE case_id = $1 ORDER BY version";
const EVENT: &str = "SELECT at, actor, action, details, note FROM case_events WHERE case_id = $1 AND version = $2";
const INSERT: &str =
    "INSERT INTO cases (story, kind, severity, severity_rank, state, title, opened_at, published, version,
    updated_at, n_articles, n_outlets) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $7, $9, $10)
    ON CONFLICT (story) DO NOTHING RETURNING id";
const INSERT_EVENT: &str = "INSERT INTO case_events (case_id, version, at, actor, action, details, note)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const UPDATE: &str = "UPDATE cases SET severity = $3, severity_rank = $4, state = $5, owner = $6, version = $7,
    occurred_at = $8, acknowledged_at = $9, assigned_at = $10, answered_at = $11, closed_at = $12, updated_at = $13,
    n_articles = $14, n_outlets = $15, unit = $16, escalated_to = $17, dismissed = $18
    WHERE id = $1 AND version = $2";

impl Store {
    /// The cases a filter asks for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cases(&self, filter: &CaseFilter) -> Result<Vec<Case>, StoreError> {
        let kind = filter.kind.map_or("", FlagKind::as_str);
        let from = filter.opened_from.map_or(i64::MIN, |t| t.timestamp_micros());
        let mut args = args![kind, rank(filter.at_least), from, limit(filter.n_max)];
        let statement = match filter.states {
            CaseStates::Open => LIST_OPEN,
            CaseStates::All => LIST_ALL,
            CaseStates::Only(state) => {
                args.push(state.as_str().into());
                LIST_STATE
            }
        };
        self.fetch(statement, args).await?.iter().map(|row| self.case_of(row)).collect()
    }

    /// A case and its events, the first first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn case(&self, id: CaseId) -> Result<Option<(Case, Vec<CaseEvent>)>, StoreError> {
        let rows = self.fetch(ONE, args![id.as_i64()]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let case = self.case_of(row)?;
        let events = self.fetch(EVENTS, args![id.as_i64()]).await?;
        let mut events: Vec<CaseEvent> = events.iter().map(|row| self.event_of(row)).collect::<Result<_, _>>()?;
        // An event added between the two reads belongs to the next version.
        events.truncate(usize::try_from(case.version).unwrap_or(usize::MAX));
        Ok(Some((case, events)))
    }

    /// The case of a story, also when the story was merged into another since.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn case_of_story(&self, story: StoryId) -> Result<Option<Case>, StoreError> {
        let rows = self.fetch(OF_STORY, args![story.first_article()]).await?;
        rows.first().map(|row| self.case_of(row)).transpose()
    }

    /// The cases of stories, in two questions for all of them; stories without one are missing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cases_of_stories(&self, stories: &[StoryId]) -> Result<HashMap<StoryId, Case>, StoreError> {
        let ids: Vec<i64> = stories.iter().map(|s| s.first_article().as_i64()).collect();
        let mut found: HashMap<StoryId, Case> = HashMap::new();
        for statement in [OF_STORIES, OF_MERGED] {
            for row in self.fetch_ids(statement, &ids).await? {
                let Some(story) = self.story_of(&row, 21)? else {
                    continue;
                };
                let case = self.case_of(&row)?;
                if found.get(&story).is_none_or(|known| case.id < known.id) {
                    found.insert(story, case);
                }
            }
        }
        Ok(found)
    }

    /// Opens a case with its first event, in one transaction; the number of the case the story
    /// has already, if it has one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn open_case(&self, new: &NewCase) -> Result<CaseId, StoreError> {
        let mut tx = self.begin().await?;
        if let Some(row) = self.fetch_in(&mut tx, OF_STORY, args![new.story.first_article()]).await?.first() {
            return Ok(self.case_of(row)?.id);
        }
        let (case, event) = diembao_desk::open(CaseId::new(1).map_err(|_| bad("cases", "1", "a case number"))?, new);
        let args = args![
            case.story.first_article(),
            case.kind.as_str(),
            case.severity.as_str(),
            rank(case.severity),
            case.state.as_str(),
            case.title.as_str(),
            case.opened_at,
            case.published,
            case.spread.n_articles,
            case.spread.n_outlets,
        ];
        let inserted = self.fetch_in(&mut tx, INSERT, args).await?;
        let Some(row) = inserted.first() else {
            // Another process opened it between the two statements.
            drop(tx);
            let found = self.case_of_story(new.story).await?;
            return found
                .map(|case| case.id)
                .ok_or_else(|| bad("cases", new.story.to_string(), "a case of this story"));
        };
        let id = self.case_id(row, 0)?;
        self.insert_event(&mut tx, id, 1, &event).await?;
        self.commit(tx).await?;
        Ok(id)
    }

    /// Adds an event to a case that the caller read at `expected_version`; the case after it.
    /// The same event given again is not added again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another changed the case since; [`StoreError::Desk`] when
    /// its state does not allow the action; [`StoreError::NoCase`].
    pub async fn append_event(&self, id: CaseId, expected_version: i64, event: &CaseEvent) -> Result<Case, StoreError> {
        let mut tx = self.begin().await?;
        let rows = self.fetch_in(&mut tx, ONE, args![id.as_i64()]).await?;
        let case = rows.first().map(|row| self.case_of(row)).transpose()?.ok_or(StoreError::NoCase(id))?;
        if case.version != expected_version {
            let found = self.fetch_in(&mut tx, EVENT, args![id.as_i64(), expected_version.saturating_add(1)]).await?;
            let same = found.first().map(|row| self.event_of(row)).transpose()?.is_some_and(|e| same(&e, event));
            if same && case.version == expected_version + 1 {
                return Ok(case);
            }
            return Err(StoreError::Conflict { case: id, expected: expected_version, found: case.version });
        }
        let next = diembao_desk::apply(&case, event)?;
        if self.execute(&mut tx, UPDATE, update_args(&next, expected_version)).await? == 0 {
            return Err(StoreError::Conflict { case: id, expected: expected_version, found: next.version });
        }
        self.insert_event(&mut tx, id, next.version, event).await?;
        self.commit(tx).await?;
        Ok(next)
    }

    async fn insert_event(&self, tx: &mut Tx, id: CaseId, version: i64, event: &CaseEvent) -> Result<(), StoreError> {
        let details = details_text(&event.action);
        let args = args![
            id.as_i64(),
            version,
            event.at,
            event.actor.as_str(),
            event.action.as_str(),
            details,
            event.note.as_str(),
        ];
        self.execute(tx, INSERT_EVENT, args).await?;
        Ok(())
    }
}
