//! One entry while it is read, and what is made of it.

use chrono::{DateTime, Datelike, NaiveTime, Utc};
use chrono_tz::Tz;
use diembao_news::CanonicalUrl;
use diembao_news::dates::{DateReading, DayOrder, believable, day_order, parse_date, parse_local, parse_ordered};

use crate::parsed::Found;
use crate::plain;

const MAX_TITLE: usize = 500;
const MAX_SUMMARY: usize = 1000;
/// What is kept of one element's text; more than any title or summary needs.
pub(crate) const MAX_FIELD_BYTES: usize = 48 << 10;
const MAX_RAW_DATE: usize = 100;
const MAX_ID: usize = 500;

/// How a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Form {
    /// It may hold markup.
    #[default]
    Html,
    /// It holds none.
    Plain,
}

/// A text of an entry, with the rank of the element it came from: the lowest wins.
#[derive(Debug, Default, Clone)]
pub(crate) struct Ranked {
    text: String,
    form: Form,
    rank: u8,
}

/// The raw parts of an entry.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    title: Option<Ranked>,
    summary: Option<Ranked>,
    link: Option<Ranked>,
    date: Option<Ranked>,
    id: Option<String>,
    base: Option<CanonicalUrl>,
}

fn offer(slot: &mut Option<Ranked>, text: &str, form: Form, rank: u8) {
    if text.trim().is_empty() || slot.as_ref().is_some_and(|old| old.rank <= rank) {
        return;
    }
    *slot = Some(Ranked { text: text.to_owned(), form, rank });
}

impl Entry {
    /// Offers a title.
    pub(crate) fn title(&mut self, text: &str, form: Form, rank: u8) {
        offer(&mut self.title, text, form, rank);
    }

    /// Offers a summary; only its beginning is kept.
    pub(crate) fn summary(&mut self, text: &str, form: Form, rank: u8) {
        if self.summary.as_ref().is_some_and(|old| old.rank <= rank) {
            return;
        }
        // Reduced at once: ten thousand raw summaries would not fit the memory promised.
        let text = match form {
            Form::Html => plain::from_html(text, MAX_SUMMARY),
            Form::Plain => plain::from_text(text, MAX_SUMMARY),
        };
        offer(&mut self.summary, &text, Form::Plain, rank);
    }

    /// Offers a link and the address it is relative to.
    pub(crate) fn link(&mut self, text: &str, base: Option<&CanonicalUrl>, rank: u8) {
        if text.len() <= 8192 && !text.trim().is_empty() && self.link.as_ref().is_none_or(|old| old.rank > rank) {
            self.base = base.cloned();
            offer(&mut self.link, text.trim(), Form::Plain, rank);
        }
    }

    /// Offers a date.
    pub(crate) fn date(&mut self, text: &str, rank: u8) {
        let text: String = text.trim().chars().take(MAX_RAW_DATE).collect();
        offer(&mut self.date, &text, Form::Plain, rank);
    }

    /// States the id.
    pub(crate) fn id(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() && self.id.is_none() {
            self.id = Some(text.chars().take(MAX_ID).collect());
        }
    }

    /// Whether anything at all was stated.
    pub(crate) fn is_empty(&self) -> bool {
        self.title.is_none() && self.link.is_none() && self.summary.is_none() && self.id.is_none()
    }

    /// The item; its date is read later, when the whole channel is known.
    pub(crate) fn finish(self, base: &CanonicalUrl) -> Found {
        let link = self.link.map(|l| l.text);
        let url = link.as_deref().and_then(|l| self.base.as_ref().unwrap_or(base).join(l).ok()).map(unwrap_redirect);
        let opaque = url.as_ref().is_some_and(is_opaque);
        Found {
            opaque,
            url,
            link,
            id: self.id,
            title: self.title.map_or_else(String::new, |t| match t.form {
                Form::Html => plain::from_html(&t.text, MAX_TITLE),
                Form::Plain => plain::from_text(&t.text, MAX_TITLE),
            }),
            summary: self.summary.map_or_else(String::new, |s| s.text),
            published: None,
            published_raw: self.date.map(|d| d.text),
        }
    }
}

/// Aggregators that wrap the article's address in their own give it back.
fn unwrap_redirect(url: CanonicalUrl) -> CanonicalUrl {
    let host = url.host().trim_start_matches("www.");
    let wraps = (host == "google.com" && url.path() == "/url")
        || (host == "bing.com" && url.path().starts_with("/news/apiclick"));
    if !wraps {
        return url;
    }
    let inner = url::Url::parse(url.as_str())
        .ok()
        .and_then(|u| u.query_pairs().find(|(k, _)| matches!(&**k, "url" | "q")).map(|(_, v)| v.into_owned()));
    inner.and_then(|inner| CanonicalUrl::parse(&inner).ok()).unwrap_or(url)
}

/// Google News: the address is a token, and only a browser is led on.
fn is_opaque(url: &CanonicalUrl) -> bool {
    let path = url.path();
    url.host() == "news.google.com"
        && ["/rss/articles/", "/articles/", "/read/", "/stories/"].iter().any(|p| path.starts_with(p))
}

/// Reads the dates of all items at once, because a mislabelled zone shows only in the whole.
pub(crate) fn read_dates(items: &mut [Found], zone: Tz, now: DateTime<Utc>, problems: &mut Vec<String>) {
    let soon = now + chrono::Duration::minutes(10);
    let at_greenwich = |raw: &str| {
        let label = raw.trim_end().to_ascii_lowercase();
        if !["gmt", "utc", "z", "+0000", "+00:00", "+00"].iter().any(|zero| label.ends_with(zero)) {
            return None;
        }
        let stated = parse_date(raw, zone, now).instant()?;
        let local = parse_local(raw, zone, now).instant()?;
        (stated.naive_utc() == local.with_timezone(&zone).naive_local()).then_some((stated, local))
    };
    let mislabelled = items.iter().any(|item| {
        let reading = item.published_raw.as_deref().and_then(at_greenwich);
        reading.is_some_and(|(stated, local)| stated > soon && local <= soon)
    });
    if mislabelled {
        problems.push(format!("times labelled GMT lie in the future: read as {zone} time"));
    }
    let order = day_order(items.iter().filter_map(|i| i.published_raw.as_deref()));
    if order == DayOrder::MonthFirst {
        problems.push("dates are written with the month first".to_owned());
    }
    let mut unread = Unread::default();
    for item in items {
        let Some(raw) = item.published_raw.as_deref() else {
            continue;
        };
        let reading = match at_greenwich(raw) {
            Some((_, local)) if mislabelled => DateReading::Zoned(local),
            _ => parse_ordered(raw, order, zone, now),
        };
        item.published = moment(reading, zone, now, raw, &mut unread);
    }
    unread.report(problems);
}

fn moment(reading: DateReading, zone: Tz, now: DateTime<Utc>, raw: &str, unread: &mut Unread) -> Option<DateTime<Utc>> {
    let moment = match reading {
        DateReading::Zoned(t) => t,
        DateReading::Zoneless(t) => {
            unread.n_zoneless += 1;
            t
        }
        DateReading::DayOnly(day) => {
            if day.num_days_from_ce() >= now.with_timezone(&zone).date_naive().num_days_from_ce() {
                return None;
            }
            let noon = day.and_time(NaiveTime::from_hms_opt(12, 0, 0)?);
            noon.and_local_timezone(zone).earliest()?.with_timezone(&Utc)
        }
        DateReading::Unsure(reason) => {
            unread.note(format!("{raw:?}: {reason}"));
            return None;
        }
    };
    if believable(moment, now) {
        return Some(moment);
    }
    if moment > now {
        unread.note(format!("{raw:?}: in the future"));
    } else {
        unread.n_old += 1;
    }
    None
}

#[derive(Default)]
struct Unread {
    n: usize,
    n_zoneless: usize,
    n_old: usize,
    first: Option<String>,
}

impl Unread {
    fn note(&mut self, what: String) {
        self.n += 1;
        self.first.get_or_insert(what);
    }

    fn report(self, problems: &mut Vec<String>) {
        if let Some(first) = self.first {
            problems.push(format!("{} dates were not believed, such as {first}", self.n));
        }
        if self.n_old > 0 {
            problems.push(format!("{} dates are more than ten years old and were not believed", self.n_old));
        }
        if self.n_zoneless > 0 {
            problems.push(format!("{} dates without a zone: the outlet's was taken", self.n_zoneless));
        }
    }
}
