//! The command line: every command, and the options all of them share.

use clap::{Parser, Subcommand};

use crate::commands;
use crate::context::Global;

/// Press monitoring for public health: reads the press, files it by the health sector's fields,
/// flags possible incidents and falsehoods, and mails the daily digest (điểm báo).
#[derive(Debug, Parser)]
#[command(name = "diembao", version, max_term_width = 100, after_help = AFTER, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = "Begin with:\n  diembao demo                       the whole morning on a fictional press, without internet\n  \
     diembao init DIR                   a home of your own\n  \
     diembao --home DIR run             collect, classify, group, send\n\n\
     Exit codes: 0 done · 1 failed · 2 command line · 3 the home's files · 4 no source reached ·\n\
     5 not found · 6 busy · 7 mail undelivered (`diembao exit-codes` explains)";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a new home with the default settings, sources and rules
    Init(commands::init::Options),
    /// Show the whole morning on a fictional press, in a temporary home
    Demo(commands::demo::Options),
    /// Collect, classify, group, assemble today's edition and send it
    Run(commands::run::Options),
    /// Collect, classify and group; no edition
    Collect(commands::collect::Options),
    /// Work all day by the schedule of diembao.toml, and show the console
    Serve(commands::serve::Options),
    /// Search the archive
    Search(Box<commands::search::Options>),
    /// Count by day, week or month what a query finds, and draw it
    Trend(commands::trend::Options),
    /// Find the articles most like one
    Similar(commands::similar::Options),
    /// Print one article
    Show(commands::show::Options),
    /// Print why an article was filed and flagged as it was
    Why(commands::why::Options),
    /// List stories, or print one
    Stories(commands::stories::Options),
    /// Preview, send and follow editions
    #[command(subcommand)]
    Digest(commands::digest::Digest),
    /// The duty desk: flagged stories as cases
    #[command(subcommand)]
    Desk(commands::desk::Desk),
    /// Who is responsible for what: organisations, fields, speakers, rosters
    #[command(subcommand)]
    Registry(commands::registry::Command),
    /// Take articles from JSON lines or CSV
    Import(commands::import::Options),
    /// The outlets and channels of feeds.toml
    #[command(subcommand)]
    Sources(commands::sources::Sources),
    /// Check, test and try the rules
    #[command(subcommand)]
    Rules(commands::rules::Rules),
    /// Who may use the console
    #[command(subcommand)]
    Users(commands::users::Users),
    /// Run one stage alone, on files or standard input
    #[command(subcommand)]
    Try(commands::try_stage::Try),
    /// Make the search index again from the store
    Reindex(commands::reindex::Options),
    /// Run extraction, rules and grouping again on what is stored
    Reprocess(commands::reprocess::Options),
    /// Save the home's settings, rules and store in one file
    Backup(commands::backup::BackupOptions),
    /// Put a backup back
    Restore(commands::backup::RestoreOptions),
    /// Check this home: files, store, index, disk, mail
    Doctor(commands::doctor::Options),
    /// Serve a fictional press over HTTP
    Samplepress(commands::samplepress::Options),
    /// Print shell completions
    Completions(commands::completions::Options),
    /// Write the man pages
    Man(commands::man::Options),
    /// Explain the exit codes
    ExitCodes,
}
