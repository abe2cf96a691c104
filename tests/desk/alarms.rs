//! Who is told of what and when, by the mails that leave: at night, up the ladder, and of clocks.

use std::fs;

use super::{Desk, FIRST};
use crate::support::Backend;

const ORANGE: (&str, &str, &str, &str) = (
    "bao-hai",
    "21T22:50",
    "Điện Biên ghi nhận chùm ca bạch hầu, một học sinh nguy kịch",
    "Ngành y tế Điện Biên ghi nhận năm ca bạch hầu tại một trường nội trú, một học sinh nguy kịch.",
);

const NIGHT: &str = "truc-dem@example.vn";
const WEEKEND: &str = "truc-cuoi-tuan@example.vn";
const DEPUTY: &str = "pho-van-phong@example.vn";
const HEAD: &str = "chanh-van-phong@example.vn";

/// Who was told what since the last look: recipient and the beginning of the subject.
struct Told<'d> {
    desk: &'d Desk,
    known: Vec<(String, String)>,
}

impl Told<'_> {
    #[track_caller]
    fn at(&mut self, time: &str, expected: &[(&str, &str)]) {
        self.desk.say(time, &["desk", "alerts", "--send"]);
        let mut new = self.desk.mails();
        for mail in &self.known {
            new.remove(new.iter().position(|m| m == mail).unwrap());
        }
        let new_here: Vec<(&str, &str)> =
            new.iter().map(|(to, subject)| (to.as_str(), subject.split(':').next().unwrap())).collect();
        assert_eq!(new_here, expected, "at {time}");
        self.known.extend(new);
    }
}

const CLOCK: &str = "[[clock]]\nid = \"tra-loi\"\nname = \"Trả lời\"\nwithin = \"10h\"\nstarts_from = \"acknowledged\"\n\
    stops_at = \"answered\"\nbasis = \"Quy ước nội bộ\"\nstatus = \"unverified\"\n";

/// Nobody takes them: red climbs at once and to the top in the middle of the night; orange begins in the morning, with
/// the officer on duty and not with everybody.
#[test]
fn red_climbs_at_night_and_orange_begins_in_the_morning() {
    let desk = Desk::new(Backend::Sqlite);
    // Of clocks only one that nobody starts here.
    fs::write(desk.home.file("registry/clocks.toml"), CLOCK).unwrap();
    let red = (FIRST.0, "21T22:40", FIRST.2, FIRST.3);
    desk.import("21T23:30", &[red]);
    desk.import("21T23:30", &[ORANGE]);
    let severities: Vec<String> = ["1", "2"].map(|n| desk.show("21T23:30", n)["severity"].to_string()).to_vec();
    assert_eq!(severities, ["\"red\"", "\"orange\""]);
    let mut told = Told { desk: &desk, known: Vec::new() };
    told.at("21T23:31", &[(NIGHT, "[Đỏ] Vụ việc #1")]);
    told.at("21T23:44", &[]);
    told.at("21T23:46", &[(DEPUTY, "[Đỏ – nhắc lần 1] Vụ việc #1")]);
    told.at("22T00:01", &[(HEAD, "[Đỏ – nhắc lần 2] Vụ việc #1")]);
    told.at("22T05:59", &[]);
    // Who is on duty by then, on a Sunday.
    told.at("22T06:01", &[(WEEKEND, "[Cam] Vụ việc #2")]);
    told.at("22T07:59", &[]);
    told.at("22T08:01", &[(DEPUTY, "[Cam – nhắc lần 1] Vụ việc #2")]);
    told.at("23T00:00", &[]);
}

/// At half of the time the owner is told, at four fifths the officer on duty too, at all of it the deputy too; not while
/// the clock stands still, and never again once it has stopped.
#[test]
fn a_clock_warns_wider_and_wider_until_it_stops() {
    let desk = Desk::new(Backend::Sqlite);
    fs::write(desk.home.file("registry/clocks.toml"), CLOCK).unwrap();
    desk.import("21T06:30", &[FIRST]);
    desk.import("21T06:30", &[(ORANGE.0, "21T06:10", ORANGE.2, ORANGE.3)]);
    for case in ["1", "2"] {
        desk.say("21T07:00", &["desk", "ack", case]);
        desk.say("21T07:01", &["desk", "assign", case, "--to", "Nguyễn Văn An"]);
    }
    let mut told = Told { desk: &desk, known: desk.mails() };
    desk.say("21T11:00", &["desk", "answer", "2", "--note", "Sở Y tế đã trả lời"]);
    let (owner, clock) = ("truc@example.vn", "[Đỏ – thời hạn] Vụ việc #1");
    told.at("21T11:59", &[]);
    told.at("21T12:01", &[(owner, clock)]);
    told.at("21T12:02", &[]);
    desk.say("21T13:00", &["desk", "pause", "1", "chờ kết quả giám định"]);
    told.at("21T15:30", &[]);
    desk.say("21T16:00", &["desk", "resume", "1"]);
    told.at("21T17:59", &[]);
    // Three hours later than without the pause; the night's turn has begun.
    told.at("21T18:01", &[(NIGHT, clock), (owner, clock)]);
    told.at("21T20:01", &[(DEPUTY, clock), (NIGHT, clock), (owner, clock)]);
    desk.say("21T20:10", &["desk", "answer", "1", "--note", "bệnh viện họp báo"]);
    told.at("22T20:00", &[]);
    let level = |case: &str| desk.show("22T20:00", case)["clocks"][0]["level"].clone();
    assert_eq!([level("1"), level("2")], ["met-late", "met"]);
}
