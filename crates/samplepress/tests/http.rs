//! The served press, over real HTTP: every listed article is there, and every bad habit is as bad as it says.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use diembao_samplepress::{Misbehaviour, Press, PressSpec, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

struct Served {
    press: Arc<Press>,
    addr: SocketAddr,
    close: Option<oneshot::Sender<()>>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

async fn served(spec: PressSpec) -> Served {
    let press = Arc::new(Press::new(&spec));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (close, closed) = oneshot::channel::<()>();
    let shutdown = async move {
        let _ = closed.await;
    };
    let server = tokio::spawn(serve(Arc::clone(&press), listener, shutdown));
    Served { press, addr, close: Some(close), server }
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|l| l.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Served {
    async fn get(&self, path: &str) -> Answer {
        self.ask(path, &format!("{}", self.addr), "").await
    }

    /// HTTP/1.0, so that a body ends with the connection; reads at most 40 MB and five seconds.
    async fn ask(&self, path: &str, host: &str, headers: &str) -> Answer {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut all = Vec::new();
        let mut limited = stream.take(40_000_000);
        let _ = tokio::time::timeout(Duration::from_secs(5), limited.read_to_end(&mut all)).await;
        let end = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(all.len());
        let head = String::from_utf8_lossy(&all[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Answer { status, head, body: all.get(end + 4..).unwrap_or_default().to_vec() }
    }

    async fn trouble(&self, kind: Misbehaviour) -> Answer {
        self.get(&format!("/{}/moi-nhat.rss", kind.outlet_id())).await
    }

    /// The addresses that all channels of feeds.toml list, children of sitemaps included, as paths.
    async fn listed(&self) -> BTreeSet<String> {
        let mut todo: Vec<String> = Vec::new();
        let table: toml::Table = self.press.feeds_toml(self.addr).parse().unwrap();
        for outlet in table["outlet"].as_array().unwrap() {
            for channel in outlet["channel"].as_array().unwrap() {
                todo.push(channel["url"].as_str().unwrap().to_owned());
            }
        }
        let mut found = BTreeSet::new();
        while let Some(url) = todo.pop() {
            let answer = self.get(&self.path(&url)).await;
            assert_eq!(answer.status, 200, "{url}");
            for link in links(&answer.text()) {
                let path = self.path(&link);
                if path.contains("/sitemap-") {
                    todo.push(link);
                } else {
                    found.insert(clean(&path));
                }
            }
        }
        found
    }

    fn path(&self, url: &str) -> String {
        url.strip_prefix(&format!("http://{}", self.addr)).unwrap_or(url).to_owned()
    }

    async fn stop(mut self) {
        self.close.take().unwrap().send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(10), self.server).await.unwrap().unwrap().unwrap();
    }
}

/// Every address that stands between the marks of the formats.
fn links(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let marks = [
        ("<link>", '<'),
        ("<loc>", '<'),
        ("\"url\":\"", '"'),
        ("type=\"text/html\" href=\"", '"'),
        ("tieu-de-tin\" href=\"", '"'),
    ];
    for (mark, end) in marks {
        out.extend(text.split(mark).skip(1).filter_map(|rest| rest.split(end).next()).map(str::to_owned));
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn clean(path: &str) -> String {
    let path = path.split('#').next().unwrap_or(path);
    match path.split_once('?') {
        Some((bare, query)) if !query.starts_with("id=") => bare.to_owned(),
        _ => path.to_owned(),
    }
}

#[tokio::test]
async fn every_article_is_listed_and_its_page_holds_its_words() {
    let served = served(PressSpec::default()).await;
    let listed = served.listed().await;
    for article in served.press.articles() {
        assert!(listed.contains(&article.path), "not listed: {}", article.path);
        let page = served.get(&article.path).await;
        assert_eq!(page.status, 200, "{}", article.path);
        let text = page.text();
        for part in article.body.iter().chain([&article.lead]) {
            assert!(text.contains(&escaped(part)), "{}: {part}", article.path);
        }
    }
    served.stop().await;
}

#[tokio::test]
async fn a_large_press_lists_all_it_has() {
    let served = served(PressSpec { articles: 3000, outlets: 14, ..PressSpec::default() }).await;
    let listed = served.listed().await;
    for index in 0..served.press.n_articles() {
        let article = served.press.article(index).unwrap();
        assert!(listed.contains(&article.path), "{}", article.path);
        if index % 311 == 0 {
            assert_eq!(served.get(&article.path).await.status, 200, "{}", article.path);
        }
    }
    served.stop().await;
}

#[tokio::test]
async fn a_million_articles_need_no_memory_of_their_own() {
    let served = served(PressSpec { articles: 1_000_000, ..PressSpec::default() }).await;
    assert_eq!(served.press.n_articles(), 1_000_000);
    for index in [300, 77_777, 999_999] {
        let article = served.press.article(index).unwrap();
        assert!(served.get(&article.path).await.text().contains(&escaped(&article.body[0])));
    }
    assert!(served.get("/tin-sang/sitemap-kho.xml").await.text().matches("<sitemap>").count() > 80);
    served.stop().await;
}

#[tokio::test]
async fn outlets_answer_on_their_own_hosts_too() {
    let served = served(PressSpec::default()).await;
    let host = format!("nhip-song-moi.localhost:{}", served.addr.port());
    let answer = served.ask("/rss/trang-chu.rss", &host, "").await;
    assert!(answer.text().contains(&format!("<link>http://{host}/")));
    assert!(served.ask("/robots.txt", &host, "").await.text().contains("Disallow: /in/"));
    assert!(served.get("/robots.txt").await.text().contains("Disallow: /tin-sang/in/"));
    served.stop().await;
}

#[tokio::test]
async fn unchanged_answers_are_304_and_large_ones_compressed() {
    let served = served(PressSpec::default()).await;
    let (path, host) = ("/nhip-song-moi/rss/trang-chu.rss", served.addr.to_string());
    let first = served.get(path).await;
    let tag = first.header("etag").unwrap().to_owned();
    let changed = first.header("last-modified").unwrap().to_owned();
    assert_eq!(served.ask(path, &host, &format!("If-None-Match: {tag}\r\n")).await.status, 304);
    assert_eq!(served.ask(path, &host, &format!("If-Modified-Since: {changed}\r\n")).await.status, 304);
    assert_eq!(served.ask(path, &host, "If-None-Match: \"x\"\r\n").await.status, 200);
    for encoding in ["gzip", "br"] {
        let answer = served.ask(path, &host, &format!("Accept-Encoding: {encoding}\r\n")).await;
        assert_eq!(answer.header("content-encoding"), Some(encoding));
        assert!(answer.body.len() * 2 < first.body.len());
    }
    served.stop().await;
}

#[tokio::test]
async fn an_old_slug_is_redirected_and_an_amp_twin_names_its_page() {
    let served = served(PressSpec::default()).await;
    let article = served.press.articles().iter().find(|a| a.outlet == "tin-sang").unwrap();
    let old = served.get(&format!("/tin-sang/suc-khoe/tit-cu-{}.html", article.id)).await;
    assert_eq!(old.status, 308);
    assert!(old.header("location").unwrap().ends_with(&article.path));
    let amp = served.get(&format!("{}/amp", article.path)).await;
    assert!(amp.text().contains(&format!("rel=\"canonical\" href=\"http://{}{}\"", served.addr, article.path)));
    assert_eq!(served.get("/tin-sang/khong-co-999999.html").await.status, 404);
    assert_eq!(served.get("/khong-co/").await.status, 404);
    served.stop().await;
}

#[tokio::test]
async fn each_bad_habit_is_there() {
    use Misbehaviour as M;
    let served = served(PressSpec { misbehave: M::ALL.to_vec(), ..PressSpec::default() }).await;
    assert_eq!(served.trouble(M::NotFound).await.status, 404);
    assert_eq!(served.trouble(M::TooManyRequests).await.header("retry-after"), Some("120"));
    assert_eq!(served.trouble(M::ServerError).await.status, 500);
    let busy = served.trouble(M::Busy).await;
    assert_eq!((busy.status, busy.header("retry-after").unwrap().ends_with(" GMT")), (503, true));
    assert_eq!(served.trouble(M::PreconditionRequired).await.status, 428);
    let hop = served.trouble(M::RedirectLoop).await;
    assert_eq!((hop.status, hop.header("location").unwrap().ends_with("lan=2")), (307, true));
    let html = served.trouble(M::HtmlAsRss).await;
    assert!(html.header("content-type").unwrap().starts_with("text/html") && !html.text().contains("<rss"));
    assert!(served.trouble(M::Challenge).await.text().contains("document.cookie"));
    assert_eq!(served.trouble(M::EmptyFeed).await.text().matches("<item>").count(), 0);
    let charset = served.trouble(M::WrongCharset).await;
    assert!(charset.header("content-type").unwrap().contains("ISO-8859-1") && charset.text().contains("Báo"));
    assert!(served.trouble(M::BadDates).await.text().contains("32/13/2026"));
    assert!(served.trouble(M::DoubleEncoded).await.text().contains("&amp;amp;"));
    let (one, two) = (served.trouble(M::SameEtag).await, served.trouble(M::SameEtag).await);
    assert_eq!(one.header("etag"), two.header("etag"));
    assert_ne!(one.body, two.body);
    served.stop().await;
}

#[tokio::test]
async fn heavy_and_endless_feeds_do_not_keep_the_press_from_closing() {
    use Misbehaviour as M;
    let served = served(PressSpec { misbehave: M::ALL.to_vec(), ..PressSpec::default() }).await;
    let huge = served.trouble(M::HugeFeed).await;
    assert!(huge.body.len() > 20_000_000 && huge.text().matches("<item>").count() == 1000);
    assert_eq!(served.trouble(M::EndlessBody).await.status, 200);
    let slow = served.trouble(M::Slow).await;
    assert!((1..20).contains(&slow.body.len()), "{}", slow.body.len());
    served.stop().await;
}
