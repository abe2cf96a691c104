//! The lead (sapo), where the page sets one apart from its paragraphs.

use std::ops::Range;

use crate::density::ends_sentence;
use crate::outline::Block;
use crate::plain::{self, may_end_like, squashed};
use crate::reading::Reading;
use crate::tag::Tag;
use crate::title::{share, words};
use crate::vocab::Hints;

/// A lead and where it stood.
#[derive(Default)]
pub(crate) struct Lead {
    pub(crate) text: String,
    /// The blocks it was read from: they are not body.
    pub(crate) blocks: Range<u32>,
}

const MAX_CHARS: usize = 1500;
const MIN_CHARS: usize = 30;

/// Decides the lead: the outlet's selector, an element named for it, or a paragraph of its own
/// before the body that says what the page's description says.
pub(crate) fn lead(reading: &mut Reading<'_>, container: Range<u32>, title: &str) -> Lead {
    let rules = reading.page.rules.lead.clone();
    if let Some(&at) = reading.selected("lead", &rules).first() {
        let lead = of_element(reading, at);
        reading.choose("lead", "selector", lead.text.clone());
        return lead;
    }
    if let Some(lead) = named(reading, &container, title) {
        reading.choose("lead", "named element", lead.text.clone());
        return lead;
    }
    if let Some(lead) = described(reading, &container, title) {
        reading.choose("lead", "description", lead.text.clone());
        return lead;
    }
    if let Some(lead) = opening(reading, &container, title) {
        reading.choose("lead", "first paragraph, set apart", lead.text.clone());
        return lead;
    }
    if let Some(lead) = between(reading, &container, title) {
        reading.choose("lead", "between headline and body", lead.text.clone());
        return lead;
    }
    Lead::default()
}

/// A paragraph of its own between the headline and the body's element, before any picture.
fn between(reading: &Reading<'_>, container: &Range<u32>, title: &str) -> Option<Lead> {
    let first = container.start.saturating_sub(25);
    let outline = reading.outline;
    let title_key = squashed(title);
    let is_title = |text: &str| may_end_like(text, &title_key) && squashed(text) == title_key;
    let headline = (first..container.start).rev().find(|&b| {
        let block = &outline.blocks[b as usize];
        block.tag == Tag::H(1) || is_title(outline.text(block))
    })?;
    let picture = outline
        .elements
        .iter()
        .filter(|e| e.tag == Tag::Img && e.blocks.start > headline)
        .map(|e| e.blocks.start)
        .min();
    let end = container.start.min(picture.unwrap_or(u32::MAX));
    (headline + 1..end).find_map(|b| {
        let block = &outline.blocks[b as usize];
        let text = plain::line(outline.text(block));
        let fits = block.n_chars >= 50
            && block.n_chars <= 500
            && block.link_density() < 0.3
            && !reading.density.junk[b as usize];
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        (fits && ends_sentence(&text) && digits * 4 < text.len() && is_lead(&text, title))
            .then_some(Lead { text, blocks: b..b + 1 })
    })
}

/// The body's first paragraph, where it alone is bold, or where the next one says it again.
fn opening(reading: &Reading<'_>, container: &Range<u32>, title: &str) -> Option<Lead> {
    let outline = reading.outline;
    let is_text = |b: &u32| {
        let block = &outline.blocks[*b as usize];
        block.n_chars >= 50 && !reading.density.junk[*b as usize] && !matches!(block.tag, Tag::H(1) | Tag::Caption)
    };
    let mut texts = container.clone().take(30).filter(is_text).map(|b| (b, &outline.blocks[b as usize]));
    let ((at, first), (_, second)) = (texts.next()?, texts.next()?);
    texts.next()?;
    let is_bold = |block: &Block| block.n_strong * 10 >= block.n_chars * 9;
    let text = plain::line(outline.text(first));
    let is_apart = is_bold(first) && !is_bold(second) && ends_sentence(&text);
    let fits = first.link_density() < 0.3 && matches!(first.tag, Tag::P | Tag::H(_)) && is_lead(&text, title);
    (fits && (is_apart || repeats(&text, outline.text(second)))).then_some(Lead { text, blocks: at..at + 1 })
}

/// What the head and JSON-LD say the article is about, squashed.
fn descriptions(reading: &Reading<'_>) -> Vec<String> {
    let mut all = vec![reading.meta.text(&["og:description", "description", "twitter:description"])];
    all.extend(reading.json.article.as_ref().map(|j| j.description.clone()));
    all.retain(|d| d.chars().count() >= MIN_CHARS);
    all.iter().map(|d| squashed(d)).collect()
}

fn of_element(reading: &Reading<'_>, at: u32) -> Lead {
    let blocks = reading.outline.elements[at as usize].blocks.clone();
    let lines: Vec<String> = blocks
        .clone()
        .map(|b| &reading.outline.blocks[b as usize])
        .filter(|b| b.link_density() < 0.7)
        .map(|b| plain::line(reading.outline.text(b)))
        .collect();
    Lead { text: lines.join(" "), blocks }
}

/// An element whose name says lead, near the body's beginning: before it, or at its start.
fn named(reading: &Reading<'_>, container: &Range<u32>, title: &str) -> Option<Lead> {
    let n_prose = container.len() as u32;
    let latest = container.start + 3.min(n_prose);
    for (at, element) in reading.outline.elements.iter().enumerate() {
        let blocks = &element.blocks;
        if !element.hints.has(Hints::LEAD)
            || element.hints.has(Hints::BODY)
            || blocks.is_empty()
            || blocks.start > latest
        {
            continue;
        }
        if blocks.len() > 4 || reading.density.junk[blocks.start as usize] || blocks.start + 40 < container.start {
            continue;
        }
        let lead = of_element(reading, at as u32);
        if is_lead(&lead.text, title) {
            return Some(lead);
        }
    }
    None
}

/// A block before the body that is the description, word for word.
fn described(reading: &Reading<'_>, container: &Range<u32>, title: &str) -> Option<Lead> {
    let descriptions = descriptions(reading);
    let first = container.start.saturating_sub(25);
    (first..container.start).rev().find_map(|b| {
        let block = &reading.outline.blocks[b as usize];
        if reading.density.junk[b as usize] || matches!(block.tag, Tag::H(1)) || block.link_density() > 0.5 {
            return None;
        }
        let text = plain::line(reading.outline.text(block));
        let key = squashed(&text);
        let same = descriptions.iter().any(|d| says_the_same(d, &key));
        (same && is_lead(&text, title)).then_some(Lead { text, blocks: b..b + 1 })
    })
}

/// Whether a paragraph is the lead over again, with or without the outlet's name before it.
pub(crate) fn repeats(lead: &str, text: &str) -> bool {
    if lead.is_empty() || plain::last_letter(lead) != plain::last_letter(text) {
        return false;
    }
    let (lead, text) = (squashed(lead), squashed(text));
    let (long, short) = if lead.len() >= text.len() { (&lead, &text) } else { (&text, &lead) };
    short.len() >= MIN_CHARS && long.len() <= short.len() + 30 && long.ends_with(short.as_str())
}

fn says_the_same(description: &str, text: &str) -> bool {
    let n = description.len().min(text.len());
    let is_like = || n * 10 >= description.len().max(text.len()) * 4 && share(&words(description), &words(text)) >= 0.9;
    n >= MIN_CHARS && (description == text || is_like())
}

fn is_lead(text: &str, title: &str) -> bool {
    let n_chars = text.chars().count();
    (MIN_CHARS..=MAX_CHARS).contains(&n_chars)
        && (!may_end_like(text, &squashed(title)) || !squashed(title).ends_with(&squashed(text)))
}
