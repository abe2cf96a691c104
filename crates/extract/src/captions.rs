//! Captions that no name gives away: short text in one box with a picture, and emphasised or
//! centred lines right under one.

use html5ever::{LocalName, local_name};

use crate::outline::{Element, Outline};
use crate::tag::Tag;
use crate::vocab::Hints;

const MAX_CHARS: u32 = 260;
const MAX_LEVELS: usize = 6;

/// Marks caption blocks as junk.
pub(crate) fn mark(outline: &Outline<'_>, junk: &mut [bool]) {
    for (at, element) in outline.elements.iter().enumerate() {
        if element.tag != Tag::Img || is_icon(element) {
            continue;
        }
        mark_box(outline, at as u32, junk);
        mark_next(outline, element.blocks.start, at as u32, junk);
    }
}

fn is_icon(img: &Element<'_>) -> bool {
    let side = |name: LocalName| img.attr(&name).and_then(|v| v.trim_end_matches("px").parse::<u32>().ok());
    side(local_name!("width")).is_some_and(|w| w < 80) || side(local_name!("height")).is_some_and(|h| h < 60)
}

/// The largest box around a picture that holds nothing but one or two short lines.
fn mark_box(outline: &Outline<'_>, img: u32, junk: &mut [bool]) {
    let small = |blocks: &std::ops::Range<u32>| {
        let inside = &outline.blocks[blocks.start as usize..blocks.end as usize];
        inside.len() <= 2 && inside.iter().map(|b| b.n_chars).sum::<u32>() <= MAX_CHARS
    };
    let boxed = outline.ancestors(img).skip(1).take(MAX_LEVELS).take_while(|(_, e)| small(&e.blocks)).last();
    let Some((_, boxed)) = boxed else { return };
    for at in boxed.blocks.clone() {
        let block = &outline.blocks[at as usize];
        let owner = &outline.elements[block.owner as usize];
        let emphasised = block.n_emphasis * 10 >= block.n_chars * 9;
        let is_text =
            matches!(block.tag, Tag::H(_) | Tag::Item | Tag::Row | Tag::Quote) || (owner.tag == Tag::P && !emphasised);
        if !is_text && !owner.hints.has(Hints::LEAD.with(Hints::TITLE)) && block.link_density() < 0.9 {
            junk[at as usize] = true;
        }
    }
}

/// The first line after a picture, where it is set as captions are and nothing but the picture
/// stands in the element before it.
fn mark_next(outline: &Outline<'_>, next: u32, img: u32, junk: &mut [bool]) {
    let Some(block) = outline.blocks.get(next as usize) else {
        return;
    };
    if block.n_chars > MAX_CHARS || matches!(block.tag, Tag::H(_) | Tag::Item | Tag::Row | Tag::Quote) {
        return;
    }
    let owner = &outline.elements[block.owner as usize];
    let alone = outline.ancestors(img).skip(1).find(|(_, e)| e.tag.is_block());
    let Some((_, around)) = alone else { return };
    if !around.blocks.is_empty() || around.end != block.owner {
        return;
    }
    let following = outline.blocks.get(next as usize + 1).map(|b| &outline.elements[b.owner as usize]);
    let centred = is_centred(owner) && !following.is_some_and(is_centred);
    if block.n_emphasis * 10 >= block.n_chars * 9 || centred {
        junk[next as usize] = true;
    }
}

fn is_centred(element: &Element<'_>) -> bool {
    let attr = |name: LocalName| element.attr(&name).unwrap_or_default();
    attr(local_name!("style")).replace(' ', "").contains("text-align:center")
        || attr(local_name!("align")).eq_ignore_ascii_case("center")
}
