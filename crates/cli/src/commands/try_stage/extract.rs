//! `diembao try extract`

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::Args;
use diembao_extract::{Extraction, PageContext, PageKind};
use diembao_fetch::{Body, Fetcher, Purpose, Request, Validators};
use diembao_news::{CanonicalUrl, ExtractRules};
use serde::{Deserialize, Serialize};

use super::{CallerId, json_lines};
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, local_long, rfc3339, stdout};

/// What to read.
#[derive(Debug, Args)]
#[command(
    after_help = "Without arguments reads JSON lines {\"id\",\"url\",\"html\"} or {\"id\",\"url\",\"path\"} from standard input.\n\n\
Examples:\n  diembao try extract --json < pages.jsonl\n  diembao try extract --explain bai.html\n  diembao try extract https://example.vn/bai.html"
)]
pub(crate) struct Options {
    /// Files or addresses
    pages: Vec<String>,
    /// The address files came from
    #[arg(long, default_value = "https://example.vn/x")]
    url: String,
    /// Print one JSON object a page
    #[arg(long)]
    json: bool,
    /// Print what was considered and why it was chosen
    #[arg(long)]
    explain: bool,
    /// Use the selectors of the outlet in the home's feeds.toml that has the page's host
    #[arg(long)]
    home_selectors: bool,
}

#[derive(Deserialize)]
struct Input {
    id: CallerId,
    url: String,
    #[serde(default)]
    html: Option<String>,
    #[serde(default)]
    path: Option<String>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a CallerId,
    kind: &'static str,
    title: &'a str,
    lead: &'a str,
    body: &'a str,
    authors: &'a [String],
    published: Option<String>,
    published_from: Option<&'static str>,
    modified: Option<String>,
    modified_from: Option<&'static str>,
    image: Option<&'a str>,
    image_caption: Option<&'a str>,
    canonical: Option<&'a str>,
    section: Option<&'a str>,
    tags: &'a [String],
    credited_source: Option<&'a str>,
    lang: &'a str,
    words: usize,
    problems: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trace: Vec<StepRow<'a>>,
}

#[derive(Serialize)]
struct StepRow<'a> {
    field: &'static str,
    candidate: &'a str,
    note: &'a str,
    chosen: bool,
}

/// A page to read.
struct Page {
    id: CallerId,
    url: String,
    html: String,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let mut out = stdout();
    if options.pages.is_empty() {
        json_lines(|input: Input| {
            let html = match (input.html, input.path) {
                (Some(html), _) => html,
                (None, Some(path)) => read_page(Path::new(&path))?,
                (None, None) => anyhow::bail!("page {}: neither \"html\" nor \"path\" is given", input.id.0),
            };
            print_one(&mut out, options, global, &Page { id: input.id, url: input.url, html })
        })?;
    }
    for page in &options.pages {
        let id = CallerId(page.as_str().into());
        let page = if page.starts_with("http://") || page.starts_with("https://") {
            Page { id, url: page.clone(), html: fetch_page(page, global).await? }
        } else {
            Page { id, url: options.url.clone(), html: read_page(Path::new(page))? }
        };
        print_one(&mut out, options, global, &page)?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn print_one(out: &mut impl Write, options: &Options, global: &Global, page: &Page) -> anyhow::Result<()> {
    let url = CanonicalUrl::parse(&page.url).with_context(|| format!("page {}", page.id.0))?;
    let rules = if options.home_selectors { rules_for(&url, global)? } else { ExtractRules::default() };
    let context =
        PageContext { url: &url, rules: &rules, zone: chrono_tz::Asia::Ho_Chi_Minh, now: global.clock().now() };
    let read = diembao_extract::extract(&page.html, &context);
    if options.json {
        json_line(out, &row(&page.id, &read, options.explain))?;
    } else {
        print(out, &read, options.explain)?;
    }
    Ok(())
}

fn rules_for(url: &CanonicalUrl, global: &Global) -> anyhow::Result<ExtractRules> {
    let host = |u: &CanonicalUrl| u.key().split(['/', '?']).next().unwrap_or_default().to_owned();
    let wanted = host(url);
    let outlets = global.home()?.outlets;
    let outlet =
        outlets.into_iter().find(|o| o.home.iter().chain(o.channels.iter().map(|c| &c.url)).any(|u| host(u) == wanted));
    Ok(outlet.map(|o| o.extract).unwrap_or_default())
}

fn read_page(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(diembao_fetch::decode(&bytes, None).text)
}

async fn fetch_page(url: &str, global: &Global) -> anyhow::Result<String> {
    let url = CanonicalUrl::parse(url)?;
    let fetcher = Fetcher::new(&global.fetch_settings())?;
    let validators = Validators::default();
    let fetched = fetcher.fetch(&Request { url: &url, validators: &validators, purpose: Purpose::Page }).await?;
    match &fetched.body {
        Body::Bytes(bytes) => Ok(diembao_fetch::decode(bytes, fetched.content_type.as_deref()).text),
        Body::NotModified => anyhow::bail!("{url}: the server answered that nothing changed to a first request"),
    }
}

fn row<'a>(id: &'a CallerId, read: &'a Extraction, explain: bool) -> Row<'a> {
    let trace = if explain { read.trace.as_slice() } else { &[] };
    Row {
        id,
        kind: read.kind.as_str(),
        title: &read.title,
        lead: &read.lead,
        body: &read.body,
        authors: &read.authors,
        published: read.published.as_ref().map(|p| rfc3339(p.at)),
        published_from: read.published.as_ref().map(|p| p.from),
        modified: read.modified.as_ref().map(|p| rfc3339(p.at)),
        modified_from: read.modified.as_ref().map(|p| p.from),
        image: read.image.as_deref(),
        image_caption: read.image_caption.as_deref(),
        canonical: read.canonical.as_ref().map(CanonicalUrl::as_str),
        section: read.section.as_deref(),
        tags: &read.tags,
        credited_source: read.credited_source.as_deref(),
        lang: &read.lang,
        words: read.n_words,
        problems: &read.problems,
        trace: trace
            .iter()
            .map(|s| StepRow { field: s.field, candidate: &s.candidate, note: &s.note, chosen: s.chosen })
            .collect(),
    }
}

fn print(out: &mut impl Write, read: &Extraction, explain: bool) -> std::io::Result<()> {
    writeln!(out, "kind:      {}", read.kind.as_str())?;
    writeln!(out, "title:     {}", read.title)?;
    if let Some(published) = &read.published {
        writeln!(out, "published: {} (from {}: {:?})", local_long(published.at), published.from, published.raw)?;
    }
    writeln!(out, "authors:   {}", read.authors.join(", "))?;
    for problem in &read.problems {
        writeln!(out, "problem:   {problem}")?;
    }
    if read.kind == PageKind::Article {
        writeln!(out, "\n{}\n\n{}", read.lead, read.body)?;
    }
    if explain {
        writeln!(out)?;
        for step in &read.trace {
            let mark = if step.chosen { '*' } else { ' ' };
            writeln!(out, "{mark} {:<10} {:<28} {}", step.field, step.candidate, step.note)?;
        }
    }
    Ok(())
}
