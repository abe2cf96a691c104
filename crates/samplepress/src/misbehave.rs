//! The bad habits: what each misbehaving outlet answers.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};
use futures::stream;
use tokio::sync::watch;

use crate::channels::{Site, rss};
use crate::markup::escape;
use crate::outlets::{Channel, Format};
use crate::press::troubled_outlet;
use crate::{Misbehaviour, Press, SampleArticle, dates, pages};

/// Items in an ordinary misbehaving feed.
const ITEMS: u64 = 5;
const HUGE_ITEMS: u64 = 1000;
const HUGE_ITEM_BYTES: usize = 30_000;

/// One request to a misbehaving outlet.
pub(crate) struct Ask<'a> {
    pub(crate) press: &'a Press,
    pub(crate) kind: Misbehaviour,
    /// The outlet's address without a trailing slash.
    pub(crate) base: &'a str,
    /// The path below it, with its query.
    pub(crate) path: &'a str,
    /// How many requests this outlet has had before.
    pub(crate) earlier: u64,
    /// The press's time.
    pub(crate) now: DateTime<Utc>,
    /// Turns true when the press closes; endless bodies end then.
    pub(crate) closing: watch::Receiver<bool>,
}

/// Answers it.
pub(crate) fn answer(ask: Ask<'_>) -> Response {
    match ask.kind {
        Misbehaviour::NotFound => (StatusCode::NOT_FOUND, "không tìm thấy trang").into_response(),
        Misbehaviour::TooManyRequests => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "120")], "quá nhiều yêu cầu").into_response()
        }
        Misbehaviour::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, "lỗi máy chủ").into_response(),
        Misbehaviour::Busy => {
            let until = dates::http(ask.now + TimeDelta::minutes(2));
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, until)], "máy chủ quá tải").into_response()
        }
        Misbehaviour::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED.into_response(),
        Misbehaviour::RedirectLoop => redirect(&ask),
        Misbehaviour::Challenge => html(CHALLENGE.to_owned()),
        Misbehaviour::Slow => drip(ask.closing),
        Misbehaviour::EndlessBody => endless(ask.closing),
        _ if ask.path.starts_with("moi-nhat.rss") => feed(&ask),
        _ => page(&ask),
    }
}

fn redirect(ask: &Ask<'_>) -> Response {
    let to = if ask.path.contains("lan=2") { "moi-nhat.rss?lan=1" } else { "moi-nhat.rss?lan=2" };
    Redirect::temporary(&format!("{}/{to}", ask.base)).into_response()
}

const CHALLENGE: &str = "<!DOCTYPE html><html><head><title>Đang kiểm tra trình duyệt…</title></head><body>\
    <noscript>Vui lòng bật JavaScript và cookie để tiếp tục.</noscript><script>document.cookie=\"D1N=\"+(7*6).toString(36)+\
    \"; path=/\";window.location.reload(true);</script></body></html>";

/// A byte a second for ten minutes.
fn drip(closing: watch::Receiver<bool>) -> Response {
    let body = stream::unfold((0_u32, closing), |(n, mut closing)| async move {
        if n == 600 || *closing.borrow() {
            return None;
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), closing.changed()).await;
        Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), (n + 1, closing)))
    });
    typed("application/rss+xml; charset=utf-8", Body::from_stream(body))
}

/// A feed whose items never end.
fn endless(closing: watch::Receiver<bool>) -> Response {
    let head = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Báo Hỏng</title>";
    let body = stream::unfold((0_u64, closing), move |(n, closing)| async move {
        if *closing.borrow() {
            return None;
        }
        let chunk = if n == 0 {
            head.to_owned()
        } else {
            (0..64).map(|i| format!("<item><title>Tin số {n}.{i} không bao giờ hết</title><link>http://hong.invalid/{n}-{i}</link></item>\n")).collect()
        };
        tokio::task::yield_now().await;
        Some((Ok::<_, std::io::Error>(Bytes::from(chunk)), (n + 1, closing)))
    });
    typed("application/rss+xml; charset=utf-8", Body::from_stream(body))
}

fn feed(ask: &Ask<'_>) -> Response {
    let xml = "application/rss+xml; charset=utf-8";
    match ask.kind {
        Misbehaviour::HtmlAsRss => html(format!(
            "<!DOCTYPE html><html><head><title>Báo Hỏng</title></head><body><h1>RSS đã chuyển sang địa chỉ mới</h1><a href=\"{}/\">Trang chủ</a></body></html>",
            ask.base
        )),
        Misbehaviour::HugeFeed => typed(xml, Body::from(huge(ask))),
        Misbehaviour::EmptyFeed => typed(xml, Body::from(plain(ask, &[]))),
        Misbehaviour::BadDates => typed(xml, Body::from(bad_dates(ask))),
        Misbehaviour::DoubleEncoded => typed(xml, Body::from(double_encoded(ask))),
        Misbehaviour::WrongCharset => {
            typed("text/xml; charset=ISO-8859-1", Body::from(plain(ask, &articles(ask, ITEMS))))
        }
        Misbehaviour::SameEtag => {
            let mut all = articles(ask, 999.min(ITEMS + ask.earlier));
            all.reverse();
            let mut response = typed(xml, Body::from(plain(ask, &all)));
            response.headers_mut().insert(header::ETAG, HeaderValue::from_static("\"1\""));
            response
        }
        _ => typed(xml, Body::from(plain(ask, &articles(ask, ITEMS)))),
    }
}

fn page(ask: &Ask<'_>) -> Response {
    let Some(article) = ask.press.find_troubled(ask.kind, ask.path) else {
        return (StatusCode::NOT_FOUND, "không tìm thấy trang").into_response();
    };
    let outlet = troubled_outlet(ask.kind);
    let site = Site { press: ask.press, index: usize::MAX, outlet: &outlet, base: ask.base };
    let page = pages::article(site, &article);
    if ask.kind == Misbehaviour::WrongCharset {
        return typed("text/html; charset=ISO-8859-1", Body::from(page));
    }
    html(page)
}

fn articles(ask: &Ask<'_>, n: u64) -> Vec<SampleArticle> {
    (0..n).map(|k| ask.press.troubled(ask.kind, k)).collect()
}

fn plain(ask: &Ask<'_>, articles: &[SampleArticle]) -> String {
    let outlet = troubled_outlet(ask.kind);
    let channel = Channel { name: "Mới nhất", path: "moi-nhat.rss", format: Format::Rss, sections: &[] };
    rss(Site { press: ask.press, index: usize::MAX, outlet: &outlet, base: ask.base }, &channel, articles)
}

/// Every item carries a whole page's worth of filling.
fn huge(ask: &Ask<'_>) -> String {
    let filling = "Nội dung lặp lại để làm đầy bản tin. ".repeat(HUGE_ITEM_BYTES / 45);
    let text = plain(ask, &articles(ask, HUGE_ITEMS));
    text.replace("</item>", &format!("<content:encoded><![CDATA[<p>{filling}</p>]]></content:encoded></item>"))
}

fn bad_dates(ask: &Ask<'_>) -> String {
    const BAD: [&str; 8] = [
        "32/13/2026 25:61",
        "Hôm qua",
        "",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Sat, 20 Nov 2099 08:00:00 +0700",
        "11/20/2026 08:15 PM",
        "20 tháng 11 năm 2026",
        "0000-00-00 00:00:00",
    ];
    let all = articles(ask, BAD.len() as u64);
    all.iter().zip(BAD).fold(plain(ask, &all), |text, (article, bad)| {
        let good = format!("<pubDate>{}</pubDate>", dates::rfc2822(article.published));
        text.replacen(&good, &format!("<pubDate>{bad}</pubDate>"), 1)
    })
}

/// Titles and summaries escaped twice, Vietnamese letters as entities of entities.
fn double_encoded(ask: &Ask<'_>) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>B&amp;#225;o H&amp;#7887;ng</title>\n",
    );
    for article in articles(ask, ITEMS) {
        let twice = |text: &str| escape(&escape(&crate::markup::numeric(&format!("“{text}” & tin khác"))));
        let url = format!("{}{}", ask.base, article.path.get(ask.kind.outlet_id().len() + 1..).unwrap_or_default());
        out.push_str(&format!(
            "<item><title>{}</title><link>{url}</link><description>{}</description><pubDate>{}</pubDate></item>\n",
            twice(&article.title),
            twice(&article.lead),
            dates::rfc2822(article.published),
        ));
    }
    out + "</channel></rss>"
}

fn html(text: String) -> Response {
    typed("text/html; charset=utf-8", Body::from(text))
}

fn typed(content_type: &'static str, body: Body) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}
