//! The hand-over of a shift and the board of falsehoods.

use std::io::Write;

use chrono::{DateTime, FixedOffset, TimeDelta};
use clap::Args;
use diembao_desk::{ClaimRow, Reach};
use diembao_pipeline::Pipeline;
use diembao_pipeline::desk::{self, SignShift};
use serde_json::json;

use super::failed;
use crate::exit::Exit;
use crate::output::{json_line, rfc3339, stdout, table};

/// Which shift, and who signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --take nothing is signed. A shift begins where the last signed one ended, else at the roster's turn.\n\n\
Examples:\n  diembao desk handover\n  diembao desk handover --by 'Trực ban A' --take 'Trực ban B'\n  diembao desk handover --signed"
)]
pub(crate) struct Handover {
    /// When the shift began, RFC 3339
    #[arg(long, value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
    from: Option<DateTime<FixedOffset>>,
    /// Who takes over and signs
    #[arg(long, requires = "by")]
    take: Option<String>,
    /// Who hands over
    #[arg(long, env = "DIEMBAO_USER")]
    by: Option<String>,
    /// A remark for the next shift
    #[arg(long, default_value = "", requires = "take")]
    note: String,
    /// Print the last signed one instead
    #[arg(long, conflicts_with_all = ["from", "take"])]
    signed: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// How far back.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao desk board --since 14d --json")]
pub(crate) struct Board {
    /// How far back articles are looked at
    #[arg(long, default_value = "7d", value_parser = crate::commands::parse_span)]
    since: TimeDelta,
    /// Print one JSON object a falsehood
    #[arg(long)]
    json: bool,
}

pub(super) async fn handover(p: &Pipeline, o: Handover) -> anyhow::Result<Exit> {
    let from = o.from.map(|at| at.to_utc());
    let mut out = stdout();
    if o.signed || o.take.is_some() {
        let signed = match o.take {
            Some(taken_by) => {
                let sign = SignShift { given_by: o.by.unwrap_or_default(), taken_by, note: o.note };
                Some(desk::sign_shift(p, from, &sign).await.map_err(failed)?)
            }
            None => desk::signed_shifts(p, 1).await.map_err(failed)?.pop(),
        };
        let Some(signed) = signed else {
            writeln!(out, "no shift was signed yet")?;
            return Ok(Exit::Done);
        };
        if o.json {
            let (from, to) = (rfc3339(signed.from), rfc3339(signed.to));
            json_line(
                &mut out,
                &json!({"from": from, "to": to, "given_by": signed.given_by, "taken_by": signed.taken_by,
                    "signed": rfc3339(signed.signed_at), "text": signed.text}),
            )?;
        } else {
            write!(out, "{}", signed.text)?;
        }
    } else {
        let report = desk::shift(p, from).await.map_err(failed)?;
        let handover = &report.handover;
        if o.json {
            let open = handover.open.iter().map(|c| {
                let mut case = desk::case_json(&c.case);
                case["clocks"] = c.clocks.iter().map(|r| r.wording.clone()).collect::<Vec<_>>().into();
                case["unanswered_call"] = c.unanswered_call.clone().into();
                case["opened_in_shift"] = c.opened_in_shift.into();
                case
            });
            json_line(
                &mut out,
                &json!({"from": rfc3339(handover.from), "to": rfc3339(handover.to), "open": open.collect::<Vec<_>>(),
                    "closed_with_news": handover.news.iter().map(desk::case_json).collect::<Vec<_>>(), "ended": handover.n_ended, "coverage": handover.coverage, "unreachable": report.unreachable,
                    "silent": report.silent, "on_duty": report.next, "text": report.text}),
            )?;
        } else {
            write!(out, "{}", report.text)?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

pub(super) async fn board(p: &Pipeline, o: &Board) -> anyhow::Result<Exit> {
    let rows = desk::board(p, p.clock.now() - o.since).await.map_err(failed)?;
    let mut out = stdout();
    if o.json {
        for row in &rows {
            json_line(&mut out, &row_json(row))?;
        }
    } else {
        let mut shown = table(&["answer", "age", "claim", "rebuttal", "story", "title"]);
        for row in &rows {
            let reach = |r: &Reach| format!("{} bài, {} báo", r.n_articles, r.n_outlets);
            let age = row.age.map(|age| format!("{} giờ", age.num_hours())).unwrap_or_default();
            shown.add_row([
                row.gap.label().to_owned(),
                age,
                reach(&row.claim),
                reach(&row.rebuttal),
                row.story.to_string(),
                row.title.clone(),
            ]);
        }
        writeln!(out, "{shown}")?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn row_json(row: &ClaimRow) -> serde_json::Value {
    let reach =
        |r: &Reach| json!({"n_articles": r.n_articles, "n_outlets": r.n_outlets, "first": r.first.map(rfc3339)});
    json!({
        "story": row.story.to_string(),
        "title": row.title,
        "answer": row.gap.as_str(),
        "age_minutes": row.age.map(|age| age.num_minutes()),
        "claim": reach(&row.claim),
        "rebuttal": reach(&row.rebuttal),
    })
}
