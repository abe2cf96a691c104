//! The shipped rules on 300 headlines of our own, labelled before tuning.

#![expect(clippy::unwrap_used, reason = "test helpers")]

use std::path::{Path, PathBuf};

use diembao_news::{ArticleText, Classification, FlagKind, Severity, Stance};
use diembao_rules::{RuleFile, RuleSet};

const TOPICS: &[(&str, &str)] = &[
    ("dvc", "dich-vu-cong"),
    ("kcb", "kham-chua-benh"),
    ("dan", "dan-so"),
    ("dp", "y-te-du-phong"),
    ("duoc", "duoc-my-pham"),
    ("yh", "y-duoc-co-truyen"),
    ("at", "an-toan-thuc-pham"),
    ("hn", "quan-ly-hanh-nghe"),
    ("tc", "to-chuc-dao-tao"),
    ("kh", "ke-hoach-tai-chinh"),
    ("tt", "thanh-kiem-tra"),
    ("bt", "bao-tro-xa-hoi"),
];
const SEVERITIES: &[(&str, Severity)] =
    &[("đỏ", Severity::Red), ("cam", Severity::Orange), ("vàng", Severity::Yellow), ("xanh", Severity::Green)];

struct Labelled {
    health: bool,
    topic: Option<&'static str>,
    severity: Option<Severity>,
    stance: Option<Stance>,
    text: ArticleText,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shipped() -> RuleSet {
    let files: Vec<(String, String)> = ["rules", "registry"]
        .iter()
        .flat_map(|dir| std::fs::read_dir(root().join(dir)).unwrap())
        .map(|e| e.unwrap().path())
        .filter(|p| p.ends_with("provinces.toml") || p.parent().unwrap().ends_with("rules"))
        .filter(|p| p.extension().is_some_and(|e| e == "toml") && !p.ends_with("synonyms.toml"))
        .map(|p| (p.display().to_string(), std::fs::read_to_string(&p).unwrap()))
        .collect();
    let files: Vec<RuleFile<'_>> = files.iter().map(|(name, text)| RuleFile { name, text }).collect();
    RuleSet::parse(&files).unwrap_or_else(|p| panic!("{}", p.iter().map(|p| format!("{p}\n")).collect::<String>())).0
}

fn labelled() -> Vec<Labelled> {
    let text = include_str!("headlines.txt");
    text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()).map(parse).collect()
}

fn parse(line: &str) -> Labelled {
    let mut parts = line.splitn(5, ' ');
    let mut next = || parts.next().unwrap_or_else(|| panic!("five columns: {line}"));
    let (health, topic, severity, stance, headline) = (next(), next(), next(), next(), next());
    let (title, lead) = headline.split_once('|').unwrap_or((headline, ""));
    let known = |found: bool, name: &str| assert!(found || name == "-", "{name:?} in {line}");
    let topic_id = TOPICS.iter().find(|t| t.0 == topic).map(|t| t.1);
    let level = SEVERITIES.iter().find(|s| s.0 == severity).map(|s| s.1);
    known(topic_id.is_some(), topic);
    known(level.is_some(), severity);
    known(Stance::parse(stance).is_some(), stance);
    Labelled {
        health: health == "y",
        topic: topic_id,
        severity: level,
        stance: Stance::parse(stance),
        text: ArticleText { title: title.trim().to_owned(), lead: lead.trim().to_owned(), body: String::new() },
    }
}

fn share(name: &str, least: f64, outcomes: impl Iterator<Item = (bool, String)>) {
    let all: Vec<(bool, String)> = outcomes.collect();
    let wrong: Vec<&str> = all.iter().filter(|o| !o.0).map(|o| o.1.as_str()).collect();
    let right = (all.len() - wrong.len()) as f64 / all.len() as f64;
    println!("{name}: {right:.3} of {}", all.len());
    for w in &wrong {
        println!("  {w}");
    }
    assert!(right >= least, "{name}: {right:.3} is below {least}; wrong:\n{}", wrong.join("\n"));
}

fn stance(found: &Classification) -> Option<Stance> {
    found.flags.iter().find(|f| f.kind == FlagKind::Misinformation).and_then(|f| f.stance)
}

#[test]
fn there_are_three_hundred_and_they_name_every_severity_and_topic() {
    let all = labelled();
    assert!(all.len() >= 300, "{}", all.len());
    for (name, id) in TOPICS {
        assert!(all.iter().any(|l| l.topic == Some(id)), "{name}");
    }
    for (name, severity) in SEVERITIES {
        assert!(all.iter().filter(|l| l.severity == Some(*severity)).count() >= 5, "{name}");
    }
}

#[test]
fn health_news_is_told_from_other_news() {
    let rules = shipped();
    let outcome = |l: &Labelled| {
        let found = rules.classify(&l.text, None);
        (found.health == l.health, format!("{} {:.2} {}", l.health, found.health_score, l.text.title))
    };
    share("health", 0.93, labelled().iter().map(outcome));
}

#[test]
fn every_field_is_found() {
    let rules = shipped();
    let all = labelled();
    let outcome = |l: &Labelled| {
        let topics: Vec<String> = rules.classify(&l.text, None).topics.into_iter().map(|t| t.id).collect();
        (topics.iter().any(|t| Some(t.as_str()) == l.topic), format!("{:?} {topics:?} {}", l.topic, l.text.title))
    };
    share("topics", 0.9, all.iter().filter(|l| l.topic.is_some()).map(outcome));
}

#[test]
fn incidents_are_found_and_nothing_else_is() {
    let rules = shipped();
    let outcome = |l: &Labelled| {
        let got = rules.classify(&l.text, None).severity(FlagKind::Incident);
        (got.is_some() == l.severity.is_some(), format!("{:?} got {got:?} {}", l.severity, l.text.title))
    };
    share("incidents", 0.93, labelled().iter().map(outcome));
}

#[test]
fn severities_are_right() {
    let rules = shipped();
    let all = labelled();
    let outcome = |l: &Labelled| {
        let got = rules.classify(&l.text, None).severity(FlagKind::Incident);
        (got == l.severity, format!("{:?} got {got:?} {}", l.severity, l.text.title))
    };
    share("severities", 0.85, all.iter().filter(|l| l.severity.is_some()).map(outcome));
}

#[test]
fn stances_are_right_and_no_rebuttal_is_shown_as_a_claim() {
    let rules = shipped();
    let all = labelled();
    for l in all.iter().filter(|l| l.stance == Some(Stance::Rebuttal)) {
        assert_ne!(stance(&rules.classify(&l.text, None)), Some(Stance::Claim), "{}", l.text.title);
    }
    let outcome = |l: &Labelled| {
        let got = stance(&rules.classify(&l.text, None));
        (got == l.stance, format!("{:?} got {got:?} {}", l.stance, l.text.title))
    };
    share("stances", 0.95, all.iter().map(outcome));
}

#[test]
fn the_rules_own_examples_pass() {
    let failed: Vec<String> = shipped()
        .run_examples()
        .iter()
        .filter(|o| !o.passed())
        .map(|o| format!("{}: {:?} expected {:?} got {:?}", o.rule, o.headline, o.expected, o.got))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn no_example_of_a_rule_is_among_the_headlines() {
    let ours: Vec<String> = labelled().into_iter().map(|l| l.text.title).collect();
    for o in shipped().run_examples() {
        assert!(!ours.contains(&o.headline), "{}", o.headline);
    }
}
