//! The files that go with an edition. They are kept before it is frozen and never change after.

use diembao_news::{AudienceId, EditionId};

use crate::sql::args;
use crate::{Freeze, Store, StoreError};

/// A file that goes with an edition to one audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionFile {
    /// Who gets it.
    pub audience: AudienceId,
    /// Its name as the reader sees it.
    pub name: String,
    /// Its media type: `application/pdf`.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

const STATE: &str = "SELECT state FROM editions WHERE id = $1 AND state = 'frozen'";
const DROP: &str = "DELETE FROM edition_files WHERE edition = $1";
const ADD: &str =
    "INSERT INTO edition_files (edition, audience, place, name, content_type, body) VALUES ($1, $2, $3, $4, $5, $6)";
const OF_AUDIENCE: &str =
    "SELECT name, content_type, body FROM edition_files WHERE edition = $1 AND audience = $2 ORDER BY place";

impl Store {
    /// Keeps an edition's files in place of those it had, unless it is frozen.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn keep_edition_files(&self, edition: &EditionId, files: &[EditionFile]) -> Result<Freeze, StoreError> {
        let mut tx = self.begin().await?;
        if !self.fetch_in(&mut tx, STATE, args![edition.as_str()]).await?.is_empty() {
            return Ok(Freeze::AlreadyFrozen);
        }
        self.execute(&mut tx, DROP, args![edition.as_str()]).await?;
        for (place, file) in (0_i64..).zip(files) {
            let row = args![
                edition.as_str(),
                file.audience.as_str(),
                place,
                file.name.as_str(),
                file.content_type.as_str(),
                file.bytes.clone()
            ];
            self.execute(&mut tx, ADD, row).await?;
        }
        self.commit(tx).await?;
        Ok(Freeze::Frozen)
    }

    /// The files that go with an edition to an audience, in order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn edition_files(
        &self,
        edition: &EditionId,
        audience: &AudienceId,
    ) -> Result<Vec<EditionFile>, StoreError> {
        let rows = self.fetch(OF_AUDIENCE, args![edition.as_str(), audience.as_str()]).await?;
        let file = |row| {
            Ok(EditionFile {
                audience: audience.clone(),
                name: self.get(row, 0)?,
                content_type: self.get(row, 1)?,
                bytes: self.get(row, 2)?,
            })
        };
        rows.iter().map(file).collect()
    }
}
