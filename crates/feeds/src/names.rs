//! Element names: which vocabulary a prefix means, declared or not.

use std::collections::HashMap;

/// A vocabulary whose elements matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// RSS of any version, Atom, sitemaps, or no namespace at all: the channel's own elements.
    Own,
    /// Dublin Core, elements or terms.
    Dublin,
    /// `content:encoded`.
    Content,
    /// Media RSS.
    Media,
    /// RDF.
    Rdf,
    /// Syndication: update period and frequency.
    Syndication,
    /// `FeedBurner`: the original link.
    Feedburner,
    /// News sitemaps.
    News,
    /// Any other.
    Other,
}

/// The prefixes seen so far.
#[derive(Debug, Default)]
pub(crate) struct Names {
    declared: HashMap<String, Space>,
    /// The first prefix that was used without being declared.
    pub(crate) undeclared: Option<String>,
}

const MAX_PREFIXES: usize = 200;

impl Names {
    /// Takes note of `xmlns` attributes.
    pub(crate) fn declare(&mut self, attributes: &[(&str, String)]) {
        for (name, value) in attributes {
            let Some(prefix) = name.strip_prefix("xmlns") else {
                continue;
            };
            if self.declared.len() < MAX_PREFIXES {
                self.declared.insert(prefix.trim_start_matches(':').to_ascii_lowercase(), space_of(value));
            }
        }
    }

    /// The vocabulary and the local name, lower case, of an element.
    pub(crate) fn resolve(&mut self, name: &str) -> (Space, String) {
        match name.split_once(':') {
            Some((prefix, local)) => {
                let prefix = prefix.to_ascii_lowercase();
                let space = self.declared.get(&prefix).copied().unwrap_or_else(|| {
                    if self.undeclared.is_none() && prefix != "xml" {
                        self.undeclared = Some(prefix.chars().take(30).collect());
                    }
                    conventional(&prefix)
                });
                (space, local.to_ascii_lowercase())
            }
            None => {
                let space = self.declared.get("").copied().unwrap_or(Space::Own);
                // A default namespace nobody knows is more often a misprint than another vocabulary.
                (if space == Space::Other { Space::Own } else { space }, name.to_ascii_lowercase())
            }
        }
    }
}

fn space_of(uri: &str) -> Space {
    let uri = uri.trim().to_ascii_lowercase();
    let has = |part: &str| uri.contains(part);
    if has("purl.org/dc/") {
        Space::Dublin
    } else if has("purl.org/rss/1.0/modules/content") {
        Space::Content
    } else if has("purl.org/rss/1.0/modules/syndication") {
        Space::Syndication
    } else if has("search.yahoo.com/mrss") {
        Space::Media
    } else if has("22-rdf-syntax-ns") {
        Space::Rdf
    } else if has("feedburner") {
        Space::Feedburner
    } else if has("sitemap-news") {
        Space::News
    } else if has("sitemap-image") || has("sitemap-video") || has("/modules/") {
        Space::Other
    } else if has("w3.org/2005/atom")
        || has("purl.org/atom")
        || has("rss")
        || has("sitemaps.org")
        || has("sitemap/0")
        || has("netscape.com/rdf")
        || has("feed")
    {
        Space::Own
    } else {
        Space::Other
    }
}

fn conventional(prefix: &str) -> Space {
    match prefix {
        "dc" | "dcterms" | "dct" => Space::Dublin,
        "content" => Space::Content,
        "media" => Space::Media,
        "rdf" => Space::Rdf,
        "sy" => Space::Syndication,
        "feedburner" => Space::Feedburner,
        "news" => Space::News,
        "atom" | "atom03" | "atom10" | "a10" | "rss" | "rss1" | "rss09" | "a" => Space::Own,
        _ => Space::Other,
    }
}
