//! What the page's head says: meta elements, canonical link, language, title element.

use std::collections::HashMap;

use html5ever::{LocalName, local_name};

use crate::outline::Outline;
use crate::plain;
use crate::tag::Tag;

/// The head of a page.
#[derive(Debug, Default)]
pub(crate) struct Meta {
    values: HashMap<String, Vec<String>>,
    pub(crate) canonical: Option<String>,
    pub(crate) lang: Option<String>,
    /// The title element's text.
    pub(crate) title: String,
}

const MAX_VALUES: usize = 400;

impl Meta {
    pub(crate) fn of(outline: &Outline<'_>) -> Self {
        let mut out = Self::default();
        let mut n_values = 0;
        for element in &outline.elements {
            match element.tag {
                Tag::Html if out.lang.is_none() => {
                    let stated =
                        element.attr(&local_name!("lang")).or_else(|| element.attr(&LocalName::from("xml:lang")));
                    out.lang = stated.map(str::to_owned);
                }
                Tag::Title if out.title.is_empty() => {
                    out.title = plain::line(&element.node.own_text());
                }
                Tag::Link if out.canonical.is_none() && element.attr(&local_name!("rel")) == Some("canonical") => {
                    out.canonical = element.attr(&local_name!("href")).map(str::to_owned);
                }
                Tag::Meta if n_values < MAX_VALUES => {
                    n_values += 1;
                    let keys = [
                        local_name!("property"),
                        local_name!("name"),
                        local_name!("itemprop"),
                        local_name!("http-equiv"),
                    ];
                    let Some(content) = element.attr(&local_name!("content")) else {
                        continue;
                    };
                    for key in keys.iter().filter_map(|k| element.attr(k)) {
                        out.values.entry(key.trim().to_ascii_lowercase()).or_default().push(content.to_owned());
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// The first filled value among keys, as it stands.
    pub(crate) fn raw(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().flat_map(|k| self.all(k)).find(|v| !v.trim().is_empty()).map(String::as_str)
    }

    /// The first filled value among keys, cleaned.
    pub(crate) fn text(&self, keys: &[&str]) -> String {
        self.raw(keys).map(plain::line).unwrap_or_default()
    }

    /// Every value of a key.
    pub(crate) fn all(&self, key: &str) -> &[String] {
        self.values.get(key).map_or(&[], Vec::as_slice)
    }
}
