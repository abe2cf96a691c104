//! The best matches, found without scoring all the others, which are only counted.
//!
//! Words that stand beside each other weigh so much that the best matches are nearly always among the articles that
//! hold some of the query's pairs; how much the others can reach is known beforehand. Where that does not decide the
//! page that was asked for, nothing is answered and every match is scored instead.

use std::collections::HashMap;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, ConstScoreQuery, EnableScoring, Occur, Query, TermQuery};
use tantivy::{DocAddress, Searcher};

use crate::clauses::{Clauses, again};
use crate::collect::{Collected, Found, Wanted};
use crate::cursor::rank_of;
use crate::tally::Tally;
use crate::tree::Node;
use crate::{Sort, Unit};

/// What is known of the matches' scores before any is read.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// The pairs of neighbours.
    pub(crate) pairs: Vec<Box<dyn Query>>,
    /// What the words score at the most without them.
    pub(crate) words: f32,
    /// Whether each word is one term of the index.
    pub(crate) only_terms: bool,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { pairs: Vec::new(), words: 0.0, only_terms: true }
    }
}

impl Evidence {
    /// Where the best matches of a query are, all of whose clauses are given.
    pub(crate) fn lead(self, root: &Node, clauses: &[(Occur, Box<dyn Query>)]) -> Option<Lead> {
        if let [(Occur::Must, query)] = clauses
            && query.is::<TermQuery>()
        {
            return Some(Lead { query: query.box_clone(), ceiling: 0.0 });
        }
        let Node::Group(nodes) = root else { return None };
        if self.pairs.is_empty() || !nodes.iter().all(Node::scores_by_words) {
            return None;
        }
        let query = if let ([_], true) = (self.pairs.as_slice(), self.only_terms && nodes.len() == 1) {
            let all = clauses.iter().map(|(_, query)| (Occur::Must, query.box_clone()));
            BooleanQuery::new(all.collect())
        } else {
            let pairs = self.pairs.into_iter().map(|pair| (Occur::Should, pair)).collect();
            let pairs = ConstScoreQuery::new(Box::new(BooleanQuery::new(pairs)), 0.0);
            let all: Box<dyn Query> = Box::new(BooleanQuery::new(again(clauses)));
            BooleanQuery::new(vec![(Occur::Must, Box::new(pairs)), (Occur::Must, all)])
        };
        Some(Lead { query: Box::new(query), ceiling: self.words })
    }
}

/// Where the best matches are looked for first.
#[derive(Debug)]
pub(crate) struct Lead {
    /// Some of the matches, with their scores.
    pub(crate) query: Box<dyn Query>,
    /// No other match scores more.
    pub(crate) ceiling: f32,
}

/// A query, the conditions beside it, and where its best matches are.
pub(crate) struct Asked<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) filters: Clauses,
    pub(crate) query: Box<dyn Query>,
    pub(crate) lead: Option<Lead>,
}

/// Articles looked at for each story asked for, and beside them: several tell one story.
const PER_STORY: usize = 4;
const MORE: usize = 40;
/// The same sum in another order differs by less.
const ROUNDING: f32 = 1.000_01;

impl Asked<'_> {
    /// All that is wanted.
    pub(crate) fn collect(&self, wanted: &Wanted) -> tantivy::Result<Collected> {
        let all = self.within(&*self.query);
        match self.best(wanted)? {
            Some(best) => self.count(&all, best, wanted),
            None => self.searcher.search(&all, wanted),
        }
    }

    fn within(&self, query: &dyn Query) -> BooleanQuery {
        let mut clauses = again(&self.filters);
        clauses.push((Occur::Must, query.box_clone()));
        BooleanQuery::new(clauses)
    }

    /// The stories or articles of the page, with all that stand level with the last of them; none when only
    /// scoring every match can tell them.
    fn best(&self, wanted: &Wanted) -> tantivy::Result<Option<Vec<Found>>> {
        if wanted.after.is_some() {
            return Ok(None);
        }
        if wanted.top == 0 {
            return Ok(Some(Vec::new()));
        }
        let Some(lead) = self.lead.as_ref().filter(|_| wanted.sort == Sort::Relevance) else { return Ok(None) };
        let most = wanted.top * PER_STORY + MORE;
        let query: Box<dyn Query> =
            if self.filters.is_empty() { lead.query.box_clone() } else { Box::new(self.within(&*lead.query)) };
        let docs = self.searcher.search(&*query, &TopDocs::with_limit(most).order_by_score())?;
        let cut_at = docs.last().filter(|_| docs.len() == most).map_or(0.0, |d| d.0);
        let floor = lead.ceiling.max(cut_at) * ROUNDING;
        let above: Vec<DocAddress> = docs.iter().take_while(|d| d.0 > floor).map(|d| d.1).collect();
        if above.len() < wanted.top {
            return Ok(None);
        }
        let mut found = self.found(above, wanted.unit)?;
        found.sort_unstable_by(Found::order);
        let Some(last) = found.get(wanted.top - 1).map(|f| f.rank) else { return Ok(None) };
        found.retain(|f| f.rank >= last);
        Ok(Some(found))
    }

    /// The articles or their stories, with the scores the query itself gives them.
    fn found(&self, mut docs: Vec<DocAddress>, unit: Unit) -> tantivy::Result<Vec<Found>> {
        docs.sort_unstable();
        let weight = self.query.weight(EnableScoring::enabled_from_searcher(self.searcher))?;
        let mut found: HashMap<u64, Found> = HashMap::new();
        for docs in docs.chunk_by(|a, b| a.segment_ord == b.segment_ord) {
            let reader = self.searcher.segment_reader(docs[0].segment_ord);
            let mut scorer = weight.scorer(reader, 1.0)?;
            let fast = reader.fast_fields();
            let (ids, stories, published) = (fast.u64("id")?, fast.u64("story")?, fast.i64("published")?);
            for &doc in docs {
                let at = doc.doc_id;
                if scorer.doc() > at || scorer.seek(at) != at {
                    continue;
                }
                let score = scorer.score();
                let id = ids.first(at).unwrap_or(0);
                let key = if unit == Unit::Stories { stories.first(at).unwrap_or(id) } else { id };
                let one = Found {
                    key,
                    rank: rank_of(Sort::Relevance, score, 0),
                    published: published.first(at).unwrap_or(0),
                    score,
                    doc,
                    id,
                    slot: 0,
                    members: Vec::new(),
                };
                found.entry(key).and_modify(|f| f.absorb(&one)).or_insert(one);
            }
        }
        Ok(found.into_values().collect())
    }

    /// Counts the matches, and gives the best ones what else of theirs matches.
    fn count(&self, all: &BooleanQuery, mut best: Vec<Found>, wanted: &Wanted) -> tantivy::Result<Collected> {
        let places = (0..).zip(&best).map(|(place, f)| (f.key, place)).collect();
        let tally = Tally { unit: wanted.unit, facets: wanted.facets.clone(), places };
        let counted = self.searcher.search(all, &tally)?;
        for (place, published, doc) in counted.members {
            let story: &mut Found = &mut best[place];
            story.published = story.published.max(published);
            story.members.push(doc);
        }
        best.sort_unstable_by(Found::order);
        best.truncate(wanted.top);
        let more = counted.total > best.len() as u64 && wanted.top > 0;
        Ok(Collected { total: counted.total, top: best, more, facets: counted.facets })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use diembao_news::{ArticleId, ArticleText, OutletId, StoryId};

    use super::*;
    use crate::filters::Scope;
    use crate::folder::{self, Open};
    use crate::parse::parse;
    use crate::plan::Planner;
    use crate::{Facet, IndexDoc, Matching, Places, Rebuild, Synonyms};

    const WORDS: [&str; 24] = [
        "bệnh",
        "viện",
        "của",
        "và",
        "người",
        "dân",
        "học",
        "sinh",
        "ngộ",
        "độc",
        "tại",
        "trường",
        "tiêm",
        "vắc",
        "xin",
        "sởi",
        "huyện",
        "sữa",
        "giả",
        "thuốc",
        "lậu",
        "khoa",
        "nhi",
        "cháy",
    ];

    /// Small numbers come often.
    fn words(random: &mut u64, n: usize) -> String {
        let mut next = || {
            *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (*random >> 33) as usize
        };
        (0..n).map(|_| WORDS[next() % (1 + next() % WORDS.len())]).collect::<Vec<_>>().join(" ")
    }

    fn filled(dir: &std::path::Path) -> Open {
        let outlet = OutletId::parse("bao-sen").unwrap();
        let mut random = 7;
        let mut rebuild = Rebuild::begin(dir).unwrap();
        for n in 0..3_000i64 {
            let text = ArticleText {
                title: words(&mut random, 6),
                lead: words(&mut random, 15),
                body: words(&mut random, 40 + n as usize % 80),
            };
            let published = DateTime::from_timestamp(1_790_000_000 + n % 97 * 3600, 0).unwrap();
            let doc = IndexDoc {
                id: ArticleId::of_reference(&outlet, &n.to_string()),
                reference: None,
                url: None,
                text: &text,
                outlet: &outlet,
                published,
                first_seen: published,
                story: Some(StoryId::beginning_with(ArticleId::of_reference(&outlet, &(n / 3).to_string()))),
                topics: Vec::new(),
                flags: Vec::new(),
                severity: None,
                provinces: Vec::new(),
                facilities: Vec::new(),
                section: None,
            };
            rebuild.add(&doc).unwrap();
        }
        rebuild.finish().unwrap();
        folder::open(dir).unwrap()
    }

    #[test]
    fn the_quick_way_finds_what_scoring_everything_finds() {
        let dir = tempfile::tempdir().unwrap();
        let open = filled(dir.path());
        let searcher = open.reader.searcher();
        let (places, synonyms) = (Places::default(), Synonyms::default());
        let (mut random, mut n_quick) = (11, 0);
        for round in 0..400 {
            let mut text = words(&mut random, 1 + round % 4);
            if round % 5 == 0 {
                text = diembao_text::fold(&text);
            } else if round % 7 == 0 {
                text = format!("\"{text}\"");
            }
            let root = parse(&text, DateTime::UNIX_EPOCH).root;
            let scope = Scope { searcher: &searcher, fields: open.fields, places: &places };
            let (plan, _) = Planner::new(scope, &synonyms, Matching::All).plan(&root).unwrap();
            let unit = if round % 3 == 0 { Unit::Articles } else { Unit::Stories };
            let facets = vec![Facet::Day];
            let wanted = Wanted { unit, sort: Sort::Relevance, top: 1 + round % 12, after: None, facets };
            let mut asked = Asked { searcher: &searcher, filters: Clauses::new(), query: plan.query, lead: plan.lead };
            n_quick += usize::from(asked.best(&wanted).unwrap().is_some());
            let quick = asked.collect(&wanted).unwrap();
            asked.lead = None;
            let full = asked.collect(&wanted).unwrap();
            let shown = |c: &Collected| -> Vec<_> {
                let members = |f: &Found| {
                    let mut members: Vec<u32> = f.members.iter().map(|m| m.doc_id).collect();
                    members.sort_unstable();
                    members
                };
                c.top.iter().map(|f| (f.key, f.rank, f.published, f.id, members(f))).collect()
            };
            assert_eq!(shown(&quick), shown(&full), "{text}");
            assert_eq!((quick.total, quick.more, quick.facets), (full.total, full.more, full.facets), "{text}");
        }
        assert!(n_quick > 200, "{n_quick} of 400 were found the quick way");
    }
}
