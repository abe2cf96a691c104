//! `diembao digest draft|edit|approve|history|correct`: what editors do before and after an edition leaves.

use std::io::Write;

use clap::{Args, ValueEnum};
use diembao_digest::EditAction;
use diembao_news::{EditionId, EditionState, StoryId};
use diembao_pipeline::{Draft, EditRecord, Pipeline, RunReport};
use serde_json::json;

use super::digest::day;
use super::report;
use crate::exit::{Exit, NotFound};
use crate::output::{json_line, local, local_long, rfc3339, stdout, table};

/// Which edition, and who acts.
#[derive(Debug, Args)]
#[command(
    after_help = "A draft made again takes in what has come since; the changes made before stay.\n\nExample:\n  diembao digest draft --by 'Lan'"
)]
pub(crate) struct Act {
    /// Its day [default: today]
    #[arg(long)]
    date: Option<EditionId>,
    /// Who acts
    #[arg(long, env = "DIEMBAO_USER")]
    by: String,
    /// The version of the draft this is based on; refused when another changed it since [default: any]
    #[arg(long, value_name = "VERSION")]
    base: Option<i64>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What to do to which story.
#[derive(Debug, Args)]
#[command(
    after_help = "Sections: attention, misinformation, policy, fields, examples. An empty VALUE takes a change back.\n\nExamples:\n  diembao digest edit drop 4k7m2p9x0abc --by Lan\n  diembao digest edit place 4k7m2p9x0abc 2 --by Lan\n  diembao digest edit move 4k7m2p9x0abc attention --by Lan\n  diembao digest edit headline 4k7m2p9x0abc 'Tiêu đề mới' --by Lan --base 3\n  diembao digest edit merge 4k7m2p9x0abc 7q1w8e5r2xyz --by Lan"
)]
pub(crate) struct Edit {
    /// What to do
    action: Verb,
    /// The story's id
    story: StoryId,
    /// A place, a section, a text, the story to merge into, the article to split off
    value: Option<String>,
    #[command(flatten)]
    act: Act,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Verb {
    /// Leave it out
    Drop,
    /// Take it in again
    Restore,
    /// Put it first
    Pin,
    /// Let its score decide again
    Unpin,
    /// Give it a place in its section
    Place,
    /// Move it to another section
    Move,
    /// Write its headline
    Headline,
    /// Write its summary
    Summary,
    /// Write its assessment, "Nhận định"
    Assess,
    /// Make it part of another story, for good
    Merge,
    /// Take an article out of it, for good
    Split,
}

/// Which edition.
#[derive(Debug, Args)]
#[command(
    after_help = "Any later change takes an approval back.\n\nExample:\n  diembao digest approve --by 'Trưởng ban' --base 7"
)]
pub(crate) struct Approve {
    #[command(flatten)]
    act: Act,
    /// Take the approval back
    #[arg(long)]
    withdraw: bool,
}

/// Which edition.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao digest history --date 2026-11-21 --json")]
pub(crate) struct History {
    /// Its day [default: today]
    #[arg(long)]
    date: Option<EditionId>,
    /// Print one JSON object a change
    #[arg(long)]
    json: bool,
}

/// What was wrong in which edition.
#[derive(Debug, Args)]
#[command(
    after_help = "It is printed as \"Đính chính\" in the next edition, or at once as a mail of its own to all who have the edition.\n\nExample:\n  diembao digest correct --date 2026-11-21 'Số người nhập viện là 37, không phải 73' --by Lan"
)]
pub(crate) struct Correct {
    /// What is right
    text: String,
    /// The day of the edition [default: the last one]
    #[arg(long)]
    date: Option<EditionId>,
    /// Who writes it
    #[arg(long, env = "DIEMBAO_USER")]
    by: String,
    /// Mail it now to all who got the edition, instead of printing it in the next one
    #[arg(long)]
    mail: bool,
}

pub(crate) async fn draft(p: &Pipeline, act: &Act) -> anyhow::Result<Exit> {
    change(p, EditAction::Draft, act).await
}

pub(crate) async fn edit(p: &Pipeline, options: &Edit) -> anyhow::Result<Exit> {
    let verb = options.action.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
    let action = EditAction::read(&verb, Some(options.story), options.value.as_deref()).ok_or_else(|| {
        anyhow::anyhow!("{verb} does not go with {:?}; see --help", options.value.as_deref().unwrap_or(""))
    })?;
    change(p, action, &options.act).await
}

pub(crate) async fn approve(p: &Pipeline, options: &Approve) -> anyhow::Result<Exit> {
    change(p, if options.withdraw { EditAction::Withdraw } else { EditAction::Approve }, &options.act).await
}

async fn change(p: &Pipeline, action: EditAction, act: &Act) -> anyhow::Result<Exit> {
    let id = day(p, act.date.clone());
    let draft = diembao_pipeline::edit(p, &id, action, &act.by, act.base).await?;
    let mut out = stdout();
    if act.json {
        json_line(&mut out, &draft_json(&draft))?;
    } else {
        writeln!(out, "{}", draft_line(&draft))?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// "draft 2026-11-21 · version 4 · 2026-11-20 06:00 to 2026-11-21 06:00 · approved by Lan 06:41".
pub(crate) fn draft_line(draft: &Draft) -> String {
    let Draft { edition, version, approval } = draft;
    let approval = approval
        .as_ref()
        .map_or_else(|| "not approved".to_owned(), |(by, at)| format!("approved by {by} {}", local(*at)));
    let (from, to) = (local_long(edition.from), local_long(edition.to));
    format!("draft {} · version {version} · {from} to {to} · {approval}", edition.id)
}

fn draft_json(draft: &Draft) -> serde_json::Value {
    json!({
        "edition": draft.edition.id.as_str(),
        "state": draft.edition.state.as_str(),
        "version": draft.version,
        "from": rfc3339(draft.edition.from),
        "to": rfc3339(draft.edition.to),
        "approved_by": draft.approval.as_ref().map(|(by, _)| by),
        "approved_at": draft.approval.as_ref().map(|(_, at)| rfc3339(*at)),
    })
}

pub(crate) async fn history(p: &Pipeline, options: &History) -> anyhow::Result<Exit> {
    let id = day(p, options.date.clone());
    let history = diembao_pipeline::history(p, &id).await?;
    let mut out = stdout();
    if options.json {
        for record in &history {
            json_line(&mut out, &record_json(record))?;
        }
    } else if history.is_empty() {
        writeln!(out, "nothing was done to edition {id}")?;
    } else {
        let mut rows = table(&["version", "at", "by", "action", "story", "value"]);
        for r in &history {
            rows.add_row([
                r.version.to_string(),
                local(r.at),
                r.by.clone(),
                r.action.name().to_owned(),
                r.action.story().map(|s| s.to_string()).unwrap_or_default(),
                r.action.value().unwrap_or_default(),
            ]);
        }
        writeln!(out, "{rows}")?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn record_json(r: &EditRecord) -> serde_json::Value {
    json!({
        "version": r.version,
        "at": rfc3339(r.at),
        "by": r.by,
        "action": r.action.name(),
        "story": r.action.story().map(|s| s.to_string()),
        "value": r.action.value(),
    })
}

pub(crate) async fn correct(p: &Pipeline, options: &Correct) -> anyhow::Result<Exit> {
    let edition = match &options.date {
        Some(id) => p.store.edition(id).await?,
        None => p.store.last_frozen(diembao_news::EditionKind::Digest).await?,
    };
    let edition = edition
        .filter(|e| e.state == EditionState::Frozen)
        .ok_or_else(|| NotFound("no such edition has left; a draft is changed with: diembao digest edit".to_owned()))?;
    let mut out = stdout();
    if options.mail {
        let _lock = p.lock().await?;
        let mail = diembao_pipeline::mail_correction(p, &edition.id, &options.text, &options.by).await?;
        let mut run = RunReport::default();
        diembao_pipeline::send_edition(p, &mail, &mut run).await?;
        report::print(&mut out, &run)?;
        out.flush()?;
        return Ok(report::exit_of(&run));
    }
    let number = diembao_pipeline::correct(p, &edition.id, &options.text, &options.by).await?;
    writeln!(out, "correction {number} of edition {} will stand in the next one", edition.id)?;
    out.flush()?;
    Ok(Exit::Done)
}
