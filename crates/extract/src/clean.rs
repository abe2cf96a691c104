//! What is dropped from a body though it stands among its paragraphs: links to other
//! articles, labels, captions, bylines at the end, share and sign-up lines.

use std::collections::HashMap;

use crate::density::ends_sentence;
use crate::outline::{Block, Outline};
use crate::phrases;
use crate::plain;
use crate::tag::Tag;
use crate::title::{share, words};

/// What stays of a body candidate, in order, and the credits cut off its end, last first.
pub(crate) struct Kept {
    pub(crate) blocks: Vec<u32>,
    pub(crate) credits: Vec<u32>,
}

/// Sorts the blocks of a body candidate.
pub(crate) fn kept_blocks(outline: &Outline<'_>, junk: &[bool], range: std::ops::Range<u32>, title: &str) -> Kept {
    let title = plain::squashed(title);
    let mut kept: Vec<u32> = Vec::new();
    let mut dropped_since_heading = false;
    for at in range {
        let block = &outline.blocks[at as usize];
        if junk[at as usize] || !stays(outline, block, &title) {
            dropped_since_heading |= block.link_density() > 0.5;
            continue;
        }
        if is_heading(block) {
            drop_empty_headings(outline, &mut kept, block, dropped_since_heading);
            dropped_since_heading = false;
        }
        kept.push(at);
    }
    let kept = without_repeats(outline, &kept);
    let kept = without_link_lists(outline, &kept);
    let kept = without_head(outline, kept, &title);
    without_tail(outline, kept)
}

fn is_heading(block: &Block) -> bool {
    matches!(block.tag, Tag::H(_))
}

/// A heading over nothing but dropped blocks goes with them.
fn drop_empty_headings(outline: &Outline<'_>, kept: &mut Vec<u32>, next: &Block, dropped: bool) {
    let Tag::H(level) = next.tag else { return };
    if let Some(&last) = kept.last()
        && let Tag::H(above) = outline.blocks[last as usize].tag
        && dropped
        && above >= level
    {
        kept.pop();
    }
}

fn stays(outline: &Outline<'_>, block: &Block, title: &str) -> bool {
    let text = outline.text(block);
    let density = block.link_density();
    if block.tag == Tag::Caption || !text.chars().any(char::is_alphanumeric) {
        return false;
    }
    if density > 0.9 && (block.n_chars < 160 || !ends_sentence(text)) {
        return false;
    }
    if names_things(outline, block) {
        return block.n_chars >= 200 || !phrases::is_label(text, true);
    }
    if density > 0.7 && block.n_chars < 160 {
        return false;
    }
    if density > 0.5 && (block.n_chars < 60 || (block.n_chars < 160 && !ends_sentence(text))) {
        return false;
    }
    if block.n_chars < 200 && phrases::is_label(text, density > 0.2) {
        return false;
    }
    let is_title = || {
        if !plain::may_end_like(text, title) {
            return false;
        }
        let text = plain::squashed(text);
        text == title || (is_heading(block) && text.contains(' ') && title.ends_with(&text))
    };
    block.n_chars >= 300 || title.is_empty() || !is_title()
}

/// A paragraph whose links are single words: places or people with pages of their own, not
/// headlines of other articles.
fn names_things(outline: &Outline<'_>, block: &Block) -> bool {
    outline.elements[block.owner as usize].tag == Tag::P
        && block.n_links >= 1
        && block.n_linked <= 16 * block.n_links
        && block.link_density() < 0.95
}

/// A short line that stands three times is a label of the page.
fn without_repeats(outline: &Outline<'_>, kept: &[u32]) -> Vec<u32> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let short = |b: &u32| {
        let block = &outline.blocks[*b as usize];
        (block.n_chars < 50 && block.tag != Tag::Row && block.tag != Tag::Cell).then(|| outline.text(block))
    };
    for text in kept.iter().filter_map(short) {
        *counts.entry(text).or_default() += 1;
    }
    kept.iter().copied().filter(|b| short(b).is_none_or(|text| counts[text] < 3)).collect()
}

/// Lists whose items are mostly links.
fn without_link_lists(outline: &Outline<'_>, kept: &[u32]) -> Vec<u32> {
    let mut out = Vec::with_capacity(kept.len());
    let mut i = 0;
    while i < kept.len() {
        let list = list_of(outline, kept[i]);
        let mut j = i + 1;
        while list.is_some() && j < kept.len() && list_of(outline, kept[j]) == list {
            j += 1;
        }
        let items = &kept[i..j];
        let (chars, linked) = items.iter().fold((0, 0), |(c, l), &b| {
            let block = &outline.blocks[b as usize];
            (c + block.n_chars, l + block.n_linked)
        });
        if list.is_none() || linked as f32 <= 0.6 * chars as f32 {
            out.extend_from_slice(items);
        }
        i = j;
    }
    out
}

/// The beginning of a body, up to its first paragraph: the title again, dates, bylines, labels.
fn without_head(outline: &Outline<'_>, kept: Vec<u32>, title: &str) -> Vec<u32> {
    let prose = |b: &Block| b.n_chars >= 80 && (ends_sentence(outline.text(b)) || b.n_chars >= 160);
    let Some(first) = kept.iter().position(|&b| prose(&outline.blocks[b as usize])) else {
        return kept;
    };
    if first > 10 {
        return kept;
    }
    let title_words = words(title);
    let stays = |block: &Block| {
        let text = outline.text(block);
        if !matches!(block.tag, Tag::P | Tag::H(_)) {
            return true;
        }
        let is_date = block.n_chars < 60 && text.bytes().filter(u8::is_ascii_digit).count() >= 4;
        let is_title = text.len() * 2 <= title.len() * 3 && share(&words(&plain::squashed(text)), &title_words) >= 0.8;
        let is_name = block.n_chars < 60 && phrases::is_byline(text);
        !is_date && !is_title && !is_name && (block.n_chars >= 40 || is_heading(block) || ends_sentence(text))
    };
    kept.iter()
        .enumerate()
        .filter(|(i, b)| *i >= first || stays(&outline.blocks[**b as usize]))
        .map(|(_, b)| *b)
        .collect()
}

fn list_of(outline: &Outline<'_>, block: u32) -> Option<u32> {
    let block = &outline.blocks[block as usize];
    (block.tag == Tag::Item)
        .then(|| outline.ancestors(block.owner).take(6).find(|(_, e)| e.tag == Tag::List).map(|(at, _)| at))
        .flatten()
}

/// The end of a body: headings over nothing, bylines, labels without a sentence.
fn without_tail(outline: &Outline<'_>, mut kept: Vec<u32>) -> Kept {
    let mut credits = Vec::new();
    let chars = |blocks: &[u32]| blocks.iter().map(|&b| outline.blocks[b as usize].n_chars).sum::<u32>();
    let ends: Vec<u32> =
        kept.iter().copied().filter(|&b| starts_the_end(outline, &outline.blocks[b as usize])).take(20).collect();
    for end in ends {
        let Some(at) = kept.iter().position(|&b| b == end) else {
            continue;
        };
        if chars(&kept[at..]) * 3 < chars(&kept[..at]) {
            kept.truncate(at);
            break;
        }
        kept.remove(at);
    }
    while let Some(&last) = kept.last() {
        let block = &outline.blocks[last as usize];
        let text = outline.text(block);
        let over_nothing = is_heading(block) && !ends_sentence(text);
        if kept.len() > 1 && (over_nothing || (block.n_chars < 120 && phrases::is_byline(text))) {
            kept.pop();
            credits.push(last);
        } else {
            break;
        }
    }
    Kept { blocks: kept, credits }
}

fn starts_the_end(outline: &Outline<'_>, block: &Block) -> bool {
    block.n_chars < 60
        && (is_heading(block) || block.n_strong * 10 > block.n_chars * 8 || !ends_sentence(outline.text(block)))
        && phrases::ends_article(outline.text(block))
}
