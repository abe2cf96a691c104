//! When a page was published and changed: every place that states it, best first.

use std::ops::Range;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use diembao_news::dates::{DateReading, parse_date, parse_local};
use html5ever::local_name;

use crate::extraction::Stated;
use crate::outline::Block;
use crate::plain::{self, squashed};
use crate::reading::Reading;
use crate::tag::Tag;
use crate::title::{share, words};
use crate::vocab::Hints;

/// A text that should hold a date.
struct Candidate {
    raw: String,
    from: &'static str,
}

/// What is known of the page already.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) title: &'a str,
    /// The body's blocks.
    pub(crate) body: &'a Range<u32>,
}

/// Decides publication and change.
pub(crate) fn times(reading: &mut Reading<'_>, page: Shown<'_>) -> (Option<Stated>, Option<Stated>) {
    let published = published_candidates(reading, page);
    let published = judge(reading, "published", published);
    let modified = modified_candidates(reading);
    let mut modified = judge(reading, "modified", modified);
    if let (Some(p), Some(m)) = (&published, &modified)
        && m.at < p.at
    {
        modified = None;
    }
    (published, modified)
}

fn published_candidates(reading: &mut Reading<'_>, page: Shown<'_>) -> Vec<Candidate> {
    let mut out = Vec::new();
    let rules = reading.page.rules.published.clone();
    for at in reading.selected("published", &rules) {
        let element = &reading.outline.elements[at as usize];
        for name in [local_name!("datetime"), local_name!("content")] {
            push(&mut out, element.attr(&name), "selector");
        }
        push(&mut out, Some(&reading.outline.text_of(at)), "selector");
    }
    if let Some(json) = &reading.json.article {
        push(&mut out, json.published.as_deref(), "json-ld");
    }
    for key in [
        "article:published_time",
        "article:published:time",
        "og:article:published_time",
        "og:published_time",
        "datepublished",
        "pubdate",
        "publishdate",
        "publish-date",
        "article.published",
        "parsely-pub-date",
        "sailthru.date",
        "cxenseparse:recs:publishtime",
        "dc.date.issued",
        "dcterms.created",
        "dcterms.date",
        "dc.date",
        "dc.date.created",
        "date",
        "article_date_original",
        "originalpublicationdate",
        "publication_date",
        "datecreated",
        "article:create_at",
        "last-modified-original",
    ] {
        for value in reading.meta.all(key) {
            push(&mut out, Some(value), "meta");
        }
    }
    in_text(reading, page, &mut out);
    push(&mut out, in_address(reading.page.url.path()).as_deref(), "url");
    out
}

fn modified_candidates(reading: &Reading<'_>) -> Vec<Candidate> {
    let mut out = Vec::new();
    if let Some(json) = &reading.json.article {
        push(&mut out, json.modified.as_deref(), "json-ld");
    }
    for key in
        ["article:modified_time", "og:updated_time", "datemodified", "lastmod", "dcterms.modified", "last-modified"]
    {
        push(&mut out, reading.meta.raw(&[key]), "meta");
    }
    for element in reading.outline.elements.iter().filter(|e| e.property == Some("dateModified")) {
        push(
            &mut out,
            element.attr(&local_name!("datetime")).or_else(|| element.attr(&local_name!("content"))),
            "time",
        );
    }
    out
}

fn push(out: &mut Vec<Candidate>, raw: Option<&str>, from: &'static str) {
    if let Some(raw) = raw.map(plain::line).filter(|r| !r.is_empty() && r.len() <= 200) {
        out.push(Candidate { raw, from });
    }
}

/// Texts that are tried; those stated best come first.
const MAX_CANDIDATES: usize = 200;

/// `time` elements, elements named for a date, and short lines around the headline. Those among the
/// body's paragraphs or below it date other articles more often than this one: they come last.
fn in_text(reading: &Reading<'_>, page: Shown<'_>, out: &mut Vec<Candidate>) {
    let outline = reading.outline;
    let mut elements = Vec::new();
    for (at, e) in outline.elements.iter().enumerate() {
        let property = e.property;
        if out.len() >= MAX_CANDIDATES {
            break;
        }
        if property == Some("datePublished") {
            push(out, e.attr(&local_name!("datetime")).or_else(|| e.attr(&local_name!("content"))), "time");
            push(out, Some(&outline.text_of(at as u32)), "time");
        } else if property != Some("dateModified") && !e.hints.has(Hints::RELATED.with(Hints::COMMENTS)) {
            if e.tag == Tag::Time {
                elements.push((at, "time"));
            } else if e.hints.has(Hints::DATE) && e.end - (at as u32) < 12 {
                elements.push((at, "text"));
            }
        }
    }
    let first_paragraphs = page.body.start + 3;
    elements.truncate(8);
    elements.sort_by_key(|(at, _)| outline.elements[*at].blocks.start > first_paragraphs);
    let n_above = elements.partition_point(|(at, _)| outline.elements[*at].blocks.start <= first_paragraphs);
    let push_all = |elements: &[(usize, &'static str)], out: &mut Vec<Candidate>| {
        for &(at, from) in elements {
            let element = &outline.elements[at];
            push(out, element.attr(&local_name!("datetime")).or_else(|| element.attr(&local_name!("title"))), from);
            push(out, Some(&outline.text_of(at as u32)), from);
        }
    };
    push_all(&elements[..n_above], out);
    beside_headline(reading, page, out);
    push_all(&elements[n_above..], out);
}

/// Short lines with a date's digits, from the headline to the body's first paragraph.
fn beside_headline(reading: &Reading<'_>, page: Shown<'_>, out: &mut Vec<Candidate>) {
    let outline = reading.outline;
    let title = squashed(page.title);
    let title = words(&title);
    let is_headline =
        |b: &&Block| matches!(b.tag, Tag::H(_)) && share(&words(&squashed(outline.text(b))), &title) >= 0.8;
    let Some(headline) = outline.blocks.iter().take(page.body.end as usize).rposition(|b| is_headline(&b)) else {
        return;
    };
    for at in headline.saturating_sub(2)..(headline + 8).min(outline.blocks.len()) {
        let block = &outline.blocks[at];
        let text = outline.text(block);
        let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
        let is_short = n_digits >= 8 || text.split(' ').count() <= 4;
        if n_digits >= 6 && is_short && block.n_chars <= 70 && !reading.density.junk[at] {
            push(out, Some(text), "text");
        }
    }
}

/// The day in an address: `/2026/03/02/`, `/2026-03-02-`. It says when the text was begun, not when it
/// appeared, and counts when nothing else is stated.
fn in_address(path: &str) -> Option<String> {
    let is_day = |y: u32, m: u32, d: u32| (1995..=2100).contains(&y) && (1..=12).contains(&m) && (1..=31).contains(&d);
    let numbers: Vec<(&str, u32)> =
        path.split(['/', '-', '_', '.']).map(|p| (p, if p.len() <= 8 { p.parse().unwrap_or(0) } else { 0 })).collect();
    numbers
        .windows(3)
        .find_map(|parts| {
            let [(y, year), (_, month), (_, day)] = *parts else { return None };
            (y.len() == 4 && is_day(year, month, day)).then(|| format!("{year:04}-{month:02}-{day:02}"))
        })
        .or_else(|| {
            numbers.iter().filter(|(p, _)| p.len() == 8).find_map(|&(_, n)| {
                let (year, month, day) = (n / 10_000, n / 100 % 100, n % 100);
                is_day(year, month, day).then(|| format!("{year:04}-{month:02}-{day:02}"))
            })
        })
}

/// The first certain moment wins; a day alone waits for a moment on that day. A moment without a zone is
/// one of the outlet's zone, even where another place states a zone: that one is wrong more often.
fn judge(reading: &mut Reading<'_>, field: &'static str, candidates: Vec<Candidate>) -> Option<Stated> {
    let page = *reading.page;
    let mut best: Option<Stated> = None;
    let mut day: Option<(NaiveDate, Candidate)> = None;
    for candidate in candidates {
        let (at, zoned) = match read(reading, &candidate.raw) {
            DateReading::Zoned(at) => (at, true),
            DateReading::Zoneless(at) => (at, false),
            DateReading::DayOnly(d) => {
                reading.note(field, candidate.from, format!("{}: a day only", candidate.raw));
                day = day.or(Some((d, candidate)));
                continue;
            }
            DateReading::Unsure(why) => {
                reading.note(field, candidate.from, format!("{}: {why}", candidate.raw));
                continue;
            }
        };
        if !plausible(at, page.now) {
            reading.note(field, candidate.from, format!("{}: not a plausible time", candidate.raw));
            continue;
        }
        if let Some((d, _)) = &day
            && at.with_timezone(&page.zone).date_naive().signed_duration_since(*d).num_days().abs() > 1
        {
            reading.note(field, candidate.from, format!("{}: another day", candidate.raw));
            continue;
        }
        best = Some(Stated { at, zoned, raw: candidate.raw, from: candidate.from });
        break;
    }
    let best = best.or_else(|| day.and_then(|(d, c)| midnight(d, c, &page)));
    if let Some(stated) = &best {
        reading.choose(field, stated.from, stated.raw.clone());
    }
    best
}

fn read(reading: &Reading<'_>, raw: &str) -> DateReading {
    let page = reading.page;
    if page.rules.ignore_stated_zone {
        parse_local(raw, page.zone, page.now)
    } else {
        parse_date(raw, page.zone, page.now)
    }
}

fn plausible(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at <= now + Duration::days(2) && at.timestamp() > 631_152_000
}

fn midnight(day: NaiveDate, candidate: Candidate, page: &crate::PageContext<'_>) -> Option<Stated> {
    let at = day.and_hms_opt(0, 0, 0)?.and_local_timezone(page.zone).earliest()?.with_timezone(&Utc);
    plausible(at, page.now).then_some(Stated { at, zoned: false, raw: candidate.raw, from: candidate.from })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_may_hold_a_day() {
        let day = |path| in_address(path);
        assert_eq!(day("/2026/03/02/tin-moi.html").as_deref(), Some("2026-03-02"));
        assert_eq!(day("/suc-khoe/tin-20260302-88.html").as_deref(), Some("2026-03-02"));
        assert_eq!(day("/tin-2026-13-40.html"), None);
        assert_eq!(day("/tin-12345678.html"), None);
    }
}
