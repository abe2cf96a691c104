//! What leaves a case as a file, and what an officer does with more than one case or event.

use axum::http::{StatusCode, header};
use diembao_desk::{Action, CaseState, DeadlineStage};
use diembao_news::Severity;
use diembao_pipeline::desk;
use diembao_store::Role;

use super::support::Desk;

#[tokio::test]
async fn a_case_leaves_as_a_zip_and_as_papers() {
    let desk = Desk::new().await;
    let id = desk.case("Hai người tử vong sau bữa cỗ ở xã A", Severity::Red).await;
    let mut viewer = desk.signed_in(Role::Viewer).await;
    for (path, name, kind) in [
        ("evidence", "ho-so-vu-viec-1.zip", "application/zip"),
        ("drafts/report", "bao-cao-nhanh-vu-viec-1.docx", "wordprocessingml"),
        ("drafts/transfer", "phieu-chuyen-vu-viec-1.docx", "wordprocessingml"),
        ("drafts/answer", "tra-loi-bao-chi-vu-viec-1.docx", "wordprocessingml"),
    ] {
        let got = desk.get(&mut viewer, &format!("/cases/{id}/{path}")).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        assert!(got.header("content-type").contains(kind), "{path}");
        assert_eq!(got.header(header::CONTENT_DISPOSITION.as_str()), format!("attachment; filename=\"{name}\""));
        assert!(got.body.starts_with("PK"), "{path} is no archive");
    }
    assert_eq!(desk.get(&mut viewer, &format!("/cases/{id}/drafts/other")).await.status, StatusCode::NOT_FOUND);
    let mut unit = desk.signed_in(Role::Unit).await;
    let got = desk.get(&mut unit, &format!("/cases/{id}/evidence")).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND, "the case is another unit's");
}

/// A title goes into no file name, no header and no markup of what leaves.
#[tokio::test]
async fn a_hostile_title_names_no_file() {
    let desk = Desk::new().await;
    let hostile = "../../etc/passwd\"; filename=x.exe\r\nX-Evil: 1 <script>alert(1)</script>";
    let id = desk.case(hostile, Severity::Red).await;
    let mut viewer = desk.signed_in(Role::Viewer).await;
    for path in ["evidence", "drafts/report", "drafts/transfer", "drafts/answer"] {
        let got = desk.get(&mut viewer, &format!("/cases/{id}/{path}")).await;
        let name = got.header(header::CONTENT_DISPOSITION.as_str());
        let name = name.strip_prefix("attachment; filename=\"").and_then(|n| n.strip_suffix('"')).unwrap();
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'), "{path}: {name}");
        assert_eq!(got.header("x-evil"), "", "{path}");
    }
    let pack = desk::evidence(&desk.console.p, id).await.unwrap();
    assert_eq!(pack.json["case"]["title"].as_str().map(|t| t.contains("<script>")), Some(true), "data stays as it is");
    assert!(!pack.html.contains("<script>alert") && pack.html.contains("&lt;script&gt;alert"), "{}", pack.html);
    for (path, _) in pack.into_files() {
        let is_plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
        assert!(is_plain && !path.contains("..") && !path.starts_with('/'), "{path}");
    }
}

#[tokio::test]
async fn two_cases_of_one_event_become_one() {
    let desk = Desk::new().await;
    let (from, into) = (desk.case("Vụ A", Severity::Orange).await, desk.case("Vụ A nữa", Severity::Red).await);
    let mut officer = desk.signed_in(Role::Officer).await;
    let (page, version) = (format!("/cases/{from}"), desk.version(from).await);
    let merge = async |officer: &mut _, into: &str, version: &str| {
        let fields = [("do", "merge"), ("into", into), ("version", version), ("note", "cùng một bữa cỗ")];
        desk.post(officer, (&page, &page), &fields).await
    };
    for wrong in ["", "x", "99", &from.to_string()] {
        let got = merge(&mut officer, wrong, &version).await;
        assert!(got.status.is_client_error(), "{wrong:?}: {}", got.status);
    }
    assert_eq!(merge(&mut officer, &into.to_string(), "77").await.status, StatusCode::CONFLICT);
    let got = merge(&mut officer, &into.to_string(), &version).await;
    assert_eq!(got.header("location"), format!("/cases/{into}?done=case"));
    let (source, _) = desk.console.p.store.case(from).await.unwrap().unwrap();
    assert_eq!((source.state, source.handling.merged_into), (CaseState::Dismissed, Some(into)));
}

#[tokio::test]
async fn a_directive_s_words_set_its_deadlines() {
    let desk = Desk::new().await;
    let id = desk.case("Vụ A", Severity::Red).await;
    let mut officer = desk.signed_in(Role::Officer).await;
    let page = format!("/cases/{id}");
    let version = desk.version(id).await;
    let text = "Báo cáo bước đầu trước 12 giờ ngày 22/11/2026, báo cáo đầy đủ trước ngày 30/11/2026";
    let none = [("do", "directive"), ("text", "sớm nhất có thể"), ("version", &version)];
    assert_eq!(desk.post(&mut officer, (&page, &page), &none).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("do", "directive"), ("text", text), ("version", &version)];
    assert_eq!(desk.post(&mut officer, (&page, &page), &fields).await.status, StatusCode::SEE_OTHER);
    let (_, events) = desk.console.p.store.case(id).await.unwrap().unwrap();
    let stages: Vec<DeadlineStage> = events
        .iter()
        .filter_map(|e| match e.action {
            Action::SetDeadline { stage, .. } => Some(stage),
            _ => None,
        })
        .collect();
    assert_eq!(stages, [DeadlineStage::Interim, DeadlineStage::Final]);
}

#[tokio::test]
async fn an_officer_opens_a_case_that_no_rule_saw() {
    let desk = Desk::new().await;
    let id = desk.case("Vụ A", Severity::Red).await;
    let story = desk.console.p.store.case(id).await.unwrap().unwrap().0.story;
    let page = format!("/stories/{story}");
    let mut officer = desk.signed_in(Role::Officer).await;
    let fields = [("kind", "incident"), ("severity", "orange"), ("note", "lãnh đạo yêu cầu")];
    let got = desk.post(&mut officer, ("/account", &page), &fields).await;
    assert_eq!(got.header("location"), format!("/cases/{id}?done=case"), "a story has one case");
    let wrong = [("kind", "incident"), ("severity", "purple"), ("note", "")];
    assert_eq!(desk.post(&mut officer, ("/account", &page), &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut unit = desk.signed_in(Role::Unit).await;
    assert_eq!(desk.post(&mut unit, ("/account", &page), &fields).await.status, StatusCode::FORBIDDEN);
}
