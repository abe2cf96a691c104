//! Fictional pages with the habits of real ones, read through the public function.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_extract::{Extraction, PageContext, PageKind, extract};
use diembao_news::{CanonicalUrl, ExtractRules};

fn read_with(html: &str, url: &str, rules: &ExtractRules) -> Extraction {
    let url = CanonicalUrl::parse(url).expect("a test address");
    let now: DateTime<Utc> = "2026-03-03T00:00:00Z".parse().expect("a test time");
    extract(html, &PageContext { url: &url, rules, zone: Ho_Chi_Minh, now })
}

fn read(html: &str) -> Extraction {
    read_with(html, "https://thunghiem.example/suc-khoe/bai-1234.html", &ExtractRules::default())
}

const PROSE: &str = "Sáng nay, đoàn kiểm tra của sở y tế đã làm việc với bệnh viện huyện về quy trình tiếp nhận người bệnh cấp cứu. \
                     Buổi làm việc kéo dài ba giờ, có đại diện của bảo hiểm xã hội.";

fn page(head: &str, body: &str) -> String {
    format!("<html lang=vi><head>{head}</head><body>{body}</body></html>")
}

fn paragraphs(n: usize) -> String {
    (1..=n).map(|i| format!("<p>Đoạn {i}. {PROSE}</p>")).collect()
}

#[test]
fn an_ordinary_article_is_read_whole() {
    let e = read(include_str!("pages/bai-thuong.html"));
    assert_eq!(e.kind, PageKind::Article);
    assert_eq!(e.title, "Trạm y tế xã Đồng Mơ khám miễn phí cho người cao tuổi");
    assert!(e.lead.starts_with("Hơn 300 người cao tuổi"), "{}", e.lead);
    let lines: Vec<&str> = e.body.lines().collect();
    assert!(lines[0].starts_with("Sáng 1/3"), "{lines:#?}");
    assert!(lines[1].ends_with("20 sinh viên năm cuối."));
    assert_eq!(lines[2], "Phát hiện sớm bệnh mạn tính");
    assert!(lines.contains(&"1/3 | 180"));
    assert!(lines.contains(&"Chúng tôi sẽ quay lại mỗi quý một lần, kể cả mùa mưa."));
    assert!(lines.last().unwrap().starts_with("Đợt khám tiếp theo"), "{lines:#?}");
    for gone in [
        "Hơn 300",
        "Chia sẻ",
        "Ảnh:",
        "Xem thêm",
        "Tin liên quan",
        "mở thêm phòng khám",
        "Bài viết rất hay",
        "Giấy phép",
    ] {
        assert!(!e.body.contains(gone), "{gone}");
    }
    assert_eq!(e.authors, ["Lê An", "T. Bình"]);
    let published = e.published.unwrap();
    assert_eq!(published.at.to_rfc3339(), "2026-03-02T01:15:00+00:00");
    assert!(published.zoned);
    assert_eq!(published.from, "json-ld");
    assert!(e.modified.is_some());
    assert_eq!(e.image.as_deref(), Some("https://thunghiem.example/anh/tram-y-te.jpg?w=600"));
    assert_eq!(e.image_caption.as_deref(), Some("Bác sĩ đo huyết áp cho người dân. Ảnh: Lê An"));
    assert_eq!(e.canonical.unwrap().path(), "/suc-khoe/tram-y-te-dong-mo-1234.html");
    assert_eq!(e.section.as_deref(), Some("Sức khỏe › Y tế cơ sở"));
    assert_eq!(e.tags, ["trạm y tế", "người cao tuổi"]);
    assert_eq!(e.lang, "vi");
    assert_eq!(e.problems, ["broken JSON-LD was repaired"]);
    assert!(e.trace.iter().any(|s| s.field == "body" && s.chosen));
}

#[test]
fn an_outlets_selectors_win() {
    let html = page(
        "<title>Sai</title>",
        &format!(
            "<h1>Nhãn của trang</h1><div class=t1>Tiêu đề thật của bài</div><div class=t2>Sapo do tòa soạn đặt riêng cho bài này.</div>\
             <div class=k1>{}<div class=qc>Mua hai tặng một, chỉ trong hôm nay, số lượng có hạn cho khách.</div></div>\
             <i class=tg>Ngọc Cẩm</i><u class=tm>02/03/2026 09:30</u>",
            paragraphs(4)
        ),
    );
    let one = |s: &str| vec![s.to_owned()];
    let rules = ExtractRules {
        title: one(".t1"),
        lead: one(".t2"),
        body: vec![".khong-co".to_owned(), ".k1".to_owned()],
        author: one(".tg"),
        published: one(".tm"),
        remove: one(".qc"),
        ignore_stated_zone: false,
    };
    let e = read_with(&html, "https://thunghiem.example/a", &rules);
    assert_eq!(e.title, "Tiêu đề thật của bài");
    assert_eq!(e.lead, "Sapo do tòa soạn đặt riêng cho bài này.");
    assert_eq!(e.body.lines().count(), 4);
    assert_eq!(e.authors, ["Ngọc Cẩm"]);
    let published = e.published.unwrap();
    assert_eq!((published.at.to_rfc3339().as_str(), published.zoned), ("2026-03-02T02:30:00+00:00", false));
    assert_eq!(published.from, "selector");
}

#[test]
fn a_selector_that_misses_is_reported() {
    let html = page("", &format!("<article>{}</article><div class=k>Một câu.</div>", paragraphs(4)));
    let rules = ExtractRules { body: vec![".k".to_owned(), "p[".to_owned()], ..ExtractRules::default() };
    let e = read_with(&html, "https://thunghiem.example/a", &rules);
    assert_eq!(e.body.lines().count(), 4);
    assert!(e.problems[0].contains("less than half"), "{:?}", e.problems);
}

#[test]
fn a_wrong_zone_is_left_out_when_the_outlet_says_so() {
    let html = page("<meta property='article:published_time' content='2026-03-02T09:30:00+08:00'>", &paragraphs(3));
    let rules = ExtractRules { ignore_stated_zone: true, ..ExtractRules::default() };
    let e = read_with(&html, "https://thunghiem.example/a", &rules);
    assert_eq!(e.published.unwrap().at.to_rfc3339(), "2026-03-02T02:30:00+00:00");
}

#[test]
fn a_lead_printed_as_first_paragraph_stays_in_the_body() {
    let html = page(
        &format!("<meta name=description content='Đoạn 1. {PROSE}'>"),
        &format!("<article>{}</article>", paragraphs(3)),
    );
    let e = read(&html);
    assert_eq!(e.lead, "");
    assert!(e.body.starts_with("Đoạn 1."));
}

const LEAD: &str = "Bệnh viện huyện Đồng Mơ sẽ mở thêm hai phòng khám ban đêm từ tuần sau, sau nhiều tháng quá tải.";

#[test]
fn a_blog_template_gives_its_lead_and_author() {
    let graph = "<script type='application/ld+json'>{\"@graph\":[{\"@type\":\"Article\",\"headline\":\"Mở phòng khám đêm\",\
                 \"author\":{\"name\":\"admin\",\"@id\":\"#p\"},\"datePublished\":\"2026-03-02T01:15:00+00:00\"}]}</script>";
    let html = page(
        graph,
        &format!(
            "<article class=hentry><header><h1 class=entry-title>Mở phòng khám đêm</h1><div class=entry-meta>\
             <span class=byline>bởi <span class='author vcard'><a href=/author/an>Lê An</a></span></span></div></header>\
             <div class=entry-content><p><strong>{LEAD}</strong></p>{}<figure class=wp-caption><img src=a.jpg>\
             <figcaption>Người dân chờ khám.</figcaption></figure></div></article>",
            paragraphs(4)
        ),
    );
    let e = read(&html);
    assert_eq!(e.authors, ["Lê An"]);
    assert_eq!(e.lead, LEAD);
    assert!(e.body.starts_with("Đoạn 1."), "{}", e.body);
    assert!(!e.body.contains("chờ khám"));
}

#[test]
fn a_lead_printed_twice_is_kept_once() {
    let html = page(
        "<title>Mở phòng khám đêm</title>",
        &format!(
            "<form><div class=news-detail><h2>Mở phòng khám đêm</h2><div class=brief>{LEAD}</div>\
             <div class=content><p>(SYT) - {LEAD}</p>{}</div></div></form>",
            paragraphs(4)
        ),
    );
    let e = read(&html);
    assert_eq!(e.lead, LEAD);
    assert!(e.body.starts_with("Đoạn 1."), "{}", e.body);
}

#[test]
fn authors_are_found_by_reference() {
    let html = page(
        "<script type='application/ld+json'>{\"@graph\":[{\"@type\":\"NewsArticle\",\"headline\":\"Tin\",\"author\":[{\"@id\":\"#a\"},\
         {\"@id\":\"#b\"}]},{\"@type\":\"Person\",\"@id\":\"#a\",\"name\":\"Lê An\"},{\"@type\":\"Person\",\"@id\":\"#b\",\"name\":\"T. Bình\"}]}</script>",
        &paragraphs(3),
    );
    assert_eq!(read(&html).authors, ["Lê An", "T. Bình"]);
}

#[test]
fn a_date_in_the_address_is_the_last_evidence() {
    let url = "https://thunghiem.example/2026/03/01/mo-phong-kham";
    let bare = read_with(&page("", &paragraphs(3)), url, &ExtractRules::default());
    assert_eq!(bare.published.as_ref().map(|s| s.from), Some("url"));
    let printed = format!("<h1>Mở phòng khám đêm</h1><i>08:15 | 02/03/2026</i>{}", paragraphs(3));
    let stated = read_with(&page("", &printed), url, &ExtractRules::default());
    assert_eq!(stated.published.unwrap().at.to_rfc3339(), "2026-03-02T01:15:00+00:00");
}

#[test]
fn the_body_in_json_stands_in_for_an_empty_page() {
    let body = format!("{PROSE} ").repeat(4);
    let html = page(
        &format!(
            "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"headline\":\"Tin\",\"articleBody\":\"{body}\"}}</script>"
        ),
        "<div id=app>Đang tải…</div>",
    );
    let e = read(&html);
    assert_eq!(e.kind, PageKind::Article);
    assert!(e.body.starts_with("Sáng nay"));
}

#[test]
fn what_is_no_article_is_named() {
    let teasers: String = (0..30)
        .map(|i| format!("<div><h3><a href='/bai-{i}'>Bệnh viện số {i} mở thêm khoa khám theo yêu cầu</a></h3><p>Tóm tắt ngắn.</p></div>"))
        .collect();
    let listing = page("<title>Sức khỏe</title>", &teasers);
    assert_eq!(
        read_with(&listing, "https://thunghiem.example/suc-khoe", &ExtractRules::default()).kind,
        PageKind::Listing
    );
    let challenge = page("<title>Just a moment...</title>", "<p>Checking your browser before accessing.</p>");
    assert_eq!(read(&challenge).kind, PageKind::Challenge);
    let video = page(
        "<meta property='og:type' content='video.other'><title>Phóng sự</title>",
        "<h1>Phóng sự</h1><video src=x></video><p>Một ca mổ.</p>",
    );
    assert_eq!(read(&video).kind, PageKind::Video);
    let paywall = page(
        "",
        &format!("<article>{}<div>Vui lòng đăng nhập để đọc tiếp bài viết này.</div></article>", paragraphs(2)),
    );
    assert_eq!(read(&paywall).kind, PageKind::Paywall);
    assert_eq!(read(&page("", "<p>Ngắn.</p>")).kind, PageKind::TooShort);
    assert_eq!(read("").kind, PageKind::TooShort);
}

#[test]
fn a_foreign_page_is_marked() {
    let text =
        "<p>The ministry said on Monday that the hospital would open a new ward for elderly patients next year.</p>"
            .repeat(4);
    assert_eq!(read(&format!("<html lang=vi><body>{text}</body></html>")).lang, "und");
    assert_eq!(read(&format!("<html lang=en-GB><body>{text}</body></html>")).lang, "en");
    assert_eq!(read(&format!("<html lang=en><body>{}</body></html>", paragraphs(3))).lang, "vi");
}

#[test]
fn a_credited_source_is_kept() {
    let html = page("", &format!("<article>{}<p><em>(Theo Tin Mẫu)</em></p></article>", paragraphs(3)));
    assert_eq!(read(&html).credited_source.as_deref(), Some("Tin Mẫu"));
}

#[test]
fn text_comes_out_composed_and_decoded() {
    let html = page(
        "",
        &format!(
            "<article><p>Ng\u{1b0}\u{1a1}\u{300}i b&amp;#7879;nh\u{200b} c&#243;&nbsp;thể\u{ad} về. {PROSE}</p>{}</article>",
            paragraphs(2)
        ),
    );
    assert!(read(&html).body.starts_with("Người bệnh có thể về."), "{}", read(&html).body);
}

#[test]
fn a_byline_at_the_end_gives_the_authors() {
    for (line, authors) in [
        ("<strong>N.A - T. Bình</strong>", ["N.A", "T. Bình"].as_slice()),
        ("Lê An và Trần B.", &["Lê An", "Trần B"]),
        ("<em>Bài, ảnh: Lê An</em>", &["Lê An"]),
    ] {
        let e = read(&page("", &format!("<article>{}<p>{line}</p></article>", paragraphs(4))));
        assert_eq!(e.authors, authors, "{line}");
        assert_eq!(e.body.lines().count(), 4, "{line}");
    }
}

#[test]
fn what_an_article_holds_keeps_its_order() {
    let html = page(
        "",
        &format!(
            "<h1>Mở phòng khám đêm</h1><article>{}<h2>Ba việc phải làm</h2><ul><li>Mua thêm máy thở cho khoa cấp cứu.</li>\
             <li>Tuyển mười điều dưỡng.</li></ul><table><tr><th>Ngày</th><th>Lượt khám</th></tr><tr><td>1/3</td><td>180</td></tr>\
             </table><blockquote><p>Chúng tôi sẽ làm ngay trong tháng này, không chờ thêm.</p></blockquote>\
             <figure><img src=a.jpg><figcaption>Người dân chờ khám.</figcaption></figure>{}</article>",
            paragraphs(2),
            paragraphs(1)
        ),
    );
    let e = read(&html);
    let lines: Vec<&str> = e.body.lines().skip(2).take(6).collect();
    assert_eq!(
        lines,
        [
            "Ba việc phải làm",
            "Mua thêm máy thở cho khoa cấp cứu.",
            "Tuyển mười điều dưỡng.",
            "Ngày | Lượt khám",
            "1/3 | 180",
            "Chúng tôi sẽ làm ngay trong tháng này, không chờ thêm."
        ]
    );
    assert_eq!(e.n_words, e.body.split_whitespace().filter(|w| *w != "|").count());
}

#[test]
fn a_selector_may_ask_for_any_attribute() {
    let html = page("", &format!("<div data-vai-tro='noi-dung'>{}</div>", paragraphs(3)));
    let rules = ExtractRules { body: vec!["[data-vai-tro=noi-dung]".to_owned()], ..ExtractRules::default() };
    let e = read_with(&html, "https://thunghiem.example/a", &rules);
    assert!(e.trace.iter().any(|s| s.field == "body" && s.chosen && s.candidate == "selector"), "{:?}", e.trace);
}
