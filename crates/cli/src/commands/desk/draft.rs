//! `diembao desk draft`: a case as a paper to be completed by hand.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use diembao_news::CaseId;
use diembao_pipeline::settings::FileFormat;
use diembao_pipeline::{DraftKind, Pipeline};

use crate::exit::{Exit, NotFound};
use crate::output::stdout;

/// Which case, which paper, where to.
#[derive(Debug, Args)]
#[command(
    after_help = "The paper quotes what the press wrote and lists what the desk did; what only a person can say is left as \"……\".\n\n\
Examples:\n  diembao desk draft 12 --kind report --output 'Báo cáo nhanh.docx'\n  diembao desk draft 12 --kind transfer --output phieu-chuyen.pdf"
)]
pub(crate) struct Draft {
    /// Its number
    case: CaseId,
    /// report: báo cáo nhanh; transfer: phiếu chuyển; answer: khung trả lời báo chí
    #[arg(long, value_parser = parse_kind)]
    kind: DraftKind,
    /// The file to write; its ending, .docx or .pdf, says in which format
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

fn parse_kind(s: &str) -> Result<DraftKind, String> {
    DraftKind::parse(s).ok_or_else(|| format!("expected one of {}", DraftKind::ALL.map(DraftKind::as_str).join(", ")))
}

pub(crate) async fn run(p: &Pipeline, options: &Draft) -> anyhow::Result<Exit> {
    let path = &options.output;
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_lowercase);
    let format = ending
        .as_deref()
        .and_then(FileFormat::parse)
        .with_context(|| format!("--output {}: the file name has to end with .docx or .pdf", path.display()))?;
    let bytes = diembao_pipeline::desk_draft(p, options.case, options.kind, format)
        .await?
        .ok_or_else(|| NotFound(format!("there is no case {}; `diembao desk list` prints them", options.case)))?;
    fs::write(path, bytes).with_context(|| path.display().to_string())?;
    writeln!(stdout(), "wrote {}", path.display())?;
    Ok(Exit::Done)
}
