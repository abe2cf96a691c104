//! What is asked of the press: its seed, its size, its clock, its bad habits.

use chrono::{DateTime, TimeZone, Utc};

/// How large a press to make, and which bad habits it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PressSpec {
    /// The same seed (and `now`) gives the same press.
    pub seed: u64,
    /// Healthy outlets. The first twelve are hand-made, more are generated; at least one.
    pub outlets: usize,
    /// Days of news before `now`. The hand-written articles cover three.
    pub days: u32,
    /// Articles of the healthy outlets. The hand-written ones of these outlets and days come first, the rest is generated.
    pub articles: usize,
    /// Extra outlets that misbehave, one for each entry.
    pub misbehave: Vec<Misbehaviour>,
    /// The press's "now"; articles end shortly before it.
    pub now: DateTime<Utc>,
}

/// The number of hand-written articles.
pub(crate) const HAND_WRITTEN: usize = 240;
/// The number of hand-made outlets.
pub(crate) const HAND_MADE_OUTLETS: usize = 12;

impl PressSpec {
    /// The hand-made press: 12 outlets and 240 articles over the three days before `now`.
    #[must_use]
    pub fn hand_made(now: DateTime<Utc>) -> Self {
        Self { seed: 1, outlets: HAND_MADE_OUTLETS, days: 3, articles: HAND_WRITTEN, misbehave: Vec::new(), now }
    }
}

impl Default for PressSpec {
    /// The hand-made press on the morning of 21 November 2026, 06:00 in Vietnam.
    fn default() -> Self {
        let now = Utc.with_ymd_and_hms(2026, 11, 20, 23, 0, 0).single().expect("a valid instant");
        Self::hand_made(now)
    }
}

/// A bad habit of real sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Misbehaviour {
    /// Answers at once, then drips a byte a second.
    Slow,
    /// 404 for everything.
    NotFound,
    /// 429 with `Retry-After: 120`.
    TooManyRequests,
    /// 500 for everything.
    ServerError,
    /// 503 with a `Retry-After` date two minutes ahead.
    Busy,
    /// 428, as a bot wall answers plain clients.
    PreconditionRequired,
    /// Its address is https, and plain HTTP answers there.
    TlsFault,
    /// An HTML page under an `.rss` address.
    HtmlAsRss,
    /// A feed that never ends.
    EndlessBody,
    /// Two addresses that redirect to each other.
    RedirectLoop,
    /// UTF-8 bytes labelled ISO-8859-1 in the header.
    WrongCharset,
    /// A valid feed of 1,000 items and about 30 MB.
    HugeFeed,
    /// A JavaScript cookie challenge, served as 200 HTML.
    Challenge,
    /// A valid feed without items.
    EmptyFeed,
    /// Dates that are wrong, missing, in the future or in another calendar's order.
    BadDates,
    /// Entities encoded twice.
    DoubleEncoded,
    /// One `ETag` for ever, though the content changes at each request; conditions are ignored.
    SameEtag,
}

impl Misbehaviour {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::Slow,
        Self::NotFound,
        Self::TooManyRequests,
        Self::ServerError,
        Self::Busy,
        Self::PreconditionRequired,
        Self::TlsFault,
        Self::HtmlAsRss,
        Self::EndlessBody,
        Self::RedirectLoop,
        Self::WrongCharset,
        Self::HugeFeed,
        Self::Challenge,
        Self::EmptyFeed,
        Self::BadDates,
        Self::DoubleEncoded,
        Self::SameEtag,
    ];

    /// The name used on the command line; the outlet's id is `hong-` and this name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::NotFound => "404",
            Self::TooManyRequests => "429",
            Self::ServerError => "500",
            Self::Busy => "503",
            Self::PreconditionRequired => "428",
            Self::TlsFault => "tls",
            Self::HtmlAsRss => "html-as-rss",
            Self::EndlessBody => "endless",
            Self::RedirectLoop => "redirect-loop",
            Self::WrongCharset => "wrong-charset",
            Self::HugeFeed => "huge-feed",
            Self::Challenge => "challenge",
            Self::EmptyFeed => "empty-feed",
            Self::BadDates => "bad-dates",
            Self::DoubleEncoded => "double-encoded",
            Self::SameEtag => "same-etag",
        }
    }

    /// Reads the name used on the command line, or the words for a status.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        let s = match s {
            "not-found" => "404",
            "too-many-requests" => "429",
            "server-error" => "500",
            s => s,
        };
        Self::ALL.into_iter().find(|m| m.as_str() == s)
    }

    /// The id of the outlet that misbehaves so.
    #[must_use]
    pub fn outlet_id(self) -> String {
        format!("hong-{}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for kind in Misbehaviour::ALL {
            assert_eq!(Misbehaviour::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Misbehaviour::parse("tốt"), None);
    }
}
