//! `diembao collect`

use clap::Args;
use diembao_pipeline::{Intake, RunReport, Share};

use super::report;
use crate::context::Global;
use crate::exit::Exit;

/// How to print.
#[derive(Debug, Args)]
#[command(
    after_help = "With --gather, any number of these read one press together on PostgreSQL, each host as gently as one \
would; `diembao serve` or `diembao collect` files what they bring. A SQLite home has one worker.\n\n\
Examples:\n  diembao collect --json\n  diembao collect --gather"
)]
pub(crate) struct Options {
    /// Only read channels and pages into the store, as one of several workers
    #[arg(long)]
    gather: bool,
    #[command(flatten)]
    report: report::Options,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let mut report = RunReport::default();
    let result = if options.gather {
        let _lock = if p.home.store_url().starts_with("sqlite:") { Some(p.lock().await?) } else { None };
        let intake = Intake::open(&p, Share::Worker).await?;
        diembao_pipeline::gather(&p, &intake, &mut report).await
    } else {
        let _lock = p.lock().await?;
        diembao_pipeline::collect_and_file(&p, &mut report).await
    };
    report::conclude(&options.report, &report, result)
}
