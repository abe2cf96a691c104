//! How much the address, the headline and the place of a link speak for an article.

use diembao_news::CanonicalUrl;
use scraper::ElementRef;

/// Parts of a path that lead to lists and services, in Vietnamese sites' own spelling.
const NOT_ARTICLES: &[&str] = &[
    "tag",
    "tags",
    "tac-gia",
    "author",
    "tim-kiem",
    "search",
    "chu-de",
    "topic",
    "topics",
    "lien-he",
    "contact",
    "page",
    "trang",
    "rss",
    "login",
    "dang-nhap",
    "dang-ky",
    "register",
    "category",
    "chuyen-muc",
    "gioi-thieu",
    "about",
    "quang-cao",
    "dat-bao",
    "toa-soan",
    "sitemap",
    "feed",
    "dieu-khoan",
    "chinh-sach-bao-mat",
    "event",
    "su-kien",
    "collection",
    "dong-su-kien",
    "static",
];
const NOT_PAGES: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "svg", "pdf", "doc", "docx", "xls", "xlsx", "zip", "rar", "mp3", "mp4", "rss",
    "xml",
];
const ENOUGH: i32 = 5;
const NOT_CONTENT: i32 = -4;

/// Whether a link, by all that is known of it, leads to an article of this site.
pub(super) fn is_article(url: &CanonicalUrl, title: &str, place: i32, page: &CanonicalUrl) -> bool {
    let shape = shape(url);
    same_site(url.host(), page.host())
        && shape >= 2
        && headline(title) >= 1
        && shape + headline(title) + place >= ENOUGH
}

/// `suckhoe.baomau.example` and `www.baomau.example` are one site.
fn same_site(a: &str, b: &str) -> bool {
    site(a).eq_ignore_ascii_case(site(b))
}

/// The part of a host that a site owns: its last two labels, or three under `com.vn`, `gov.vn` and the like.
fn site(host: &str) -> &str {
    const SECOND: &[&str] = &["com", "org", "net", "gov", "edu", "co", "info", "ac"];
    if host.parse::<std::net::IpAddr>().is_ok() {
        return host;
    }
    let dots: Vec<usize> = host.match_indices('.').map(|(at, _)| at).collect();
    let n_labels = dots.len() + 1;
    let second = (n_labels >= 3).then(|| &host[dots[n_labels - 3] + 1..dots[n_labels - 2]]);
    let keep = if second.is_some_and(|s| SECOND.contains(&s)) { 3 } else { 2 };
    if n_labels <= keep { host } else { &host[dots[n_labels - keep - 1] + 1..] }
}

/// The shape of an address: words of a headline, a number, a date; lists and files count against.
pub(super) fn shape(url: &CanonicalUrl) -> i32 {
    let path = url.path().to_ascii_lowercase();
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let Some(last) = segments.last() else { return -5 };
    let (stem, extension) = last.rsplit_once('.').unwrap_or((last, ""));
    if NOT_PAGES.contains(&extension) {
        return -5;
    }
    let n_words = stem.split(['-', '_']).filter(|w| w.bytes().any(|b| b.is_ascii_alphabetic())).count();
    let longest_number = stem.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    let query_id = url.as_str().split_once('?').is_some_and(|(_, query)| {
        query.split('&').filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
            name.to_ascii_lowercase().ends_with("id") && !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit())
        })
    });
    let dated = segments.windows(2).any(|pair| is_number(pair[0], 4) && is_number(pair[1], 2));
    let mut score = match n_words {
        8.. => 3,
        5..=7 => 2,
        3..=4 => 1,
        _ => 0,
    };
    score += match longest_number {
        5.. => 2,
        3..=4 if n_words >= 3 => 1,
        _ => 0,
    };
    score += i32::from(query_id) * 2 + i32::from(dated) * 2;
    if segments.iter().any(|s| NOT_ARTICLES.contains(&s.split('.').next().unwrap_or(s))) {
        score -= 4;
    }
    score
}

/// Whether the address carries a number of the length that papers give articles.
pub(super) fn is_numbered(url: &CanonicalUrl) -> bool {
    let last = url.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    last.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 5)
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())
}

/// The length of a headline: a name of a section has one to four syllables, a headline eight and more.
pub(super) fn headline(title: &str) -> i32 {
    let n_words = title.split_whitespace().count();
    match n_words {
        8..=30 => 3,
        5..=7 => 2,
        // Four syllables, or a summary.
        4 | 31.. => 1,
        _ => 0,
    }
}

/// The place of a link: in a heading, or in a part of the page that holds no articles.
pub(super) fn place(anchor: ElementRef<'_>) -> i32 {
    let mut score = 0;
    let around = std::iter::once(anchor).chain(anchor.ancestors().filter_map(ElementRef::wrap)).take(12);
    for (height, element) in around.enumerate() {
        match element.value().name() {
            "h1" | "h2" | "h3" | "h4" | "h5" if height <= 3 => score = score.max(1),
            // A card may have a header of its own.
            "article" => return score.max(1),
            "nav" | "footer" | "header" => return NOT_CONTENT,
            _ => {}
        }
        let class = element.attr("class").unwrap_or_default();
        if height <= 2 && class.contains("title") {
            score = score.max(1);
        }
        if class.contains("breadcrumb") || class.contains("footer") {
            return NOT_CONTENT;
        }
    }
    score
}

/// Whether a link stands in a heading, or holds one.
pub(super) fn in_heading(anchor: ElementRef<'_>) -> bool {
    let is_heading = |name: &str| matches!(name, "h1" | "h2" | "h3" | "h4" | "h5");
    anchor.ancestors().filter_map(ElementRef::wrap).take(3).any(|e| is_heading(e.value().name()))
        || anchor.children().filter_map(ElementRef::wrap).any(|e| is_heading(e.value().name()))
}
