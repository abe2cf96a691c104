//! When a page was published and changed: every place that states it, best first.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use diembao_news::dates::{DateReading, parse_date, parse_local};

use crate::extraction::Stated;
use crate::outline::Outline;
use crate::plain;
use crate::reading::Reading;
use crate::tag::Tag;
use crate::vocab::Hints;

/// A text that should hold a date.
struct Candidate {
    raw: String,
    from: &'static str,
}

/// Decides publication and change.
pub(crate) fn times(reading: &mut Reading<'_>) -> (Option<Stated>, Option<Stated>) {
    let published = published_candidates(reading);
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

fn published_candidates(reading: &mut Reading<'_>) -> Vec<Candidate> {
    let mut out = Vec::new();
    let rules = reading.page.rules.published.clone();
    for at in reading.selected("published", &rules) {
        let element = &reading.outline.elements[at as usize];
        for name in ["datetime", "content"] {
            push(&mut out, element.value.attr(name), "selector");
        }
        push(&mut out, Some(&reading.outline.text_of(at)), "selector");
    }
    if let Some(json) = &reading.json.article {
        push(&mut out, json.published.as_deref(), "json-ld");
    }
    for key in [
        "article:published_time",
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
    in_text(reading.outline, &mut out);
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
        push(&mut out, element.value.attr("datetime").or_else(|| element.value.attr("content")), "time");
    }
    out
}

fn push(out: &mut Vec<Candidate>, raw: Option<&str>, from: &'static str) {
    if let Some(raw) = raw.map(plain::line).filter(|r| !r.is_empty() && r.len() <= 200) {
        out.push(Candidate { raw, from });
    }
}

/// `time` elements and short texts in elements named for a date, before the body's end.
fn in_text(outline: &Outline<'_>, out: &mut Vec<Candidate>) {
    let mut elements = Vec::new();
    for (at, e) in outline.elements.iter().enumerate() {
        let property = e.property;
        if property == Some("datePublished") {
            push(out, e.value.attr("datetime").or_else(|| e.value.attr("content")), "time");
            push(out, Some(&outline.text_of(at as u32)), "time");
        } else if property != Some("dateModified") && !e.hints.has(Hints::RELATED.with(Hints::COMMENTS)) {
            if e.tag == Tag::Time {
                elements.push((at, "time"));
            } else if e.hints.has(Hints::DATE) && e.end - (at as u32) < 12 {
                elements.push((at, "text"));
            }
        }
    }
    for (at, from) in elements.into_iter().take(8) {
        let element = &outline.elements[at];
        push(out, element.value.attr("datetime").or_else(|| element.value.attr("title")), from);
        push(out, Some(&outline.text_of(at as u32)), from);
    }
}

/// The first certain moment wins; a day alone waits for a moment on that day, and a moment
/// without a zone for the same moment with one.
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
