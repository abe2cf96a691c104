//! robots.txt against published assertions of what each must allow.

use diembao_fetch::RobotsRules;
use proptest::prelude::*;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/robots/cases.jsonl");

#[test]
fn every_published_case_is_decided_as_published() {
    let Ok(cases) = std::fs::read_to_string(CASES) else {
        eprintln!("skipped: the published cases are not on this machine");
        return;
    };
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| case[key].as_str().unwrap();
        let path = text("url").splitn(4, '/').nth(3).map_or("/".to_owned(), |rest| format!("/{rest}"));
        let allowed = RobotsRules::parse(text("robots").as_bytes(), text("agent")).allows(&path);
        if Some(allowed) != case["allowed"].as_bool() {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.lines().count(), wrong.join("\n"));
}

#[track_caller]
fn check(robots: &str, path: &str, allowed: bool) {
    assert_eq!(RobotsRules::parse(robots.as_bytes(), "diembao").allows(path), allowed, "{robots:?} {path}");
}

#[test]
fn our_own_group_comes_before_everybodys() {
    let robots = "User-agent: *\nDisallow: /\n\nUser-agent: Diembao/2.0\nUser-agent: khac\nDisallow: /rieng/\n";
    check(robots, "/tin/1", true);
    check(robots, "/rieng/1", false);
    assert!(!RobotsRules::parse(robots.as_bytes(), "la").allows("/tin/1"));
}

#[test]
fn groups_of_the_same_agent_are_one() {
    let robots = "User-agent: diembao\nDisallow: /a\nUser-agent: x\nDisallow: /b\nUser-agent: diembao\nDisallow: /c\n";
    for (path, allowed) in [("/a", false), ("/b", true), ("/c", false)] {
        check(robots, path, allowed);
    }
}

#[test]
fn wildcards_ends_and_queries_are_matched() {
    check("User-agent: *\nDisallow: /*?print=", "/bai-1.html?print=1", false);
    check("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", false);
    check("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", true);
    check("User-agent: *\nDisallow: /*\nAllow: /$", "/", true);
    check("User-agent: *\nDisallow: /y-te\n", "/y-te-cong-dong", false);
    check("User-agent: *\nDisallow: /t%C3%ACm", "/t%c3%acm?q=1", false);
    check("\u{feff}User-agent: *\r\nDisallow: /x\r\n", "/x", false);
    check("<html><body>Disallow: /</body></html>", "/x", true);
    check("User-agent: *\nDisallow: /", "/robots.txt", true);
}

#[test]
fn delays_and_sitemaps_are_read() {
    let rules =
        RobotsRules::parse(b"User-agent: *\nCrawl-delay: 2.5\nSitemap: https://bao.vn/sitemap.xml\n", "diembao");
    assert_eq!(rules.crawl_delay(), Some(std::time::Duration::from_millis(2500)));
    assert_eq!(rules.sitemaps(), ["https://bao.vn/sitemap.xml"]);
    for silly in ["-1", "NaN", "inf", "1e400", "abc", ""] {
        let robots = format!("User-agent: *\nCrawl-delay: {silly}\nDisallow: /x\n");
        assert_eq!(RobotsRules::parse(robots.as_bytes(), "diembao").crawl_delay(), None, "{silly}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..600), path in ".{0,60}", agent in ".{0,12}") {
        let _ = RobotsRules::parse(&text, &agent).allows(&path);
    }

    #[test]
    fn nothing_near_a_robots_txt_makes_it_panic(
        lines in proptest::collection::vec("(?i)(user-agent|allow|disallow|crawl-delay|sitemap|) ?[: ] ?[/*$%a-c#0-9 .-]{0,24}", 0..30),
        path in "/[/*$%a-c0-9?]{0,40}",
    ) {
        let _ = RobotsRules::parse(lines.join("\n").as_bytes(), "diembao").allows(&path);
    }
}

#[test]
fn a_hostile_pattern_takes_no_time() {
    let rule = format!("User-agent: *\nDisallow: /{}\n", "*a".repeat(2000));
    let many = rule.clone() + &"Disallow: /*a*a*a*a*b\n".repeat(5000);
    let start = std::time::Instant::now();
    for robots in [rule, many] {
        let _ = RobotsRules::parse(robots.as_bytes(), "diembao").allows(&format!("/{}", "a".repeat(2000)));
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
