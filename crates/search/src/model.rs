//! What goes into the index, what is asked of it and what it answers.

use std::ops::Range;

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, ArticleText, OutletId, Severity, StoryId};

use crate::Cursor;

/// An article as it is indexed.
#[derive(Debug, Clone)]
pub struct IndexDoc<'a> {
    /// The article's id; a document with the same id is replaced.
    pub id: ArticleId,
    /// The importer's own name for it.
    pub reference: Option<&'a str>,
    /// Where it is.
    pub url: Option<&'a str>,
    /// What it says.
    pub text: &'a ArticleText,
    /// Who published it.
    pub outlet: &'a OutletId,
    /// When.
    pub published: DateTime<Utc>,
    /// When it was first seen: what is new is counted from here.
    pub first_seen: DateTime<Utc>,
    /// The story it belongs to.
    pub story: Option<StoryId>,
    /// Ids of its topics, best first.
    pub topics: Vec<&'a str>,
    /// Ids of the rules that flagged it, and the kinds: `incident`, `misinformation`.
    pub flags: Vec<&'a str>,
    /// The gravest severity among its flags.
    pub severity: Option<Severity>,
    /// Today's names of the provinces it tells of.
    pub provinces: Vec<&'a str>,
    /// Names of the facilities it tells of, as it writes them.
    pub facilities: Vec<&'a str>,
    /// The outlet's section, in Vietnamese.
    pub section: Option<&'a str>,
}

/// Which of the query's words an article must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Matching {
    /// Every one.
    #[default]
    All,
    /// At least one; the more the better.
    Any,
}

/// The order of the hits. Equal ones stand newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Best match first.
    #[default]
    Relevance,
    /// Newest first.
    Date,
    /// Gravest first, then newest.
    Severity,
    /// Carried by most outlets first (with [`Unit::Stories`]), then newest.
    Outlets,
}

/// What one hit stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// A story, shown by its best article. An article without a story is its own.
    #[default]
    Stories,
    /// An article.
    Articles,
}

/// What matches are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Facet {
    /// Outlet id.
    Outlet,
    /// Topic id.
    Topic,
    /// Rule id or kind of flag.
    Flag,
    /// `green`, `yellow`, `orange`, `red`.
    Severity,
    /// Today's name of the province.
    Province,
    /// Name of a facility, as it is written.
    Facility,
    /// Section name.
    Section,
    /// The day of publication in Vietnam, `YYYY-MM-DD`, in order of time.
    Day,
    /// The Monday its week begins with, in order of time.
    Week,
    /// The month, `YYYY-MM`, in order of time.
    Month,
}

impl Facet {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Outlet,
        Self::Topic,
        Self::Flag,
        Self::Severity,
        Self::Province,
        Self::Facility,
        Self::Section,
        Self::Day,
        Self::Week,
        Self::Month,
    ];

    /// The name used on the command line and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outlet => "outlet",
            Self::Topic => "topic",
            Self::Flag => "flag",
            Self::Severity => "severity",
            Self::Province => "province",
            Self::Facility => "facility",
            Self::Section => "section",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Reads the name used on the command line and in JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == s)
    }
}

/// What matches are narrowed to, beside the query's words. Empty lists narrow nothing;
/// several values of one list are alternatives.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Published at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Published before this instant.
    pub to: Option<DateTime<Utc>>,
    /// First seen at this instant or later.
    pub seen_from: Option<DateTime<Utc>>,
    /// Outlet ids.
    pub outlets: Vec<String>,
    /// Topic ids.
    pub topics: Vec<String>,
    /// Rule ids or kinds.
    pub flags: Vec<String>,
    /// Story ids as printed.
    pub stories: Vec<String>,
    /// Names of provinces, old or new, with or without accents.
    pub provinces: Vec<String>,
    /// Words of facilities' names.
    pub facilities: Vec<String>,
    /// At least this grave.
    pub severity_at_least: Option<Severity>,
}

/// A question to the index.
#[derive(Debug, Clone)]
pub struct Query {
    /// What a person typed.
    pub text: String,
    /// Which of the words must match.
    pub matching: Matching,
    /// What the matches are narrowed to.
    pub filter: Filter,
    /// Their order.
    pub sort: Sort,
    /// Stories or articles.
    pub unit: Unit,
    /// How many hits to answer; at most 1,000.
    pub limit: usize,
    /// How many hits to pass over; at most 100,000.
    pub offset: usize,
    /// Go on after the last hit of an earlier answer; what was first seen since then is left out.
    pub after: Option<Cursor>,
    /// What to count.
    pub facets: Vec<Facet>,
    /// The present, for `date:hôm-nay` and the like.
    pub now: DateTime<Utc>,
}

impl Query {
    /// A plain question: all words, stories, ten best.
    #[must_use]
    pub fn new(text: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self {
            text: text.into(),
            matching: Matching::All,
            filter: Filter::default(),
            sort: Sort::Relevance,
            unit: Unit::Stories,
            limit: 10,
            offset: 0,
            after: None,
            facets: Vec::new(),
            now,
        }
    }
}

/// A piece of an article's text around what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The text.
    pub text: String,
    /// Byte ranges in it that match, in order, apart from each other.
    pub highlights: Vec<Range<usize>>,
}

/// One hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The article; of a story, its best one.
    pub id: ArticleId,
    /// The importer's own name for it.
    pub reference: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// Its headline.
    pub title: String,
    /// Who published it.
    pub outlet: String,
    /// When.
    pub published: DateTime<Utc>,
    /// When the newest article of the story that matches was published.
    pub newest: DateTime<Utc>,
    /// Its story.
    pub story: Option<StoryId>,
    /// Its topics.
    pub topics: Vec<String>,
    /// Its flags.
    pub flags: Vec<String>,
    /// Its severity; of a story, the gravest among the articles that match.
    pub severity: Option<Severity>,
    /// How well it matches; comparable within one answer only.
    pub score: f32,
    /// Where it matches.
    pub snippet: Snippet,
    /// How many articles of the story match; 1 for an article.
    pub n_articles: u64,
    /// How many outlets carry them.
    pub n_outlets: u64,
}

/// What the index answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// How many stories or articles match in all.
    pub total: u64,
    /// The asked-for page of them.
    pub hits: Vec<Hit>,
    /// Counts of matching articles by value, greatest first; days, weeks and months in order of time.
    pub facets: Vec<(Facet, Vec<(String, u64)>)>,
    /// Where the next page begins; none after the last hit.
    pub next: Option<Cursor>,
    /// What of the query was not understood or was left out, in Vietnamese, with its place.
    pub notes: Vec<String>,
}
