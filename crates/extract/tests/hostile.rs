//! Pages that waste their own bytes: never a panic, never more than bounded work.

#![expect(clippy::print_stderr, reason = "a test that cannot measure says so")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use diembao_extract::{PageContext, extract};
use diembao_news::{CanonicalUrl, ExtractRules};
use flate2::read::GzDecoder;

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

/// Pages nobody here wrote, where the collection is beside the project: every fourth, spoilt three times.
#[test]
fn mutated_real_pages_never_panic() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/pages"));
    let mut pages: Vec<PathBuf> = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(".html.gz") {
                pages.push(path);
            }
        }
    }
    if pages.is_empty() {
        eprintln!("skipped: no collection of pages beside the project");
        return;
    }
    pages.sort();
    let mut dice = Dice(7_310_642);
    for path in pages.iter().step_by(4) {
        let mut bytes = Vec::new();
        let file = fs::File::open(path).expect("a page of the collection");
        GzDecoder::new(file).read_to_end(&mut bytes).expect("a gzipped page");
        let page = String::from_utf8_lossy(&bytes);
        for _ in 0..3 {
            read(&mutate(&page, &mut dice));
        }
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

/// CPU time this thread has had, where the system tells: other programs on the machine do not count.
fn cpu_time() -> Option<std::time::Duration> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(std::time::Duration::from_nanos(stat.split_whitespace().next()?.parse().ok()?))
}

/// The least of three runs.
fn cost(html: &str) -> Option<f64> {
    let run = |_| {
        let start = cpu_time()?;
        read(html);
        Some((cpu_time()? - start).as_secs_f64())
    };
    (0..3).map(run).collect::<Option<Vec<f64>>>()?.into_iter().reduce(f64::min)
}

/// Four times the page may cost four times the work; a quadratic case would cost sixteen times as much.
#[track_caller]
fn grows_with_the_page(name: &str, page: impl Fn(usize) -> String) {
    let n = 800;
    let (Some(one), Some(four)) = (cost(&page(n)), cost(&page(4 * n))) else {
        eprintln!("skipped: the system does not tell a thread's CPU time");
        return;
    };
    assert!(four < 9.0 * one.max(0.01), "{name}: {one:.3} s, and {four:.3} s for four times the page");
}

#[test]
fn work_grows_with_the_page_and_no_faster() {
    let prose = "Sáng nay, đoàn kiểm tra của sở y tế đã làm việc với bệnh viện huyện về quy trình tiếp nhận cấp cứu.";
    let many = |one: String| move |n: usize| one.repeat(n);
    grows_with_the_page("paragraphs", many(format!("<p>{prose}</p>")));
    grows_with_the_page("nesting", many("<div><span class=x>chữ ".to_owned()));
    grows_with_the_page("tables", many("<table><tr><td>ô<td>".to_owned()));
    grows_with_the_page("cells", many("<tr><td>ô</td><td>4</td></tr>".to_owned()));
    grows_with_the_page("lists", many("<ul><li><a href=x>liên kết dài hơn một chút</a><li>mục</ul>".to_owned()));
    grows_with_the_page("links", many("<a href=/bai rel=author class=author>Bệnh viện mở thêm khoa</a> ".to_owned()));
    grows_with_the_page(
        "headings",
        many("<h1>Bệnh viện: mở thêm: khoa</h1><h2><a href=x>Khoa mới</a></h2>".to_owned()),
    );
    grows_with_the_page("pictures", many("<b><img src=a.jpg class=caption></b><i>Ảnh: A</i>".to_owned()));
    grows_with_the_page("times", many("<time itemprop=datePublished>02/03/2026 08:15<i class=date>x</i>".to_owned()));
    grows_with_the_page("leads", many(format!("<div class=sapo>{prose}</div>")));
    grows_with_the_page("metas", many("<meta name=keywords content='a,b,c'>".to_owned()));
    grows_with_the_page("comments in scripts", many("<script><!-- <script </script><!--".to_owned()));
    grows_with_the_page("tags without end", many("<p <a '<b \"".to_owned()));
    grows_with_the_page("names", |n| (0..n).map(|i| format!("<p class='a{i} related-{i} c'>chữ")).collect());
    grows_with_the_page("attributes", |n| {
        format!("<p {}>", (0..8 * n).map(|i| format!("data-{i}src=1 ")).collect::<String>())
    });
    grows_with_the_page("open formatting", |n| {
        let open: String = (0..n.min(390)).map(|i| format!("<b title={i}>")).collect();
        format!("<p>{open}{}", "<b title=x></b>".repeat(n))
    });
    grows_with_the_page("references", |n| format!("<p>&#; &{}", "amp;".repeat(8 * n)));
    grows_with_the_page("a long title", |n| format!("<title>{}</title><h1>c d e</h1>", "a: ".repeat(8 * n)));
    let stated = |key: &str, value: String| {
        format!(
            "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"headline\":\"T\",\"{key}\":{value}}}</script>"
        )
    };
    grows_with_the_page("markup in JSON-LD", |n| stated("articleBody", format!("\"{}\"", "<a ".repeat(8 * n))));
    grows_with_the_page("keywords", |n| stated("keywords", format!("\"{}\"", "một, hai, ".repeat(8 * n))));
    grows_with_the_page("a graph", |n| {
        stated("@graph", format!("[{}{{}}]", "{\"@type\":\"Person\",\"name\":\"A\"},".repeat(n)))
    });
    grows_with_the_page("broken JSON-LD", |n| stated("description", format!("\"{}", "\" , \\x ".repeat(8 * n))));
    grows_with_the_page("a body stated twice", |n| {
        let lines: String = (0..n).map(|i| format!("<p>{i} {prose}</p>")).collect();
        stated("articleBody", format!("\"{}\"", format!("{prose} ").repeat(3 * n))) + &lines
    });
}
