//! `diembao desk`: flagged stories as cases.

use std::io::Write;

use clap::{Args, Subcommand};
use diembao_desk::{Action, Case, CaseEvent, DismissReason};
use diembao_news::{CaseId, Severity};
use diembao_pipeline::Pipeline;
use diembao_store::{CaseFilter, CaseStates, StoreError};
use serde_json::json;

use crate::context::Global;
use crate::exit::{Exit, NotFound};
use crate::output::{json_line, local, local_long, rfc3339, stdout, table};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Desk {
    /// List cases, the gravest first
    List(List),
    /// Print a case, its articles and everything that happened to it
    Show(Show),
    /// Take a case on
    Ack(Act),
    /// Tell a superior
    Escalate(Escalate),
    /// Give a case to an officer
    Assign(Assign),
    /// Write something down
    Note(Note),
    /// Close a case
    Resolve(Note),
    /// Put a case aside, with a reason
    Dismiss(Dismiss),
    /// Take up a closed or dismissed case again
    Reopen(Note),
}

/// Which cases.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  diembao desk list\n  diembao desk list --all --severity orange --json")]
pub(crate) struct List {
    /// Closed and dismissed ones too
    #[arg(long)]
    all: bool,
    /// Only as grave as this or graver: green, yellow, orange, red
    #[arg(long, value_parser = |s: &str| Severity::parse(s).ok_or("expected green, yellow, orange or red"))]
    severity: Option<Severity>,
    /// Print one JSON object a case
    #[arg(long)]
    json: bool,
}

/// Which case.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk show 12")]
pub(crate) struct Show {
    /// Its number
    case: CaseId,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Which case, who acts and why.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk ack 12 --by 'Trực ban A' --note 'đang gọi bệnh viện'")]
pub(crate) struct Act {
    /// Its number
    case: CaseId,
    /// Who acts
    #[arg(long, env = "DIEMBAO_USER")]
    by: String,
    /// Why, or what was found
    #[arg(long, default_value = "")]
    note: String,
}

/// Which case, who acts, and what there is to say.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk note 12 'Bệnh viện hẹn trả lời trước 15 giờ' --by 'Trực ban A'")]
pub(crate) struct Note {
    /// Its number
    case: CaseId,
    /// What there is to say
    note: String,
    /// Who acts
    #[arg(long, env = "DIEMBAO_USER")]
    by: String,
}

/// Whom to tell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  diembao desk escalate 12 --to 'Chánh Văn phòng' --note 'hai ca tử vong' --by 'Trực ban A'"
)]
pub(crate) struct Escalate {
    #[command(flatten)]
    act: Act,
    /// Whom
    #[arg(long)]
    to: String,
}

/// To whom.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk assign 12 --to 'Cán bộ B' --by 'Trực ban A'")]
pub(crate) struct Assign {
    #[command(flatten)]
    act: Act,
    /// The officer
    #[arg(long)]
    to: String,
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

fn parse_reason(s: &str) -> Result<DismissReason, String> {
    let names = || DismissReason::ALL.map(DismissReason::as_str).join(", ");
    DismissReason::parse(s).ok_or_else(|| format!("expected one of {}", names()))
}

pub(crate) async fn run(command: Desk, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    match command {
        Desk::List(options) => list(&p, &options).await,
        Desk::Show(options) => show(&p, &options).await,
        Desk::Ack(act) => change(&p, act.case, act.by, Action::Acknowledge, act.note).await,
        Desk::Escalate(o) => change(&p, o.act.case, o.act.by, Action::Escalate { to: o.to }, o.act.note).await,
        Desk::Assign(o) => change(&p, o.act.case, o.act.by, Action::Assign { to: o.to }, o.act.note).await,
        Desk::Dismiss(o) => change(&p, o.act.case, o.act.by, Action::Dismiss { reason: o.reason }, o.act.note).await,
        Desk::Note(o) => change(&p, o.case, o.by, Action::Note, o.note).await,
        Desk::Resolve(o) => change(&p, o.case, o.by, Action::Close, o.note).await,
        Desk::Reopen(o) => change(&p, o.case, o.by, Action::Reopen, o.note).await,
    }
}

async fn change(p: &Pipeline, id: CaseId, actor: String, action: Action, note: String) -> anyhow::Result<Exit> {
    let event = CaseEvent { at: p.clock.now(), actor, action, note };
    let (case, _) = find(p, id).await?;
    let changed = match p.store.append_event(id, case.version, &event).await {
        Err(StoreError::Conflict { .. }) => {
            // Somebody changed it between our look and our word: look again, once.
            let (case, _) = find(p, id).await?;
            p.store.append_event(id, case.version, &event).await?
        }
        other => other?,
    };
    writeln!(stdout(), "case {id}: {} · {}", changed.state.label(), changed.title)?;
    Ok(Exit::Done)
}

async fn find(p: &Pipeline, id: CaseId) -> anyhow::Result<(Case, Vec<CaseEvent>)> {
    let case = p.store.case(id).await?;
    case.ok_or_else(|| NotFound(format!("there is no case {id}; `diembao desk list` shows them")).into())
}

async fn list(p: &Pipeline, options: &List) -> anyhow::Result<Exit> {
    let filter = CaseFilter {
        states: if options.all { CaseStates::All } else { CaseStates::Open },
        at_least: options.severity.unwrap_or(Severity::Green),
        ..CaseFilter::default()
    };
    let cases = p.store.cases(&filter).await?;
    let mut out = stdout();
    if options.json {
        for case in &cases {
            json_line(&mut out, &as_json(case))?;
        }
    } else {
        let mut rows = table(&["case", "severity", "state", "detected", "articles", "outlets", "owner", "title"]);
        for c in &cases {
            rows.add_row([
                c.id.to_string(),
                c.severity.label().to_owned(),
                c.state.label().to_owned(),
                local(c.opened_at),
                c.spread.n_articles.to_string(),
                c.spread.n_outlets.to_string(),
                c.owner.clone().unwrap_or_default(),
                c.title.clone(),
            ]);
        }
        writeln!(out, "{rows}")?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn as_json(c: &Case) -> serde_json::Value {
    json!({
        "case": c.id.as_i64(),
        "story": c.story.to_string(),
        "kind": c.kind.as_str(),
        "severity": c.severity.as_str(),
        "state": c.state.as_str(),
        "title": c.title,
        "owner": c.owner,
        "published": rfc3339(c.published),
        "detected": rfc3339(c.opened_at),
        "lost_minutes": c.lost_before_detection().num_minutes(),
        "acknowledged": c.times.acknowledged.map(rfc3339),
        "articles": c.spread.n_articles,
        "outlets": c.spread.n_outlets,
        "version": c.version,
    })
}

async fn show(p: &Pipeline, options: &Show) -> anyhow::Result<Exit> {
    let (case, events) = find(p, options.case).await?;
    let story = p.store.story(case.story).await?;
    let mut out = stdout();
    if options.json {
        let mut whole = as_json(&case);
        let rows: Vec<_> = events
            .iter()
            .map(|e| json!({"at": rfc3339(e.at), "actor": e.actor, "action": e.action.as_str(), "detail": detail(&e.action), "note": e.note}))
            .collect();
        let articles = story.iter().flat_map(|s| &s.articles).map(|a| a.article.id.to_string());
        whole["events"] = rows.into();
        whole["article_ids"] = articles.collect::<Vec<_>>().into();
        json_line(&mut out, &whole)?;
    } else {
        writeln!(out, "case {} · {} · {}", case.id, case.severity.label(), case.state.label())?;
        writeln!(out, "{}", case.title)?;
        let lost = case.lost_before_detection().num_minutes();
        writeln!(
            out,
            "published {} · detected {} ({lost} min later)",
            local_long(case.published),
            local_long(case.opened_at)
        )?;
        if let Some(owner) = &case.owner {
            writeln!(out, "owner {owner}")?;
        }
        writeln!(out, "\narticles")?;
        for a in story.iter().flat_map(|s| &s.articles) {
            let (a, time) = (&a.article, local(a.article.times.published));
            writeln!(out, "  {time}  {:<20} {}  {}", a.outlet.as_str(), a.id, a.text.title)?;
        }
        writeln!(out, "\nlog")?;
        for e in &events {
            writeln!(
                out,
                "  {}  {:<20} {:<12} {} {}",
                local(e.at),
                e.actor,
                e.action.as_str(),
                detail(&e.action),
                e.note
            )?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// What an action says beyond its name.
fn detail(action: &Action) -> String {
    match action {
        Action::Open { severity, kind } => format!("{} {}", kind.as_str(), severity.as_str()),
        Action::Evidence { n_articles, n_outlets } => format!("{n_articles} articles, {n_outlets} outlets"),
        Action::Raise { severity } | Action::Lower { severity } => severity.as_str().to_owned(),
        Action::Escalate { to } | Action::Assign { to } => to.clone(),
        Action::Transfer { unit } => unit.clone(),
        Action::Dismiss { reason } => reason.as_str().to_owned(),
        _ => String::new(),
    }
}
