//! Matching documents → the best of them, their stories and their counts, from fast fields alone.
//!
//! What is needed of every match is kept small: a slot of its story and its number. All else of a hit is read
//! afterwards, for the hits that are shown.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use crate::count::{Counter, in_order};
use crate::cursor::{Cursor, rank_of};
use crate::{Facet, Sort, Unit};

/// What is to be collected.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) unit: Unit,
    pub(crate) sort: Sort,
    /// How many of the first are needed.
    pub(crate) top: usize,
    /// Only what comes after this.
    pub(crate) after: Option<Cursor>,
    pub(crate) facets: Vec<Facet>,
}

/// A story or an article among the matches.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The article's id, or that of the story's first article.
    pub(crate) key: u64,
    /// What comes first in the order asked for; the greater the better.
    pub(crate) rank: u64,
    /// Of its newest article.
    pub(crate) published: i64,
    pub(crate) score: f32,
    /// Its best article, and that one's id.
    pub(crate) doc: DocAddress,
    pub(crate) id: u64,
    /// Its place among the stories of its segment, later of the answer.
    pub(crate) slot: u32,
    /// All its matching articles; of an article none.
    pub(crate) members: Vec<DocAddress>,
}

impl Found {
    /// Takes in another article of the story.
    pub(crate) fn absorb(&mut self, other: &Self) {
        if (other.score, other.id) > (self.score, self.id) {
            (self.doc, self.id, self.score) = (other.doc, other.id, other.score);
        }
        self.rank = self.rank.max(other.rank);
        self.published = self.published.max(other.published);
    }

    /// First what is asked for, then the newest, then by id so that the order is always the same.
    pub(crate) fn order(&self, other: &Self) -> std::cmp::Ordering {
        let mine = (self.rank, self.published);
        (other.rank, other.published).cmp(&mine).then(self.key.cmp(&other.key))
    }
}

/// All that was collected.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) total: u64,
    /// The first ones, in order.
    pub(crate) top: Vec<Found>,
    /// Whether more come after them.
    pub(crate) more: bool,
    pub(crate) facets: FacetCounts,
}

/// Counts by value.
pub(crate) type FacetCounts = Vec<(Facet, Vec<(String, u64)>)>;

/// Keys are ids, which are even already.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.write_u64(self.0 ^ u64::from(b));
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }
}

type Slots = HashMap<u64, u32, BuildHasherDefault<IdHasher>>;

/// An article of a story.
#[derive(Debug, Clone, Copy)]
struct Member {
    slot: u32,
    doc: DocId,
    /// A hash of its outlet's id, where outlets are counted.
    outlet: u32,
}

/// What one segment gives.
pub(crate) struct Part {
    ord: SegmentOrdinal,
    n_articles: u64,
    found: Vec<Found>,
    slots: Slots,
    members: Vec<Member>,
    facets: Vec<HashMap<String, u64>>,
}

impl Collector for Wanted {
    type Fruit = Collected;
    type Child = Segment;

    fn for_segment(&self, ord: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Segment> {
        let fast = reader.fast_fields();
        let by_story = self.unit == Unit::Stories;
        let outlet = match self.sort {
            Sort::Outlets if by_story => fast.str("outlet")?,
            _ => None,
        };
        let outlets = match outlet {
            Some(column) => Some((hashes(&column)?, column)),
            None => None,
        };
        let facets = self.facets.iter().map(|&f| Counter::new(f, reader)).collect::<tantivy::Result<_>>()?;
        let part = Part {
            ord,
            n_articles: 0,
            found: Vec::new(),
            slots: Slots::default(),
            members: Vec::new(),
            facets: Vec::new(),
        };
        Ok(Segment {
            wanted: self.clone(),
            id: fast.u64("id")?,
            story: if by_story { Some(fast.u64("story")?) } else { None },
            published: fast.i64("published")?,
            severity: fast.u64("severity")?,
            outlets,
            facets,
            part,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.top > 0 || self.after.is_some()
    }

    fn merge_fruits(&self, mut parts: Vec<Part>) -> tantivy::Result<Collected> {
        let facets = parts.iter_mut().map(|p| std::mem::take(&mut p.facets)).collect();
        let facets = merge_facets(&self.facets, facets);
        let n_articles = parts.iter().map(|p| p.n_articles).sum();
        let (total, top, members) = match self.unit {
            Unit::Articles => (n_articles, parts.into_iter().flat_map(|p| p.found).collect(), Vec::new()),
            Unit::Stories => {
                let (stories, members) = merge(parts, self.sort);
                (stories.len() as u64, stories, members)
            }
        };
        let (mut top, more) = self.page(top);
        gather(&mut top, &members);
        Ok(Collected { total, top, more, facets })
    }
}

impl Wanted {
    /// The first ones after the cursor, in order, and whether more follow.
    fn page(&self, mut found: Vec<Found>) -> (Vec<Found>, bool) {
        if let Some(after) = &self.after {
            // Where the last hit stands now; where it stood, if it is gone.
            let was = (after.rank, after.published, after.key);
            let is = found.iter().find(|f| f.key == after.key).map_or(was, |f| (f.rank, f.published, f.key));
            let end = (std::cmp::Reverse((is.0, is.1)), is.2);
            found.retain(|f| (std::cmp::Reverse((f.rank, f.published)), f.key) > end);
        }
        let more = found.len() > self.top;
        cut(&mut found, self.top);
        found.sort_unstable_by(Found::order);
        (found, more)
    }

    /// Articles kept of one segment: one more than asked for tells whether more follow.
    fn kept(&self) -> usize {
        if self.after.is_some() { usize::MAX } else { self.top + 1 }
    }
}

/// Adds up the counts of all segments.
pub(crate) fn merge_facets(facets: &[Facet], parts: Vec<Vec<HashMap<String, u64>>>) -> FacetCounts {
    let mut sums: Vec<HashMap<String, u64>> = vec![HashMap::new(); facets.len()];
    for (sum, counts) in parts.into_iter().flat_map(|part| (0..).zip(part)) {
        for (value, n) in counts {
            let sum: &mut HashMap<String, u64> = &mut sums[sum];
            *sum.entry(value).or_default() += n;
        }
    }
    facets.iter().zip(sums).map(|(&f, counts)| (f, in_order(f, counts))).collect()
}

/// The stories of all segments, and their articles with the stories' places.
fn merge(parts: Vec<Part>, sort: Sort) -> (Vec<Found>, Vec<(SegmentOrdinal, Vec<Member>)>) {
    let mut stories: Vec<Found> = Vec::new();
    let mut slots = Slots::default();
    let mut members = Vec::with_capacity(parts.len());
    for mut part in parts {
        if stories.is_empty() {
            (stories, slots) = (part.found, part.slots);
        } else {
            let mut moved = Vec::with_capacity(part.found.len());
            for found in part.found {
                let slot = *slots.entry(found.key).or_insert_with(|| slot(stories.len()));
                moved.push(slot);
                match stories.get_mut(slot as usize) {
                    Some(story) => story.absorb(&found),
                    None => stories.push(found),
                }
            }
            for member in &mut part.members {
                member.slot = moved[member.slot as usize];
            }
        }
        members.push((part.ord, part.members));
    }
    if sort == Sort::Outlets {
        let mut carried: Vec<(u32, u32)> =
            members.iter().flat_map(|(_, m)| m.iter().map(|m| (m.slot, m.outlet))).collect();
        carried.sort_unstable();
        carried.dedup();
        for (slot, _) in carried {
            stories[slot as usize].rank += 1;
        }
    }
    for (place, story) in stories.iter_mut().enumerate() {
        story.slot = slot(place);
    }
    (stories, members)
}

/// Hands the shown stories their articles.
fn gather(top: &mut [Found], members: &[(SegmentOrdinal, Vec<Member>)]) {
    let places: HashMap<u32, usize> = top.iter().enumerate().map(|(i, f)| (f.slot, i)).collect();
    for (ord, members) in members {
        for member in members {
            if let Some(&place) = places.get(&member.slot) {
                top[place].members.push(DocAddress::new(*ord, member.doc));
            }
        }
    }
}

fn slot(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn cut(found: &mut Vec<Found>, top: usize) {
    if top == 0 {
        found.clear();
    } else if found.len() > top {
        found.select_nth_unstable_by(top - 1, Found::order);
        found.truncate(top);
    }
}

/// A number for each outlet of a segment, by ordinal; the same in every segment.
fn hashes(column: &StrColumn) -> tantivy::Result<Vec<u32>> {
    let mut out = Vec::with_capacity(column.num_terms());
    let mut name = String::new();
    for ord in 0..column.num_terms() as u64 {
        name.clear();
        column.ord_to_str(ord, &mut name)?;
        out.push(name.bytes().fold(0x811c_9dc5, |h: u32, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193)));
    }
    Ok(out)
}

/// Collects one segment.
pub(crate) struct Segment {
    wanted: Wanted,
    id: Column<u64>,
    story: Option<Column<u64>>,
    published: Column<i64>,
    severity: Column<u64>,
    outlets: Option<(Vec<u32>, StrColumn)>,
    facets: Vec<Counter>,
    part: Part,
}

impl Segment {
    fn found(&self, doc: DocId, score: Score) -> Found {
        let severity = match self.wanted.sort {
            Sort::Severity => self.severity.first(doc).unwrap_or(0),
            _ => 0,
        };
        let id = self.id.first(doc).unwrap_or(0);
        Found {
            key: id,
            rank: rank_of(self.wanted.sort, score, severity),
            published: self.published.first(doc).unwrap_or(0),
            score,
            doc: DocAddress::new(self.part.ord, doc),
            id,
            slot: 0,
            members: Vec::new(),
        }
    }

    fn outlet(&self, doc: DocId) -> u32 {
        let Some((hashes, column)) = &self.outlets else { return 0 };
        let ord = column.term_ords(doc).next().and_then(|o| usize::try_from(o).ok());
        ord.and_then(|o| hashes.get(o)).copied().unwrap_or(0)
    }

    fn join_story(&mut self, doc: DocId, found: Found) {
        let story = self.story.as_ref().and_then(|column| column.first(doc));
        let found = Found { key: story.unwrap_or(found.key), ..found };
        let outlet = self.outlet(doc);
        let part = &mut self.part;
        let place = *part.slots.entry(found.key).or_insert_with(|| slot(part.found.len()));
        part.members.push(Member { slot: place, doc, outlet });
        match part.found.get_mut(place as usize) {
            Some(story) => story.absorb(&found),
            None => part.found.push(found),
        }
    }
}

impl SegmentCollector for Segment {
    type Fruit = Part;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.part.n_articles += 1;
        for facet in &mut self.facets {
            facet.count(&[doc], &self.published, &self.severity);
        }
        if self.story.is_some() {
            let found = self.found(doc, score);
            self.join_story(doc, found);
            return;
        }
        if self.wanted.top == 0 {
            return;
        }
        let found = self.found(doc, score);
        let kept = self.wanted.kept();
        let articles = &mut self.part.found;
        articles.push(found);
        if articles.len() >= kept.saturating_mul(2).saturating_add(256) {
            cut(articles, kept);
        }
    }

    fn harvest(mut self) -> Part {
        self.part.facets = self.facets.into_iter().map(Counter::finish).collect();
        self.part
    }
}
