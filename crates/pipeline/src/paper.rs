//! Editions and cases on paper: the files that go with mails, and the desk's drafts.

use anyhow::Context;
use diembao_desk::{Action, Case, CaseEvent};
use diembao_digest::{BulletinView, EditionView};
use diembao_mail::Attachment;
use diembao_news::{AudienceId, CaseId, EditionId, StoryId};
pub use diembao_print::DraftKind;
use diembao_print::{Copy, DraftSource, DraftStory, EditionPapers, Letterhead, Paper};
use diembao_store::{EditionFile, RenderedPart, StoryRow};

use crate::settings::{AudienceSettings, FileFormat, Settings};
use crate::{CutPart, Pipeline};

/// The media type of the view that is kept for programs; it goes with no mail.
pub const JSON: &str = "application/json";
/// Turns of a story that are printed.
const MAX_TURNS: usize = 60;
/// The longest quotation of a draft, in words.
const QUOTED_WORDS: usize = 60;

/// What stands around the text of this home's papers.
#[must_use]
pub fn letterhead(settings: &Settings) -> Letterhead {
    let agency = &settings.agency;
    Letterhead {
        agency: agency.name.clone(),
        unit: agency.unit.clone(),
        place: agency.place.clone(),
        office: agency.office.clone(),
        signer: agency.signer.clone(),
        recipients: agency.recipients.clone(),
    }
}

/// A paper as a file of a format. Computes; call it off the async threads.
///
/// # Errors
/// When the renderer refuses it.
pub fn paper_file(paper: &Paper, format: FileFormat) -> anyhow::Result<Vec<u8>> {
    Ok(match format {
        FileFormat::Pdf => diembao_print::pdf(paper)?,
        FileFormat::Docx => diembao_print::docx(paper)?,
    })
}

/// An audience's cut as a file, and as another what does not fit on its pages.
///
/// # Errors
/// When the renderer refuses it.
pub async fn edition_file(
    p: &Pipeline,
    view: &EditionView,
    audience: &AudienceSettings,
    format: FileFormat,
) -> anyhow::Result<(Vec<u8>, Option<Vec<u8>>)> {
    let papers = edition_papers(p, view, audience).await?;
    let files = move || {
        let annex = papers.annex.map(|annex| paper_file(&annex, format)).transpose()?;
        Ok((paper_file(&papers.digest, format)?, annex))
    };
    tokio::task::spawn_blocking(files).await?
}

async fn edition_papers(
    p: &Pipeline,
    view: &EditionView,
    audience: &AudienceSettings,
) -> anyhow::Result<EditionPapers> {
    let (view, head, copy) = (view.clone(), letterhead(&p.home.settings), copy_for(audience));
    Ok(tokio::task::spawn_blocking(move || diembao_print::edition_papers(&view, &head, &copy)).await??)
}

fn copy_for(audience: &AudienceSettings) -> Copy {
    Copy { audience: audience.audience.name.clone(), purpose: audience.purpose.clone() }
}

/// What is on its way to an audience.
struct Leaving<'a> {
    audience: &'a AudienceSettings,
    /// Its papers with their file names, without the ending.
    papers: Vec<(String, Paper)>,
    /// The view for programs, with its file name.
    json: Option<(String, String)>,
}

/// Makes and keeps the files that the audiences of an edition asked for and its views as JSON, in place of those it
/// had.
///
/// # Errors
/// When the store fails.
pub(crate) async fn keep_editions(p: &Pipeline, id: &EditionId, parts: &[CutPart]) -> anyhow::Result<()> {
    keep(p, id, edition_files(p, id, parts).await?).await
}

/// The files that the audiences of an edition asked for, and its views as JSON.
///
/// # Errors
/// When the renderer dies.
pub(crate) async fn edition_files(p: &Pipeline, id: &EditionId, parts: &[CutPart]) -> anyhow::Result<Vec<EditionFile>> {
    let name = format!("Điểm báo y tế {}", id.day().format("%d-%m-%Y"));
    let mut leaving = Vec::new();
    for part in parts {
        let Some(audience) = audience(p, &part.audience) else {
            continue;
        };
        let mut papers = Vec::new();
        if !audience.formats.is_empty() {
            match edition_papers(p, &part.view, audience).await {
                Ok(made) => {
                    papers.push((name.clone(), made.digest));
                    papers.extend(made.annex.map(|annex| (format!("{name} - phụ lục"), annex)));
                }
                Err(e) => tracing::error!(edition = %id, audience = %audience.audience.id, "no paper: {e:#}"),
            }
        }
        let json = Some((name.clone(), diembao_digest::render_json(&part.view)));
        leaving.push(Leaving { audience, papers, json });
    }
    files(id, leaving).await
}

/// As [`keep_editions`], of the second bulletin.
///
/// # Errors
/// When the store fails.
pub(crate) async fn keep_bulletins(
    p: &Pipeline,
    id: &EditionId,
    parts: &[(RenderedPart, BulletinView)],
) -> anyhow::Result<()> {
    keep(p, id, bulletin_files(p, id, parts).await?).await
}

/// As [`edition_files`], of the second bulletin.
///
/// # Errors
/// When the renderer dies.
pub(crate) async fn bulletin_files(
    p: &Pipeline,
    id: &EditionId,
    parts: &[(RenderedPart, BulletinView)],
) -> anyhow::Result<Vec<EditionFile>> {
    let head = letterhead(&p.home.settings);
    let leaving = parts.iter().filter_map(|(part, view)| {
        let audience = audience(p, &part.audience)?;
        Some(Leaving {
            audience,
            papers: vec![(
                format!("Thông tin bất cập {}", id.day().format("%d-%m-%Y")),
                diembao_print::bulletin_paper(view, &head, &copy_for(audience)),
            )],
            json: None,
        })
    });
    files(id, leaving.collect()).await
}

fn audience<'a>(p: &'a Pipeline, id: &AudienceId) -> Option<&'a AudienceSettings> {
    p.home.settings.audiences.iter().find(|a| a.audience.id == *id)
}

async fn keep(p: &Pipeline, id: &EditionId, files: Vec<EditionFile>) -> anyhow::Result<()> {
    p.store.keep_edition_files(id, &files).await.context("the edition's files cannot be kept")?;
    Ok(())
}

/// An edition leaves without a file that cannot be made.
async fn files(id: &EditionId, leaving: Vec<Leaving<'_>>) -> anyhow::Result<Vec<EditionFile>> {
    let mut files = Vec::new();
    for Leaving { audience, papers, json } in leaving {
        let file = |(name, ending): (&str, &str), media_type: &str, bytes| EditionFile {
            audience: audience.audience.id.clone(),
            name: format!("{name}.{ending}"),
            content_type: media_type.to_owned(),
            bytes,
        };
        files.extend(json.map(|(name, json)| file((&name, "json"), JSON, json.into_bytes())));
        for (name, paper) in papers {
            for format in audience.formats.iter().copied() {
                let paper = paper.clone();
                match tokio::task::spawn_blocking(move || paper_file(&paper, format)).await? {
                    Ok(bytes) => files.push(file((&name, format.ending()), format.media_type(), bytes)),
                    Err(e) => {
                        tracing::error!(edition = %id, audience = %audience.audience.id, "no {}: {e:#}", format.ending());
                    }
                }
            }
        }
    }
    Ok(files)
}

/// The files that go with an audience's mails.
///
/// # Errors
/// When the store fails.
pub(crate) async fn attachments(
    p: &Pipeline,
    id: &EditionId,
    audience: &AudienceId,
) -> anyhow::Result<Vec<Attachment>> {
    Ok(attached(p.store.edition_files(id, audience).await?))
}

/// Those of an edition's files that go with mails.
pub(crate) fn attached(files: Vec<EditionFile>) -> Vec<Attachment> {
    let attached = files.into_iter().filter(|f| f.content_type != JSON);
    attached.map(|f| Attachment { name: f.name, content_type: f.content_type, bytes: f.bytes }).collect()
}

/// The second bulletin as it would leave now, on paper; none when the audience does not get it.
///
/// # Errors
/// When the store fails or the renderer refuses it.
pub async fn bulletin_file(
    p: &Pipeline,
    id: &EditionId,
    settings: &AudienceSettings,
    format: FileFormat,
) -> anyhow::Result<Option<Vec<u8>>> {
    let parts = crate::leave::unsent_bulletins(p, id).await?;
    let Some((_, view)) = parts.iter().find(|(part, _)| part.audience == settings.audience.id) else {
        return Ok(None);
    };
    let paper = diembao_print::bulletin_paper(view, &letterhead(&p.home.settings), &copy_for(settings));
    tokio::task::spawn_blocking(move || paper_file(&paper, format)).await?.map(Some)
}

/// What the press printed of a story, turn by turn, on paper; none when there is no such story.
///
/// # Errors
/// When the store fails or the renderer refuses it.
pub async fn timeline_file(p: &Pipeline, story: StoryId, format: FileFormat) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(row) = p.store.story(story).await? else {
        return Ok(None);
    };
    let outlets = p.home.outlets.iter().map(|o| (&o.id, o)).collect();
    let articles: Vec<_> = row.articles.iter().map(|a| crate::edition::article(a, false, &outlets)).collect();
    let turns = diembao_digest::timeline(&articles, MAX_TURNS);
    let title = row.articles.first().map(|a| a.article.text.title.clone()).unwrap_or_default();
    let paper = diembao_print::timeline_paper(&title, &turns, &letterhead(&p.home.settings), p.clock.now());
    tokio::task::spawn_blocking(move || paper_file(&paper, format)).await?.map(Some)
}

/// The desk's draft of a kind for a case, as a file; none when there is no such case.
///
/// # Errors
/// When the store fails or the renderer refuses it.
pub async fn desk_draft(
    p: &Pipeline,
    case: CaseId,
    kind: DraftKind,
    format: FileFormat,
) -> anyhow::Result<Option<Vec<u8>>> {
    let Some((case, events)) = p.store.case(case).await? else {
        return Ok(None);
    };
    let row = p.store.story(case.story).await?;
    let story = DraftStory { spokesperson: spokesperson(&events), ..draft_story(p, &case, row.as_ref()) };
    let (head, now) = (letterhead(&p.home.settings), p.clock.now());
    let file = move |(case, events): (Case, Vec<CaseEvent>)| {
        paper_file(&diembao_print::draft_paper(kind, (&case, &events), &story, &head, now), format)
    };
    tokio::task::spawn_blocking(move || file((case, events))).await?.map(Some)
}

/// Who should speak, as the registry last proposed.
fn spokesperson(events: &[CaseEvent]) -> Option<String> {
    events.iter().rev().find_map(|e| match &e.action {
        Action::Route { spokesperson, .. } => Some(spokesperson.clone()),
        _ => None,
    })?
}

/// What the press wrote about a case, the first published first.
fn draft_story(p: &Pipeline, case: &Case, row: Option<&StoryRow>) -> DraftStory {
    let Some(row) = row else {
        return DraftStory::default();
    };
    let outlets = p.home.outlets.iter().map(|o| (&o.id, o)).collect();
    let inputs: Vec<_> = row.articles.iter().map(|a| crate::edition::article(a, false, &outlets)).collect();
    let mut sources: Vec<DraftSource> = inputs
        .iter()
        .map(|a| DraftSource {
            outlet: a.outlet.clone(),
            title: a.text.title.clone(),
            published: a.published,
            url: a.url.clone(),
        })
        .collect();
    sources.sort_by(|a, b| a.published.cmp(&b.published).then_with(|| a.outlet.cmp(&b.outlet)));
    DraftStory {
        summary: diembao_digest::summarise(&inputs, QUOTED_WORDS),
        unit: case.handling.unit.clone().or_else(|| case.handling.proposed.clone()),
        spokesperson: None,
        sources,
    }
}
