//! `diembao digest preview|send|status`.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context;
use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use diembao_mail::SendOutcome;
use diembao_news::{AudienceId, Delivery, DeliveryState, EditionId, EditionKind, EditionState};
use diembao_pipeline::settings::FileFormat;
use diembao_pipeline::{Pipeline, RunReport};
use diembao_store::RenderedPart;
use serde_json::json;

use super::digest_paper::{self, ViewFormat};
use super::{digest_edit, report};
use crate::context::Global;
use crate::exit::{Exit, NotFound};
use crate::output::{json_line, local_long, stdout, table};

/// What to do with an edition. A day names its digest; with `-bat-cap` after it, its second bulletin.
#[derive(Debug, Subcommand)]
pub(crate) enum Digest {
    /// Make the draft of an edition, or make it again from what has come since
    Draft(digest_edit::Act),
    /// Change a story of the draft
    Edit(digest_edit::Edit),
    /// Let the draft leave as it is now
    Approve(digest_edit::Approve),
    /// Print what was done to an edition, by whom
    History(digest_edit::History),
    /// Correct an edition that has left
    Correct(digest_edit::Correct),
    /// Print an edition as it left, or as it would leave now
    Preview(Preview),
    /// Freeze an edition and send what of it is not sent
    Send(Send),
    /// Tell who has an edition and who has not
    Status(Status),
    /// Print or send the second bulletin, "Thông tin bất cập"
    Bulletin(Bulletin),
}

/// Which edition, for whom, in which form.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  diembao digest preview\n  diembao digest preview --format html > diem-bao.html\n  diembao digest preview --format pdf --output diem-bao.pdf\n  diembao digest preview --date 2026-11-21 --audience lanh-dao --write-to ban-tin"
)]
pub(crate) struct Preview {
    /// Its day [default: today]
    #[arg(long)]
    date: Option<EditionId>,
    /// Whose cut [default: the first audience of diembao.toml]
    #[arg(long)]
    audience: Option<AudienceId>,
    /// In which form
    #[arg(long, visible_alias = "form", value_enum, default_value_t = Form::Text)]
    format: Form,
    /// Write it to this file [default: standard output]; an annex of pdf or docx is written beside it
    #[arg(long, short, value_name = "FILE", conflicts_with = "write_to")]
    output: Option<PathBuf>,
    /// Write every audience's HTML and text into this folder instead
    #[arg(long, value_name = "DIR")]
    write_to: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    Text,
    Html,
    /// The assembled edition, for programs
    Json,
    /// As printed, in the layout of decree 30
    Pdf,
    /// The same, to be edited
    Docx,
    /// The stories with their ids, as `digest edit` takes them
    Ids,
}

/// Which edition.
#[derive(Debug, Args)]
#[command(
    after_help = "Sending again sends nothing to those who have it.\n\nExamples:\n  diembao digest send --dry-run\n  diembao digest send --test toi@example.vn --audience lanh-dao\n  diembao digest send"
)]
pub(crate) struct Send {
    /// Its day [default: today]
    #[arg(long)]
    date: Option<EditionId>,
    /// Only tell what would be sent to whom
    #[arg(long)]
    dry_run: bool,
    /// Send it to this address alone, marked as a test; nothing is frozen
    #[arg(long, value_name = "ADDRESS", conflicts_with = "dry_run")]
    test: Option<String>,
    /// Whose cut is sent as a test [default: the first audience of diembao.toml]
    #[arg(long, requires = "test")]
    audience: Option<AudienceId>,
}

/// Which edition.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao digest status --date 2026-11-21 --json")]
pub(crate) struct Status {
    /// Its day [default: the last one]
    #[arg(long)]
    date: Option<EditionId>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Which bulletin, and whether it leaves.
#[derive(Debug, Args)]
#[command(
    after_help = "Its audiences are those whose \"gets\" in diembao.toml names \"bulletin\".\n\nExamples:\n  diembao digest bulletin\n  diembao digest bulletin --send"
)]
pub(crate) struct Bulletin {
    /// Its day [default: today]
    #[arg(long)]
    date: Option<NaiveDate>,
    /// Whose cut is printed [default: the first audience that gets it]
    #[arg(long)]
    audience: Option<AudienceId>,
    /// Print it as HTML
    #[arg(long)]
    html: bool,
    /// Freeze it and send what of it is not sent
    #[arg(long, conflicts_with_all = ["audience", "html"])]
    send: bool,
}

pub(crate) async fn run(command: Digest, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    match command {
        Digest::Draft(act) => digest_edit::draft(&p, &act).await,
        Digest::Edit(options) => digest_edit::edit(&p, &options).await,
        Digest::Approve(options) => digest_edit::approve(&p, &options).await,
        Digest::History(options) => digest_edit::history(&p, &options).await,
        Digest::Correct(options) => digest_edit::correct(&p, &options).await,
        Digest::Preview(options) => preview(&p, options).await,
        Digest::Send(options) => send(&p, options).await,
        Digest::Status(options) => status(&p, options).await,
        Digest::Bulletin(options) => bulletin(&p, options).await,
    }
}

pub(crate) fn day(p: &Pipeline, date: Option<EditionId>) -> EditionId {
    date.unwrap_or_else(|| diembao_pipeline::today(p.clock.now()))
}

async fn preview(p: &Pipeline, options: Preview) -> anyhow::Result<Exit> {
    let id = day(p, options.date);
    if matches!(options.format, Form::Ids) {
        return ids(p, &id, options.audience.as_ref()).await;
    }
    let parts = parts(p, &id).await?;
    let mut out = stdout();
    if let Some(dir) = &options.write_to {
        for path in write_parts(dir, &id, &parts)? {
            writeln!(out, "wrote {}", path.display())?;
        }
        out.flush()?;
        return Ok(Exit::Done);
    }
    let first = p.home.settings.audiences.first().map(|a| &a.audience.id);
    let wanted = options.audience.as_ref().or(first);
    let part = parts.iter().find(|part| Some(&part.audience) == wanted).ok_or_else(|| match &options.audience {
        Some(audience) => NotFound(format!("edition {id} has no cut for {audience}")),
        None => NotFound("diembao.toml names no audience".to_owned()),
    })?;
    let of_view = |format| digest_paper::files(p, &id, &part.audience, format);
    let (bytes, annex) = match options.format {
        Form::Text => (part.text.clone().into_bytes(), None),
        Form::Html => (part.html.clone().into_bytes(), None),
        Form::Json => of_view(ViewFormat::Json).await?,
        Form::Pdf => of_view(ViewFormat::File(FileFormat::Pdf)).await?,
        Form::Docx => of_view(ViewFormat::File(FileFormat::Docx)).await?,
        Form::Ids => (Vec::new(), None),
    };
    if let Some(path) = &options.output {
        fs::write(path, &bytes).with_context(|| path.display().to_string())?;
        writeln!(out, "wrote {}", path.display())?;
        if let Some(annex) = annex {
            let path = digest_paper::annex_path(path);
            fs::write(&path, &annex).with_context(|| path.display().to_string())?;
            writeln!(out, "wrote {}", path.display())?;
        }
    } else if matches!(options.format, Form::Pdf | Form::Docx) && std::io::stdout().is_terminal() {
        anyhow::bail!("this format is not for the terminal: name a file with --output");
    } else {
        out.write_all(&bytes)?;
        if annex.is_some() {
            tracing::warn!("what does not fit on the pages stands in an annex: name a file with --output to have both");
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// The stories of a draft in their order, with what `digest edit` needs to name them.
async fn ids(p: &Pipeline, id: &EditionId, audience: Option<&AudienceId>) -> anyhow::Result<Exit> {
    let (_, parts) = diembao_pipeline::preview_edition(p, id).await?;
    let part = parts.iter().find(|part| audience.is_none_or(|a| part.audience == *a));
    let part = part.ok_or_else(|| NotFound(format!("edition {id} has no cut for that audience")))?;
    let mut out = stdout();
    for section in &part.view.sections {
        for item in section.groups.iter().flat_map(|g| &g.items) {
            let score = item.score.total();
            writeln!(out, "{}  {:<14} {score:>6.1}  {}", item.story, section.section.as_str(), item.headline)?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// An edition as it left, or as it would leave now.
async fn parts(p: &Pipeline, id: &EditionId) -> anyhow::Result<Vec<RenderedPart>> {
    let frozen = p.store.edition(id).await?.is_some_and(|e| e.state == EditionState::Frozen);
    if frozen {
        return Ok(p.store.rendered_parts(id).await?);
    }
    if id.kind() == EditionKind::Bulletin {
        return diembao_pipeline::preview_bulletin(p, id).await;
    }
    let (_, parts) = diembao_pipeline::preview_edition(p, id).await?;
    let parts = parts.into_iter().map(|part| RenderedPart {
        audience: part.audience,
        subject: part.rendered.subject,
        html: part.rendered.html,
        text: part.rendered.text,
    });
    Ok(parts.collect())
}

/// Writes an edition's parts as files; their paths, the HTML of each audience before its text.
pub(crate) fn write_parts(
    dir: &std::path::Path,
    id: &EditionId,
    parts: &[RenderedPart],
) -> anyhow::Result<Vec<PathBuf>> {
    fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    let mut written = Vec::new();
    for part in parts {
        for (ending, text) in [("html", &part.html), ("txt", &part.text)] {
            let path = dir.join(format!("{id}-{}.{ending}", part.audience));
            fs::write(&path, text).with_context(|| path.display().to_string())?;
            written.push(path);
        }
    }
    Ok(written)
}

async fn send(p: &Pipeline, options: Send) -> anyhow::Result<Exit> {
    let id = day(p, options.date);
    let mut out = stdout();
    if let Some(address) = &options.test {
        let first = p.home.settings.audiences.first().map(|a| a.audience.id.clone());
        let audience =
            options.audience.or(first).ok_or_else(|| NotFound("diembao.toml names no audience".to_owned()))?;
        let outcome = diembao_pipeline::test_send(p, &id, &audience, address).await?;
        writeln!(out, "{address}: {}", outcome.reply())?;
        out.flush()?;
        return Ok(if matches!(outcome, SendOutcome::Sent { .. }) { Exit::Done } else { Exit::Undelivered });
    }
    if options.dry_run {
        let parts = parts(p, &id).await?;
        for part in &parts {
            let audience = p.home.settings.audiences.iter().find(|a| a.audience.id == part.audience);
            let recipients = audience.map(|a| a.audience.recipients.join(", ")).unwrap_or_default();
            writeln!(out, "{} → {}: {recipients}", part.subject, part.audience)?;
        }
        writeln!(out, "nothing was sent")?;
        out.flush()?;
        return Ok(Exit::Done);
    }
    let _lock = p.lock().await?;
    let mut run = RunReport::default();
    diembao_pipeline::send_edition(p, &id, &mut run).await?;
    report::print(&mut out, &run)?;
    out.flush()?;
    Ok(report::exit_of(&run))
}

async fn bulletin(p: &Pipeline, options: Bulletin) -> anyhow::Result<Exit> {
    let date = options.date.unwrap_or_else(|| diembao_pipeline::today(p.clock.now()).day());
    let id = EditionId::bulletin_of_day(date);
    if options.send {
        return send(p, Send { date: Some(id), dry_run: false, test: None, audience: None }).await;
    }
    let parts = parts(p, &id).await?;
    let part = parts.iter().find(|part| options.audience.as_ref().is_none_or(|a| part.audience == *a));
    let part = part.ok_or_else(|| {
        NotFound("no audience gets the second bulletin: add \"bulletin\" to \"gets\" in diembao.toml".to_owned())
    })?;
    let mut out = stdout();
    write!(out, "{}", if options.html { &part.html } else { &part.text })?;
    out.flush()?;
    Ok(Exit::Done)
}

async fn status(p: &Pipeline, options: Status) -> anyhow::Result<Exit> {
    let edition = match &options.date {
        Some(id) => p.store.edition(id).await?,
        None => p.store.last_frozen(EditionKind::Digest).await?,
    };
    let edition = edition.ok_or_else(|| NotFound("there is no such edition; `diembao run` makes one".to_owned()))?;
    let deliveries = p.store.deliveries(&edition.id).await?;
    let mut out = stdout();
    if options.json {
        let rows: Vec<_> = deliveries
            .iter()
            .map(|d| {
                json!({
                    "audience": d.audience.as_str(),
                    "recipient": d.recipient,
                    "message_id": d.message_id,
                    "state": d.state.as_str(),
                    "attempts": d.attempts,
                    "last_reply": d.last_reply,
                })
            })
            .collect();
        let whole = json!({"edition": edition.id.as_str(), "state": edition.state.as_str(), "deliveries": rows});
        json_line(&mut out, &whole)?;
    } else {
        match diembao_pipeline::find_draft(p, &edition.id).await?.filter(|d| d.edition.state == EditionState::Draft) {
            Some(draft) => writeln!(out, "{}", digest_edit::draft_line(&draft))?,
            None => {
                let (from, to) = (local_long(edition.from), local_long(edition.to));
                writeln!(out, "edition {} · {} · {from} to {to}", edition.id, edition.state.as_str())?;
            }
        }
        writeln!(out, "{}", standing(&deliveries))?;
        let mut rows = table(&["audience", "recipient", "state", "tries", "last reply"]);
        for d in &deliveries {
            let reply = d.last_reply.clone().unwrap_or_default();
            rows.add_row([
                d.audience.to_string(),
                d.recipient.clone(),
                d.state.as_str().to_owned(),
                d.attempts.to_string(),
                reply,
            ]);
        }
        writeln!(out, "{rows}")?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// "37 have it, 2 wait, 1 was refused".
fn standing(deliveries: &[Delivery]) -> String {
    let n = |states: &[DeliveryState]| deliveries.iter().filter(|d| states.contains(&d.state)).count();
    let sent = n(&[DeliveryState::Sent]);
    let refused = n(&[DeliveryState::Bounced]);
    let in_doubt = n(&[DeliveryState::Sending]);
    let waiting = n(&[DeliveryState::Queued, DeliveryState::Deferred]);
    format!("{sent} have it, {waiting} wait, {in_doubt} in doubt, {refused} refused")
}
