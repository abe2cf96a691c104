//! Cases and their events, read. The events are the truth and are only ever added; the case's row
//! is what they come to, kept so that lists are one query.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diembao_desk::{Case, CaseEvent, CaseState};
use diembao_news::{ArticleId, CaseId, FlagKind, OutletId, Severity, StoryId};

use crate::case_rows::rank;
use crate::sql::{args, bad, limit};
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
    /// Closed, and the press wrote more since that nobody has looked at.
    News,
}

/// Where a list of cases goes on: behind this case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseCursor {
    /// Its severity.
    pub severity: Severity,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// Its number.
    pub id: CaseId,
}

impl CaseCursor {
    /// The cursor behind a case.
    #[must_use]
    pub fn behind(case: &Case) -> Self {
        Self { severity: case.severity, opened_at: case.opened_at, id: case.id }
    }
}

/// Which cases a list holds: the gravest first, then the last opened.
#[derive(Debug, Clone)]
pub struct CaseFilter {
    /// In which states.
    pub states: CaseStates,
    /// Of which kind; none: any.
    pub kind: Option<FlagKind>,
    /// This grave or graver.
    pub at_least: Severity,
    /// Opened from here on.
    pub opened_from: Option<DateTime<Utc>>,
    /// Whose owner this is; none: anybody's and nobody's.
    pub owner: Option<String>,
    /// Of the unit with this name; none: of any and of none.
    pub unit: Option<String>,
    /// Only those behind this one.
    pub behind: Option<CaseCursor>,
    /// How many at most.
    pub n_max: usize,
}

impl Default for CaseFilter {
    fn default() -> Self {
        Self {
            states: CaseStates::Open,
            kind: None,
            at_least: Severity::Green,
            opened_from: None,
            owner: None,
            unit: None,
            behind: None,
            n_max: 1000,
        }
    }
}

/// One line of the desk's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEvent {
    /// The case.
    pub case: CaseId,
    /// The version of the case after it.
    pub version: i64,
    /// What happened.
    pub event: CaseEvent,
}

macro_rules! columns {
    () => {
        "id, story, kind, severity, state, title, owner, opened_at, published, version, occurred_at, acknowledged_at,
    assigned_at, answered_at, closed_at, updated_at, n_articles, n_outlets, unit, escalated_to, dismissed, proposed,
    merged_into, news_at"
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
            AND (severity_rank, opened_at, id) < ($5, $6, $7)
            ORDER BY severity_rank DESC, opened_at DESC, id DESC LIMIT $4"
        )
    };
}

/// One statement for each choice of states, so that each reads its own index in order.
const LIST_OPEN: &str = list!("state NOT IN ('closed', 'dismissed')");
const LIST_ALL: &str = list!("1 = 1");
const LIST_STATE: &str = list!("state = $8");
const LIST_NEWS: &str = list!("news_at IS NOT NULL AND ($8 = '' OR unit = $8) AND ($9 = '' OR owner = $9)");
const LIST_OWNED_OPEN: &str = list!("owner = $8 AND state NOT IN ('closed', 'dismissed')");
const LIST_OWNED: &str = list!("owner = $8");
const LIST_OWNED_STATE: &str = list!("owner = $8 AND state = $9");
/// A unit's cases are few: who owns them is looked at one by one.
const LIST_UNIT_OPEN: &str = list!("unit = $8 AND ($9 = '' OR owner = $9) AND state NOT IN ('closed', 'dismissed')");
const LIST_UNIT: &str = list!("unit = $8 AND ($9 = '' OR owner = $9)");
const LIST_UNIT_STATE: &str = list!("unit = $8 AND ($9 = '' OR owner = $9) AND state = $10");
pub(crate) const ONE: &str = concat!("SELECT ", columns!(), " FROM cases WHERE id = $1");
const MANY: &str = concat!("SELECT ", columns!(), " FROM cases WHERE id IN ({ids})");
const ENDED: &str =
    concat!("SELECT ", columns!(), " FROM cases WHERE closed_at >= $1 AND closed_at < $2 ORDER BY closed_at, id");
const TO_WARN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM cases WHERE next_warning IS NOT NULL AND next_warning <= $1 ORDER BY next_warning, id LIMIT $2"
);
/// The stories that a case and those merged into it began with, by the names they have now.
const STORIES_OF: &str = "SELECT DISTINCT COALESCE(articles.story, cases.story) FROM cases
    LEFT JOIN articles ON articles.id = cases.story WHERE cases.id = $1 OR cases.merged_into = $1";
const ARTICLES_OF: &str = "SELECT DISTINCT case_id, article_id, outlet FROM case_articles
    JOIN articles ON articles.id = article_id WHERE case_id IN ({ids}) ORDER BY article_id";
const EVENTS_OF: &str = "SELECT at, actor, action, details, note, case_id FROM case_events WHERE case_id IN ({ids}) ORDER BY case_id, version";
const COUNT: &str = "SELECT state, severity, COUNT(*) FROM cases WHERE state NOT IN ('closed', 'dismissed')
    GROUP BY state, severity";
const LOG: &str = "SELECT at, actor, action, details, note, case_id, version FROM case_events
    WHERE at >= $1 AND at < $2 AND (at, case_id, version) < ($3, $4, $5) ORDER BY at DESC, case_id DESC, version DESC LIMIT $6";
/// A story that was merged into another still leads to its case, through the article it began with.
pub(crate) const OF_STORY: &str = concat!(
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
pub(crate) const EVENT: &str =
    "SELECT at, actor, action, details, note FROM case_events WHERE case_id = $1 AND version = $2";

impl Store {
    /// The cases a filter asks for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cases(&self, filter: &CaseFilter) -> Result<Vec<Case>, StoreError> {
        let kind = filter.kind.map_or("", FlagKind::as_str);
        let from = filter.opened_from.map_or(i64::MIN, |t| t.timestamp_micros());
        let (rank_of, opened, id) = filter.behind.map_or((i64::MAX, i64::MAX, i64::MAX), |c| {
            (rank(c.severity), c.opened_at.timestamp_micros(), c.id.as_i64())
        });
        let mut args = args![kind, rank(filter.at_least), from, limit(filter.n_max), rank_of, opened, id];
        let statement = match (filter.states, &filter.unit, &filter.owner) {
            (CaseStates::News, ..) => LIST_NEWS,
            (CaseStates::Open, None, None) => LIST_OPEN,
            (CaseStates::All, None, None) => LIST_ALL,
            (CaseStates::Only(_), None, None) => LIST_STATE,
            (CaseStates::Open, None, Some(_)) => LIST_OWNED_OPEN,
            (CaseStates::All, None, Some(_)) => LIST_OWNED,
            (CaseStates::Only(_), None, Some(_)) => LIST_OWNED_STATE,
            (CaseStates::Open, Some(_), _) => LIST_UNIT_OPEN,
            (CaseStates::All, Some(_), _) => LIST_UNIT,
            (CaseStates::Only(_), Some(_), _) => LIST_UNIT_STATE,
        };
        match (&filter.unit, &filter.owner) {
            (None, owner) if filter.states != CaseStates::News => args.extend(owner.as_deref().map(Into::into)),
            (unit, owner) => args.extend([unit, owner].map(|name| name.as_deref().unwrap_or("").into())),
        }
        if let CaseStates::Only(state) = filter.states {
            args.push(state.as_str().into());
        }
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
        let Some(case) = rows.first().map(|row| self.case_of(row)).transpose()? else {
            return Ok(None);
        };
        match case.handling.merged_into {
            Some(into) => {
                Ok(self.fetch(ONE, args![into.as_i64()]).await?.first().map(|row| self.case_of(row)).transpose()?)
            }
            None => Ok(Some(case)),
        }
    }

    /// The cases of some numbers, in no order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cases_by_id(&self, ids: &[CaseId]) -> Result<HashMap<CaseId, Case>, StoreError> {
        let ids: Vec<i64> = ids.iter().map(|id| id.as_i64()).collect();
        let rows = self.fetch_ids(MANY, &ids).await?;
        rows.iter().map(|row| self.case_of(row).map(|case| (case.id, case))).collect()
    }

    /// The cases that ended in `from..to`, in that order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cases_ended(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Case>, StoreError> {
        self.fetch(ENDED, args![from, to]).await?.iter().map(|row| self.case_of(row)).collect()
    }

    /// The cases of which a clock has reached its next warning by now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cases_to_warn(&self, now: DateTime<Utc>, n_max: usize) -> Result<Vec<Case>, StoreError> {
        self.fetch(TO_WARN, args![now, limit(n_max)]).await?.iter().map(|row| self.case_of(row)).collect()
    }

    /// The stories of a case: its own, and those of the cases merged into it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn case_stories(&self, id: CaseId) -> Result<Vec<StoryId>, StoreError> {
        let rows = self.fetch(STORIES_OF, args![id.as_i64()]).await?;
        let found = rows.iter().map(|row| self.story_of(row, 0)).collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The articles of cases, as far as they were added, each with who published it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn case_articles(
        &self,
        ids: &[CaseId],
    ) -> Result<HashMap<CaseId, Vec<(ArticleId, OutletId)>>, StoreError> {
        let mut ids: Vec<i64> = ids.iter().map(|id| id.as_i64()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found: HashMap<CaseId, Vec<(ArticleId, OutletId)>> = HashMap::new();
        for row in self.fetch_ids(ARTICLES_OF, &ids).await? {
            found.entry(self.case_id(&row, 0)?).or_default().push((self.article_id(&row, 1)?, self.outlet(&row, 2)?));
        }
        Ok(found)
    }

    /// The events of cases, the first first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn case_events(&self, ids: &[CaseId]) -> Result<HashMap<CaseId, Vec<CaseEvent>>, StoreError> {
        let mut ids: Vec<i64> = ids.iter().map(|id| id.as_i64()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found: HashMap<CaseId, Vec<CaseEvent>> = HashMap::new();
        for row in self.fetch_ids(EVENTS_OF, &ids).await? {
            found.entry(self.case_id(&row, 5)?).or_default().push(self.event_of(&row)?);
        }
        Ok(found)
    }

    /// How many open cases there are in each state and of each severity.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open_cases(&self) -> Result<Vec<(CaseState, Severity, u64)>, StoreError> {
        let rows = self.fetch(COUNT, args![]).await?;
        rows.iter()
            .map(|row| {
                let (state, severity, n): (String, String, i64) =
                    (self.get(row, 0)?, self.get(row, 1)?, self.get(row, 2)?);
                Ok((
                    CaseState::parse(&state).ok_or_else(|| bad("cases", state, "a state"))?,
                    Severity::parse(&severity).ok_or_else(|| bad("cases", severity, "a severity"))?,
                    u64::try_from(n).unwrap_or(0),
                ))
            })
            .collect()
    }

    /// What happened to all cases in `from..to`, the last first; `behind` is where to go on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn case_log(
        &self,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        behind: Option<&LoggedEvent>,
        n_max: usize,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let (at, case, version) = behind
            .map_or((i64::MAX, i64::MAX, i64::MAX), |e| (e.event.at.timestamp_micros(), e.case.as_i64(), e.version));
        let rows = self.fetch(LOG, args![from, to, at, case, version, limit(n_max)]).await?;
        rows.iter()
            .map(|row| {
                Ok(LoggedEvent { case: self.case_id(row, 5)?, version: self.get(row, 6)?, event: self.event_of(row)? })
            })
            .collect()
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
                let Some(story) = self.story_of(&row, 24)? else {
                    continue;
                };
                let case = self.case_of(&row)?;
                if found.get(&story).is_none_or(|known| case.id < known.id) {
                    found.insert(story, case);
                }
            }
        }
        let into: Vec<CaseId> = found.values().filter_map(|case| case.handling.merged_into).collect();
        let masters = self.cases_by_id(&into).await?;
        for case in found.values_mut() {
            if let Some(master) = case.handling.merged_into.and_then(|id| masters.get(&id)) {
                case.clone_from(master);
            }
        }
        Ok(found)
    }
}
