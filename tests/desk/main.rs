//! The whole life of a case by the command line, with the time injected: from the first article to the
//! evidence pack, with every alarm, clock, conflict and signature on the way.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

#[path = "../support/mod.rs"]
mod support;

mod alarms;
mod news;

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use support::{Backend, Home, Press, both, json_of, stdout_of};

const BY: &str = "Lê Ngọc Chi";

/// A desk whose time is set by hand.
struct Desk {
    home: Home,
    _store: Backend,
}

impl Desk {
    fn new(store: Backend) -> Self {
        let home = Home::new();
        store.give_to(&home);
        home.change("diembao.toml", "http://127.0.0.1:8080", "https://diembao.example.vn");
        Self { home, _store: store }
    }

    fn at(&self, time: &str, args: &[&str]) -> Command {
        let mut command = self.home.command(args);
        command.env("DIEMBAO_NOW", format!("2026-11-{time}:00+07:00")).env("DIEMBAO_USER", BY);
        command
    }

    #[track_caller]
    fn say(&self, time: &str, args: &[&str]) -> String {
        stdout_of(&mut self.at(time, args), 0)
    }

    #[track_caller]
    fn json(&self, time: &str, args: &[&str]) -> Vec<Value> {
        json_of(&mut self.at(time, args))
    }

    #[track_caller]
    fn refused(&self, time: &str, args: &[&str], code: i32) -> String {
        let output = self.at(time, args).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", both(&output));
        String::from_utf8(output.stderr).unwrap()
    }

    #[track_caller]
    fn show(&self, time: &str, case: &str) -> Value {
        self.json(time, &["desk", "show", case, "--json"]).remove(0)
    }

    /// Articles come in: outlet, hour of publication, title, lead.
    fn import(&self, time: &str, articles: &[(&str, &str, &str, &str)]) {
        let lines: Vec<String> = articles
            .iter()
            .map(|(outlet, published, title, lead)| {
                let published = format!("2026-11-{published}:00+07:00");
                json!({"id": format!("{outlet}{published}"), "url": format!("https://{outlet}.vn/{published}"),
                    "outlet": outlet, "title": title, "lead": lead, "body": if title.contains("tử vong") { BODY } else { "" },
                    "published": published})
                .to_string()
            })
            .collect();
        fs::write(self.home.file("moi.jsonl"), lines.join("\n")).unwrap();
        self.say(time, &["import", self.home.file("moi.jsonl").to_str().unwrap()]);
    }

    /// Who was mailed an alert, and what: recipient and subject, sorted.
    fn mails(&self) -> Vec<(String, String)> {
        let mut mails: Vec<(String, String)> = self
            .home
            .mails("mail/alerts")
            .iter()
            .map(|path| {
                let bytes = fs::read(path).unwrap();
                let mail = mail_parser::MessageParser::default().parse(&bytes).unwrap();
                let to = mail.to().unwrap().first().unwrap().address().unwrap().to_owned();
                (to, mail.subject().unwrap().to_owned())
            })
            .collect();
        mails.sort();
        mails
    }
}

const BODY: &str = "Gia đình sản phụ đề nghị làm rõ nguyên nhân. Sở Y tế Thanh Hóa cho biết đã lập hội đồng chuyên môn \
    để đánh giá quá trình xử trí. Bệnh viện đã niêm phong hồ sơ bệnh án.";
const FIRST: (&str, &str, &str, &str) = (
    "bao-mot",
    "21T05:40",
    "Sản phụ tử vong sau mổ bắt con tại Bệnh viện Đa khoa Lam Giang, gia đình tố bệnh viện tắc trách",
    "Sản phụ H.T.N., 28 tuổi, tử vong ba giờ sau ca mổ bắt con tại Bệnh viện Đa khoa Lam Giang (Thanh Hóa).",
);
const SECOND: (&str, &str, &str, &str) = (
    "bao-hai",
    "21T07:10",
    "Vụ sản phụ tử vong sau mổ bắt con tại Bệnh viện Đa khoa Lam Giang: niêm phong hồ sơ bệnh án",
    "Bệnh viện Đa khoa Lam Giang (Thanh Hóa) niêm phong hồ sơ ca mổ bắt con của sản phụ H.T.N., 28 tuổi, đã tử vong.",
);

#[test]
fn a_case_lives_from_its_first_article_to_its_evidence_on_sqlite() {
    live(&Desk::new(Backend::Sqlite));
}

#[test]
fn a_case_lives_from_its_first_article_to_its_evidence_on_postgresql() {
    if let Some(store) = Backend::postgres("desklife") {
        live(&Desk::new(store));
    }
}

fn live(desk: &Desk) {
    found(desk);
    climbs(desk);
    handled(desk);
    clocked(desk);
    ended(desk);
    handed_over(desk);
}

/// 06:30: the first article makes a case, proposes who should answer, and tells who is on duty.
fn found(desk: &Desk) {
    desk.import("21T06:30", &[FIRST]);
    let case = desk.show("21T06:31", "1");
    assert_eq!((case["severity"].as_str(), case["state"].as_str()), (Some("red"), Some("detected")));
    assert_eq!(case["lost_minutes"], 50, "the time lost before detection is shown");
    assert_eq!(case["proposed_unit"], "Sở Y tế Thanh Hoá");
    assert!(case["proposal"]["reasons"][0].as_str().unwrap().contains("Bệnh viện Đa khoa Lam Giang"), "{case}");
    let actions: Vec<&str> = case["events"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions[..2], ["open", "route"]);
    let quote = case["events"].as_array().unwrap().iter().find(|e| e["action"] == "quote").unwrap();
    assert_eq!(quote["detail"], "Sở Y tế Thanh Hóa");
    // Saturday morning: the weekend's officer, once however often the desk looks.
    desk.say("21T06:32", &["desk", "alerts", "--send"]);
    let mails = desk.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].0, "truc-cuoi-tuan@example.vn");
    assert!(mails[0].1.starts_with("[Đỏ] Vụ việc #1: Sản phụ tử vong"), "{mails:?}");
}

/// Nobody answers: the deputy is told after 15 minutes; more articles only add to the case.
fn climbs(desk: &Desk) {
    desk.import("21T06:40", &[SECOND]);
    let case = desk.show("21T06:41", "1");
    assert_eq!((&case["n_articles"], &case["n_outlets"], &case["state"]), (&json!(2), &json!(2), &json!("detected")));
    desk.say("21T06:44", &["desk", "alerts", "--send"]);
    assert_eq!(desk.mails().len(), 1);
    desk.say("21T06:46", &["desk", "alerts", "--send"]);
    let mails = desk.mails();
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert!(mails[0].0 == "pho-van-phong@example.vn" && mails[0].1.contains("nhắc lần 1"), "{mails:?}");
    desk.say("21T06:47", &["desk", "ack", "1", "--note", "đang gọi bệnh viện"]);
    desk.say("21T07:10", &["desk", "alerts", "--send"]);
    assert_eq!(desk.mails().len(), 2, "the head is not told: somebody has the case");
    let states: Vec<String> = desk
        .json("21T07:10", &["desk", "alerts", "--case", "1", "--json"])
        .iter()
        .map(|a| format!("{} {}", a["to"].as_str().unwrap(), a["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        ["truc-cuoi-tuan@example.vn sent", "pho-van-phong@example.vn sent", "chanh-van-phong@example.vn withdrawn"]
    );
}

/// Every step, and two officers who see a conflict instead of losing a word.
fn handled(desk: &Desk) {
    let version = desk.show("21T07:32", "1")["version"].to_string();
    desk.say("21T07:33", &["desk", "verify", "1", "--expect", &version]);
    let refused = desk.refused("21T07:34", &["desk", "note", "1", "tôi cũng gọi", "--expect", &version], 1);
    assert!(refused.contains("verify by Lê Ngọc Chi at 07:33"), "{refused}");
    desk.say("21T07:35", &["desk", "occurred", "1", "2026-11-20T23:10:00+07:00"]);
    desk.say("21T07:40", &["desk", "transfer", "1"]);
    let directive = "Báo cáo bước đầu trước 12 giờ ngày 22/11/2026, báo cáo đầy đủ trước ngày 30/11/2026.";
    let set = desk.say("21T07:45", &["desk", "deadline", "1", "--text", directive]);
    assert!(set.contains("2026-11-22 12:00") && set.contains("2026-11-30 00:00"), "{set}");
    let refused = desk.refused("21T07:46", &["desk", "deadline", "1", "--text", "sớm nhất có thể"], 1);
    assert!(refused.contains("no deadline was found"), "{refused}");
    let case = desk.show("21T07:50", "1");
    assert_eq!((case["state"].as_str(), case["unit"].as_str()), (Some("transferred"), Some("Sở Y tế Thanh Hoá")));
    // A second event of the same story, opened by hand elsewhere, is added to the master case.
    let other =
        ("bao-ba", "21T07:20", "Chợ quê họp phiên cuối năm", "Phiên chợ đông người mua bán nông sản từ tờ mờ sáng.");
    desk.import("21T07:52", &[other]);
    let hits = desk.json("21T07:53", &["search", "phiên chợ", "--articles", "--json"]);
    let id = hits[0]["hits"][0]["id"].as_str().unwrap();
    let opened =
        desk.say("21T07:54", &["desk", "flag", id, "--severity", "yellow", "--note", "liên quan vụ Lam Giang"]);
    assert!(opened.starts_with("case 2: opened"), "{opened} {hits:?}");
    desk.say("21T07:55", &["desk", "merge", "2", "--into", "1", "--note", "cùng một vụ"]);
    let case = desk.show("21T07:56", "1");
    assert_eq!((&case["n_articles"], &case["n_outlets"]), (&json!(3), &json!(3)));
    let merged = desk.show("21T07:56", "2");
    assert_eq!((merged["state"].as_str(), &merged["merged_into"]), (Some("dismissed"), &json!(1)));
    desk.refused("21T07:57", &["desk", "ack", "99"], 5);
}

/// Clocks run in calendar hours, warn once at each level, stand still and go on.
fn clocked(desk: &Desk) {
    let used = |time: &str, rule: &str| {
        let rows = desk.json(time, &["desk", "clocks", "--json"]);
        let row = rows.iter().find(|r| r["rule"] == rule && r["case"] == 1).unwrap().clone();
        ((row["used"].as_f64().unwrap() * 100.0).round(), row["level"].as_str().unwrap().to_owned())
    };
    // 24 hours from 05:40: half at 17:40.
    assert_eq!(used("21T17:39", "phan-hoi-dau-tien"), (50.0, "running".to_owned()));
    assert_eq!(used("21T17:40", "phan-hoi-dau-tien").1, "half");
    let before = desk.mails().len();
    desk.say("21T17:41", &["desk", "alerts", "--send"]);
    let warned = desk.mails();
    assert_eq!(
        desk.say("21T17:42", &["desk", "alerts", "--send"]).matches("21/11 17:4").count(),
        warned.len() - before
    );
    assert_eq!(desk.mails(), warned, "once");
    let to_owner = |to: &str| warned.iter().filter(|m| m.0 == to && m.1.contains("thời hạn")).count();
    // The answer's clock is half through, the report's (24 hours from the event at 23:10) too: the owner alone is told.
    assert!(warned.len() - before >= 2, "{warned:?}");
    assert_eq!(to_owner("truc-cuoi-tuan@example.vn"), warned.len() - before, "{warned:?}");
    desk.say("21T18:00", &["desk", "pause", "1", "chờ kết quả giải phẫu"]);
    assert_eq!(used("21T23:00", "phan-hoi-dau-tien").0, used("21T18:00", "phan-hoi-dau-tien").0);
    desk.say("21T23:00", &["desk", "resume", "1"]);
    let wording = desk.show("22T12:30", "1")["clocks"][0]["wording"].as_str().unwrap().to_owned();
    assert!(wording.contains("đã qua mốc") && wording.contains("chưa kiểm chứng"), "{wording}");
    assert!(!wording.contains("theo luật"), "{wording}");
}

/// The answer, the end, a graver turn after it, and the evidence of all that.
fn ended(desk: &Desk) {
    desk.say("22T13:00", &["desk", "council", "1"]);
    desk.say("22T15:00", &["desk", "answer", "1", "--note", "Sở Y tế họp báo"]);
    desk.say("22T16:00", &["desk", "resolve", "1", "đã trả lời báo chí"]);
    desk.say("22T16:30", &["desk", "reopen", "1", "gia đình gửi đơn mới"]);
    desk.say("22T16:40", &["desk", "severity", "1", "yellow", "--note", "đã có kết luận bước đầu"]);
    let before = desk.mails().len();
    desk.say("22T16:50", &["desk", "severity", "1", "red", "--note", "ca thứ hai"]);
    desk.say("22T16:51", &["desk", "alerts", "--send"]);
    let mails = desk.mails();
    assert!(mails.len() > before && mails.iter().any(|(_, s)| s.starts_with("[Đỏ – mức mới]")), "{mails:?}");
    desk.say("22T16:52", &["desk", "ack", "1"]);
    assert_eq!(desk.show("22T16:53", "1")["state"], "acknowledged");
    desk.say("22T17:00", &["desk", "dismiss", "1", "--reason", "unfounded"]);
    let folder = desk.home.file("ho-so");
    desk.say("22T17:05", &["desk", "evidence", "1", "--output", folder.to_str().unwrap()]);
    let sums = Command::new("sha256sum").arg("--check").arg("SHA256SUMS").current_dir(&folder).output().unwrap();
    assert!(sums.status.success(), "{}", both(&sums));
    let pack: Value = serde_json::from_str(&fs::read_to_string(folder.join("ho-so.json")).unwrap()).unwrap();
    assert_eq!(pack["articles"].as_array().unwrap().len(), 3);
    assert_eq!(pack["case"]["dismissed"]["id"], "unfounded");
    let html = fs::read_to_string(folder.join("ho-so.html")).unwrap();
    assert!(html.contains("Sản phụ tử vong") && html.contains("đã kiểm tra, không có cơ sở"));
    let log = desk.json("22T17:06", &["desk", "log", "--since", "3d", "--json"]);
    assert_eq!(log[0]["action"], "dismiss");
    assert!(log.iter().any(|e| e["action"] == "merged" && e["case"] == 2));
}

/// The shift is handed over against the coverage, signed by another, and once.
fn handed_over(desk: &Desk) {
    let shown = desk.say("22T17:30", &["desk", "handover"]);
    assert!(shown.contains("BÀN GIAO CA TRỰC 06:00 22/11/2026 – 17:30 22/11/2026"), "{shown}");
    assert!(shown.contains("nguồn đọc được"), "{shown}");
    let alone = desk.refused("22T17:31", &["desk", "handover", "--take", BY], 1);
    assert!(alone.contains("the next officer signs"), "{alone}");
    let signed = desk.say("22T17:32", &["desk", "handover", "--take", "Trần Thị Bình", "--note", "theo dõi thêm"]);
    assert!(signed.contains("Người nhận: Trần Thị Bình") && signed.contains("Ghi chú: theo dõi thêm"), "{signed}");
    let next = desk.say("23T05:50", &["desk", "handover"]);
    assert!(next.contains("17:32 22/11/2026 – 05:50 23/11/2026") && next.contains("không phát sinh"), "{next}");
    assert!(desk.say("23T05:51", &["desk", "handover", "--signed"]).contains("Người giao: Lê Ngọc Chi"));
}

#[test]
fn a_morning_of_the_press_tells_of_every_grave_case() {
    let desk = Desk::new(Backend::Sqlite);
    let _press = Press::serve(&desk.home, &[]);
    desk.say("21T06:30", &["run"]);
    let alerts = desk.json("21T06:40", &["desk", "alerts", "--json"]);
    let cases = desk.json("21T06:40", &["desk", "list", "--json"]);
    let red: Vec<&Value> = cases.iter().filter(|c| c["severity"] == "red").collect();
    assert!(red.len() >= 3, "{cases:#?}");
    for case in &red {
        let told = alerts.iter().any(|a| a["case"] == case["case"] && a["rung"] == 0 && a["state"] == "sent");
        assert!(told, "nobody was told of {case}");
    }
    assert!(red.iter().filter(|c| c["proposed_unit"].is_string()).count() >= red.len() / 2, "{red:#?}");
    let board = desk.json("21T06:40", &["desk", "board", "--json"]);
    assert!(board.iter().any(|row| row["answer"] == "unanswered"), "{board:#?}");
    assert!(board.is_sorted_by_key(|row| row["answer"] != "unanswered"), "{board:#?}");
    // The pages the articles were read from are in the pack, with their hashes.
    let folder = desk.home.file("ho-so");
    let number = red[0]["case"].to_string();
    desk.say("21T06:41", &["desk", "evidence", &number, "--output", folder.to_str().unwrap()]);
    let sums = Command::new("sha256sum").arg("--check").arg("SHA256SUMS").current_dir(&folder).output().unwrap();
    assert!(sums.status.success(), "{}", both(&sums));
    assert!(fs::read_dir(folder.join("pages")).unwrap().count() >= 1);
}

#[test]
fn an_archive_that_is_imported_wakes_nobody() {
    let desk = Desk::new(Backend::Sqlite);
    let old = (FIRST.0, "02T05:40", FIRST.2, FIRST.3);
    desk.import("21T06:30", &[old]);
    assert_eq!(desk.json("21T06:31", &["desk", "list", "--json"]).len(), 1, "it is a case all the same");
    assert_eq!(desk.mails().len(), 0);
}

#[test]
fn the_registry_is_checked_searched_and_dated() {
    let desk = Desk::new(Backend::Sqlite);
    assert!(desk.say("21T06:30", &["registry", "check"]).contains("no gaps"));
    let found = desk.json("21T06:30", &["registry", "search", "bac giang", "--json"]);
    assert!(found.iter().any(|o| o["named"] == "Sở Y tế Bắc Giang" && o["name"] == "Sở Y tế Bắc Ninh"), "{found:#?}");
    let before = desk.json("21T06:30", &["registry", "search", "bac giang", "--on", "2025-06-30", "--json"]);
    assert!(before.iter().any(|o| o["name"] == "Sở Y tế Bắc Giang"), "{before:#?}");
    assert!(desk.say("21T06:30", &["registry", "duty"]).contains("Lê Ngọc Chi"));
    desk.home.change("registry/rosters.toml", "\"roster:pho\"", "\"roster:khong-co\"");
    let output = desk.at("21T06:30", &["registry", "check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"roster:khong-co\" is no mail address, no roster"));
}
