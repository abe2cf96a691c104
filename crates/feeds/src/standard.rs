//! The reading of a feed by the standards, by feed-rs, beside the forgiving pass.
//!
//! feed-rs knows every dialect's fine print but gives up on what is broken, and drops dates as they were
//! written; the forgiving pass reads on and keeps them. So the two are laid side by side: what feed-rs
//! found and the forgiving pass missed is taken over, items and fields alike.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Duration, Utc};
use diembao_news::CanonicalUrl;
use diembao_news::dates::believable;
use feed_rs::model;

use crate::entry::{Entry, Form};
use crate::parsed::{Found, MAX_ITEMS, Parsed};
use crate::plain;

/// feed-rs holds a whole feed in memory several times over, so a larger one is read by the forgiving pass alone.
const MAX_BYTES: usize = 4 << 20;
const MAX_TITLE_CHARS: usize = 200;
const MAX_TTL_MINUTES: u32 = 60 * 24 * 30;

/// Fills what `ours` lacks from feed-rs' reading of the same text. A text it refuses stays as we read it.
pub(crate) fn complete(mut ours: Parsed, text: &str, base: &CanonicalUrl, now: DateTime<Utc>) -> Parsed {
    let Some(theirs) = read(text, base) else {
        return ours;
    };
    if ours.title.is_none() {
        ours.title = theirs.title.map(|t| plain::from_html(&t.content, MAX_TITLE_CHARS)).filter(|t| !t.is_empty());
    }
    let minutes = theirs.ttl.filter(|m| (1..=MAX_TTL_MINUTES).contains(m));
    ours.ttl = ours.ttl.or(minutes.map(|m| Duration::minutes(i64::from(m))));
    let theirs: Vec<Found> = theirs.entries.into_iter().take(MAX_ITEMS).map(|e| found(e, base, now)).collect();
    if theirs.len() == ours.items.len() {
        for (item, other) in ours.items.iter_mut().zip(theirs) {
            fill(item, other);
        }
    } else if theirs.len() > ours.items.len() {
        let known: HashSet<String> =
            ours.items.iter().filter_map(|i| i.url.as_ref()).map(|u| u.key().to_owned()).collect();
        let missed = theirs.into_iter().filter(|f| f.url.as_ref().is_some_and(|u| !known.contains(u.key())));
        let room = MAX_ITEMS.saturating_sub(ours.items.len());
        ours.items.extend(missed.take(room));
    }
    ours
}

fn read(text: &str, base: &CanonicalUrl) -> Option<model::Feed> {
    if text.len() > MAX_BYTES {
        return None;
    }
    // The text is UTF-8 by now, whatever its declaration still says.
    let document = match text.strip_prefix("<?xml") {
        Some(rest) => rest.find("?>").map_or(text, |end| &rest[end + 2..]),
        None => text,
    };
    let parser = feed_rs::parser::Builder::new().base_uri(Some(base.as_str())).build();
    // A reader that gives up by panicking harms only this reading.
    catch_unwind(AssertUnwindSafe(|| parser.parse(document.as_bytes()))).ok()?.ok()
}

fn found(entry: model::Entry, base: &CanonicalUrl, now: DateTime<Utc>) -> Found {
    let mut read = Entry::default();
    if let Some(title) = entry.title {
        read.title(&title.content, Form::Html, 0);
    }
    if let Some(summary) = entry.summary {
        read.summary(&summary.content, Form::Html, 0);
    }
    let alternate = entry.links.iter().find(|l| l.rel.as_deref().is_none_or(|rel| rel == "alternate"));
    if let Some(link) = alternate.or(entry.links.first()) {
        read.link(&link.href, None, 0);
    }
    let mut found = read.finish(base);
    found.published = entry.published.or(entry.updated).filter(|t| believable(*t, now));
    found
}

fn fill(item: &mut Found, other: Found) {
    if item.title.is_empty() {
        item.title = other.title;
    }
    if item.summary.is_empty() {
        item.summary = other.summary;
    }
    if item.url.is_none() && item.link.is_none() {
        item.url = other.url;
        item.link = other.link;
        item.opaque = other.opaque;
    }
    if item.published_raw.is_none() {
        item.published = item.published.or(other.published);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> CanonicalUrl {
        CanonicalUrl::parse("https://bao-thu.vn/rss").unwrap()
    }

    const FEED: &str = "<?xml version=\"1.0\" encoding=\"windows-1258\"?><rss version=\"2.0\"><channel><title>Báo Thử</title><ttl>30</ttl>\
        <item><title>Ổ dịch sởi</title><link>https://bao-thu.vn/1</link></item>\
        <item><title>Thiếu thuốc</title><link>https://bao-thu.vn/2</link></item></channel></rss>";

    #[test]
    fn what_was_missed_is_taken_over() {
        let read = complete(Parsed::empty("rss"), FEED, &base(), DateTime::default());
        let titles: Vec<&str> = read.items.iter().map(|i| i.title.as_str()).collect();
        assert_eq!(titles, ["Ổ dịch sởi", "Thiếu thuốc"]);
        assert_eq!((read.title.as_deref(), read.ttl), (Some("Báo Thử"), Some(Duration::minutes(30))));
    }

    #[test]
    fn what_was_read_stays() {
        let ours = crate::feed::read(FEED, &base());
        assert_eq!(complete(ours.clone(), FEED, &base(), DateTime::default()), ours);
    }

    #[test]
    fn what_feed_rs_refuses_stays_as_it_was_read() {
        let cut = &FEED[..FEED.len() - 40];
        let ours = crate::feed::read(cut, &base());
        assert_eq!(complete(ours.clone(), cut, &base(), DateTime::default()), ours);
    }
}
