//! Saved searches: kept, told once, sent once.

use diembao_news::DeliveryState;
use diembao_store::{SavedMail, SavedSearch, Store};

use crate::backend::on_both;
use crate::samples::{at, id};

on_both!(a_search_is_saved_and_forgotten, what_was_told_is_told_once);

fn search(question: &str) -> SavedSearch {
    SavedSearch {
        name: "vắc xin".to_owned(),
        question: question.to_owned(),
        recipients: vec!["a@byt.example".to_owned()],
        saved_at: at(1),
        looked_at: None,
    }
}

fn mail(name: &str) -> SavedMail {
    SavedMail {
        message_id: name.to_owned(),
        search: "vắc xin".to_owned(),
        recipient: "a@byt.example".to_owned(),
        subject: "Có bài mới".to_owned(),
        html: "<p>Có bài mới</p>".to_owned(),
        text: "Có bài mới".to_owned(),
        attempts: 0,
    }
}

async fn a_search_is_saved_and_forgotten(store: Store, _: String) {
    store.save_search(&search("một")).await.unwrap();
    store.save_search(&search("hai")).await.unwrap();
    assert_eq!(store.saved_searches().await.unwrap(), [search("hai")]);
    assert_eq!(store.saved_search("vắc xin").await.unwrap(), Some(search("hai")));
    assert_eq!(store.saved_search("sởi").await.unwrap(), None);
    store.tell("vắc xin", &[id(1)], &[mail("<1>")], at(2)).await.unwrap();
    assert!(store.delete_search("vắc xin").await.unwrap());
    assert!(!store.delete_search("vắc xin").await.unwrap());
    assert!(store.told("vắc xin").await.unwrap().is_empty());
    assert!(store.due_saved_mails(at(9), 9).await.unwrap().is_empty(), "what nobody was told yet is withdrawn");
}

async fn what_was_told_is_told_once(store: Store, _: String) {
    store.save_search(&search("một")).await.unwrap();
    store.tell("vắc xin", &[id(1), id(2)], &[mail("<1>")], at(2)).await.unwrap();
    store.tell("vắc xin", &[id(2), id(3)], &[mail("<1>")], at(3)).await.unwrap();
    assert_eq!(store.told("vắc xin").await.unwrap().len(), 3);
    assert_eq!(store.saved_search("vắc xin").await.unwrap().unwrap().looked_at, Some(at(3)));
    let due = store.due_saved_mails(at(4), 9).await.unwrap();
    assert_eq!(due, [mail("<1>")]);
    assert!(store.mark_saved_mail_sending(&due[0], at(4)).await.unwrap());
    assert!(!store.mark_saved_mail_sending(&due[0], at(4)).await.unwrap(), "another try has begun");
    let in_doubt = store.due_saved_mails(at(5), 9).await.unwrap();
    assert_eq!((in_doubt.len(), in_doubt[0].attempts), (1, 1), "a crash between the two marks leaves it due");
    let later = (DeliveryState::Deferred, "450");
    store.record_saved_mail_reply(&in_doubt[0], later, Some(at(8)), at(5)).await.unwrap();
    assert_eq!(store.saved_mails_waiting("vắc xin").await.unwrap().len(), 1);
    assert!(store.due_saved_mails(at(7), 9).await.unwrap().is_empty());
    assert!(store.mark_saved_mail_sending(&in_doubt[0], at(8)).await.unwrap());
    store.record_saved_mail_reply(&in_doubt[0], (DeliveryState::Sent, "250"), None, at(8)).await.unwrap();
    assert!(store.saved_mails_waiting("vắc xin").await.unwrap().is_empty());
    assert!(store.due_saved_mails(at(99), 9).await.unwrap().is_empty());
}
