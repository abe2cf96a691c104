//! What a receiver gets, and what its answer means.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use chrono::{TimeZone, Utc};
use diembao_mail::webhook::{Webhook, signature};
use diembao_mail::{Secret, SendOutcome};

/// Answers one request and returns it.
fn receiver(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/phong-truc", listener.local_addr().expect("it is bound"));
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody calls");
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        while !request.ends_with(b"}") {
            let n = stream.read(&mut piece).expect("it can be read");
            if n == 0 {
                break;
            }
            request.extend_from_slice(&piece[..n]);
        }
        stream.write_all(answer.as_bytes()).expect("it can be answered");
        String::from_utf8_lossy(&request).into_owned()
    });
    (url, thread)
}

async fn post(answer: &'static str) -> (SendOutcome, String) {
    let (url, thread) = receiver(answer);
    let hook = Webhook::new(&url, Secret::new("khoa".to_owned())).expect("loopback is allowed");
    let at = Utc.with_ymd_and_hms(2026, 11, 21, 0, 0, 0).unwrap();
    let outcome = hook.post("2026-11-21.1", "{\"text\":\"Máy chủ thư không trả lời\"}", at).await;
    (outcome, thread.join().expect("the receiver ends"))
}

#[tokio::test]
async fn a_receiver_can_tell_who_wrote() {
    let (outcome, request) = post("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(outcome, SendOutcome::Sent { reply: "status 204".to_owned() });
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /phong-truc HTTP/1.1"));
    let at = Utc.with_ymd_and_hms(2026, 11, 21, 0, 0, 0).unwrap();
    let expected = format!("x-diembao-signature: {}", signature(&Secret::new("khoa".to_owned()), at, body));
    assert!(head.to_lowercase().contains(&expected), "{head}");
    assert!(head.to_lowercase().contains("x-diembao-id: 2026-11-21.1"));
}

#[tokio::test]
async fn its_answer_decides_whether_to_try_again() {
    let word = |outcome: SendOutcome| match outcome {
        SendOutcome::Sent { .. } => "sent",
        SendOutcome::Deferred { .. } => "deferred",
        SendOutcome::Bounced { .. } => "bounced",
        SendOutcome::InDoubt { .. } => "in doubt",
    };
    for (answer, expect) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "sent"),
        ("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "deferred"),
        ("HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n", "deferred"),
        ("HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n", "bounced"),
        ("HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n", "bounced"),
        ("", "deferred"),
    ] {
        assert_eq!(word(post(answer).await.0), expect, "{answer}");
    }
}
