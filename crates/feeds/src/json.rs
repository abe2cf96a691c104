//! JSON Feed 1.0 and 1.1, also when it is cut off or states other versions.
//!
//! Items are read one by one and their long texts cut while reading, so that a large feed
//! costs no more than its bytes.

use std::fmt;

use diembao_news::CanonicalUrl;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::entry::{Entry, Form};
use crate::parsed::{Found, MAX_ITEMS, Parsed};
use crate::plain;

/// What is kept of one text; more than any title, summary or address needs.
const MAX_TEXT_BYTES: usize = 8 << 10;

/// Reads a JSON Feed; none when the text is JSON of another kind or no JSON at all.
pub(crate) fn read(text: &str, base: &CanonicalUrl) -> Option<Parsed> {
    let mut out = Parsed::empty("json");
    match serde_json::from_str::<Head>(text) {
        Ok(head) => {
            out.title = head.title.map(|t| plain::from_text(&t.0, 200)).filter(|t| !t.is_empty());
            let items = head.items?;
            if items.n_left_out > 0 {
                out.problems.push(format!("{} items beyond the first {MAX_ITEMS} were left out", items.n_left_out));
            }
            out.items = items.items.into_iter().map(|item| found(item, base)).collect();
        }
        Err(error) => {
            out.items = salvage(text, base)?;
            out.problems.push(format!("the JSON is broken ({error}): the items before that were read"));
        }
    }
    Some(out)
}

#[derive(Deserialize)]
struct Head {
    title: Option<Text>,
    items: Option<Items>,
}

#[derive(Deserialize)]
struct Item {
    id: Option<Text>,
    url: Option<Text>,
    external_url: Option<Text>,
    title: Option<Text>,
    summary: Option<Text>,
    content_text: Option<Text>,
    content_html: Option<Text>,
    date_published: Option<Text>,
    date_modified: Option<Text>,
}

fn found(item: Item, base: &CanonicalUrl) -> Found {
    let mut entry = Entry::default();
    let text = |value: Option<Text>| value.map(|t| t.0).unwrap_or_default();
    let id = text(item.id);
    entry.id(&id);
    entry.link(&text(item.url), None, 1);
    entry.link(&text(item.external_url), None, 2);
    if id.starts_with("http://") || id.starts_with("https://") {
        entry.link(&id, None, 3);
    }
    entry.title(&text(item.title), Form::Plain, 1);
    entry.summary(&text(item.summary), Form::Plain, 1);
    entry.summary(&text(item.content_text), Form::Plain, 2);
    entry.summary(&text(item.content_html), Form::Html, 3);
    entry.date(&text(item.date_published), 1);
    entry.date(&text(item.date_modified), 2);
    entry.finish(base)
}

/// The objects of the first array named "items" that can be read.
fn salvage(text: &str, base: &CanonicalUrl) -> Option<Vec<Found>> {
    let key = text.find("\"items\"")?;
    let mut rest = text[key + "\"items\"".len()..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('[')?;
    let mut items = Vec::new();
    while items.len() < MAX_ITEMS {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Item>();
        let Some(Ok(item)) = values.next() else { break };
        let used = values.byte_offset();
        items.push(found(item, base));
        rest = &rest[used..];
    }
    Some(items)
}

/// The first items of an array, and how many more there were.
#[derive(Default)]
struct Items {
    items: Vec<Item>,
    n_left_out: usize,
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct First;
        impl<'de> Visitor<'de> for First {
            type Value = Items;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of items")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items, A::Error> {
                let mut out = Items::default();
                while out.items.len() < MAX_ITEMS {
                    match seq.next_element::<Item>()? {
                        Some(item) => out.items.push(item),
                        None => return Ok(out),
                    }
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    out.n_left_out += 1;
                }
                Ok(out)
            }
        }
        deserializer.deserialize_seq(First)
    }
}

/// A text or number, cut; anything else is empty.
#[derive(Default)]
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Cut;
        impl<'de> Visitor<'de> for Cut {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                let mut end = text.len().min(MAX_TEXT_BYTES);
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                Ok(Text(text[..end].to_owned()))
            }
            fn visit_i64<E>(self, n: i64) -> Result<Text, E> {
                Ok(Text(n.to_string()))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Text, E> {
                Ok(Text(n.to_string()))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
                Ok(Text::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
                Ok(Text::default())
            }
            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(Cut)
    }
}
