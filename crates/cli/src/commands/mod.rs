//! One file a command: its options and its `run`.

pub(crate) mod backup;
pub(crate) mod collect;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod desk;
pub(crate) mod digest;
pub(crate) mod digest_edit;
pub(crate) mod digest_paper;
pub(crate) mod doctor;
pub(crate) mod doctor_network;
mod facts;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod man;
pub(crate) mod registry;
pub(crate) mod reindex;
pub(crate) mod report;
pub(crate) mod reprocess;
pub(crate) mod rules;
mod rules_correct;
mod rules_diff;
mod rules_gold;
pub(crate) mod run;
pub(crate) mod samplepress;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod show;
pub(crate) mod show_versions;
pub(crate) mod similar;
pub(crate) mod sources;
pub(crate) mod sources_add;
pub(crate) mod sources_check;
pub(crate) mod sources_layout;
pub(crate) mod stories;
pub(crate) mod trend;
pub(crate) mod try_stage;
pub(crate) mod users;
pub(crate) mod why;

use diembao_news::{ArticleId, CanonicalUrl};
use diembao_pipeline::Pipeline;
use diembao_store::StoredArticle;

use crate::app::{Cli, Command};
use crate::exit::{self, Exit, NotFound};

/// Runs the command that was asked for.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<Exit> {
    let global = cli.global;
    match cli.command {
        Command::Init(options) => init::run(&options),
        Command::Demo(options) => demo::run(&options, &global).await,
        Command::Run(options) => run::run(&options, &global).await,
        Command::Collect(options) => collect::run(&options, &global).await,
        Command::Serve(options) => serve::run(&options, &global).await,
        Command::Search(options) => search::run(&options, &global).await,
        Command::Trend(options) => trend::run(&options, &global).await,
        Command::Similar(options) => similar::run(&options, &global).await,
        Command::Show(options) => show::run(&options, &global).await,
        Command::Why(options) => why::run(&options, &global).await,
        Command::Stories(options) => stories::run(&options, &global).await,
        Command::Digest(command) => digest::run(command, &global).await,
        Command::Desk(command) => desk::run(command, &global).await,
        Command::Registry(command) => registry::run(command, &global),
        Command::Import(options) => import::run(&options, &global).await,
        Command::Sources(command) => sources::run(command, &global).await,
        Command::Rules(command) => rules::run(command, &global).await,
        Command::Users(command) => users::run(command, &global).await,
        Command::Try(stage) => try_stage::run(stage, &global).await,
        Command::Reindex(options) => reindex::run(&options, &global).await,
        Command::Reprocess(options) => reprocess::run(&options, &global).await,
        Command::Backup(options) => backup::backup(&options, &global).await,
        Command::Restore(options) => backup::restore(&options, &global),
        Command::Doctor(options) => doctor::run(&options, &global).await,
        Command::Samplepress(options) => samplepress::run(&options, &global).await,
        Command::Completions(options) => Ok(completions::run(&options)?),
        Command::Man(options) => man::run(&options),
        Command::ExitCodes => {
            use std::io::Write;
            writeln!(crate::output::stdout(), "{}", exit::HELP)?;
            Ok(Exit::Done)
        }
    }
}

/// Reads a span of time such as `12h` or `7d`.
pub(crate) fn parse_span(s: &str) -> Result<chrono::TimeDelta, String> {
    diembao_pipeline::settings::parse_duration(s)
        .and_then(|d| chrono::TimeDelta::from_std(d).ok())
        .filter(|d| *d <= chrono::TimeDelta::days(36_500))
        .ok_or_else(|| "expected a span of time such as 12h or 7d".to_owned())
}

/// The article with an id, an address, or the ref it was imported with.
pub(crate) async fn find_article(p: &Pipeline, name: &str) -> anyhow::Result<StoredArticle> {
    let found = if let Ok(id) = ArticleId::parse(name) {
        p.store.article(id).await?
    } else if let Some(url) = name.contains("://").then(|| CanonicalUrl::parse(name)).transpose()? {
        p.store.article_by_url(&url).await?
    } else {
        None
    };
    let found = match found {
        Some(found) => Some(found),
        None => p.store.article_by_reference(name).await?,
    };
    found.ok_or_else(|| NotFound(format!("there is no article {name:?}; `diembao search` prints ids")).into())
}
