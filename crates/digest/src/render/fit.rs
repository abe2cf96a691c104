//! What fits: which items are told in full, which as a line, which not at all.

use crate::{EditionView, Section};

/// Items of every section that come before anything else.
const FIRST_OF_SECTION: usize = 3;

/// How an item is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// In its section.
    Full,
    /// As a line.
    Line,
    /// Only counted; told elsewhere.
    Counted,
}

/// The level of every item, by section, group and item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit(Vec<Vec<Vec<Level>>>);

/// The sizes of one item's two forms, in bytes of a mail or points of a page.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Told in full.
    pub full: usize,
    /// As a line.
    pub line: usize,
}

/// Section, group and item.
type Place = (usize, usize, usize);

impl Fit {
    /// How an item is shown.
    #[must_use]
    pub fn level(&self, section: usize, group: usize, item: usize) -> Level {
        self.0[section][group][item]
    }

    /// How many items of a section are shown in a way.
    #[must_use]
    pub fn n(&self, section: usize, level: Level) -> usize {
        self.0[section].iter().flatten().filter(|&&l| l == level).count()
    }

    /// Chooses levels so that the full items stay within `room_full` and all within `room`; `sizes` is by section, group and item.
    ///
    /// The first items of every section come first, then warnings, then the greatest scores; once one item does not fit, no later one
    /// is told in full, so that what is left out is always what weighs less.
    #[must_use]
    pub fn choose(view: &EditionView, sizes: &[Vec<Vec<Sizes>>], room_full: usize, room: usize) -> Self {
        let mut levels: Vec<Vec<Vec<Level>>> =
            sizes.iter().map(|s| s.iter().map(|g| vec![Level::Counted; g.len()]).collect()).collect();
        let mut used = 0;
        let mut best = Level::Full;
        for (s, g, i) in by_weight(view) {
            let size = sizes[s][g][i];
            if best == Level::Full && used + size.full > room_full.min(room) {
                best = Level::Line;
            }
            if best == Level::Line && used + size.line > room {
                best = Level::Counted;
            }
            used += match best {
                Level::Full => size.full,
                Level::Line => size.line,
                Level::Counted => 0,
            };
            levels[s][g][i] = best;
        }
        Self(levels)
    }
}

/// The first items of every section, then warnings, then the rest, each by score.
fn by_weight(view: &EditionView) -> Vec<Place> {
    let mut all: Vec<((u8, i64), Place)> = Vec::new();
    for (s, section) in view.sections.iter().enumerate() {
        let warned = matches!(section.section, Section::Attention | Section::Misinformation);
        let mut mine: Vec<(i64, Place)> = Vec::new();
        for (g, group) in section.groups.iter().enumerate() {
            for (i, item) in group.items.iter().enumerate() {
                #[expect(clippy::cast_possible_truncation, reason = "scores are below a thousand")]
                let thousandths = (item.score.total() * 1000.0) as i64;
                mine.push((-thousandths, (s, g, i)));
            }
        }
        mine.sort_unstable();
        let class = |rank: usize| {
            if rank < FIRST_OF_SECTION { 0 } else { 2 - u8::from(warned) }
        };
        all.extend(mine.into_iter().enumerate().map(|(rank, (weight, place))| ((class(rank), weight), place)));
    }
    all.sort_unstable();
    all.into_iter().map(|(_, place)| place).collect()
}
