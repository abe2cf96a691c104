//! Finds the channels a web page names: feed auto-discovery.

use std::collections::HashSet;

use diembao_news::{CanonicalUrl, ChannelKind};

use crate::plain;
use crate::section::{document_base, parse_page, selector};

const MAX_FOUND: usize = 200;

/// A channel a page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// Its address.
    pub url: CanonicalUrl,
    /// What the page calls it; may be empty.
    pub title: String,
    /// What it is.
    pub kind: ChannelKind,
}

/// The channels a page names: `<link rel="alternate">` first, then sitemaps, then links that look like feeds
/// (a paper's RSS page lists them so). Nothing is fetched: each must still be proved.
#[must_use]
pub fn discover(html: &str, base: &CanonicalUrl) -> Vec<Discovered> {
    let (page, _) = parse_page(html);
    let base = document_base(&page, base);
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    let mut add = |href: Option<&str>, title: String, kind: ChannelKind| {
        let Some(url) = href.and_then(|href| base.join(href).ok()) else {
            return;
        };
        if out.len() < MAX_FOUND && seen.insert(url.as_str().to_owned()) {
            out.push(Discovered { url, title, kind });
        }
    };
    for link in page.select(&selector("link[rel][href]")) {
        let rel = link.attr("rel").unwrap_or_default().to_ascii_lowercase();
        let kind = link.attr("type").unwrap_or_default().to_ascii_lowercase();
        let title = link.attr("title").map(|t| plain::from_html(t, 200)).unwrap_or_default();
        let feed = ["rss", "atom", "feed+json", "rdf"].iter().any(|k| kind.contains(k));
        if rel.split_whitespace().any(|r| r == "alternate" || r == "feed") && feed {
            add(link.attr("href"), title, ChannelKind::Feed);
        } else if rel.split_whitespace().any(|r| r == "sitemap") {
            add(link.attr("href"), title, ChannelKind::Sitemap);
        }
    }
    for anchor in page.select(&selector("a[href]")) {
        let href = anchor.attr("href").unwrap_or_default();
        if looks_like_feed(href) {
            add(Some(href), plain::from_text(&anchor.text().collect::<String>(), 200), ChannelKind::Feed);
        }
    }
    out
}

fn looks_like_feed(href: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or(href).trim_end_matches('/').to_ascii_lowercase();
    let last = path.rsplit('/').next().unwrap_or_default();
    matches!(last, "rss.xml" | "atom.xml" | "feed.xml" | "feed" | "feed.json" | "index.rdf")
        || path.ends_with(".rss")
        || path.ends_with(".atom")
        || path.contains("/rss/") && !last.contains('.')
        || path.contains("/rss/") && last.ends_with(".xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_feeds_come_first_and_each_once() {
        let html = r#"<head><link rel="alternate" type="application/rss+xml" title="Trang chủ" href="/rss/home.rss">
            <link rel="alternate" type="application/json" href="/wp-json/1"><link rel="sitemap" href="/sitemap.xml">
            <link rel="alternate" hreflang="en" href="/en"></head>
            <a href="/rss/suc-khoe.rss">Sức khỏe</a><a href="/rss/home.rss">RSS</a><a href="/rss">Tất cả</a><a href="/lien-he">Liên hệ</a>"#;
        let found = discover(html, &CanonicalUrl::parse("https://baomau.example/").unwrap());
        let found: Vec<String> = found.iter().map(|d| format!("{} {} {}", d.kind.as_str(), d.url, d.title)).collect();
        assert_eq!(
            found,
            [
                "feed https://baomau.example/rss/home.rss Trang chủ",
                "sitemap https://baomau.example/sitemap.xml ",
                "feed https://baomau.example/rss/suc-khoe.rss Sức khỏe",
            ]
        );
    }
}
