//! `diembao run`

use clap::Args;
use diembao_pipeline::RunReport;

use super::report;
use crate::context::Global;
use crate::exit::Exit;

/// How to print.
#[derive(Debug, Args)]
#[command(after_help = "Run it again at any time: nothing is fetched, filed or sent twice.\n\n\
Examples:\n  diembao run\n  diembao --home /var/lib/diembao run --json")]
pub(crate) struct Options {
    #[command(flatten)]
    report: report::Options,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let _lock = p.lock().await?;
    let mut report = RunReport::default();
    let result = diembao_pipeline::run(&p, &mut report).await;
    report::conclude(&options.report, &report, result)
}
