//! What editors did to drafts, and corrections of what has left: lists that only grow.

use chrono::{DateTime, Utc};
use diembao_news::{EditionId, StoryId};
use sqlx::any::AnyRow;

use crate::sql::args;
use crate::store::Tx;
use crate::{Store, StoreError};

/// One change of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditRow {
    /// Its number, from 1 without gaps; given by the store.
    pub version: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub actor: String,
    /// What was done, as a short name.
    pub action: String,
    /// To which story, if to one.
    pub story: Option<StoryId>,
    /// What else there is to say.
    pub value: Option<String>,
}

/// A correction of an edition that has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Its number.
    pub id: i64,
    /// The edition it corrects.
    pub edition: EditionId,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// By whom.
    pub actor: String,
    /// What is right.
    pub text: String,
    /// The edition that brought it to the readers; none: it still waits.
    pub printed_in: Option<EditionId>,
}

/// Takes the edition for itself until the transaction ends; no row when it is frozen or missing.
const HOLD: &str = "UPDATE editions SET id = id WHERE id = $1 AND state <> 'frozen'";
const VERSION: &str = "SELECT COALESCE(MAX(version), 0) FROM edition_edits WHERE edition = $1";
const ADD: &str = "INSERT INTO edition_edits (edition, version, at, actor, action, story, value)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (edition, version) DO NOTHING";
const EDITS: &str = "SELECT version, at, actor, action, story, value FROM edition_edits
    WHERE edition = $1 ORDER BY version";
const CORRECT: &str = "INSERT INTO corrections (edition, at, actor, body) VALUES ($1, $2, $3, $4) RETURNING id";
const CORRECTIONS: &str = "SELECT id, edition, at, actor, body, printed_in FROM corrections ORDER BY id";
const PRINTED: &str = "UPDATE corrections SET printed_in = $2 WHERE id = $1 AND printed_in IS NULL";

impl Store {
    /// Adds a change to a draft, if nobody has added one since version `expected` (none: whatever was added).
    /// The new version.
    ///
    /// # Errors
    /// [`StoreError::EditionChanged`] when another was faster, [`StoreError::NoDraft`] when the edition is
    /// frozen or there is none.
    pub async fn add_edit(
        &self,
        edition: &EditionId,
        expected: Option<i64>,
        edit: &EditRow,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        if self.execute(&mut tx, HOLD, args![edition.as_str()]).await? == 0 {
            return Err(StoreError::NoDraft(edition.clone()));
        }
        let found = self.edition_version(&mut tx, edition).await?;
        let changed = |found| StoreError::EditionChanged { edition: edition.clone(), found };
        if expected.is_some_and(|expected| expected != found) {
            return Err(changed(found));
        }
        let story = edit.story.map(|s| s.first_article().as_i64());
        let args = args![
            edition.as_str(),
            found + 1,
            edit.at,
            edit.actor.as_str(),
            edit.action.as_str(),
            story,
            edit.value.as_deref(),
        ];
        if self.execute(&mut tx, ADD, args).await? == 0 {
            return Err(changed(found + 1));
        }
        self.commit(tx).await?;
        Ok(found + 1)
    }

    /// Every change of an edition, the first first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn edits(&self, edition: &EditionId) -> Result<Vec<EditRow>, StoreError> {
        self.fetch(EDITS, args![edition.as_str()]).await?.iter().map(|row| self.edit_of(row)).collect()
    }

    /// Writes down a correction of an edition; its number.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn add_correction(
        &self,
        edition: &EditionId,
        text: &str,
        actor: &str,
        at: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        let rows = self.fetch_in(&mut tx, CORRECT, args![edition.as_str(), at, actor, text]).await?;
        let id = rows.first().map(|row| self.get(row, 0)).transpose()?.unwrap_or_default();
        self.commit(tx).await?;
        Ok(id)
    }

    /// Every correction, the first first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn corrections(&self) -> Result<Vec<Correction>, StoreError> {
        self.fetch(CORRECTIONS, args![]).await?.iter().map(|row| self.correction_of(row)).collect()
    }

    pub(crate) async fn edition_version(&self, tx: &mut Tx, edition: &EditionId) -> Result<i64, StoreError> {
        let rows = self.fetch_in(tx, VERSION, args![edition.as_str()]).await?;
        Ok(rows.first().map(|row| self.get(row, 0)).transpose()?.unwrap_or_default())
    }

    /// Marks corrections as brought to the readers by an edition.
    pub(crate) async fn mark_printed(&self, tx: &mut Tx, ids: &[i64], edition: &EditionId) -> Result<(), StoreError> {
        for id in ids {
            self.execute(tx, PRINTED, args![*id, edition.as_str()]).await?;
        }
        Ok(())
    }

    fn edit_of(&self, row: &AnyRow) -> Result<EditRow, StoreError> {
        Ok(EditRow {
            version: self.get(row, 0)?,
            at: self.time(row, 1)?,
            actor: self.get(row, 2)?,
            action: self.get(row, 3)?,
            story: self.story_of(row, 4)?,
            value: self.get(row, 5)?,
        })
    }

    fn correction_of(&self, row: &AnyRow) -> Result<Correction, StoreError> {
        Ok(Correction {
            id: self.get(row, 0)?,
            edition: self.edition_id(self.get(row, 1)?)?,
            at: self.time(row, 2)?,
            actor: self.get(row, 3)?,
            text: self.get(row, 4)?,
            printed_in: self.get::<Option<String>>(row, 5)?.map(|id| self.edition_id(id)).transpose()?,
        })
    }
}
