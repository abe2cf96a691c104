//! Stories, and the merges and splits people make.

use diembao_news::{Severity, StoryId};
use diembao_store::{LinkKind, NewArticle, Round, Store, Waiting, Which};

use crate::backend::on_both;
use crate::samples::{article, at, classification, id};

on_both!(
    only_changes_are_written,
    a_round_is_written_whole_or_not_at_all,
    stories_of_a_window_come_whole,
    people_can_merge_and_split
);

fn story(n: usize) -> StoryId {
    StoryId::beginning_with(id(n))
}

async fn mark_all(store: &Store) {
    let batch = store.index_batch(1000).await.unwrap();
    store.mark_indexed(&batch.iter().map(|(a, v)| (a.article.id, *v)).collect::<Vec<_>>()).await.unwrap();
}

async fn only_changes_are_written(store: Store, _: String) {
    let many: Vec<NewArticle> = (0..5).map(article).collect();
    store.add_articles(&many).await.unwrap();
    assert_eq!(store.waiting_for_story().await.unwrap().len(), 5);
    let given: Vec<_> = (0..5).map(|n| (id(n), story(n / 2 * 2))).collect();
    assert_eq!(store.save_stories(&given, at(10)).await.unwrap(), 5);
    assert_eq!(store.waiting_for_story().await.unwrap(), []);
    mark_all(&store).await;
    assert_eq!(store.save_stories(&given, at(11)).await.unwrap(), 0);
    assert_eq!(store.save_stories(&[(id(3), story(0)), (id(0), story(0))], at(12)).await.unwrap(), 1);
    assert_eq!(store.waiting_for_index().await.unwrap(), 1);
}

async fn a_round_is_written_whole_or_not_at_all(store: Store, _: String) {
    let many: Vec<NewArticle> = (0..4).map(article).collect();
    store.add_articles(&many).await.unwrap();
    let waiting = store.waiting_for_story().await.unwrap();
    let first = Waiting { id: id(0), published: at(0), story: None };
    assert_eq!((waiting.len(), waiting[0]), (4, first));
    let texts = store.texts(&[id(3)]).await.unwrap();
    assert_eq!(texts, [(id(3), article(3).article.text)]);

    let placed = |of: usize, stories: [usize; 2]| -> Vec<_> {
        (of..of + 2).zip(stories).map(|(n, s)| (id(n), story(s), vec![n.try_into().unwrap()])).collect()
    };
    assert_eq!(store.grouping_rounds().await.unwrap(), 0);
    let round = Round { after: 0, placed: placed(0, [0, 1]), united: Vec::new() };
    assert!(store.save_round(round, at(10)).await.unwrap());
    let late = Round { after: 0, placed: placed(2, [2, 3]), united: vec![(story(0), story(2))] };
    assert!(!store.save_round(late, at(11)).await.unwrap(), "another round was faster");
    assert_eq!(store.waiting_for_story().await.unwrap().len(), 2);

    mark_all(&store).await;
    let round = Round { after: 1, placed: placed(2, [0, 3]), united: vec![(story(1), story(0))] };
    assert!(store.save_round(round, at(12)).await.unwrap());
    assert_eq!(store.grouping_rounds().await.unwrap(), 2);
    assert_eq!(store.waiting_for_index().await.unwrap(), 3, "moved articles are indexed again");
    let members = store.members_of(&[story(0), story(1), story(0)]).await.unwrap();
    let seen: Vec<_> = members.iter().map(|m| (m.id, m.story, m.profile.clone())).collect();
    assert_eq!(seen, [0, 1, 2].map(|n| (id(n.into()), story(0), Some(vec![n]))));
    assert_eq!(store.placed_between(at(1), at(3)).await.unwrap().len(), 2);
    assert_eq!(store.sample_texts(at(0), at(10), 3).await.unwrap().len(), 3);
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
    assert_eq!(
        links[0].stories,
        (Some(StoryId::beginning_with(links[0].a)), Some(StoryId::beginning_with(links[0].b)))
    );
    assert_eq!(store.waiting_for_story().await.unwrap().len(), 2, "both are grouped again");
    assert!(store.story(story(1)).await.unwrap().is_some(), "and keep their story until then");
}
