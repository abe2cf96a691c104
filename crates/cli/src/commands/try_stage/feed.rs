//! `diembao try feed FILE…`

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use diembao_feeds::{ParseContext, Parsed, parse_any};
use diembao_news::{CanonicalUrl, ChannelKind, SectionRules};
use serde::Serialize;

use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, local_long, rfc3339, stdout};

/// What to read.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao try feed suc-khoe.rss --json")]
pub(crate) struct Options {
    /// Feeds, sitemaps or section pages
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The address they came from, against which links are resolved
    #[arg(long, default_value = "https://example.vn/")]
    base: String,
    /// Print one JSON object a file
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row<'a> {
    file: &'a str,
    kind: &'a str,
    title: Option<&'a str>,
    items: Vec<ItemRow<'a>>,
    problems: &'a [String],
}

#[derive(Serialize)]
struct ItemRow<'a> {
    url: Option<&'a str>,
    title: &'a str,
    summary: &'a str,
    published: Option<String>,
}

pub(crate) fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let base = CanonicalUrl::parse(&options.base).context("--base")?;
    let rules = SectionRules::default();
    let mut out = stdout();
    let mut exit = Exit::Done;
    for file in &options.files {
        let name = file.to_string_lossy();
        let parsed = match std::fs::read(file) {
            Ok(bytes) => {
                let context = ParseContext {
                    kind: ChannelKind::Feed,
                    base: &base,
                    rules: &rules,
                    zone: chrono_tz::Asia::Ho_Chi_Minh,
                    now: global.clock().now(),
                    charset: None,
                };
                parse_any(&context, &bytes)
            }
            Err(e) => {
                exit = Exit::Failed;
                unreadable(format!("cannot read the file: {e}"))
            }
        };
        if options.json {
            json_line(&mut out, &row(&name, &parsed))?;
        } else {
            print(&mut out, &name, &parsed)?;
        }
    }
    out.flush()?;
    Ok(exit)
}

fn unreadable(problem: String) -> Parsed {
    Parsed { kind: "unknown", title: None, items: Vec::new(), sitemaps: Vec::new(), ttl: None, problems: vec![problem] }
}

fn row<'a>(file: &'a str, parsed: &'a Parsed) -> Row<'a> {
    let items = parsed.items.iter().map(|item| ItemRow {
        url: item.url.as_ref().map(CanonicalUrl::as_str).or(item.link.as_deref()),
        title: &item.title,
        summary: &item.summary,
        published: item.published.map(rfc3339),
    });
    Row { file, kind: parsed.kind, title: parsed.title.as_deref(), items: items.collect(), problems: &parsed.problems }
}

fn print(out: &mut impl Write, file: &str, parsed: &Parsed) -> std::io::Result<()> {
    writeln!(out, "{file}: {}, {} items", parsed.kind, parsed.items.len())?;
    for problem in &parsed.problems {
        writeln!(out, "  problem: {problem}")?;
    }
    for item in &parsed.items {
        let time = item.published.map_or_else(|| "no time".to_owned(), local_long);
        let url = item.url.as_ref().map(CanonicalUrl::as_str).or(item.link.as_deref()).unwrap_or("no address");
        writeln!(out, "  {time}  {}\n      {url}", item.title)?;
    }
    Ok(())
}
