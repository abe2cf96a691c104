//! Where the best matches of a query are nearly always found, and what all others score at the most.

use tantivy::query::{BooleanQuery, Occur, Query};

use crate::clauses::again;
use crate::tree::Node;
use crate::wrap::Weighed;

/// What is known of the matches' scores before any is read.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// The pairs of neighbours, and what each scores at the most.
    pub(crate) pairs: Vec<(f32, Box<dyn Query>)>,
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
    /// Where the best matches of a query are, all of whose clauses are given; none when they may be anywhere.
    pub(crate) fn lead(self, root: &Node, clauses: &[(Occur, Box<dyn Query>)]) -> Option<Lead> {
        let Node::Group(nodes) = root else { return None };
        if self.pairs.is_empty() || !nodes.iter().all(Node::scores_by_words) {
            return None;
        }
        let mut steps = Vec::new();
        if self.only_terms && nodes.len() == 1 {
            // Of terms all of which must be there the engine passes over blocks that cannot win.
            let all = clauses.iter().map(|(_, query)| (Occur::Must, query.box_clone()));
            let each = self.pairs.iter().map(|(most, _)| *most);
            let least = each.clone().fold(f32::MAX, f32::min);
            let ceiling = self.words + each.sum::<f32>() - least;
            steps.push(Step { query: Box::new(BooleanQuery::new(all.collect())), ceiling });
        }
        if steps.is_empty() || self.pairs.len() > 1 {
            let pairs = self.pairs.into_iter().map(|(_, pair)| (Occur::Should, pair)).collect();
            let pairs = Weighed::silent(Box::new(BooleanQuery::new(pairs)));
            let all: Box<dyn Query> = Box::new(BooleanQuery::new(again(clauses)));
            let query = Box::new(BooleanQuery::new(vec![(Occur::Must, pairs), (Occur::Must, all)]));
            steps.push(Step { query, ceiling: self.words });
        }
        let words = again(clauses).into_iter().filter(|(occur, _)| *occur != Occur::Should);
        Some(Lead { steps, words: Some(Box::new(BooleanQuery::new(words.collect()))) })
    }
}

/// Where the best matches are looked for first.
#[derive(Debug)]
pub(crate) struct Lead {
    /// The matches with all pairs, those with any pair; each wider than the one before.
    pub(crate) steps: Vec<Step>,
    /// Scores the matches without any pair as the whole query does; none when the last step has left no others.
    pub(crate) words: Option<Box<dyn Query>>,
}

/// Some of the matches.
#[derive(Debug)]
pub(crate) struct Step {
    /// Scores them.
    pub(crate) query: Box<dyn Query>,
    /// No other match scores more.
    pub(crate) ceiling: f32,
}

impl Lead {
    /// The best matches may be anywhere.
    pub(crate) fn anywhere(query: &dyn Query) -> Self {
        Self { steps: vec![Step { query: query.box_clone(), ceiling: 0.0 }], words: None }
    }
}
