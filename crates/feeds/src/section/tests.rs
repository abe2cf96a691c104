//! Section pages with and without rules.

use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::{ChannelKind, SectionRules};

use super::*;

const PAGE: &str = r##"<html><head><title>Sức khỏe - Báo Mẫu</title></head><body>
<header><a href="/">Báo Mẫu</a><a href="/suc-khoe">Sức khỏe</a>
<a href="/hanh-trinh-muoi-nam-lam-bao-cua-chung-toi-100001.html">Hành trình mười năm làm báo của chúng tôi</a></header>
<ul>
<li class="tin"><a href="/benh-vien-mo-them-khoa-cap-cuu-123456.html"><img src="a.jpg" alt=""></a>
<h3><a href="/benh-vien-mo-them-khoa-cap-cuu-123456.html?utm_source=home">Bệnh viện mở thêm khoa cấp cứu</a></h3>
<span class="time">20/11/2026 09:05</span></li>
<li><h3><a href="https://suckhoe.baomau.example/canh-bao-thuoc-gia-tren-mang-xa-hoi-123457.html" title="Cảnh báo thuốc giả trên mạng xã hội">Cảnh báo thuốc giả trên mạng xã hội</a></h3></li>
<li><a href="https://khac.example/mot-bai-bao-cua-bao-khac-nao-do-99999.html">Một bài báo của báo khác nào đó</a></li>
<li><a href="/tag/thuoc-gia-va-thuc-pham-chuc-nang-123.html">Tất cả bài về thuốc giả và thực phẩm</a></li>
<li><a href="/tai-lieu-huong-dan-tiem-chung-mo-rong-1234567.pdf">Tài liệu hướng dẫn tiêm chủng mở rộng</a></li>
<li><a href="#dau-trang">Lên đầu trang</a><a href="javascript:void(0)">Xem thêm</a></li>
</ul></body></html>"##;

fn read_with(links: Option<&str>, pattern: Option<&str>) -> Parsed {
    let rules = SectionRules { links: links.map(str::to_owned), pattern: pattern.map(str::to_owned) };
    let base = CanonicalUrl::parse("https://www.baomau.example/suc-khoe").unwrap();
    let context = ParseContext {
        kind: ChannelKind::Section,
        base: &base,
        rules: &rules,
        zone: Ho_Chi_Minh,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        charset: None,
    };
    crate::parse_channel(&context, PAGE.as_bytes())
}

#[track_caller]
fn check(links: Option<&str>, pattern: Option<&str>, expect: &[&str]) -> Parsed {
    let parsed = read_with(links, pattern);
    let titles: Vec<&str> = parsed.items.iter().map(|i| i.title.as_str()).collect();
    assert_eq!(titles, expect);
    parsed
}

#[test]
fn the_heuristic_finds_headlines_of_this_site() {
    let expect = ["Bệnh viện mở thêm khoa cấp cứu", "Cảnh báo thuốc giả trên mạng xã hội"];
    let parsed = check(None, None, &expect);
    assert_eq!(parsed.title.as_deref(), Some("Sức khỏe - Báo Mẫu"));
    assert_eq!(parsed.items[0].published.unwrap().to_rfc3339(), "2026-11-20T02:05:00+00:00");
    assert_eq!(parsed.items[1].published, None);
}

#[test]
fn rules_decide_alone() {
    check(Some("h3"), None, &["Bệnh viện mở thêm khoa cấp cứu", "Cảnh báo thuốc giả trên mạng xã hội"]);
    check(Some("h3 a"), Some("7\\.html$"), &["Cảnh báo thuốc giả trên mạng xã hội"]);
    check(None, Some("99999"), &["Một bài báo của báo khác nào đó"]);
}

#[test]
fn rules_that_match_nothing_are_a_problem() {
    let parsed = read_with(Some(".khong-co"), None);
    assert_eq!(parsed.problems, ["no article links were found: the rules in feeds.toml match no link"]);
}

#[test]
fn a_page_drawn_by_script_says_what_to_do() {
    let base = CanonicalUrl::parse("https://cong.example.gov.vn/").unwrap();
    let rules = SectionRules::default();
    let context = ParseContext {
        kind: ChannelKind::Section,
        base: &base,
        rules: &rules,
        zone: Ho_Chi_Minh,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        charset: None,
    };
    let parsed =
        crate::parse_channel(&context, b"<html><body><div id=app></div><script src=app.js></script></body></html>");
    assert_eq!(
        parsed.problems,
        ["no article links were found: the page draws them by script; look for a feed or a sitemap of this outlet"]
    );
}
