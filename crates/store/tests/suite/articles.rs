//! Articles, pages, classifications and the queue of the index.

use diembao_news::{ArticleId, Classification, OutletId, Severity, StoryId};
use diembao_store::{Added, NewArticle, Store};

use crate::backend::on_both;
use crate::samples::{article, at, classification, id, page, url};

on_both!(
    articles_come_back_as_they_went_in,
    adding_twice_changes_nothing,
    big_batches_are_stored_whole,
    pages_come_back_byte_for_byte,
    classifications_are_replaced_as_a_whole,
    reset_classifications_are_asked_for_again,
    the_index_is_told_of_every_change,
    all_articles_are_gone_through_once,
);

async fn articles_come_back_as_they_went_in(store: Store, _: String) {
    let mut printed = article(2);
    printed.article.url = None;
    printed.article.id = ArticleId::of_reference(&OutletId::parse("song-lam").unwrap(), "in-5");
    printed.article.reference = Some("in-5".to_owned());
    printed.page = None;
    printed.item = None;
    assert_eq!(store.add_articles(&[article(1), printed.clone()]).await.unwrap(), [Added::New, Added::New]);

    let found = store.article(id(1)).await.unwrap().unwrap();
    let given = article(1).article;
    assert_eq!(format!("{:?}", found.article), format!("{given:?}"));
    assert!(found.classification.is_none() && found.story.is_none());
    assert_eq!(store.article_by_url(&url(1)).await.unwrap().unwrap().article.id, id(1));
    let by_reference = store.article_by_reference("in-5").await.unwrap().unwrap();
    assert_eq!(by_reference.article.url, None);
    assert_eq!(by_reference.article.id, printed.article.id);
    assert!(store.article(id(99)).await.unwrap().is_none());
    assert!(store.article_by_reference("x").await.unwrap().is_none());
    let both = store.articles(&[printed.article.id, id(99), id(1)]).await.unwrap();
    assert_eq!(both.iter().map(|a| a.article.id).collect::<Vec<_>>(), [printed.article.id, id(1)]);
}

async fn adding_twice_changes_nothing(store: Store, _: String) {
    store.add_articles(&[article(1)]).await.unwrap();
    let mut other = article(1);
    other.article.text.title = "Khác".to_owned();
    other.page = Some(page(9));
    assert_eq!(
        store.add_articles(&[other, article(2), article(2)]).await.unwrap(),
        [Added::Known, Added::New, Added::Known]
    );
    assert_eq!(store.article(id(1)).await.unwrap().unwrap().article.text.title, article(1).article.text.title);
    assert_eq!(store.page(id(1)).await.unwrap(), Some(page(1)));
    assert_eq!(store.counts().await.unwrap().articles, 2);
}

async fn big_batches_are_stored_whole(store: Store, _: String) {
    let many: Vec<NewArticle> = (0..333).map(article).collect();
    let added = store.add_articles(&many).await.unwrap();
    assert!(added.iter().all(|a| *a == Added::New));
    let given: Vec<(ArticleId, Classification)> =
        (0..333).map(|n| (id(n), classification("v1", Severity::Orange))).collect();
    store.save_classifications(&given).await.unwrap();
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.articles, counts.health, counts.flagged), (333, 333, 333));
    assert!(store.add_articles(&[]).await.unwrap().is_empty());
}

async fn pages_come_back_byte_for_byte(store: Store, _: String) {
    let mut empty = article(1);
    empty.page.as_mut().unwrap().body = Vec::new();
    let mut binary = article(2);
    binary.page.as_mut().unwrap().body = (0..=255).cycle().take(100_000).collect();
    let body = binary.page.as_ref().unwrap().body.clone();
    store.add_articles(&[empty, binary]).await.unwrap();
    assert!(store.page(id(1)).await.unwrap().unwrap().body.is_empty());
    assert_eq!(store.page(id(2)).await.unwrap().unwrap().body, body);
    assert!(store.page(id(3)).await.unwrap().is_none());
}

async fn classifications_are_replaced_as_a_whole(store: Store, _: String) {
    store.add_articles(&[article(1), article(2)]).await.unwrap();
    let waiting = store.unclassified(10).await.unwrap();
    assert_eq!(waiting.len(), 2);
    assert_eq!(waiting[0].id, id(1));
    assert_eq!(waiting[0].text, article(1).article.text);
    assert_eq!(waiting[0].url.as_deref(), Some(url(1).as_str()));

    let first = classification("v1", Severity::Red);
    store.save_classifications(&[(id(1), first.clone()), (id(99), first.clone())]).await.unwrap();
    assert_eq!(store.article(id(1)).await.unwrap().unwrap().classification, Some(first));
    assert_eq!(store.unclassified(10).await.unwrap().len(), 1);

    let plain = Classification { rules_version: "v2".to_owned(), ..Classification::default() };
    let lighter = classification("v2", Severity::Yellow);
    store.save_classifications(&[(id(1), lighter), (id(1), plain.clone())]).await.unwrap();
    assert_eq!(store.article(id(1)).await.unwrap().unwrap().classification, Some(plain));
    assert_eq!(store.counts().await.unwrap().flagged, 0);
}

async fn reset_classifications_are_asked_for_again(store: Store, _: String) {
    store.add_articles(&[article(1), article(50)]).await.unwrap();
    let given = classification("v1", Severity::Red);
    store.save_classifications(&[(id(1), given.clone()), (id(50), given)]).await.unwrap();
    let story = |n| (id(n), StoryId::beginning_with(id(n)));
    store.save_stories(&[story(1), story(50)], at(60)).await.unwrap();
    assert_eq!(store.waiting_for_story().await.unwrap(), []);
    assert_eq!(store.reset_classifications(at(40)).await.unwrap(), 1);
    let waiting = store.waiting_for_story().await.unwrap();
    assert_eq!(waiting.iter().map(|w| (w.id, w.story)).collect::<Vec<_>>(), [(id(50), Some(story(50).1))]);
    assert_eq!(store.unclassified(10).await.unwrap()[0].id, id(50));
    assert!(store.article(id(1)).await.unwrap().unwrap().classification.is_some());
}

async fn the_index_is_told_of_every_change(store: Store, _: String) {
    store.add_articles(&[article(1), article(2)]).await.unwrap();
    let batch = store.index_batch(10).await.unwrap();
    assert_eq!(batch.len(), 2);
    let versions: Vec<_> = batch.iter().map(|(a, v)| (a.article.id, *v)).collect();
    // A change between reading and marking keeps the article in the queue.
    store.save_classifications(&[(id(1), classification("v1", Severity::Red))]).await.unwrap();
    store.mark_indexed(&versions).await.unwrap();
    assert_eq!(store.waiting_for_index().await.unwrap(), 1);
    let batch = store.index_batch(10).await.unwrap();
    assert_eq!(batch[0].0.article.id, id(1));
    assert!(batch[0].0.classification.is_some());
    store.mark_indexed(&[(id(1), batch[0].1)]).await.unwrap();
    store.mark_indexed(&versions).await.unwrap();
    assert_eq!(store.waiting_for_index().await.unwrap(), 0, "marking an older version does not undo");
    assert_eq!(store.queue_all_for_index().await.unwrap(), 2);
    assert_eq!(store.index_batch(1).await.unwrap().len(), 1);
    assert_eq!(store.waiting_for_index().await.unwrap(), 2);
}

async fn all_articles_are_gone_through_once(store: Store, _: String) {
    let many: Vec<NewArticle> = (0..25).map(article).collect();
    store.add_articles(&many).await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.articles_page(after, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.article.id);
        seen.extend(page.iter().map(|a| a.article.id));
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted());
}
