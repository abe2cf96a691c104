//! What an answer's headers say of when to ask again. Dates in headers are read against the
//! answer's own `Date`, so that neither side's clock need be right.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap, HeaderName};

/// The longest time a header may ask for.
const MAX: Duration = Duration::from_secs(30 * 24 * 3600);
/// What a `Retry-After` date counts for when the answer carries no `Date` to measure it by.
const RETRY_UNKNOWN: Duration = Duration::from_secs(3600);
/// Longer validators are not kept.
const MAX_VALIDATOR: usize = 512;

/// What makes the next request conditional, exactly as the server gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag`.
    pub etag: Option<String>,
    /// The `Last-Modified`.
    pub last_modified: Option<String>,
}

impl Validators {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let get = |name| text(headers, name).filter(|v| !v.is_empty() && v.len() <= MAX_VALIDATOR).map(str::to_owned);
        Self { etag: get(header::ETAG), last_modified: get(header::LAST_MODIFIED) }
    }
}

/// How long the answer asks to be left alone, each counted from the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheHints {
    /// `Cache-Control: max-age`, less the `Age` the answer already has; zero for `no-cache` and `no-store`.
    pub max_age: Option<Duration>,
    /// `Expires`, less `Date`; zero when it is past or unreadable (RFC 9111, 5.3).
    pub expires: Option<Duration>,
    /// `Retry-After`, in seconds or as a date less `Date`.
    pub retry_after: Option<Duration>,
}

impl CacheHints {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let date = date(headers);
        Self { max_age: max_age(headers), expires: expires(headers, date), retry_after: retry_after(headers, date) }
    }
}

/// The answer's own `Date`.
pub(crate) fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    http_date(text(headers, header::DATE)?)
}

/// What the server's clock says now: its `Date`, and how long a cache on the way has kept the answer.
pub(crate) fn clock(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let age = text(headers, header::AGE).and_then(seconds).unwrap_or_default();
    Some(date(headers)? + age)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut found = None;
    for value in headers.get_all(header::CACHE_CONTROL) {
        for directive in value.to_str().ok()?.split(',') {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-cache" | "no-store" => return Some(Duration::ZERO),
                "max-age" => found = found.or_else(|| seconds(value.trim().trim_matches('"'))),
                _ => {}
            }
        }
    }
    let age = text(headers, header::AGE).and_then(seconds).unwrap_or_default();
    found.map(|max_age: Duration| max_age.saturating_sub(age))
}

fn expires(headers: &HeaderMap, date: Option<DateTime<Utc>>) -> Option<Duration> {
    let value = text(headers, header::EXPIRES)?;
    match http_date(value) {
        Some(at) => Some(between(date?, at)),
        None => Some(Duration::ZERO),
    }
}

fn retry_after(headers: &HeaderMap, date: Option<DateTime<Utc>>) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER)?;
    if let Some(delay) = seconds(value) {
        return Some(delay);
    }
    let at = http_date(value)?;
    Some(date.map_or(RETRY_UNKNOWN, |date| between(date, at)))
}

fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
    (to - from).to_std().unwrap_or_default().min(MAX)
}

fn seconds(s: &str) -> Option<Duration> {
    let whole = s.split('.').next().unwrap_or(s);
    if whole.is_empty() || !s.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    // More digits than fit are more seconds than count.
    Some(whole.parse().map_or(MAX, Duration::from_secs).min(MAX))
}

/// Reads the three forms of RFC 9110, 5.6.7, and the careless ones of real servers.
fn http_date(s: &str) -> Option<DateTime<Utc>> {
    if let Ok(date) = DateTime::parse_from_rfc2822(s) {
        return Some(date.with_timezone(&Utc));
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a, %d-%b-%Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| chrono::NaiveDateTime::parse_from_str(s, form).ok())
        .map(|naive| naive.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), v.parse().unwrap())).collect()
    }

    #[track_caller]
    fn check_retry(value: &str, expect: Option<u64>) {
        let headers = headers(&[("date", "Sat, 21 Nov 2026 00:00:00 GMT"), ("retry-after", value)]);
        assert_eq!(CacheHints::read(&headers).retry_after, expect.map(Duration::from_secs), "{value}");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        check_retry("120", Some(120));
        check_retry("0", Some(0));
        check_retry("1.5", Some(1));
        check_retry("Sat, 21 Nov 2026 00:10:00 GMT", Some(600));
        check_retry("Saturday, 21-Nov-26 00:10:00 GMT", Some(600));
        check_retry("Sat Nov 21 00:10:00 2026", Some(600));
        check_retry("Fri, 20 Nov 2026 00:10:00 GMT", Some(0));
        check_retry("99999999999999999999999", Some(30 * 24 * 3600));
        check_retry("soon", None);
        check_retry("-5", None);
        check_retry("", None);
    }

    #[test]
    fn a_retry_date_without_a_clock_waits_an_hour() {
        let headers = headers(&[("retry-after", "Sat, 21 Nov 2026 00:10:00 GMT")]);
        assert_eq!(CacheHints::read(&headers).retry_after, Some(RETRY_UNKNOWN));
    }

    #[track_caller]
    fn check_age(pairs: &[(&'static str, &str)], expect: Option<u64>) {
        assert_eq!(CacheHints::read(&headers(pairs)).max_age, expect.map(Duration::from_secs), "{pairs:?}");
    }

    #[test]
    fn max_age_counts_from_now() {
        check_age(&[("cache-control", "public, max-age=600")], Some(600));
        check_age(&[("cache-control", "Max-Age=\"600\"")], Some(600));
        check_age(&[("cache-control", "max-age=600"), ("age", "500")], Some(100));
        check_age(&[("cache-control", "max-age=600"), ("age", "900")], Some(0));
        check_age(&[("cache-control", "no-cache, max-age=600")], Some(0));
        check_age(&[("cache-control", "private")], None);
        check_age(&[("cache-control", "max-age=abc")], None);
        check_age(&[], None);
    }

    #[test]
    fn expires_counts_from_the_servers_own_clock() {
        let at = |expires: &str| {
            CacheHints::read(&headers(&[("date", "Sat, 21 Nov 2026 00:00:00 GMT"), ("expires", expires)])).expires
        };
        assert_eq!(at("Sat, 21 Nov 2026 01:00:00 GMT"), Some(Duration::from_secs(3600)));
        assert_eq!(at("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(at("-1"), Some(Duration::ZERO));
        assert_eq!(CacheHints::read(&headers(&[("expires", "Sat, 21 Nov 2026 01:00:00 GMT")])).expires, None);
    }

    #[test]
    fn monstrous_validators_are_not_kept() {
        let long = "x".repeat(600);
        let read = Validators::read(&headers(&[("etag", &long), ("last-modified", "Sat, 21 Nov 2026 00:00:00 GMT")]));
        assert_eq!(read.etag, None);
        assert_eq!(read.last_modified.as_deref(), Some("Sat, 21 Nov 2026 00:00:00 GMT"));
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(value in "[ -~]{0,40}|[0-9.,=a-z -]{0,40}|[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,9} [0-9:]{0,9} (GMT|[+-][0-9]{0,6})") {
            for name in ["date", "retry-after", "cache-control", "expires", "age", "etag"] {
                let all = headers(&[("date", "Sat, 21 Nov 2026 00:00:00 GMT"), (name, &value)]);
                let read = CacheHints::read(&all);
                proptest::prop_assert!([read.max_age, read.expires, read.retry_after].iter().flatten().all(|d| *d <= MAX));
            }
        }
    }
}
