//! The general candidate: the element whose blocks weigh most as prose.
//!
//! Every block has a weight: prose counts its characters, link lists and labels count against.
//! An element weighs what its blocks weigh together, so the heaviest element is the smallest
//! one that holds the article without the page around it (a maximum subtree sum, linear time).

use crate::captions;
use crate::outline::{Block, Outline};
use crate::tag::Tag;
use crate::vocab::Hints;

/// What the general extraction knows of every element and block.
pub(crate) struct Density {
    /// Per block: inside something that is never part of a body.
    pub(crate) junk: Vec<bool>,
    /// Per block: its weight.
    pub(crate) weights: Vec<f32>,
    /// Per element: the weight of its blocks.
    pub(crate) sums: Vec<f32>,
    /// Characters of prose on the page outside junk.
    pub(crate) prose: u32,
}

/// Share of the page's prose from which a junk-like name is not believed.
const TOO_MUCH_FOR_JUNK: f32 = 0.4;
const TOO_MUCH_TEXT_FOR_JUNK: f32 = 0.6;
const TOO_MUCH_FOR_COMMENTS: f32 = 0.8;

impl Density {
    pub(crate) fn of(outline: &Outline<'_>) -> Self {
        let mut junk = junk_blocks(outline);
        captions::mark(outline, &mut junk);
        let mut weights: Vec<f32> =
            outline.blocks.iter().zip(&junk).map(|(b, &junk)| weight(outline, b, junk)).collect();
        discount_teasers(outline, &mut weights);
        let mut running = Vec::with_capacity(weights.len() + 1);
        running.push(0.0_f64);
        for w in &weights {
            running.push(running[running.len() - 1] + f64::from(*w));
        }
        let sums = outline
            .elements
            .iter()
            .map(|e| (running[e.blocks.end as usize] - running[e.blocks.start as usize]) as f32)
            .collect();
        let prose =
            outline.blocks.iter().zip(&junk).filter(|(b, junk)| !**junk && is_prose(b)).map(|(b, _)| b.n_chars).sum();
        Self { junk, weights, sums, prose }
    }

    /// The element that holds the article, if any weighs enough.
    pub(crate) fn container(&self, outline: &Outline<'_>) -> Option<u32> {
        let best = (0..self.sums.len()).max_by(|&a, &b| self.sums[a].total_cmp(&self.sums[b]))?;
        if self.sums[best] <= 0.0 {
            return None;
        }
        let best = best as u32;
        let found = self.named_body(outline, best).unwrap_or_else(|| self.descend(outline, best));
        Some(holder_of(outline, found))
    }

    /// Inside the heaviest element: the one element named as the body, if it holds most of it and
    /// no other named one holds another part.
    fn named_body(&self, outline: &Outline<'_>, within: u32) -> Option<u32> {
        let (mut total, mut heaviest) = (0.0_f32, None::<u32>);
        let mut at = within;
        while at < outline.elements[within as usize].end {
            let element = &outline.elements[at as usize];
            let sum = self.sums[at as usize];
            if element.hints.has(Hints::BODY) && sum > 0.0 {
                total += sum;
                if heaviest.is_none_or(|h| self.sums[h as usize] < sum) {
                    heaviest = Some(at);
                }
                at = element.end;
            } else {
                at += 1;
            }
        }
        let heaviest = heaviest?;
        let sum = self.sums[heaviest as usize];
        (sum >= 0.85 * total && sum >= 0.5 * self.sums[within as usize]).then(|| self.descend(outline, heaviest))
    }

    /// From the heaviest element down to the deepest one that still holds nearly all of it.
    fn descend(&self, outline: &Outline<'_>, from: u32) -> u32 {
        let mut at = from;
        loop {
            let enough = self.sums[at as usize] * 0.94;
            let end = outline.elements[at as usize].end;
            let mut child = at + 1;
            let mut next = None;
            while child < end {
                if self.sums[child as usize] >= enough {
                    next = Some(child);
                    break;
                }
                child = outline.elements[child as usize].end;
            }
            match next {
                Some(child) => at = child,
                None => return at,
            }
        }
    }
}

/// A lone paragraph is part of what its parent holds.
fn holder_of(outline: &Outline<'_>, element: u32) -> u32 {
    let found = &outline.elements[element as usize];
    match found.tag {
        Tag::P | Tag::Item | Tag::H(_)
            if found.blocks.len() == 1 && outline.elements[found.parent as usize].tag != Tag::Body =>
        {
            found.parent
        }
        _ => element,
    }
}

/// Long enough and free enough of links to be a paragraph of anything.
fn is_prose(block: &Block) -> bool {
    block.n_chars >= 60 && block.link_density() < 0.4 && !matches!(block.tag, Tag::H(_) | Tag::Caption)
}

fn junk_blocks(outline: &Outline<'_>) -> Vec<bool> {
    let mut prose = Vec::with_capacity(outline.blocks.len() + 1);
    prose.push(0_u32);
    for block in &outline.blocks {
        prose.push(prose[prose.len() - 1] + if is_prose(block) { block.n_chars } else { 0 });
    }
    let total = prose[prose.len() - 1] as f32;
    let all: u32 = outline.blocks.iter().map(|b| b.n_chars).sum();
    let mut junk = vec![false; outline.blocks.len()];
    let mut done = 0;
    for (at, element) in outline.elements.iter().enumerate() {
        let (start, end) = (element.blocks.start as usize, element.blocks.end as usize);
        if start == end || end <= done || !junk_by_name(outline, at) {
            continue;
        }
        let share = (prose[end] - prose[start]) as f32 / total.max(1.0);
        let certain = matches!(element.tag, Tag::Nav | Tag::Footer)
            || element.hints.has(Hints::COMMENTS.with(Hints::HIDDEN).with(Hints::CONSENT));
        let limit = if certain { TOO_MUCH_FOR_COMMENTS } else { TOO_MUCH_FOR_JUNK };
        let chars: u32 = outline.blocks[start..end].iter().map(|b| b.n_chars).sum();
        if !certain && chars as f32 > TOO_MUCH_TEXT_FOR_JUNK * all as f32 {
            continue;
        }
        if share < limit || prose[end] == prose[start] {
            junk[start..end].fill(true);
            done = end;
        }
    }
    junk
}

fn junk_by_name(outline: &Outline<'_>, at: usize) -> bool {
    let element = &outline.elements[at];
    match element.tag {
        Tag::Html | Tag::Body | Tag::Main => false,
        Tag::Row | Tag::Table => element.hints.has(Hints::HIDDEN),
        Tag::Figure => !element.hints.has(Hints::BODY) && !holds_quote(outline, at),
        _ => element.hints.has(Hints::JUNK) && !element.hints.has(Hints::BODY),
    }
}

/// Pull quotes are set as figures too.
fn holds_quote(outline: &Outline<'_>, figure: usize) -> bool {
    let end = outline.elements[figure].end as usize;
    outline.elements[figure..end].iter().take(40).any(|e| e.tag == Tag::Quote)
}

/// A short paragraph under a linked headline, in a small box with it, is a teaser of another article.
fn discount_teasers(outline: &Outline<'_>, weights: &mut [f32]) {
    for (at, headline) in outline.blocks.iter().enumerate() {
        if !matches!(headline.tag, Tag::H(_)) || headline.link_density() < 0.6 {
            continue;
        }
        let small = outline.ancestors(headline.owner).take(4).take_while(|(_, e)| e.blocks.len() <= 5);
        let Some((_, boxed)) = small.last() else { continue };
        for other in boxed.blocks.clone() {
            if other as usize != at && outline.blocks[other as usize].n_chars < 400 {
                weights[other as usize] = weights[other as usize].min(0.0);
            }
        }
    }
}

fn weight(outline: &Outline<'_>, block: &Block, junk: bool) -> f32 {
    if junk {
        return -2.0;
    }
    let (chars, linked) = (block.n_chars as f32, block.n_linked as f32);
    let density = block.link_density();
    if density > 0.5 && density < 0.95 && outline.elements[block.owner as usize].tag == Tag::P {
        return -5.0;
    }
    if density > 0.5 {
        return -(20.0 + linked.min(60.0));
    }
    let own = chars - linked;
    let sentence = ends_sentence(outline.text(block)) || chars > 140.0;
    match block.tag {
        Tag::H(_) => 0.0,
        Tag::Caption => -5.0,
        Tag::Item if chars >= 60.0 && sentence => own * 0.7,
        Tag::Item => -6.0,
        Tag::Row if linked == 0.0 => own * 0.25,
        _ if sentence && chars >= 40.0 => own,
        _ if chars >= 80.0 => own * 0.5,
        _ if sentence => own * 0.5,
        _ => -8.0,
    }
}

/// Whether a text ends as a sentence does, closing quotes aside.
pub(crate) fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '”', '’', '\'', '»', ')', ']', '“', ' ', '\u{a0}'])
        .ends_with(['.', '!', '?', '…', ':', ';', '。', '！', '？', '।', '؟', '۔'])
}
