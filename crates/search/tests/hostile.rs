//! Questions nobody should ask: answered, soon, and without breaking anything.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{ArticleId, ArticleText, OutletId, StoryId};
use diembao_search::{Answer, Facet, Index, IndexDoc, Matching, Query, Sort, Unit};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

const WORDS: &[&str] =
    &["bệnh", "viện", "hòa", "thủy", "bình", "ngộ", "độc", "covid-19", "25/2", "học", "sinh", "mổ", "mỏ", "an", "án"];

fn now() -> DateTime<Utc> {
    "2026-11-21T03:00:00Z".parse().unwrap()
}

static INDEX: LazyLock<(tempfile::TempDir, Index)> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let outlet = OutletId::parse("bao-sen").unwrap();
    let mut rebuild = Index::rebuild(dir.path()).unwrap();
    for n in 0..400usize {
        // Every article has a word of its own, so that beginnings stand for many words.
        let of = |from: usize, len: usize| {
            (from..from + len).map(|i| WORDS[i * i % WORDS.len()]).collect::<Vec<_>>().join(" ")
        };
        let text = ArticleText { title: of(n, 5), lead: of(n + 3, 12), body: format!("{}. benh{n}x", of(n + 7, 120)) };
        let reference = n.to_string();
        let story = ArticleId::of_reference(&outlet, &(n - n % 3).to_string());
        rebuild
            .add(&IndexDoc {
                id: ArticleId::of_reference(&outlet, &reference),
                reference: Some(&reference),
                url: None,
                text: &text,
                outlet: &outlet,
                published: now() - TimeDelta::hours(n as i64 % 7),
                first_seen: now(),
                story: (n % 5 > 0).then(|| StoryId::beginning_with(story)),
                topics: Vec::new(),
                flags: Vec::new(),
                severity: None,
                provinces: vec!["Huế"],
                facilities: vec!["Bệnh viện Hoa Sen"],
                section: None,
            })
            .unwrap();
    }
    rebuild.finish().unwrap();
    let index = Index::open(dir.path()).unwrap();
    (dir, index)
});

fn ask(text: &str, matching: Matching) -> Answer {
    let query = Query { matching, unit: Unit::Articles, facets: Facet::ALL.to_vec(), ..Query::new(text, now()) };
    INDEX.1.search(&query).unwrap()
}

/// What a question may cost here at the most; without its limits each of these takes minutes or ends the process.
const SOON: Duration = Duration::from_secs(25);

#[test]
fn no_question_costs_much() {
    let terms =
        |n: usize, join: &str| (0..n).map(|i| format!("{}{i}", WORDS[i % WORDS.len()])).collect::<Vec<_>>().join(join);
    let questions = [
        terms(10_000, " OR "),
        terms(10_000, " "),
        format!("{}{}", "bệnh OR ".repeat(10_000), "viện"),
        "(".repeat(100_000),
        format!("{}bệnh{}", "(".repeat(9_000), ")".repeat(9_000)),
        "-(".repeat(5_000) + "bệnh",
        format!("\"{}\"~4294967295", "bệnh viện ".repeat(900)),
        format!("\"{}\"", "an ".repeat(5_000)),
        "be* ".repeat(5_000),
        "title:".repeat(3_000) + "bệnh",
        "* ".repeat(10_000),
        "*".repeat(50_000),
        format!("date:{}", "9".repeat(10_000)),
        format!("outlet:{}", "a,".repeat(9_000)),
        format!("facility:{}", "bệnh,".repeat(3_000)),
        format!("severity:>={}", "đ".repeat(9_000)),
        "\u{301}".repeat(20_000),
        "a".repeat(2_000_000),
    ];
    // The index is made before the clock runs.
    LazyLock::force(&INDEX);
    for text in &questions {
        for matching in [Matching::All, Matching::Any] {
            let started = Instant::now();
            ask(text, matching);
            let took = started.elapsed();
            let head: String = text.chars().take(30).collect();
            assert!(took < SOON, "{head:?}… took {took:?}");
        }
    }
}

fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn well_marked(answer: &Answer) {
    for hit in &answer.hits {
        let (text, mut before) = (&hit.snippet.text, 0);
        for r in &hit.snippet.highlights {
            assert!(before <= r.start && r.start < r.end, "{r:?}");
            assert!(text.is_char_boundary(r.start) && text.is_char_boundary(r.end), "{text:?} {r:?}");
            assert!(!text[r.end..].starts_with(is_combining), "{text:?} {r:?}");
            before = r.end;
        }
    }
}

fn refs(answer: &Answer) -> Vec<&str> {
    answer.hits.iter().filter_map(|h| h.reference.as_deref()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,80}") {
        well_marked(&ask(&text, Matching::Any));
    }

    #[test]
    fn any_syntax_is_answered(parts in proptest::collection::vec(
        "(\\(|\\)|\"|“|~[0-9]{0,9}|\\*|-|OR|\\||title:|lead:|date:|severity:|province:|facility:|story:|>=|\\.\\.|[0-9/-]{1,8}|bệnh|benh\\*|viện|covid-19| )", 0..30))
    {
        let text = parts.concat();
        well_marked(&ask(&text, Matching::All));
        well_marked(&ask(&text, Matching::Any));
    }

    #[test]
    fn spelling_does_not_change_the_answer(picks in proptest::collection::vec(0..WORDS.len(), 1..5)) {
        let text = picks.iter().map(|&i| WORDS[i]).collect::<Vec<_>>().join(" ");
        let expect = ask(&text, Matching::All);
        let other = [text.nfd().collect::<String>(), text.to_uppercase(), text.replace("hòa", "hoà").replace("thủy", "thuỷ")];
        for other in other {
            let answer = ask(&other, Matching::All);
            prop_assert_eq!(refs(&answer), refs(&expect), "{}", other);
        }
    }

    #[test]
    fn pages_are_the_whole_list_in_pieces(
        picks in proptest::collection::vec(0..WORDS.len(), 1..4),
        size in 1usize..60,
        sort in proptest::sample::select(vec![Sort::Relevance, Sort::Relevance, Sort::Date]),
        unit in proptest::sample::select(vec![Unit::Articles, Unit::Stories]),
    ) {
        let text = picks.iter().map(|&i| WORDS[i]).collect::<Vec<_>>().join(" ");
        let all = Query { unit, sort, limit: 1_000, ..Query::new(text, now()) };
        let expect = INDEX.1.search(&all).unwrap();
        let mut got = Vec::new();
        let mut after = None;
        loop {
            let page = INDEX.1.search(&Query { limit: size, after, ..all.clone() }).unwrap();
            prop_assert_eq!(page.total, expect.total);
            got.extend(page.hits.into_iter().map(|h| h.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        prop_assert_eq!(got, expect.hits.iter().map(|h| h.id).collect::<Vec<_>>());
    }
}
