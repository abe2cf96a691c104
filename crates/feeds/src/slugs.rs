//! Ids for what comes without one: from addresses and names.

use std::collections::HashSet;

use diembao_news::{CanonicalUrl, Outlet, Tier};

const MAX_SLUG: usize = 48;

/// Letters a to z, digits and inner hyphens; "x" when nothing is left.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in diembao_text::fold(text).chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= MAX_SLUG {
            break;
        }
    }
    let out = out.trim_matches('-');
    if out.is_empty() { "x".to_owned() } else { out.to_owned() }
}

/// The name, or the name with a number when it is taken; takes it.
pub(crate) fn unique(name: &str, taken: &mut HashSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut n = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name}-{n}");
        n += 1;
    }
    candidate
}

/// A name for a channel, new in its outlet: the last part of its address that is a word of its own,
/// without the section's number; or "feed".
pub(crate) fn channel_name(url: &CanonicalUrl, outlet: &Outlet) -> String {
    let mut taken: HashSet<String> =
        outlet.channels.iter().filter_map(|c| c.id.as_str().rsplit('/').next().map(str::to_owned)).collect();
    let is_plain = |s: &str| !matches!(s, "rss" | "feed" | "feeds" | "atom" | "index" | "xml");
    let name = url
        .path()
        .rsplit('/')
        .filter(|part| !part.is_empty())
        .map(|part| slug(part.split('.').next().unwrap_or(part)))
        .find(|part| is_plain(part))
        .unwrap_or_else(|| "feed".to_owned());
    let name = match name.rsplit_once('-') {
        Some((words, number)) if !words.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => words,
        _ => &name,
    };
    unique(name, &mut taken)
}

/// What a host says of its owner's weight: `gov.vn` is an authority; a person must tell the others apart.
pub(crate) fn tier_of(host: &str) -> Tier {
    let host = host.to_ascii_lowercase();
    if host == "gov.vn" || host.ends_with(".gov.vn") { Tier::Gov } else { Tier::Central }
}
