//! Stories, and the merges and splits people make.

use diembao_news::{Severity, StoryId};
use diembao_store::{LinkKind, NewArticle, Store, Which};

use crate::backend::on_both;
use crate::samples::{article, at, classification, id};

on_both!(only_changes_are_written, stories_of_a_window_come_whole, people_can_merge_and_split);

fn story(n: usize) -> StoryId {
    StoryId::beginning_with(id(n))
}

async fn mark_all(store: &Store) {
    let batch = store.index_batch(1000).await.unwrap();
    store.mark_indexed(&batch.iter().map(|(a, v)| (a.article.id, *v)).collect::<Vec<_>>()).await.unwrap();
}

async fn only_changes_are_written(store: Store, _: String) {
    assert_eq!(store.ungrouped_span().await.unwrap(), None);
    let many: Vec<NewArticle> = (0..5).map(article).collect();
    store.add_articles(&many).await.unwrap();
    assert_eq!(store.ungrouped_span().await.unwrap(), Some((at(0), at(4))));
    let rows = store.group_rows(at(1), at(3)).await.unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].text, article(1).article.text);
    assert!(rows.iter().all(|r| r.story.is_none() && !r.health));

    let given: Vec<_> = (0..5).map(|n| (id(n), story(n / 2 * 2))).collect();
    assert_eq!(store.save_stories(&given, at(10)).await.unwrap(), 5);
    assert_eq!(store.ungrouped_span().await.unwrap(), None);
    mark_all(&store).await;
    assert_eq!(store.save_stories(&given, at(11)).await.unwrap(), 0);
    assert_eq!(store.save_stories(&[(id(3), story(0)), (id(0), story(0))], at(12)).await.unwrap(), 1);
    assert_eq!(store.waiting_for_index().await.unwrap(), 1);
    assert_eq!(store.group_rows(at(3), at(3)).await.unwrap()[0].story, Some(story(0)));
}

async fn stories_of_a_window_come_whole(store: Store, _: String) {
    let many: Vec<NewArticle> = (0..6).map(article).collect();
    store.add_articles(&many).await.unwrap();
    let given: Vec<_> = [(0, 0), (1, 1), (4, 0), (5, 5)].map(|(n, s)| (id(n), story(s))).to_vec();
    store.save_stories(&given, at(10)).await.unwrap();
    store.save_classifications(&[(id(4), classification("v1", Severity::Red))]).await.unwrap();
    // Articles are first seen two minutes after their publication.
    let stories = store.stories_between(at(5), at(8), Which::All).await.unwrap();
    let mut ids: Vec<_> = stories.iter().map(|s| (s.id, s.articles.len())).collect();
    ids.sort_by_key(|(s, _)| *s != story(0));
    assert_eq!(ids, [(story(0), 2), (story(5), 1)]);
    let health = store.stories_between(at(5), at(8), Which::Health).await.unwrap();
    assert_eq!(health.len(), 1);
    let order: Vec<_> = health[0].articles.iter().map(|a| a.article.id).collect();
    assert_eq!(order, [id(0), id(4)], "the first published first");
    assert!(health[0].articles[1].classification.is_some());
    assert!(store.stories_between(at(5), at(6), Which::Health).await.unwrap().is_empty(), "the cut-off is excluded");
    assert_eq!(store.story(story(0)).await.unwrap().unwrap().articles.len(), 2);
    assert!(store.story(story(3)).await.unwrap().is_none());
}

async fn people_can_merge_and_split(store: Store, _: String) {
    store.add_articles(&[article(1), article(2)]).await.unwrap();
    store.save_stories(&[(id(1), story(1)), (id(2), story(2))], at(10)).await.unwrap();
    store.add_links(&[(id(2), id(1))], LinkKind::Together, "lan", at(20)).await.unwrap();
    store.add_links(&[(id(1), id(2))], LinkKind::Apart, "minh", at(21)).await.unwrap();
    let links = store.person_links().await.unwrap();
    assert_eq!(links.len(), 1);
    assert!(links[0].a < links[0].b);
    assert_eq!((links[0].kind, links[0].who.as_str(), links[0].at), (LinkKind::Apart, "minh", at(21)));
    assert_eq!(store.ungrouped_span().await.unwrap(), Some((at(1), at(2))), "both are grouped again");
    assert!(store.story(story(1)).await.unwrap().is_some(), "and keep their story until then");
}
