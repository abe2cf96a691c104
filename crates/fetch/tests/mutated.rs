//! robots.txt and charsets against bytes nobody meant: mutations of sound ones from a fixed seed, and of real ones
//! where the collection of cases is beside the project.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use diembao_fetch::{RobotsRules, decode};

/// Mutants of each document.
const N_MUTANTS: usize = 2_000;

const ROBOTS: &[&str] = &[
    "User-agent: *\nDisallow: /rieng/\nAllow: /rieng/tin-*.html$\nCrawl-delay: 2\n\nSitemap: https://bao.example/s.xml\n",
    "\u{feff}user-agent: diembao/1.0 # máy đọc báo\r\nuser-agent: khac\r\ndisallow: /*?print=1\r\nallow: /index.html\r\n",
    "User-agent:*\nDisallow:\nDisallow: %2F%E1%BB%87\nAllow /khong-hai-cham\nRequest-rate: 1/5",
];
const TEXT: &str = "<html><head><meta charset=\"windows-1258\"></head><body>Bệnh viện tiếp nhận 12 người bị ngộ độc \
    thực phẩm sau bữa cỗ cưới.</body></html>";
const TYPES: &[Option<&str>] = &[
    None,
    Some("text/html"),
    Some("text/html; charset=windows-1258"),
    Some("text/html; charset=tcvn3"),
    Some("text/html; charset=\"utf-16\""),
    Some("text/html; charset=không-có"),
];
const PIECES: &[&[u8]] = &[
    b"*",
    b"$",
    b"/",
    b"%",
    b"%zz",
    b"\0",
    b"\r",
    b"\n",
    b"#",
    b":",
    b"User-agent: ",
    b"Disallow: ",
    b"Allow: ",
    b"Crawl-delay: 1e999",
    b"Crawl-delay: -1",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xfe\xff\xd8\x00",
    b"\xe1\xbb",
    b"\xec\xf2",
    b"<meta charset=",
    b"****************",
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
    for _ in 0..=dice.roll(5) {
        let at = dice.roll(bytes.len() + 1);
        let end = (at + dice.roll(30)).min(bytes.len());
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

fn ask(text: &[u8]) {
    let rules = RobotsRules::parse(text, "diembao");
    for path in ["/", "/rieng/tin-1.html", "/a?print=1", "/%E1%BB%87", "/ệ", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"]
    {
        let _ = rules.allows(path);
    }
    let _ = (rules.crawl_delay(), rules.sitemaps());
}

#[test]
fn robots_never_panic_and_never_take_long() {
    let mut seeds: Vec<Vec<u8>> = ROBOTS.iter().map(|text| text.as_bytes().to_vec()).collect();
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/robots/cases.jsonl");
    let real = std::fs::read_to_string(cases).unwrap_or_default();
    let robots = real.lines().filter_map(|line| {
        let row: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(row["robots"].as_str()?.as_bytes().to_vec())
    });
    seeds.extend(robots);
    let mut dice = Dice(0x2026_1121_0600_0003);
    let begun = std::time::Instant::now();
    for seed in &seeds {
        for _ in 0..N_MUTANTS * ROBOTS.len() / seeds.len() {
            let mut mutant = seed.clone();
            mutate(&mut mutant, &mut dice);
            ask(&mutant);
        }
    }
    ask(&b"Disallow: /*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*c\n".repeat(200));
    assert!(begun.elapsed().as_secs() < 120, "{:?}", begun.elapsed());
}

#[test]
fn charsets_never_panic_and_never_lose_all() {
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(TEXT.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let mut dice = Dice(0x2026_1121_0600_0004);
    for seed in [TEXT.as_bytes().to_vec(), utf16, vec![0xb5; 300], (0..=255).collect()] {
        for n in 0..N_MUTANTS {
            let mut mutant = seed.clone();
            mutate(&mut mutant, &mut dice);
            let decoded = decode(&mutant, TYPES[n % TYPES.len()]);
            assert!(decoded.text.len() <= mutant.len() * 4 + 16, "{} from {}", decoded.text.len(), mutant.len());
        }
    }
}
