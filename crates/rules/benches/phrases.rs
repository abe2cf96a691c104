//! Reading a text and finding every phrase in it: this engine beside `regex` and `aho-corasick`, on the same text.
//!
//! `cargo bench -p diembao-rules`. The text is the labelled articles when they are there, else made up here.
//! "End to end" is from the text as it arrives; the others say what was done beforehand.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use diembao_news::ArticleText;
use diembao_rules::{RuleFile, RuleSet, Scratch};
use diembao_text::{IdReader, Reading, Syllables, lower, normalize};
use divan::Bencher;
use divan::counter::BytesCount;
use unicode_normalization::UnicodeNormalization;

const SIZES: &[usize] = &[200, 20_000];
const BYTES: usize = 2_000_000;
const LABELLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/classify/health.jsonl.gz");

fn main() {
    let texts = texts();
    println!("{} texts, {} bytes", texts.len(), bytes());
    for &n in SIZES {
        let rules = rules(n);
        let mut scratch = Scratch::default();
        let hits: usize = texts.iter().map(|t| rules.count_phrases(&mut scratch, t).1).sum();
        println!("{n} phrases: {hits} found by this engine");
    }
    divan::main();
}

/// Articles of about `BYTES` in all, the same in every run.
fn texts() -> &'static [ArticleText] {
    static TEXTS: OnceLock<Vec<ArticleText>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let mut out: Vec<String> = labelled().unwrap_or_default();
        let mut size: usize = out.iter().map(String::len).sum();
        let mut n = 0usize;
        while size < BYTES {
            let text = made_up(n);
            size += text.len();
            out.push(text);
            n += 1;
        }
        out.into_iter().map(|body| ArticleText { body, ..ArticleText::default() }).collect()
    })
}

fn labelled() -> Option<Vec<String>> {
    let file = BufReader::new(flate2::read::GzDecoder::new(std::fs::File::open(LABELLED).ok()?));
    let mut size = 0;
    let mut out = Vec::new();
    for line in file.lines() {
        let row: serde_json::Value = serde_json::from_str(&line.ok()?).ok()?;
        let body = row["body"].as_str().unwrap_or_default().to_owned();
        size += body.len();
        out.push(body);
        if size > BYTES {
            break;
        }
    }
    Some(out)
}

fn made_up(seed: usize) -> String {
    const WORDS: &str = "bệnh viện huyện vừa tiếp nhận nhiều người dân đến khám sau mưa lũ kéo dài ngành y tế địa phương \
        khuyến cáo ăn chín uống sôi giữ vệ sinh nơi ở thị trường trong nước tăng nhẹ học sinh trở lại trường sau kỳ nghỉ";
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut text = String::new();
    for i in 0..400 {
        let word = words[(seed * 31 + i * i * 7 + i * 3) % words.len()];
        let _ = write!(text, "{word}{}", if i % 17 == 16 { ". " } else { " " });
    }
    text
}

fn bytes() -> usize {
    texts().iter().map(|t| t.body.len()).sum()
}

/// Runs of two to four syllables from the texts, and as many again that stand nowhere.
fn phrases(n: usize) -> Vec<String> {
    let mut out = std::collections::BTreeSet::new();
    let syllables: Vec<String> = texts()
        .iter()
        .flat_map(|t| Syllables::of(&t.body).iter().map(|s| s.norm.to_owned()).collect::<Vec<_>>())
        .collect();
    let mut at = 7usize;
    while out.len() < n {
        at = (at * 1_103_515_245 + 12_345) % 2_147_483_648;
        let i = at % (syllables.len() - 5);
        let j = (at / 7) % (syllables.len() - 5);
        let phrase = match at % 4 {
            0 => syllables[i..i + 2].join(" "),
            1 => syllables[i..i + 3].join(" "),
            2 => format!("{} {} {}", syllables[i], syllables[j], syllables[i + 1]),
            _ => format!("{} {}", syllables[i], syllables[j]),
        };
        if phrase.chars().all(|c| c.is_alphabetic() || c == ' ') && phrase.len() > 6 {
            out.insert(phrase);
        }
    }
    out.into_iter().collect()
}

fn rules(n: usize) -> RuleSet {
    let mut toml =
        "[gate.weights]\n\"xyzzy plugh\" = 0.1\n[[place]]\nname = \"xyzzy xyzzy\"\n[[list]]\nid = \"p\"\nphrases = [\n"
            .to_owned();
    for p in phrases(n) {
        let _ = writeln!(toml, "\"{p}\",");
    }
    toml.push_str("]\n# [facts]\n");
    RuleSet::parse(&[RuleFile { name: "bench.toml", text: &toml }]).expect("the phrases are phrases").0
}

/// From the text as it arrives to phrases with places, sentence ends kept apart.
#[divan::bench(args = SIZES)]
fn this_engine_end_to_end(bencher: Bencher<'_, '_>, n: usize) {
    let rules = rules(n);
    let mut scratch = Scratch::default();
    bencher
        .counter(BytesCount::new(bytes()))
        .bench_local(|| texts().iter().map(|t| rules.count_phrases(&mut scratch, t).1).sum::<usize>());
}

/// The whole decision with the shipped rules: health, topics, flags, evidence.
#[divan::bench]
fn shipped_rules_whole_decision(bencher: Bencher<'_, '_>) {
    let files = [
        include_str!("../../../rules/topics.toml"),
        include_str!("../../../rules/incidents.toml"),
        include_str!("../../../rules/misinformation.toml"),
        include_str!("../../../rules/masks.toml"),
        include_str!("../../../rules/health.toml"),
    ];
    let files: Vec<RuleFile<'_>> = files.iter().map(|text| RuleFile { name: "shipped", text }).collect();
    let rules = RuleSet::parse(&files).expect("the shipped rules check").0;
    let mut scratch = Scratch::default();
    bencher
        .counter(BytesCount::new(bytes()))
        .bench_local(|| texts().iter().filter(|t| rules.classify_with(&mut scratch, t, None).health).count());
}

/// What the same text costs before any phrase is looked for.
#[divan::bench]
fn ids_alone(bencher: Bencher<'_, '_>) {
    let (mut reader, mut read) = (IdReader::default(), Reading::default());
    let mut count = |text: &str| {
        reader.read(text, |norm| u32::try_from(norm.len()).unwrap_or(0), &mut read);
        read.runs.len()
    };
    bencher.counter(BytesCount::new(bytes())).bench_local(|| texts().iter().map(|t| count(&t.body)).sum::<usize>());
}

/// The same with the words themselves, as the index and the search want them.
#[divan::bench]
fn syllables_alone(bencher: Bencher<'_, '_>) {
    let mut syllables = Syllables::new();
    let mut count = |text: &str| {
        syllables.read(text);
        syllables.len()
    };
    bencher.counter(BytesCount::new(bytes())).bench_local(|| texts().iter().map(|t| count(&t.body)).sum::<usize>());
}

/// As fast as bytes can be looked at: one that is not there.
#[divan::bench]
fn memchr_alone(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(bytes())).bench_local(|| {
        texts().iter().filter(|t| memchr::memchr(0, divan::black_box(t.body.as_bytes())).is_some()).count()
    });
}

/// One alternation, case-insensitive, Unicode word boundaries, on the text as it arrives.
#[divan::bench(args = [200], sample_count = 3)]
fn regex_with_boundaries(bencher: Bencher<'_, '_>, n: usize) {
    let alternation = phrases(n).join("|");
    let regex = regex::RegexBuilder::new(&format!(r"(?i)\b(?:{alternation})\b"))
        .size_limit(1 << 30)
        .dfa_size_limit(1 << 28)
        .build()
        .expect("the phrases are literals");
    bencher
        .counter(BytesCount::new(bytes()))
        .bench_local(|| texts().iter().map(|t| regex.find_iter(&t.body).count()).sum::<usize>());
}

fn automaton(n: usize) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(phrases(n))
        .expect("the phrases fit")
}

fn bounded(text: &str, start: usize, end: usize) -> bool {
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
    !word(text.as_bytes().get(start.wrapping_sub(1))) && !word(text.as_bytes().get(end))
}

/// A DFA over bytes, overlapping matches with boundaries, on text lower-cased and normalised beforehand.
#[divan::bench(args = SIZES)]
fn aho_corasick_on_normalised_text(bencher: Bencher<'_, '_>, n: usize) {
    let automaton = automaton(n);
    let texts: Vec<String> = texts().iter().map(|t| normalize(&t.body).to_lowercase()).collect();
    bencher.counter(BytesCount::new(bytes())).bench_local(|| {
        texts
            .iter()
            .map(|t| automaton.find_overlapping_iter(t).filter(|m| bounded(t, m.start(), m.end())).count())
            .sum::<usize>()
    });
}

/// The same with the normalising and lower-casing that its users have: the standard library and the NFC crate.
/// It does not put tone marks in one place.
#[divan::bench(args = SIZES, sample_count = 20)]
fn aho_corasick_end_to_end_usual_normal_form(bencher: Bencher<'_, '_>, n: usize) {
    count_behind(bencher, &automaton(n), |text| text.to_lowercase().nfc().collect());
}

/// The same behind this project's display form and the standard library's lower case.
#[divan::bench(args = SIZES, sample_count = 20)]
fn aho_corasick_end_to_end_display_form(bencher: Bencher<'_, '_>, n: usize) {
    count_behind(bencher, &automaton(n), |text| normalize(text).to_lowercase());
}

/// The same behind this project's own comparing form, which finds what this engine finds.
#[divan::bench(args = SIZES, sample_count = 20)]
fn aho_corasick_end_to_end_borrowed_normal_form(bencher: Bencher<'_, '_>, n: usize) {
    count_behind(bencher, &automaton(n), lower);
}

/// The same on text that is only lower-cased: it misses what is spelt otherwise.
#[divan::bench(args = SIZES, sample_count = 20)]
fn aho_corasick_end_to_end_lower_case_only(bencher: Bencher<'_, '_>, n: usize) {
    count_behind(bencher, &automaton(n), str::to_lowercase);
}

fn count_behind(bencher: Bencher<'_, '_>, automaton: &AhoCorasick, form: impl Fn(&str) -> String) {
    let count = |text: &str| {
        let text = form(text);
        automaton.find_overlapping_iter(&text).filter(|m| bounded(&text, m.start(), m.end())).count()
    };
    bencher.counter(BytesCount::new(bytes())).bench_local(|| texts().iter().map(|t| count(&t.body)).sum::<usize>());
}
