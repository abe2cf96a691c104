//! The link in an alarm: it asks before it acts, ends the climb, and opens nothing else.

use axum::http::StatusCode;
use chrono::TimeDelta;
use diembao_desk::CaseState;
use diembao_news::Severity;
use diembao_pipeline::desk;
use diembao_store::{AlertState, AuditFilter};

use super::support::{Browser, Desk};

const WHO: &str = "truc-cuoi-tuan@example.vn";

#[tokio::test]
async fn an_alarm_is_taken_by_its_link() {
    let desk = Desk::new().await;
    let id = desk.case("Cháy khoa dược, phải sơ tán người bệnh", Severity::Red).await;
    let store = &desk.console.p.store;
    let word = desk::ack_link(&desk.console.p.home, id, WHO, desk.console.p.clock.now()).unwrap();
    let path = format!("/nhan/{word}");
    let mut telephone = Browser::default();
    let page = desk.get(&mut telephone, &path).await;
    assert!(page.status == StatusCode::OK && page.body.contains("Cháy khoa dược"), "{}", page.body);
    assert_eq!(page.header("referrer-policy"), "same-origin", "the link is a key that no other site is shown");
    assert_eq!(store.case(id).await.unwrap().unwrap().0.state, CaseState::Detected, "a mail program only looked");

    let got = desk.post(&mut telephone, (&path, &path), &[]).await;
    assert!(got.status == StatusCode::OK && got.body.contains("đã nhận"), "{}", got.body);
    let (case, events) = store.case(id).await.unwrap().unwrap();
    assert_eq!((case.state, case.owner.as_deref()), (CaseState::Acknowledged, Some(WHO)));
    assert_eq!(events.last().unwrap().actor, WHO);
    let alerts = store.alerts(id).await.unwrap();
    assert!(!alerts.is_empty() && alerts.iter().all(|a| a.state == AlertState::Withdrawn), "it climbs no further");
    let trail = store.audit(&AuditFilter { n_max: 9, ..AuditFilter::default() }).await.unwrap();
    assert_eq!((trail[0].actor.as_str(), trail[0].action.as_str()), (WHO, "case.ack"));
    assert_eq!(desk.get(&mut telephone, &format!("/cases/{id}")).await.status, StatusCode::SEE_OTHER, "not signed in");
}

#[tokio::test]
async fn only_a_link_that_was_made_here_works_and_for_three_days() {
    let desk = Desk::new().await;
    let (mine, theirs) = (desk.case("Vụ A", Severity::Red).await, desk.case("Vụ B", Severity::Red).await);
    let word = |id| desk::ack_link(&desk.console.p.home, id, WHO, desk.console.p.clock.now()).unwrap();
    let (good, other) = (word(mine), word(theirs));
    let half = good.len() / 2;
    let mut browser = Browser::default();
    for forged in [&good[..half], &format!("{}{}", &good[..half], &other[half..]), &format!("{good}x"), "1", "ack%2F1"]
    {
        let path = format!("/nhan/{forged}");
        assert_eq!(desk.get(&mut browser, &path).await.status, StatusCode::NOT_FOUND, "{forged}");
    }
    let path = format!("/nhan/{good}");
    desk.wait(TimeDelta::days(3) - TimeDelta::minutes(1));
    assert_eq!(desk.get(&mut browser, &path).await.status, StatusCode::OK);
    let token = desk.get(&mut browser, &path).await.form_token();
    desk.wait(TimeDelta::minutes(1));
    assert_eq!(desk.get(&mut browser, &path).await.status, StatusCode::NOT_FOUND, "its time is over");
    let late = desk.send(&mut browser, &path, &[("csrf", &token)]).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.console.p.store.case(mine).await.unwrap().unwrap().0.state, CaseState::Detected);
}
