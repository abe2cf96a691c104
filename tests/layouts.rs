//! A paper changes its templates: one notice says so, `sources check` shows what is missing, and one notice says that
//! it is mended.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

#[expect(dead_code, reason = "each test binary uses its own part")]
mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::{Arc, Mutex};

use support::{Home, json_of, stdout_of};

/// How the paper sets its articles.
#[derive(Clone, Copy)]
enum Layout {
    /// Headline, lead and paragraphs.
    Whole,
    /// The lead is gone, and scripts load all but two paragraphs.
    Torn,
    /// Scripts load everything.
    Empty,
}

/// What stands in the paper's feed, and how its pages are set.
type Issue = Arc<Mutex<(Range<u32>, Layout)>>;

struct Paper {
    home: Home,
    issue: Issue,
}

impl Paper {
    fn open() -> Self {
        let issue = Arc::new(Mutex::new((0..0, Layout::Whole)));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let shown = Arc::clone(&issue);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (items, layout) = shown.lock().unwrap().clone();
                answer(stream.unwrap(), addr, items, layout);
            }
        });
        let home = Home::new();
        let feeds = format!(
            "[[outlet]]\nid = \"song-lam\"\nname = \"Báo Sông Lam\"\ntier = \"local\"\n\n\
             [[outlet.channel]]\nname = \"tin\"\nkind = \"feed\"\nurl = \"http://{addr}/rss\"\n"
        );
        fs::write(home.file("feeds.toml"), feeds).unwrap();
        Self { home, issue }
    }

    /// The notices of a round on a day of November, after the paper put out some articles.
    fn notices(&self, day: u32, items: Range<u32>, layout: Layout) -> Vec<String> {
        let n_items = items.len();
        *self.issue.lock().unwrap() = (items, layout);
        let mut round = self.home.command(&["collect", "--gather", "--json"]);
        let report = json_of(round.env("DIEMBAO_NOW", noon(day))).remove(0);
        let pages = report["stages"].as_array().unwrap().iter().find(|stage| stage["stage"] == "pages");
        assert_eq!(pages.unwrap()["n_in"], n_items, "{report:#}");
        report["notices"].as_array().unwrap().iter().map(|n| n.as_str().unwrap().to_owned()).collect()
    }

    /// What `sources check --sample` says of the outlet's pages.
    fn check(&self, day: u32) -> String {
        let mut check = self.home.command(&["sources", "check", "--sample"]);
        let told = stdout_of(check.env("DIEMBAO_NOW", noon(day)), 0);
        let start = told.lines().position(|line| line.contains("pages lately")).unwrap();
        told.lines().skip(start).map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

fn noon(day: u32) -> String {
    format!("2026-11-{day:02}T12:00:00+07:00")
}

fn answer(mut stream: TcpStream, addr: SocketAddr, items: Range<u32>, layout: Layout) {
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    lines.find(String::is_empty);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let number = path.strip_prefix("/tin-").and_then(|rest| rest.strip_suffix(".html")?.parse().ok());
    let body = match (path, number) {
        ("/rss", _) => feed(addr, items),
        (_, Some(number)) => page(number, layout),
        _ => String::new(),
    };
    let status = if body.is_empty() { "404 Not Found" } else { "200 OK" };
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
}

fn feed(addr: SocketAddr, items: Range<u32>) -> String {
    let mut out = "<rss version=\"2.0\"><channel><title>Báo Sông Lam</title>".to_owned();
    for n in items {
        let _ =
            write!(out, "<item><title>Trạm y tế số {n} mở cửa</title><link>http://{addr}/tin-{n}.html</link></item>");
    }
    out + "</channel></rss>"
}

fn page(n: u32, layout: Layout) -> String {
    let lead = format!(
        "<p class=\"sapo\">Từ tháng này, người dân xã số {n} được khám chữa bệnh ngay tại trạm y tế mới xây.</p>"
    );
    let paragraph = |part: u32| {
        format!(
            "<p>Đoạn {part}: trạm số {n} có {} phòng khám, hai bác sĩ và bốn điều dưỡng trực thay phiên suốt ngày đêm; \
             xã đã trích ngân sách mua máy siêu âm, tủ bảo quản vắc xin và xe chuyển người bệnh lên tuyến trên.</p>",
            n % 7 + part
        )
    };
    let text = match layout {
        Layout::Whole => lead + "<div class=\"noi-dung\">" + &(1..6).map(paragraph).collect::<String>() + "</div>",
        Layout::Torn => format!("<div>{}{}</div><script src=\"/doc-tiep.js\"></script>", paragraph(1), paragraph(2)),
        Layout::Empty => "<div id=\"ung-dung\"></div><script src=\"/trang.js\"></script>".to_owned(),
    };
    let title = format!("Trạm y tế số {n} mở cửa");
    format!(
        "<html><head><title>{title}</title></head><body><nav>Trang chủ Thời sự Sức khỏe Giáo dục Pháp luật Kinh tế</nav>\
         <h1>{title}</h1>{text}</body></html>"
    )
}

#[test]
fn a_torn_layout_is_told_once_and_its_mending_once() {
    let paper = Paper::open();
    assert!(paper.notices(2, 0..40, Layout::Whole).is_empty());
    let told = paper.notices(7, 40..52, Layout::Torn);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("the pages of song-lam may have a new layout: "), "{told:?}");
    let torn = ["lead on 0 % of pages, before 100 %", "bodies have 389 characters, before 973"];
    assert!(torn.iter().all(|words| told[0].contains(words)), "{told:?}");
    assert!(paper.notices(8, 52..64, Layout::Torn).is_empty(), "told already");
    let checked = paper.check(8);
    assert!(checked.starts_with("FELL  song-lam") && checked.contains("24 pages lately, 40 before"), "{checked}");
    assert!(torn.iter().all(|words| checked.contains(words)), "{checked}");
    assert_eq!(paper.notices(12, 64..76, Layout::Whole), ["the pages of song-lam are read as before"]);
    assert!(paper.notices(13, 76..80, Layout::Whole).is_empty());
    assert!(paper.check(13).starts_with("ok    song-lam"));
}

#[test]
fn pages_that_give_no_article_are_told_after_eight_in_a_row() {
    let paper = Paper::open();
    assert!(paper.notices(2, 0..3, Layout::Whole).is_empty());
    assert!(paper.notices(3, 3..10, Layout::Empty).is_empty(), "seven may be chance");
    let told = paper.notices(4, 10..12, Layout::Empty);
    assert_eq!(told, ["the pages of song-lam may have a new layout: 9 pages in a row gave no article"]);
    assert!(paper.check(4).contains("9 pages in a row gave no article"));
    assert_eq!(paper.notices(5, 12..14, Layout::Whole), ["the pages of song-lam are read as before"]);
}
