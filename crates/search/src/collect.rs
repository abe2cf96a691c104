//! Matching documents → the best of them, their groups and their counts, from fast fields alone.

use std::collections::HashMap;

use chrono::DateTime;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use crate::{Facet, Sort, Unit, dates, severity};

/// What is to be collected.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) unit: Unit,
    pub(crate) sort: Sort,
    /// How many of the first are needed.
    pub(crate) top: usize,
    pub(crate) facets: Vec<Facet>,
}

/// A story or an article among the matches.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Its best article.
    pub(crate) doc: DocAddress,
    pub(crate) id: u64,
    pub(crate) score: f32,
    /// Of its newest article.
    pub(crate) published: i64,
    /// The gravest; 0 for none.
    pub(crate) severity: u64,
    pub(crate) n_articles: u64,
    /// Hashes of the outlets' ids.
    outlets: Vec<u64>,
}

impl Found {
    pub(crate) fn n_outlets(&self) -> u64 {
        (self.outlets.len() as u64).max(1)
    }

    fn absorb(&mut self, other: Self) {
        if (other.score, other.id) > (self.score, self.id) {
            (self.doc, self.id, self.score) = (other.doc, other.id, other.score);
        }
        self.published = self.published.max(other.published);
        self.severity = self.severity.max(other.severity);
        self.n_articles += other.n_articles;
        for outlet in other.outlets {
            if !self.outlets.contains(&outlet) {
                self.outlets.push(outlet);
            }
        }
    }
}

/// All that was collected.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) total: u64,
    /// The first ones, in order.
    pub(crate) top: Vec<Found>,
    pub(crate) facets: Vec<(Facet, Vec<(String, u64)>)>,
}

/// What one segment gives.
pub(crate) struct Part {
    n_articles: u64,
    articles: Vec<Found>,
    stories: HashMap<u64, Found>,
    facets: Vec<HashMap<String, u64>>,
}

impl Collector for Wanted {
    type Fruit = Collected;
    type Child = Segment;

    fn for_segment(&self, ord: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Segment> {
        let fast = reader.fast_fields();
        let by_story = self.unit == Unit::Stories;
        let outlet = if by_story { fast.str("outlet")? } else { None };
        let hashes = match &outlet {
            Some(column) => hashes(column)?,
            None => Vec::new(),
        };
        let facets = self.facets.iter().map(|&f| Counter::new(f, reader)).collect::<tantivy::Result<_>>()?;
        Ok(Segment {
            wanted: self.clone(),
            ord,
            id: fast.u64("id")?,
            story: if by_story { Some(fast.u64("story")?) } else { None },
            published: fast.i64("published")?,
            severity: fast.u64("severity")?,
            outlet: outlet.map(|c| (c, hashes)),
            facets,
            part: Part { n_articles: 0, articles: Vec::new(), stories: HashMap::new(), facets: Vec::new() },
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, parts: Vec<Part>) -> tantivy::Result<Collected> {
        let mut total = 0;
        let mut top = Vec::new();
        let mut stories: HashMap<u64, Found> = HashMap::new();
        let mut facets: Vec<HashMap<String, u64>> = vec![HashMap::new(); self.facets.len()];
        for part in parts {
            total += part.n_articles;
            top.extend(part.articles);
            if stories.is_empty() {
                stories = part.stories;
            } else {
                for (key, found) in part.stories {
                    absorb(&mut stories, key, found);
                }
            }
            for (all, some) in facets.iter_mut().zip(part.facets) {
                for (value, n) in some {
                    *all.entry(value).or_default() += n;
                }
            }
        }
        if self.unit == Unit::Stories {
            total = stories.len() as u64;
            top = stories.into_values().collect();
        }
        cut(&mut top, self.sort, self.top);
        sort(&mut top, self.sort);
        let facets = self.facets.iter().zip(facets).map(|(&f, counts)| (f, in_order(f, counts))).collect();
        Ok(Collected { total, top, facets })
    }
}

fn absorb(stories: &mut HashMap<u64, Found>, key: u64, found: Found) {
    match stories.entry(key) {
        std::collections::hash_map::Entry::Occupied(mut e) => e.get_mut().absorb(found),
        std::collections::hash_map::Entry::Vacant(e) => {
            e.insert(found);
        }
    }
}

/// First what is asked for, then the newest, then by id so that the order is always the same.
fn order(a: &Found, b: &Found, by: Sort) -> std::cmp::Ordering {
    let first = match by {
        Sort::Relevance => b.score.total_cmp(&a.score),
        Sort::Date => std::cmp::Ordering::Equal,
        Sort::Severity => b.severity.cmp(&a.severity),
        Sort::Outlets => b.n_outlets().cmp(&a.n_outlets()),
    };
    first.then(b.published.cmp(&a.published)).then(a.id.cmp(&b.id))
}

fn sort(found: &mut [Found], by: Sort) {
    found.sort_unstable_by(|a, b| order(a, b, by));
}

fn cut(found: &mut Vec<Found>, by: Sort, top: usize) {
    if top == 0 {
        found.clear();
    } else if found.len() > top {
        found.select_nth_unstable_by(top - 1, |a, b| order(a, b, by));
        found.truncate(top);
    }
}

/// Most frequent first; days in order of time.
fn in_order(facet: Facet, counts: HashMap<String, u64>) -> Vec<(String, u64)> {
    let mut out: Vec<_> = counts.into_iter().collect();
    match facet {
        Facet::Day => out.sort_unstable(),
        _ => out.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0))),
    }
    out
}

/// A stable number for each outlet of a segment, by ordinal.
fn hashes(column: &StrColumn) -> tantivy::Result<Vec<u64>> {
    let mut out = Vec::with_capacity(column.num_terms());
    let mut name = String::new();
    for ord in 0..column.num_terms() as u64 {
        name.clear();
        column.ord_to_str(ord, &mut name)?;
        // FNV-1a: the same in every segment.
        out.push(name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)));
    }
    Ok(out)
}

/// Collects one segment.
pub(crate) struct Segment {
    wanted: Wanted,
    ord: SegmentOrdinal,
    id: Column<u64>,
    story: Option<Column<u64>>,
    published: Column<i64>,
    severity: Column<u64>,
    outlet: Option<(StrColumn, Vec<u64>)>,
    facets: Vec<Counter>,
    part: Part,
}

impl SegmentCollector for Segment {
    type Fruit = Part;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.part.n_articles += 1;
        for facet in &mut self.facets {
            facet.count(doc, &self.published, &self.severity);
        }
        if self.wanted.top == 0 && self.story.is_none() {
            return;
        }
        let id = self.id.first(doc).unwrap_or(0);
        let outlet = self.outlet.as_ref().and_then(|(column, hashes)| {
            let ord = column.term_ords(doc).next()?;
            hashes.get(usize::try_from(ord).ok()?).copied()
        });
        let found = Found {
            doc: DocAddress::new(self.ord, doc),
            id,
            score,
            published: self.published.first(doc).unwrap_or(0),
            severity: self.severity.first(doc).unwrap_or(0),
            n_articles: 1,
            outlets: outlet.into_iter().collect(),
        };
        if let Some(story) = &self.story {
            absorb(&mut self.part.stories, story.first(doc).unwrap_or(id), found);
            return;
        }
        let articles = &mut self.part.articles;
        articles.push(found);
        if articles.len() >= 2 * self.wanted.top + 256 {
            cut(articles, self.wanted.sort, self.wanted.top);
        }
    }

    fn harvest(mut self) -> Part {
        self.part.facets = self.facets.into_iter().map(Counter::finish).collect();
        self.part
    }
}

/// Counts one facet in one segment.
enum Counter {
    /// By ordinal of a column of strings.
    Strings(Option<StrColumn>, Vec<u64>),
    Severity([u64; 5]),
    /// By hour since 1970, which no day of Vietnam cuts.
    Day(HashMap<i64, u64>),
}

impl Counter {
    fn new(facet: Facet, reader: &SegmentReader) -> tantivy::Result<Self> {
        let name = match facet {
            Facet::Severity => return Ok(Self::Severity([0; 5])),
            Facet::Day => return Ok(Self::Day(HashMap::new())),
            facet => facet.as_str(),
        };
        let column = reader.fast_fields().str(name)?;
        let n = column.as_ref().map_or(0, |c| c.num_terms());
        Ok(Self::Strings(column, vec![0; n]))
    }

    fn count(&mut self, doc: DocId, published: &Column<i64>, severity: &Column<u64>) {
        match self {
            Self::Strings(Some(column), counts) => {
                for ord in column.term_ords(doc) {
                    if let Some(n) = usize::try_from(ord).ok().and_then(|o| counts.get_mut(o)) {
                        *n += 1;
                    }
                }
            }
            Self::Strings(None, _) => {}
            Self::Severity(counts) => {
                let rank = severity.first(doc).and_then(|s| usize::try_from(s).ok()).unwrap_or(0);
                counts[rank.min(4)] += 1;
            }
            Self::Day(hours) => *hours.entry(published.first(doc).unwrap_or(0).div_euclid(3600)).or_default() += 1,
        }
    }

    fn finish(self) -> HashMap<String, u64> {
        let mut out = HashMap::new();
        match self {
            Self::Strings(column, counts) => {
                let Some(column) = column else { return out };
                for (ord, n) in (0..).zip(counts).filter(|&(_, n)| n > 0) {
                    let mut name = String::new();
                    if column.ord_to_str(ord, &mut name).unwrap_or(false) {
                        out.insert(name, n);
                    }
                }
            }
            Self::Severity(counts) => {
                for (rank, n) in (0..).zip(counts).filter(|&(_, n)| n > 0) {
                    if let Some(s) = severity::of_rank(rank) {
                        out.insert(s.as_str().to_owned(), n);
                    }
                }
            }
            Self::Day(hours) => {
                for (hour, n) in hours {
                    if let Some(at) = DateTime::from_timestamp(hour.saturating_mul(3600), 0) {
                        *out.entry(dates::day_of(at).to_string()).or_default() += n;
                    }
                }
            }
        }
        out
    }
}
