//! Changing cases from the command line.

use std::io::Write;

use chrono::{DateTime, FixedOffset};
use clap::Args;
use diembao_desk::{Action, Case, DeadlineStage, DismissReason};
use diembao_news::{ArticleId, CaseId, FlagKind, Severity, StoryId};
use diembao_pipeline::Pipeline;
use diembao_pipeline::desk::{self, ByHand, FlagTarget};

use super::{Desk, failed};
use crate::exit::Exit;
use crate::output::{local_long, stdout};

/// Which case, who acts and why.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk ack 12 --by 'Trực ban A' --note 'đang gọi bệnh viện'")]
pub(crate) struct Act {
    #[command(flatten)]
    who: Who,
    /// Why, or what was found
    #[arg(long, default_value = "")]
    note: String,
}

#[derive(Debug, Args)]
struct Who {
    /// The case's number
    case: CaseId,
    /// Who acts
    #[arg(long, env = "DIEMBAO_USER")]
    by: String,
    /// Only if the case is still at this version; otherwise tell what changed and by whom
    #[arg(long, value_name = "VERSION")]
    expect: Option<i64>,
}

/// Which case, who acts, and what there is to say.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk note 12 'Bệnh viện hẹn trả lời trước 15 giờ' --by 'Trực ban A'")]
pub(crate) struct Note {
    #[command(flatten)]
    who: Who,
    /// What there is to say
    note: String,
}

/// Whom.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  diembao desk escalate 12 --to 'Chánh Văn phòng' --note 'hai ca tử vong' --by 'Trực ban A'\n  diembao desk assign 12 --to 'Cán bộ B' --by 'Trực ban A'"
)]
pub(crate) struct To {
    #[command(flatten)]
    act: Act,
    /// Whom
    #[arg(long)]
    to: String,
}

/// To which unit.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  diembao desk transfer 12 --by 'Trực ban A'\n  diembao desk transfer 12 --to 'Sở Y tế Nghệ An' --by 'Trực ban A'"
)]
pub(crate) struct Transfer {
    #[command(flatten)]
    act: Act,
    /// The unit [default: the one the registry proposes]
    #[arg(long)]
    to: Option<String>,
}

/// How grave.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk severity 12 red --note 'ca tử vong thứ hai' --by 'Trực ban A'")]
pub(crate) struct SetSeverity {
    #[command(flatten)]
    act: Act,
    /// green, yellow, orange or red
    #[arg(value_parser = super::list::parse_severity)]
    severity: Severity,
}

/// When.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk occurred 12 2026-11-20T21:30:00+07:00 --by 'Trực ban A'")]
pub(crate) struct Occurred {
    #[command(flatten)]
    act: Act,
    /// RFC 3339
    #[arg(value_parser = DateTime::parse_from_rfc3339)]
    at: DateTime<FixedOffset>,
}

/// Until when.
#[derive(Debug, Args)]
#[command(
    after_help = "Of several deadlines in a text the first is for the interim report, the last for the final one.\n\n\
Examples:\n  diembao desk deadline 12 --text 'Báo cáo bước đầu trước 12 giờ ngày 22/11/2026, báo cáo đầy đủ trước ngày 30/11/2026' --by 'Trực ban A'\n  diembao desk deadline 12 --final 2026-11-30T17:00:00+07:00 --by 'Trực ban A'"
)]
pub(crate) struct Deadline {
    #[command(flatten)]
    act: Act,
    /// The directive's words
    #[arg(long, conflicts_with_all = ["interim", "final_at"], required_unless_present_any = ["interim", "final_at"])]
    text: Option<String>,
    /// When the first report is due, RFC 3339
    #[arg(long, value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
    interim: Option<DateTime<FixedOffset>>,
    /// When the final report is due, RFC 3339
    #[arg(long = "final", value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
    final_at: Option<DateTime<FixedOffset>>,
}

/// Into which.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk merge 14 --into 12 --by 'Trực ban A' --note 'cùng một ca mổ'")]
pub(crate) struct Merge {
    /// The case that is put aside
    case: CaseId,
    /// The case that goes on, with the articles of both
    #[arg(long)]
    into: CaseId,
    /// Who acts
    #[arg(long, env = "DIEMBAO_USER")]
    by: String,
    /// Why
    #[arg(long, default_value = "")]
    note: String,
}

/// Why.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk dismiss 12 --reason not-incident --by 'Trực ban A'")]
pub(crate) struct Dismiss {
    #[command(flatten)]
    act: Act,
    /// not-incident, not-health, duplicate, old-case, foreign, unfounded or other
    #[arg(long, value_parser = parse_reason)]
    reason: DismissReason,
}

/// On what.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  diembao desk flag a1b2c3d4e5f60718 --severity orange --by 'Trực ban A' --note 'lãnh đạo yêu cầu theo dõi'"
)]
pub(crate) struct Flag {
    /// The id of an article or story, as `search` and `stories` print it
    article: ArticleId,
    /// green, yellow, orange or red
    #[arg(long, value_parser = super::list::parse_severity)]
    severity: Severity,
    /// It is a falsehood, not an incident
    #[arg(long)]
    misinformation: bool,
    /// Who acts
    #[arg(long, env = "DIEMBAO_USER")]
    by: String,
    /// Why
    #[arg(long, default_value = "")]
    note: String,
}

fn parse_reason(s: &str) -> Result<DismissReason, String> {
    let names = || DismissReason::ALL.map(DismissReason::as_str).join(", ");
    DismissReason::parse(s).ok_or_else(|| format!("expected one of {}", names()))
}

pub(super) async fn run(p: &Pipeline, command: Desk) -> anyhow::Result<Exit> {
    match command {
        Desk::Flag(o) => flag(p, o).await,
        Desk::Ack(o) => {
            let id = o.who.case;
            let act = desk::Act { by: o.who.by, action: Action::Acknowledge, note: o.note, expected: o.who.expect };
            said(&desk::acknowledge(p, id, act).await.map_err(failed)?)
        }
        Desk::Transfer(o) => transfer(p, o).await,
        Desk::Severity(o) => severity(p, o).await,
        Desk::Deadline(o) => deadline(p, o).await,
        Desk::Merge(o) => {
            let words = (o.by.as_str(), o.note.as_str());
            said(&desk::merge(p, o.case, o.into, words).await.map_err(failed)?)
        }
        Desk::Verify(o) => change(p, o, Action::Verify).await,
        Desk::Council(o) => change(p, o, Action::Convene).await,
        Desk::Answer(o) => change(p, o, Action::Answer).await,
        Desk::Resume(o) => change(p, o, Action::Resume).await,
        Desk::Seen(o) => change(p, o, Action::Seen).await,
        Desk::Escalate(o) => change(p, o.act, Action::Escalate { to: o.to }).await,
        Desk::Assign(o) => change(p, o.act, Action::Assign { to: o.to }).await,
        Desk::Dismiss(o) => change(p, o.act, Action::Dismiss { reason: o.reason }).await,
        Desk::Occurred(o) => change(p, o.act, Action::Occurred { at: o.at.to_utc() }).await,
        Desk::Note(o) => change(p, o.into(), Action::Note).await,
        Desk::Pause(o) => change(p, o.into(), Action::Pause).await,
        Desk::Resolve(o) => change(p, o.into(), Action::Close).await,
        Desk::Reopen(o) => change(p, o.into(), Action::Reopen).await,
        other => unreachable!("{other:?} changes nothing"),
    }
}

impl From<Note> for Act {
    fn from(o: Note) -> Self {
        Self { who: o.who, note: o.note }
    }
}

async fn change(p: &Pipeline, o: Act, action: Action) -> anyhow::Result<Exit> {
    let act = desk::Act { by: o.who.by, action, note: o.note, expected: o.who.expect };
    said(&desk::act(p, o.who.case, act).await.map_err(failed)?)
}

fn said(case: &Case) -> anyhow::Result<Exit> {
    writeln!(stdout(), "case {}: {} · version {} · {}", case.id, case.state.label(), case.version, case.title)?;
    Ok(Exit::Done)
}

async fn transfer(p: &Pipeline, o: Transfer) -> anyhow::Result<Exit> {
    let unit = match o.to {
        Some(unit) => unit,
        None => match desk::route(p, o.act.who.case).await.map_err(failed)? {
            Some(proposal) => proposal.unit,
            None => anyhow::bail!("the registry proposes no unit for this case: name one with --to"),
        },
    };
    change(p, o.act, Action::Transfer { unit }).await
}

async fn severity(p: &Pipeline, o: SetSeverity) -> anyhow::Result<Exit> {
    let id = o.act.who.case;
    let file = p.store.case(id).await?;
    let is_graver = file.is_some_and(|(case, _)| o.severity > case.severity);
    let severity = o.severity;
    let action = if is_graver { Action::Raise { severity } } else { Action::Lower { severity } };
    change(p, o.act, action).await
}

async fn deadline(p: &Pipeline, o: Deadline) -> anyhow::Result<Exit> {
    let who = &o.act.who;
    let set = match o.text {
        Some(text) => {
            let found = desk::set_deadlines(p, who.case, &text, (&who.by, who.expect)).await;
            found.map_err(failed)?
        }
        None => {
            let given = [(DeadlineStage::Interim, o.interim), (DeadlineStage::Final, o.final_at)];
            let given = given.into_iter().filter_map(|(stage, at)| Some((stage, at?.to_utc())));
            let (mut set, mut expected) = (Vec::new(), who.expect);
            for (stage, due) in given {
                let action = Action::SetDeadline { stage, due };
                let act = desk::Act { by: who.by.clone(), action, note: o.act.note.clone(), expected };
                let case = desk::act(p, who.case, act).await.map_err(failed)?;
                expected = expected.map(|_| case.version);
                set.push((stage, due));
            }
            set
        }
    };
    let mut out = stdout();
    for (stage, due) in set {
        writeln!(out, "case {}: {} {}", who.case, stage.label(), local_long(due))?;
    }
    Ok(Exit::Done)
}

async fn flag(p: &Pipeline, o: Flag) -> anyhow::Result<Exit> {
    let kind = if o.misinformation { FlagKind::Misinformation } else { FlagKind::Incident };
    // A story is called by its first article: one id serves for both.
    let target = match p.store.article(o.article).await? {
        Some(_) => FlagTarget::Article(o.article),
        None => FlagTarget::Story(StoryId::beginning_with(o.article)),
    };
    let by_hand = ByHand { target, kind, severity: o.severity, by: o.by, note: o.note };
    let (case, new) = desk::flag(p, by_hand).await.map_err(failed)?;
    let what = if new { "opened" } else { "there already: one story, one case" };
    writeln!(stdout(), "case {case}: {what}")?;
    Ok(Exit::Done)
}
