//! Drafts: an edition before it leaves, and what editors do to it.
//!
//! A draft is a window and a list of changes that only grows; what it looks like is assembled from the
//! store whenever it is asked for. Approval fixes how it looks; any later change takes approval back.

use anyhow::Context;
use chrono::{DateTime, Utc};
use diembao_digest::{EditAction, EditionView, Edits, MAX_HEADLINE, MAX_NOTE};
use diembao_news::{ArticleId, Edition, EditionId, EditionState, StoryId};
use diembao_store::{EditRow, Freeze, LinkKind, StoreError, StoryRow};

use crate::edition::{Assembled, assembled};
use crate::leave::row;
use crate::{Pipeline, RunReport, group};

/// Where an edition is on its way to approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its id, window and state.
    pub edition: Edition,
    /// The number of its last change; what the next change is based on.
    pub version: i64,
    /// Who approved it as it is now, and when.
    pub approval: Option<(String, DateTime<Utc>)>,
}

/// One change, as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditRecord {
    /// Its number, from 1.
    pub version: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// What was done.
    pub action: EditAction,
}

/// A draft as an editor works on it: everything, for whoever gets everything.
#[derive(Debug, Clone)]
pub struct Editing {
    /// The draft.
    pub draft: Draft,
    /// How it looks now.
    pub view: EditionView,
    /// Stories left out, with their headlines.
    pub dropped: Vec<(StoryId, String)>,
    /// What was done to it, the first first.
    pub history: Vec<EditRecord>,
}

/// A change that was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Somebody else changed the draft since the caller read it.
    #[error("the draft is at version {found} now: {}; read it again", since.iter().map(told).collect::<Vec<_>>().join(", "))]
    Stale {
        /// The version it has now.
        found: i64,
        /// What was done since.
        since: Vec<EditRecord>,
    },
    /// It has left, or was never drafted.
    #[error(
        "edition {0} has left or was never drafted; `diembao digest draft` makes a draft, `digest correct` a correction"
    )]
    NoDraft(EditionId),
    /// There is no such story.
    #[error("there is no story {0}; `diembao digest preview --form ids` prints those of the draft")]
    NoStory(StoryId),
    /// The change does not say who makes it, or means nothing.
    #[error("{0}")]
    Unusable(&'static str),
    /// A text is too long.
    #[error("the text has {n} characters, {max} are the most")]
    TooLong {
        /// How long it is.
        n: usize,
        /// How long it may be.
        max: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

impl From<StoreError> for EditError {
    fn from(e: StoreError) -> Self {
        Self::Failed(e.into())
    }
}

fn told(record: &EditRecord) -> String {
    let story = record.action.story().map(|s| format!(" {s}")).unwrap_or_default();
    format!("{} by {}{story}", record.action.name(), record.by)
}

/// Makes the draft of an edition, or makes it anew from what has come in since; earlier changes stay.
///
/// # Errors
/// [`EditError::NoDraft`] when the edition has left, [`EditError::Stale`] as in [`edit`].
pub async fn draft(p: &Pipeline, id: &EditionId, by: &str, base: Option<i64>) -> Result<Draft, EditError> {
    let now = p.clock.now();
    let window = Edition {
        id: id.clone(),
        state: EditionState::Draft,
        from: crate::edition::start(p, id).await?,
        to: now,
        frozen_at: None,
    };
    if p.store.edition(id).await?.is_none() {
        p.store.save_draft(&window, &[]).await?;
    }
    record(p, id, (EditAction::Draft, by, now), base).await?;
    p.store.save_draft(&window, &[]).await?;
    state(p, id).await
}

/// Changes a draft. `base` is the version the editor had before them; none: whatever it is.
///
/// # Errors
/// [`EditError::Stale`] with what others did when the draft has another version; the other kinds when the
/// change makes no sense.
pub async fn edit(
    p: &Pipeline,
    id: &EditionId,
    action: EditAction,
    by: &str,
    base: Option<i64>,
) -> Result<Draft, EditError> {
    check_text(&action)?;
    match action {
        EditAction::Draft => return draft(p, id, by, base).await,
        EditAction::Approve => return approve(p, id, by, base).await,
        _ => {}
    }
    let link = match action.story() {
        Some(story) => links(p, &action, &story_row(p, story).await?).await?,
        None => None,
    };
    let now = p.clock.now();
    record(p, id, (action, by, now), base).await?;
    if let Some((pairs, kind)) = link {
        p.store.add_links(&pairs, kind, by.trim(), now).await?;
        group(p, &mut RunReport::default()).await?;
    }
    state(p, id).await
}

/// Approves a draft as it looks now: so it will leave, whatever is found later.
///
/// # Errors
/// As [`edit`].
pub async fn approve(p: &Pipeline, id: &EditionId, by: &str, base: Option<i64>) -> Result<Draft, EditError> {
    let before = state(p, id).await?;
    if base.is_some_and(|base| base != before.version) {
        return Err(stale(p, id, before.version, base).await?);
    }
    let now = p.clock.now();
    let edition = Edition { frozen_at: Some(now), ..before.edition };
    let Assembled { parts, .. } = assembled(p, &edition, true).await?;
    crate::paper::keep_editions(p, id, &parts).await?;
    let rows: Vec<_> = parts.iter().map(row).collect();
    if p.store.save_draft(&edition, &rows).await? == Freeze::AlreadyFrozen {
        return Err(EditError::NoDraft(id.clone()));
    }
    record(p, id, (EditAction::Approve, by, now), Some(before.version)).await?;
    state(p, id).await
}

/// Everything that was done to an edition, the first first.
///
/// # Errors
/// When the store fails.
pub async fn history(p: &Pipeline, id: &EditionId) -> anyhow::Result<Vec<EditRecord>> {
    let rows = p.store.edits(id).await?;
    rows.into_iter()
        .map(|row| {
            let action = EditAction::read(&row.action, row.story, row.value.as_deref())
                .with_context(|| format!("edition {id}: change {} is of no kind this program knows", row.version))?;
            Ok(EditRecord { version: row.version, at: row.at, by: row.actor, action })
        })
        .collect()
}

/// A draft as it stands; none when it was never drafted.
///
/// # Errors
/// When the store fails.
pub async fn find_draft(p: &Pipeline, id: &EditionId) -> anyhow::Result<Option<Draft>> {
    let Some(edition) = p.store.edition(id).await? else {
        return Ok(None);
    };
    let history = history(p, id).await?;
    let last = history.last();
    let approval = last.filter(|r| r.action == EditAction::Approve).map(|r| (r.by.clone(), r.at));
    let cut_off = history.iter().rev().find(|r| r.action == EditAction::Draft).map(|r| r.at);
    let edition = match (edition.state, cut_off) {
        (EditionState::Draft, Some(to)) => Edition { to, ..edition },
        _ => edition,
    };
    Ok(Some(Draft { edition, version: last.map_or(0, |r| r.version), approval }))
}

/// A draft as an editor works on it.
///
/// # Errors
/// [`EditError::NoDraft`] when it has left or was never drafted.
pub async fn editing(p: &Pipeline, id: &EditionId) -> Result<Editing, EditError> {
    let draft = state(p, id).await?;
    let history = history(p, id).await?;
    let Assembled { input, edits, .. } = crate::edition::gathered(p, &draft.edition, draft.approval.is_some()).await?;
    let dropped = edits.stories.iter().filter(|(_, edit)| edit.drop).map(|(story, _)| *story);
    let of = |id| input.stories.iter().find(|s| s.id == id).and_then(|s| s.articles.first());
    let dropped = dropped.filter_map(|s| Some((s, of(s)?.text.title.clone()))).collect();
    let view = tokio::task::spawn_blocking(move || {
        diembao_digest::assemble_edited(&input, &diembao_digest::Cut::default(), &edits)
    })
    .await
    .context("assembling the edition")?;
    Ok(Editing { draft, view, dropped, history })
}

/// Writes down a correction of an edition that has left; the next edition prints it. Its number.
///
/// # Errors
/// [`EditError::Unusable`] when the edition has not left (then it can still be changed) or nothing is said.
pub async fn correct(p: &Pipeline, id: &EditionId, text: &str, by: &str) -> Result<i64, EditError> {
    let left = p.store.edition(id).await?.is_some_and(|e| e.state == EditionState::Frozen);
    let n = text.chars().count();
    if !left {
        return Err(EditError::Unusable("only an edition that has left can be corrected; edit the draft"));
    }
    if text.trim().is_empty() || by.trim().is_empty() {
        return Err(EditError::Unusable("a correction needs a text and the name of who writes it"));
    }
    if n > MAX_NOTE {
        return Err(EditError::TooLong { n, max: MAX_NOTE });
    }
    Ok(p.store.add_correction(id, text.trim(), by.trim(), p.clock.now()).await?)
}

/// The changes of an edition as one, each at the story that its story has become part of since.
pub(crate) async fn edits(p: &Pipeline, id: &EditionId, rows: &[StoryRow]) -> anyhow::Result<(Edits, i64)> {
    let history = history(p, id).await?;
    let now_of = |story: StoryId| {
        let holds = |row: &&StoryRow| row.articles.iter().any(|a| a.article.id == story.first_article());
        rows.iter().find(|row| row.id == story).or_else(|| rows.iter().find(holds)).map_or(story, |row| row.id)
    };
    let edits = Edits::of(history.iter().map(|r| &r.action), now_of);
    Ok((edits, history.last().map_or(0, |r| r.version)))
}

async fn state(p: &Pipeline, id: &EditionId) -> Result<Draft, EditError> {
    let draft = find_draft(p, id).await?.filter(|d| d.edition.state == EditionState::Draft && d.version > 0);
    draft.ok_or_else(|| EditError::NoDraft(id.clone()))
}

async fn record(
    p: &Pipeline,
    id: &EditionId,
    (action, by, at): (EditAction, &str, DateTime<Utc>),
    base: Option<i64>,
) -> Result<i64, EditError> {
    let actor = by.trim().to_owned();
    if actor.is_empty() {
        return Err(EditError::Unusable("a change needs the name of who makes it"));
    }
    let row = EditRow {
        version: 0,
        at,
        actor,
        action: action.name().to_owned(),
        story: action.story(),
        value: action.value(),
    };
    match p.store.add_edit(id, base, &row).await {
        Ok(version) => Ok(version),
        Err(StoreError::EditionChanged { found, .. }) => Err(stale(p, id, found, base).await?),
        Err(StoreError::NoDraft(id)) => Err(EditError::NoDraft(id)),
        Err(e) => Err(e.into()),
    }
}

async fn stale(p: &Pipeline, id: &EditionId, found: i64, base: Option<i64>) -> anyhow::Result<EditError> {
    let since = history(p, id).await?.into_iter().filter(|r| base.is_none_or(|base| r.version > base)).collect();
    Ok(EditError::Stale { found, since })
}

async fn story_row(p: &Pipeline, story: StoryId) -> Result<StoryRow, EditError> {
    p.store.story(story).await?.ok_or(EditError::NoStory(story))
}

fn check_text(action: &EditAction) -> Result<(), EditError> {
    let max = if matches!(action, EditAction::Headline(..)) { MAX_HEADLINE } else { MAX_NOTE };
    let n = action.value().map_or(0, |v| v.chars().count());
    if n > max { Err(EditError::TooLong { n, max }) } else { Ok(()) }
}

type Links = (Vec<(ArticleId, ArticleId)>, LinkKind);

/// What people say of articles by merging or splitting stories. The latest articles are linked, so that
/// no more days are grouped again than need be.
async fn links(p: &Pipeline, action: &EditAction, row: &StoryRow) -> Result<Option<Links>, EditError> {
    let last = |row: &StoryRow| row.articles.last().map(|a| a.article.id);
    match action {
        EditAction::Merge(story, into) if story == into => {
            Err(EditError::Unusable("a story cannot be merged into itself"))
        }
        EditAction::Merge(_, into) => {
            let into = story_row(p, *into).await?;
            let pair = last(row).zip(last(&into)).ok_or(EditError::NoStory(into.id))?;
            Ok(Some((vec![pair], LinkKind::Together)))
        }
        EditAction::Split(_, article) => {
            let others = || row.articles.iter().map(|a| a.article.id).filter(|id| id != article);
            if others().count() + 1 != row.articles.len() || row.articles.len() < 2 {
                return Err(EditError::Unusable("the story does not hold that article beside others"));
            }
            Ok(Some((others().map(|other| (other, *article)).collect(), LinkKind::Apart)))
        }
        _ => Ok(None),
    }
}
