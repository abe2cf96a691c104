//! A closed case that the press writes on about is seen: on the first page, in the list, at the hand-over.

use axum::http::StatusCode;
use diembao_desk::{Action, CaseEvent, CaseState};
use diembao_news::{CaseId, Severity};
use diembao_pipeline::desk::{self, Act};
use diembao_store::Role;

use super::support::Desk;

const HEADLINE: &str = "Công bố kết luận vụ sản phụ: “Đã xử trí đúng” <b>";

async fn act(desk: &Desk, id: CaseId, action: Action) {
    let act = Act { by: "Lê Chi".into(), action, note: "đã trả lời".into(), expected: None };
    desk::act(&desk.console.p, id, act).await.unwrap();
}

/// As the program does when it files a new article of the story.
async fn news(desk: &Desk, id: CaseId) {
    let (case, _) = desk.console.p.store.case(id).await.unwrap().unwrap();
    let at = desk.console.p.clock.now();
    let action = Action::News { n_articles: 1 };
    let event = CaseEvent { at, actor: diembao_desk::PROGRAM.into(), action, note: HEADLINE.into() };
    desk.console.p.store.append_event(id, case.version, &event).await.unwrap();
    desk.console.renew_board().await.unwrap();
}

/// What the first page says of closed cases.
fn card(page: &str) -> &str {
    page.split_once("id=\"news\"").unwrap().1.split_once("id=\"pressing-title\"").unwrap().0
}

#[tokio::test]
async fn an_officer_looks_at_it_or_opens_the_case_again() {
    let desk = Desk::new().await;
    let id = desk.case("Sản phụ tử vong sau sinh ở tỉnh A", Severity::Orange).await;
    act(&desk, id, Action::Acknowledge).await;
    act(&desk, id, Action::Close).await;
    let mut officer = desk.signed_in(Role::Officer).await;
    let page = desk.get(&mut officer, "/").await.body;
    assert!(!card(&page).contains("Sản phụ"), "{page}");
    news(&desk, id).await;

    let page = desk.get(&mut officer, "/").await.body;
    for words in ["Có tin mới sau khi đóng", "Sản phụ tử vong", "“Đã xử trí đúng” &lt;b&gt;", "value=\"seen\""]
    {
        assert!(card(&page).contains(words), "{words}: {page}");
    }
    for (path, words) in [
        ("/cases?state=news", "Sản phụ tử vong"),
        ("/handover", "Có tin mới sau khi đóng, chưa ai xem"),
        (&format!("/cases/{id}"), "Đã xem, vẫn đóng"),
    ] {
        let page = desk.get(&mut officer, path).await.body;
        assert!(page.contains(words), "{path}: {page}");
    }
    let mut viewer = desk.signed_in(Role::Viewer).await;
    let page = desk.get(&mut viewer, "/").await.body;
    assert!(card(&page).contains("Sản phụ tử vong") && !card(&page).contains("<form"), "a viewer only reads: {page}");

    let case = format!("/cases/{id}");
    let version = desk.version(id).await;
    let seen = [("version", version.as_str()), ("do", "seen"), ("note", "Báo viết tiếp")];
    assert_eq!(desk.post(&mut viewer, (&case, &case), &seen).await.status, StatusCode::FORBIDDEN);
    let got = desk.post(&mut officer, ("/", &case), &seen).await;
    assert_eq!((got.status, got.header("location")), (StatusCode::SEE_OTHER, "/?done=case"));
    let page = desk.get(&mut officer, "/?done=case").await.body;
    assert!(page.contains("Đã ghi vào vụ việc.") && !card(&page).contains("Sản phụ tử vong"), "{page}");
    assert!(!desk.get(&mut officer, "/cases?state=news").await.body.contains("Sản phụ tử vong"));
    let (stored, events) = desk.console.p.store.case(id).await.unwrap().unwrap();
    assert_eq!((stored.state, events.last().unwrap().action.clone()), (CaseState::Closed, Action::Seen));

    news(&desk, id).await;
    let again = desk.post(&mut officer, ("/", &case), &seen).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "what came meanwhile was not looked at");
    let version = desk.version(id).await;
    let reopen = [("version", version.as_str()), ("do", "reopen"), ("note", "Báo viết tiếp")];
    assert_eq!(desk.post(&mut officer, ("/", &case), &reopen).await.status, StatusCode::SEE_OTHER);
    let page = desk.get(&mut officer, "/").await.body;
    assert!(!card(&page).contains("Sản phụ tử vong"), "{page}");
    assert_eq!(desk.console.p.store.case(id).await.unwrap().unwrap().0.state, CaseState::Acknowledged);
}
