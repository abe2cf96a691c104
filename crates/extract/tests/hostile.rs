//! Pages that waste their own bytes: never a panic, never more than bounded work.

use diembao_extract::{PageContext, extract};
use diembao_news::{CanonicalUrl, ExtractRules};

fn read(html: &str) -> usize {
    let url = CanonicalUrl::parse("https://thunghiem.example/a").expect("a test address");
    let rules = ExtractRules::default();
    let now = "2026-03-03T00:00:00Z".parse().expect("a test time");
    let page = PageContext { url: &url, rules: &rules, zone: chrono_tz::Asia::Ho_Chi_Minh, now };
    let e = extract(html, &page);
    assert!(e.body.len() <= html.len().max(64) * 4);
    e.problems.len()
}

/// Small numbers from a fixed seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

/// Cuts, repeats, swaps and spoils pieces of a page.
fn mutate(page: &str, dice: &mut Dice) -> String {
    let mut bytes = page.as_bytes().to_vec();
    for _ in 0..1 + dice.roll(12) {
        let at = dice.roll(bytes.len());
        let len = dice.roll(400).min(bytes.len() - at);
        match dice.roll(5) {
            0 => drop(bytes.drain(at..at + len)),
            1 => {
                let piece = bytes[at..at + len].to_vec();
                let to = dice.roll(bytes.len());
                bytes.splice(to..to, piece);
            }
            2 => bytes[at] = b"<>\"'&/= \0\xff{}[]"[dice.roll(14)],
            3 => drop(bytes.splice(at..at, b"<table><td><svg><b></p><template><!--".iter().copied())),
            _ => bytes[at..at + len].reverse(),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn mutated_pages_never_panic() {
    let mut dice = Dice(20_260_303);
    let page = include_str!("pages/bai-thuong.html");
    for _ in 0..120 {
        read(&mutate(page, &mut dice));
    }
}

#[test]
fn wasteful_pages_end_in_bounded_work() {
    read(&"<div>".repeat(12_000));
    read(&"<b a=1><i x><p>".repeat(12_000));
    read(&format!("<a {}>", "x1 ".repeat(500_000)));
    read(&"<table><tr><td>a".repeat(10_000));
    read(&"<p class='a b c d e f g h'>chữ ".repeat(12_000));
    read(&format!("<p>{}", "&amp;amp;".repeat(200_000)));
    read(&format!("<script type='application/ld+json'>{}</script>", "[".repeat(200_000)));
    read(&format!(
        "<script type='application/ld+json'>{{\"@type\":\"Article\",\"x\":\"{}</script>",
        "\" ".repeat(200_000)
    ));
    read(&format!("<h1>{}</h1>", "từ ".repeat(300_000)));
    read(&"<li><a href=x>liên kết</a>".repeat(12_000));
    assert!(read(&"chữ ".repeat(3_000_000)) > 0);
}
