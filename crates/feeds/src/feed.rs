//! RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, in one forgiving pass.
//!
//! The reader follows element names, not schemas: what the dialects share is one table (`fields`),
//! what a broken feed leaves open is closed by the next entry or by the end. Memory holds the input and
//! the finished items only.

use chrono::Duration;
use diembao_news::CanonicalUrl;

use crate::entry::{Entry, Form, MAX_FIELD_BYTES};
use crate::fields::{Field, ends_short_field, field_of, form_of, kind_of_root};
use crate::markup::{Markup, Piece, Tag};
use crate::names::{Names, Space};
use crate::parsed::{Found, MAX_ITEMS, Parsed};
use crate::plain;
use crate::repairs;

const MAX_DEPTH: usize = 256;
const MAX_CHANNEL_TITLE: usize = 200;

struct Open {
    name: String,
    base: Option<CanonicalUrl>,
}

/// The element whose text is being collected.
struct Capture {
    field: Field,
    form: Form,
    /// Markup stands in the document itself, so what is text there must not turn into markup.
    inline: bool,
    depth: usize,
    text: String,
}

struct Reader<'a> {
    base: &'a CanonicalUrl,
    names: Names,
    open: Vec<Open>,
    too_deep: usize,
    capture: Option<Capture>,
    entry: Option<(Entry, usize)>,
    out: Parsed,
    n_unclosed: usize,
    is_full: bool,
    update: (Option<String>, u32),
}

/// Reads a feed. `text` begins anywhere before its root element.
pub(crate) fn read(text: &str, base: &CanonicalUrl) -> Parsed {
    let mut markup = Markup::new(text);
    let mut reader = Reader {
        base,
        names: Names::default(),
        open: Vec::new(),
        too_deep: 0,
        capture: None,
        entry: None,
        out: Parsed::empty("unknown"),
        n_unclosed: 0,
        is_full: false,
        update: (None, 1),
    };
    while let Some(piece) = markup.next_piece() {
        match piece {
            Piece::Start(tag) => reader.start(&tag),
            Piece::End(name) => reader.end(&name.to_ascii_lowercase()),
            Piece::Text(text) => reader.text(&text),
        }
        if reader.is_full {
            break;
        }
    }
    let cut_off = !reader.open.is_empty() && !reader.is_full;
    reader.close_entry();
    let mut out = reader.finish();
    repairs::report(&markup.flaws, cut_off, &mut out.problems);
    out
}

/// Element names that never stand inside the text of another field.
fn is_structure(name: &str) -> bool {
    matches!(local(name), "item" | "entry" | "channel" | "rss" | "feed" | "rdf")
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

impl Reader<'_> {
    fn start(&mut self, tag: &Tag<'_>) {
        let lower = tag.name.to_ascii_lowercase();
        let attributes = tag.attributes();
        self.names.declare(&attributes);
        let (space, name) = self.names.resolve(tag.name);
        if self.out.kind == "unknown" && self.open.is_empty() {
            self.out.kind = kind_of_root(&name);
        }
        let begins_entry = matches!(name.as_str(), "item" | "entry") && matches!(space, Space::Own | Space::Rdf);
        if let Some(capture) = &mut self.capture {
            let short = !matches!(capture.field, Field::Summary(_));
            if begins_entry || (short && matches!(space, Space::Own) && ends_short_field(&name)) {
                self.n_unclosed += 1;
                let depth = capture.depth;
                self.close_capture();
                self.open.truncate(depth);
            } else {
                push_capped(&mut capture.text, "<");
                push_capped(&mut capture.text, tag.name);
                push_capped(&mut capture.text, ">");
            }
        }
        let xml_base = attributes.iter().find(|(n, _)| n.eq_ignore_ascii_case("xml:base")).map(|(_, v)| v.as_str());
        let base = xml_base.and_then(|b| self.current_base().join(b).ok());
        if self.capture.is_none() {
            if begins_entry {
                self.begin_entry(tag);
            } else {
                self.begin_field(space, &name, tag, base.as_ref());
            }
        }
        if tag.empty {
            if self.capture.as_ref().is_some_and(|c| c.depth == self.open.len()) {
                self.close_capture();
            }
            if begins_entry {
                self.close_entry();
            }
        } else if self.open.len() < MAX_DEPTH {
            self.open.push(Open { name: lower, base });
        } else {
            self.too_deep += 1;
        }
    }

    fn current_base(&self) -> &CanonicalUrl {
        self.open.iter().rev().find_map(|o| o.base.as_ref()).unwrap_or(self.base)
    }

    fn begin_entry(&mut self, tag: &Tag<'_>) {
        if let Some((_, depth)) = &self.entry {
            self.n_unclosed += 1;
            let depth = *depth;
            self.close_entry();
            self.open.truncate(depth);
        }
        let mut entry = Entry::default();
        if let Some(about) = tag.attribute("about") {
            entry.link(&about, None, 9);
            entry.id(&about);
        }
        if let Some(href) = tag.attribute("href") {
            entry.link(&href, None, 2);
        }
        self.entry = Some((entry, self.open.len()));
    }

    fn begin_field(&mut self, space: Space, name: &str, tag: &Tag<'_>, base: Option<&CanonicalUrl>) {
        let depth = self.open.len();
        if let Some((_, entry_depth)) = &self.entry {
            let direct = depth == entry_depth + 1;
            if !direct {
                return;
            }
            if name == "link" && space == Space::Own && tag.attribute("href").is_some() {
                let base = base.cloned().unwrap_or_else(|| self.current_base().clone());
                self.atom_link(tag, &base);
                return;
            }
            if let Some(field) = field_of(space, name, tag) {
                let form = form_of(tag, field);
                let inline = tag.attribute("type").is_some_and(|t| t.contains("xhtml"));
                self.capture = Some(Capture { field, form, inline, depth, text: String::new() });
            }
            return;
        }
        let parent = self.open.last().map_or("", |o| local(&o.name));
        if !matches!(parent, "channel" | "feed" | "rss" | "rdf") {
            return;
        }
        let field = match (space, name) {
            (Space::Own, "title") if self.out.title.is_none() => Field::ChannelTitle,
            (Space::Own, "ttl") => Field::Ttl,
            (Space::Syndication, "updateperiod") => Field::UpdatePeriod,
            (Space::Syndication, "updatefrequency") => Field::UpdateFrequency,
            _ => return,
        };
        self.capture = Some(Capture { field, form: Form::Html, inline: false, depth, text: String::new() });
    }

    fn atom_link(&mut self, tag: &Tag<'_>, base: &CanonicalUrl) {
        let Some((entry, _)) = &mut self.entry else { return };
        let rel = tag.attribute("rel").unwrap_or_else(|| "alternate".to_owned());
        let html = tag.attribute("type").is_none_or(|t| t.contains("html"));
        let rank = match (rel.rsplit('/').next().unwrap_or(""), html) {
            ("alternate", true) => 2,
            ("alternate", false) => 3,
            ("self" | "edit" | "enclosure" | "replies" | "license" | "hub" | "next" | "up", _) => return,
            _ => 6,
        };
        if let Some(href) = tag.attribute("href") {
            entry.link(&href, Some(base), rank);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(capture) = &mut self.capture {
            if capture.inline && text.contains(['<', '&']) {
                push_capped(&mut capture.text, &text.replace('&', "&amp;").replace('<', "&lt;"));
            } else {
                push_capped(&mut capture.text, text);
            }
        }
    }

    fn end(&mut self, name: &str) {
        if self.too_deep > 0 && !is_structure(name) {
            self.too_deep -= 1;
            return;
        }
        let Some(at) = self.open.iter().rposition(|o| o.name == name) else {
            return;
        };
        if let Some(capture) = &mut self.capture {
            if at > capture.depth {
                push_capped(&mut capture.text, "</");
                push_capped(&mut capture.text, name);
                push_capped(&mut capture.text, ">");
            } else if at < capture.depth && !is_structure(name) {
                return;
            } else {
                self.close_capture();
            }
        }
        if at + 1 < self.open.len() && self.capture.is_none() && is_structure(name) {
            self.n_unclosed += 1;
        }
        if self.entry.as_ref().is_some_and(|(_, depth)| *depth >= at) {
            self.close_entry();
        }
        self.open.truncate(at);
        self.too_deep = 0;
    }

    fn close_capture(&mut self) {
        let Some(capture) = self.capture.take() else { return };
        let base = self.current_base().clone();
        let Capture { field, form, text, .. } = capture;
        match (field, &mut self.entry) {
            (Field::Title(rank), Some((entry, _))) => entry.title(&text, form, rank),
            (Field::Summary(rank), Some((entry, _))) => entry.summary(&text, form, rank),
            (Field::Link(rank), Some((entry, _))) => entry.link(&text, Some(&base), rank),
            (Field::Date(rank), Some((entry, _))) => entry.date(&text, rank),
            (Field::Id, Some((entry, _))) => {
                entry.id(&text);
                if is_web_address(&text) {
                    entry.link(&text, None, 7);
                }
            }
            (Field::Guid { link }, Some((entry, _))) => {
                entry.id(&text);
                if link && is_web_address(&text) {
                    entry.link(&text, None, 4);
                }
            }
            (Field::ChannelTitle, _) => {
                let title = plain::from_html(&text, MAX_CHANNEL_TITLE);
                self.out.title = (!title.is_empty()).then_some(title);
            }
            (Field::Ttl, _) => self.out.ttl = text.trim().parse().ok().and_then(minutes),
            (Field::UpdatePeriod, _) => self.update.0 = Some(text.trim().to_ascii_lowercase()),
            (Field::UpdateFrequency, _) => self.update.1 = text.trim().parse().unwrap_or(1).clamp(1, 1440),
            _ => {}
        }
    }

    fn close_entry(&mut self) {
        self.close_capture();
        let Some((entry, _)) = self.entry.take() else { return };
        if self.out.items.len() >= MAX_ITEMS {
            self.is_full = true;
            return;
        }
        let item: Found = entry.finish(self.base);
        self.out.items.push(item);
    }

    fn finish(self) -> Parsed {
        let mut out = self.out;
        if out.ttl.is_none() {
            out.ttl = self.update.0.as_deref().and_then(|period| update_interval(period, self.update.1));
        }
        if let Some(prefix) = self.names.undeclared {
            out.problems.push(format!("namespace prefix {prefix:?} is not declared: taken by its usual meaning"));
        }
        if self.n_unclosed > 0 {
            out.problems.push(format!("{} elements were not closed: closed where the next began", self.n_unclosed));
        }
        if self.is_full {
            out.problems.push(format!("items beyond the first {MAX_ITEMS} were left out"));
        }
        out
    }
}

fn push_capped(text: &mut String, more: &str) {
    let mut room = MAX_FIELD_BYTES.saturating_sub(text.len()).min(more.len());
    while !more.is_char_boundary(room) {
        room -= 1;
    }
    text.push_str(&more[..room]);
}

fn is_web_address(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("http://") || text.starts_with("https://")
}

fn minutes(n: i64) -> Option<Duration> {
    (1..=60 * 24 * 31).contains(&n).then(|| Duration::minutes(n))
}

fn update_interval(period: &str, frequency: u32) -> Option<Duration> {
    let hours = match period {
        "hourly" => 1,
        "daily" => 24,
        "weekly" => 24 * 7,
        "monthly" => 24 * 30,
        "yearly" => 24 * 365,
        _ => return None,
    };
    Some(Duration::minutes(hours * 60) / i32::try_from(frequency).unwrap_or(1).max(1))
}
