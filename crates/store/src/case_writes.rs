//! Cases, written: an event, the row it comes to, the articles it brings and the alerts it calls for
//! are one transaction, so that no kill parts an alarm from its case.

use chrono::{DateTime, Utc};
use diembao_desk::{Action, Alert, Case, CaseEvent, NewCase, apply};
use diembao_news::{ArticleId, CaseId};

use crate::alerts::{QUEUE, WITHDRAW, queue_rows};
use crate::case_rows::{details_text, rank, same, update_args};
use crate::cases::{EVENT, OF_STORY, ONE};
use crate::sql::{args, bad};
use crate::store::{Backend, Tx};
use crate::{Store, StoreError};

/// What goes with the events of a case.
#[derive(Debug, Clone, Default)]
pub struct Attached {
    /// Articles that belong to the case now.
    pub articles: Vec<ArticleId>,
    /// Who is to be told; the number of a new case is filled in.
    pub alerts: Vec<Alert>,
    /// When a clock of the case next calls for a warning.
    pub next_warning: Option<DateTime<Utc>>,
}

/// PostgreSQL's own numbers have gaps where a transaction was not committed; in a register of cases a gap looks
/// like a case that was taken out.
const ONE_AT_A_TIME: &str = "LOCK TABLE cases IN SHARE ROW EXCLUSIVE MODE";
const INSERT: &str =
    "INSERT INTO cases (id, story, kind, severity, severity_rank, state, title, opened_at, published, version,
    updated_at, n_articles, n_outlets) VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM cases),
    $1, $2, $3, $4, $5, $6, $7, $8, 1, $7, $9, $10) RETURNING id";
const INSERT_EVENT: &str = "INSERT INTO case_events (case_id, version, at, actor, action, details, note)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const UPDATE: &str = "UPDATE cases SET severity = $3, severity_rank = $4, state = $5, owner = $6, version = $7,
    occurred_at = $8, acknowledged_at = $9, assigned_at = $10, answered_at = $11, closed_at = $12, updated_at = $13,
    n_articles = $14, n_outlets = $15, unit = $16, escalated_to = $17, dismissed = $18, proposed = $19,
    merged_into = $20, next_warning = $21, news_at = $22 WHERE id = $1 AND version = $2";
const INSERT_ARTICLES: &str =
    "INSERT INTO case_articles (case_id, article_id) VALUES {rows} ON CONFLICT (case_id, article_id) DO NOTHING";
/// Cases that were merged into the one that is merged now follow it.
const FOLLOW: &str = "UPDATE cases SET merged_into = $2 WHERE merged_into = $1";
const TAKE_ARTICLES: &str = "INSERT INTO case_articles (case_id, article_id)
    SELECT $2, article_id FROM case_articles WHERE case_id = $1 ON CONFLICT (case_id, article_id) DO NOTHING";
const SET_WARNING: &str = "UPDATE cases SET next_warning = $3 WHERE id = $1 AND version = $2";

impl Store {
    /// Opens a case with nothing beside its first event: see [`Self::open_case_with`].
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn open_case(&self, new: &NewCase) -> Result<CaseId, StoreError> {
        Ok(self.open_case_with(new, &[], &Attached::default()).await?.0)
    }

    /// Opens a case with its first event, those that follow at once and what goes with them, in one
    /// transaction; its number, and whether it is new: the story may have a case already, which
    /// stays as it is. Numbers follow each other without gaps.
    ///
    /// # Errors
    /// When the store cannot be written, or an event is not allowed.
    pub async fn open_case_with(
        &self,
        new: &NewCase,
        events: &[CaseEvent],
        with: &Attached,
    ) -> Result<(CaseId, bool), StoreError> {
        let mut tx = self.begin().await?;
        if self.inner.backend == Backend::Postgres {
            self.execute(&mut tx, ONE_AT_A_TIME, args![]).await?;
        }
        if let Some(row) = self.fetch_in(&mut tx, OF_STORY, args![new.story.first_article()]).await?.first() {
            return Ok((self.case_of(row)?.id, false));
        }
        let (case, first) = diembao_desk::open(CaseId::new(1).map_err(|_| bad("cases", "1", "a case number"))?, new);
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
        let row = inserted.first().ok_or_else(|| bad("cases", new.story.to_string(), "the new case's number"))?;
        let id = self.case_id(row, 0)?;
        self.insert_event(&mut tx, id, 1, &first).await?;
        let alerts = with.alerts.iter().map(|alert| Alert { case: id, ..alert.clone() }).collect();
        let with = Attached { alerts, ..with.clone() };
        self.add_events(&mut tx, Case { id, ..case }, events, &with).await?;
        self.commit(tx).await?;
        Ok((id, true))
    }

    /// Adds one event with nothing beside it: see [`Self::append_events`].
    ///
    /// # Errors
    /// As [`Self::append_events`].
    pub async fn append_event(&self, id: CaseId, expected_version: i64, event: &CaseEvent) -> Result<Case, StoreError> {
        self.append_events(id, expected_version, std::slice::from_ref(event), &Attached::default()).await
    }

    /// Adds events to a case that the caller read at `expected_version`, with the articles, alerts and
    /// the next warning that go with them, in one transaction; the case after it. The same events
    /// given again are not added again. When a person has acted, or the alarm is sounded anew, alerts
    /// that nobody was told yet are withdrawn.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another changed the case since; [`StoreError::Desk`] when
    /// its state does not allow the action; [`StoreError::NoCase`].
    pub async fn append_events(
        &self,
        id: CaseId,
        expected_version: i64,
        events: &[CaseEvent],
        with: &Attached,
    ) -> Result<Case, StoreError> {
        let mut tx = self.begin().await?;
        let case = self.case_in(&mut tx, id).await?;
        if case.version != expected_version {
            if self.is_repeated(&mut tx, &case, expected_version, events).await? {
                return Ok(case);
            }
            return Err(StoreError::Conflict { case: id, expected: expected_version, found: case.version });
        }
        let next = self.add_events(&mut tx, case, events, with).await?;
        self.commit(tx).await?;
        Ok(next)
    }

    /// Puts one case aside for another of the same event, which takes its articles; both after it.
    /// Cases merged into the first before go with it.
    ///
    /// # Errors
    /// As [`Self::append_events`]: nothing is changed then.
    pub async fn merge_cases(
        &self,
        (from, from_event): (&Case, &CaseEvent),
        (into, into_event): (&Case, &CaseEvent),
        next_warning: Option<DateTime<Utc>>,
    ) -> Result<Case, StoreError> {
        let mut tx = self.begin().await?;
        for given in [from, into] {
            let found = self.case_in(&mut tx, given.id).await?.version;
            if found != given.version {
                return Err(StoreError::Conflict { case: given.id, expected: given.version, found });
            }
        }
        self.add_events(&mut tx, from.clone(), std::slice::from_ref(from_event), &Attached::default()).await?;
        let ids = || args![from.id.as_i64(), into.id.as_i64()];
        self.execute(&mut tx, FOLLOW, ids()).await?;
        self.execute(&mut tx, TAKE_ARTICLES, ids()).await?;
        let with = Attached { next_warning, ..Attached::default() };
        let next = self.add_events(&mut tx, into.clone(), std::slice::from_ref(into_event), &with).await?;
        self.commit(tx).await?;
        Ok(next)
    }

    /// Queues warnings about a case's clocks and sets when to look at them again, in one transaction.
    /// Nothing is done when the case was changed since it was read; how many were queued.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn queue_warnings(&self, case: &Case, with: &Attached, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        if self.execute(&mut tx, SET_WARNING, args![case.id.as_i64(), case.version, with.next_warning]).await? == 0 {
            return Ok(0);
        }
        let n = self.execute_rows(&mut tx, QUEUE, queue_rows(&with.alerts, now)).await?;
        self.commit(tx).await?;
        Ok(n)
    }

    async fn case_in(&self, tx: &mut Tx, id: CaseId) -> Result<Case, StoreError> {
        let rows = self.fetch_in(tx, ONE, args![id.as_i64()]).await?;
        rows.first().map(|row| self.case_of(row)).transpose()?.ok_or(StoreError::NoCase(id))
    }

    /// Whether these events are what brought the case from the version to where it is.
    async fn is_repeated(
        &self,
        tx: &mut Tx,
        case: &Case,
        version: i64,
        events: &[CaseEvent],
    ) -> Result<bool, StoreError> {
        let mut at = version;
        for event in events {
            at += 1;
            let found = self.fetch_in(tx, EVENT, args![case.id.as_i64(), at]).await?;
            let found = found.first().map(|row| self.event_of(row)).transpose()?;
            if !found.is_some_and(|e| same(&e, event)) {
                return Ok(false);
            }
        }
        Ok(case.version == at)
    }

    async fn add_events(
        &self,
        tx: &mut Tx,
        case: Case,
        events: &[CaseEvent],
        with: &Attached,
    ) -> Result<Case, StoreError> {
        let expected = case.version;
        let mut steps = Vec::with_capacity(events.len());
        let mut next = case;
        for event in events {
            next = apply(&next, event)?;
            steps.push((next.version, event));
        }
        let id = next.id;
        // First the row: who comes second waits for it, and then finds another version.
        if self.execute(tx, UPDATE, update_args(&next, expected, with.next_warning)).await? == 0 {
            return Err(StoreError::Conflict { case: id, expected, found: next.version });
        }
        for (version, event) in steps {
            self.insert_event(tx, id, version, event).await?;
        }
        let articles = with.articles.iter().map(|article| args![id.as_i64(), *article]).collect();
        self.execute_rows(tx, INSERT_ARTICLES, articles).await?;
        if events.iter().any(|e| !e.action.is_automatic() || matches!(e.action, Action::Raise { .. })) {
            self.execute(tx, WITHDRAW, args![id.as_i64(), next.times.updated]).await?;
        }
        let now = next.times.updated.unwrap_or(next.opened_at);
        self.execute_rows(tx, QUEUE, queue_rows(&with.alerts, now)).await?;
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
