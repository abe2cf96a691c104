//! Which documents of a segment match, and how often: forms of one word added up, or words near each other.

use std::ops::Range;
use std::sync::Arc;

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocId, DocSet, SeekDangerResult, TERMINATED};

/// Documents and frequencies.
pub(crate) type Merged = Arc<Vec<(DocId, u32)>>;

pub(crate) enum Matches {
    /// One word: its forms' documents and frequencies, added up beforehand.
    Merged { docs: Merged, at: usize },
    /// Several words, or one in a zone.
    Near(Box<Near>),
}

impl Matches {
    /// The next match.
    pub(crate) fn advance(&mut self) -> DocId {
        match self {
            Self::Merged { at, docs } => *at = (*at + 1).min(docs.len()),
            Self::Near(near) => near.advance(),
        }
        self.doc()
    }

    /// The first match at or after a document.
    pub(crate) fn seek(&mut self, target: DocId) -> DocId {
        match self {
            Self::Merged { at, docs } => *at = first_from(docs, *at, target),
            Self::Near(near) => near.seek(target),
        }
        self.doc()
    }

    /// Whether a document matches, without looking for the next one that does.
    pub(crate) fn check(&mut self, target: DocId) -> SeekDangerResult {
        let doc = match self {
            Self::Near(near) if near.doc < target => return near.check(target),
            Self::Near(near) => near.doc,
            Self::Merged { .. } => self.seek(target),
        };
        if doc == target && doc != TERMINATED { SeekDangerResult::Found } else { SeekDangerResult::SeekLowerBound(doc) }
    }

    /// The document it stands at.
    pub(crate) fn doc(&self) -> DocId {
        match self {
            Self::Merged { docs, at } => docs.get(*at).map_or(TERMINATED, |d| d.0),
            Self::Near(near) => near.doc,
        }
    }

    /// How often the document matches.
    pub(crate) fn tf(&self) -> u32 {
        match self {
            Self::Merged { docs, at } => docs.get(*at).map_or(0, |d| d.1),
            Self::Near(near) => near.tf,
        }
    }

    /// How many documents match at most.
    pub(crate) fn size_hint(&self) -> u32 {
        match self {
            Self::Merged { docs, .. } => u32::try_from(docs.len()).unwrap_or(u32::MAX),
            Self::Near(near) => near.size_hint(),
        }
    }

    pub(crate) fn merged(docs: Merged) -> Self {
        Self::Merged { docs, at: 0 }
    }

    /// Stands before the first match.
    pub(crate) fn near(lists: Vec<Forms>, slop: u32, zone: Range<u32>) -> Self {
        Self::Near(Box::new(Near { places: vec![Vec::new(); lists.len()], lists, slop, zone, doc: 0, tf: 0 }))
    }

    /// Goes to the first match.
    pub(crate) fn start(&mut self) {
        if let Self::Near(near) = self {
            near.doc = near.settle(0);
        }
    }
}

/// The first place at or after `at` that does not come before a document.
fn first_from(docs: &[(DocId, u32)], at: usize, target: DocId) -> usize {
    let mut step = 1;
    while docs.get(at + step).is_some_and(|d| d.0 < target) {
        step *= 2;
    }
    let end = docs.len().min(at + step + 1);
    at + docs[at..end].partition_point(|d| d.0 < target)
}

/// Adds up the forms of one word.
pub(crate) fn merge(mut postings: Vec<SegmentPostings>, max_doc: DocId) -> Vec<(DocId, u32)> {
    let n: usize = postings.iter().map(|p| p.doc_freq() as usize).sum();
    if postings.len() > 1 && n > max_doc as usize / 8 {
        let mut tfs = vec![0u32; max_doc as usize];
        for p in &mut postings {
            while p.doc() != TERMINATED {
                if let Some(tf) = tfs.get_mut(p.doc() as usize) {
                    *tf += p.term_freq();
                }
                p.advance();
            }
        }
        return (0..max_doc).zip(tfs).filter(|&(_, tf)| tf > 0).collect();
    }
    let mut docs = Vec::with_capacity(n);
    for p in &mut postings {
        while p.doc() != TERMINATED {
            docs.push((p.doc(), p.term_freq()));
            p.advance();
        }
    }
    if postings.len() > 1 {
        docs.sort_unstable();
        docs.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 += later.1;
            }
            same
        });
    }
    docs
}

/// The forms of one word in one segment.
pub(crate) struct Forms {
    pub(crate) postings: Vec<SegmentPostings>,
    pub(crate) offset: u32,
}

impl Forms {
    /// The first document at or after `target` that holds any form.
    fn seek(&mut self, target: DocId) -> DocId {
        let mut first = TERMINATED;
        for p in &mut self.postings {
            let doc = if p.doc() < target { p.seek(target) } else { p.doc() };
            first = first.min(doc);
        }
        first
    }

    /// Positions in a document, less the offset plus `shift`; only those inside the zone.
    fn places(&mut self, doc: DocId, zone: &Range<u32>, shift: u32, out: &mut Vec<u32>) {
        out.clear();
        for p in &mut self.postings {
            if p.doc() == doc {
                p.append_positions_with_offset(0, out);
            }
        }
        out.retain(|at| zone.contains(at));
        for at in out.iter_mut() {
            *at = at.saturating_add(shift - self.offset);
        }
        out.sort_unstable();
    }
}

pub(crate) struct Near {
    lists: Vec<Forms>,
    slop: u32,
    zone: Range<u32>,
    doc: DocId,
    tf: u32,
    places: Vec<Vec<u32>>,
}

impl Near {
    fn advance(&mut self) {
        if self.doc != TERMINATED {
            self.doc = self.settle(self.doc + 1);
        }
    }

    fn seek(&mut self, target: DocId) {
        if self.doc < target {
            self.doc = self.settle(target);
        }
    }

    /// Whether a document after the present one matches; if not, where the next one may be. Until a document
    /// matches it may only be asked this.
    fn check(&mut self, target: DocId) -> SeekDangerResult {
        for list in &mut self.lists {
            let doc = list.seek(target);
            if doc != target {
                return SeekDangerResult::SeekLowerBound(doc);
            }
        }
        self.tf = self.count(target);
        if self.tf == 0 {
            return SeekDangerResult::SeekLowerBound(target + 1);
        }
        self.doc = target;
        SeekDangerResult::Found
    }

    fn size_hint(&self) -> u32 {
        let rarest = |f: &Forms| f.postings.iter().map(SegmentPostings::doc_freq).fold(0, u32::saturating_add);
        self.lists.iter().map(rarest).min().unwrap_or(0)
    }

    /// The first match at or after a document.
    fn settle(&mut self, from: DocId) -> DocId {
        let mut candidate = from;
        loop {
            let mut agreed = candidate;
            for list in &mut self.lists {
                agreed = list.seek(agreed);
                if agreed == TERMINATED {
                    return TERMINATED;
                }
            }
            if agreed == candidate {
                self.tf = self.count(candidate);
                if self.tf > 0 {
                    return candidate;
                }
                agreed += 1;
            }
            candidate = agreed;
        }
    }

    fn count(&mut self, doc: DocId) -> u32 {
        let shift = self.lists.iter().map(|f| f.offset).max().unwrap_or(0);
        for (list, places) in self.lists.iter_mut().zip(&mut self.places) {
            list.places(doc, &self.zone, shift, places);
            if places.is_empty() {
                return 0;
            }
        }
        count_windows(&self.places, self.slop)
    }
}

/// How many windows no wider than `slop` hold a place of each list; places are ascending.
fn count_windows(places: &[Vec<u32>], slop: u32) -> u32 {
    if let [only] = places {
        return u32::try_from(only.len()).unwrap_or(u32::MAX);
    }
    let mut at = vec![0; places.len()];
    let mut n = 0;
    loop {
        let (mut lowest, mut low, mut high) = (0, u32::MAX, 0);
        for (i, list) in places.iter().enumerate() {
            let Some(&place) = list.get(at[i]) else { return n };
            if place < low {
                (lowest, low) = (i, place);
            }
            high = high.max(place);
        }
        if high - low <= slop {
            n += 1;
        }
        at[lowest] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_counted_by_their_width() {
        for (places, slop, expect) in [
            (vec![vec![3, 9], vec![3, 20]], 0, 1),
            (vec![vec![3, 9], vec![5, 20]], 1, 0),
            (vec![vec![3, 9], vec![5, 20]], 2, 1),
            (vec![vec![1, 1, 1]], 0, 3),
            (vec![vec![1], vec![1], vec![2]], 1, 1),
        ] {
            assert_eq!(count_windows(&places, slop), expect, "{places:?}~{slop}");
        }
    }
}
