//! JSON Feed 1.0 and 1.1, also when it is cut off or states other versions.

use chrono::DateTime;
use diembao_news::CanonicalUrl;
use serde::Deserialize;
use serde_json::Value;

use crate::entry::{Entry, Form};
use crate::parsed::{MAX_ITEMS, Parsed};
use crate::plain;

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    title: Option<Value>,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: Option<Value>,
    url: Option<Value>,
    external_url: Option<Value>,
    title: Option<Value>,
    summary: Option<Value>,
    content_text: Option<Value>,
    content_html: Option<Value>,
    date_published: Option<Value>,
    date_modified: Option<Value>,
}

/// Reads a JSON Feed; none when the text is JSON of another kind or no JSON at all.
pub(crate) fn read(text: &str, base: &CanonicalUrl) -> Option<Parsed> {
    let mut out = Parsed::empty("json");
    let items = match serde_json::from_str::<Head>(text) {
        Ok(head) => {
            out.title = head
                .title
                .as_ref()
                .map(|t| plain::from_text(&string(t), 200))
                .filter(|t| !t.is_empty());
            head.items
        }
        Err(error) => {
            let items = salvage(text)?;
            out.problems
                .push(format!("the JSON is broken ({error}): the items before that were read"));
            items
        }
    };
    if items.len() > MAX_ITEMS {
        out.problems.push(format!(
            "{} items beyond the first {MAX_ITEMS} were left out",
            items.len() - MAX_ITEMS
        ));
    }
    out.items = items
        .into_iter()
        .take(MAX_ITEMS)
        .map(|item| entry_of(&item).finish(base))
        .collect();
    Some(out)
}

fn entry_of(item: &Item) -> Entry {
    let mut entry = Entry::default();
    let text = |value: &Option<Value>| value.as_ref().map(string).unwrap_or_default();
    entry.id(&text(&item.id));
    entry.link(&text(&item.url), None, 1);
    entry.link(&text(&item.external_url), None, 2);
    let id = text(&item.id);
    if id.starts_with("http://") || id.starts_with("https://") {
        entry.link(&id, None, 3);
    }
    entry.title(&text(&item.title), Form::Plain, 1);
    entry.summary(&text(&item.summary), Form::Plain, 1);
    entry.summary(&text(&item.content_text), Form::Plain, 2);
    entry.summary(&text(&item.content_html), Form::Html, 3);
    entry.date(&text(&item.date_published), 1);
    entry.date(&text(&item.date_modified), 2);
    entry
}

fn string(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Number(n) => match n.as_i64().and_then(|n| DateTime::from_timestamp(n, 0)) {
            Some(_) => n.to_string(),
            None => String::new(),
        },
        _ => String::new(),
    }
}

/// The objects of the first array named "items" that can be read.
fn salvage(text: &str) -> Option<Vec<Item>> {
    let key = text.find("\"items\"")?;
    let mut rest = text[key + "\"items\"".len()..]
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('[')?;
    let mut items = Vec::new();
    while items.len() <= MAX_ITEMS {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Item>();
        let Some(Ok(item)) = values.next() else { break };
        let used = values.byte_offset();
        items.push(item);
        rest = &rest[used..];
    }
    Some(items)
}
