//! Adds outlets and channels to the text of feeds.toml without touching what is there.

use diembao_news::{Channel, ExtractRules, Outlet};
use toml::de::DeTable;

use crate::outlets::DEFAULT_ZONE;

/// The text with the outlet appended; comments and order of what was there stay.
///
/// An outlet that is already there is not replaced: [`parse_outlets`](crate::parse_outlets) of the result
/// names the repeated id and addresses.
#[must_use]
pub fn add_outlet(text: &str, outlet: &Outlet) -> String {
    let mut out = text.trim_end().to_owned();
    if !out.is_empty() {
        out.push_str("\n\n");
    }
    out.push_str("[[outlet]]\n");
    line(&mut out, "id", outlet.id.as_str());
    line(&mut out, "name", &outlet.name);
    if let Some(home) = &outlet.home {
        line(&mut out, "home", home.as_str());
    }
    line(&mut out, "tier", outlet.tier.as_str());
    if outlet.time_zone != DEFAULT_ZONE {
        line(&mut out, "time_zone", &outlet.time_zone);
    }
    if let Some(note) = &outlet.note {
        line(&mut out, "note", note);
    }
    extract(&mut out, &outlet.extract);
    for channel in &outlet.channels {
        out.push('\n');
        out.push_str(&block(channel));
    }
    out
}

/// The text with a channel added at the end of its outlet; comments and order of what was there stay.
/// None when the outlet is not there, or the text is no TOML.
#[must_use]
pub fn add_channel(text: &str, channel: &Channel) -> Option<String> {
    let root = DeTable::parse(text).ok()?;
    let outlet = channel.id.outlet();
    let id = root.get_ref().get("outlet")?.get_ref().as_array()?.iter().find_map(|table| {
        let id = table.get_ref().as_table()?.get("id")?;
        (id.get_ref().as_str()? == outlet.as_str()).then(|| id.span().start)
    })?;
    let end = next_outlet(text, id);
    let (before, after) = text.split_at(end);
    let after = after.trim_start_matches('\n');
    let gap = if after.is_empty() { "" } else { "\n" };
    Some(format!("{}\n\n{}{gap}{after}", before.trim_end(), block(channel)))
}

/// Where the next outlet begins, with the comments before it; or the end.
fn next_outlet(text: &str, from: usize) -> usize {
    let mut at = from;
    let mut comments_from = None;
    for line in text[from..].split_inclusive('\n') {
        let content = line.trim();
        if content.starts_with("[[outlet]]") {
            return comments_from.unwrap_or(at);
        }
        if content.starts_with('#') {
            comments_from.get_or_insert(at);
        } else if !content.is_empty() {
            comments_from = None;
        }
        at += line.len();
    }
    text.len()
}

fn block(channel: &Channel) -> String {
    let mut out = String::from("[[outlet.channel]]\n");
    let name = channel.id.as_str().rsplit('/').next().unwrap_or_default();
    line(&mut out, "name", name);
    line(&mut out, "kind", channel.kind.as_str());
    line(&mut out, "url", channel.url.as_str());
    for (key, value) in
        [("section", &channel.section), ("links", &channel.rules.links), ("pattern", &channel.rules.pattern)]
    {
        if let Some(value) = value {
            line(&mut out, key, value);
        }
    }
    if !channel.enabled {
        out.push_str("enabled = false\n");
    }
    out
}

fn extract(out: &mut String, rules: &ExtractRules) {
    if *rules == ExtractRules::default() {
        return;
    }
    out.push_str("\n[outlet.extract]\n");
    for (key, selectors) in [
        ("title", &rules.title),
        ("lead", &rules.lead),
        ("body", &rules.body),
        ("author", &rules.author),
        ("published", &rules.published),
        ("remove", &rules.remove),
    ] {
        if !selectors.is_empty() {
            let list: Vec<String> = selectors.iter().map(|s| quoted(s)).collect();
            out.push_str(&format!("{key} = [{}]\n", list.join(", ")));
        }
    }
    if rules.ignore_stated_zone {
        out.push_str("ignore_stated_zone = true\n");
    }
}

fn line(out: &mut String, key: &str, value: &str) {
    out.push_str(key);
    out.push_str(" = ");
    out.push_str(&quoted(value));
    out.push('\n');
}

/// A TOML text in quotes.
fn quoted(value: &str) -> String {
    toml::Value::String(value.replace(['\n', '\r'], " ")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_outlets;

    #[test]
    fn what_is_written_reads_back_and_comments_stay() {
        let text = "# của toà soạn\n[[outlet]]\nid = \"a\" # đừng đổi\nname = \"A \\\"B\\\"\\\\\"\ntier = \"gov\"\nhome = \"https://a.example/\"\ntime_zone = \"Asia/Bangkok\"\nnote = \"một\"\n\n[outlet.extract]\nbody = ['div[data-x=\"1\"]', \"p\"]\nignore_stated_zone = true\n\n[[outlet.channel]]\nname = \"x\"\nkind = \"section\"\nurl = \"https://a.example/x\"\nlinks = \"h3 a\"\npattern = '\\d+\\.html$'\nenabled = false\n";
        let outlets = parse_outlets(text, "f").unwrap();
        let written = add_outlet("# đầu tệp\n", &outlets[0]);
        let again = parse_outlets(&written, "f").unwrap();
        assert_eq!(format!("{outlets:?}"), format!("{again:?}"));
        assert!(written.starts_with("# đầu tệp\n"));
        let both = add_outlet(text, &outlets[0]);
        assert!(both.starts_with(text.trim_end()));
        assert_eq!(parse_outlets(&both, "f").unwrap_err().len(), 3);
    }

    #[test]
    fn a_channel_joins_its_outlet_and_comments_stay() {
        let text = "[[outlet]]\nid = \"a\"\nname = \"A\"\ntier = \"gov\"\n# cuối của a\n[[outlet.channel]]\nname = \"x\"\nkind = \"feed\"\nurl = \"https://a.example/x\"\n\n# ── nhóm hai ──\n# về b\n[[outlet]]\nid = \"b\"\nname = \"B\"\ntier = \"gov\"\n";
        let mut channel = parse_outlets(text, "f").unwrap()[0].channels[0].clone();
        channel.url = diembao_news::CanonicalUrl::parse("https://a.example/y").unwrap();
        for outlet in ["a", "b"] {
            channel.id = diembao_news::ChannelId::parse(&format!("{outlet}/y")).unwrap();
            let added = add_channel(text, &channel).unwrap();
            let outlets = parse_outlets(&added, "f").unwrap();
            let of = outlets.iter().find(|o| o.id.as_str() == outlet).unwrap();
            assert_eq!(of.channels.last().unwrap().id, channel.id);
            assert!(added.contains("\n\n# ── nhóm hai ──\n# về b\n[[outlet]]"), "{added}");
        }
        channel.id = diembao_news::ChannelId::parse("c/y").unwrap();
        assert_eq!(add_channel(text, &channel), None);
    }
}
