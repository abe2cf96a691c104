//! The stories of the last weeks, against which new articles are laid.
//!
//! An article is compared with the stories that share its terms, found through an inverted index of each
//! story's heaviest terms, never with all. The new articles of a round and the stories they touch
//! are joined together by average link, so a new article can also bring two stories together.
//! What is remembered is a sum over articles: it does not depend on the order in which they came,
//! nor on whether it was kept in memory or read again from the store.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::candidates::candidates;
use crate::cluster::{Input, cluster};
use crate::constraints::resolve;
use crate::event::Marks;
use crate::mass::{Mass, minute};
use crate::profile::{Profile, UNIT};
use crate::{Bond, Constraint, GroupSettings};

/// Heaviest terms of a story by which it is found.
const SALIENT: usize = 16;
/// Stories an article is compared with.
const MAX_STORIES: usize = 30;
/// The share of the threshold that two documents must reach to be compared.
const FLOOR: f32 = 0.25;

/// An article that has no story yet.
#[derive(Debug, Clone, Copy)]
pub struct Fresh<'a> {
    /// A stable id, which breaks ties the same way on every run.
    pub key: u64,
    /// When it was published, if that is known.
    pub published: Option<DateTime<Utc>>,
    /// What it is about.
    pub profile: &'a Profile,
}

/// One side of a person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Party {
    /// A new article, by index.
    Fresh(usize),
    /// A story.
    Story(u64),
}

/// What a person decided about two parties; it wins over every measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decision {
    /// One party.
    pub a: Party,
    /// The other.
    pub b: Party,
    /// What holds between them.
    pub bond: Bond,
}

/// What belongs together after a round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Stories that are one from now on, the one with most articles first. Empty: a new story.
    pub stories: Vec<u64>,
    /// New articles by index, the first published first.
    pub fresh: Vec<usize>,
}

/// The stories of the last weeks.
#[derive(Debug, Default)]
pub struct Recent {
    settings: GroupSettings,
    stories: Vec<Option<Story>>,
    free: Vec<u32>,
    slots: HashMap<u64, u32>,
    /// Which story has which term among its heaviest.
    index: BTreeSet<(u32, u32)>,
    /// Scratch: how much of an article's weight each story shares.
    shared: Vec<u32>,
}

#[derive(Debug)]
struct Story {
    id: u64,
    terms: Terms,
    marks: Marks,
    n: u32,
    minutes: (i64, u32),
    last: i64,
}

/// Most stories are one article.
#[derive(Debug)]
enum Terms {
    One(Profile),
    Many(Vec<(u32, u32)>),
}

impl Story {
    fn mass(&self) -> Mass {
        let terms = match &self.terms {
            Terms::One(profile) => profile.terms().collect(),
            Terms::Many(terms) => terms.clone(),
        };
        Mass::new(terms, self.marks.clone(), self.n, self.minutes)
    }

    fn grown(self, mass: Mass) -> Self {
        let Mass { terms, marks, n, minutes, .. } = mass;
        Self { terms: Terms::Many(terms), marks, n, minutes, ..self }
    }

    fn salient(&self) -> Vec<u32> {
        let mut terms = self.mass().terms;
        let heaviest_first = |a: &(u32, u32), b: &(u32, u32)| b.1.cmp(&a.1).then(a.0.cmp(&b.0));
        if terms.len() > SALIENT {
            terms.select_nth_unstable_by(SALIENT, heaviest_first);
            terms.truncate(SALIENT);
        }
        terms.into_iter().map(|(term, _)| term).collect()
    }

    /// Whether an article of a minute may belong to it; one without a time always may.
    fn is_near(&self, at: &Mass, settings: &GroupSettings) -> bool {
        let reach = f64::from(settings.reach_days) * 1440.0;
        #[expect(clippy::cast_precision_loss, reason = "minutes of centuries are exact")]
        let gap = at.minutes.0.saturating_sub(self.last) as f64;
        at.minutes.1 == 0 || self.minutes.1 == 0 || gap.abs() <= reach
    }
}

impl Recent {
    /// No stories yet.
    #[must_use]
    pub fn new(settings: GroupSettings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// How many stories are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether a story is remembered.
    #[must_use]
    pub fn contains(&self, story: u64) -> bool {
        self.slots.contains_key(&story)
    }

    /// Puts an article into a story, which may be new.
    pub fn place(&mut self, story: u64, published: Option<DateTime<Utc>>, profile: &Profile) {
        let last = published.map_or(i64::MIN, minute);
        let new = Mass::of(profile, published);
        let Some(mut old) = self.take(story) else {
            let terms = Terms::One(profile.clone());
            return self.put(Story { id: story, terms, marks: new.marks, n: 1, minutes: new.minutes, last });
        };
        let mut mass = old.mass();
        mass.add(&new);
        old.last = old.last.max(last);
        self.put(old.grown(mass));
    }

    /// Makes one story part of another.
    pub fn unite(&mut self, from: u64, into: u64) {
        if from == into || !self.contains(into) {
            return;
        }
        let (Some(from), Some(into)) = (self.take(from), self.take(into)) else { return };
        let mut mass = into.mass();
        mass.add(&from.mass());
        let last = into.last.max(from.last);
        self.put(Story { last, ..into.grown(mass) });
    }

    /// Forgets a story.
    pub fn remove(&mut self, story: u64) {
        self.take(story);
    }

    /// Forgets the stories whose last article is older.
    pub fn forget_before(&mut self, at: DateTime<Utc>) {
        let at = minute(at);
        let old: Vec<u64> =
            self.stories.iter().flatten().filter(|s| s.minutes.1 > 0 && s.last < at).map(|s| s.id).collect();
        old.into_iter().for_each(|id| self.remove(id));
    }

    /// What new articles belong to: each is in exactly one group. Nothing is remembered of them before they are placed.
    ///
    /// Of decisions that contradict each other the later wins. Those about parties that are not
    /// there are passed over.
    pub fn group(&mut self, fresh: &[Fresh<'_>], decisions: &[Decision]) -> Vec<Group> {
        let mut order: Vec<usize> = (0..fresh.len()).collect();
        order.sort_by_key(|&i| (fresh[i].published.is_none(), fresh[i].published, fresh[i].key));
        let mut nodes: Vec<Mass> = order.iter().map(|&i| Mass::of(fresh[i].profile, fresh[i].published)).collect();
        let mut pairs = self.pairs_among(&nodes);
        let touched = self.touched(&nodes, decisions);
        for (at, (story, by)) in (nodes.len()..).zip(&touched) {
            nodes.extend(self.story(*story).map(Story::mass));
            pairs.extend(by.iter().map(|&i| (i, at)));
        }
        let stories: Vec<u64> = touched.into_keys().collect();
        let constraints = constraints(&order, &stories, decisions);
        let ranks: Vec<usize> = (0..nodes.len()).collect();
        let decided = resolve(nodes.len(), &constraints, &ranks);
        let settings = if self.is_empty() { self.settings.at_once() } else { self.settings };
        let owner = cluster(&Input { nodes, pairs }, &decided, &settings);
        self.groups(&order, &stories, &owner)
    }

    fn pairs_among(&self, nodes: &[Mass]) -> Vec<(usize, usize)> {
        let reach = f64::from(self.settings.reach_days);
        let near = |a: usize, b: usize| match (nodes[a].day(), nodes[b].day()) {
            (Some(a), Some(b)) => (a - b).abs() <= reach,
            _ => true,
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a small number")]
        let floor = (self.settings.threshold * FLOOR * 255.0 * 255.0) as u32;
        candidates(nodes, floor.min(UNIT * UNIT), &near)
    }

    /// The stories that share terms with new articles, each with these; and those people spoke of.
    fn touched(&mut self, nodes: &[Mass], decisions: &[Decision]) -> BTreeMap<u64, Vec<usize>> {
        let mut touched: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (i, node) in nodes.iter().enumerate() {
            for story in self.nearest(node) {
                touched.entry(story).or_default().push(i);
            }
        }
        for decision in decisions {
            let is_about_stories = matches!((decision.a, decision.b), (Party::Story(_), Party::Story(_)));
            if is_about_stories && decision.bond == Bond::Apart {
                continue;
            }
            for party in [decision.a, decision.b] {
                if let Party::Story(story) = party
                    && self.contains(story)
                {
                    touched.entry(story).or_default();
                }
            }
        }
        touched
    }

    /// The stories that share most of an article's weight among their heaviest terms.
    fn nearest(&mut self, article: &Mass) -> Vec<u64> {
        self.shared.resize(self.stories.len(), 0);
        let mut met = Vec::new();
        for &(term, weight) in &article.terms {
            for &(_, place) in self.index.range((term, 0)..=(term, u32::MAX)) {
                let shared = &mut self.shared[place as usize];
                if *shared == 0 {
                    met.push(place);
                }
                *shared += weight * weight;
            }
        }
        let shared = &mut self.shared;
        let mut found: Vec<(u32, u64)> = met
            .into_iter()
            .filter_map(|place| {
                let weight = std::mem::take(&mut shared[place as usize]);
                let story = self.stories[place as usize].as_ref()?;
                story.is_near(article, &self.settings).then_some((weight, story.id))
            })
            .collect();
        let best_first = |a: &(u32, u64), b: &(u32, u64)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
        if found.len() > MAX_STORIES {
            found.select_nth_unstable_by(MAX_STORIES, best_first);
            found.truncate(MAX_STORIES);
        }
        found.into_iter().map(|(_, id)| id).collect()
    }

    fn groups(&self, order: &[usize], stories: &[u64], owner: &[usize]) -> Vec<Group> {
        let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
        for (node, first) in owner.iter().enumerate() {
            let group = groups.entry(*first).or_default();
            match node.checked_sub(order.len()) {
                None => group.fresh.push(order[node]),
                Some(at) => group.stories.push(stories[at]),
            }
        }
        groups
            .into_values()
            .map(|mut group| {
                let size = |id: u64| self.story(id).map_or(0, |s| s.n);
                group.stories.sort_by_key(|&id| (std::cmp::Reverse(size(id)), id));
                group
            })
            .filter(|group| !group.fresh.is_empty() || group.stories.len() > 1)
            .collect()
    }

    fn story(&self, id: u64) -> Option<&Story> {
        self.stories[*self.slots.get(&id)? as usize].as_ref()
    }

    fn take(&mut self, id: u64) -> Option<Story> {
        let place = self.slots.remove(&id)?;
        let story = self.stories[place as usize].take()?;
        for term in story.salient() {
            self.index.remove(&(term, place));
        }
        self.free.push(place);
        Some(story)
    }

    fn put(&mut self, story: Story) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.stories.push(None);
            u32::try_from(self.stories.len() - 1).expect("fewer stories than 2^32 fit in memory")
        });
        self.index.extend(story.salient().into_iter().map(|term| (term, place)));
        self.slots.insert(story.id, place);
        self.stories[place as usize] = Some(story);
    }
}

/// Decisions by node: new articles in their order, then stories.
fn constraints(order: &[usize], stories: &[u64], decisions: &[Decision]) -> Vec<Constraint> {
    let mut rank = vec![usize::MAX; order.len()];
    order.iter().enumerate().for_each(|(r, &i)| rank[i] = r);
    let node = |party: Party| match party {
        Party::Fresh(i) => rank.get(i).copied(),
        Party::Story(id) => stories.binary_search(&id).ok().map(|at| order.len() + at),
    };
    decisions.iter().filter_map(|d| Some(Constraint { a: node(d.a)?, b: node(d.b)?, bond: d.bond })).collect()
}
