//! Where a story must be placed so that it stands before another on the page.
//!
//! A place counts in the whole section, but the page shows a section in groups (fields), whose
//! stories keep the section's order. So places are tried on a copy of the section.

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

/// The places, counted from 1, to be given one after the other so that `story` stands before `before` (none:
/// last) in its group and everything else where it stands now; none when there is no such place. Mostly one;
/// more where other stories have places that would be pushed away.
pub(crate) fn places_before(
    shown: &[Shown],
    places: &BTreeMap<StoryId, Place>,
    story: StoryId,
    before: Option<StoryId>,
) -> Option<Vec<(StoryId, u32)>> {
    let wanted = moved(&ordered(shown, places), story, before)?;
    let last = places.values().map(|p| p.after).max().unwrap_or_default();
    let mut places = places.clone();
    let mut given = Vec::new();
    let mut give = |story: StoryId, at: usize, places: &mut BTreeMap<StoryId, Place>| {
        let at = u32::try_from(at + 1).unwrap_or(u32::MAX);
        places.insert(story, Place { at, after: last + 1 + given.len() });
        given.push((story, at));
    };
    let at = |story: StoryId| wanted.iter().position(|s| *s == story);
    give(story, at(story)?, &mut places);
    // Whoever stands wrong first is put right, which only moves those after it; at last everybody has a place.
    for round in 0..wanted.len() * 2 {
        let now = ordered(shown, &places);
        let wrong = now.iter().zip(&wanted).position(|(s, wanted)| s.story != *wanted);
        match wrong {
            None => return Some(given),
            Some(i) if round < wanted.len() => give(wanted[i], i, &mut places),
            Some(_) => give(wanted[round - wanted.len()], round - wanted.len(), &mut places),
        }
    }
    Some(given)
}

/// The section with one story moved.
fn moved(order: &[Shown], story: StoryId, before: Option<StoryId>) -> Option<Vec<StoryId>> {
    let group = order.iter().find(|s| s.story == story)?.group;
    let rest: Vec<Shown> = order.iter().copied().filter(|s| s.story != story).collect();
    let at = match before {
        Some(before) => rest.iter().position(|s| s.story == before && s.group == group)?,
        None => rest.iter().rposition(|s| s.group == group).map_or(0, |last| last + 1),
    };
    let mut wanted: Vec<StoryId> = rest.iter().map(|s| s.story).collect();
    wanted.insert(at, story);
    Some(wanted)
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
        let check = |places: &[(i64, u32)], story, before: Option<i64>, wanted: Option<&[(i64, u32)]>| {
            let places = places.iter().enumerate();
            let places = places.map(|(after, &(n, at))| (id(n), Place { at, after })).collect();
            let wanted = wanted.map(|w| w.iter().map(|&(n, at)| (id(n), at)).collect());
            assert_eq!(places_before(&shown, &places, id(story), before.map(id)), wanted, "{story} before {before:?}");
        };
        check(&[], 4, Some(2), Some(&[(4, 2)]));
        check(&[], 3, Some(1), Some(&[(3, 1)]));
        check(&[], 1, None, Some(&[(1, 3)]));
        check(&[], 1, Some(2), None);
        check(&[(4, 1)], 2, Some(4), Some(&[(2, 1)]));
        check(&[(4, 1)], 4, None, Some(&[(4, 3)]));
        // What stands in a place of its own is passed, and stays where it is.
        check(&[(3, 1)], 1, Some(3), Some(&[(1, 1)]));
        check(&[(3, 2), (1, 1)], 3, Some(1), Some(&[(3, 1)]));
    }

    /// However a section was changed before, a change does what it says and nothing else.
    #[test]
    fn any_change_after_any_changes_moves_one_story_only() {
        let mut random = 7_u64;
        let mut next = |n: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).unwrap() % n
        };
        for _ in 0..60 {
            let rows: Vec<(i64, f32, usize)> = (1..=9).map(|n| (n, 10.0 - n as f32, next(3))).collect();
            let all = section(&rows);
            let mut places = BTreeMap::new();
            for after in 0..20 {
                // As the page shows it: group by group.
                let mut shown = ordered(&all, &places);
                shown.sort_by_key(|s| s.group);
                let story = shown[next(shown.len())];
                let down = if next(2) == 0 { Down::Yes } else { Down::No };
                let Some(before) = step(&shown, story.story, down) else { continue };
                let order = ordered(&all, &places);
                let wanted = moved(&order, story.story, before).unwrap();
                let given = places_before(&shown, &places, story.story, before).unwrap();
                assert!(given.len() <= all.len(), "{given:?}");
                for (i, (story, at)) in given.into_iter().enumerate() {
                    places.insert(story, Place { at, after: after * 100 + i });
                }
                let found: Vec<StoryId> = ordered(&all, &places).iter().map(|s| s.story).collect();
                assert_eq!(found, wanted);
                let mine = |order: &[StoryId]| -> Vec<StoryId> {
                    order
                        .iter()
                        .copied()
                        .filter(|id| all.iter().any(|s| s.story == *id && s.group == story.group))
                        .collect()
                };
                let was: Vec<StoryId> = order.iter().map(|s| s.story).collect();
                let (was, is) = (mine(&was), mine(&found));
                let place =
                    |list: &[StoryId]| i64::try_from(list.iter().position(|id| *id == story.story).unwrap()).unwrap();
                assert_eq!(place(&is) - place(&was), if down == Down::Yes { 1 } else { -1 });
            }
        }
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
