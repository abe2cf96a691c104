//! Which documents match, found without scoring any: list after list of documents, the shortest first, narrows down
//! what is left. Long lists are sets of bits, and those used lately are held.

use tantivy::postings::BlockSegmentPostings;
use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, EnableScoring, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, Searcher, SeekDangerResult, SegmentOrdinal, SegmentReader, Term};

use crate::bits::Bits;
use crate::count::first_values;
use crate::held::Held;
use crate::slots::Slots;
use crate::wrap::{Best, OneOf, Published, Weighed};

/// Documents of one segment.
#[derive(Debug, Clone)]
pub(crate) enum Docs {
    All(u32),
    /// In order.
    Few(Vec<DocId>),
    Many(Bits),
}

/// A list shorter than this share of the segment is kept as numbers, a longer one as bits.
const FEW: u32 = 32;
/// One longer than this share of the segment is held.
const LONG: u32 = 16;
/// Where to look up a document in a list costs as much as to read so many of the list.
const SEEK: u32 = 100;

impl Docs {
    pub(crate) fn len(&self) -> u32 {
        match self {
            Self::All(n) => *n,
            Self::Few(docs) => u32::try_from(docs.len()).unwrap_or(u32::MAX),
            Self::Many(bits) => bits.len(),
        }
    }

    pub(crate) fn contains(&self, doc: DocId) -> bool {
        match self {
            Self::All(n) => doc < *n,
            Self::Few(docs) => docs.binary_search(&doc).is_ok(),
            Self::Many(bits) => bits.contains(doc),
        }
    }

    fn first(&self) -> Option<DocId> {
        match self {
            Self::All(n) => (*n > 0).then_some(0),
            Self::Few(docs) => docs.first().copied(),
            Self::Many(bits) => bits.first(),
        }
    }

    /// In order.
    pub(crate) fn for_each(&self, take: impl FnMut(DocId)) {
        match self {
            Self::All(n) => (0..*n).for_each(take),
            Self::Few(docs) => docs.iter().copied().for_each(take),
            Self::Many(bits) => bits.for_each(take),
        }
    }

    /// In order, some hundred at once.
    pub(crate) fn for_each_block(&self, mut take: impl FnMut(&[DocId])) {
        const BLOCK: usize = 256;
        let mut block = Vec::with_capacity(BLOCK);
        self.for_each(|doc| {
            block.push(doc);
            if block.len() == BLOCK {
                take(&block);
                block.clear();
            }
        });
        take(&block);
    }

    /// Where they are, in a segment's place.
    pub(crate) fn addresses(&self, ord: SegmentOrdinal) -> Vec<DocAddress> {
        let mut out = Vec::with_capacity(self.len() as usize);
        self.for_each(|doc| out.push(DocAddress::new(ord, doc)));
        out
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// In order.
    fn of(docs: Vec<DocId>, max_doc: u32) -> Self {
        let all = Self::Few(docs);
        if all.len() < max_doc / FEW { all } else { Self::Many(all.bits(max_doc)) }
    }

    fn bits(self, max_doc: u32) -> Bits {
        match self {
            Self::All(n) => Bits::full(n),
            Self::Few(docs) => {
                let mut bits = Bits::empty(max_doc);
                docs.into_iter().for_each(|doc| bits.insert(doc));
                bits
            }
            Self::Many(bits) => bits,
        }
    }

    /// As numbers, if they are few.
    fn settle(self, max_doc: u32) -> Self {
        match self {
            Self::Many(bits) if bits.len() < max_doc / FEW / 2 => Self::Few(bits.docs()),
            docs => docs,
        }
    }

    fn and(self, bits: &Bits) -> Self {
        match self {
            Self::All(_) => Self::Many(bits.clone()),
            Self::Few(mut docs) => {
                docs.retain(|&doc| bits.contains(doc));
                Self::Few(docs)
            }
            Self::Many(mut mine) => {
                mine.and(bits);
                Self::Many(mine)
            }
        }
    }

    fn retain(self, max_doc: u32, mut keep: impl FnMut(DocId) -> bool) -> Self {
        match self {
            Self::Few(mut docs) => {
                docs.retain(|&doc| keep(doc));
                Self::Few(docs)
            }
            docs => {
                let mut kept = Bits::empty(max_doc);
                docs.for_each_block(|docs| docs.iter().filter(|&&doc| keep(doc)).for_each(|&doc| kept.insert(doc)));
                Self::Many(kept)
            }
        }
    }
}

/// The documents of each segment that match all of some queries.
pub(crate) fn matching(searcher: &Searcher, held: &Held, queries: &[&dyn Query]) -> tantivy::Result<Vec<Docs>> {
    let segments = searcher.segment_readers().iter();
    segments.map(|reader| Sieve { searcher, held, reader, max_doc: reader.max_doc() }.matching(queries)).collect()
}

struct Sieve<'a> {
    searcher: &'a Searcher,
    held: &'a Held,
    reader: &'a SegmentReader,
    max_doc: u32,
}

impl Sieve<'_> {
    fn matching(&self, queries: &[&dyn Query]) -> tantivy::Result<Docs> {
        let docs = self.all_of(queries.to_vec(), Docs::All(self.max_doc))?;
        Ok(match self.reader.alive_bitset() {
            Some(alive) => docs.retain(self.max_doc, |doc| alive.is_alive(doc)),
            None => docs,
        })
    }

    /// The documents among some that match all of several queries.
    fn all_of(&self, mut queries: Vec<&dyn Query>, mut docs: Docs) -> tantivy::Result<Docs> {
        let (mut conditions, mut exclusions) = (Vec::new(), Vec::new());
        while let Some(query) = queries.pop() {
            if let Some(weighed) = query.downcast_ref::<Weighed>() {
                queries.push(&*weighed.inner);
            } else if let Some((must, not)) = query.downcast_ref::<BooleanQuery>().and_then(conjunction) {
                queries.extend(must);
                exclusions.extend(not);
            } else {
                conditions.push((self.cost(query)?, query));
            }
        }
        conditions.sort_by_key(|(cost, _)| *cost);
        for (_, query) in conditions {
            if docs.is_empty() {
                return Ok(docs);
            }
            docs = self.narrow(query, docs)?;
        }
        for query in exclusions {
            let gone = self.all_of(vec![query], docs.clone())?.bits(self.max_doc);
            docs = docs.retain(self.max_doc, |doc| !gone.contains(doc));
        }
        Ok(docs)
    }

    /// The documents among some that match any of several queries.
    fn any_of<'q>(&self, queries: impl Iterator<Item = &'q dyn Query>, docs: &Docs) -> tantivy::Result<Docs> {
        let mut any = Bits::empty(self.max_doc);
        for query in queries {
            any.or(&self.all_of(vec![query], docs.clone())?.bits(self.max_doc));
        }
        Ok(Docs::Many(any).settle(self.max_doc))
    }

    /// What is least goes first.
    fn cost(&self, query: &dyn Query) -> tantivy::Result<u64> {
        const LAST: u64 = u64::MAX;
        if let Some(term) = query.downcast_ref::<TermQuery>() {
            return self.length(term.term());
        }
        if let Some(one_of) = query.downcast_ref::<OneOf>() {
            return one_of.terms.iter().map(|term| self.length(term)).sum();
        }
        if let Some(alternatives) = alternatives(query) {
            return alternatives.iter().map(|q| self.cost(*q)).try_fold(0, |a: u64, b| Ok(a.saturating_add(b?)));
        }
        if let Some(weighed) = query.downcast_ref::<Weighed>() {
            return self.cost(&*weighed.inner);
        }
        if query.is::<AllQuery>() || query.is::<EmptyQuery>() {
            return Ok(0);
        }
        if let Some(docs) = query.downcast_ref::<Slots>().map(|slots| slots.merged(self.reader)).transpose()?.flatten()
        {
            return Ok(docs.len() as u64);
        }
        Ok(if query.is::<Published>() { self.max_doc.into() } else { LAST })
    }

    fn narrow(&self, query: &dyn Query, docs: Docs) -> tantivy::Result<Docs> {
        if query.is::<AllQuery>() {
            return Ok(docs);
        }
        if query.is::<EmptyQuery>() {
            return Ok(Docs::Few(Vec::new()));
        }
        if let Some(term) = query.downcast_ref::<TermQuery>() {
            return self.with_term(term.term(), docs);
        }
        if let Some(OneOf { terms }) = query.downcast_ref::<OneOf>() {
            if let [term] = terms.as_slice() {
                return self.with_term(term, docs);
            }
            let terms: Vec<TermQuery> =
                terms.iter().map(|t| TermQuery::new(t.clone(), IndexRecordOption::Basic)).collect();
            return self.any_of(terms.iter().map(|t| t as &dyn Query), &docs);
        }
        if let Some(alternatives) = alternatives(query) {
            return self.any_of(alternatives.into_iter(), &docs);
        }
        if let Some(published) = query.downcast_ref::<Published>() {
            return self.published(published, &docs);
        }
        if let Some(slots) = query.downcast_ref::<Slots>() {
            return self.with_words(slots, docs);
        }
        self.asked(query, docs)
    }

    /// In how many documents a term stands.
    fn length(&self, term: &Term) -> tantivy::Result<u64> {
        Ok(self.reader.inverted_index(term.field())?.doc_freq(term)?.into())
    }

    fn with_term(&self, term: &Term, docs: Docs) -> tantivy::Result<Docs> {
        let key = (self.reader.segment_id(), term.clone());
        if let Some(bits) = self.held.bits(&key) {
            return Ok(docs.and(&bits).settle(self.max_doc));
        }
        let index = self.reader.inverted_index(term.field())?;
        let Some(postings) = index.read_block_postings(term, IndexRecordOption::Basic)? else {
            return Ok(Docs::Few(Vec::new()));
        };
        let n = postings.doc_freq();
        match docs {
            Docs::All(_) if n < self.max_doc / FEW => {
                let mut all = Vec::with_capacity(n as usize);
                read(postings, |docs| all.extend_from_slice(docs));
                Ok(Docs::Few(all))
            }
            Docs::Few(few) if few.len() < (n / SEEK) as usize || n < self.max_doc / FEW => {
                Ok(Docs::Few(common(few, postings)))
            }
            docs => {
                let mut bits = Bits::empty(self.max_doc);
                read(postings, |docs| docs.iter().for_each(|&doc| bits.insert(doc)));
                if n < self.max_doc / LONG {
                    return Ok(docs.and(&bits).settle(self.max_doc));
                }
                Ok(docs.and(&self.held.hold(key, bits)).settle(self.max_doc))
            }
        }
    }

    fn with_words(&self, slots: &Slots, docs: Docs) -> tantivy::Result<Docs> {
        let Some(merged) = slots.merged(self.reader)? else {
            let near = slots.near(self.reader, &docs)?;
            return Ok(Docs::of(near.iter().map(|&(doc, _)| doc).collect(), self.max_doc));
        };
        let mut bits = Bits::empty(self.max_doc);
        merged.iter().for_each(|&(doc, _)| bits.insert(doc));
        Ok(docs.and(&bits).settle(self.max_doc))
    }

    fn published(&self, asked: &Published, docs: &Docs) -> tantivy::Result<Docs> {
        let column = self.reader.fast_fields().i64("published")?;
        let from = asked.from.map_or(i64::MIN, |t| t.timestamp());
        let to = asked.to.map_or(i64::MAX, |t| t.timestamp());
        let mut kept = Vec::with_capacity(docs.len() as usize);
        docs.for_each_block(|docs| {
            let within = |t: Option<i64>| t.is_some_and(|t| from <= t && t < to);
            kept.extend(docs.iter().zip(first_values(&column, docs)).filter(|(_, t)| within(*t)).map(|(doc, _)| doc));
        });
        Ok(Docs::of(kept, self.max_doc))
    }

    /// Asks the query itself of each document that is left.
    fn asked(&self, query: &dyn Query, docs: Docs) -> tantivy::Result<Docs> {
        let Some(first) = docs.first() else { return Ok(docs) };
        let weight = query.weight(EnableScoring::disabled_from_searcher(self.searcher))?;
        let (at_first, mut scorer) = weight.scorer_danger(self.reader, first, 1.0)?;
        let mut least = first;
        let matches = |doc: DocId| {
            if doc < least {
                return false;
            }
            let found = if doc == first { at_first } else { scorer.seek_danger(doc) };
            if let SeekDangerResult::SeekLowerBound(next) = found {
                least = next;
            }
            found == SeekDangerResult::Found
        };
        Ok(docs.retain(self.max_doc, matches).settle(self.max_doc))
    }
}

/// What must and what must not match, where the rest decides nothing.
type Conjunction<'q> = (Vec<&'q dyn Query>, Vec<&'q dyn Query>);

fn conjunction(query: &BooleanQuery) -> Option<Conjunction<'_>> {
    let of = |wanted| query.clauses().iter().filter(move |(occur, _)| *occur == wanted).map(|(_, q)| &**q).collect();
    let must: Vec<_> = of(Occur::Must);
    (!must.is_empty()).then(|| (must, of(Occur::MustNot)))
}

/// The queries any of which will do.
fn alternatives(query: &dyn Query) -> Option<Vec<&dyn Query>> {
    if let Some(best) = query.downcast_ref::<Best>() {
        return Some(best.each.iter().map(|q| &**q).collect());
    }
    let clauses = query.downcast_ref::<BooleanQuery>()?.clauses();
    clauses.iter().all(|(occur, _)| *occur == Occur::Should).then(|| clauses.iter().map(|(_, q)| &**q).collect())
}

fn read(mut postings: BlockSegmentPostings, mut take: impl FnMut(&[DocId])) {
    while !postings.docs().is_empty() {
        take(postings.docs());
        postings.advance();
    }
}

/// The documents of a short list that stand in a long one too.
fn common(mut few: Vec<DocId>, mut postings: BlockSegmentPostings) -> Vec<DocId> {
    few.retain(|&doc| {
        let at = postings.seek(doc);
        postings.doc(at) == doc
    });
    few
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;
    use tantivy::collector::DocSetCollector;

    use super::*;
    use crate::filters::Scope;
    use crate::parse::parse;
    use crate::plan::Planner;
    use crate::quick::tests::grown;
    use crate::{Matching, Places, Synonyms};

    /// One condition as it may be typed.
    fn condition() -> impl Strategy<Value = String> {
        let word = || {
            prop::sample::select(vec![
                "bệnh", "viện", "của", "benh", "vien", "học", "sinh", "sởi", "nhi", "cháy", "mưa",
            ])
        };
        let outlet = prop::sample::select(vec!["bao-sen", "bao-cau,bao-hue", "bao-khac"]);
        prop_oneof![
            4 => word().prop_map(str::to_owned),
            1 => (word(), word()).prop_map(|(a, b)| format!("\"{a} {b}\"")),
            1 => (word(), word(), word()).prop_map(|(a, b, c)| format!("\"{a} {b} {c}\"~2")),
            1 => (word(), word()).prop_map(|(a, b)| format!("({a} OR {b})")),
            1 => word().prop_map(|a| format!("-{a}")),
            1 => (word(), word()).prop_map(|(a, b)| format!("-(\"{a} {b}\")")),
            1 => word().prop_map(|a| format!("title:{a}")),
            1 => prop::sample::select(vec!["bê*", "vi*", "s*", "*"]).prop_map(str::to_owned),
            1 => outlet.prop_map(|o| format!("outlet:{o}")),
            1 => (1..90u32).prop_map(|n| format!("date:{n}h")),
            1 => Just("topic:y-te".to_owned()),
        ]
    }

    #[test]
    fn what_matches_is_what_matches_when_it_is_scored() {
        let dir = tempfile::tempdir().unwrap();
        let open = grown(dir.path());
        let searcher = open.reader.searcher();
        let (places, held) = (Places::default(), Held::default());
        let synonyms = Synonyms::parse("[[group]]\nwords = [\"sởi\", \"học sinh\"]\n").unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::hours(97);
        let ask = |text: &str, matching| {
            let scope = Scope { searcher: &searcher, fields: open.fields, places: &places };
            let (plan, _) = Planner::new(scope, &synonyms, matching).plan(&parse(text, now).root).unwrap();
            let docs = super::matching(&searcher, &held, &[&*plan.query]).unwrap();
            let sifted: HashSet<DocAddress> = (0..).zip(&docs).flat_map(|(ord, d)| d.addresses(ord)).collect();
            assert_eq!(sifted.len() as u32, docs.iter().map(Docs::len).sum::<u32>());
            (sifted, searcher.search(&plan.query, &DocSetCollector).unwrap())
        };
        let texts = proptest::collection::vec(condition(), 1..5).prop_map(|all| all.join(" "));
        let any = prop_oneof![3 => Just(Matching::All), 1 => Just(Matching::Any)];
        proptest!(ProptestConfig::with_cases(200), |(text in texts, any in any)| {
            let (sifted, asked) = ask(&text, any);
            prop_assert!(sifted == asked, "{:?} {}: {} of {}", any, text, sifted.len(), asked.len());
        });
    }
}
