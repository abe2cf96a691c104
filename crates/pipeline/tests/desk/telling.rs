//! From an article's commit to the hand-over of its alarm, by a real SMTP server and a real HTTP
//! receiver; and what is left when the sender dies.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diembao_mail::sink::{Behaviour, Sink};
use diembao_pipeline::desk::{Teller, send_alerts};
use diembao_pipeline::{Clock, Home, ImportFormat, Pipeline, Progress, RunReport, absorb, import};
use diembao_store::AlertState;

const TITLE: &str = "Sản phụ tử vong sau mổ bắt con tại Bệnh viện Đa khoa Lam Giang, gia đình tố bệnh viện tắc trách";
const LEAD: &str = "Sản phụ H.T.N. tử vong ba giờ sau ca mổ bắt con tại Bệnh viện Đa khoa Lam Giang (Thanh Hóa).";

/// What the daemon promises.
const LIMIT: Duration = Duration::from_secs(2);

fn morning() -> DateTime<Utc> {
    "2026-11-21T06:30:00+07:00".parse().unwrap()
}

/// Takes one request after another, answers 200 and tells what it got and when.
fn receiver() -> (String, mpsc::Receiver<(Instant, String)>) {
    receiver_that_answers(&["200 OK"])
}

/// As [`receiver`], with these answers, the last for ever.
fn receiver_that_answers(answers: &'static [&'static str]) -> (String, mpsc::Receiver<(Instant, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/truc", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let answers = answers.iter().chain(answers.last().into_iter().cycle());
        for (stream, answer) in listener.incoming().zip(answers) {
            let Ok(mut stream) = stream else { return };
            let mut request = Vec::new();
            let mut part = [0_u8; 4096];
            while let Ok(n) = stream.read(&mut part) {
                request.extend_from_slice(&part[..n]);
                let text = String::from_utf8_lossy(&request).into_owned();
                let length = text.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
                if n == 0 || length.is_some_and(|length: usize| body.is_some_and(|n| n >= length)) {
                    break;
                }
            }
            let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
            if tell.send((Instant::now(), String::from_utf8_lossy(&request).into_owned())).is_err() {
                return;
            }
        }
    });
    (address, told)
}

async fn open(root: &Path, sink: &Sink, hook: Option<&str>) -> Pipeline {
    if !root.join("diembao.toml").exists() {
        diembao_pipeline::init(root).unwrap();
        let path = root.join("diembao.toml");
        let mut text = std::fs::read_to_string(&path).unwrap();
        text = text.replace("transport = \"folder\"", "transport = \"smtp\"").replace(
            "# [mail.smtp]\n",
            &format!(
                "[mail.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\n# [mail.smtp]\n",
                sink.addr().port()
            ),
        );
        // Sources that are silent: the articles are given by hand.
        std::fs::write(root.join("feeds.toml"), "").unwrap();
        if let Some(hook) = hook {
            std::fs::write(root.join("secret"), "khoa-bi-mat\n").unwrap();
            let secret = root.join("secret").display().to_string();
            text = text.replace(
                "# [[desk.webhook]]\n",
                &format!("[[desk.webhook]]\nname = \"phong-truc\"\nurl = \"{hook}\"\nsecret_file = \"{secret}\"\n\n# [[desk.webhook]]\n"),
            );
            let rosters = root.join("registry/rosters.toml");
            let ladder = std::fs::read_to_string(&rosters).unwrap();
            let told = ladder.replacen("to = [\"roster:truc\"]", "to = [\"roster:truc\", \"webhook:phong-truc\"]", 1);
            std::fs::write(&rosters, told).unwrap();
        }
        std::fs::write(&path, text).unwrap();
    }
    let began = Instant::now();
    let clock = Clock::new(move || morning() + began.elapsed());
    Pipeline::open(Home::load(root).unwrap(), clock, Progress::default()).await.unwrap()
}

async fn arrive(p: &Pipeline, n: usize, title: &str, lead: &str) {
    let record = serde_json::json!({
        "id": format!("a{n}"), "outlet": "bao-mot", "title": title, "lead": lead, "body": "",
        "published": (morning() - chrono::TimeDelta::minutes(40)).to_rfc3339(),
    });
    let report = import(p, record.to_string().as_bytes(), ImportFormat::JsonLines).await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    p.wake.articles.notify_one();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_handed_over_within_two_seconds_of_the_articles_commit() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(&dir.path().join("received"), Behaviour::Accept).unwrap();
    let (address, told) = receiver();
    let root = dir.path().join("home");
    std::fs::create_dir(&root).unwrap();
    let p = open(&root, &sink, Some(&address)).await;
    let (stop, stopped) = tokio::sync::watch::channel(());
    let script = async {
        // Past the loops' first look, so that what follows is woken and not a tick's luck.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let committed = Instant::now();
        arrive(&p, 1, TITLE, LEAD).await;
        let wait = move || told.recv_timeout(Duration::from_secs(15)).unwrap();
        let (at, request) = tokio::task::spawn_blocking(wait).await.unwrap();
        let took = at - committed;
        assert!(took < LIMIT, "the webhook took {took:?}");
        assert!(request.contains("\r\nx-diembao-signature: t="), "{request}");
        assert!(request.contains("\"severity\":\"red\""), "{request}");
        while sink.received() == 0 {
            assert!(committed.elapsed() < LIMIT, "the mail took {:?}", committed.elapsed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        println!("webhook after {} ms, mail after {} ms at most", took.as_millis(), committed.elapsed().as_millis());
        stop.send(()).unwrap();
    };
    tokio::join!(diembao_pipeline::serve(&p, stopped), script);
    assert_eq!(sink.received(), 1, "once");
}

/// The same words about another hospital in another province are another incident: a case and an alarm of its own. What
/// follows on the first is not.
#[tokio::test]
async fn a_second_incident_of_one_kind_is_alarmed_too() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(&dir.path().join("received"), Behaviour::Accept).unwrap();
    let root = dir.path().join("home");
    std::fs::create_dir(&root).unwrap();
    let p = open(&root, &sink, None).await;
    arrive(&p, 1, TITLE, LEAD).await;
    absorb(&p, &mut RunReport::default()).await.unwrap();
    let elsewhere = |text: &str| text.replace("Lam Giang", "Tân Phú").replace("Thanh Hóa", "Đồng Nai");
    arrive(&p, 2, &elsewhere(TITLE), &elsewhere(LEAD)).await;
    absorb(&p, &mut RunReport::default()).await.unwrap();
    let follows = "Vụ sản phụ tử vong sau mổ bắt con tại Bệnh viện Đa khoa Lam Giang: niêm phong hồ sơ bệnh án";
    arrive(&p, 3, follows, "Sở Y tế Thanh Hóa yêu cầu niêm phong hồ sơ ca mổ bắt con của sản phụ H.T.N.").await;
    absorb(&p, &mut RunReport::default()).await.unwrap();
    let mut articles = Vec::new();
    for case in ["1", "2", "3"] {
        let case = p.store.case(case.parse().unwrap()).await.unwrap();
        articles.extend(case.map(|(case, _)| case.spread.n_articles));
    }
    assert_eq!(articles, [2, 1]);
    assert_eq!(sink.received(), 2, "an alarm for each");
}

/// What the press writes is data in what a chat or an SMS gateway receives, whatever it looks like.
#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_title_stays_inside_the_webhooks_json() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(&dir.path().join("received"), Behaviour::Accept).unwrap();
    let (address, told) = receiver();
    let root = dir.path().join("home");
    std::fs::create_dir(&root).unwrap();
    let p = open(&root, &sink, Some(&address)).await;
    let hostile = format!("{TITLE} </script><script>alert(1)</script>\",\"severity\":\"green\",\"x\":\"\\u0000");
    arrive(&p, 1, &hostile, LEAD).await;
    absorb(&p, &mut RunReport::default()).await.unwrap();
    let (_, request) = tokio::task::spawn_blocking(move || told.recv_timeout(LIMIT).unwrap()).await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("script"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["severity"], "red");
    assert_eq!(body.get("x"), None);
    assert!(
        body["title"].as_str().unwrap().contains("</script><script>alert(1)</script>\",\"severity\":\"green\""),
        "{body}"
    );
}

/// A gateway that is down gets the message later, under the same name, so that it can tell a second copy.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_tried_again_under_the_same_name() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(&dir.path().join("received"), Behaviour::Accept).unwrap();
    let (address, told) = receiver_that_answers(&["503 Service Unavailable", "500 Internal Server Error", "200 OK"]);
    let root = dir.path().join("home");
    std::fs::create_dir(&root).unwrap();
    let p = open(&root, &sink, Some(&address)).await;
    arrive(&p, 1, TITLE, LEAD).await;
    absorb(&p, &mut RunReport::default()).await.unwrap();
    let mut sent = Vec::new();
    for minute in [2, 4, 6] {
        let clock = Clock::new(move || morning() + chrono::TimeDelta::minutes(minute));
        let later = Pipeline::open(Home::load(&root).unwrap(), clock, Progress::default()).await.unwrap();
        sent.push(send_alerts(&later, &Teller::new(&later.home).unwrap()).await.unwrap().sent);
    }
    assert_eq!(sent, [0, 1, 0], "twice refused, then taken, then left alone");
    let requests: Vec<String> = told.try_iter().map(|(_, request)| request).collect();
    let line = |request: &str, name: &str| request.lines().find(|l| l.starts_with(name)).unwrap().to_owned();
    let ids: Vec<String> = requests.iter().map(|r| line(r, "x-diembao-id:")).collect();
    assert_eq!(ids.len(), 3, "{requests:#?}");
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let signed: std::collections::BTreeSet<String> = requests.iter().map(|r| line(r, "x-diembao-signature:")).collect();
    assert_eq!(signed.len(), 3, "each is signed with the time it is sent at");
    assert_eq!(sink.received(), 1, "the mail was taken the first time");
}

#[tokio::test]
async fn a_dead_sender_neither_loses_nor_doubles_an_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Sink::start(&dir.path().join("received"), Behaviour::Defer).unwrap();
    let root = dir.path().join("home");
    std::fs::create_dir(&root).unwrap();
    let p = open(&root, &sink, None).await;
    arrive(&p, 1, TITLE, LEAD).await;
    // 451: it is kept and tried again.
    absorb(&p, &mut RunReport::default()).await.unwrap();
    let id = "1".parse().unwrap();
    let first = async || p.store.alerts(id).await.unwrap().remove(0);
    assert_eq!((first().await.state, first().await.attempts), (AlertState::Deferred, 1));
    assert_eq!(sink.received(), 0);
    // The process dies between "sending" and the answer: the server has the mail or has it not.
    let due = p.store.due_alerts(morning() + chrono::TimeDelta::minutes(1), 10).await.unwrap().remove(0);
    assert!(p.store.mark_alert_sending(&due, morning()).await.unwrap());
    sink.set(Behaviour::Accept);
    let teller = Teller::new(&p.home).unwrap();
    assert_eq!(send_alerts(&p, &teller).await.unwrap().sent, 0, "it is in doubt, and left alone for a while");
    let later = Pipeline::open(
        Home::load(&root).unwrap(),
        Clock::new(|| morning() + chrono::TimeDelta::minutes(3)),
        Progress::default(),
    )
    .await
    .unwrap();
    assert_eq!(send_alerts(&later, &teller).await.unwrap().sent, 1, "then it is handed over");
    assert_eq!(first().await.state, AlertState::Sent);
    for _ in 0..3 {
        absorb(&later, &mut RunReport::default()).await.unwrap();
    }
    assert_eq!(send_alerts(&later, &teller).await.unwrap().sent, 0);
    assert_eq!(sink.received(), 1, "after the 250 it never leaves again");
}
