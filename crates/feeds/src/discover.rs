//! Finds the channels a web page names: feed auto-discovery.

use diembao_news::{CanonicalUrl, ChannelKind};

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

/// The channels a page names: `<link rel="alternate">` first, then links that look like feeds.
#[must_use]
pub fn discover(html: &str, base: &CanonicalUrl) -> Vec<Discovered> {
    let _ = (html, base);
    Vec::new()
}
