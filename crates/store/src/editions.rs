//! Editions and their rendered parts. A draft may change; a frozen edition never does.

use diembao_news::{AudienceId, Delivery, Edition, EditionId, EditionKind, EditionState};
use sqlx::any::AnyRow;

use crate::sql::{args, bad, limit};
use crate::store::Tx;
use crate::{Store, StoreError, deliveries};

/// An edition as one audience gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedPart {
    /// Who gets it.
    pub audience: AudienceId,
    /// The subject line.
    pub subject: String,
    /// The HTML.
    pub html: String,
    /// The plain text.
    pub text: String,
}

/// What became of a wish to freeze an edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Freeze {
    /// It is frozen now, and its deliveries are queued.
    Frozen,
    /// It was frozen before and stays as it was; nothing was queued.
    AlreadyFrozen,
    /// An editor changed the draft since it was read: nothing was frozen; read it again.
    Changed,
}

/// What is fixed when an edition is frozen.
#[derive(Debug, Clone, Default)]
pub struct Freezing {
    /// Its parts.
    pub parts: Vec<RenderedPart>,
    /// Who gets them.
    pub deliveries: Vec<Delivery>,
    /// The number of the last change the parts were made with.
    pub version: i64,
    /// The numbers of the corrections it prints.
    pub corrections: Vec<i64>,
}

const ONE: &str = "SELECT id, state, from_at, to_at, frozen_at FROM editions WHERE id = $1";
const LIST: &str = "SELECT id, state, from_at, to_at, frozen_at FROM editions ORDER BY id DESC LIMIT $1";
/// Ids of one kind have one form.
const LAST_FROZEN: &str = "SELECT id, state, from_at, to_at, frozen_at FROM editions WHERE state = 'frozen'
    AND id LIKE $1 ORDER BY to_at DESC, id DESC LIMIT 1";
/// No row is touched when the edition is frozen.
const SAVE: &str = "INSERT INTO editions (id, state, from_at, to_at, frozen_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, from_at = excluded.from_at, to_at = excluded.to_at,
    frozen_at = excluded.frozen_at WHERE editions.state <> 'frozen'";
const DROP_PARTS: &str = "DELETE FROM edition_parts WHERE edition = $1";
const ADD_PARTS: &str = "INSERT INTO edition_parts (edition, audience, subject, html, plain) VALUES {rows}";
const PART: &str = "SELECT audience, subject, html, plain FROM edition_parts WHERE edition = $1 AND audience = $2";
const PARTS: &str = "SELECT audience, subject, html, plain FROM edition_parts WHERE edition = $1 ORDER BY audience";

impl Store {
    /// The edition of a day.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn edition(&self, id: &EditionId) -> Result<Option<Edition>, StoreError> {
        let rows = self.fetch(ONE, args![id.as_str()]).await?;
        rows.first().map(|row| self.edition_of(row)).transpose()
    }

    /// The last editions, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn editions(&self, n_max: usize) -> Result<Vec<Edition>, StoreError> {
        self.fetch(LIST, args![limit(n_max)]).await?.iter().map(|row| self.edition_of(row)).collect()
    }

    /// The frozen edition of a kind with the latest cut-off: where the next one begins.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_frozen(&self, kind: EditionKind) -> Result<Option<Edition>, StoreError> {
        let form = match kind {
            EditionKind::Digest => "____-__-__",
            EditionKind::Bulletin => "____-__-__-bat-cap",
            EditionKind::Correction => "____-__-__-dinh-chinh-%",
        };
        let rows = self.fetch(LAST_FROZEN, args![form]).await?;
        rows.first().map(|row| self.edition_of(row)).transpose()
    }

    /// Keeps an edition's parts as a draft, in place of those it had.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn save_draft(&self, edition: &Edition, parts: &[RenderedPart]) -> Result<Freeze, StoreError> {
        let mut tx = self.begin().await?;
        let draft = Edition { state: EditionState::Draft, frozen_at: None, ..edition.clone() };
        let freeze = self.save_edition(&mut tx, &draft, parts).await?;
        self.commit(tx).await?;
        Ok(freeze)
    }

    /// Fixes an edition and its parts for ever, queues its deliveries and marks the corrections it prints, in one
    /// transaction. The deliveries are due from `frozen_at` on (the cut-off when it is not given). Of an address
    /// named twice the first delivery counts: a person gets one mail.
    ///
    /// # Errors
    /// When the store cannot be written: then nothing is frozen and nothing queued.
    pub async fn freeze_edition(&self, edition: &Edition, what: &Freezing) -> Result<Freeze, StoreError> {
        let mut tx = self.begin().await?;
        let frozen_at = edition.frozen_at.unwrap_or(edition.to);
        let frozen = Edition { state: EditionState::Frozen, frozen_at: Some(frozen_at), ..edition.clone() };
        let freeze = self.save_edition(&mut tx, &frozen, &what.parts).await?;
        if freeze != Freeze::Frozen {
            return Ok(freeze);
        }
        // Whoever changes a draft holds its row, as this transaction does now.
        if self.edition_version(&mut tx, &edition.id).await? != what.version {
            return Ok(Freeze::Changed);
        }
        let rows = what.deliveries.iter().map(|d| deliveries::row(d, frozen_at)).collect();
        self.execute_rows(&mut tx, deliveries::INSERT, rows).await?;
        self.mark_printed(&mut tx, &what.corrections, &edition.id).await?;
        self.commit(tx).await?;
        Ok(Freeze::Frozen)
    }

    /// An edition as one audience gets it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn rendered(
        &self,
        edition: &EditionId,
        audience: &AudienceId,
    ) -> Result<Option<RenderedPart>, StoreError> {
        let rows = self.fetch(PART, args![edition.as_str(), audience.as_str()]).await?;
        rows.first().map(|row| self.part_of(row)).transpose()
    }

    /// An edition as each audience gets it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn rendered_parts(&self, edition: &EditionId) -> Result<Vec<RenderedPart>, StoreError> {
        self.fetch(PARTS, args![edition.as_str()]).await?.iter().map(|row| self.part_of(row)).collect()
    }

    async fn save_edition(&self, tx: &mut Tx, edition: &Edition, parts: &[RenderedPart]) -> Result<Freeze, StoreError> {
        let id = edition.id.as_str();
        let args = args![id, edition.state.as_str(), edition.from, edition.to, edition.frozen_at];
        if self.execute(tx, SAVE, args).await? == 0 {
            return Ok(Freeze::AlreadyFrozen);
        }
        self.execute(tx, DROP_PARTS, args![id]).await?;
        let rows = parts
            .iter()
            .map(|p| args![id, p.audience.as_str(), p.subject.as_str(), p.html.as_str(), p.text.as_str()])
            .collect();
        self.execute_rows(tx, ADD_PARTS, rows).await?;
        Ok(Freeze::Frozen)
    }

    pub(crate) fn edition_id(&self, id: String) -> Result<EditionId, StoreError> {
        EditionId::parse(&id).map_err(|_| bad("editions", id, "an edition"))
    }

    fn edition_of(&self, row: &AnyRow) -> Result<Edition, StoreError> {
        let (id, state): (String, String) = (self.get(row, 0)?, self.get(row, 1)?);
        Ok(Edition {
            id: self.edition_id(id)?,
            state: EditionState::parse(&state).ok_or_else(|| bad("editions", state, "a state"))?,
            from: self.time(row, 2)?,
            to: self.time(row, 3)?,
            frozen_at: self.time_or_none(row, 4)?,
        })
    }

    fn part_of(&self, row: &AnyRow) -> Result<RenderedPart, StoreError> {
        let audience: String = self.get(row, 0)?;
        Ok(RenderedPart {
            audience: AudienceId::parse(&audience).map_err(|_| bad("edition_parts", audience, "an audience"))?,
            subject: self.get(row, 1)?,
            html: self.get(row, 2)?,
            text: self.get(row, 3)?,
        })
    }
}
