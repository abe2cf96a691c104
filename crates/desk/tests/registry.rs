//! The registry: the shipped example is whole, mistakes are named, proposals carry their reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::sync::LazyLock;

use chrono::NaiveDate;
use diembao_desk::{
    EXAMPLE_REGISTRY, Known, OrganisationKind, Registry, RegistryFile, RouteFacts, check_registry, load_registry,
    places, propose,
};
use proptest::prelude::*;

static EXAMPLE: LazyLock<Registry> = LazyLock::new(|| {
    let (registry, problems) = load_registry(EXAMPLE_REGISTRY);
    assert!(problems.is_empty(), "{problems:#?}");
    registry
});

fn day(s: &str) -> NaiveDate {
    s.parse().unwrap()
}

#[test]
fn every_province_has_its_department_today_and_every_old_one_leads_there() {
    let registry = &*EXAMPLE;
    let today = day("2026-11-21");
    assert_eq!(registry.places.len(), 34);
    for place in &registry.places {
        let here = registry.organisations.iter().filter(|o| {
            o.kind == OrganisationKind::Provincial
                && o.province.as_deref() == Some(&place.name)
                && o.validity.holds_on(today)
        });
        assert_eq!(here.count(), 1, "{}", place.name);
    }
    for organisation in &registry.organisations {
        assert!(registry.on_day(organisation, today).is_some(), "{} ends nowhere", organisation.id);
    }
    let old = registry.organisation("so-bac-giang").unwrap();
    assert_eq!(registry.on_day(old, today).unwrap().id, "so-bac-ninh");
    assert_eq!(registry.on_day(old, day("2025-06-30")).unwrap().id, "so-bac-giang");
}

#[test]
fn organisations_are_found_by_old_and_new_names() {
    let registry = &*EXAMPLE;
    let found = |text: &str| -> Vec<(String, String)> {
        let mut found: Vec<_> =
            registry.search(text, day("2026-11-21")).iter().map(|f| (f.named.id.clone(), f.today.id.clone())).collect();
        found.sort();
        found
    };
    assert!(found("bac giang").contains(&("so-bac-giang".to_owned(), "so-bac-ninh".to_owned())));
    assert_eq!(found("y tế dự phòng"), [("cuc-y-te-du-phong".to_owned(), "cuc-phong-benh".to_owned())]);
    assert!(found("không có ở đâu").is_empty());
}

#[track_caller]
fn check(text: &str, topics: &[&str], unit: Option<&str>, with: Option<&str>, reason: &str) {
    let registry = &*EXAMPLE;
    let facts = RouteFacts { text, topics: topics.to_vec(), day: day("2026-11-21") };
    let route = propose(registry, &facts);
    assert_eq!(route.as_ref().map(|r| r.unit.id.as_str()), unit, "{text}: {route:#?}");
    assert_eq!(route.as_ref().and_then(|r| r.with).map(|o| o.id.as_str()), with, "{text}");
    let reasons = route.map(|r| r.reasons.join(" ")).unwrap_or_default();
    assert!(reasons.contains(reason), "{text}: {reasons}");
}

#[test]
fn a_story_is_led_to_who_should_answer() {
    let field = &["kham-chua-benh"];
    check(
        "Sản phụ tử vong tại Bệnh viện đa khoa Sông Lam\nGia đình ở Hà Nội",
        field,
        Some("so-nghe-an"),
        Some("cuc-kham-chua-benh"),
        "Bài nêu “Bệnh viện Đa khoa Sông Lam”, thuộc Sở Y tế Nghệ An.",
    );
    check(
        "Trung tâm Y tế huyện Ngọc Sơn bị phản ánh thu sai",
        field,
        Some("so-bac-ninh"),
        Some("cuc-kham-chua-benh"),
        "(nay là Trung tâm Y tế khu vực Ngọc Sơn), thuộc Sở Y tế Bắc Ninh",
    );
    check("Bệnh viện Trung ương Hữu Tâm quá tải", &[], Some("bo"), None, "thuộc Bộ Y tế");
    check(
        "Ngộ độc tại Bắc Giang, 40 người nhập viện ở Bắc Giang",
        &["an-toan-thuc-pham"],
        Some("so-bac-ninh"),
        Some("cuc-an-toan-thuc-pham"),
        "Bài nêu địa danh “Bắc Giang”, nay thuộc Bắc Ninh.",
    );
    check("Người dân TP.HCM đi tiêm", &[], Some("so-ho-chi-minh"), None, "nay thuộc Hồ Chí Minh");
    check("Nguồn cung hoà bình ở Thái Bình Dương", field, Some("cuc-kham-chua-benh"), None, "Lĩnh vực");
    check("Thuốc giả bán trên mạng", &["la", "duoc-my-pham"], Some("cuc-duoc"), None, "Người phát ngôn");
    check("Không nêu gì", &[], None, None, "");
}

#[test]
fn the_one_who_speaks_on_the_topic_speaks_first() {
    let registry = &*EXAMPLE;
    let today = day("2026-11-21");
    let name = |organisation: &str, topics: &[&str]| {
        registry.spokesperson(organisation, topics, today).map(|s| s.name.clone())
    };
    assert_eq!(name("bo", &[]).as_deref(), Some("Bà Nguyễn Thị Mẫu"), "before the deputy");
    assert_eq!(name("cuc-kham-chua-benh", &["quan-ly-hanh-nghe"]).as_deref(), Some("Bà Phạm Thu Điển"));
    assert_eq!(name("cuc-kham-chua-benh", &["kham-chua-benh"]).as_deref(), Some("Ông Lê Minh Thí"));
    assert_eq!(name("bv-huu-tam", &[]), None);
    assert!(registry.spokesperson("bo", &[], day("2020-01-01")).is_none(), "not yet in office");
}

#[test]
fn places_are_counted_under_both_names() {
    let registry = &*EXAMPLE;
    let found = places(registry, "Hà Nam, rồi Hà Nam; Ninh Bình. hà nam Hà Namx");
    let shown: Vec<_> = found.iter().map(|p| (p.written, p.today, p.n_times)).collect();
    assert_eq!(shown, [("Hà Nam", "Ninh Bình", 2), ("Ninh Bình", "Ninh Bình", 1)]);
}

#[test]
fn the_shipped_clocks_claim_no_law_and_red_is_never_quiet() {
    let registry = &*EXAMPLE;
    assert_eq!(registry.clocks.len(), 6);
    assert!(registry.clocks.iter().all(|c| c.status == diembao_desk::BasisStatus::Unverified));
    let red = registry.alerts.iter().find(|a| a.severity == diembao_news::Severity::Red).unwrap();
    assert_eq!((red.rungs.len(), red.rungs[1].after.num_minutes(), red.quiet), (3, 15, None));
    assert!(registry.alerts.iter().any(|a| a.quiet.is_some()));
}

fn moment(s: &str) -> chrono::DateTime<chrono::Utc> {
    s.parse().unwrap()
}

#[test]
fn somebody_is_on_duty_at_every_hour() {
    let registry = &*EXAMPLE;
    let names = |at: &str| -> Vec<&str> {
        registry
            .on_duty("truc", moment(at))
            .map(|d| d.officers.iter().map(|o| o.id.as_str()).collect())
            .unwrap_or_default()
    };
    // 20 November 2026 is a Friday.
    assert_eq!(names("2026-11-20T10:00:00+07:00"), ["an"]);
    assert_eq!(names("2026-11-20T17:59:59+07:00"), ["an"]);
    assert_eq!(names("2026-11-20T18:00:00+07:00"), ["binh"]);
    assert_eq!(names("2026-11-21T05:59:00+07:00"), ["binh"], "the night belongs to the evening before");
    assert_eq!(names("2026-11-21T06:00:00+07:00"), ["chi"]);
    let night = registry.on_duty("truc", moment("2026-11-21T02:00:00+07:00")).unwrap();
    assert_eq!((night.from, night.to), (moment("2026-11-20T18:00:00+07:00"), moment("2026-11-21T06:00:00+07:00")));
    assert_eq!(registry.receivers("roster:truc", night.from), ["truc-dem@example.vn"]);
    assert_eq!(registry.receivers("a@b.vn", night.from), ["a@b.vn"]);
    assert_eq!(registry.owner_mail(Some("Trần Thị Bình")).as_deref(), Some("truc-dem@example.vn"));
}

#[test]
fn a_stand_in_takes_the_usual_turn_and_a_gap_tells_everybody() {
    let text = r#"
officer = [{ id = "a", name = "A", email = "a@x.vn" }, { id = "b", name = "B", email = "b@x.vn" }]
[[roster]]
id = "r"
name = "R"
shift = [
    { from = "08:00", to = "17:00", days = ["fri"], officers = ["a"] },
    { from = "08:00", to = "17:00", officers = ["b"], valid_from = 2026-11-20, valid_to = 2026-11-21 },
]
"#;
    let (registry, problems) = load_registry(&[RegistryFile { name: "x.toml", text }]);
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(registry.receivers("roster:r", moment("2026-11-20T09:00:00+07:00")), ["b@x.vn"]);
    assert_eq!(registry.receivers("roster:r", moment("2026-11-27T09:00:00+07:00")), ["a@x.vn"]);
    assert_eq!(registry.receivers("roster:r", moment("2026-11-27T20:00:00+07:00")), ["a@x.vn", "b@x.vn"]);
    let found = check_registry(&registry, &Known::default(), moment("2026-11-20T09:00:00+07:00"));
    assert!(found.iter().any(|f| f.starts_with("roster r: nobody is on duty at 2026-11-20 17:00")), "{found:#?}");
    assert!(found.iter().any(|f| f.contains("no ladder")), "{found:#?}");
}

#[test]
fn the_shipped_registry_has_no_gap() {
    let topics: Vec<&str> = EXAMPLE.fields.iter().map(|f| f.topic.as_str()).collect();
    let known = Known { fields: topics.clone(), topics, webhooks: Vec::new() };
    let found = check_registry(&EXAMPLE, &known, moment("2026-11-21T06:30:00+07:00"));
    assert_eq!(found, Vec::<String>::new());
    let later =
        check_registry(&EXAMPLE, &Known { fields: vec!["moi"], ..Known::default() }, moment("2025-06-01T00:00:00Z"));
    assert!(later.iter().any(|f| f.starts_with("field moi: 0 organisations")), "{later:#?}");
}

#[test]
fn mistakes_in_clocks_and_ladders_are_named() {
    let text = r#"[[clock]]
id = "a"
name = "A"
within = "24"
starts_from = "published"
stops_at = "answered"
basis = "B"
status = "unverified"

[[clock]]
id = "b"
name = "B"
within = "24h"
starts_from = "yesterday"
stops_at = "answered"
basis = "B"
status = "unverified"

[[alert]]
severity = "red"
ladder = []

[[alert]]
severity = "orange"
ladder = [{ after = "30m", to = ["a"] }, { after = "0m", to = ["b"] }]
quiet = { from = "22:00", to = "6 giờ" }
"#;
    let (registry, problems) = load_registry(&[RegistryFile { name: "x.toml", text }]);
    assert!(registry.clocks.is_empty() && registry.alerts.is_empty());
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let expected = [
        "x.toml:1: clock.a: within \"24\" is no time",
        "x.toml:10: clock.b: starts_from \"yesterday\"",
        "x.toml:19: alert.red: ladder is empty",
        "x.toml:23: alert.orange: the rungs",
    ];
    for wanted in expected {
        assert!(shown.iter().any(|s| s.starts_with(wanted)), "{wanted}: {shown:#?}");
    }
}

#[test]
fn every_mistake_is_named_with_file_line_and_key() {
    let text = r#"[[organisation]]
id = "a"
name = "A"
kind = "vu"

[[organisation]]
id = "b"
name = ""
kind = "department"

[[organisation]]
id = "c"
name = "C"
kind = "department"
parent = "nowhere"
valid_from = 2026-01-01
valid_to = 2025-01-01

[[field]]
topic = "t"
organisation = "zzz"

[[field]]
topic = "u"
organisaton = "c"

[[persn]]
"#;
    let (_, problems) = load_registry(&[RegistryFile { name: "x.toml", text }]);
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let expected = [
        "x.toml:1: organisation.a: kind \"vu\"",
        "x.toml:6: organisation.b: name is empty",
        "x.toml:11: organisation.c: valid_to must be after valid_from",
        "x.toml:25: field.u: unknown field `organisaton`",
        "x.toml:27: persn: unknown table",
        "x.toml:19: field.t: names the organisation \"zzz\"",
    ];
    for wanted in expected {
        assert!(shown.iter().any(|s| s.starts_with(wanted)), "{wanted}: {shown:#?}");
    }
    let (_, problems) = load_registry(&[RegistryFile { name: "x.toml", text: "[[organisation]\nid=" }]);
    assert!(!problems.is_empty());
}

proptest! {
    #[test]
    fn proposing_never_panics(text in "(Hà Nội|Thái Bình|Bệnh viện|[A-Za-zđĐ .,]|\\PC){0,40}", topic in "[a-z-]{0,12}") {
        let registry = &*EXAMPLE;
        let facts = RouteFacts { text: &text, topics: vec![&topic, "duoc-my-pham"], day: day("2026-11-21") };
        let route = propose(registry, &facts);
        prop_assert!(route.is_some_and(|r| !r.reasons.is_empty()));
    }

    #[test]
    fn reading_never_panics(text in "(\\[\\[organisation\\]\\]\n|id = \"a\"\n|kind = |\\[|\\]|=|\"|2026-01-01|\\PC|\n){0,30}") {
        let _ = load_registry(&[RegistryFile { name: "x", text: &text }]);
    }
}
