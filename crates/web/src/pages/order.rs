//! Where a story must be placed so that it stands before another on the page.
//!
//! A place counts in the whole section, but the page shows a section in groups (fields), whose
//! stories keep the section's order. So each place is tried on a copy of the section.

use std::collections::BTreeMap;

use diembao_news::StoryId;

/// A story of one section as the page shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shown {
    pub(crate) story: StoryId,
    /// What orders it when nobody placed it; greater first.
    pub(crate) score: f32,
    /// Its group on the page.
    pub(crate) group: usize,
}

/// Where somebody put a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Counted from 1.
    pub(crate) at: u32,
    /// How many changes were made before.
    pub(crate) after: usize,
}

/// The place, counted from 1, that puts `story` before `before` (none: last) in its group; none
/// when there is no such place.
pub(crate) fn place_before(
    shown: &[Shown],
    places: &BTreeMap<StoryId, Place>,
    story: StoryId,
    before: Option<StoryId>,
) -> Option<u32> {
    let group = shown.iter().find(|s| s.story == story)?.group;
    let wanted = |order: &[Shown]| {
        let mine: Vec<StoryId> = order.iter().filter(|s| s.group == group).map(|s| s.story).collect();
        let at = mine.iter().position(|s| *s == story);
        at.is_some_and(|at| mine.get(at + 1).copied() == before)
    };
    let mut places = places.clone();
    (1..=u32::try_from(shown.len()).unwrap_or(u32::MAX)).find(|place| {
        places.insert(story, Place { at: *place, after: usize::MAX });
        wanted(&ordered(shown, &places))
    })
}

/// The neighbour a story has to be put before to move one step up or down in its group.
pub(crate) fn step(shown: &[Shown], story: StoryId, down: Down) -> Option<Option<StoryId>> {
    let group = shown.iter().find(|s| s.story == story)?.group;
    let mine: Vec<StoryId> = shown.iter().filter(|s| s.group == group).map(|s| s.story).collect();
    let at = mine.iter().position(|s| *s == story)?;
    match down {
        Down::No => mine.get(at.checked_sub(1)?).copied().map(Some),
        Down::Yes if at + 1 < mine.len() => Some(mine.get(at + 2).copied()),
        Down::Yes => None,
    }
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Down {
    Yes,
    No,
}

/// A section's stories as the digest orders them: by score, then those with a place in theirs, the later
/// before the earlier.
fn ordered(shown: &[Shown], places: &BTreeMap<StoryId, Place>) -> Vec<Shown> {
    let (mut placed, mut order): (Vec<Shown>, Vec<Shown>) =
        shown.iter().copied().partition(|s| places.contains_key(&s.story));
    order.sort_by(|a, b| b.score.total_cmp(&a.score));
    placed.sort_by_key(|s| places.get(&s.story));
    for story in placed {
        let at = places.get(&story.story).map_or(0, |p| (p.at as usize).saturating_sub(1));
        order.insert(at.min(order.len()), story);
    }
    order
}

#[cfg(test)]
mod tests {
    use diembao_news::ArticleId;

    use super::*;

    fn id(n: i64) -> StoryId {
        StoryId::beginning_with(ArticleId::from_i64(n).unwrap())
    }

    fn section(rows: &[(i64, f32, usize)]) -> Vec<Shown> {
        rows.iter().map(|&(n, score, group)| Shown { story: id(n), score, group }).collect()
    }

    #[test]
    fn a_story_goes_before_its_neighbour_also_between_groups() {
        // By score 1, 2, 3, 4; on the page 1, 3 | 2, 4.
        let shown = section(&[(1, 9.0, 0), (3, 7.0, 0), (2, 8.0, 1), (4, 6.0, 1)]);
        let none = BTreeMap::new();
        assert_eq!(place_before(&shown, &none, id(4), Some(id(2))), Some(1));
        assert_eq!(place_before(&shown, &none, id(3), Some(id(1))), Some(1));
        assert_eq!(place_before(&shown, &none, id(1), None), Some(3));
        assert_eq!(place_before(&shown, &none, id(1), Some(id(2))), None, "that one is in another group");
        let placed = BTreeMap::from([(id(4), Place { at: 1, after: 0 })]);
        assert_eq!(place_before(&shown, &placed, id(2), Some(id(4))), Some(1), "who is put first later stands first");
        assert_eq!(place_before(&shown, &placed, id(4), None), Some(3), "until it is put elsewhere");
    }

    #[test]
    fn steps_end_at_the_ends() {
        let shown = section(&[(1, 9.0, 0), (2, 8.0, 0), (3, 7.0, 1)]);
        assert_eq!(step(&shown, id(1), Down::No), None);
        assert_eq!(step(&shown, id(1), Down::Yes), Some(None));
        assert_eq!(step(&shown, id(2), Down::No), Some(Some(id(1))));
        assert_eq!(step(&shown, id(2), Down::Yes), None);
        assert_eq!(step(&shown, id(3), Down::Yes), None, "another group begins");
    }
}
