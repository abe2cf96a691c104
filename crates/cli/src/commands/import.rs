//! `diembao import FILE`

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use diembao_pipeline::{ImportFormat, RunReport};
use serde_json::json;

use super::report;
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// What to take.
#[derive(Debug, Args)]
#[command(
    after_help = "JSON lines: {\"id\",\"url\",\"title\",\"lead\",\"body\",\"published\",\"outlet\",\"authors\"}; \"id\" is kept as the\n\
article's ref. CSV: the same names in a header line, authors separated by \";\"; print and\nbroadcast items have no url.\n\n\
Examples:\n  diembao import bai-bao.jsonl\n  diembao import phat-thanh.csv\n  zcat luu-tru.jsonl.gz | diembao import -"
)]
pub(crate) struct Options {
    /// The file; `-` is standard input
    file: PathBuf,
    /// Its form [default: csv for *.csv, else jsonl]
    #[arg(long)]
    format: Option<Format>,
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Jsonl,
    Csv,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let _lock = p.lock().await?;
    let is_csv = options.file.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    let format = match options.format {
        Some(Format::Csv) => ImportFormat::Csv,
        None if is_csv => ImportFormat::Csv,
        _ => ImportFormat::JsonLines,
    };
    let input: Box<dyn BufRead> = if options.file.as_os_str() == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let file = File::open(&options.file).with_context(|| options.file.display().to_string())?;
        Box::new(BufReader::with_capacity(1 << 20, file))
    };
    let taken = diembao_pipeline::import(&p, input, format).await?;
    let mut stages = RunReport::default();
    diembao_pipeline::absorb(&p, &mut stages).await?;

    let mut out = stdout();
    if options.json {
        json_line(
            &mut out,
            &json!({
                "read": taken.n_read,
                "new": taken.n_new,
                "known": taken.n_known,
                "refused": taken.n_refused,
                "problems": taken.problems,
            }),
        )?;
    } else {
        writeln!(
            out,
            "{} records: {} new, {} known already, {} refused",
            taken.n_read, taken.n_new, taken.n_known, taken.n_refused
        )?;
        for problem in &taken.problems {
            writeln!(out, "  {}: {problem}", options.file.display())?;
        }
        report::print(&mut out, &stages)?;
    }
    out.flush()?;
    Ok(if taken.n_refused > 0 || stages.index_failed { Exit::Failed } else { Exit::Done })
}
