//! Editions never change once frozen, and nothing is mailed twice.

use diembao_news::{AudienceId, Delivery, DeliveryState, Edition, EditionId, EditionState};
use diembao_store::{Freeze, RenderedPart, Store};

use crate::backend::on_both;
use crate::samples::at;

on_both!(a_frozen_edition_never_changes, deliveries_are_made_once, a_doubtful_delivery_is_tried_again);

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

const DAY: &str = "2026-11-21";

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
    assert_eq!(store.last_frozen().await.unwrap(), None);

    let final_ = Edition { frozen_at: Some(at(61)), ..draft.clone() };
    let deliveries = [delivery(DAY, "lanh-dao", "a@example.vn")];
    assert_eq!(store.freeze_edition(&final_, &[part("lanh-dao", "xong")], &deliveries).await.unwrap(), Freeze::Frozen);
    let more = [delivery(DAY, "lanh-dao", "b@example.vn")];
    let again = store.freeze_edition(&final_, &[part("lanh-dao", "khác")], &more).await.unwrap();
    assert_eq!(again, Freeze::AlreadyFrozen);
    assert_eq!(store.save_draft(&draft, &[part("lanh-dao", "khác")]).await.unwrap(), Freeze::AlreadyFrozen);

    assert_eq!(store.rendered(&draft.id, &leaders).await.unwrap(), Some(part("lanh-dao", "xong")));
    assert_eq!(store.deliveries(&draft.id).await.unwrap(), deliveries);
    let stored = store.last_frozen().await.unwrap().unwrap();
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
    store.freeze_edition(&edition(DAY), &[], &given).await.unwrap();
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
    store.freeze_edition(&edition(DAY), &[], &given).await.unwrap();
    assert!(store.mark_sending(&given[0], at(61)).await.unwrap());
    // The process dies here.
    let due = store.due_deliveries(at(62), 10).await.unwrap();
    assert_eq!((due[0].state, due[0].attempts), (DeliveryState::Sending, 1));
    assert_eq!(due[0].message_id, given[0].message_id);
    assert!(store.mark_sending(&due[0], at(62)).await.unwrap());
}
