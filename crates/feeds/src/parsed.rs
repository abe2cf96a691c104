//! What a channel's bytes hold, whatever their format.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use diembao_news::{CanonicalUrl, ChannelKind, SectionRules};

/// More items than this are left out: no honest channel states more.
pub(crate) const MAX_ITEMS: usize = 10_000;

/// What is known of a channel when its bytes are read.
#[derive(Debug, Clone, Copy)]
pub struct ParseContext<'a> {
    /// What feeds.toml says the channel is.
    pub kind: ChannelKind,
    /// Where the bytes came from, after redirects: links are resolved against it.
    pub base: &'a CanonicalUrl,
    /// How articles are told from other links, for section pages.
    pub rules: &'a SectionRules,
    /// The outlet's zone, for dates without one.
    pub zone: Tz,
    /// When the bytes were received.
    pub now: DateTime<Utc>,
    /// The charset the Content-Type header names.
    pub charset: Option<&'a str>,
}

/// What was found in a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What the bytes are: `rss`, `rdf`, `atom`, `json`, `sitemap`, `sitemap-index`, `section`, `html`
    /// (a web page where a feed was expected) or `unknown`.
    pub kind: &'static str,
    /// The channel's own title.
    pub title: Option<String>,
    /// The items, in the channel's order; at most 10,000.
    pub items: Vec<Found>,
    /// The children of a sitemap index, the latest changed first; at most 1,000.
    pub sitemaps: Vec<String>,
    /// How long the channel asks to be left alone.
    pub ttl: Option<Duration>,
    /// What was wrong, and what was done about it, in words. At most 50.
    pub problems: Vec<String>,
}

/// An entry found in a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Where it leads; none when it states no usable address.
    pub url: Option<CanonicalUrl>,
    /// The link as it is stated.
    pub link: Option<String>,
    /// The id the channel gives it.
    pub id: Option<String>,
    /// The headline as text, with any suffix of the outlet; at most 500 characters.
    pub title: String,
    /// The summary as text; at most 1,000 characters.
    pub summary: String,
    /// When it says it was published, if that is certain and can be believed.
    /// A bare day is its local noon, and nothing when that day is today.
    pub published: Option<DateTime<Utc>>,
    /// The date as it is stated.
    pub published_raw: Option<String>,
    /// The link is an aggregator's token that does not name the article (Google News).
    pub opaque: bool,
}

impl Parsed {
    /// Nothing, of a kind.
    pub(crate) fn empty(kind: &'static str) -> Self {
        Self { kind, title: None, items: Vec::new(), sitemaps: Vec::new(), ttl: None, problems: Vec::new() }
    }
}
