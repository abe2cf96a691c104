//! One round of grouping on paper: which articles are laid out, what people said of them, and what their stories are
//! called. Pure: articles and stories in, stories out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, StoryId};
use diembao_store::{LinkKind, Member, StoryLink, Waiting};
use diembao_stories::{Bond, Decision, Fresh, Group, Party, Profile, Recent};

use crate::group::name;

/// What lies on the table in one round.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// Articles to be laid.
    pieces: Vec<Piece>,
    /// Articles of stories that stay as they are but for what joins them.
    kept: Vec<Member>,
    /// Articles whose text has changed or was never read.
    pub(crate) unread: Vec<ArticleId>,
    links: Vec<StoryLink>,
}

/// An article to be laid.
#[derive(Debug, Clone)]
struct Piece {
    id: ArticleId,
    published: DateTime<Utc>,
    /// The story it had.
    had: Option<StoryId>,
    profile: Option<Vec<u8>>,
}

/// What a round decided.
#[derive(Debug, Default)]
pub(crate) struct Laid {
    /// Articles with their stories and profiles.
    pub(crate) placed: Vec<Member>,
    /// Stories that are part of another from now on.
    pub(crate) united: Vec<(StoryId, StoryId)>,
}

/// The stories a round has to know in full: those of its articles, and those people named together with these.
pub(crate) fn concerned(next: &[Waiting], links: &[StoryLink]) -> Vec<StoryId> {
    let ids: HashSet<ArticleId> = next.iter().map(|w| w.id).collect();
    let touching = links.iter().filter(|link| ids.contains(&link.a) || ids.contains(&link.b));
    let named = touching.flat_map(|link| [link.stories.0, link.stories.1]);
    next.iter().map(|w| w.story).chain(named).flatten().collect()
}

impl Sheet {
    /// An article that had a story stays in it, unless it was all of it, or people disagree with it: then the
    /// story is laid out anew.
    pub(crate) fn of(next: &[Waiting], members: Vec<Member>, links: Vec<StoryLink>) -> Self {
        let ids: HashSet<ArticleId> = next.iter().map(|w| w.id).collect();
        let disputed = disputed(&ids, &links);
        let mut sheet = Self { links, unread: next.iter().map(|w| w.id).collect(), ..Self::default() };
        for w in next.iter().filter(|w| w.story.is_none()) {
            sheet.pieces.push(Piece { id: w.id, published: w.published, had: None, profile: None });
        }
        let mut sizes: HashMap<StoryId, usize> = HashMap::new();
        members.iter().for_each(|m| *sizes.entry(m.story).or_default() += 1);
        for member in members {
            let is_all = sizes[&member.story] == 1 && ids.contains(&member.id);
            if !is_all && !disputed.contains(&member.story) {
                sheet.kept.push(member);
                continue;
            }
            if member.profile.is_none() && !ids.contains(&member.id) {
                sheet.unread.push(member.id);
            }
            let Member { id, published, story, profile } = member;
            sheet.pieces.push(Piece { id, published, had: Some(story), profile });
        }
        sheet
    }
}

/// The stories that cannot stay as they are after what people said of articles of this round.
fn disputed(ids: &HashSet<ArticleId>, links: &[StoryLink]) -> HashSet<StoryId> {
    let mut disputed = HashSet::new();
    for link in links.iter().filter(|link| ids.contains(&link.a) || ids.contains(&link.b)) {
        let (Some(a), Some(b)) = link.stories else { continue };
        let is_split_across = || {
            let across = |l: &StoryLink| l.stories == (Some(a), Some(b)) || l.stories == (Some(b), Some(a));
            links.iter().any(|l| l.kind == LinkKind::Apart && across(l))
        };
        match link.kind {
            LinkKind::Apart if a == b => disputed.extend([a]),
            LinkKind::Together if a != b && is_split_across() => disputed.extend([a, b]),
            _ => {}
        }
    }
    disputed
}

/// Lays the articles of a round against the recent stories, and puts them there. `read` is what the unread ones say.
pub(crate) fn lay(sheet: &Sheet, read: &HashMap<ArticleId, Profile>, recent: &mut Recent) -> Laid {
    let profile = |id: ArticleId, kept: Option<&[u8]>| {
        read.get(&id).cloned().or_else(|| Profile::from_bytes(kept?)).unwrap_or_default()
    };
    let lifted = sheet.kept.iter().map(|m| m.story).chain(sheet.pieces.iter().filter_map(|p| p.had));
    lifted.for_each(|story| recent.remove(name(story)));
    for member in &sheet.kept {
        let profile = profile(member.id, member.profile.as_deref());
        recent.place(name(member.story), Some(member.published), &profile);
    }
    let profiles: Vec<Profile> = sheet.pieces.iter().map(|p| profile(p.id, p.profile.as_deref())).collect();
    let fresh: Vec<Fresh<'_>> = sheet
        .pieces
        .iter()
        .zip(&profiles)
        .map(|(p, profile)| Fresh { key: p.id.as_i64().unsigned_abs(), published: Some(p.published), profile })
        .collect();
    let groups = recent.group(&fresh, &decisions(sheet));
    let mut laid = Laid::default();
    for (story, group) in named(&sheet.pieces, groups) {
        for &other in group.stories.iter().skip(1) {
            recent.unite(other, name(story));
            laid.united.push((story_named(other), story));
        }
        for i in group.fresh {
            let (Piece { id, published, .. }, profile) = (&sheet.pieces[i], &profiles[i]);
            recent.place(name(story), Some(*published), profile);
            laid.placed.push(Member { id: *id, published: *published, story, profile: Some(profile.to_bytes()) });
        }
    }
    let now_in: HashMap<StoryId, StoryId> = laid.united.iter().copied().collect();
    let changed: HashSet<ArticleId> = sheet.unread.iter().copied().collect();
    for member in sheet.kept.iter().filter(|m| changed.contains(&m.id)) {
        let story = now_in.get(&member.story).copied().unwrap_or(member.story);
        let profile = Some(profile(member.id, member.profile.as_deref()).to_bytes());
        laid.placed.push(Member { story, profile, ..*member });
    }
    laid
}

/// What people said, of the articles to be laid and of stories; the oldest first.
fn decisions(sheet: &Sheet) -> Vec<Decision> {
    let places: HashMap<ArticleId, usize> = sheet.pieces.iter().enumerate().map(|(i, p)| (p.id, i)).collect();
    let party = |id: ArticleId, story: Option<StoryId>| match places.get(&id) {
        Some(&i) => Some(Party::Fresh(i)),
        None => story.map(|story| Party::Story(name(story))),
    };
    let decision = |link: &StoryLink| {
        let (a, b) = (party(link.a, link.stories.0)?, party(link.b, link.stories.1)?);
        let bond = match link.kind {
            LinkKind::Together => Bond::Together,
            LinkKind::Apart => Bond::Apart,
        };
        (a != b).then_some(Decision { a, b, bond })
    };
    sheet.links.iter().filter_map(decision).collect()
}

/// Gives each group its story. One that holds stories is the greatest of them. Otherwise it is the one most of its
/// articles had, if the article that is named after is in the group too, or not on the table. A group
/// without such a story is named after its first article. No name is given twice.
fn named(pieces: &[Piece], mut groups: Vec<Group>) -> Vec<(StoryId, Group)> {
    groups.sort_by_key(|g| {
        (g.stories.is_empty(), Reverse(g.fresh.len()), g.fresh.first().map(|&i| (pieces[i].published, pieces[i].id)))
    });
    let on_table: HashSet<ArticleId> = pieces.iter().map(|p| p.id).collect();
    let mut given = HashSet::new();
    let mut named = Vec::with_capacity(groups.len());
    for group in groups {
        let ids: HashSet<ArticleId> = group.fresh.iter().map(|&i| pieces[i].id).collect();
        let may_keep = |story: &StoryId| {
            let first = story.first_article();
            ids.contains(&first) || (!on_table.contains(&first) && !given.contains(story))
        };
        let story = match (group.stories.first(), group.fresh.first()) {
            (Some(&story), _) => story_named(story),
            (None, Some(&first)) => most_common(group.fresh.iter().filter_map(|&i| pieces[i].had).filter(may_keep))
                .unwrap_or_else(|| StoryId::beginning_with(pieces[first].id)),
            (None, None) => continue,
        };
        given.insert(story);
        named.push((story, group));
    }
    named
}

fn most_common(stories: impl Iterator<Item = StoryId>) -> Option<StoryId> {
    let mut votes: BTreeMap<StoryId, usize> = BTreeMap::new();
    for story in stories {
        *votes.entry(story).or_default() += 1;
    }
    votes.into_iter().max_by_key(|&(story, n)| (n, Reverse(story))).map(|(story, _)| story)
}

fn story_named(name: u64) -> StoryId {
    let id = i64::try_from(name).ok().and_then(|n| ArticleId::from_i64(n).ok());
    StoryId::beginning_with(id.expect("every name was made from a story"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: i64) -> ArticleId {
        ArticleId::from_i64(n).unwrap()
    }

    fn story(n: i64) -> StoryId {
        StoryId::beginning_with(id(n))
    }

    fn at(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(n, 0).unwrap()
    }

    fn member(n: i64, of: i64) -> Member {
        Member { id: id(n), published: at(n), story: story(of), profile: Some(vec![]) }
    }

    fn waiting(n: i64, had: Option<i64>) -> Waiting {
        Waiting { id: id(n), published: at(n), story: had.map(story) }
    }

    fn link(a: (i64, i64), b: (i64, i64), kind: LinkKind) -> StoryLink {
        let stories = (Some(story(a.1)), Some(story(b.1)));
        StoryLink { a: id(a.0), b: id(b.0), kind, who: "lan".into(), at: at(0), stories }
    }

    fn ids(pieces: &[Piece]) -> Vec<i64> {
        pieces.iter().map(|p| p.id.as_i64()).collect()
    }

    #[track_caller]
    fn check(pieces: &[(i64, Option<i64>)], groups: &[&[usize]], expect: &[i64]) {
        let pieces: Vec<Piece> = pieces
            .iter()
            .map(|&(n, had)| Piece { id: id(n), published: at(n), had: had.map(story), profile: None })
            .collect();
        let groups = groups.iter().map(|g| Group { stories: vec![], fresh: g.to_vec() }).collect();
        let mut found = vec![0; pieces.len()];
        for (story, group) in named(&pieces, groups) {
            group.fresh.iter().for_each(|&i| found[i] = story.first_article().as_i64());
        }
        assert_eq!(found, expect);
    }

    #[test]
    fn a_new_story_takes_the_id_of_its_first_article() {
        check(&[(2, None), (1, None), (3, None)], &[&[1, 0], &[2]], &[1, 1, 3]);
    }

    #[test]
    fn a_story_keeps_its_id_when_an_earlier_article_arrives_late() {
        check(&[(1, None), (2, Some(2)), (3, Some(2))], &[&[0, 1, 2]], &[2, 2, 2]);
    }

    #[test]
    fn a_split_story_leaves_its_id_with_the_article_it_is_named_after() {
        check(&[(1, Some(1)), (2, Some(1)), (3, Some(1))], &[&[0], &[1, 2]], &[1, 2, 2]);
    }

    #[test]
    fn a_split_story_named_after_an_old_article_leaves_its_id_to_the_greater_part() {
        check(&[(11, Some(1)), (12, Some(1)), (13, Some(1))], &[&[0], &[1, 2]], &[11, 1, 1]);
    }

    #[test]
    fn a_changed_text_moves_nothing_but_a_story_of_its_own() {
        let members = vec![member(1, 1), member(2, 1), member(5, 5)];
        let sheet = Sheet::of(&[waiting(2, Some(1)), waiting(5, Some(5)), waiting(7, None)], members, vec![]);
        assert_eq!(ids(&sheet.pieces), [7, 5]);
        assert_eq!(sheet.kept.len(), 2);
        assert_eq!(sheet.unread, [id(2), id(5), id(7)]);
    }

    #[test]
    fn a_split_lays_the_story_out_and_a_merge_does_not() {
        let members = || vec![member(1, 1), member(2, 1), member(3, 3), member(4, 3)];
        let both = [waiting(1, Some(1)), waiting(3, Some(3))];
        let merge = Sheet::of(&both, members(), vec![link((1, 1), (3, 3), LinkKind::Together)]);
        assert_eq!((merge.pieces.len(), merge.kept.len()), (0, 4));
        let of_one = [waiting(1, Some(1)), waiting(2, Some(1))];
        let split = Sheet::of(&of_one, members(), vec![link((1, 1), (2, 1), LinkKind::Apart)]);
        assert_eq!((ids(&split.pieces), split.kept.len()), (vec![1, 2], 2));
        let across = vec![link((2, 1), (4, 3), LinkKind::Apart), link((1, 1), (3, 3), LinkKind::Together)];
        assert_eq!(Sheet::of(&both, members(), across).pieces.len(), 4);
    }

    #[test]
    fn a_merge_of_two_stories_moves_one_into_the_other() {
        let (a, b) = ([waiting(1, Some(1)), waiting(3, Some(3))], vec![member(1, 1), member(2, 1), member(3, 3)]);
        let links = vec![link((1, 1), (3, 3), LinkKind::Together)];
        assert_eq!(concerned(&a, &links), [story(1), story(3), story(1), story(3)]);
        let sheet = Sheet::of(&a, b, links);
        let read = HashMap::from([(id(1), Profile::default()), (id(3), Profile::default())]);
        let mut recent = Recent::default();
        let laid = lay(&sheet, &read, &mut recent);
        let placed: Vec<(i64, StoryId)> = laid.placed.iter().map(|m| (m.id.as_i64(), m.story)).collect();
        assert_eq!(placed, [(3, story(1)), (1, story(1))]);
        assert_eq!((laid.united, recent.len()), (vec![], 1));
    }
}
