//! From a channel's bytes to what they hold: sniffs the format and calls its reader.

use std::borrow::Cow;
use std::io::Read;

use diembao_news::ChannelKind;

use crate::parsed::{ParseContext, Parsed};
use crate::{charset, entry, feed, json, plain, section, sitemap, standard};

/// What compressed bytes may grow to.
const MAX_UNPACKED: u64 = 64 << 20;
const MAX_PROBLEMS: usize = 50;
const MAX_PROBLEM_CHARS: usize = 300;
/// How far into the bytes the root element is looked for.
const SNIFFED: usize = 64 << 10;

/// What bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Feed,
    Sitemap,
    Json,
    Html,
    List,
    Unknown,
}

/// Reads what a channel answered. A feed is read as a feed even where a section page was expected,
/// and the other way round not: a web page under a feed's address is `html`, a problem, and no items.
#[must_use]
pub fn parse_channel(context: &ParseContext<'_>, bytes: &[u8]) -> Parsed {
    read(context, bytes, Some(context.kind))
}

/// Reads bytes of any format a channel may have, whatever the context says it is;
/// a web page is read as a section page.
#[must_use]
pub fn parse_any(context: &ParseContext<'_>, bytes: &[u8]) -> Parsed {
    read(context, bytes, None)
}

fn read(context: &ParseContext<'_>, bytes: &[u8], expected: Option<ChannelKind>) -> Parsed {
    let mut problems = Vec::new();
    let bytes = unpack(bytes, &mut problems);
    let (text, more) = charset::decode(&bytes, context.charset);
    problems.extend(more);
    let (format, start) = sniff(&text);
    let before = text[..start].trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if !before.is_empty() && matches!(format, Format::Feed | Format::Sitemap | Format::Json) {
        problems.push("stray bytes before the document: skipped".to_owned());
    }
    let mut out = dispatch(context, &text[start..], (format, expected));
    entry::read_dates(&mut out.items, context.zone, context.now, &mut out.problems);
    problems.append(&mut out.problems);
    out.problems = problems;
    say_what_is_missing(&mut out);
    out.problems.truncate(MAX_PROBLEMS);
    for problem in &mut out.problems {
        if problem.chars().count() > MAX_PROBLEM_CHARS {
            *problem = problem.chars().take(MAX_PROBLEM_CHARS).collect();
        }
    }
    out
}

fn dispatch(context: &ParseContext<'_>, text: &str, found: (Format, Option<ChannelKind>)) -> Parsed {
    let ParseContext { base, zone, now, .. } = *context;
    match found {
        (Format::Feed, _) => standard::complete(feed::read(text, base), text, base, now),
        (Format::Sitemap, _) => sitemap::read(text, base, zone, now),
        (Format::Json, _) => match json::read(text, base) {
            Some(read) => standard::complete(read, text, base, now),
            None => unknown("JSON, but not a JSON Feed"),
        },
        (Format::Html, Some(ChannelKind::Section) | None) => section::read(text, context),
        (Format::Html, Some(_)) => html_instead(text),
        (Format::List, Some(ChannelKind::Sitemap) | None) => sitemap::read_list(text, base),
        (Format::Unknown, Some(ChannelKind::Section)) => section::read(text, context),
        (Format::List | Format::Unknown, _) if text.trim().is_empty() => unknown("the answer is empty"),
        (Format::List | Format::Unknown, _) => unknown("neither a feed, a sitemap nor a web page"),
    }
}

fn unknown(problem: &str) -> Parsed {
    let mut out = Parsed::empty("unknown");
    out.problems.push(problem.to_owned());
    out
}

fn html_instead(text: &str) -> Parsed {
    let mut out = Parsed::empty("html");
    let lower = text.get(..SNIFFED).unwrap_or(text).to_ascii_lowercase();
    out.title = lower.find("<title").and_then(|open| {
        let start = open + lower[open..].find('>')? + 1;
        let end = start + lower[start..].find("</title")?;
        Some(plain::from_html(text.get(start..end)?, 200)).filter(|t| !t.is_empty())
    });
    let name = out.title.as_deref().unwrap_or("without a title");
    out.problems.push(format!("a web page ({name}) was served where a feed was expected"));
    out
}

fn say_what_is_missing(out: &mut Parsed) {
    let n_unlinked = out.items.iter().filter(|i| i.url.is_none()).count();
    if n_unlinked > 0 {
        out.problems.push(format!("{n_unlinked} items without a usable link"));
    }
    let empty = match out.kind {
        "rss" | "rdf" | "atom" | "json" | "sitemap" => out.items.is_empty(),
        "sitemap-index" => out.sitemaps.is_empty(),
        _ => false,
    };
    if empty {
        out.problems.push("well formed, but it holds no items".to_owned());
    }
}

/// Undoes gzip, up to a cap.
fn unpack<'a>(bytes: &'a [u8], problems: &mut Vec<String>) -> Cow<'a, [u8]> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::new();
    let mut unpacker = flate2::read::MultiGzDecoder::new(bytes).take(MAX_UNPACKED);
    if let Err(error) = unpacker.read_to_end(&mut out) {
        problems.push(format!("the gzip data is broken ({error}): what came before was read"));
    }
    if out.len() as u64 >= MAX_UNPACKED {
        problems.push(format!("only the first {} MB of the unpacked data were read", MAX_UNPACKED >> 20));
    }
    Cow::Owned(out)
}

/// What the text is, and where the document begins.
fn sniff(text: &str) -> (Format, usize) {
    let mut end = text.len().min(SNIFFED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let first = head.find(|c: char| !c.is_whitespace() && c != '\u{feff}' && c != '\0').unwrap_or(head.len());
    if head[first..].starts_with('{') {
        return (Format::Json, first);
    }
    if head[first..].starts_with("http://") || head[first..].starts_with("https://") {
        return (Format::List, first);
    }
    let lower = head.to_ascii_lowercase();
    match root_name(&lower[first..]) {
        Some(name) if format_of(name) != Format::Unknown => return (format_of(name), first),
        _ => {}
    }
    // Warnings of a server's scripts, or anything else before the document.
    let roots = ["<?xml", "<rss", "<feed", "<rdf:rdf", "<urlset", "<sitemapindex", "<!doctype html", "<html"];
    let found = roots.iter().filter_map(|root| lower.find(root)).min();
    if let Some(at) = found
        && let Some(name) = root_name(&lower[at..])
        && format_of(name) != Format::Unknown
    {
        return (format_of(name), at);
    }
    if ["<item>", "<item ", "<entry>", "<channel>"].iter().any(|tag| lower.contains(tag)) {
        return (Format::Feed, lower.find('<').unwrap_or(0));
    }
    let looks_like_html = ["<body", "<head", "<script", "<div", "<title"].iter().any(|tag| lower.contains(tag));
    (if looks_like_html { Format::Html } else { Format::Unknown }, first)
}

/// The local name of the first element, after prolog, comments and document type.
fn root_name(lower: &str) -> Option<&str> {
    let mut rest = lower.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    for _ in 0..50 {
        rest = if let Some(after) = rest.strip_prefix("<!--") {
            after.split_once("-->")?.1
        } else if rest.starts_with("<!doctype html") {
            return Some("html");
        } else if rest.starts_with("<!doctype") {
            after_doctype(rest)?
        } else if rest.starts_with("<?") || rest.starts_with("<!") {
            rest.split_once('>')?.1
        } else {
            let name = rest.strip_prefix('<')?;
            let end = name.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(name.len());
            return name[..end].rsplit(':').next();
        }
        .trim_start();
    }
    None
}

fn after_doctype(rest: &str) -> Option<&str> {
    let close = rest.find('>')?;
    match rest.find('[').filter(|open| *open < close) {
        Some(open) => {
            let end = open + rest[open..].find("]>").or_else(|| rest[open..].find(']'))?;
            rest[end..].split_once('>').map(|(_, after)| after)
        }
        None => Some(&rest[close + 1..]),
    }
}

fn format_of(root: &str) -> Format {
    match root {
        "rss" | "feed" | "rdf" | "entry" | "channel" => Format::Feed,
        "urlset" | "sitemapindex" => Format::Sitemap,
        "html" => Format::Html,
        _ => Format::Unknown,
    }
}
