//! `diembao digest preview` in the formats that are files: as they left, or as they would leave now.

use std::path::{Path, PathBuf};

use diembao_news::{AudienceId, EditionId, EditionKind, EditionState};
use diembao_pipeline::Pipeline;
use diembao_pipeline::settings::FileFormat;

use crate::exit::NotFound;

/// A format that is made of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViewFormat {
    /// For programs.
    Json,
    /// For people.
    File(FileFormat),
}

impl ViewFormat {
    fn media_type(self) -> &'static str {
        match self {
            Self::Json => diembao_pipeline::JSON,
            Self::File(format) => format.media_type(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::File(format) => format.ending(),
        }
    }
}

/// An audience's cut of an edition in a format, and the annex that goes with it when not all fits on its pages.
pub(crate) async fn files(
    p: &Pipeline,
    id: &EditionId,
    audience: &AudienceId,
    format: ViewFormat,
) -> anyhow::Result<(Vec<u8>, Option<Vec<u8>>)> {
    if p.store.edition(id).await?.is_some_and(|e| e.state == EditionState::Frozen) {
        let files = p.store.edition_files(id, audience).await?;
        let mut kept = files.into_iter().filter(|f| f.content_type == format.media_type()).map(|f| f.bytes);
        let first = kept.next().ok_or_else(|| {
            let name = format.name();
            NotFound(format!("edition {id} left without a {name} for {audience}; add {name:?} to its formats in diembao.toml for the next one"))
        })?;
        return Ok((first, kept.next()));
    }
    let settings = p.home.settings.audiences.iter().find(|a| a.audience.id == *audience);
    let no_cut = || NotFound(format!("edition {id} has no cut for {audience}"));
    if id.kind() == EditionKind::Bulletin {
        let ViewFormat::File(format) = format else {
            return Err(NotFound("the second bulletin has no json".to_owned()).into());
        };
        let file = diembao_pipeline::bulletin_file(p, id, settings.ok_or_else(no_cut)?, format).await?;
        return Ok((file.ok_or_else(no_cut)?, None));
    }
    let (_, parts) = diembao_pipeline::preview_edition(p, id).await?;
    let (part, settings) = parts.iter().find(|part| part.audience == *audience).zip(settings).ok_or_else(no_cut)?;
    match format {
        ViewFormat::Json => Ok((diembao_digest::render_json(&part.view).into_bytes(), None)),
        ViewFormat::File(format) => diembao_pipeline::edition_file(p, &part.view, settings, format).await,
    }
}

/// Where the annex of a file is written: beside it, as "diem-bao-phu-luc.pdf".
pub(crate) fn annex_path(file: &Path) -> PathBuf {
    let name = |part: Option<&std::ffi::OsStr>| part.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    file.with_file_name(format!("{}-phu-luc.{}", name(file.file_stem()), name(file.extension())))
}
