//! The canonical form of a URL: what stays the same when a paper decorates its links.

use std::fmt;

use url::Url;

/// A text that is not a web address the product may fetch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL.
    #[error("{0:?} is not a URL")]
    Malformed(String),
    /// Neither http nor https.
    #[error("{0:?} is neither http nor https")]
    Scheme(String),
    /// User name or password inside the URL.
    #[error("the URL carries credentials; remove them")]
    Credentials,
    /// Longer than 2,048 bytes.
    #[error("the URL has {0} bytes; 2048 is the limit")]
    TooLong(usize),
}

/// A web address in its canonical form.
///
/// Two addresses that lead to the same article by rule have the same [`key`](Self::key):
/// the scheme, a leading `www.`, `m.` or `amp.`, the fragment, a trailing slash, tracking parameters,
/// the order of the remaining ones, and an AMP path or suffix do not count.
/// [`as_str`](Self::as_str) is the address to fetch: as given, but without fragment and tracking parameters.
#[derive(Debug, Clone)]
pub struct CanonicalUrl {
    fetch: String,
    key: String,
}

const MAX_BYTES: usize = 2048;
const TRACKING: &[&str] = &[
    "fbclid",
    "gclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "zarsrc",
    "zalo_source",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "_ga",
    "gidzl",
    "zanpid",
    "twclid",
    "dclid",
    "ref_src",
    "vn_source",
    "vn_medium",
    "vn_campaign",
    "vn_term",
    "vn_aid",
    "vn_thumb",
    "share_source",
];

impl CanonicalUrl {
    /// Parses and canonicalises an absolute http(s) address.
    ///
    /// # Errors
    /// When it is malformed, of another scheme, too long, or carries credentials.
    pub fn parse(s: &str) -> Result<Self, UrlError> {
        let s = s.trim();
        if s.len() > MAX_BYTES {
            return Err(UrlError::TooLong(s.len()));
        }
        let url = Url::parse(s).map_err(|_| UrlError::Malformed(s.to_owned()))?;
        Self::from_url(url)
    }

    /// Resolves a link found on a page at `self`.
    ///
    /// # Errors
    /// As [`CanonicalUrl::parse`].
    pub fn join(&self, link: &str) -> Result<Self, UrlError> {
        if link.len() > MAX_BYTES {
            return Err(UrlError::TooLong(link.len()));
        }
        let base = Url::parse(&self.fetch).expect("a canonical URL parses");
        Self::from_url(base.join(link.trim()).map_err(|_| UrlError::Malformed(link.to_owned()))?)
    }

    fn from_url(mut url: Url) -> Result<Self, UrlError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(UrlError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Credentials);
        }
        url.set_fragment(None);
        strip_tracking(&mut url);
        if url.as_str().len() > MAX_BYTES {
            return Err(UrlError::TooLong(url.as_str().len()));
        }
        Ok(Self { key: key_of(&url), fetch: url.into() })
    }

    /// The address to fetch.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.fetch
    }

    /// The identity: equal for all forms of the address of one article. Not an address.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The host as it is fetched, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.fetch.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?']).next().unwrap_or("");
        if authority.starts_with('[') {
            return authority.split_inclusive(']').next().unwrap_or(authority);
        }
        authority.split(':').next().unwrap_or(authority)
    }

    /// The path, beginning with a slash.
    #[must_use]
    pub fn path(&self) -> &str {
        let rest = self.fetch.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.find('/').map_or("/", |i| &rest[i..]);
        path.split('?').next().unwrap_or(path)
    }
}

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

fn strip_tracking(url: &mut Url) {
    let Some(query) = url.query() else { return };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_tracking(pair.split('=').next().unwrap_or(pair)))
        .collect();
    let kept = kept.join("&");
    url.set_query(if kept.is_empty() { None } else { Some(&kept) });
}

fn key_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let host = ["www.", "m.", "amp.", "mobile."]
        .iter()
        .find_map(|prefix| host.strip_prefix(prefix).filter(|rest| rest.contains('.')))
        .unwrap_or(host);
    let mut key = host.to_owned();
    if let Some(port) = url.port() {
        key.push(':');
        key.push_str(&port.to_string());
    }
    key.push_str(strip_amp(url.path()));
    let mut pairs: Vec<&str> =
        url.query().map(|q| q.split('&').filter(|p| !is_amp_parameter(p)).collect()).unwrap_or_default();
    if !pairs.is_empty() {
        pairs.sort_unstable();
        key.push('?');
        key.push_str(&pairs.join("&"));
    }
    key
}

fn is_amp_parameter(pair: &str) -> bool {
    matches!(pair, "amp" | "amp=1" | "amp=true" | "outputType=amp" | "m=1" | "mobile=1")
}

/// `/amp/bai.html`, `/bai.amp`, `/bai.amp.html`, `/bai-amp.html` and `/bai/amp/` are twins of `/bai.html`, `/bai` …
fn strip_amp(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix("/amp").unwrap_or(path);
    path.strip_prefix("/amp").filter(|rest| rest.starts_with('/')).unwrap_or(path)
}

impl PartialEq for CanonicalUrl {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for CanonicalUrl {}

impl std::hash::Hash for CanonicalUrl {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fetch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(input: &str, key: &str) {
        assert_eq!(CanonicalUrl::parse(input).unwrap().key(), key, "{input}");
    }

    #[test]
    fn twins_share_a_key() {
        check("http://www.tuoitre.vn/bai-1.htm?utm_source=fb#binh-luan", "tuoitre.vn/bai-1.htm");
        check("https://m.tuoitre.vn/bai-1.htm/", "tuoitre.vn/bai-1.htm");
        check("https://tuoitre.vn/amp/bai-1.htm", "tuoitre.vn/bai-1.htm");
        check("https://tuoitre.vn/bai-1.htm/amp/", "tuoitre.vn/bai-1.htm");
        check("https://tuoitre.vn/bai-1.htm?amp=1", "tuoitre.vn/bai-1.htm");
        check("https://a.vn/?b=2&a=1&fbclid=x", "a.vn?a=1&b=2");
        check("https://m.vn/x", "m.vn/x");
        check("http://127.0.0.1:8080/x", "127.0.0.1:8080/x");
        check("https://a.vn/amplifier", "a.vn/amplifier");
    }

    #[test]
    fn the_address_to_fetch_keeps_what_the_server_needs() {
        let url = CanonicalUrl::parse("http://www.a.vn/x/?id=1&utm_medium=rss#y").unwrap();
        assert_eq!(url.as_str(), "http://www.a.vn/x/?id=1");
        assert_eq!(url.host(), "www.a.vn");
        assert_eq!(url.path(), "/x/");
        assert_eq!(url.join("../z?q").unwrap().as_str(), "http://www.a.vn/z?q");
    }

    #[test]
    fn what_must_not_be_fetched_is_refused() {
        for bad in ["ftp://a.vn/", "javascript:alert(1)", "x", "https://u:p@a.vn/", "data:text/html,x"] {
            assert!(CanonicalUrl::parse(bad).is_err(), "{bad}");
        }
        assert!(matches!(
            CanonicalUrl::parse(&format!("https://a.vn/{}", "x".repeat(3000))),
            Err(UrlError::TooLong(_))
        ));
    }

    proptest! {
        #[test]
        fn canonicalising_twice_changes_nothing(path in "[a-z/.]{0,20}", query in "[a-z=&_]{0,20}") {
            if let Ok(once) = CanonicalUrl::parse(&format!("https://www.a.vn/{path}?{query}")) {
                let twice = CanonicalUrl::parse(once.as_str()).unwrap();
                prop_assert_eq!(once.key(), twice.key());
                prop_assert_eq!(once.as_str(), twice.as_str());
            }
        }

        #[test]
        fn parsing_never_panics(s in ".{0,80}") {
            let _ = CanonicalUrl::parse(&s);
        }
    }
}
