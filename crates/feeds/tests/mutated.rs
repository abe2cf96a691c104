//! Every reader against bytes nobody meant: mutations of sound documents from a fixed seed.
//!
//! Nothing may panic, grow without bound or take long; what is found stays within the promised caps.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use std::time::Instant;

use diembao_feeds::{ParseContext, add_outlet, discover, opml_read, parse_any, parse_channel, parse_outlets};
use diembao_news::dates::{DayOrder, day_order, parse_date, parse_local, parse_ordered};
use diembao_news::{CanonicalUrl, ChannelKind, SectionRules};

/// Mutants of each document.
const N_MUTANTS: usize = 1500;

const RSS: &str = r#"<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY x "y">]><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Báo &amp; Mẫu</title><ttl>30</ttl><item><title><![CDATA[Khám <b>bệnh</b> &quot;miễn phí&quot;]]></title><link>https://baomau.example/a-1.html?x=1&amp;y=2</link><guid isPermaLink="false">a1</guid><pubDate>Fri, 20 Nov 2026 09:05:00 +0700</pubDate><description>&lt;p&gt;S&#225;ng 20/11&lt;/p&gt;</description></item><item><title>Hai</title><dc:date>20/11/2026 9h05</dc:date></item></channel></rss>"#;
const ATOM: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://baomau.example/x/"><title type="html">Báo</title><entry><id>tag:1</id><title type="xhtml"><div>Một &lt; <b>hai</b></div></title><link rel="alternate" href="a-1"/><link rel='self' href=b/><updated>2026-11-20T09:05:00Z</updated><summary>Tóm tắt</summary></entry></feed>"#;
const JSON: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Báo","items":[{"id":7,"url":"/a","title":"Một","date_published":"2026-11-20T09:00:00+07:00"},{"id":"b","content_html":"<p>Hai</p>","tags":["x"]}]}"#;
const SITEMAP: &str = r#"<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://baomau.example/a</loc><lastmod>2026-11-20</lastmod><n:news><n:title>Một</n:title></n:news></url></urlset>"#;
const INDEX: &str = "<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026-11-20</lastmod></sitemap></sitemapindex>";
const HTML: &str = r#"<!doctype html><html><head><title>Sức khỏe</title><base href="/x/"><link rel="alternate" type="application/rss+xml" href="/rss"></head><body><nav><a href="/y-te">Y tế</a></nav><ul><li><h3><a href="/benh-vien-mo-them-khoa-cap-cuu-123456.html" title="t">Bệnh viện mở thêm khoa cấp cứu</a></h3><time datetime="2026-11-20T09:05">9h05</time></li></ul></body></html>"#;
const TOML: &str = "[[outlet]]\nid = \"a\"\nname = \"A\"\ntier = \"gov\"\n[outlet.extract]\nbody = [\"p\"]\n[[outlet.channel]]\nname = \"x\"\nkind = \"section\"\nurl = \"https://a.example/x\"\npattern = '\\d+'\n";
const OPML: &str = r#"<opml version="2.0"><body><outline text="Y tế"><outline text="Báo" xmlUrl="https://a.example/rss/x.rss" htmlUrl="https://a.example/"/></outline></body></opml>"#;

const PIECES: &[&[u8]] = &[
    b"<",
    b">",
    b"</",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"&",
    b";",
    b"&amp;",
    b"&#x110000;",
    b"&#0;",
    b"\"",
    b"'",
    b"<item>",
    b"</item>",
    b"<entry>",
    b"</rss>",
    b"<!DOCTYPE",
    b"<?xml",
    b"\0",
    b"\xff",
    b"\xe1\xbb",
    b"=",
    b"[",
    b"{",
    b"}",
    b"xmlns:a=\"x\"",
    b"<html>",
    b"9999999999",
    b"-1",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x1f\x8b",
    "ệ".as_bytes(),
    b"[[outlet]]",
];

/// A small generator with a fixed seed: failures can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (sides.max(1) as u64)).unwrap()
    }
}

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len() + 1);
        let end = (at + dice.roll(40)).min(bytes.len());
        match dice.roll(6) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.truncate(at),
            2 => {
                let copy = bytes[at..end].to_vec();
                let to = dice.roll(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            3 if at < bytes.len() => bytes[at] ^= 1 << dice.roll(8),
            _ => {
                let piece = PIECES[dice.roll(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
}

fn each_mutant(documents: &[&str], mut look: impl FnMut(&[u8])) {
    let mut dice = Dice(0x2026_1121_0600_0001);
    for document in documents {
        for _ in 0..N_MUTANTS {
            let mut bytes = document.as_bytes().to_vec();
            mutate(&mut bytes, &mut dice);
            look(&bytes);
        }
    }
}

#[test]
fn channels_never_panic() {
    let base = CanonicalUrl::parse("https://baomau.example/rss").unwrap();
    let rules =
        [SectionRules::default(), SectionRules { links: Some("li a".to_owned()), pattern: Some("\\d".to_owned()) }];
    let mut n = 0usize;
    each_mutant(&[RSS, ATOM, JSON, SITEMAP, INDEX, HTML], |bytes| {
        n += 1;
        let kind = [ChannelKind::Feed, ChannelKind::Sitemap, ChannelKind::Section][n % 3];
        let context = ParseContext {
            kind,
            base: &base,
            rules: &rules[n % 2],
            zone: chrono_tz::Asia::Ho_Chi_Minh,
            now: "2026-11-21T03:00:00Z".parse().unwrap(),
            charset: [None, Some("utf-8"), Some("windows-1258"), Some("x")][n % 4],
        };
        let begun = Instant::now();
        for parsed in [parse_channel(&context, bytes), parse_any(&context, bytes)] {
            assert!(parsed.problems.len() <= 50);
            for item in &parsed.items {
                assert!(item.title.chars().count() <= 500 && item.summary.chars().count() <= 1000);
            }
        }
        assert!(begun.elapsed().as_secs() < 60, "too slow: {:?}", String::from_utf8_lossy(bytes));
    });
}

#[test]
fn files_of_people_never_panic() {
    let base = CanonicalUrl::parse("https://baomau.example/").unwrap();
    each_mutant(&[TOML, OPML, HTML], |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let _ = discover(&text, &base);
        for outlets in [parse_outlets(&text, "feeds.toml").ok(), opml_read(&text).ok().map(|(outlets, _)| outlets)] {
            for outlet in outlets.into_iter().flatten() {
                let written = add_outlet("", &outlet);
                assert!(parse_outlets(&written, "f").is_ok(), "{written}");
            }
        }
    });
}

/// Shapes the press writes, and the traps among them.
const DATES: &[&str] = &[
    "Fri, 20 Nov 2026 09:05:00 +0700",
    "2026-11-20T09:05:00+07",
    "Thứ sáu, ngày 20 tháng 11 năm 2026, 9h05",
    "20/11/2026 13:59 PM (GMT+7)",
    "11/20/26 08:15 AM",
    "20-11-2026 - 9:05 | 3 giờ trước",
    "20 tháng Mười Một 2026",
    "2026-11-20 09:05:00 +08:00",
];

#[test]
fn dates_never_panic_and_what_is_read_is_believable_or_not_used() {
    let mut seeds: Vec<String> = DATES.iter().map(|s| (*s).to_owned()).collect();
    let real = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/dates.jsonl.gz");
    if let Ok(file) = std::fs::File::open(real) {
        let lines = std::io::BufRead::lines(std::io::BufReader::new(flate2::read::GzDecoder::new(file)));
        seeds.extend(lines.map_while(Result::ok).flat_map(|line| {
            let row: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            row.as_object().into_iter().flatten().filter_map(|(_, v)| v.as_str().map(str::to_owned)).collect::<Vec<_>>()
        }));
    }
    let mut dice = Dice(0x2026_1121_0600_0005);
    let now = "2026-11-21T03:00:00Z".parse().unwrap();
    let zone = chrono_tz::Asia::Ho_Chi_Minh;
    for n in 0..N_MUTANTS * 10 {
        let mut mutant = seeds[n % seeds.len()].clone().into_bytes();
        mutate(&mut mutant, &mut dice);
        let text = String::from_utf8_lossy(&mutant);
        for order in [DayOrder::MonthFirst, day_order([&*text])] {
            let _ = parse_ordered(&text, order, zone, now);
        }
        let _ = (parse_date(&text, zone, now), parse_local(&text, zone, now));
    }
}

/// The feeds of other parsers' tests are stranger than anything made up here.
#[test]
fn mutants_of_strange_feeds_never_panic() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/feeds");
    let Ok(list) = std::fs::read_to_string(format!("{folder}/oracle.jsonl")) else {
        eprintln!("skipped: the collection of feeds is not beside the project");
        return;
    };
    let base = CanonicalUrl::parse("https://baomau.example/rss").unwrap();
    let rules = SectionRules::default();
    let mut dice = Dice(0x2026_1121_0600_0002);
    let mut n = 0usize;
    for line in list.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let bytes = std::fs::read(format!("{folder}/{}", row["file"].as_str().unwrap())).unwrap();
        for _ in 0..4 {
            let mut mutant = bytes[..bytes.len().min(20_000)].to_vec();
            mutate(&mut mutant, &mut dice);
            let context = ParseContext {
                kind: ChannelKind::Feed,
                base: &base,
                rules: &rules,
                zone: chrono_tz::Asia::Ho_Chi_Minh,
                now: "2026-11-21T03:00:00Z".parse().unwrap(),
                charset: None,
            };
            let _ = parse_any(&context, &mutant);
            n += 1;
        }
    }
    assert!(n > 4000, "only {n} mutants");
}
