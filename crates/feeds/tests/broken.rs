//! Feeds as they break in the field: what is there is read, and the repair is named.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use diembao_feeds::{ParseContext, Parsed, parse_channel};
use diembao_news::{CanonicalUrl, ChannelKind, SectionRules};

fn read(kind: ChannelKind, bytes: &[u8]) -> Parsed {
    let base = CanonicalUrl::parse("https://baomau.example/rss/suc-khoe.rss").unwrap();
    let rules = SectionRules::default();
    let context = ParseContext {
        kind,
        base: &base,
        rules: &rules,
        zone: chrono_tz::Asia::Ho_Chi_Minh,
        now: "2026-11-21T03:00:00Z".parse().unwrap(),
        charset: None,
    };
    parse_channel(&context, bytes)
}

/// The titles, then the problems, one a line.
#[track_caller]
fn check(bytes: &[u8], expect: &str) {
    let parsed = read(ChannelKind::Feed, bytes);
    let said: Vec<String> = parsed
        .items
        .iter()
        .map(|i| format!("{} <{}>", i.title, i.url.as_ref().map_or("-", |u| u.path())))
        .chain(parsed.problems.iter().map(|p| format!("! {p}")))
        .collect();
    assert_eq!(said.join("\n"), expect);
}

fn rss(inner: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>Báo Mẫu</title>{inner}</channel></rss>")
        .into_bytes()
}

const ITEM: &str = "<item><title>Khám bệnh miễn phí</title><link>https://baomau.example/a-1.html</link></item>";

#[test]
fn undeclared_entities_and_namespaces() {
    check(
        &rss(
            "<item><title>Kh&aacute;m &khong; b&#7879;nh</title><link>/a-1</link><dc:date>2026-11-20</dc:date></item>",
        ),
        "Khám &khong; bệnh </a-1>\n\
         ! namespace prefix \"dc\" is not declared: taken by its usual meaning\n\
         ! 1 entities of HTML that XML does not know: resolved\n\
         ! 1 unknown entities: kept as text",
    );
}

#[test]
fn bare_ampersands_and_signs() {
    check(
        &rss("<item><title>Thuốc A & B, đường huyết < 7</title><link>/a?x=1&y=2</link></item>"),
        "Thuốc A & B, đường huyết < 7 </a>\n\
         ! 2 ampersands that begin no entity: kept as text\n\
         ! 1 places that are no markup: kept as text",
    );
}

#[test]
fn bad_bytes_and_stray_bytes() {
    let mut bytes = b"\r\n<br />\n<b>Warning</b>: x on line <b>3</b>\n".to_vec();
    bytes.extend(rss(ITEM));
    bytes.extend([0xff, 0x00]);
    check(
        &bytes,
        "Khám bệnh miễn phí </a-1.html>\n\
         ! bytes that are not UTF-8 were replaced\n\
         ! stray bytes before the document: skipped",
    );
}

#[test]
fn a_document_that_is_cut_off() {
    let whole =
        rss(&format!("{ITEM}<item><title>Tiêm chủng mở rộng</title><link>/b-2</link><description><![CDATA[Sáng 20/11"));
    let cut = &whole[..whole.len() - "</channel></rss>".len()];
    check(
        cut,
        "Khám bệnh miễn phí </a-1.html>\n\
         Tiêm chủng mở rộng </b-2>\n\
         ! the document is cut off: what is there was read",
    );
}

#[test]
fn items_that_were_never_closed() {
    check(
        &rss("<item><title>Một<link>/a</link><item><title>Hai</title><link>/b</link>"),
        "Một </a>\nHai </b>\n! 3 elements were not closed: closed where the next began",
    );
}

#[test]
fn a_charset_that_is_not_what_is_declared() {
    let text = String::from_utf8(rss(ITEM)).unwrap().replace("utf-8", "windows-1252");
    check(text.as_bytes(), "Khám bệnh miễn phí </a-1.html>\n! declared as windows-1252, is UTF-8");
}

#[test]
fn a_web_page_is_not_a_feed() {
    let page = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><a href='/a-b-c-d-e-f-12345.html'>Mot bai bao nao do dai dai</a></body></html>";
    let parsed = read(ChannelKind::Feed, page);
    assert_eq!((parsed.kind, parsed.items.len()), ("html", 0));
    assert_eq!(parsed.problems, ["a web page (Just a moment...) was served where a feed was expected"]);
}

#[test]
fn empty_but_valid() {
    check(&rss(""), "! well formed, but it holds no items");
    check(b"", "! the answer is empty");
    check(b"  \n", "! the answer is empty");
    check(b"OK", "! neither a feed, a sitemap nor a web page");
}

#[test]
fn entities_that_grow_are_not_expanded() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]><rss version=\"2.0\"><channel><item><title>&b;</title><link>/a</link></item></channel></rss>";
    check(
        bomb.as_bytes(),
        "&b; </a>\n! 1 unknown entities: kept as text\n! the document type declares entities: not expanded",
    );
}

#[test]
fn entities_encoded_twice() {
    check(
        &rss("<item><title>&amp;quot;Si&amp;ecirc;u&amp;quot; vi khu&amp;#7849;n</title><link>/a</link></item>"),
        "\"Siêu\" vi khuẩn </a>",
    );
}

#[test]
fn local_time_labelled_gmt() {
    let parsed = read(
        ChannelKind::Feed,
        &rss("<item><title>Một</title><link>/a</link><pubDate>Sat, 21 Nov 2026 09:30:00 GMT</pubDate></item>\
              <item><title>Hai</title><link>/b</link><pubDate>Sat, 21 Nov 2026 01:00:00 GMT</pubDate></item>"),
    );
    let times: Vec<String> = parsed.items.iter().map(|i| i.published.unwrap().to_rfc3339()).collect();
    assert_eq!(times, ["2026-11-21T02:30:00+00:00", "2026-11-20T18:00:00+00:00"]);
    assert_eq!(parsed.problems, ["times labelled GMT lie in the future: read as Asia/Ho_Chi_Minh time"]);
}

#[test]
fn dates_that_are_not_believed_say_why() {
    let parsed = read(
        ChannelKind::Feed,
        &rss("<item><title>Một</title><link>/a</link><pubDate>Tue, 21 Nov 2028 09:30:00 +0700</pubDate></item>\
              <item><title>Hai</title><link>/b</link><pubDate>hôm qua</pubDate></item>\
              <item><title>Ba</title><link>/c</link><pubDate>20/11/2026 09:30</pubDate></item>"),
    );
    assert_eq!(parsed.items.iter().filter(|i| i.published.is_some()).count(), 1);
    assert_eq!(
        parsed.problems,
        [
            "2 dates were not believed, such as \"Tue, 21 Nov 2028 09:30:00 +0700\": in the future",
            "1 dates without a zone: the outlet's was taken"
        ]
    );
}

#[test]
fn aggregators_links() {
    let parsed = read(
        ChannelKind::Feed,
        &rss("<item><title>Một - Báo Mẫu</title><link>https://news.google.com/rss/articles/CBMi?oc=5</link></item>\
              <item><title>Hai</title><link>https://www.google.com/url?rct=j&amp;url=https%3A%2F%2Fbaomau.example%2Fb&amp;ct=ga</link></item>"),
    );
    assert!(parsed.items[0].opaque && !parsed.items[1].opaque);
    assert_eq!(parsed.items[1].url.as_ref().unwrap().as_str(), "https://baomau.example/b");
    assert_eq!(parsed.items[0].title, "Một - Báo Mẫu");
}

#[test]
fn json_feeds_whole_and_cut_off() {
    let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Báo Mẫu","items":[{"id":7,"url":"/a","title":"Một","date_published":"2026-11-20T09:00:00+07:00"},{"id":"b","url":"/b","title":"Hai","content_html":"<p>Tóm tắt</p>"}]}"#;
    let parsed = read(ChannelKind::Feed, json.as_bytes());
    assert_eq!((parsed.kind, parsed.items.len(), parsed.problems.len()), ("json", 2, 0));
    assert_eq!((parsed.items[0].id.as_deref(), parsed.items[1].summary.as_str()), (Some("7"), "Tóm tắt"));
    let cut = read(ChannelKind::Feed, &json.as_bytes()[..json.len() - 20]);
    assert_eq!(cut.items.len(), 1);
    assert!(cut.problems[0].starts_with("the JSON is broken"), "{:?}", cut.problems);
}

#[test]
fn sitemaps_and_their_index() {
    let news = r#"<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
        <url><loc>https://baomau.example/a-1.html</loc><lastmod>2026-11-21</lastmod><news:news><news:publication><news:name>Báo Mẫu</news:name></news:publication><news:publication_date>2026-11-20T22:00:00+07:00</news:publication_date><news:title>Khám &amp; chữa</news:title></news:news><image:image><image:loc>https://baomau.example/a.jpg</image:loc></image:image></url>
        <url><loc>https://baomau.example/b-2.html</loc><lastmod>2026-11-19</lastmod></url></urlset>"#;
    let parsed = read(ChannelKind::Sitemap, news.as_bytes());
    assert_eq!((parsed.kind, parsed.problems.len(), parsed.items.len()), ("sitemap", 0, 2));
    assert_eq!(parsed.items[0].title, "Khám & chữa");
    assert_eq!(parsed.items[0].url.as_ref().unwrap().path(), "/a-1.html");
    assert_eq!(parsed.items[0].published.unwrap().to_rfc3339(), "2026-11-20T15:00:00+00:00");
    assert_eq!(parsed.items[1].published.unwrap().to_rfc3339(), "2026-11-19T05:00:00+00:00");

    let index = "<sitemapindex><sitemap><loc>/old.xml</loc><lastmod>2025-01-01</lastmod></sitemap><sitemap><loc>/new.xml.gz</loc><lastmod>2026-11-21T01:00:00Z</lastmod></sitemap></sitemapindex>";
    let parsed = read(ChannelKind::Sitemap, index.as_bytes());
    assert_eq!(parsed.kind, "sitemap-index");
    assert_eq!(parsed.sitemaps, ["https://baomau.example/new.xml.gz", "https://baomau.example/old.xml"]);

    let list = read(ChannelKind::Sitemap, b"https://baomau.example/a\nhttps://baomau.example/b\n");
    assert_eq!(list.items.len(), 2);
}

#[test]
fn the_wish_to_be_left_alone_is_read() {
    assert_eq!(read(ChannelKind::Feed, &rss("<ttl>45</ttl>")).ttl, Some(chrono::Duration::minutes(45)));
    let syndication = rss("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>");
    assert_eq!(read(ChannelKind::Feed, &syndication).ttl, Some(chrono::Duration::minutes(30)));
    assert_eq!(read(ChannelKind::Feed, &rss("<ttl>-5</ttl>")).ttl, None);
}
