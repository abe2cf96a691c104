//! The best matches, found without scoring all the others, which are only counted.
//!
//! First it is found which documents match (`sieve`). Few are scored each; of many the best are looked for where they
//! nearly always are (`lead`). Where that does not decide the page that was asked for, every match is scored.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, EnableScoring, Occur, Query};
use tantivy::{DocAddress, Searcher};

use crate::among::among;
use crate::clauses::{Clauses, again};
use crate::collect::{Collected, Found, Wanted};
use crate::cursor::rank_of;
use crate::held::Held;
use crate::lead::Lead;
use crate::schema::Fields;
use crate::sieve::{self, Docs};
use crate::tally::{self, Tally};
use crate::{Sort, Unit};

/// The first documents of a query in the order of their scores.
#[derive(Default)]
struct First {
    docs: Vec<DocAddress>,
    scores: Vec<f32>,
    /// No other one scores more.
    floor: f32,
}

/// A query, the conditions beside it, and where its best matches are.
pub(crate) struct Asked<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) filters: Clauses,
    pub(crate) query: Box<dyn Query>,
    pub(crate) lead: Lead,
    pub(crate) fields: Fields,
    pub(crate) held: &'a Held,
}

/// Articles looked at for each story asked for, and beside them: several tell one story.
const PER_STORY: usize = 4;
const MORE: usize = 40;
/// So many times the articles looked at are scored each, wherever the best ones are.
const FEW: usize = 2;
/// The same sum in another order differs by less.
const ROUNDING: f32 = 1.000_01;

impl Asked<'_> {
    /// All that is wanted.
    pub(crate) fn collect(&self, wanted: &Wanted) -> tantivy::Result<Collected> {
        if wanted.after.is_some() || (wanted.top > 0 && wanted.sort != Sort::Relevance) {
            return self.searcher.search(&self.within(&*self.query), wanted);
        }
        let docs = self.matching()?;
        match self.best(wanted, &docs)? {
            Some(best) => self.count(&docs, best, wanted),
            None => self.searcher.search(&self.within(&*self.query), wanted),
        }
    }

    /// The documents of each segment that match.
    fn matching(&self) -> tantivy::Result<Arc<[Docs]>> {
        let conditions = self.filters.iter().map(|(_, query)| &**query).chain([&*self.query]);
        Ok(sieve::matching(self.searcher, self.held, &conditions.collect::<Vec<_>>())?.into())
    }

    fn within(&self, query: &dyn Query) -> BooleanQuery {
        let mut clauses = again(&self.filters);
        clauses.push((Occur::Must, query.box_clone()));
        BooleanQuery::new(clauses)
    }

    /// The stories or articles of the page, with all that stand level with the last of them; none when only
    /// scoring every match can tell them.
    fn best(&self, wanted: &Wanted, docs: &Arc<[Docs]>) -> tantivy::Result<Option<Vec<Found>>> {
        if wanted.top == 0 {
            return Ok(Some(Vec::new()));
        }
        let n_docs = docs.iter().map(|docs| docs.len() as usize).sum::<usize>();
        if n_docs > FEW * most(wanted) {
            return self.led(wanted, docs);
        }
        self.each(wanted, docs).map(Some)
    }

    /// The same, of matches each of which is scored.
    fn each(&self, wanted: &Wanted, docs: &[Docs]) -> tantivy::Result<Vec<Found>> {
        let each: Vec<DocAddress> = (0..).zip(docs).flat_map(|(ord, docs)| docs.addresses(ord)).collect();
        Ok(page(self.found(&each, wanted.unit)?, wanted))
    }

    /// The same, looked for where the best ones nearly always are.
    fn led(&self, wanted: &Wanted, docs: &Arc<[Docs]>) -> tantivy::Result<Option<Vec<Found>>> {
        let most = most(wanted);
        let mut led = First::default();
        for step in &self.lead.steps {
            led = self.first(&*step.query, docs, most)?;
            let floor = step.ceiling.max(led.floor);
            let above = led.scores.partition_point(|&score| score > floor * ROUNDING);
            if above >= wanted.top
                && let Some(found) = self.above(led.docs[..above].to_vec(), floor, wanted)?
            {
                return Ok(Some(found));
            }
        }
        // The others may reach the page: then the best of them tell how far they reach.
        let Some(words) = &self.lead.words else { return Ok(None) };
        let others = self.first(&**words, docs, most)?;
        self.above([led.docs, others.docs].concat(), led.floor.max(others.floor), wanted)
    }

    /// The first documents of a query; only these match the conditions.
    fn first(&self, query: &dyn Query, docs: &Arc<[Docs]>, most: usize) -> tantivy::Result<First> {
        let query = if self.filters.is_empty() { query.box_clone() } else { among(self.searcher, docs, query) };
        let found = self.searcher.search(&*query, &TopDocs::with_limit(most).order_by_score())?;
        let floor = found.last().filter(|_| found.len() == most).map_or(0.0, |d| d.0);
        let (scores, docs) = found.into_iter().unzip();
        Ok(First { docs, scores, floor })
    }

    /// The page of some documents, no other than which scores more than `floor`, if they fill it.
    fn above(&self, mut docs: Vec<DocAddress>, floor: f32, wanted: &Wanted) -> tantivy::Result<Option<Vec<Found>>> {
        docs.sort_unstable();
        docs.dedup();
        let mut found = self.found(&docs, wanted.unit)?;
        found.retain(|f| f.score > floor * ROUNDING);
        Ok(if found.len() < wanted.top { None } else { Some(page(found, wanted)) })
    }

    /// The articles or their stories, with the scores the query itself gives them.
    fn found(&self, docs: &[DocAddress], unit: Unit) -> tantivy::Result<Vec<Found>> {
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
    fn count(&self, docs: &[Docs], mut best: Vec<Found>, wanted: &Wanted) -> tantivy::Result<Collected> {
        let places = (0..).zip(&best).map(|(place, f)| (f.key, place)).collect();
        let tally = Tally { unit: wanted.unit, facets: wanted.facets.clone(), fields: self.fields, places };
        let counted = tally::count(self.searcher, self.held, docs, &tally)?;
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

/// Articles looked at for the stories or articles of a page.
fn most(wanted: &Wanted) -> usize {
    wanted.top * PER_STORY + MORE
}

/// The first ones, with all that stand level with the last of them.
fn page(mut found: Vec<Found>, wanted: &Wanted) -> Vec<Found> {
    found.sort_unstable_by(Found::order);
    if let Some(last) = found.get(wanted.top - 1).map(|f| f.rank) {
        found.retain(|f| f.rank >= last);
    }
    found
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::DateTime;
    use diembao_news::{ArticleId, ArticleText, OutletId, StoryId};

    use super::*;
    use crate::filters::{self, Scope};
    use crate::folder::{self, Open};
    use crate::parse::parse;
    use crate::plan::Planner;
    use crate::{Facet, Filter, Index, IndexDoc, Matching, Places, Rebuild, Synonyms};

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
    pub(crate) fn words(random: &mut u64, n: usize) -> String {
        let mut next = || {
            *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (*random >> 33) as usize
        };
        (0..n).map(|_| WORDS[next() % (1 + next() % WORDS.len())]).collect::<Vec<_>>().join(" ")
    }

    const OUTLETS: [&str; 3] = ["bao-sen", "bao-cau", "bao-hue"];

    /// Makes up articles and hands each over.
    fn write(n: std::ops::Range<i64>, mut take: impl FnMut(&IndexDoc<'_>)) {
        let mut random = 7 + n.start.unsigned_abs();
        for n in n {
            let text = ArticleText {
                title: words(&mut random, 6),
                lead: words(&mut random, 15),
                body: words(&mut random, 40 + n as usize % 80),
            };
            let published = DateTime::from_timestamp(1_790_000_000 + n % 97 * 3600, 0).unwrap();
            take(&IndexDoc {
                id: id(n),
                reference: None,
                url: None,
                text: &text,
                outlet: &OutletId::parse(OUTLETS[n as usize % OUTLETS.len()]).unwrap(),
                published,
                first_seen: published,
                story: (n % 11 > 0).then(|| StoryId::beginning_with(id(n / 3))),
                topics: if n % 5 == 0 { vec!["y-te", "giao-duc"] } else { Vec::new() },
                flags: Vec::new(),
                severity: None,
                provinces: Vec::new(),
                facilities: Vec::new(),
                section: None,
            });
        }
    }

    fn id(n: i64) -> ArticleId {
        ArticleId::of_reference(&OutletId::parse("bao-sen").unwrap(), &n.to_string())
    }

    /// One segment.
    pub(crate) fn built(dir: &std::path::Path) -> Open {
        let mut rebuild = Rebuild::begin(dir).unwrap();
        write(0..3_000, |doc| rebuild.add(doc).unwrap());
        rebuild.finish().unwrap();
        folder::open(dir).unwrap()
    }

    /// Several segments, from which articles were removed and in which some were written again.
    pub(crate) fn grown(dir: &std::path::Path) -> Open {
        drop(built(dir));
        let mut writer = Index::open(dir).unwrap().writer().unwrap();
        for from in [2_900, 3_700] {
            write(from..from + 800, |doc| writer.put(doc).unwrap());
            (0..from).step_by(17).for_each(|n| writer.remove(id(n)).unwrap());
            writer.commit().unwrap();
        }
        drop(writer);
        let open = folder::open(dir).unwrap();
        assert!(open.reader.searcher().segment_readers().len() > 1);
        open
    }

    fn filter(random: &mut u64) -> Filter {
        let day = |n: u64| DateTime::from_timestamp(1_790_000_000 + (n % 97 * 3600).cast_signed(), 0);
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let n = *random >> 33;
        Filter {
            outlets: OUTLETS[..n as usize % 3].iter().map(|&o| o.to_owned()).collect(),
            topics: if n.is_multiple_of(7) { vec!["y-te".to_owned()] } else { Vec::new() },
            from: day(n).filter(|_| n.is_multiple_of(2)),
            to: day(n / 97).filter(|_| n.is_multiple_of(3)),
            ..Filter::default()
        }
    }

    fn shown(c: &Collected) -> Vec<impl PartialEq + std::fmt::Debug> {
        let members = |f: &Found| {
            let mut members = f.members.clone();
            members.sort_unstable();
            members
        };
        c.top.iter().map(|f| (f.key, f.rank, f.published, f.id, members(f))).collect()
    }

    /// How many questions in a hundred were answered without scoring every match.
    fn quickly(open: &Open) -> usize {
        let searcher = open.reader.searcher();
        let (places, synonyms, held) = (Places::default(), Synonyms::default(), Held::default());
        let (mut random, mut n_led) = (11, 0);
        for round in 0..200 {
            let mut text = words(&mut random, 1 + round % 4);
            if round % 5 == 0 {
                text = diembao_text::fold(&text);
            } else if round % 7 == 0 {
                text = format!("\"{text}\"");
            }
            let root = parse(&text, DateTime::UNIX_EPOCH).root;
            let scope = Scope { searcher: &searcher, fields: open.fields, places: &places };
            let (plan, _) = Planner::new(scope, &synonyms, Matching::All).plan(&root).unwrap();
            let filter = if round % 3 == 1 { filter(&mut random) } else { Filter::default() };
            let filters = filters::clauses(scope, &filter, None).unwrap();
            let unit = if round % 3 == 0 { Unit::Articles } else { Unit::Stories };
            let facets = vec![Facet::Day, Facet::Outlet, Facet::Topic];
            let wanted = Wanted { unit, sort: Sort::Relevance, top: 1 + round % 12, after: None, facets };
            let (fields, held) = (open.fields, &held);
            let asked = Asked { searcher: &searcher, filters, query: plan.query, lead: plan.lead, fields, held };
            let full = searcher.search(&asked.within(&*asked.query), &wanted).unwrap();
            let docs = asked.matching().unwrap();
            let led = asked.led(&wanted, &docs).unwrap();
            n_led += usize::from(led.is_some());
            for best in [led, asked.each(&wanted, &docs).map(Some).unwrap()].into_iter().flatten() {
                let quick = asked.count(&docs, best, &wanted).unwrap();
                assert_eq!(shown(&quick), shown(&full), "{text} {filter:?}");
                let rest = |c: &Collected| (c.total, c.more, c.facets.clone());
                assert_eq!(rest(&quick), rest(&full), "{text} {filter:?}");
            }
        }
        n_led / 2
    }

    #[test]
    fn the_quick_ways_find_what_scoring_everything_finds() {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let led = [quickly(&built(dirs[0].path())), quickly(&grown(dirs[1].path()))];
        assert!(led.iter().all(|&n| n > 35), "{led:?} of a hundred were led");
    }
}
