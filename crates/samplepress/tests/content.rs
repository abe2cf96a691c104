//! The hand-written articles: how many, how different, and how careful with people.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use diembao_samplepress::{Press, PressSpec, SampleArticle};
use unicode_normalization::is_nfc;

fn press() -> Press {
    Press::new(&PressSpec::default())
}

fn words(article: &SampleArticle) -> Vec<String> {
    let text = format!("{} {} {}", article.title, article.lead, article.body.join(" "));
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.map(str::to_lowercase).collect()
}

fn four_grams(article: &SampleArticle) -> HashSet<String> {
    words(article).windows(4).map(|w| w.join(" ")).collect()
}

#[test]
fn there_are_240_of_them_over_three_days_in_twelve_outlets() {
    let press = press();
    let articles = press.articles();
    assert_eq!(articles.len(), 240);
    let outlets: BTreeSet<&str> = articles.iter().map(|a| a.outlet.as_str()).collect();
    assert_eq!(outlets.len(), 12);
    let days: BTreeSet<_> = articles.iter().map(|a| a.published.date_naive()).collect();
    assert!(days.len() >= 3);
    let titles: HashSet<&str> = articles.iter().filter(|a| a.reprint_of.is_none()).map(|a| a.title.as_str()).collect();
    assert_eq!(titles.len(), articles.iter().filter(|a| a.reprint_of.is_none()).count());
}

#[test]
fn every_article_has_a_lead_and_four_to_eight_paragraphs() {
    for article in press().articles() {
        assert!((4..=8).contains(&article.body.len()), "{}: {} paragraphs", article.title, article.body.len());
        assert!(words(article).len() >= 110, "{}: {} words", article.title, words(article).len());
        assert!(article.lead.ends_with(['.', '?', '"', '!']), "{}", article.lead);
        for paragraph in &article.body {
            assert!(paragraph.ends_with(['.', '?', '"', '!', '”']), "{}: {paragraph}", article.title);
        }
    }
}

#[test]
fn no_two_share_half_their_four_grams() {
    let press = press();
    let originals: Vec<&SampleArticle> = press.articles().iter().filter(|a| a.reprint_of.is_none()).collect();
    let grams: Vec<HashSet<String>> = originals.iter().map(|a| four_grams(a)).collect();
    for (i, one) in grams.iter().enumerate() {
        for (j, other) in grams.iter().enumerate().skip(i + 1) {
            let shared = one.intersection(other).count();
            let smaller = one.len().min(other.len());
            assert!(shared * 5 < smaller, "{} = {}: {shared}", originals[i].title, originals[j].title);
        }
    }
}

#[test]
fn all_text_is_nfc_and_no_slot_is_left() {
    for article in press().articles() {
        for text in article.body.iter().chain([&article.title, &article.lead]) {
            assert!(is_nfc(text), "{text}");
            assert!(!text.contains(['{', '}', '\u{a0}', '\u{200b}', 'ð']), "{text}");
            assert!(!text.contains("  "), "{text}");
        }
    }
}

const PLACES: &[&str] = &[
    "Hà Nội",
    "Điện Biên",
    "Quảng Ninh",
    "Thanh Hóa",
    "Nghệ An",
    "Hà Tĩnh",
    "Tuyên Quang",
    "Lào Cai",
    "Thái Nguyên",
    "Phú Thọ",
    "Bắc Ninh",
    "Hưng Yên",
    "Hải Phòng",
    "Ninh Bình",
    "Quảng Trị",
    "Đà Nẵng",
    "Quảng Ngãi",
    "Gia Lai",
    "Khánh Hòa",
    "Lâm Đồng",
    "Đắk Lắk",
    "Đồng Nai",
    "Tây Ninh",
    "Cần Thơ",
    "Vĩnh Long",
    "Đồng Tháp",
    "Cà Mau",
    "An Giang",
];

#[test]
fn health_news_names_its_fields_and_other_news_has_none() {
    let fields = [
        "dich-vu-cong",
        "kham-chua-benh",
        "dan-so",
        "y-te-du-phong",
        "duoc-my-pham",
        "y-duoc-co-truyen",
        "an-toan-thuc-pham",
        "quan-ly-hanh-nghe",
        "to-chuc-dao-tao",
        "ke-hoach-tai-chinh",
        "thanh-kiem-tra",
        "bao-tro-xa-hoi",
    ];
    for article in press().articles() {
        assert_eq!(article.labels.health, !article.labels.topics.is_empty(), "{}", article.title);
        assert!(article.labels.topics.iter().all(|t| fields.contains(&t.as_str())), "{:?}", article.labels.topics);
    }
}

/// After a word for a patient or an ordinary person, two capitalised words would be a name.
#[test]
fn patients_are_initials_only() {
    let persons = [
        "bệnh nhân",
        "người bệnh",
        "nạn nhân",
        "sản phụ",
        "thai phụ",
        "bệnh nhi",
        "chị",
        "cháu",
        "bé",
        "em",
        "cụ",
        "nghi phạm",
    ];
    let name = |word: &str| {
        let letters: Vec<char> = word.trim_matches(|c: char| !c.is_alphabetic()).chars().collect();
        letters.len() > 1 && letters[0].is_uppercase() && letters[1..].iter().all(|c| c.is_lowercase())
    };
    for article in press().articles() {
        for text in article.body.iter().chain([&article.title, &article.lead]) {
            for person in persons {
                for (at, _) in text.match_indices(&format!("{person} ")) {
                    let after: Vec<&str> = text[at + person.len()..].split_whitespace().take(2).collect();
                    let named = after.len() == 2 && after.iter().all(|w| name(w)) && !after[0].ends_with([',', '.']);
                    let both = after.join(" ");
                    let place = PLACES.contains(&both.trim_matches(|c: char| !c.is_alphabetic()));
                    assert!(!named || place, "{text}");
                }
            }
        }
    }
}

#[test]
fn every_severity_and_stance_is_there_and_events_are_told_by_several() {
    let press = press();
    let mut events: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut severities: HashMap<&str, usize> = HashMap::new();
    let mut stances: HashMap<&str, usize> = HashMap::new();
    for article in press.articles() {
        events.entry(&article.labels.event).or_default().insert(&article.outlet);
        *severities.entry(article.labels.severity.as_deref().unwrap_or("-")).or_default() += 1;
        *stances.entry(article.labels.stance.as_deref().unwrap_or("-")).or_default() += 1;
    }
    let shared = events.values().filter(|outlets| outlets.len() >= 2).count();
    assert!(shared >= 35, "{shared}");
    for severity in ["red", "orange", "yellow", "green"] {
        assert!(severities.get(severity).is_some_and(|n| *n >= 4), "{severity}: {severities:?}");
    }
    for stance in ["claim", "rebuttal", "mixed"] {
        assert!(stances.get(stance).is_some_and(|n| *n >= 2), "{stance}: {stances:?}");
    }
    let other = press.articles().iter().filter(|a| !a.labels.health).count();
    assert!((60..=120).contains(&other), "{other}");
    eprintln!("{} events, {shared} told by several; {severities:?}; {stances:?}; {other} not health", events.len());
}

#[test]
fn a_reprint_repeats_the_text_it_names() {
    let press = press();
    let reprints: Vec<&SampleArticle> = press.articles().iter().filter(|a| a.reprint_of.is_some()).collect();
    assert!(!reprints.is_empty());
    for reprint in reprints {
        let source = press
            .articles()
            .iter()
            .find(|a| Some(&a.outlet) == reprint.reprint_of.as_ref() && a.title == reprint.title);
        let source = source.expect("the source of a reprint");
        assert_eq!(source.labels.event, reprint.labels.event);
    }
}
