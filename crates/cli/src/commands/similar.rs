//! `diembao similar ID`

use std::io::Write;

use clap::Args;
use diembao_pipeline::open_index;
use diembao_search::{Answer, Unit};

use crate::commands::find_article;
use crate::commands::search::{print, rows};
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// To which article.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  diembao similar 4k7m2p9x0abc\n  diembao similar https://example.vn/bai.html --json"
)]
pub(crate) struct Options {
    /// An article: its id, address or ref
    article: String,
    /// Articles at the most
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    limit: u32,
    /// Print one JSON object an article
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let article = find_article(&p, &options.article).await?.article;
    let hits = open_index(&p.home)?.similar(article.id, options.limit as usize)?;
    let mut out = stdout();
    if options.json {
        hits.iter().try_for_each(|hit| json_line(&mut out, &rows::hit_json(hit)))?;
    } else {
        writeln!(out, "like {:?}:", article.text.title)?;
        let answer = Answer { total: hits.len() as u64, hits, ..Answer::default() };
        print::terminal(&mut out, &answer, &print::Names(&p.home), Unit::Articles)?;
    }
    out.flush()?;
    Ok(Exit::Done)
}
