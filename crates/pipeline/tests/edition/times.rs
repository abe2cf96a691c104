//! When editions are drafted and leave, and what is in them then.

use diembao_digest::EditAction;
use diembao_news::EditionState;
use diembao_pipeline::{RunReport, editions_if_due};

use crate::home::{Desk, day};

const FLOOD: &str = "Nước lũ làm ngập trạm y tế xã, 12 người bệnh được chuyển lên tuyến trên an toàn. \
    Sở Y tế đã điều một tổ cấp cứu lưu động. Thuốc và hóa chất khử khuẩn đã được chuyển đến trong đêm.";
const HOSPITAL: &str = "Một sản phụ tử vong sau khi sinh tại bệnh viện, gia đình khiếu nại về quy trình cấp cứu. \
    Bệnh viện đã báo cáo Sở Y tế và lập hội đồng chuyên môn. Nguyên nhân đang được làm rõ.";

async fn look(desk: &Desk, at: &str) -> RunReport {
    desk.at(at);
    let mut report = RunReport::default();
    editions_if_due(&desk.p, &mut report).await.unwrap();
    report
}

async fn state(desk: &Desk, id: &str) -> Option<EditionState> {
    desk.p.store.edition(&day(id)).await.unwrap().map(|e| e.state)
}

fn mails(desk: &Desk) -> usize {
    std::fs::read_dir(desk.p.home.root.join("mail"))
        .map_or(0, |files| files.filter(|f| f.as_ref().unwrap().path().extension().is_some_and(|e| e == "eml")).count())
}

async fn notices(desk: &Desk) -> Vec<String> {
    desk.p.store.notices().await.unwrap().into_iter().map(|n| n.name).collect()
}

#[tokio::test]
async fn drafted_at_six_and_sent_at_seven_with_what_is_known_then() {
    let desk = Desk::open("2026-11-20T05:50", &[]).await;
    look(&desk, "2026-11-20T05:59").await;
    assert_eq!(state(&desk, "2026-11-20").await, None);
    look(&desk, "2026-11-20T06:00").await;
    let draft = diembao_pipeline::find_draft(&desk.p, &day("2026-11-20")).await.unwrap().unwrap();
    assert_eq!((draft.version, draft.approval), (1, None));
    desk.at("2026-11-20T06:30");
    desk.arrive(&[("tuoi-tre", "Nước lũ làm ngập trạm y tế xã, chuyển 12 người bệnh", FLOOD)]).await;
    look(&desk, "2026-11-20T06:59").await;
    assert_eq!((state(&desk, "2026-11-20").await, mails(&desk)), (Some(EditionState::Draft), 0));
    look(&desk, "2026-11-20T07:00").await;
    assert_eq!(state(&desk, "2026-11-20").await, Some(EditionState::Frozen));
    let text = desk.text(&day("2026-11-20")).await;
    assert!(text.contains("ngập trạm y tế") && text.contains("chưa qua biên tập viên duyệt"), "{text}");
    let n_mails = mails(&desk);
    assert!(n_mails > 0);
    look(&desk, "2026-11-20T07:01").await;
    assert_eq!(mails(&desk), n_mails, "nobody gets it twice");
}

#[tokio::test]
async fn days_without_an_edition_are_covered_by_the_next_one_and_late_news_is_marked() {
    let desk = Desk::open("2026-11-20T07:00", &[("rest_days = \"same\"", "rest_days = \"none\"")]).await;
    look(&desk, "2026-11-20T07:00").await;
    // Published before Friday's cut-off, read after it.
    desk.at("2026-11-20T07:30");
    desk.arrive(&[("tuoi-tre", "Nước lũ làm ngập trạm y tế xã, chuyển 12 người bệnh", FLOOD)]).await;
    desk.at("2026-11-21T09:00");
    desk.arrive(&[("dan-tri", "Sản phụ tử vong sau sinh, gia đình khiếu nại bệnh viện", HOSPITAL)]).await;
    for at in ["2026-11-21T12:00", "2026-11-22T12:00"] {
        look(&desk, at).await;
    }
    assert_eq!(state(&desk, "2026-11-21").await, None);
    look(&desk, "2026-11-23T07:00").await;
    let text = desk.text(&day("2026-11-23")).await;
    assert!(text.contains("Sản phụ tử vong"), "{text}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(text.matches("(tin chuyển từ kỳ trước)").count(), 1, "{text}");
    assert!(text.contains("ngập trạm y tế"), "{text}");
}

#[tokio::test]
async fn an_edition_that_needs_approval_waits_says_so_and_leaves_when_it_has_it() {
    for (approval, leaves_at) in [("required", None), ("until 07:30", Some("2026-11-20T07:30"))] {
        let changed = format!("approval = \"{approval}\"");
        let desk = Desk::open("2026-11-20T06:00", &[("approval = \"automatic\"", &changed)]).await;
        for at in ["2026-11-20T06:00", "2026-11-20T07:00", "2026-11-20T07:29"] {
            look(&desk, at).await;
        }
        assert_eq!(state(&desk, "2026-11-20").await, Some(EditionState::Draft), "{approval}");
        assert_eq!(notices(&desk).await, ["edition/2026-11-20/approval"]);
        if let Some(at) = leaves_at {
            look(&desk, at).await;
            assert!(desk.text(&day("2026-11-20")).await.contains("chưa qua biên tập viên duyệt"));
        } else {
            diembao_pipeline::edit(&desk.p, &day("2026-11-20"), EditAction::Approve, "Lan", None).await.unwrap();
            look(&desk, "2026-11-20T07:40").await;
            assert!(!desk.text(&day("2026-11-20")).await.contains("chưa qua biên tập viên duyệt"));
        }
        assert_eq!(state(&desk, "2026-11-20").await, Some(EditionState::Frozen), "{approval}");
        assert!(notices(&desk).await.is_empty(), "{approval}");
    }
}

#[tokio::test]
async fn the_second_bulletin_names_what_needs_an_answer_once_and_says_when_there_is_nothing() {
    let changes = [
        ("send_at = \"never\"", "send_at = \"07:15\""),
        ("id = \"lanh-dao\"\n", "id = \"lanh-dao\"\ngets = [\"digest\", \"bulletin\"]\n"),
    ];
    let desk = Desk::open("2026-11-20T06:00", &changes).await;
    desk.arrive(&[("dan-tri", "Sản phụ tử vong sau sinh, gia đình khiếu nại bệnh viện", HOSPITAL)]).await;
    look(&desk, "2026-11-20T07:00").await;
    let n_digests = mails(&desk);
    look(&desk, "2026-11-20T07:15").await;
    let text = desk.text(&day("2026-11-20-bat-cap")).await.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Sản phụ tử vong") && text.contains("đơn vị trả lời") && text.contains("hạn:"), "{text}");
    assert_eq!(mails(&desk), n_digests + 1, "only the audience that gets it");
    look(&desk, "2026-11-21T07:15").await;
    let text = desk.text(&day("2026-11-21-bat-cap")).await;
    assert!(!text.contains("Sản phụ"), "{text}");
    assert!(text.contains("Không đọc được nguồn nào"), "no source was read, so nothing may be claimed\n{text}");
}

#[tokio::test]
async fn an_empty_bulletin_may_stay_unsent() {
    let changes = [
        ("send_at = \"never\"", "send_at = \"07:15\""),
        ("when_empty = \"send\"", "when_empty = \"skip\""),
        ("id = \"lanh-dao\"\n", "id = \"lanh-dao\"\ngets = [\"bulletin\"]\n"),
    ];
    let desk = Desk::open("2026-11-20T06:00", &changes).await;
    look(&desk, "2026-11-20T07:15").await;
    assert_eq!(state(&desk, "2026-11-20-bat-cap").await, Some(EditionState::Frozen));
    assert!(desk.p.store.deliveries(&day("2026-11-20-bat-cap")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_correction_by_mail_reaches_who_got_the_edition_and_is_not_printed_again() {
    let desk = Desk::open("2026-11-20T07:00", &[]).await;
    look(&desk, "2026-11-20T07:00").await;
    let n_mails = mails(&desk);
    let id = diembao_pipeline::mail_correction(&desk.p, &day("2026-11-20"), "Số đúng là 37", "Lan").await.unwrap();
    look(&desk, "2026-11-20T08:00").await;
    assert_eq!(mails(&desk), 2 * n_mails);
    let part = desk.p.store.rendered_parts(&id).await.unwrap().remove(0);
    assert_eq!(part.subject, "[Đính chính] Điểm báo y tế 20/11");
    assert!(part.html.contains("Số đúng là 37") && part.text.contains("Số đúng là 37"));
    look(&desk, "2026-11-21T07:00").await;
    assert!(!desk.text(&day("2026-11-21")).await.contains("Số đúng là 37"));
}
