//! What people do, without a script: forms, answers, what stands on the page afterwards.

use axum::http::StatusCode;
use chrono::TimeDelta;
use diembao_desk::CaseState;
use diembao_news::Severity;
use diembao_store::{AuditFilter, Role};

use super::support::{Browser, Desk, PASSWORD};

#[tokio::test]
async fn an_officer_signs_in_takes_a_case_and_signs_out() {
    let desk = Desk::new().await;
    let id = desk.case("Hai người tử vong sau bữa cỗ ở xã A", Severity::Red).await;
    desk.user("lan", Role::Officer).await;
    let mut browser = Browser::default();
    let got = desk.get(&mut browser, "/cases?state=all").await;
    assert_eq!(got.header("location"), "/login?next=%2Fcases%3Fstate%3Dall");
    let fields = [("name", "lan"), ("password", PASSWORD), ("next", "/cases?state=all")];
    let got = desk.post(&mut browser, ("/login", "/login"), &fields).await;
    assert_eq!((got.status, got.header("location")), (StatusCode::SEE_OTHER, "/cases?state=all"));

    let today = desk.get(&mut browser, "/").await;
    assert!(today.body.contains("Hai người tử vong"), "{}", today.body);
    let case = format!("/cases/{id}");
    let page = desk.get(&mut browser, &case).await;
    assert!(page.body.contains("đã mất 2 giờ trước khi phát hiện"), "{}", page.body);
    let version = desk.version(id).await;
    let fields = [("version", version.as_str()), ("do", "ack"), ("note", "Đang gọi Sở Y tế")];
    let got = desk.post(&mut browser, (&case, &case), &fields).await;
    assert_eq!((got.status, got.header("location")), (StatusCode::SEE_OTHER, format!("{case}?done=case").as_str()));
    let page = desk.get(&mut browser, &format!("{case}?done=case")).await;
    for words in ["Đã ghi vào vụ việc.", "Đang gọi Sở Y tế", "đã nhận", "phụ trách: Chị lan"] {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(!page.body.contains("value=\"ack\""), "it cannot be acknowledged twice");
    let trail = desk.console.p.store.audit(&AuditFilter { n_max: 9, ..AuditFilter::default() }).await.unwrap();
    let actions: Vec<(&str, &str)> = trail.iter().map(|e| (e.actor.as_str(), e.action.as_str())).collect();
    assert_eq!(actions, [("lan", "case.ack"), ("lan", "login")]);

    desk.post(&mut browser, ("/", "/logout"), &[]).await;
    assert!(browser.cookie("diembao").is_none());
    assert_eq!(desk.get(&mut browser, "/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn two_officers_on_one_case_see_a_conflict_and_lose_nothing() {
    let desk = Desk::new().await;
    let id = desk.case("Nghi ngộ độc tại bếp ăn", Severity::Orange).await;
    let case = format!("/cases/{id}");
    let (mut lan, mut minh) = (desk.signed_in(Role::Officer).await, desk.signed_in(Role::Officer).await);
    let version = desk.version(id).await;
    let first: i64 = version.parse().unwrap();
    let fields = [("version", version.as_str()), ("do", "ack"), ("note", "Tôi nhận")];
    assert_eq!(desk.post(&mut lan, (&case, &case), &fields).await.status, StatusCode::SEE_OTHER);
    let fields = [("version", version.as_str()), ("do", "note"), ("note", "Đã gọi <giám đốc>")];
    let got = desk.post(&mut minh, (&case, &case), &fields).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    let next = format!("name=\"version\" value=\"{}\"", first + 1);
    for words in ["chưa được ghi", "Tôi nhận", "value=\"Đã gọi &lt;giám đốc&gt;\"", &next] {
        assert!(got.body.contains(words), "{words}\n{}", got.body);
    }
    let stored = desk.console.p.store.case(id).await.unwrap().unwrap();
    assert_eq!(stored.0.version, first + 1, "the second officer's note waits for them");
    let version = desk.version(id).await;
    let again = [("version", version.as_str()), ("do", "note"), ("note", "Đã gọi <giám đốc>")];
    assert_eq!(desk.post(&mut minh, (&case, &case), &again).await.status, StatusCode::SEE_OTHER);
    let (case_now, _) = desk.console.p.store.case(id).await.unwrap().unwrap();
    assert_eq!((case_now.state, case_now.version), (CaseState::Acknowledged, first + 2));
}

#[tokio::test]
async fn what_the_desk_does_not_allow_is_said_in_vietnamese() {
    let desk = Desk::new().await;
    let id = desk.case("Chờ xử lý", Severity::Orange).await;
    let case = format!("/cases/{id}");
    let mut browser = desk.signed_in(Role::Officer).await;
    let version = desk.version(id).await;
    let got = desk.post(&mut browser, (&case, &case), &[("version", &version), ("do", "close")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.body.contains("Ở trạng thái hiện tại"), "{}", got.body);
    let got = desk.post(&mut browser, (&case, &case), &[("version", &version), ("do", "note")]).await;
    assert!(got.body.contains("Hãy ghi lý do"), "{}", got.body);
    let got = desk.post(&mut browser, (&case, &case), &[("do", "note")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.body.contains("Biểu mẫu thiếu"), "{}", got.body);
}

#[tokio::test]
async fn a_deadline_is_typed_in_hanoi_time_and_warns() {
    let desk = Desk::new().await;
    let id = desk.case("Theo công điện", Severity::Orange).await;
    let case = format!("/cases/{id}");
    let mut browser = desk.signed_in(Role::Officer).await;
    let version = desk.version(id).await;
    let fields = [("version", version.as_str()), ("do", "deadline"), ("stage", "interim"), ("at", "2026-11-21T12:00")];
    assert_eq!(desk.post(&mut browser, (&case, &case), &fields).await.status, StatusCode::SEE_OTHER);
    let version = desk.version(id).await;
    desk.post(&mut browser, (&case, &case), &[("version", &version), ("do", "ack")]).await;
    let before = desk.get(&mut browser, "/").await;
    assert!(!before.body.contains("hạn 12:00 21/11"), "{}", before.body);
    desk.wait(TimeDelta::hours(5));
    let user = desk.console.p.store.users().await.unwrap().remove(0);
    let token = diembao_pipeline::open_session(&desk.console.p, &user, "127.0.0.1").await.unwrap();
    let mut browser = Browser { cookies: vec![("diembao".into(), token)], address: None };
    let after = desk.get(&mut browser, "/").await;
    let (_, pressing) = after.body.split_once("id=\"pressing\"").unwrap();
    assert!(pressing.contains("Theo công điện"), "{pressing}");
}

#[tokio::test]
async fn an_administrator_adds_changes_and_shuts_out_users() {
    let desk = Desk::new().await;
    let mut admin = desk.signed_in(Role::Admin).await;
    let mut fields =
        vec![("name", "minh"), ("display", "Trần Văn Minh"), ("role", "unit"), ("unit", ""), ("password", PASSWORD)];
    let got = desk.post(&mut admin, ("/users", "/users"), &fields).await;
    assert!(got.body.contains("cần tên đơn vị"), "{}", got.body);
    fields[3].1 = "Cục Quản lý Dược";
    assert_eq!(desk.post(&mut admin, ("/users", "/users"), &fields).await.header("location"), "/users?done=user");
    let mut minh = Browser::default();
    assert_eq!(desk.sign_in(&mut minh, "minh", PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.get(&mut minh, "/").await.status, StatusCode::OK);
    desk.post(&mut admin, ("/users", "/users/minh"), &[("do", "disable")]).await;
    assert_eq!(desk.get(&mut minh, "/").await.status, StatusCode::SEE_OTHER, "the session ended");
    assert_eq!(desk.sign_in(&mut minh, "minh", PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let got = desk.post(&mut admin, ("/users", "/users"), &fields).await;
    assert!(got.body.contains("đã có người dùng"), "{}", got.body);
}

#[tokio::test]
async fn everybody_changes_their_password_and_other_sessions_end() {
    let desk = Desk::new().await;
    desk.user("lan", Role::Viewer).await;
    let (mut here, mut there) = (Browser::default(), Browser::default());
    desk.sign_in(&mut here, "lan", PASSWORD).await;
    desk.sign_in(&mut there, "lan", PASSWORD).await;
    let new = "con mèo trèo cây cau";
    let wrong = [("old", "không phải"), ("new", new), ("again", new)];
    let got = desk.post(&mut here, ("/account", "/account/password"), &wrong).await;
    assert!(got.body.contains("Mật khẩu hiện tại không đúng"), "{}", got.body);
    let right = [("old", PASSWORD), ("new", new), ("again", new)];
    let got = desk.post(&mut here, ("/account", "/account/password"), &right).await;
    assert_eq!(got.header("location"), "/account?done=password");
    assert_eq!(desk.get(&mut here, "/").await.status, StatusCode::OK);
    assert_eq!(desk.get(&mut there, "/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.sign_in(&mut there, "lan", new).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn live_updates_are_a_bounded_stream() {
    let desk = Desk::new().await;
    let mut browser = desk.signed_in(Role::Viewer).await;
    let got = desk.get(&mut browser, "/events").await;
    assert_eq!((got.status, got.header("content-type")), (StatusCode::OK, "text/event-stream"));
}
