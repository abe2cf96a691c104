//! Reading cases from the command line.

use std::io::Write;

use chrono::TimeDelta;
use clap::Args;
use diembao_desk::{CaseState, ClockLevel};
use diembao_news::{CaseId, Severity};
use diembao_pipeline::Pipeline;
use diembao_pipeline::desk::{self, CaseFile};
use diembao_store::{CaseCursor, CaseFilter, CaseStates};

use super::failed;
use crate::commands::facts;
use crate::exit::{Exit, NotFound};
use crate::output::{json_line, local, local_long, stdout, table};

/// Which cases.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  diembao desk list\n  diembao desk list --all --severity orange --json\n  diembao desk list --state transferred --owner 'Trực ban A'\n  diembao desk list --all --limit 50 --after 812\n  diembao desk list --closed-with-news"
)]
pub(crate) struct List {
    /// Closed and dismissed ones too
    #[arg(long)]
    all: bool,
    /// Only in this state: detected, acknowledged, verifying, transferred, council, answered, closed, dismissed
    #[arg(long, conflicts_with = "all", value_parser = parse_state)]
    state: Option<CaseState>,
    /// Only closed ones that the press wrote more of since, until `desk seen` or `desk reopen`
    #[arg(long, conflicts_with_all = ["all", "state"])]
    closed_with_news: bool,
    /// Only as grave as this or graver: green, yellow, orange, red
    #[arg(long, value_parser = parse_severity)]
    severity: Option<Severity>,
    /// Only this officer's
    #[arg(long)]
    owner: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Go on behind this case
    #[arg(long, value_name = "CASE")]
    after: Option<CaseId>,
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

/// Which clocks.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  diembao desk clocks\n  diembao desk clocks --from 80 --json")]
pub(crate) struct Clocks {
    /// Only those that have used so many per cent of their time
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    from: u8,
    /// Print one JSON object a clock
    #[arg(long)]
    json: bool,
}

/// Which alerts.
#[derive(Debug, Args)]
#[command(after_help = "`serve` sends by itself; --send is for a home without it, from a timer.\n\n\
Examples:\n  diembao desk alerts\n  diembao desk alerts --case 12 --json\n  diembao desk alerts --send")]
pub(crate) struct Alerts {
    /// Only of this case, the later rungs of its ladder too
    #[arg(long)]
    case: Option<CaseId>,
    /// How far back
    #[arg(long, default_value = "1d", value_parser = crate::commands::parse_span)]
    since: TimeDelta,
    /// First queue what clocks call for, and send what is due
    #[arg(long)]
    send: bool,
    /// Print one JSON object an alert
    #[arg(long)]
    json: bool,
}

/// Which part of the log.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk log --since 7d --json")]
pub(crate) struct Log {
    /// How far back
    #[arg(long, default_value = "1d", value_parser = crate::commands::parse_span)]
    since: TimeDelta,
    /// How many at most
    #[arg(long, default_value_t = 1000)]
    limit: usize,
    /// Print one JSON object an event
    #[arg(long)]
    json: bool,
}

pub(super) fn parse_severity(s: &str) -> Result<Severity, String> {
    Severity::parse(s).ok_or_else(|| "expected green, yellow, orange or red".to_owned())
}

fn parse_state(s: &str) -> Result<CaseState, String> {
    let names = || CaseState::ALL.map(CaseState::as_str).join(", ");
    CaseState::parse(s).ok_or_else(|| format!("expected one of {}", names()))
}

pub(super) async fn list(p: &Pipeline, options: &List) -> anyhow::Result<Exit> {
    let behind = match options.after {
        Some(id) => {
            let found = p.store.case(id).await?;
            let (case, _) = found.ok_or_else(|| NotFound(format!("there is no case {id}")))?;
            Some(CaseCursor::behind(&case))
        }
        None => None,
    };
    let filter = CaseFilter {
        states: match options.state {
            Some(state) => CaseStates::Only(state),
            None if options.closed_with_news => CaseStates::News,
            None if options.all => CaseStates::All,
            None => CaseStates::Open,
        },
        at_least: options.severity.unwrap_or(Severity::Green),
        owner: options.owner.clone(),
        behind,
        n_max: options.limit,
        ..CaseFilter::default()
    };
    let page = desk::list(p, &filter).await.map_err(failed)?;
    let mut out = stdout();
    if options.json {
        for case in &page.cases {
            json_line(&mut out, &desk::case_json(case))?;
        }
    } else {
        let mut rows =
            table(&["case", "severity", "state", "detected", "articles", "outlets", "owner", "unit", "title"]);
        for c in &page.cases {
            let proposed = c.handling.proposed.as_ref().map(|unit| format!("{unit}?"));
            rows.add_row([
                c.id.to_string(),
                c.severity.label().to_owned(),
                c.state.label().to_owned(),
                local(c.opened_at),
                c.spread.n_articles.to_string(),
                c.spread.n_outlets.to_string(),
                c.owner.clone().unwrap_or_default(),
                c.handling.unit.clone().or(proposed).unwrap_or_default(),
                c.title.clone(),
            ]);
        }
        writeln!(out, "{rows}")?;
        if let Some(next) = page.next {
            writeln!(out, "more: --after {}", next.id)?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

pub(super) async fn show(p: &Pipeline, options: &Show) -> anyhow::Result<Exit> {
    let file = desk::show(p, options.case).await.map_err(failed)?;
    let mut out = stdout();
    let facts = facts::of_flagged(&p.home.rules, &file.articles);
    if options.json {
        let mut whole = desk::file_json(&file);
        whole["facts"] = facts.as_ref().map(facts::as_json).unwrap_or_default();
        json_line(&mut out, &whole)?;
    } else {
        print(&mut out, &file)?;
        facts.iter().try_for_each(|f| facts::print(&mut out, f))?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn print(out: &mut impl Write, file: &CaseFile) -> anyhow::Result<()> {
    let case = &file.case;
    writeln!(out, "case {} · {} · {} · version {}", case.id, case.severity.label(), case.state.label(), case.version)?;
    writeln!(out, "{}", case.title)?;
    let lost = case.lost_before_detection().num_minutes();
    writeln!(
        out,
        "published {} · detected {} ({lost} min later)",
        local_long(case.published),
        local_long(case.opened_at)
    )?;
    for (what, who) in
        [("owner", &case.owner), ("unit", &case.handling.unit), ("escalated to", &case.handling.escalated_to)]
    {
        if let Some(who) = who {
            writeln!(out, "{what} {who}")?;
        }
    }
    if let Some(other) = case.handling.merged_into {
        writeln!(out, "goes on as case {other}")?;
    }
    if let Some(proposal) = &file.proposal {
        writeln!(out, "proposed {}: {}", proposal.unit, proposal.reasons.join(" "))?;
    }
    if !file.clocks.is_empty() {
        writeln!(out, "\nclocks")?;
    }
    for reading in &file.clocks {
        writeln!(out, "  {}", reading.wording)?;
    }
    writeln!(out, "\narticles")?;
    for stored in &file.articles {
        let (a, time) = (&stored.article, local(stored.article.times.published));
        writeln!(out, "  {time}  {:<20} {}  {}", a.outlet.as_str(), a.id, a.text.title)?;
    }
    if !file.alerts.is_empty() {
        writeln!(out, "\nalerts")?;
    }
    for q in &file.alerts {
        writeln!(out, "  {}  {:<28} rung {} · {}", local(q.alert.due), q.alert.to, q.alert.rung + 1, q.state.as_str())?;
    }
    writeln!(out, "\nlog")?;
    for e in &file.events {
        let detail = desk::detail(&e.action);
        writeln!(out, "  {}  {:<20} {:<12} {detail} {}", local(e.at), e.actor, e.action.as_str(), e.note)?;
    }
    writeln!(out, "\nnow possible: {}", file.allowed.join(", "))?;
    Ok(())
}

pub(super) async fn clocks(p: &Pipeline, options: &Clocks) -> anyhow::Result<Exit> {
    let least = match options.from {
        0..50 => ClockLevel::Running,
        50..80 => ClockLevel::Half,
        80..100 => ClockLevel::Most,
        _ => ClockLevel::Due,
    };
    let rows = desk::clock_board(p, least).await.map_err(failed)?;
    let mut out = stdout();
    if options.json {
        for row in &rows {
            let mut line = desk::clock_json(&row.reading);
            line["case"] = row.case.id.as_i64().into();
            line["severity"] = row.case.severity.as_str().into();
            json_line(&mut out, &line)?;
        }
    } else {
        let mut shown = table(&["case", "severity", "used", "due", "clock"]);
        for row in &rows {
            shown.add_row([
                row.case.id.to_string(),
                row.case.severity.label().to_owned(),
                format!("{:.0}%", row.reading.used * 100.0),
                row.reading.due.map(local).unwrap_or_default(),
                row.reading.wording.clone(),
            ]);
        }
        writeln!(out, "{shown}")?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

pub(super) async fn alerts(p: &Pipeline, options: &Alerts) -> anyhow::Result<Exit> {
    if options.send {
        desk::warn_of_clocks(p).await?;
        let report = desk::send_alerts(p, &desk::Teller::new(&p.home)?).await?;
        tracing::info!(report.sent, report.deferred, report.bounced, "alerts");
    }
    let since = p.clock.now() - options.since;
    let found = desk::alerts(p, options.case, since, 1000).await.map_err(failed)?;
    let mut out = stdout();
    if options.json {
        for q in &found {
            json_line(&mut out, &desk::alert_json(q))?;
        }
    } else {
        let mut rows = table(&["case", "rung", "to", "due", "state", "tries", "answer"]);
        for q in &found {
            rows.add_row([
                q.alert.case.to_string(),
                (q.alert.rung + 1).to_string(),
                q.alert.to.clone(),
                local(q.alert.due),
                q.state.as_str().to_owned(),
                q.attempts.to_string(),
                q.last_reply.clone().unwrap_or_default(),
            ]);
        }
        writeln!(out, "{rows}")?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

pub(super) async fn log(p: &Pipeline, options: &Log) -> anyhow::Result<Exit> {
    let now = p.clock.now();
    let span = (now - options.since, now + TimeDelta::seconds(1));
    let lines = desk::log(p, span, None, options.limit).await.map_err(failed)?;
    let mut out = stdout();
    for line in &lines {
        if options.json {
            let mut object = desk::event_json(&line.event);
            object["case"] = line.case.as_i64().into();
            object["version"] = line.version.into();
            json_line(&mut out, &object)?;
        } else {
            let (e, case) = (&line.event, line.case.to_string());
            let detail = desk::detail(&e.action);
            writeln!(out, "{}  #{case:<6} {:<20} {:<12} {detail} {}", local(e.at), e.actor, e.action.as_str(), e.note)?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}
