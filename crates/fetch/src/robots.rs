//! robots.txt by RFC 9309: what one agent may fetch from one origin, and how slowly.

use std::borrow::Cow;
use std::time::Duration;

use robotxt::Robots;

/// What a robots.txt allows one agent.
#[derive(Debug, Clone)]
pub struct RobotsRules {
    rules: Robots,
}

impl RobotsRules {
    /// Reads a robots.txt for the agent with this product token ("diembao").
    /// Never fails: lines that say nothing allow all.
    #[must_use]
    pub fn parse(text: &[u8], agent: &str) -> Self {
        if product_token(agent).is_empty() || product_token(agent).len() != agent.len() {
            return Self { rules: Robots::parse(&tidy(text), robotxt::ANY_AGENT) };
        }
        Self { rules: Robots::parse(&tidy(text), agent) }
    }

    /// What holds when there is no robots.txt.
    #[must_use]
    pub fn allow_all() -> Self {
        Self { rules: Robots::allow_all() }
    }

    /// Whether the path (with its query, percent-encoded as in a URL) may be fetched.
    #[must_use]
    pub fn allows(&self, path: &str) -> bool {
        self.rules.is_allowed(&unencoded_matches_nothing(path))
    }

    /// The delay it asks for between requests.
    #[must_use]
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.rules.crawl_delay()
    }

    /// The sitemaps it names.
    #[must_use]
    pub fn sitemaps(&self) -> Vec<String> {
        self.rules.sitemaps().iter().map(ToString::to_string).collect()
    }
}

/// The leading letters, hyphens and underscores: the only form of an agent's name (RFC 9309, 2.2.1).
pub(crate) fn product_token(agent: &str) -> &str {
    let end = agent.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_')).unwrap_or(agent.len());
    &agent[..end]
}

/// What the parser does not do by itself: cut agents to their product token, and let a rule for
/// `…/index.html` speak for its folder.
fn tidy(text: &[u8]) -> Vec<u8> {
    let mut tidied = Vec::with_capacity(text.len() + 64);
    for line in text.split(|b| matches!(b, b'\n' | b'\r' | 0)) {
        match directive(line) {
            Some((name, value)) if name.eq_ignore_ascii_case("user-agent") => {
                let token = if value.starts_with('*') { "*" } else { product_token(value) };
                tidied.extend_from_slice(format!("user-agent: {token}").as_bytes());
            }
            Some((name, value)) if name.eq_ignore_ascii_case("allow") && value.ends_with("/index.html") => {
                let folder = value.strip_suffix("index.html").unwrap_or(value);
                tidied.extend_from_slice(line);
                tidied.extend_from_slice(format!("\nallow: {folder}$").as_bytes());
            }
            _ => tidied.extend_from_slice(line),
        }
        tidied.push(b'\n');
    }
    tidied
}

fn directive(line: &[u8]) -> Option<(&str, &str)> {
    let line = std::str::from_utf8(line).ok()?;
    let line = line.trim_start_matches('\u{feff}').split('#').next()?.trim();
    let (name, value) = line.split_once(':').or_else(|| line.split_once([' ', '\t']))?;
    Some((name.trim(), value.trim()))
}

/// A path with characters that no URL holds is no path a rule can mean.
fn unencoded_matches_nothing(path: &str) -> Cow<'_, str> {
    if path.is_ascii() {
        return Cow::Borrowed(path);
    }
    Cow::Owned(path.chars().map(|c| if c.is_ascii() { c } else { '\u{1}' }).collect())
}
