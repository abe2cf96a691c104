//! Delivery to a real SMTP server that is told to misbehave at every step: the outcome is what the
//! sender can know, never more.

#![expect(clippy::unwrap_used, reason = "what cannot be read is a failed test")]

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{TimeZone, Utc};
use diembao_mail::sink::{Behaviour, Sink};
use diembao_mail::{Mailer, Message, Secret, SendOutcome, Smtp, Tls, Transport};

fn message(to: &str) -> Message {
    Message {
        from: "Điểm báo <diembao@byt.example>".to_owned(),
        to: to.to_owned(),
        reply_to: None,
        message_id: format!("<2026-11-21.lanh-dao.{}@byt.example>", to.replace('@', ".")),
        date: Utc.with_ymd_and_hms(2026, 11, 21, 0, 0, 0).unwrap(),
        subject: "[Điểm báo y tế 21/11] Không phát sinh sự cố".to_owned(),
        html: "<p>Không phát sinh.</p>".to_owned(),
        text: "Không phát sinh.\n.\n..\n".to_owned(),
        attachments: vec![],
        list_id: None,
        list_unsubscribe: None,
    }
}

fn smtp(sink: &Sink) -> Smtp {
    Smtp { timeout: Duration::from_secs(5), ..Smtp::new("127.0.0.1", sink.addr().port(), Tls::None) }
}

fn mailer(smtp: Smtp) -> Mailer {
    Mailer::new(&Transport::Smtp(smtp)).unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn word(outcome: &SendOutcome) -> &'static str {
    match outcome {
        SendOutcome::Sent { .. } => "sent",
        SendOutcome::Deferred { .. } => "deferred",
        SendOutcome::Bounced { .. } => "bounced",
        SendOutcome::InDoubt { .. } => "in doubt",
    }
}

#[tokio::test]
async fn a_mail_taken_is_sent_and_arrives_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(dir.path(), Behaviour::Accept).unwrap();
    let message = message("lanhdao@byt.example");
    let outcome = mailer(smtp(&sink)).send(&message).await;
    assert_eq!(outcome, SendOutcome::Sent { reply: "250 taken".to_owned() });
    assert_eq!(sink.received(), 1);
    let names = files(dir.path());
    assert_eq!(names, ["00001-2026-11-21.lanh-dao.lanhdao.byt.example@byt.example.eml"]);
    let arrived = std::fs::read(dir.path().join(&names[0])).unwrap();
    let sent = diembao_mail::render(&message).unwrap();
    let trace = b"Return-Path: <diembao@byt.example>\r\nDelivered-To: lanhdao@byt.example\r\n".to_vec();
    assert_eq!(
        String::from_utf8_lossy(&arrived).trim_end(),
        String::from_utf8_lossy(&[trace, sent].concat()).trim_end()
    );
}

#[tokio::test]
async fn each_misbehaviour_has_its_outcome() {
    for (behaviour, expect, n_received) in [
        (Behaviour::Defer, "deferred", 0),
        (Behaviour::Reject("a@byt.example".to_owned()), "bounced", 0),
        (Behaviour::Reject("khac@byt.example".to_owned()), "sent", 1),
        (Behaviour::FailAfterData, "bounced", 0),
        (Behaviour::DeferAfterData, "deferred", 0),
        (Behaviour::DropBeforeData, "deferred", 0),
        (Behaviour::DropInData, "in doubt", 0),
        (Behaviour::TakeAndDrop, "in doubt", 1),
        (Behaviour::DropAfterData, "in doubt", 0),
        (Behaviour::Slow(Duration::from_millis(20)), "sent", 1),
        (Behaviour::Busy, "deferred", 0),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let sink = Sink::start(dir.path(), behaviour.clone()).unwrap();
        let outcome = mailer(smtp(&sink)).send(&message("a@byt.example")).await;
        assert_eq!((word(&outcome), sink.received()), (expect, n_received), "{behaviour:?}: {}", outcome.reply());
        assert!(!outcome.reply().is_empty(), "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_server_that_recovers_takes_the_same_mail() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(dir.path(), Behaviour::Accept).unwrap();
    let mailer = mailer(smtp(&sink));
    let message = message("a@byt.example");
    // What refuses connections comes first: later ones are kept and used again.
    for behaviour in [Behaviour::Busy, Behaviour::Defer, Behaviour::DropBeforeData, Behaviour::DeferAfterData] {
        sink.set(behaviour.clone());
        assert_eq!(word(&mailer.send(&message).await), "deferred", "{behaviour:?}");
    }
    sink.set(Behaviour::Accept);
    assert_eq!(word(&mailer.send(&message).await), "sent");
    assert_eq!(sink.received(), 1);
}

#[tokio::test]
async fn one_refused_recipient_does_not_harm_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(dir.path(), Behaviour::Reject("b@byt.example".to_owned())).unwrap();
    let mailer = mailer(smtp(&sink));
    let mut outcomes = Vec::new();
    for to in ["a@byt.example", "b@byt.example", "c@byt.example"] {
        outcomes.push(word(&mailer.send(&message(to)).await));
    }
    assert_eq!(outcomes, ["sent", "bounced", "sent"]);
    let count = |verb: &str| sink.commands().iter().filter(|c| c.starts_with(verb)).count();
    assert_eq!(count("EHLO"), 1, "the connection was not used again");
    mailer.close().await;
    assert_eq!(count("QUIT"), 1);
    assert_eq!(word(&mailer.send(&message("d@byt.example")).await), "sent");
}

#[tokio::test]
async fn a_connection_closed_while_idle_costs_no_mail() {
    let dir = tempfile::tempdir().unwrap();
    let first = Sink::start(dir.path(), Behaviour::Accept).unwrap();
    let mailer = mailer(smtp(&first));
    assert_eq!(word(&mailer.send(&message("a@byt.example")).await), "sent");
    first.set(Behaviour::DropBeforeData);
    assert_eq!(word(&mailer.send(&message("b@byt.example")).await), "deferred");
    first.set(Behaviour::Accept);
    assert_eq!(word(&mailer.send(&message("b@byt.example")).await), "sent");
    assert_eq!(first.received(), 2);
}

#[tokio::test]
async fn nobody_there_is_deferred() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(dir.path(), Behaviour::Accept).unwrap();
    let mailer = mailer(smtp(&sink));
    drop(sink);
    assert_eq!(word(&mailer.send(&message("a@byt.example")).await), "deferred");
}

#[tokio::test]
async fn a_server_that_never_answers_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(dir.path(), Behaviour::Slow(Duration::from_secs(600))).unwrap();
    let mailer = mailer(Smtp { timeout: Duration::from_millis(200), ..smtp(&sink) });
    let start = Instant::now();
    assert_eq!(word(&mailer.send(&message("a@byt.example")).await), "deferred");
    assert!(start.elapsed() < Duration::from_secs(120), "the server would take ten minutes");
}

#[tokio::test]
async fn a_refused_login_bounces_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(dir.path(), Behaviour::RefuseLogin).unwrap();
    let credentials = Some(("diembao".to_owned(), Secret::new("mat-khau-bi-mat".to_owned())));
    let mailer = mailer(Smtp { credentials, ..smtp(&sink) });
    let outcome = mailer.send(&message("a@byt.example")).await;
    assert_eq!(word(&outcome), "deferred");
    assert!(outcome.reply().contains("535") && !outcome.reply().contains("mat-khau"), "{}", outcome.reply());
    sink.set(Behaviour::Accept);
    assert_eq!(word(&mailer.send(&message("a@byt.example")).await), "sent");
    assert_eq!(mailer.check().await.unwrap(), "127.0.0.1 answers as sink.localhost");
}

#[tokio::test]
async fn encryption_that_is_not_offered_is_not_done_without() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(dir.path(), Behaviour::Accept).unwrap();
    for tls in [Tls::StartTls, Tls::Implicit] {
        let mailer = mailer(Smtp { timeout: Duration::from_secs(1), tls, ..smtp(&sink) });
        assert_eq!(word(&mailer.send(&message("a@byt.example")).await), "deferred");
    }
    assert_eq!(sink.received(), 0);
    assert!(!sink.commands().iter().any(|c| c.starts_with("MAIL")));
}

#[tokio::test]
async fn a_message_that_is_none_bounces_without_a_connection() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(dir.path(), Behaviour::Accept).unwrap();
    let outcome = mailer(smtp(&sink)).send(&message("không phải địa chỉ")).await;
    assert_eq!(word(&outcome), "bounced");
    assert!(sink.commands().is_empty());
}

#[tokio::test]
async fn a_folder_holds_each_mail_once() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("thu/di");
    let mailer = Mailer::new(&Transport::Folder(folder.clone())).unwrap();
    for to in ["a@byt.example", "b@byt.example", "a@byt.example"] {
        assert_eq!(word(&mailer.send(&message(to)).await), "sent");
    }
    assert_eq!(files(&folder).len(), 2);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(word(&mailer.send(&message("a@byt.example")).await), "deferred");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_recipients_are_served_within_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(dir.path(), Behaviour::Accept).unwrap();
    let mailer = std::sync::Arc::new(mailer(smtp(&sink)));
    let gate = std::sync::Arc::new(tokio::sync::Semaphore::new(4));
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..1000 {
        let (mailer, gate) = (mailer.clone(), gate.clone());
        tasks.spawn(async move {
            let _turn = gate.acquire().await.unwrap();
            word(&mailer.send(&message(&format!("n{i}@byt.example"))).await)
        });
    }
    let outcomes = tasks.join_all().await;
    assert!(outcomes.iter().all(|o| *o == "sent"));
    assert_eq!((sink.received(), files(dir.path()).len()), (1000, 1000));
    eprintln!("1000 mails in {:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(60));
    let greetings = sink.commands().iter().filter(|c| c.starts_with("EHLO")).count();
    assert!(greetings <= 20, "{greetings} connections");
}
