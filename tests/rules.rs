//! The rules' commands on stored articles: corrections, comparisons, labelled lists, judging again.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

#[expect(dead_code, reason = "each test binary uses its own part")]
mod support;

use std::fs;

use support::{Home, json_of, stdout_of};

const POISONED: &str = "Hơn 40 học sinh nhập viện nghi ngộ độc sau bữa ăn bán trú";
const PLAIN: &str = "Trạm y tế xã khai trương phòng khám y học cổ truyền";

/// A home with two articles, of which the first is a case.
fn home() -> Home {
    let home = Home::new();
    let line = |id: &str, title: &str| {
        format!(
            "{{\"id\":\"{id}\",\"outlet\":\"to-tin\",\"title\":\"{title}\",\"lead\":\"Sự việc ở Bệnh viện đa khoa Bắc Giang.\",\"published\":\"2026-11-21T05:00:00+07:00\"}}\n"
        )
    };
    fs::write(home.file("bai.jsonl"), format!("{}{}", line("ngo-doc", POISONED), line("thuong", PLAIN))).unwrap();
    stdout_of(&mut home.command(&["import", home.file("bai.jsonl").to_str().unwrap()]), 0);
    home
}

fn case_number(home: &Home) -> String {
    json_of(&mut home.command(&["desk", "list", "--all", "--json"]))[0]["case"].to_string()
}

#[test]
fn a_correction_is_a_test_that_fails_until_the_rules_agree() {
    let home = home();
    fs::write(home.file("rules/cases.toml"), "# của tổ trực\n").unwrap();
    let args = ["rules", "correct", "ngo-doc", "--not-incident", "--by", "Trực ban A", "--note", "diễn tập", "--json"];
    let cases = json_of(&mut home.command(&args));
    assert_eq!(cases[0]["rule"], "ngo-doc");
    assert_eq!(cases[0]["passes"], false);
    let text = home.read("rules/cases.toml");
    assert!(text.starts_with("# của tổ trực\n") && text.contains("expect = \"silent\""), "{text}");
    let failed = stdout_of(&mut home.command(&["rules", "test"]), 1);
    assert!(failed.contains("FAIL ngo-doc") && failed.contains("1 failed"), "{failed}");

    let back = ["rules", "correct", "ngo-doc", "--rule", "ngo-doc", "--expect", "red", "--by", "Trực ban A"];
    stdout_of(&mut home.command(&back), 0);
    assert!(stdout_of(&mut home.command(&["rules", "test"]), 0).contains(", 0 failed"));
    let unknown = ["rules", "correct", "ngo-doc", "--rule", "ngo-dooc", "--expect", "red", "--by", "A"];
    let output = home.command(&unknown).output().unwrap();
    assert!(support::both(&output).contains("did you mean \"ngo-doc\"?"), "{}", support::both(&output));
}

#[test]
fn a_case_dismissed_as_no_incident_becomes_a_test() {
    let home = home();
    let args = ["desk", "dismiss", &case_number(&home), "--reason", "not-incident", "--by", "Trực ban A"];
    stdout_of(&mut home.command(&args), 0);
    assert!(home.read("rules/cases.toml").contains(POISONED));
}

#[test]
fn what_people_decided_stays_when_articles_are_judged_again() {
    let home = home();
    let number = case_number(&home);
    stdout_of(&mut home.command(&["desk", "dismiss", &number, "--reason", "duplicate", "--by", "Trực ban A"]), 0);
    fs::copy(home.file("rules/incidents.toml"), home.file("incidents.old")).unwrap();
    home.change("rules/incidents.toml", "\"ngộ độc\", \"nghi ngộ độc\"", "\"nghi ngộ độc tập thể\", \"ngộ độc\"");
    stdout_of(&mut home.command(&["reprocess", "--rules", "--since", "30d"]), 0);
    let shown = json_of(&mut home.command(&["desk", "show", &number, "--json"])).remove(0);
    assert_eq!(shown["state"], "dismissed");
    assert_eq!(json_of(&mut home.command(&["desk", "list", "--json"])).len(), 0);
    let why = json_of(&mut home.command(&["why", "ngo-doc", "--json"])).remove(0);
    assert_eq!(why["judged_by"], why["rules_version"], "the new rules judged it");
}

#[test]
fn two_folders_of_rules_are_compared_by_headline() {
    let home = home();
    fs::create_dir(home.file("moi")).unwrap();
    for file in ["facts", "health", "health-words", "incidents", "masks", "misinformation", "topics"] {
        fs::copy(home.file(&format!("rules/{file}.toml")), home.file(&format!("moi/{file}.toml"))).unwrap();
    }
    let rule = "\n[[flag]]\nid = \"khai-truong\"\nname = \"Khai trương\"\nkind = \"incident\"\nthreshold = 1.0\n\
        [flag.groups.g]\nweight = 1.0\nphrases = [\"khai trương\", \"bán trú\"]\n[[flag.step]]\nseverity = \"yellow\"\nall = [\"title:g\"]\n";
    fs::write(
        home.file("moi/them.toml"),
        rule.replace(", \"bán trú\"", "").replace("\"khai trương\"", "\"khai trương phòng khám\""),
    )
    .unwrap();
    let (old, new) = (home.file("rules"), home.file("moi"));
    let args = ["rules", "diff", old.to_str().unwrap(), new.to_str().unwrap(), "--since", "30d"];
    let text = stdout_of(&mut home.command(&args), 0);
    assert!(text.contains("edition 2026-11-21") && text.contains("+ khai-truong yellow"), "{text}");
    assert!(text.contains("2 articles, 1 judged otherwise") && !text.contains(POISONED), "{text}");
    let changes = json_of(home.command(&args).arg("--json"));
    assert_eq!(changes[0]["flags"][0]["new"], "yellow");
    assert_eq!(
        json_of(&mut home.command(&["rules", "list", "--json"])).iter().filter(|r| r["rule"] == "khai-truong").count(),
        0
    );
}

#[test]
fn why_shows_what_was_masked_where_it_stands_and_which_rules_judged() {
    let home = home();
    let why = stdout_of(&mut home.command(&["why", "ngo-doc"]), 0);
    let version = json_of(&mut home.command(&["why", "ngo-doc", "--json"])).remove(0)["rules_version"].clone();
    assert!(why.contains(&format!("rules {}", version.as_str().unwrap())), "{why}");
    let tried =
        stdout_of(&mut home.command(&["rules", "try", "Tỉnh mở dịch vụ công cho người bệnh, dịch bệnh đã lui"]), 0);
    let tried = tried + &stdout_of(&mut home.command(&["rules", "try", "Giá dịch vụ khám bệnh tăng từ tháng tới"]), 0);
    assert!(tried.contains("[dịch] vụ khám bệnh") && tried.contains("hidden by \"dịch vụ\""), "{tried}");
}

#[test]
fn a_labelled_list_gives_precision_recall_and_confusions() {
    let home = Home::new();
    let gold = format!(
        "{{\"title\":\"{POISONED}\",\"incident\":\"orange\",\"rules\":[\"ngo-doc\"],\"health\":true}}\n\
         {{\"title\":\"{PLAIN}\",\"incident\":\"yellow\",\"rules\":[\"bao-luc-y-te\"]}}\n"
    );
    fs::write(home.file("nhan.jsonl"), gold).unwrap();
    let args = ["rules", "test", "--gold", home.file("nhan.jsonl").to_str().unwrap(), "--json"].map(str::to_owned);
    let lines = json_of(&mut home.command(&args.iter().map(String::as_str).collect::<Vec<_>>()));
    let of = |name: &str| lines.iter().find(|l| l["measure"] == name && l.get("right").is_some()).unwrap().clone();
    assert_eq!((of("incident")["recall"].as_f64(), of("incident")["precision"].as_f64()), (Some(0.5), Some(1.0)));
    assert_eq!(of("rule ngo-doc")["f1"], 1.0);
    assert_eq!(of("rule bao-luc-y-te")["recall"], 0.0);
    let confused: Vec<_> = lines.iter().filter(|l| l.get("headline").is_some()).collect();
    assert!(confused.iter().any(|c| c["wanted"] == "orange" && c["got"] == "red" && c["headline"] == POISONED));
}

#[test]
fn facts_stand_beside_the_flags() {
    let home = home();
    let shown = json_of(&mut home.command(&["show", "ngo-doc", "--json"])).remove(0);
    assert_eq!(shown["facts"]["province"][0]["value"], "Bắc Ninh");
    assert_eq!(shown["facts"]["ill"][0]["value"], "40");
    assert!(shown["facts"]["facility"][0]["text"].as_str().unwrap().contains("Bệnh viện đa khoa Bắc Giang"));
    let desk = stdout_of(&mut home.command(&["desk", "show", &case_number(&home)]), 0);
    assert!(desk.contains("Bắc Giang (Bắc Ninh)"), "{desk}");
    assert!(json_of(&mut home.command(&["show", "thuong", "--json"]))[0]["facts"].is_null());
    let digest = stdout_of(&mut home.command(&["digest", "preview"]), 0);
    let digest = digest.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(digest.contains("Bắc Giang (nay là Bắc Ninh)") && digest.contains("40 mắc hoặc nhập viện"), "{digest}");
}
