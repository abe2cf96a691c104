//! The body: candidates from the outlet's selectors, the page's weight and JSON-LD, and a judge.

use std::ops::Range;

use html5ever::local_name;
use memchr::memmem;

use crate::clean;
use crate::lead::{self, Lead};
use crate::outline::Outline;
use crate::plain::{self, squashed};
use crate::reading::Reading;

/// The chosen body.
#[derive(Default)]
pub(crate) struct Body {
    /// Paragraphs in order.
    pub(crate) lines: Vec<String>,
    /// Bylines and credits cut off its end.
    pub(crate) credits: Vec<String>,
    /// The blocks of the element it was read from; empty when it came from JSON-LD.
    pub(crate) blocks: Range<u32>,
    /// That element.
    pub(crate) element: Option<u32>,
}

/// Blocks that make up a candidate, before the lead is known.
pub(crate) struct Candidate {
    from: String,
    element: u32,
    ranges: Vec<Range<u32>>,
    junk: Option<Vec<bool>>,
}

impl Candidate {
    /// From its first block to its last.
    pub(crate) fn extent(&self) -> Range<u32> {
        let start = self.ranges.first().map_or(0, |r| r.start);
        start..self.ranges.last().map_or(start, |r| r.end)
    }
}

/// The DOM candidate: the outlet's selector where it holds enough, else the heaviest element.
pub(crate) fn candidate(reading: &mut Reading<'_>) -> Option<Candidate> {
    let general = general(reading);
    let rules = reading.page.rules.body.clone();
    let selected = reading.selected("body", &rules);
    if selected.is_empty() {
        return general;
    }
    let ranges = ranges_of(reading, &selected);
    let weight: f32 = ranges.iter().flat_map(|r| r.clone()).map(|b| reading.density.weights[b as usize].max(0.0)).sum();
    let general_weight = general.as_ref().map_or(0.0, |g| reading.density.sums[g.element as usize]);
    if weight < general_weight * 0.5 {
        reading
            .problems
            .push("the outlet's body selector holds less than half of the text found without it".to_owned());
        reading.note("body", "selector", format!("weighs {weight:.0} against {general_weight:.0}"));
        return general;
    }
    reading.choose("body", "selector", format!("weighs {weight:.0}"));
    let removed = rules_junk(reading);
    Some(Candidate { from: "selector".to_owned(), element: selected[0], ranges, junk: Some(removed) })
}

fn ranges_of(reading: &Reading<'_>, elements: &[u32]) -> Vec<Range<u32>> {
    let mut ranges: Vec<Range<u32>> = Vec::new();
    let mut sorted = elements.to_vec();
    sorted.sort_unstable();
    for at in sorted {
        let blocks = reading.outline.elements[at as usize].blocks.clone();
        if ranges.last().is_none_or(|last| blocks.start >= last.end) {
            ranges.push(blocks);
        }
    }
    ranges
}

fn rules_junk(reading: &mut Reading<'_>) -> Vec<bool> {
    let mut junk = reading.density.junk.clone();
    for selector in reading.page.rules.remove.clone() {
        for at in reading.selected("remove", &[selector]) {
            let blocks = reading.outline.elements[at as usize].blocks.clone();
            junk[blocks.start as usize..blocks.end as usize].fill(true);
        }
    }
    junk
}

fn general(reading: &mut Reading<'_>) -> Option<Candidate> {
    let element = reading.density.container(reading.outline)?;
    let sum = reading.density.sums[element as usize];
    let blocks = reading.outline.elements[element as usize].blocks.clone();
    reading.choose("body", describe(reading.outline, element), format!("weighs {sum:.0}"));
    let junk = if reading.page.rules.remove.is_empty() { None } else { Some(rules_junk(reading)) };
    Some(Candidate { from: "general".to_owned(), element, ranges: vec![blocks], junk })
}

/// An element in words: `div.article-body`.
fn describe(outline: &Outline<'_>, element: u32) -> String {
    let element = &outline.elements[element as usize];
    let mut out = element.value.name.local.to_string();
    if let Some(id) = element.attr(&local_name!("id")) {
        out.push('#');
        out.extend(id.chars().take(40));
    }
    if let Some(class) = element.attr(&local_name!("class")) {
        out.push('.');
        out.extend(class.split_whitespace().collect::<Vec<_>>().join(".").chars().take(60));
    }
    out
}

/// Renders the candidate without the lead, and lets JSON-LD's body replace it where the page
/// itself holds too little.
pub(crate) fn body(reading: &mut Reading<'_>, candidate: Option<Candidate>, title: &str, lead: &Lead) -> Body {
    let mut body = Body::default();
    if let Some(candidate) = candidate {
        let junk = candidate.junk.as_deref().unwrap_or(&reading.density.junk);
        for range in &candidate.ranges {
            let kept = clean::kept_blocks(reading.outline, junk, range.clone(), title);
            let blocks: Vec<u32> = kept.blocks.into_iter().filter(|b| !lead.blocks.contains(b)).collect();
            body.lines.extend(render(reading.outline, &blocks));
            body.credits = render(reading.outline, &kept.credits);
        }
        let again = body.lines.iter().take(3).position(|line| lead::repeats(&lead.text, line));
        again.map(|at| body.lines.remove(at));
        body.blocks = candidate.extent();
        body.element = Some(candidate.element);
        let n_chars: usize = body.lines.iter().map(|l| l.chars().count()).sum();
        reading.note("body", candidate.from, format!("{} paragraphs, {n_chars} characters", body.lines.len()));
    }
    with_stated_body(reading, body)
}

/// Paragraphs that are looked for in JSON-LD's body: each costs a walk through it.
const MAX_COMPARED: usize = 80;

/// JSON-LD's body counts when the page shows much less of it, and none of the page's
/// paragraphs contradicts it.
fn with_stated_body(reading: &mut Reading<'_>, body: Body) -> Body {
    let Some(stated) = reading.json.article.as_ref().map(|j| j.body.clone()).filter(|b| !b.is_empty()) else {
        return body;
    };
    let own: usize = body.lines.iter().map(|l| l.chars().count()).sum();
    let theirs = stated.chars().count();
    let key = squashed(&stated);
    let compared: Vec<&String> = body.lines.iter().filter(|l| l.chars().count() > 60).take(MAX_COMPARED).collect();
    let shared = compared.iter().filter(|l| contains_start(&key, l)).count();
    let long = compared.len();
    let agrees = long == 0 || shared * 2 >= long;
    if theirs >= 400 && theirs > own * 2 && (agrees || own < 300) {
        reading.choose("body", "json-ld articleBody", format!("{theirs} characters against {own} on the page"));
        return Body { lines: stated.lines().map(str::to_owned).collect(), ..body };
    }
    reading.note("body", "json-ld articleBody", format!("{theirs} characters; {shared} of {long} paragraphs agree"));
    body
}

fn contains_start(key: &str, line: &str) -> bool {
    let head = line.char_indices().nth(100).map_or(line, |(at, _)| &line[..at]);
    let start: String = squashed(head).chars().take(50).collect();
    memmem::find(key.as_bytes(), start.trim_end().as_bytes()).is_some()
}

/// Blocks as lines.
fn render(outline: &Outline<'_>, kept: &[u32]) -> Vec<String> {
    let texts = kept.iter().map(|&at| outline.text(&outline.blocks[at as usize]));
    texts.flat_map(|t| t.split('\n')).map(plain::line).filter(|l| !l.is_empty()).collect()
}
