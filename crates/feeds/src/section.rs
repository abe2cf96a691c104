//! Section pages: which links of a web page lead to articles.

use chrono::{DateTime, Utc};
use diembao_news::{CanonicalUrl, SectionRules};

use crate::parsed::Parsed;

/// Reads a section page.
pub(crate) fn read(html: &str, base: &CanonicalUrl, rules: &SectionRules, now: DateTime<Utc>) -> Parsed {
    let _ = (html, base, rules, now);
    Parsed::empty("section")
}
