//! Editions never change once frozen, and nothing is mailed twice.

use diembao_news::{AudienceId, Delivery, DeliveryState, Edition, EditionId, EditionKind, EditionState};
use diembao_store::{EditRow, EditionFile, Freeze, Freezing, RenderedPart, Store, StoreError};

use crate::backend::on_both;
use crate::samples::at;

on_both!(
    files_of_a_frozen_edition_never_change,
    a_frozen_edition_never_changes,
    deliveries_are_made_once,
    a_doubtful_delivery_is_tried_again,
    edits_are_numbered_and_refused_when_stale,
    each_kind_of_edition_has_its_own_last_one,
    a_correction_waits_until_it_is_printed
);

fn edition(day: &str) -> Edition {
    Edition { id: EditionId::parse(day).unwrap(), state: EditionState::Draft, from: at(0), to: at(60), frozen_at: None }
}

fn part(audience: &str, subject: &str) -> RenderedPart {
    RenderedPart {
        audience: AudienceId::parse(audience).unwrap(),
        subject: subject.to_owned(),
        html: "<p>Không phát sinh</p>".to_owned(),
        text: "Không phát sinh".to_owned(),
    }
}

fn delivery(day: &str, audience: &str, recipient: &str) -> Delivery {
    Delivery {
        edition: EditionId::parse(day).unwrap(),
        audience: AudienceId::parse(audience).unwrap(),
        recipient: recipient.to_owned(),
        message_id: format!("{day}.{recipient}"),
        state: DeliveryState::Queued,
        attempts: 0,
        last_reply: None,
    }
}

fn freezing(parts: &[RenderedPart], deliveries: &[Delivery]) -> Freezing {
    Freezing { parts: parts.to_vec(), deliveries: deliveries.to_vec(), ..Freezing::default() }
}

const DAY: &str = "2026-11-21";

async fn files_of_a_frozen_edition_never_change(store: Store, _: String) {
    let leaders = AudienceId::parse("lanh-dao").unwrap();
    let file = |audience: &str, name: &str, bytes: &[u8]| EditionFile {
        audience: AudienceId::parse(audience).unwrap(),
        name: name.to_owned(),
        content_type: "application/pdf".to_owned(),
        bytes: bytes.to_vec(),
    };
    let draft = edition(DAY);
    let (a, b) = (file("lanh-dao", "Điểm báo.pdf", b"%PDF\0\xff"), file("lanh-dao", "Điểm báo.docx", b"PK"));
    let early = [file("so", "nháp.pdf", b"1"), file("lanh-dao", "nháp.pdf", b"")];
    store.keep_edition_files(&draft.id, &early).await.unwrap();
    assert_eq!(store.keep_edition_files(&draft.id, &[b.clone(), a.clone()]).await.unwrap(), Freeze::Frozen);
    store.freeze_edition(&draft, &freezing(&[part("lanh-dao", "xong")], &[])).await.unwrap();
    let late = store.keep_edition_files(&draft.id, &[file("lanh-dao", "khác.pdf", b"2")]).await.unwrap();
    assert_eq!(late, Freeze::AlreadyFrozen);
    assert_eq!(store.edition_files(&draft.id, &leaders).await.unwrap(), [b, a]);
    assert!(store.edition_files(&draft.id, &AudienceId::parse("so").unwrap()).await.unwrap().is_empty());
}

async fn a_frozen_edition_never_changes(store: Store, _: String) {
    let draft = edition(DAY);
    let leaders = AudienceId::parse("lanh-dao").unwrap();
    assert_eq!(
        store.save_draft(&draft, &[part("lanh-dao", "nháp"), part("so", "nháp")]).await.unwrap(),
        Freeze::Frozen
    );
    store.save_draft(&draft, &[part("lanh-dao", "nháp 2")]).await.unwrap();
    assert_eq!(store.rendered_parts(&draft.id).await.unwrap().len(), 1);
    assert_eq!(store.edition(&draft.id).await.unwrap().unwrap().state, EditionState::Draft);
    assert_eq!(store.last_frozen(EditionKind::Digest).await.unwrap(), None);

    let final_ = Edition { frozen_at: Some(at(61)), ..draft.clone() };
    let deliveries = [delivery(DAY, "lanh-dao", "a@example.vn")];
    assert_eq!(
        store.freeze_edition(&final_, &freezing(&[part("lanh-dao", "xong")], &deliveries)).await.unwrap(),
        Freeze::Frozen
    );
    let more = [delivery(DAY, "lanh-dao", "b@example.vn")];
    let again = store.freeze_edition(&final_, &freezing(&[part("lanh-dao", "khác")], &more)).await.unwrap();
    assert_eq!(again, Freeze::AlreadyFrozen);
    assert_eq!(store.save_draft(&draft, &[part("lanh-dao", "khác")]).await.unwrap(), Freeze::AlreadyFrozen);

    assert_eq!(store.rendered(&draft.id, &leaders).await.unwrap(), Some(part("lanh-dao", "xong")));
    assert_eq!(store.deliveries(&draft.id).await.unwrap(), deliveries);
    let stored = store.last_frozen(EditionKind::Digest).await.unwrap().unwrap();
    assert_eq!((stored.frozen_at, stored.state), (Some(at(61)), EditionState::Frozen));
    store.save_draft(&edition("2026-11-22"), &[]).await.unwrap();
    let days: Vec<_> = store.editions(10).await.unwrap().iter().map(|e| e.id.to_string()).collect();
    assert_eq!(days, ["2026-11-22", DAY]);
}

async fn deliveries_are_made_once(store: Store, _: String) {
    let given = [
        delivery(DAY, "lanh-dao", "a@example.vn"),
        delivery(DAY, "lanh-dao", "b@example.vn"),
        delivery(DAY, "so", "a@example.vn"),
    ];
    store.freeze_edition(&edition(DAY), &freezing(&[], &given)).await.unwrap();
    assert!(store.due_deliveries(at(59), 10).await.unwrap().is_empty(), "not before it is frozen");
    let due = store.due_deliveries(at(60), 10).await.unwrap();
    assert_eq!(due, given[..2], "a person gets one mail");

    assert!(store.mark_sending(&due[0], at(62)).await.unwrap());
    assert!(!store.mark_sending(&due[0], at(62)).await.unwrap(), "another process knows the same row");
    store.record_reply(&due[0], (DeliveryState::Sent, "250 OK"), None, at(63)).await.unwrap();
    store.record_reply(&due[0], (DeliveryState::Bounced, "late"), None, at(64)).await.unwrap();
    assert!(store.mark_sending(&due[1], at(62)).await.unwrap());
    store.record_reply(&due[1], (DeliveryState::Deferred, "451 later"), Some(at(90)), at(63)).await.unwrap();

    let all = store.deliveries(&given[0].edition).await.unwrap();
    assert_eq!((all[0].state, all[0].attempts, all[0].last_reply.as_deref()), (DeliveryState::Sent, 1, Some("250 OK")));
    assert!(store.due_deliveries(at(89), 10).await.unwrap().is_empty());
    assert_eq!(store.due_deliveries(at(90), 10).await.unwrap(), all[1..]);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.sent, counts.waiting, counts.editions), (1, 1, 1));
}

async fn a_doubtful_delivery_is_tried_again(store: Store, _: String) {
    let given = [delivery(DAY, "lanh-dao", "a@example.vn")];
    store.freeze_edition(&edition(DAY), &freezing(&[], &given)).await.unwrap();
    assert!(store.mark_sending(&given[0], at(61)).await.unwrap());
    // The process dies here.
    let due = store.due_deliveries(at(62), 10).await.unwrap();
    assert_eq!((due[0].state, due[0].attempts), (DeliveryState::Sending, 1));
    assert_eq!(due[0].message_id, given[0].message_id);
    assert!(store.mark_sending(&due[0], at(62)).await.unwrap());
}

fn edit(action: &str) -> EditRow {
    let story = Some(diembao_news::StoryId::beginning_with(crate::samples::id(7)));
    EditRow { version: 0, at: at(5), actor: "Lan".into(), action: action.into(), story, value: Some("đ".into()) }
}

async fn edits_are_numbered_and_refused_when_stale(store: Store, _: String) {
    let draft = edition(DAY);
    let missing = store.add_edit(&draft.id, None, &edit("drop")).await;
    assert!(matches!(missing, Err(StoreError::NoDraft(_))), "{missing:?}");
    store.save_draft(&draft, &[]).await.unwrap();
    assert_eq!(store.add_edit(&draft.id, Some(0), &edit("drop")).await.unwrap(), 1);
    let stale = store.add_edit(&draft.id, Some(0), &edit("pin")).await;
    assert!(matches!(stale, Err(StoreError::EditionChanged { found: 1, .. })), "{stale:?}");
    assert_eq!(store.add_edit(&draft.id, None, &edit("pin")).await.unwrap(), 2);
    let kept = store.edits(&draft.id).await.unwrap();
    assert_eq!(kept, [EditRow { version: 1, ..edit("drop") }, EditRow { version: 2, ..edit("pin") }]);
    let old = Freezing { version: 1, ..Freezing::default() };
    assert_eq!(store.freeze_edition(&draft, &old).await.unwrap(), Freeze::Changed);
    assert_eq!(store.edition(&draft.id).await.unwrap().unwrap().state, EditionState::Draft);
    let new = Freezing { version: 2, ..Freezing::default() };
    assert_eq!(store.freeze_edition(&draft, &new).await.unwrap(), Freeze::Frozen);
    let late = store.add_edit(&draft.id, None, &edit("drop")).await;
    assert!(matches!(late, Err(StoreError::NoDraft(_))), "{late:?}");
}

async fn each_kind_of_edition_has_its_own_last_one(store: Store, _: String) {
    for id in [DAY, "2026-11-22-bat-cap", "2026-11-23-dinh-chinh-1"] {
        store.freeze_edition(&edition(id), &Freezing::default()).await.unwrap();
    }
    for (kind, id) in [
        (EditionKind::Digest, DAY),
        (EditionKind::Bulletin, "2026-11-22-bat-cap"),
        (EditionKind::Correction, "2026-11-23-dinh-chinh-1"),
    ] {
        assert_eq!(store.last_frozen(kind).await.unwrap().unwrap().id.as_str(), id);
    }
}

async fn a_correction_waits_until_it_is_printed(store: Store, _: String) {
    let day = edition(DAY);
    store.freeze_edition(&day, &Freezing::default()).await.unwrap();
    let first = store.add_correction(&day.id, "Số đúng là 37", "Lan", at(70)).await.unwrap();
    let second = store.add_correction(&day.id, "Bệnh viện B", "Lan", at(71)).await.unwrap();
    let next = edition("2026-11-22");
    store.freeze_edition(&next, &Freezing { corrections: vec![first], ..Freezing::default() }).await.unwrap();
    let printed: Vec<_> = store.corrections().await.unwrap().into_iter().map(|c| (c.id, c.printed_in)).collect();
    assert_eq!(printed, [(first, Some(next.id)), (second, None)]);
}
