//! Editions and their rendered parts. A draft may change; a frozen edition never does.

use diembao_news::{AudienceId, Delivery, Edition, EditionId, EditionState};
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
}

const ONE: &str = "SELECT id, state, from_at, to_at, frozen_at FROM editions WHERE id = $1";
const LIST: &str = "SELECT id, state, from_at, to_at, frozen_at FROM editions ORDER BY id DESC LIMIT $1";
const LAST_FROZEN: &str = "SELECT id, state, from_at, to_at, frozen_at FROM editions WHERE state = 'frozen'
    ORDER BY to_at DESC, id DESC LIMIT 1";
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

    /// The frozen edition with the latest cut-off: where the next one begins.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_frozen(&self) -> Result<Option<Edition>, StoreError> {
        let rows = self.fetch(LAST_FROZEN, args![]).await?;
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

    /// Fixes an edition and its parts for ever and queues its deliveries, in one transaction.
    /// They are due from `frozen_at` on
    /// (the cut-off when it is not given). Of an address named twice the first delivery counts: a
    /// person gets one mail.
    ///
    /// # Errors
    /// When the store cannot be written: then nothing is frozen and nothing queued.
    pub async fn freeze_edition(
        &self,
        edition: &Edition,
        parts: &[RenderedPart],
        deliveries: &[Delivery],
    ) -> Result<Freeze, StoreError> {
        let mut tx = self.begin().await?;
        let frozen_at = edition.frozen_at.unwrap_or(edition.to);
        let frozen = Edition { state: EditionState::Frozen, frozen_at: Some(frozen_at), ..edition.clone() };
        let freeze = self.save_edition(&mut tx, &frozen, parts).await?;
        if freeze == Freeze::Frozen {
            let rows = deliveries.iter().map(|d| deliveries::row(d, frozen_at)).collect();
            self.execute_rows(&mut tx, deliveries::INSERT, rows).await?;
        }
        self.commit(tx).await?;
        Ok(freeze)
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

    fn edition_of(&self, row: &AnyRow) -> Result<Edition, StoreError> {
        let (id, state): (String, String) = (self.get(row, 0)?, self.get(row, 1)?);
        Ok(Edition {
            id: EditionId::parse(&id).map_err(|_| bad("editions", id, "a day"))?,
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
