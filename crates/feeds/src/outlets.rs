//! feeds.toml: text to outlets, with every mistake named.
//!
//! The tables are walked by hand rather than deserialised, because a person who edits a hundred
//! outlets wants all mistakes at once, each with its line.

mod table;

use std::collections::HashMap;

use chrono_tz::Tz;
use diembao_news::{
    CanonicalUrl, Channel, ChannelId, ChannelKind, ExtractRules, Outlet, OutletId, Problem, SectionRules, Tier,
};

pub(crate) use table::MAX_PATTERN_BYTES;
use table::{Reader, Table};

/// The zone of outlets that state none.
pub(crate) const DEFAULT_ZONE: &str = "Asia/Ho_Chi_Minh";

const OUTLET_KEYS: &[&str] = &["id", "name", "home", "tier", "time_zone", "note", "extract", "channel"];
const EXTRACT_KEYS: &[&str] = &["title", "lead", "body", "author", "published", "remove", "ignore_stated_zone"];
const CHANNEL_KEYS: &[&str] = &["name", "kind", "url", "section", "links", "pattern", "enabled"];

/// What has been seen, and on which line: ids and addresses must not repeat.
#[derive(Default)]
struct Seen {
    outlets: HashMap<String, usize>,
    channels: HashMap<String, usize>,
    urls: HashMap<String, usize>,
}

/// Reads feeds.toml. `file` is only named in the problems.
///
/// # Errors
/// Every mistake in the text, in its order.
pub fn parse_outlets(text: &str, file: &str) -> Result<Vec<Outlet>, Vec<Problem>> {
    let mut reader = Reader::new(text, file);
    let Some(root) = reader.parse(text) else {
        return Err(reader.into_problems());
    };
    let root = Table::root(root.get_ref());
    reader.refuse_unknown(&root, &["outlet"]);
    let mut seen = Seen::default();
    let outlets: Vec<Outlet> =
        reader.tables(&root, "outlet").iter().filter_map(|table| outlet(&mut reader, table, &mut seen)).collect();
    if reader.is_sound() { Ok(outlets) } else { Err(reader.into_problems()) }
}

fn outlet(reader: &mut Reader<'_>, table: &Table<'_>, seen: &mut Seen) -> Option<Outlet> {
    reader.refuse_unknown(table, OUTLET_KEYS);
    let id = reader.required(table, "id").and_then(|(id, line)| {
        let id = reader.accept(table, "id", line, OutletId::parse(&id))?;
        reader.refuse_repeat(table, "id", &mut seen.outlets, (id.as_str(), line));
        Some(id)
    });
    let name = reader.required(table, "name").map(|(name, _)| name);
    let home = reader
        .string(table, "home")
        .and_then(|(url, line)| reader.accept(table, "home", line, CanonicalUrl::parse(&url)));
    let tier = reader.required(table, "tier").and_then(|(tier, line)| {
        reader.choose(table, "tier", line, (Tier::parse(&tier), "central, health, gov or local"))
    });
    let time_zone = match reader.string(table, "time_zone") {
        Some((zone, line)) => {
            let known = zone.parse::<Tz>().ok().map(|_| zone);
            reader.choose(table, "time_zone", line, (known, "an IANA name such as Asia/Ho_Chi_Minh"))
        }
        None => Some(DEFAULT_ZONE.to_owned()),
    };
    let note = reader.string(table, "note").map(|(note, _)| note);
    let extract = reader.table(table, "extract").map(|t| extract(reader, &t)).unwrap_or_default();
    let channels =
        reader.tables(table, "channel").iter().filter_map(|t| channel(reader, t, id.as_ref(), seen)).collect();
    Some(Outlet { id: id?, name: name?, home, tier: tier?, time_zone: time_zone?, extract, channels, note })
}

fn extract(reader: &mut Reader<'_>, table: &Table<'_>) -> ExtractRules {
    reader.refuse_unknown(table, EXTRACT_KEYS);
    ExtractRules {
        title: reader.selectors(table, "title"),
        lead: reader.selectors(table, "lead"),
        body: reader.selectors(table, "body"),
        author: reader.selectors(table, "author"),
        published: reader.selectors(table, "published"),
        remove: reader.selectors(table, "remove"),
        ignore_stated_zone: reader.flag(table, "ignore_stated_zone").unwrap_or(false),
    }
}

fn channel(reader: &mut Reader<'_>, table: &Table<'_>, outlet: Option<&OutletId>, seen: &mut Seen) -> Option<Channel> {
    reader.refuse_unknown(table, CHANNEL_KEYS);
    let id = reader.required(table, "name").and_then(|(name, line)| {
        // Without a sound outlet id the name alone is checked.
        let id = ChannelId::parse(&format!("{}/{name}", outlet.map_or("x", OutletId::as_str)));
        let form = "1 to 64 of a-z, 0-9 and inner hyphens";
        let id = reader.choose(table, "name", line, (id.ok(), form))?;
        if outlet.is_some() {
            reader.refuse_repeat(table, "name", &mut seen.channels, (id.as_str(), line));
        }
        Some(id)
    });
    let kind = reader.required(table, "kind").and_then(|(kind, line)| {
        reader.choose(table, "kind", line, (ChannelKind::parse(&kind), "feed, sitemap or section"))
    });
    let url = reader.required(table, "url").and_then(|(url, line)| {
        let url = reader.accept(table, "url", line, CanonicalUrl::parse(&url))?;
        reader.refuse_repeat(table, "url", &mut seen.urls, (url.key(), line));
        Some(url)
    });
    let section = reader.string(table, "section").map(|(section, _)| section);
    let rules = SectionRules { links: reader.selector(table, "links"), pattern: reader.pattern(table, "pattern") };
    if kind.is_some_and(|k| k != ChannelKind::Section) {
        reader.refuse_present(table, &["links", "pattern"], "only a channel of kind \"section\" has this");
    }
    let enabled = reader.flag(table, "enabled").unwrap_or(true);
    Some(Channel { id: id?, kind: kind?, url: url?, section, rules, enabled })
}

#[cfg(test)]
mod tests;
