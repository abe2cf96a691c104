//! Section pages: which links of a web page lead to articles.
//!
//! With rules, the outlet's row in feeds.toml decides. Without, a heuristic weighs the shape of the
//! address, the length of the headline and the place of the link; all links to one address count as one.

mod depth;
mod weigh;

use std::collections::HashMap;

use diembao_news::CanonicalUrl;
use diembao_news::dates::{DateReading, parse_date};
use regex::{Regex, RegexBuilder};
use scraper::{ElementRef, Html, Selector};

use crate::entry::{Entry, Form};
use crate::outlets::MAX_PATTERN_BYTES;
use crate::parsed::{ParseContext, Parsed};
use crate::plain;

/// Web pages are read only so far: their tree takes many times their size.
const MAX_HTML: usize = 4 << 20;
const MAX_LINKS: usize = 5000;
const MAX_SECTION_ITEMS: usize = 1000;
/// How far above a link its headline's date may stand.
const CLIMB: usize = 4;
/// A box with more links than this is a list, and a date in it belongs to no single link.
const MAX_LINKS_IN_BOX: usize = 6;

/// A link and what the page says of it.
struct Link {
    url: CanonicalUrl,
    stated: String,
    title: String,
    /// The title stands in a heading.
    in_heading: bool,
    date: Option<String>,
    /// How much its place speaks for an article; see [`weigh::place`].
    place: i32,
}

/// Reads a section page.
pub(crate) fn read(html: &str, context: &ParseContext<'_>) -> Parsed {
    let mut out = Parsed::empty("section");
    let (page, problem) = parse_page(html);
    out.problems.extend(problem);
    out.title = first_text(&page, "title");
    let base = document_base(&page, context.base);
    let pattern = context.rules.pattern.as_deref().and_then(|p| compile(p, &mut out.problems));
    let links = match context.rules.links.as_deref().map(Selector::parse) {
        Some(Ok(selector)) => chosen(&page, &selector, &base, context),
        Some(Err(_)) => {
            out.problems.push("the selector in \"links\" is not valid CSS".to_owned());
            Vec::new()
        }
        None => all(&page, &base, context),
    };
    let by_rule = context.rules.links.is_some() || pattern.is_some();
    let mut links = merge(links);
    let n_links = links.len();
    links.retain(|link| {
        link.url != *context.base
            && match &pattern {
                Some(pattern) => pattern.is_match(link.url.as_str()),
                None => by_rule || weigh::is_article(&link.url, &link.title, link.place, context.base),
            }
    });
    if !by_rule {
        drop_unnumbered(&mut links);
    }
    for link in links.into_iter().take(MAX_SECTION_ITEMS) {
        let mut entry = Entry::default();
        entry.link(&link.stated, Some(&base), 1);
        entry.title(&link.title, Form::Plain, 1);
        if let Some(date) = &link.date {
            entry.date(date, 1);
        }
        out.items.push(entry.finish(&base));
    }
    if out.items.is_empty() {
        let hint = match n_links {
            _ if by_rule => "the rules in feeds.toml match no link",
            0..5 => "the page draws them by script; look for a feed or a sitemap of this outlet",
            _ => "state links or pattern in feeds.toml",
        };
        out.problems.push(format!("no article links were found: {hint}"));
    }
    out
}

fn compile(pattern: &str, problems: &mut Vec<String>) -> Option<Regex> {
    let compiled = RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).build();
    if compiled.is_err() {
        problems.push("the expression in \"pattern\" is not valid".to_owned());
    }
    compiled.ok()
}

/// The page's tree. Too large or too deeply nested pages are cut: building their tree takes the square of the depth.
pub(crate) fn parse_page(html: &str) -> (Html, Option<String>) {
    let mut end = html.len().min(MAX_HTML);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let sound = depth::sound_part(&html[..end]);
    let problem = (sound.len() < html.len())
        .then(|| format!("the page is too large or too deeply nested: only its first {} bytes were read", sound.len()));
    (Html::parse_document(sound), problem)
}

/// A selector written in this crate.
pub(crate) fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a fixed selector is valid")
}

fn first_text(page: &Html, css: &str) -> Option<String> {
    let title = page.select(&selector(css)).next()?;
    Some(plain::from_text(&title.text().collect::<String>(), 200)).filter(|t| !t.is_empty())
}

/// The address links are relative to: the page's own, or the one its `base` element states.
pub(crate) fn document_base(page: &Html, base: &CanonicalUrl) -> CanonicalUrl {
    let stated = page.select(&selector("base[href]")).next().and_then(|b| b.attr("href"));
    stated.and_then(|href| base.join(href).ok()).unwrap_or_else(|| base.clone())
}

fn chosen(page: &Html, links: &Selector, base: &CanonicalUrl, context: &ParseContext<'_>) -> Vec<Link> {
    let anchors = selector("a[href]");
    page.select(links)
        .take(MAX_LINKS)
        .filter_map(|element| {
            let anchor = if element.value().name() == "a" { Some(element) } else { element.select(&anchors).next() };
            let mut link = link_of(anchor?, base, context)?;
            if link.title.is_empty() {
                link.title = text_of(element);
            }
            Some(link)
        })
        .collect()
}

fn all(page: &Html, base: &CanonicalUrl, context: &ParseContext<'_>) -> Vec<Link> {
    page.select(&selector("a[href]")).take(MAX_LINKS).filter_map(|a| link_of(a, base, context)).collect()
}

fn link_of(anchor: ElementRef<'_>, base: &CanonicalUrl, context: &ParseContext<'_>) -> Option<Link> {
    let stated = anchor.attr("href")?.trim();
    if stated.is_empty() || stated.starts_with('#') {
        return None;
    }
    let url = base.join(stated).ok()?;
    Some(Link {
        url,
        stated: stated.to_owned(),
        title: title_of(anchor),
        date: date_near(anchor, context),
        in_heading: weigh::in_heading(anchor),
        place: weigh::place(anchor),
    })
}

fn text_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for part in element.text().take(200) {
        text.push_str(part);
        text.push(' ');
    }
    plain::from_text(&text, 500)
}

/// The link's text; where that is only a picture, what the picture or the tooltip says.
fn title_of(anchor: ElementRef<'_>) -> String {
    let heading = anchor.select(&selector("h1, h2, h3, h4, .title")).next().map(text_of).unwrap_or_default();
    if !heading.is_empty() {
        return heading;
    }
    let text = text_of(anchor);
    let tooltip = anchor.attr("title").map(|t| plain::from_html(t, 500)).unwrap_or_default();
    if !text.is_empty() && (tooltip.is_empty() || !text.starts_with(&tooltip)) {
        return text;
    }
    if !tooltip.is_empty() {
        return tooltip;
    }
    let alt = anchor.select(&selector("img[alt]")).next().and_then(|img| img.attr("alt"));
    alt.map(|alt| plain::from_html(alt, 500)).unwrap_or_default()
}

/// The date printed in the link's own box, if it can be read with certainty.
fn date_near(anchor: ElementRef<'_>, context: &ParseContext<'_>) -> Option<String> {
    let dates = selector("time, [class*=time], [class*=date]");
    let anchors = selector("a[href]");
    let boxes = anchor.ancestors().filter_map(ElementRef::wrap).take(CLIMB);
    for around in boxes.take_while(|b| b.select(&anchors).nth(MAX_LINKS_IN_BOX).is_none()) {
        for element in around.select(&dates).take(4) {
            let stated = element.attr("datetime").or(element.attr("title")).map(str::to_owned);
            for raw in stated.into_iter().chain([text_of(element)]) {
                if raw.len() < 100 && !matches!(parse_date(&raw, context.zone, context.now), DateReading::Unsure(_)) {
                    return Some(raw);
                }
            }
        }
    }
    None
}

/// One link for each address, in order of appearance, with the best of what all its twins say.
fn merge(links: Vec<Link>) -> Vec<Link> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut out: Vec<Link> = Vec::new();
    for link in links {
        let Some(at) = places.get(link.url.key()) else {
            places.insert(link.url.key().to_owned(), out.len());
            out.push(link);
            continue;
        };
        let twin = &mut out[*at];
        if rank(&link) > rank(twin) {
            twin.title = link.title;
            twin.in_heading = link.in_heading;
        }
        twin.place = twin.place.max(link.place);
        twin.date = twin.date.take().or(link.date);
    }
    out
}

/// What stands in a heading is the headline; a longer text may be the summary, linked too.
fn rank(link: &Link) -> (bool, i32) {
    (link.in_heading && link.title.contains(' '), weigh::headline(&link.title))
}

/// Where nearly all articles of a page carry a number, a link without one leads to a topic.
fn drop_unnumbered(links: &mut Vec<Link>) {
    let n_numbered = links.iter().filter(|l| weigh::is_numbered(&l.url)).count();
    if n_numbered >= 5 && n_numbered * 10 >= links.len() * 7 {
        links.retain(|l| weigh::is_numbered(&l.url));
    }
}

#[cfg(test)]
mod tests;
