//! What the elements of RSS, RDF and Atom mean: one table for all dialects.

use crate::entry::Form;
use crate::markup::Tag;
use crate::names::Space;

/// What an element means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Title(u8),
    Summary(u8),
    Link(u8),
    Date(u8),
    Id,
    /// An RSS guid: an id, and a link unless it says otherwise.
    Guid {
        link: bool,
    },
    ChannelTitle,
    Ttl,
    UpdatePeriod,
    UpdateFrequency,
}

/// The kind of a channel by its root element.
pub(crate) fn kind_of_root(name: &str) -> &'static str {
    match name {
        "rss" | "channel" => "rss",
        "rdf" => "rdf",
        "feed" | "entry" => "atom",
        _ => "unknown",
    }
}

/// Inside a title, link, guid or date, these elements show that it was never closed.
pub(crate) fn ends_short_field(name: &str) -> bool {
    matches!(
        name,
        "title" | "link" | "guid" | "pubdate" | "description" | "category" | "author" | "comments" | "enclosure"
    )
}

/// Whether a field may hold markup.
pub(crate) fn form_of(tag: &Tag<'_>, field: Field) -> Form {
    match (tag.attribute("type").as_deref(), field) {
        (Some("text" | "text/plain"), Field::Title(_) | Field::Summary(_)) => Form::Plain,
        _ => Form::Html,
    }
}

/// What an element directly inside an entry means; the numbers rank elements of one meaning, the lowest wins.
pub(crate) fn field_of(space: Space, name: &str, tag: &Tag<'_>) -> Option<Field> {
    Some(match (space, name) {
        (Space::Own, "title") => Field::Title(1),
        (Space::Dublin, "title") => Field::Title(2),
        (Space::Media, "title") => Field::Title(3),
        (Space::Own, "description" | "summary" | "abstract") => Field::Summary(1),
        (Space::Own | Space::Content, "encoded" | "content" | "body") => Field::Summary(2),
        (Space::Dublin, "description" | "abstract") => Field::Summary(3),
        (Space::Media, "description") => Field::Summary(4),
        (Space::Feedburner, "origlink") => Field::Link(1),
        (Space::Own, "link") if tag.attribute("rel").is_none_or(|rel| rel == "alternate") => Field::Link(2),
        (Space::Own, "url") => Field::Link(5),
        (Space::Own, "pubdate" | "published" | "issued") => Field::Date(1),
        (Space::Dublin, "issued" | "created" | "available") => Field::Date(2),
        (Space::Dublin, "date") => Field::Date(3),
        (Space::Own, "created") => Field::Date(4),
        (Space::Own, "updated" | "modified" | "lastbuilddate") => Field::Date(5),
        (Space::Dublin, "modified") => Field::Date(6),
        (Space::Own, "id") => Field::Id,
        (Space::Own, "guid") => {
            Field::Guid { link: tag.attribute("ispermalink").is_none_or(|v| !v.trim().eq_ignore_ascii_case("false")) }
        }
        _ => return None,
    })
}
