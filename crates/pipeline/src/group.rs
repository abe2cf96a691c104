//! The fourth stage: articles about one event become one story.
//!
//! All articles of the touched stretch of time are grouped together, whatever was decided about
//! them before, so the outcome depends on the articles alone and not on how often or in what
//! portions they arrived. A story keeps its id as long as most of its articles stay together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use diembao_news::{ArticleId, StoryId};
use diembao_store::{GroupRow, LinkKind, StoryLink};
use diembao_stories::{Bond, Constraint, Doc, GroupSettings};

use crate::{Pipeline, RunReport, Stage};

/// Articles further apart than this never meet, so this much around the new ones is looked at.
const REACH: TimeDelta = TimeDelta::days(7);

/// Groups every article that has no story yet, with those around it.
///
/// # Errors
/// When the store fails.
pub async fn group(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Group, None);
    if let Some((from, to)) = p.store.ungrouped_span().await? {
        let rows = p.store.group_rows(from - REACH, to + REACH).await?;
        let links = p.store.person_links().await?;
        run.report.n_in = rows.len() as u64;
        let stories = tokio::task::spawn_blocking(move || assign(&rows, &links)).await?;
        run.report.n_out = stories.iter().map(|(_, story)| story).collect::<HashSet<_>>().len() as u64;
        p.store.save_stories(&stories, p.clock.now()).await?;
        run.advance(stories.len() as u64);
    }
    report.stages.insert(Stage::Group, run.end());
    Ok(())
}

fn assign(rows: &[GroupRow], links: &[StoryLink]) -> Vec<(ArticleId, StoryId)> {
    let docs: Vec<Doc> = rows
        .iter()
        .map(|row| Doc {
            key: row.id.as_i64().unsigned_abs(),
            outlet: row.outlet.as_str(),
            published: Some(row.published),
            text: &row.text,
        })
        .collect();
    let index: HashMap<ArticleId, usize> = rows.iter().enumerate().map(|(i, row)| (row.id, i)).collect();
    let constraints: Vec<Constraint> = links
        .iter()
        .filter_map(|link| {
            let bond = match link.kind {
                LinkKind::Together => Bond::Together,
                LinkKind::Apart => Bond::Apart,
            };
            Some(Constraint { a: *index.get(&link.a)?, b: *index.get(&link.b)?, bond })
        })
        .collect();
    let clusters = diembao_stories::group(&docs, &constraints, &GroupSettings::default());
    name_stories(rows, &clusters)
}

/// Gives each cluster one of the ids its articles have: the one most of them have, if the article
/// it is named after is in the cluster too, or too old to be looked at. A cluster without such an
/// id is named after its first article. No id is given twice.
fn name_stories(rows: &[GroupRow], clusters: &[usize]) -> Vec<(ArticleId, StoryId)> {
    let mut members: BTreeMap<usize, Vec<&GroupRow>> = BTreeMap::new();
    for (row, &cluster) in rows.iter().zip(clusters) {
        members.entry(cluster).or_default().push(row);
    }
    let mut members: Vec<Vec<&GroupRow>> = members.into_values().collect();
    for cluster in &mut members {
        cluster.sort_by_key(|row| (row.published, row.id));
    }
    members.sort_by_key(|cluster| (Reverse(cluster.len()), cluster[0].published, cluster[0].id));
    let looked_at: HashSet<ArticleId> = rows.iter().map(|row| row.id).collect();
    let mut old_names = HashSet::new();
    let mut named = Vec::with_capacity(rows.len());
    for cluster in &members {
        let ids: HashSet<ArticleId> = cluster.iter().map(|row| row.id).collect();
        let may_keep = |story: StoryId| {
            let first = story.first_article();
            ids.contains(&first) || (!looked_at.contains(&first) && !old_names.contains(&story))
        };
        let story = most_common(cluster.iter().filter_map(|row| row.story).filter(|s| may_keep(*s)))
            .unwrap_or_else(|| StoryId::beginning_with(cluster[0].id));
        old_names.insert(story);
        named.extend(cluster.iter().map(|row| (row.id, story)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use diembao_news::{ArticleText, OutletId};

    fn row(n: i64, story: Option<i64>) -> GroupRow {
        let id = |n| ArticleId::from_i64(n).unwrap();
        GroupRow {
            id: id(n),
            outlet: OutletId::parse("bao-thu").unwrap(),
            published: DateTime::from_timestamp(n, 0).unwrap(),
            text: ArticleText::default(),
            health: false,
            story: story.map(|n| StoryId::beginning_with(id(n))),
        }
    }

    #[track_caller]
    fn check(rows: &[GroupRow], clusters: &[usize], expect: &[i64]) {
        let mut named = name_stories(rows, clusters);
        named.sort_by_key(|(id, _)| rows.iter().position(|r| r.id == *id));
        let stories: Vec<i64> = named.iter().map(|(_, s)| s.first_article().as_i64()).collect();
        assert_eq!(stories, expect);
    }

    #[test]
    fn a_new_story_takes_the_id_of_its_first_article() {
        check(&[row(2, None), row(1, None), row(3, None)], &[0, 0, 2], &[1, 1, 3]);
    }

    #[test]
    fn a_story_keeps_its_id_when_an_earlier_article_arrives_late() {
        check(&[row(1, None), row(2, Some(2)), row(3, Some(2))], &[0, 0, 0], &[2, 2, 2]);
    }

    #[test]
    fn a_split_story_leaves_its_id_with_the_article_it_is_named_after() {
        check(&[row(1, Some(1)), row(2, Some(1)), row(3, Some(1))], &[0, 1, 1], &[1, 2, 2]);
    }

    #[test]
    fn a_split_story_named_after_an_old_article_leaves_its_id_to_the_greater_part() {
        check(&[row(11, Some(1)), row(12, Some(1)), row(13, Some(1))], &[0, 1, 1], &[11, 1, 1]);
    }
}
