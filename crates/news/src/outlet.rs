//! Who publishes, and where: outlets and their channels, as feeds.toml states them.

use crate::{CanonicalUrl, ChannelId, OutletId};

/// How much an outlet's word weighs, and on whose behalf it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// A national newspaper or broadcaster.
    Central,
    /// The health sector's own press.
    Health,
    /// An authority's own site.
    Gov,
    /// A province's newspaper or broadcaster.
    Local,
}

impl Tier {
    /// The name used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Central => "central",
            Self::Health => "health",
            Self::Gov => "gov",
            Self::Local => "local",
        }
    }

    /// Reads the name used in files.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Central, Self::Health, Self::Gov, Self::Local].into_iter().find(|t| t.as_str() == s)
    }
}

/// A newspaper, broadcaster or authority.
#[derive(Debug, Clone)]
pub struct Outlet {
    /// Its id.
    pub id: OutletId,
    /// Its Vietnamese name as readers know it: "Tuổi Trẻ".
    pub name: String,
    /// Its home page.
    pub home: Option<CanonicalUrl>,
    /// Its weight.
    pub tier: Tier,
    /// The zone of dates it prints without one, an IANA name; `Asia/Ho_Chi_Minh` unless stated.
    pub time_zone: String,
    /// What its pages need beyond the general extraction.
    pub extract: ExtractRules,
    /// What is polled.
    pub channels: Vec<Channel>,
    /// What an administrator should know.
    pub note: Option<String>,
}

/// CSS selectors for an outlet's article pages. Empty: the general extraction decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtractRules {
    /// The title.
    pub title: Vec<String>,
    /// The lead (sapo).
    pub lead: Vec<String>,
    /// The element that holds the body's paragraphs.
    pub body: Vec<String>,
    /// The authors.
    pub author: Vec<String>,
    /// The time of publication.
    pub published: Vec<String>,
    /// What is cut from the body.
    pub remove: Vec<String>,
    /// The stated zone is wrong: read stated times as the outlet's own zone
    /// (a page that says +08:00 and means +07:00).
    pub ignore_stated_zone: bool,
}

/// The format of what a channel's URL answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    /// RSS, RDF, Atom or JSON Feed.
    Feed,
    /// A sitemap, news sitemap or sitemap index.
    Sitemap,
    /// An HTML page that lists articles.
    Section,
}

impl ChannelKind {
    /// The name used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Sitemap => "sitemap",
            Self::Section => "section",
        }
    }

    /// Reads the name used in files.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Feed, Self::Sitemap, Self::Section].into_iter().find(|k| k.as_str() == s)
    }
}

/// How articles are told from other links on a section page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SectionRules {
    /// CSS selector of the links; none: a heuristic decides.
    pub links: Option<String>,
    /// Regular expression an article's URL must match.
    pub pattern: Option<String>,
}

/// One polled URL.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its id, which names its outlet.
    pub id: ChannelId,
    /// What it answers.
    pub kind: ChannelKind,
    /// Its address.
    pub url: CanonicalUrl,
    /// The outlet's section it carries, in Vietnamese.
    pub section: Option<String>,
    /// For section pages.
    pub rules: SectionRules,
    /// False: known, but not polled.
    pub enabled: bool,
}
