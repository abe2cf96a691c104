//! The public shape of an extraction and the function that makes it.

use chrono::{DateTime, Utc};
use diembao_news::{CanonicalUrl, ExtractRules};

use crate::keep::Keep;
use crate::outline::Outline;
use crate::reading::Reading;
use crate::tree::Arena;
use crate::{about, authors, body, kind, lead, parse, plain, times, title};

/// What is known of a page before it is read.
#[derive(Debug, Clone, Copy)]
pub struct PageContext<'a> {
    /// Where it was fetched.
    pub url: &'a CanonicalUrl,
    /// The outlet's selectors; empty when the general extraction decides.
    pub rules: &'a ExtractRules,
    /// The zone of dates stated without one.
    pub zone: chrono_tz::Tz,
    /// The present moment: dates beyond it are doubted.
    pub now: DateTime<Utc>,
}

/// What a page turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageKind {
    /// An article.
    Article,
    /// A home page, section page or other list of links.
    Listing,
    /// A page about a video or audio, with little text of its own.
    Video,
    /// The first lines of an article that must be paid for.
    Paywall,
    /// A challenge page (JavaScript, cookie or captcha) instead of content.
    Challenge,
    /// Less than 200 characters of text.
    TooShort,
}

impl PageKind {
    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Listing => "listing",
            Self::Video => "video",
            Self::Paywall => "paywall",
            Self::Challenge => "challenge",
            Self::TooShort => "too-short",
        }
    }
}

/// A time as the page states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Whether the page stated a zone; otherwise the outlet's zone was taken.
    pub zoned: bool,
    /// The text it was read from.
    pub raw: String,
    /// Where that text stood: "json-ld", "meta", "selector", "time", "text", "url".
    pub from: &'static str,
}

/// One choice made while reading a page, for `--explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The field that was decided: "body", "title", "published" …
    pub field: &'static str,
    /// The candidate: where it was read.
    pub candidate: String,
    /// What spoke for or against it.
    pub note: String,
    /// Whether it won.
    pub chosen: bool,
}

/// What a page says.
#[derive(Debug, Clone)]
pub struct Extraction {
    /// What the page is.
    pub kind: PageKind,
    /// The headline, without the outlet's suffix.
    pub title: String,
    /// The sapo, where the page sets one apart; never repeated in the body. Empty on pages in
    /// other languages than Vietnamese: their standfirst is the body's first paragraph.
    pub lead: String,
    /// The paragraphs, one a line, without the lead.
    pub body: String,
    /// Who wrote it, as names.
    pub authors: Vec<String>,
    /// When it was published.
    pub published: Option<Stated>,
    /// When it was last changed.
    pub modified: Option<Stated>,
    /// The address of its main picture, absolute.
    pub image: Option<String>,
    /// The caption of that picture.
    pub image_caption: Option<String>,
    /// The address the page calls its own.
    pub canonical: Option<CanonicalUrl>,
    /// The language, a BCP 47 tag: "vi" unless the page is in another one.
    pub lang: String,
    /// The outlet's section path, parts joined with " › ".
    pub section: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whom it credits as its source: "Tiền Phong" of "Theo Tiền Phong".
    pub credited_source: Option<String>,
    /// Words in lead and body.
    pub n_words: usize,
    /// What was wrong or doubtful.
    pub problems: Vec<String>,
    /// What was considered and chosen, in order.
    pub trace: Vec<Step>,
}

/// Reads a page.
///
/// Never panics, and does work proportional to the page's size: at most the first 10 MB are
/// read, and depth and number of nodes are capped.
#[must_use]
pub fn extract(html: &str, page: &PageContext<'_>) -> Extraction {
    let arena = Arena::default();
    let parsed = parse::parse(&arena, html, keep(page.rules));
    let outline = Outline::of(parsed.tree);
    let mut reading = Reading::of(page, parsed.tree, &outline);
    reading.problems.extend(parsed.problems);
    assemble(&mut reading)
}

/// A selector in brackets may ask for any attribute.
fn keep(rules: &ExtractRules) -> Keep {
    let lists = [&rules.title, &rules.lead, &rules.body, &rules.author, &rules.published, &rules.remove];
    let asks = lists.into_iter().flatten().any(|selector| selector.contains('['));
    if asks { Keep::All } else { Keep::Read }
}

fn assemble(reading: &mut Reading<'_>) -> Extraction {
    let title = title::title(reading);
    let candidate = body::candidate(reading);
    let extent = candidate.as_ref().map_or(0..0, body::Candidate::extent);
    let lead = lead::lead(reading, extent, &title);
    let mut body = body::body(reading, candidate, &title, &lead);
    let (published, modified) = times::times(reading, times::Shown { title: &title, body: &body.blocks });
    let authors = authors::authors(reading, &body.credits);
    let ends: Vec<&str> = body.lines.iter().rev().take(3).rev().chain(&body.credits).map(String::as_str).collect();
    let credited_source = authors::credited_source(&ends);
    let mut text = std::mem::take(&mut body.lines).join("\n");
    let kind = kind::kind(reading, &text, &lead.text, &title);
    let about = about::about(reading, &body, &format!("{}\n{text}", lead.text));
    let lead = lead_or_first_paragraph(reading, lead.text, &mut text, &about.lang);
    Extraction {
        kind,
        title,
        n_words: plain::count_words(&lead) + plain::count_words(&text),
        lead,
        body: text,
        authors,
        published,
        modified,
        image: about.image,
        image_caption: about.image_caption,
        canonical: about.canonical,
        lang: about.lang,
        section: about.section,
        tags: about.tags,
        credited_source,
        problems: std::mem::take(&mut reading.problems),
        trace: std::mem::take(&mut reading.trace),
    }
}

/// The sapo is a form of the Vietnamese press. On a page in another language the standfirst is
/// kept as the body's first paragraph, where readers of such pages expect it.
fn lead_or_first_paragraph(reading: &mut Reading<'_>, lead: String, body: &mut String, lang: &str) -> String {
    if lang == "vi" || lead.is_empty() {
        return lead;
    }
    reading.note("lead", "standfirst", "the page is not Vietnamese: it stays in the body");
    *body = if body.is_empty() { lead } else { format!("{lead}\n{body}") };
    String::new()
}
