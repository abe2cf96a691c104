//! A tree of conditions → a tantivy query, and what to mark in the texts found.

mod lookup;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, Occur, Query, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term};

use self::lookup::{Bonds, LookedUp, is_single};
use crate::analysis::{self, Unit};
use crate::clauses::{Clauses, any_within, boolean, most_telling};
use crate::filters::Scope;
use crate::lead::{Evidence, Lead};
use crate::schema::Fields;
use crate::slots::{MOST, Read, Slot, Slots, n_docs};
use crate::snippet::Marks;
use crate::tree::{Attribute, Node};
use crate::wrap::{Best, Weighed};
use crate::{Matching, Synonyms, filters, severity};

/// What pairs of neighbours weigh beside single words.
const PAIR_WEIGHT: f32 = 0.5;
/// What a phrase in quotation marks weighs beside its words, when any word will do.
const PHRASE_WEIGHT: f32 = 1.0;
/// What a synonym weighs beside the word that was typed.
const SYNONYM_WEIGHT: f32 = 0.6;
/// Words of one query that are searched for, and as many pairs; of a longer text the most telling ones.
const MAX_WORDS: usize = 64;
/// Words of a text any of which will do, up to which synonyms help; in a longer one they drown the words typed.
const MAX_WITH_SYNONYMS: usize = 8;
/// Words of one query that are looked up at all.
const MAX_LOOKED_UP: usize = 1_500;

/// A query ready to run.
pub(crate) struct Plan {
    pub(crate) query: Box<dyn Query>,
    pub(crate) marks: Marks,
    /// Where its best matches are.
    pub(crate) lead: Lead,
}

/// What planning needs to know.
pub(crate) struct Planner<'a> {
    searcher: &'a Searcher,
    fields: Fields,
    scope: Scope<'a>,
    synonyms: &'a Synonyms,
    matching: Matching,
    /// The whole query was typed without accents.
    folded: bool,
    n_docs: u64,
    /// Words looked up before.
    looked_up: HashMap<String, LookedUp>,
    marks: Marks,
    n_words: usize,
    evidence: Evidence,
    pub(crate) notes: Vec<String>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(scope: Scope<'a>, synonyms: &'a Synonyms, matching: Matching) -> Self {
        Self {
            n_docs: n_docs(scope.searcher),
            searcher: scope.searcher,
            fields: scope.fields,
            scope,
            synonyms,
            matching,
            folded: false,
            looked_up: HashMap::new(),
            marks: Marks::default(),
            n_words: 0,
            evidence: Evidence::default(),
            notes: Vec::new(),
        }
    }

    /// Plans a whole query.
    pub(crate) fn plan(mut self, root: &Node) -> tantivy::Result<(Plan, Vec<String>)> {
        self.folded = !root.has_accents();
        let mut clauses = Clauses::new();
        self.add(root, None, &mut clauses)?;
        self.marks.finish(self.n_words);
        let evidence = std::mem::take(&mut self.evidence);
        let lead = if self.matching == Matching::All { evidence.lead(root, &clauses) } else { None };
        let query = self.join(clauses);
        let lead = lead.unwrap_or_else(|| Lead::anywhere(&*query));
        Ok((Plan { query, marks: self.marks, lead }, self.notes))
    }

    /// Adds a node's clauses to those of the group it stands in.
    fn add(&mut self, node: &Node, zone: Option<&Range<u32>>, out: &mut Clauses) -> tantivy::Result<()> {
        let wanted = if self.matching == Matching::All { Occur::Must } else { Occur::Should };
        match node {
            Node::Words(words) => self.words(words, zone, out)?,
            Node::Phrase(words, slop) => {
                let phrase = self.phrase(words, *slop, zone);
                if self.matching == Matching::Any {
                    out.push((Occur::Should, Weighed::by(PHRASE_WEIGHT, phrase)));
                    self.words(words, zone, out)?;
                } else {
                    out.push((Occur::Must, phrase));
                }
            }
            Node::Prefix(unit) => out.push((wanted, self.prefix(unit, zone))),
            Node::Group(nodes) if is_plain(nodes) => {
                for node in nodes {
                    self.add(node, zone, out)?;
                }
            }
            Node::Group(nodes) => {
                let query = self.group(nodes, zone)?;
                out.push((wanted, query));
            }
            Node::Or(nodes) => {
                let mut each = Clauses::new();
                for node in nodes {
                    each.push((Occur::Should, self.group(std::slice::from_ref(node), zone)?));
                }
                out.push((wanted, Box::new(BooleanQuery::new(each))));
            }
            Node::Not(inner) => {
                let (marks, evidence) = (self.marks.clone(), std::mem::take(&mut self.evidence));
                let query = self.group(std::slice::from_ref(inner), zone)?;
                (self.marks, self.evidence) = (marks, evidence);
                out.push((Occur::MustNot, query));
            }
            Node::In(field, inner) => {
                let zone = analysis::zone(*field);
                let query = self.group(std::slice::from_ref(inner), Some(&zone))?;
                out.push((wanted, query));
            }
            Node::Is(..) | Node::Severity(..) | Node::Published(..) | Node::Everything => {
                let condition = self.condition(node)?;
                out.push((Occur::Must, condition));
            }
        }
        Ok(())
    }

    fn condition(&mut self, node: &Node) -> tantivy::Result<Box<dyn Query>> {
        let inner: Box<dyn Query> = match node {
            Node::Is(attribute, values) => {
                self.note_unknown(*attribute, values);
                self.scope.values(*attribute, values)?
            }
            Node::Severity(from, to) => {
                let term = |s| Term::from_field_u64(self.fields.severity, severity::rank(s));
                let (from, to) = (std::ops::Bound::Included(term(*from)), std::ops::Bound::Included(term(*to)));
                Box::new(RangeQuery::new(from, to))
            }
            Node::Published(from, to) => filters::published(self.fields, *from, *to),
            _ => Box::new(AllQuery),
        };
        Ok(Weighed::silent(inner))
    }

    fn note_unknown(&mut self, attribute: Attribute, values: &[String]) {
        let unknown =
            values.iter().filter(|v| attribute == Attribute::Province && self.scope.places.today(v).is_none());
        self.notes.extend(unknown.take(3).map(|v| format!("không biết tỉnh, thành phố nào tên “{v}”")));
    }

    /// A group on its own: all or any of its conditions.
    fn group(&mut self, nodes: &[Node], zone: Option<&Range<u32>>) -> tantivy::Result<Box<dyn Query>> {
        let mut clauses = Clauses::new();
        for node in nodes {
            self.add(node, zone, &mut clauses)?;
        }
        Ok(self.join(clauses))
    }

    fn join(&self, clauses: Clauses) -> Box<dyn Query> {
        match self.matching {
            Matching::All => boolean(clauses),
            Matching::Any => any_within(clauses),
        }
    }

    /// Words side by side: each of them, and as extra evidence their pairs.
    fn words(&mut self, words: &[Unit], zone: Option<&Range<u32>>, out: &mut Clauses) -> tantivy::Result<()> {
        if self.matching == Matching::Any {
            return self.any_of(words, zone, out);
        }
        let whole: Vec<&Unit> = words.iter().filter(|u| !u.is_part).collect();
        let bonds = if zone.is_none() { self.bonds(words)? } else { Bonds::default() };
        let mut seen = HashSet::new();
        let mut at = 0;
        while at < whole.len() {
            let synonyms = self.synonyms;
            let synonym = synonyms.at(&whole[at..], self.folded);
            let len = synonym.as_ref().map_or(1, |s| s.0);
            let mut clauses = Clauses::new();
            for unit in &whole[at..at + len] {
                if seen.insert(unit.norm.as_str()) || synonym.is_some() {
                    let query = self.word(unit, zone)?;
                    clauses.push((Occur::Must, bonds.weigh(unit, query)));
                }
            }
            if let Some((_, others)) = synonym {
                let mut each = vec![boolean(clauses)];
                for other in others {
                    self.evidence.only_terms = false;
                    self.evidence.words += SYNONYM_WEIGHT * self.most(other)?;
                    each.push(Weighed::by(SYNONYM_WEIGHT, self.synonym(other, zone)?));
                }
                clauses = vec![(Occur::Must, Box::new(Best { each }))];
            }
            at += len;
            self.n_words += len;
            out.extend(clauses);
            if self.n_words >= MAX_WORDS && at < whole.len() {
                self.notes
                    .push(format!("chỉ tìm {MAX_WORDS} từ đầu; câu dài nên dùng cách tìm “bất kỳ từ nào” (--any)"));
                break;
            }
        }
        for (telling, slot) in bonds.pairs.into_iter().take(MAX_WORDS) {
            let pair = self.pair(slot);
            self.evidence.pairs.push((PAIR_WEIGHT * telling * MOST, pair.box_clone()));
            out.push((Occur::Should, pair));
        }
        Ok(())
    }

    /// The most telling words and pairs of a text.
    fn any_of(&mut self, words: &[Unit], zone: Option<&Range<u32>>, out: &mut Clauses) -> tantivy::Result<()> {
        let mut seen = HashSet::new();
        let mut found: Vec<(f32, &Unit)> = Vec::new();
        for unit in words.iter().take(MAX_LOOKED_UP) {
            if seen.insert(unit.norm.as_str())
                && let Some(telling) = self.slot(unit)?.telling(self.n_docs)
            {
                found.push((telling, unit));
            }
        }
        if found.is_empty() && !words.is_empty() {
            out.push((Occur::Should, Box::new(EmptyQuery)));
        }
        let bonds = if zone.is_none() { self.bonds(words)? } else { Bonds::default() };
        for unit in most_telling(found, MAX_WORDS) {
            let query = self.word(unit, zone)?;
            out.push((Occur::Should, bonds.weigh(unit, query)));
            self.n_words += 1;
        }
        if zone.is_some() {
            return Ok(());
        }
        for slot in most_telling(bonds.pairs, MAX_WORDS) {
            out.push((Occur::Should, self.pair(slot)));
        }
        self.synonyms_of(words, out)
    }

    fn synonyms_of(&mut self, words: &[Unit], out: &mut Clauses) -> tantivy::Result<()> {
        let whole: Vec<&Unit> = words.iter().filter(|u| !u.is_part).take(MAX_WORDS).collect();
        if whole.len() > MAX_WITH_SYNONYMS {
            return Ok(());
        }
        let mut at = 0;
        while at < whole.len() {
            let synonyms = self.synonyms;
            let Some((len, others)) = synonyms.at(&whole[at..], self.folded) else {
                at += 1;
                continue;
            };
            for other in others {
                let query = self.synonym(other, None)?;
                out.push((Occur::Should, Weighed::by(SYNONYM_WEIGHT, query)));
            }
            at += len;
        }
        Ok(())
    }

    fn synonym(&mut self, words: &[Unit], zone: Option<&Range<u32>>) -> tantivy::Result<Box<dyn Query>> {
        match words {
            [one] => {
                self.marks.word(one, &Slot::Exact(one.term()), f32::MAX);
                Ok(self.slots(vec![(Slot::Exact(one.term()), 0)], 0, zone))
            }
            several => Ok(self.phrase(several, 0, zone)),
        }
    }

    fn pair(&self, slot: Slot) -> Box<dyn Query> {
        Weighed::by(PAIR_WEIGHT, self.term(self.fields.pairs, slot))
    }

    fn term(&self, field: Field, slot: Slot) -> Box<dyn Query> {
        match slot {
            Slot::Exact(term) => {
                Box::new(TermQuery::new(Term::from_field_text(field, &term), IndexRecordOption::WithFreqs))
            }
            slot => Box::new(Slots::word(field, slot)),
        }
    }

    fn word(&mut self, unit: &Unit, zone: Option<&Range<u32>>) -> tantivy::Result<Box<dyn Query>> {
        let found = self.slot(unit)?;
        let telling = found.telling(self.n_docs).unwrap_or_default();
        self.marks.word(unit, &found.slot, telling);
        self.evidence.words += telling * MOST;
        self.evidence.only_terms &= matches!(found.slot, Slot::Exact(_));
        let query = self.slots(vec![(found.slot, 0)], 0, zone);
        let parts = analysis::units(&unit.norm, &mut diembao_text::Syllables::new());
        if unit.width < 2 || parts.len() < 2 {
            return Ok(query);
        }
        self.evidence.only_terms = false;
        self.evidence.words += self.most(&parts)?;
        let parts = self.phrase(&parts, 0, zone);
        Ok(Box::new(Best { each: vec![query, parts] }))
    }

    fn phrase(&mut self, words: &[Unit], slop: u32, zone: Option<&Range<u32>>) -> Box<dyn Query> {
        let mut slots: Vec<(Slot, u32)> = Vec::new();
        let first = words.first().map_or(0, |u| u.position);
        for unit in words.iter().filter(|u| is_single(u)).take(MAX_WORDS) {
            let slot = match unit.is_accented() {
                false if self.folded => Slot::Folded(unit.folded.clone()),
                _ => Slot::Exact(unit.term()),
            };
            self.marks.word(unit, &slot, f32::MAX);
            slots.push((slot, unit.position - first));
        }
        let pairs = if slop == 0 && zone.is_none() { self.inner_pairs(words) } else { Vec::new() };
        if slots.len() == 2 && pairs.len() == 1 {
            return pairs.into_iter().map(|slot| self.term(self.fields.pairs, slot)).collect::<Vec<_>>().remove(0);
        }
        let whole = self.slots(slots, slop, zone);
        if pairs.is_empty() {
            return whole;
        }
        let pairs = pairs.into_iter().map(|slot| (Occur::Must, Weighed::silent(self.term(self.fields.pairs, slot))));
        Box::new(BooleanQuery::new(pairs.chain([(Occur::Must, whole)]).collect()))
    }

    fn prefix(&mut self, unit: &Unit, zone: Option<&Range<u32>>) -> Box<dyn Query> {
        let accents: String = unit.norm.chars().filter(|c| !c.is_ascii()).collect();
        let slot = Slot::Prefix { folded: unit.folded.clone(), accents };
        self.marks.word(unit, &slot, f32::MAX);
        self.slots(vec![(slot, 0)], 0, zone)
    }

    fn slots(&self, mut slots: Vec<(Slot, u32)>, slop: u32, zone: Option<&Range<u32>>) -> Box<dyn Query> {
        let field = self.fields.text;
        if zone.is_none() && slots.len() == 1 {
            return self.term(field, slots.remove(0).0);
        }
        if slots.is_empty() {
            return Box::new(EmptyQuery);
        }
        slots.truncate(MAX_WORDS);
        Box::new(Slots { field, slots, slop, zone: zone.cloned(), read: Read::default() })
    }
}

fn is_plain(nodes: &[Node]) -> bool {
    nodes.len() == 1
}
