//! What is found and what is read: items and articles.

use chrono::{DateTime, Utc};

use crate::{ArticleId, CanonicalUrl, ChannelId, OutletId};

/// An entry found in a channel: an article that may be fetched.
#[derive(Debug, Clone)]
pub struct Item {
    /// Where it was found.
    pub channel: ChannelId,
    /// Where it leads.
    pub url: CanonicalUrl,
    /// The headline the channel gives.
    pub title: String,
    /// The summary the channel gives, as text.
    pub summary: String,
    /// When the channel says it was published.
    pub published: Option<DateTime<Utc>>,
}

/// A part of an article's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The headline.
    Title,
    /// The lead (sapo).
    Lead,
    /// The body.
    Body,
}

impl Field {
    /// The name used in files and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Lead => "lead",
            Self::Body => "body",
        }
    }

    /// Reads the name used in files and JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Title, Self::Lead, Self::Body].into_iter().find(|f| f.as_str() == s)
    }
}

/// What an article says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleText {
    /// The headline, without the outlet's suffix.
    pub title: String,
    /// The lead (sapo); may be empty.
    pub lead: String,
    /// The paragraphs, one a line, without the lead; may be empty.
    pub body: String,
}

impl ArticleText {
    /// The text of one field.
    #[must_use]
    pub fn field(&self, field: Field) -> &str {
        match field {
            Field::Title => &self.title,
            Field::Lead => &self.lead,
            Field::Body => &self.body,
        }
    }
}

/// Where a time of publication was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeSource {
    /// The page stated it with a zone.
    Page,
    /// The page stated it without a zone; the outlet's zone was taken.
    PageWithoutZone,
    /// The channel stated it.
    Channel,
    /// Nobody stated it: the time the item was first seen.
    FirstSeen,
    /// An imported record stated it.
    Import,
}

impl TimeSource {
    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::PageWithoutZone => "page-without-zone",
            Self::Channel => "channel",
            Self::FirstSeen => "first-seen",
            Self::Import => "import",
        }
    }

    /// Reads the name used in stores and JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Page, Self::PageWithoutZone, Self::Channel, Self::FirstSeen, Self::Import]
            .into_iter()
            .find(|t| t.as_str() == s)
    }
}

/// When an article appeared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArticleTimes {
    /// When it was published, as well as is known.
    pub published: DateTime<Utc>,
    /// Where that was read.
    pub published_source: TimeSource,
    /// When the outlet last changed it, if it says so.
    pub modified: Option<DateTime<Utc>>,
    /// When the product first read it.
    pub first_seen: DateTime<Utc>,
}

/// An article, extracted and ready to be stored.
#[derive(Debug, Clone)]
pub struct Article {
    /// Its id.
    pub id: ArticleId,
    /// The importer's own name for it.
    pub reference: Option<String>,
    /// Who published it.
    pub outlet: OutletId,
    /// Where; none for print and broadcast.
    pub url: Option<CanonicalUrl>,
    /// What it says.
    pub text: ArticleText,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// When.
    pub times: ArticleTimes,
    /// The address of its picture.
    pub image: Option<String>,
    /// The outlet's section, in Vietnamese.
    pub section: Option<String>,
    /// The language, a BCP 47 tag; "vi" unless the page says otherwise.
    pub lang: String,
}
