//! What editors do to a draft: it is recorded, it shows, it is refused when it is out of date.

use diembao_digest::{EditAction, Section};
use diembao_news::StoryId;
use diembao_pipeline::{EditError, EditionOutcome, RunReport};

use crate::home::{Desk, day};

const POISONING: &str = "Hơn 40 học sinh một trường tiểu học nhập viện nghi ngộ độc thực phẩm sau bữa trưa. \
    Bệnh viện đa khoa tỉnh cho biết các cháu bị đau bụng, nôn. Sở Y tế đã lấy mẫu thức ăn để xét nghiệm.";
const VACCINE: &str = "Bộ Y tế vừa ban hành kế hoạch tiêm vắc xin sởi cho trẻ em trên cả nước. \
    Các trạm y tế sẽ tổ chức tiêm chủng từ đầu tháng tới. Kinh phí do ngân sách bảo đảm.";
const TRANSPLANT: &str = "Các bác sĩ Bệnh viện trung ương đã ghép gan thành công cho một bệnh nhân nam. \
    Ca phẫu thuật kéo dài mười giờ. Sức khỏe bệnh nhân đã ổn định.";

async fn desk(changes: &[(&str, &str)]) -> Desk {
    let desk = Desk::open("2026-11-21T05:00", changes).await;
    desk.arrive(&[
        ("tuoi-tre", "Hơn 40 học sinh nhập viện nghi ngộ độc sau bữa trưa", POISONING),
        ("vnexpress", "Bộ Y tế ban hành kế hoạch tiêm vắc xin sởi cho trẻ", VACCINE),
        ("dan-tri", "Ghép gan thành công cho bệnh nhân nam", TRANSPLANT),
    ])
    .await;
    desk
}

async fn story(desk: &Desk, title: &str) -> StoryId {
    let from = desk.p.clock.now() - chrono::TimeDelta::days(3);
    let rows = desk.p.store.stories_between(from, desk.p.clock.now(), diembao_store::Which::All).await.unwrap();
    rows.iter().find(|r| r.articles.iter().any(|a| a.article.text.title.contains(title))).unwrap().id
}

#[tokio::test]
async fn edits_show_are_recorded_and_can_be_taken_back() {
    let desk = desk(&[]).await;
    let (id, p) = (day("2026-11-21"), &desk.p);
    desk.at("2026-11-21T06:00");
    let early = diembao_pipeline::edit(p, &id, EditAction::Approve, "Lan", None).await;
    assert!(matches!(early, Err(EditError::NoDraft(_))), "{early:?}");
    assert_eq!(diembao_pipeline::draft(p, &id, "Lan", None).await.unwrap().version, 1);
    let (transplant, vaccine) = (story(&desk, "Ghép gan").await, story(&desk, "vắc xin").await);
    for (n, action) in [
        EditAction::Drop(transplant),
        EditAction::Headline(vaccine, Some("Kế hoạch tiêm sởi mới".into())),
        EditAction::Assess(vaccine, Some("Cần chuẩn bị đủ vắc xin.".into())),
        EditAction::Move(vaccine, Some(Section::Examples)),
        EditAction::Pin(vaccine),
    ]
    .into_iter()
    .enumerate()
    {
        let base = i64::try_from(n).unwrap() + 1;
        assert_eq!(diembao_pipeline::edit(p, &id, action, "Lan", Some(base)).await.unwrap().version, base + 1);
    }
    let text = desk.text(&id).await;
    assert!(!text.contains("Ghép gan"), "{text}");
    assert!(text.contains("1. Kế hoạch tiêm sởi mới"), "{text}");
    assert!(text.contains("Nhận định: Cần chuẩn bị đủ vắc xin."), "{text}");
    let editing = diembao_pipeline::editing(p, &id).await.unwrap();
    assert_eq!(editing.dropped, [(transplant, "Ghép gan thành công cho bệnh nhân nam".to_owned())]);
    assert_eq!((editing.history.len(), editing.draft.version), (6, 6));

    diembao_pipeline::edit(p, &id, EditAction::Restore(transplant), "Minh", None).await.unwrap();
    assert!(desk.text(&id).await.contains("Ghép gan"));
}

#[tokio::test]
async fn two_editors_do_not_overwrite_each_other_silently() {
    let desk = desk(&[]).await;
    let (id, p) = (day("2026-11-21"), &desk.p);
    let base = diembao_pipeline::draft(p, &id, "Lan", None).await.unwrap().version;
    let vaccine = story(&desk, "vắc xin").await;
    diembao_pipeline::edit(p, &id, EditAction::Drop(vaccine), "Lan", Some(base)).await.unwrap();
    for action in [EditAction::Pin(vaccine), EditAction::Approve, EditAction::Draft] {
        let refused = diembao_pipeline::edit(p, &id, action, "Minh", Some(base)).await.unwrap_err();
        let EditError::Stale { found, since } = &refused else { panic!("{refused:?}") };
        assert_eq!((*found, since.len(), since[0].by.as_str()), (base + 1, 1, "Lan"));
        assert!(refused.to_string().contains("drop by Lan"), "{refused}");
    }
}

#[tokio::test]
async fn what_was_approved_leaves_and_nothing_else() {
    let desk = desk(&[("approval = \"automatic\"", "approval = \"required\"")]).await;
    let (id, p) = (day("2026-11-21"), &desk.p);
    desk.at("2026-11-21T06:00");
    diembao_pipeline::draft(p, &id, "Lan", None).await.unwrap();
    desk.at("2026-11-21T06:30");
    let mut report = RunReport::default();
    diembao_pipeline::freeze_edition(p, &id, &mut report).await.unwrap();
    assert_eq!(report.edition.unwrap().outcome, EditionOutcome::AwaitingApproval);
    let approved = diembao_pipeline::edit(p, &id, EditAction::Approve, "Trưởng ban", None).await.unwrap();
    assert_eq!(approved.approval.unwrap().0, "Trưởng ban");
    let text = desk.text(&id).await;
    assert!(!text.contains("chưa qua biên tập viên"), "{text}");

    desk.arrive(&[("thanh-nien", "Thêm 20 học sinh nhập viện nghi ngộ độc sau bữa trưa", POISONING)]).await;
    desk.at("2026-11-21T07:00");
    let mut report = RunReport::default();
    diembao_pipeline::freeze_edition(p, &id, &mut report).await.unwrap();
    assert_eq!(report.edition.unwrap().outcome, EditionOutcome::Frozen);
    assert_eq!(desk.text(&id).await, text, "what came after the approval is left to the next edition");
    let late = diembao_pipeline::edit(p, &id, EditAction::Draft, "Lan", None).await;
    assert!(matches!(late, Err(EditError::NoDraft(_))), "{late:?}");

    desk.at("2026-11-22T06:00");
    let next = desk.text(&day("2026-11-22")).await;
    assert!(next.contains("Thanh Niên"), "{next}");
    assert!(!next.contains("Ghép gan"), "{next}");
}

#[tokio::test]
async fn a_change_takes_approval_back_and_nobody_s_approval_is_said() {
    let desk = desk(&[]).await;
    let (id, p) = (day("2026-11-21"), &desk.p);
    diembao_pipeline::draft(p, &id, "Lan", None).await.unwrap();
    diembao_pipeline::approve(p, &id, "Lan", None).await.unwrap();
    let vaccine = story(&desk, "vắc xin").await;
    let changed = diembao_pipeline::edit(p, &id, EditAction::Pin(vaccine), "Minh", None).await.unwrap();
    assert_eq!(changed.approval, None);
    diembao_pipeline::freeze_edition(p, &id, &mut RunReport::default()).await.unwrap();
    let text = desk.text(&id).await;
    assert!(text.contains("chưa qua biên tập viên duyệt"), "{text}");
    assert!(text.contains("1. Bộ Y tế ban hành"), "the change counts all the same\n{text}");
}

#[tokio::test]
async fn merged_stories_stay_one_and_split_articles_apart() {
    let desk = desk(&[]).await;
    let (id, p) = (day("2026-11-21"), &desk.p);
    diembao_pipeline::draft(p, &id, "Lan", None).await.unwrap();
    let (transplant, vaccine) = (story(&desk, "Ghép gan").await, story(&desk, "vắc xin").await);
    diembao_pipeline::edit(p, &id, EditAction::Pin(transplant), "Lan", None).await.unwrap();
    diembao_pipeline::edit(p, &id, EditAction::Merge(transplant, vaccine), "Lan", None).await.unwrap();
    desk.arrive(&[("thanh-nien", "Kế hoạch tiêm vắc xin sởi cho trẻ của Bộ Y tế", VACCINE)]).await;
    let merged = story(&desk, "Ghép gan").await;
    assert_eq!(merged, story(&desk, "vắc xin").await);
    let editing = diembao_pipeline::editing(p, &id).await.unwrap();
    assert_eq!(editing.view.highlights[0].story, merged, "the pin went with the story");

    let article = p.store.story(merged).await.unwrap().unwrap().articles;
    let article = article.iter().find(|a| a.article.text.title.contains("Ghép gan")).unwrap().article.id;
    diembao_pipeline::edit(p, &id, EditAction::Split(merged, article), "Lan", None).await.unwrap();
    assert_ne!(story(&desk, "Ghép gan").await, story(&desk, "vắc xin").await);
    let alone = story(&desk, "Ghép gan").await;
    let refused = diembao_pipeline::edit(p, &id, EditAction::Split(alone, article), "Lan", None).await;
    assert!(matches!(refused, Err(EditError::Unusable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_correction_stands_in_the_next_edition_once() {
    let desk = desk(&[]).await;
    let (first, p) = (day("2026-11-21"), &desk.p);
    let early = diembao_pipeline::correct(p, &first, "Số đúng là 37", "Lan").await;
    assert!(matches!(early, Err(EditError::Unusable(_))), "{early:?}");
    diembao_pipeline::freeze_edition(p, &first, &mut RunReport::default()).await.unwrap();
    diembao_pipeline::correct(p, &first, "Số đúng là 37", "Lan").await.unwrap();
    for (date, says) in [("2026-11-22", true), ("2026-11-23", false)] {
        desk.at(&format!("{date}T07:00"));
        diembao_pipeline::freeze_edition(p, &day(date), &mut RunReport::default()).await.unwrap();
        let text = desk.text(&day(date)).await;
        assert_eq!(text.contains("Điểm báo ngày 21/11/2026: Số đúng là 37"), says, "{date}\n{text}");
    }
}

#[tokio::test]
async fn changes_that_make_no_sense_are_refused() {
    let desk = desk(&[]).await;
    let (id, p) = (day("2026-11-21"), &desk.p);
    diembao_pipeline::draft(p, &id, "Lan", None).await.unwrap();
    let vaccine = story(&desk, "vắc xin").await;
    let nobody = StoryId::beginning_with(diembao_news::ArticleId::from_i64(7).unwrap());
    for (action, by, message) in [
        (EditAction::Drop(nobody), "Lan", "there is no story"),
        (EditAction::Drop(vaccine), " ", "needs the name"),
        (EditAction::Merge(vaccine, vaccine), "Lan", "into itself"),
        (EditAction::Headline(vaccine, Some("x".repeat(500))), "Lan", "500 characters"),
    ] {
        let refused = diembao_pipeline::edit(p, &id, action, by, None).await.unwrap_err().to_string();
        assert!(refused.contains(message), "{refused}");
    }
    assert_eq!(diembao_pipeline::history(p, &id).await.unwrap().len(), 1, "nothing was recorded");
}
