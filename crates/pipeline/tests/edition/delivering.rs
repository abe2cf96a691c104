//! The outbox against a real SMTP server that misbehaves, and cut off at every step.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diembao_mail::sink::{Behaviour, Sink};
use diembao_news::{AudienceId, Delivery, DeliveryState, Edition, EditionId, EditionState};
use diembao_pipeline::{RunReport, deliver, editions_if_due};
use diembao_store::{Freezing, RenderedPart};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::home::{Desk, day, time};

const NOON: &str = "2026-11-20T12:00";

async fn desk(port: u16, more: &str) -> Desk {
    let smtp = format!("[mail.smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\ntimeout = \"2s\"\n{more}\n");
    Desk::open(NOON, &[("transport = \"folder\"", "transport = \"smtp\""), ("# [mail.smtp]\n", &smtp)]).await
}

/// Freezes an edition with so many recipients, due now.
async fn queue(desk: &Desk, id: &EditionId, n: usize) {
    let audience = AudienceId::parse("lanh-dao").unwrap();
    let deliveries = (0..n).map(|i| {
        let recipient = format!("nguoi-{i:04}@example.vn");
        Delivery {
            edition: id.clone(),
            audience: audience.clone(),
            message_id: diembao_mail::message_id(id, &audience, &recipient, "example.vn"),
            recipient,
            state: DeliveryState::Queued,
            attempts: 0,
            last_reply: None,
        }
    });
    let part = RenderedPart {
        audience: audience.clone(),
        subject: "[Điểm báo y tế 20/11] không phát sinh sự cố".into(),
        html: "<p>Không phát sinh</p>".into(),
        text: "Không phát sinh".into(),
    };
    let now = desk.p.clock.now();
    let edition = Edition { id: id.clone(), state: EditionState::Draft, from: now, to: now, frozen_at: Some(now) };
    let what = Freezing { parts: vec![part], deliveries: deliveries.collect(), ..Freezing::default() };
    desk.p.store.freeze_edition(&edition, &what).await.unwrap();
}

async fn states(desk: &Desk, id: &EditionId) -> BTreeMap<&'static str, usize> {
    let mut states = BTreeMap::new();
    for d in desk.p.store.deliveries(id).await.unwrap() {
        *states.entry(d.state.as_str()).or_default() += 1;
    }
    states
}

/// How often each recipient of an edition was mailed, as the server kept it.
fn kept(folder: &std::path::Path, id: &EditionId) -> BTreeMap<String, usize> {
    let mut mails = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let header = |name: &str| text.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().to_owned();
        if header("Message-ID: ").starts_with(&format!("<{id}.")) {
            *mails.entry(header("To: ")).or_default() += 1;
        }
    }
    mails
}

#[tokio::test]
async fn whatever_the_server_does_everybody_is_served_in_the_end_and_nobody_twice_after_a_yes() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::start(folder.path(), Behaviour::Accept).unwrap();
    let desk = desk(sink.addr().port(), "").await;
    let refused = "nguoi-0001@example.vn";
    for (i, (behaviour, first, most)) in [
        (Behaviour::Accept, "sent", 1),
        (Behaviour::Defer, "deferred", 1),
        (Behaviour::DeferAfterData, "deferred", 1),
        (Behaviour::DropBeforeData, "deferred", 1),
        (Behaviour::DropInData, "deferred", 1),
        (Behaviour::DropAfterData, "deferred", 1),
        (Behaviour::Busy, "deferred", 1),
        (Behaviour::Slow(Duration::from_millis(20)), "sent", 1),
        // The server kept it and did not say so: the second copy has the same Message-ID.
        (Behaviour::TakeAndDrop, "deferred", 2),
    ]
    .into_iter()
    .enumerate()
    {
        let id = day(&format!("2026-10-{:02}", i + 1));
        desk.at(NOON);
        queue(&desk, &id, 4).await;
        sink.set(behaviour.clone());
        deliver(&desk.p, &mut RunReport::default()).await.unwrap();
        assert_eq!(states(&desk, &id).await, BTreeMap::from([(first, 4)]), "{behaviour:?}");
        sink.set(Behaviour::Accept);
        desk.at("2026-11-20T12:30");
        deliver(&desk.p, &mut RunReport::default()).await.unwrap();
        assert_eq!(states(&desk, &id).await, BTreeMap::from([("sent", 4)]), "{behaviour:?}");
        let kept = kept(folder.path(), &id);
        assert_eq!(kept.len(), 4, "{behaviour:?}");
        assert!(kept.values().all(|n| *n <= most), "{behaviour:?} {kept:?}");
    }
    for (id, behaviour, lost) in
        [("2026-09-01", Behaviour::Reject(refused.into()), 1), ("2026-09-02", Behaviour::FailAfterData, 4)]
    {
        let id = day(id);
        queue(&desk, &id, 4).await;
        sink.set(behaviour);
        deliver(&desk.p, &mut RunReport::default()).await.unwrap();
        sink.set(Behaviour::Accept);
        desk.at("2026-11-20T18:00");
        deliver(&desk.p, &mut RunReport::default()).await.unwrap();
        let states = states(&desk, &id).await;
        assert_eq!(states.get("bounced"), Some(&lost), "what is refused for good is not tried again: {states:?}");
    }
}

/// Runs a future for so many polls and drops it; whether it ended by itself.
async fn cut_off<F: Future>(work: F, polls: usize) -> bool {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        work.as_mut().poll(cx).map(|_| true)
    })
    .await
}

#[tokio::test]
async fn cut_off_at_any_step_it_loses_nobody_and_mails_nobody_again_who_is_known_to_have_it() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::start(folder.path(), Behaviour::Accept).unwrap();
    let desk = desk(sink.addr().port(), "").await;
    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let mut n_in_doubt = 0;
    for polls in 0..2000 {
        let id = EditionId::of_day(first + chrono::Days::new(polls));
        queue(&desk, &id, 3).await;
        let ended = cut_off(deliver(&desk.p, &mut RunReport::default()), usize::try_from(polls).unwrap()).await;
        let before: BTreeMap<String, DeliveryState> =
            desk.p.store.deliveries(&id).await.unwrap().into_iter().map(|d| (d.recipient, d.state)).collect();
        deliver(&desk.p, &mut RunReport::default()).await.unwrap();
        assert_eq!(states(&desk, &id).await, BTreeMap::from([("sent", 3)]), "cut off after {polls}");
        let kept = kept(folder.path(), &id);
        for (recipient, state) in &before {
            let n = kept.get(recipient).copied().unwrap_or(0);
            let most = if *state == DeliveryState::Sending { 2 } else { 1 };
            assert!((1..=most).contains(&n), "cut off after {polls}: {recipient} was {state:?} and has {n}");
            n_in_doubt += usize::from(n == 2);
        }
        if ended {
            assert!(polls > 20, "the delivery was cut off at {polls} places");
            eprintln!("cut off at {polls} places; {n_in_doubt} mails came twice, in doubt and under one Message-ID");
            return;
        }
    }
    panic!("a delivery of three mails does not end");
}

#[tokio::test]
async fn a_server_that_is_down_is_left_alone_and_told_of_by_the_second_channel() {
    let hook = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "bi-mat").unwrap();
    let webhook = format!(
        "\n[[desk.webhook]]\nname = \"truc\"\nurl = \"http://{}/\"\nsecret_file = \"{}\"\n",
        hook.local_addr().unwrap(),
        secret.path().display()
    );
    // Nobody listens on the discard port.
    let desk = desk(9, &webhook).await;
    let posts = tokio::spawn(async move {
        let mut posts = Vec::new();
        while posts.len() < 2 {
            let (mut stream, _) = hook.accept().await.unwrap();
            let mut request = Vec::new();
            while !String::from_utf8_lossy(&request).trim_end().ends_with('}') {
                let mut bytes = [0; 4096];
                let n = stream.read(&mut bytes).await.unwrap();
                request.extend_from_slice(&bytes[..n]);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
            // Today's own edition does not leave either.
            posts.extend(String::from_utf8(request).ok().filter(|post| post.contains("2026-11-19")));
        }
        posts
    });
    let id = day("2026-11-19");
    queue(&desk, &id, 200).await;
    let look = async || editions_if_due(&desk.p, &mut RunReport::default()).await.unwrap();
    look().await;
    let tried = states(&desk, &id).await["deferred"];
    assert!(tried < 50, "{tried} of 200 were tried at a server that is down");
    assert!(desk.p.store.notices().await.unwrap().is_empty(), "a minute is no reason for an alarm");
    for at in ["2026-11-20T12:20", "2026-11-20T12:21"] {
        desk.at(at);
        look().await;
    }
    let notices = desk.p.store.notices().await.unwrap();
    assert!(notices.iter().any(|n| n.text.contains("200/200 người nhận chưa có")), "{notices:?}");
    for delivery in desk.p.store.deliveries(&id).await.unwrap() {
        desk.p.store.record_reply(&delivery, (DeliveryState::Sent, "250"), None, time(NOON)).await.unwrap();
    }
    look().await;
    assert!(desk.p.store.notices().await.unwrap().iter().all(|n| !n.name.contains("2026-11-19")));
    let posts = tokio::time::timeout(Duration::from_secs(20), posts).await.unwrap().unwrap();
    assert!(posts[0].contains("200/200") && posts[1].contains("đã xử lý xong"), "{posts:?}");
}

#[tokio::test]
async fn a_thousand_recipients_are_served_within_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::start(folder.path(), Behaviour::Accept).unwrap();
    let desk = desk(sink.addr().port(), "").await;
    let id = day("2026-11-20");
    queue(&desk, &id, 1000).await;
    let begun = Instant::now();
    deliver(&desk.p, &mut RunReport::default()).await.unwrap();
    let took = begun.elapsed();
    eprintln!("1000 recipients in {took:.1?}");
    assert_eq!(states(&desk, &id).await, BTreeMap::from([("sent", 1000)]));
    assert_eq!(sink.received(), 1000);
    assert!(took < Duration::from_secs(60), "{took:?}");
}

#[tokio::test]
async fn mails_are_paced_and_signed_and_say_how_to_be_rid_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::start(folder.path(), Behaviour::Accept).unwrap();
    let keys = tempfile::tempdir().unwrap();
    let key = keys.path().join("dkim.pem");
    std::fs::write(&key, rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem()).unwrap();
    let dkim =
        format!("\n[mail.dkim]\ndomain = \"example.vn\"\nselector = \"diembao\"\nkey_file = \"{}\"\n", key.display());
    let smtp = format!("[mail.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n{dkim}", sink.addr().port());
    let changes = [
        ("transport = \"folder\"", "transport = \"smtp\""),
        ("# [mail.smtp]\n", smtp.as_str()),
        ("interval = \"0s\"", "interval = \"40ms\""),
        ("# reply_to", "reply_to"),
        ("# list_unsubscribe", "list_unsubscribe"),
    ];
    let desk = Desk::open(NOON, &changes).await;
    queue(&desk, &day("2026-11-20"), 6).await;
    let begun = Instant::now();
    deliver(&desk.p, &mut RunReport::default()).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(200));
    let (id, leaders) = (day("2026-11-20"), AudienceId::parse("lanh-dao").unwrap());
    let outcome = diembao_pipeline::test_send(&desk.p, &id, &leaders, "toi@example.vn").await.unwrap();
    assert!(matches!(outcome, diembao_mail::SendOutcome::Sent { .. }));
    let texts: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap())
        .collect();
    assert_eq!(texts.len(), 7);
    for text in &texts {
        for header in ["DKIM-Signature: ", "List-Unsubscribe: <mailto:", "Reply-To: ", "List-Id: ", "Auto-Submitted: "]
        {
            assert!(text.lines().any(|l| l.starts_with(header)), "{header}\n{text}");
        }
    }
    let states = states(&desk, &day("2026-11-20")).await;
    assert_eq!(states, BTreeMap::from([("sent", 6)]), "a test is no delivery");
    assert!(TimeDelta::from_std(begun.elapsed()).unwrap() < TimeDelta::seconds(60));
}

#[tokio::test]
async fn a_test_before_the_edition_leaves_carries_the_files_it_will_carry() {
    let gets = "id = \"lanh-dao\"\ngets = [\"digest\", \"bulletin\"]\n";
    let desk = Desk::open(NOON, &[("id = \"lanh-dao\"\n", gets)]).await;
    desk.arrive(&[("dan-tri", "Bệnh viện huyện có khoa nhi mới", "Khoa nhi 120 giường mở cửa sáng nay.")]).await;
    let leaders = AudienceId::parse("lanh-dao").unwrap();
    for (id, name) in
        [("2026-11-20", "Điểm báo y tế 20-11-2026.pdf"), ("2026-11-20-bat-cap", "Thông tin bất cập 20-11-2026.pdf")]
    {
        let outcome = diembao_pipeline::test_send(&desk.p, &day(id), &leaders, "toi@example.vn").await.unwrap();
        assert!(matches!(outcome, diembao_mail::SendOutcome::Sent { .. }));
        let mails: Vec<Vec<u8>> = std::fs::read_dir(desk.p.home.root.join("mail"))
            .unwrap()
            .map(|f| f.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "eml"))
            .map(|path| std::fs::read(path).unwrap())
            .collect();
        let names: Vec<String> = mails
            .iter()
            .flat_map(|mail| {
                let parsed = mail_parser::MessageParser::default().parse(mail).unwrap();
                parsed
                    .attachments()
                    .filter_map(|a| mail_parser::MimeHeaders::attachment_name(a).map(str::to_owned))
                    .collect::<Vec<_>>()
            })
            .collect();
        assert!(names.iter().any(|n| n == name), "{names:?}");
    }
    assert!(desk.p.store.edition(&day("2026-11-20")).await.unwrap().is_none(), "nothing is frozen");
}
