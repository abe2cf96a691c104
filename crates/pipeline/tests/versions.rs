//! Pages under the desk's eye are looked at again, and what was fetched can be read again without the network.

mod support;

use chrono::TimeDelta;
use diembao_news::{Article, ArticleText};
use diembao_pipeline::RunReport;
use diembao_store::Change;
use support::{Reply, World, at, feed, not_found, ok, reply};

const SENTENCES: &str = "<p>Sáng 1/11, 32 học sinh một trường tiểu học nhập viện cấp cứu vì ngộ độc thực phẩm sau bữa \
    ăn bán trú.</p><p>Bệnh viện đa khoa tỉnh cho biết một học sinh tử vong, ba em còn nguy kịch, các em khác đã qua \
    cơn nguy hiểm.</p><p>Chi cục An toàn vệ sinh thực phẩm đã lấy mẫu thức ăn và đình chỉ bếp ăn của trường.</p>";

fn page(body: &str) -> Reply {
    ok(format!(
        "<html><head><title>32 học sinh ngộ độc thực phẩm, một em tử vong</title></head><body><article>\
         <h1>32 học sinh ngộ độc thực phẩm, một em tử vong</h1>{body}</article></body></html>"
    ))
}

async fn world() -> World {
    World::start(|seen| match seen.path.as_str() {
        "/rss" => ok(feed(&seen.host, [1])),
        "/tin-1.html" if seen.at < at(10) => page(SENTENCES),
        "/tin-1.html" if seen.at < at(50) && seen.header("if-none-match") == Some("\"2\"") => {
            reply("304 Not Modified", &[], "")
        }
        "/tin-1.html" if seen.at < at(50) => {
            let (status, mut headers, body) = page(&SENTENCES.replace("một học sinh tử vong", "hai học sinh tử vong"));
            headers.push(("ETag", "\"2\"".to_owned()));
            (status, headers, body)
        }
        "/tin-1.html" if seen.at < at(500) => reply("302 Found", &[("Location", "/")], ""),
        "/tin-1.html" => page(SENTENCES),
        "/" => ok("<html><body>Trang chủ</body></html>"),
        _ => not_found(),
    })
    .await
}

#[tokio::test]
async fn a_flagged_page_is_looked_at_four_times_and_every_change_is_kept() {
    let world = world().await;
    let (p, intake) = world.home(&["bao"]).await;
    let mut report = RunReport::default();
    diembao_pipeline::gather(&p, &intake, &mut report).await.unwrap();
    diembao_pipeline::absorb(&p, &mut report).await.unwrap();
    let id = p.store.articles_page(None, 9).await.unwrap()[0].article.id;
    let mut notices = Vec::new();
    for minute in [5, 15, 20, 60, 120, 360, 700, 1440, 3000] {
        world.until(at(minute)).await;
        let mut report = RunReport::default();
        diembao_pipeline::gather(&p, &intake, &mut report).await.unwrap();
        notices.extend(report.notices);
    }
    let looks: Vec<i64> = world.seen("/tin-1.html").iter().map(|s| (s.at - at(0)).num_minutes()).collect();
    assert_eq!(looks, [0, 15, 60, 360, 1440]);
    let versions = p.store.versions(id).await.unwrap();
    let kinds: Vec<&str> = versions
        .iter()
        .map(|v| match &v.change {
            Change::Text(text) if text.body.contains("hai học sinh tử vong") => "two",
            Change::Text(_) => "one",
            Change::Gone(why) if why.contains("redirected to http://bao.localhost") => "gone",
            Change::Gone(_) => "gone otherwise",
            Change::Back => "back",
        })
        .collect();
    assert_eq!(kinds, ["one", "two", "gone", "back"]);
    let story = p.store.article(id).await.unwrap().unwrap().story.unwrap();
    let case = p.store.case_of_story(story).await.unwrap().unwrap();
    let pages = |e: &diembao_desk::CaseEvent| match e.action {
        diembao_desk::Action::Page { article, change } if article == id => Some(change.as_str()),
        _ => None,
    };
    let told: Vec<&str> = p.store.case(case.id).await.unwrap().unwrap().1.iter().filter_map(pages).collect();
    assert_eq!(told, ["changed", "gone", "back"], "the case's trail says so");
    let pack = diembao_pipeline::desk::evidence(&p, case.id).await.unwrap();
    assert_eq!(pack.json["articles"][0]["versions"].as_array().unwrap().len(), 4);
    let files: Vec<String> = pack.into_files().into_iter().map(|(path, _)| path).collect();
    assert!(files.contains(&format!("versions/{id}-2.txt")), "{files:?}");
    assert_eq!(notices.iter().filter(|n| n.contains("was taken down")).count(), 1, "{notices:?}");
    let now = p.store.article(id).await.unwrap().unwrap().article;
    assert!(now.text.body.contains("hai học sinh"), "judged by what it said last");
}

#[tokio::test]
async fn what_was_fetched_is_read_again_from_the_archive_alone() {
    let world = world().await;
    let (p, intake) = world.home(&["bao"]).await;
    diembao_pipeline::gather(&p, &intake, &mut RunReport::default()).await.unwrap();
    let stored = p.store.articles_page(None, 9).await.unwrap().remove(0).article;
    assert_eq!(p.store.prune_pages(at(1), 99).await.unwrap(), 1, "the store no longer has the page");
    let worse = Article { text: ArticleText { body: "hỏng".to_owned(), ..stored.text.clone() }, ..stored.clone() };
    p.store.replace_text(&worse).await.unwrap();
    drop(intake);
    let archive = diembao_pipeline::Archive::new(p.home.archive_dir(), TimeDelta::zero());
    let n_asked = world.seen("/tin-1.html").len();
    let done = diembao_pipeline::reextract(&p, &archive, at(-60)).await.unwrap();
    assert_eq!((done.n_changed, done.n_without_page), (1, 0));
    assert_eq!(p.store.article(stored.id).await.unwrap().unwrap().article.text, stored.text);
    assert_eq!(world.seen("/tin-1.html").len(), n_asked, "nobody was asked");
    let nothing = diembao_pipeline::Archive::new(p.home.root.join("none"), TimeDelta::zero());
    assert_eq!(diembao_pipeline::reextract(&p, &nothing, at(-60)).await.unwrap().n_without_page, 1);
}
