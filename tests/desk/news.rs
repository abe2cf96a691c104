//! What the press writes on about a case that was closed or dismissed.

use serde_json::{Value, json};

use super::{Desk, FIRST, SECOND};
use crate::support::Backend;

/// What the press writes after a case is closed waits for an officer, and wakes nobody; of a dismissed case only
/// what is graver is told.
#[test]
fn what_is_written_after_the_end_is_seen() {
    let desk = Desk::new(Backend::Sqlite);
    desk.import("21T06:30", &[FIRST]);
    desk.say("21T06:40", &["desk", "ack", "1"]);
    desk.say("21T09:00", &["desk", "resolve", "1", "bệnh viện đã trả lời"]);
    let n_mails = desk.mails().len();
    let waiting = |time: &str| desk.json(time, &["desk", "list", "--closed-with-news", "--json"]).len();
    assert_eq!(waiting("21T09:01"), 0);

    // An old article that comes from an archive is no news.
    desk.import("21T09:10", &[("bao-cu", "10T07:00", SECOND.2, SECOND.3)]);
    assert_eq!((waiting("21T09:11"), &desk.show("21T09:11", "1")["n_articles"]), (0, &json!(2)));
    desk.import("21T10:00", &[("bao-hai", "21T09:50", SECOND.2, SECOND.3)]);
    assert_eq!(waiting("21T10:01"), 1);
    let case = desk.show("21T10:01", "1");
    assert_eq!((case["state"].as_str(), case["news"].as_str()), (Some("closed"), Some("2026-11-21T10:00:00+07:00")));
    let told = case["events"].as_array().unwrap().last().unwrap();
    assert_eq!((&told["action"], told["note"].as_str()), (&json!("news"), Some(SECOND.2)));
    let shift = desk.say("21T10:02", &["desk", "handover"]);
    assert!(shift.contains("Có tin mới sau khi đóng, chưa ai xem:\n#1 [Đỏ] Sản phụ tử vong"), "{shift}");
    desk.say("21T10:03", &["desk", "alerts", "--send"]);
    assert_eq!(desk.mails().len(), n_mails, "nobody is woken");

    desk.say("21T10:05", &["desk", "seen", "1"]);
    assert_eq!(waiting("21T10:06"), 0);
    let refused = desk.refused("21T10:06", &["desk", "seen", "1"], 1);
    assert!(refused.contains("closed with news since"), "{refused}");
    assert!(!desk.say("21T10:07", &["desk", "handover"]).contains("Có tin mới"));
    desk.import("21T11:00", &[("bao-ba", "21T10:50", SECOND.2, SECOND.3)]);
    assert_eq!(waiting("21T11:01"), 1, "what comes later is news again");
    desk.say("21T11:05", &["desk", "reopen", "1", "báo viết tiếp"]);
    assert_eq!((waiting("21T11:06"), &desk.show("21T11:06", "1")["news"]), (0, &Value::Null));

    desk.say("21T11:10", &["desk", "dismiss", "1", "--reason", "not-incident"]);
    desk.import("21T12:00", &[("bao-bon", "21T11:50", SECOND.2, SECOND.3)]);
    let case = desk.show("21T12:01", "1");
    assert_eq!((waiting("21T12:01"), &case["state"], &case["n_articles"]), (0, &json!("dismissed"), &json!(5)));
    desk.say("21T12:02", &["desk", "reopen", "1", "xem lại"]);
    desk.say("21T12:03", &["desk", "severity", "1", "yellow", "--note", "chưa có căn cứ"]);
    desk.say("21T12:04", &["desk", "dismiss", "1", "--reason", "unfounded"]);
    desk.import("21T13:00", &[("bao-nam", "21T12:50", SECOND.2, SECOND.3)]);
    desk.say("21T13:01", &["desk", "alerts", "--send"]);
    let case = desk.show("21T13:02", "1");
    assert_eq!((case["state"].as_str(), case["severity"].as_str()), (Some("detected"), Some("red")), "{case:#}");
    assert_eq!(desk.mails().len(), n_mails + 1, "it is an alarm");
}
