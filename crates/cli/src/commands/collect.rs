//! `diembao collect`

use clap::Args;
use diembao_pipeline::RunReport;

use super::report;
use crate::context::Global;
use crate::exit::Exit;

/// How to print.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao collect --json")]
pub(crate) struct Options {
    #[command(flatten)]
    report: report::Options,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let _lock = p.lock()?;
    let mut report = RunReport::default();
    let result = diembao_pipeline::collect_and_file(&p, &mut report).await;
    report::conclude(&options.report, &report, result)
}
