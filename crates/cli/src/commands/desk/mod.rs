//! `diembao desk`: flagged stories as cases.

mod act;
mod draft;
mod list;
mod report;
mod shift;

use clap::Subcommand;
use diembao_pipeline::desk::DeskFailure;

use crate::context::Global;
use crate::exit::{Exit, NotFound};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Desk {
    /// List cases, the gravest first
    List(list::List),
    /// Print a case, its clocks, articles, alerts and everything that happened to it
    Show(list::Show),
    /// Open a case by hand on an article or story
    Flag(act::Flag),
    /// Take a case on, or say that its new alarm was heard
    Ack(act::Act),
    /// Begin to check the facts
    Verify(act::Act),
    /// Ask a unit to handle a case
    Transfer(act::Transfer),
    /// Record that a meeting or a professional council is called
    Council(act::Act),
    /// Record the official answer
    Answer(act::Act),
    /// Tell a superior
    Escalate(act::To),
    /// Give a case to an officer
    Assign(act::To),
    /// Write something down
    Note(act::Note),
    /// Set how grave a case is; graver sounds the alarm again
    Severity(act::SetSeverity),
    /// Record when the event itself happened, as far as is known
    Occurred(act::Occurred),
    /// Set the deadline of a directive, or read it from the directive's words
    Deadline(act::Deadline),
    /// Let the clocks of a case stand still
    Pause(act::Note),
    /// Let them go on
    Resume(act::Act),
    /// Add a case to another of the same event
    Merge(act::Merge),
    /// Close a case
    Resolve(act::Note),
    /// Put a case aside, with a reason
    Dismiss(act::Dismiss),
    /// Say that you looked at what was written since a case was closed, and leave it closed
    Seen(act::Act),
    /// Take up a closed or dismissed case again
    Reopen(act::Note),
    /// List running clocks, the most used first
    Clocks(list::Clocks),
    /// List alerts: who was told, who will be
    Alerts(list::Alerts),
    /// Print what happened to all cases, the last first
    Log(list::Log),
    /// Hand over a shift: print it, or sign it
    Handover(shift::Handover),
    /// Print health falsehoods beside their rebuttals, the unanswered first
    Board(shift::Board),
    /// Write the evidence of a case: log, articles, pages, hashes
    Evidence(report::Evidence),
    /// Write a report, a transfer slip or an answer to the press about a case, to be completed by hand
    Draft(draft::Draft),
}

pub(crate) async fn run(command: Desk, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    match command {
        Desk::List(options) => list::list(&p, &options).await,
        Desk::Show(options) => list::show(&p, &options).await,
        Desk::Clocks(options) => list::clocks(&p, &options).await,
        Desk::Alerts(options) => list::alerts(&p, &options).await,
        Desk::Log(options) => list::log(&p, &options).await,
        Desk::Handover(options) => shift::handover(&p, options).await,
        Desk::Board(options) => shift::board(&p, &options).await,
        Desk::Evidence(options) => report::evidence(&p, &options).await,
        Desk::Draft(options) => draft::run(&p, &options).await,
        change => act::run(&p, change).await,
    }
}

/// A failure of the desk with the exit code it has: what is not there is not found.
fn failed(e: DeskFailure) -> anyhow::Error {
    match e {
        DeskFailure::NoCase(_) | DeskFailure::NoStory(_) => NotFound(e.to_string()).into(),
        DeskFailure::Failed(e) => e,
        other => other.into(),
    }
}
