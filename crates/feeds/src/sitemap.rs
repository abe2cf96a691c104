//! Sitemaps, news sitemaps and sitemap indexes, in XML or as a plain list of addresses.

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use diembao_news::CanonicalUrl;
use diembao_news::dates::{DateReading, parse_date};

use crate::entry::{Entry, Form, MAX_FIELD_BYTES};
use crate::markup::{Markup, Piece};
use crate::names::{Names, Space};
use crate::parsed::{Found, MAX_ITEMS, Parsed};
use crate::repairs;

const MAX_CHILDREN: usize = 1000;
/// Twice what the protocol allows in one file; no more is read.
const MAX_READ: usize = 100_000;
const MAX_DEPTH: usize = 64;

struct Reader<'a> {
    base: &'a CanonicalUrl,
    zone: Tz,
    now: DateTime<Utc>,
    names: Names,
    depth: usize,
    /// What is being read, and how deep it began.
    entry: Option<(Entry, usize)>,
    child: (Option<String>, Option<String>),
    field: Option<(Space, String, String)>,
    children: Vec<(Option<DateTime<Utc>>, String)>,
    /// The items, and when they say they changed.
    items: Vec<(Option<DateTime<Utc>>, Found)>,
    n_left_out: usize,
    n_read: usize,
    is_index: bool,
}

/// Reads a sitemap or an index.
pub(crate) fn read(text: &str, base: &CanonicalUrl, zone: Tz, now: DateTime<Utc>) -> Parsed {
    let mut markup = Markup::new(text);
    let mut reader = Reader {
        base,
        zone,
        now,
        names: Names::default(),
        depth: 0,
        entry: None,
        child: (None, None),
        field: None,
        children: Vec::new(),
        items: Vec::new(),
        n_left_out: 0,
        n_read: 0,
        is_index: false,
    };
    let mut root_closed = false;
    while let Some(piece) = markup.next_piece() {
        match piece {
            Piece::Start(tag) => {
                reader.names.declare(&tag.attributes());
                let (space, name) = reader.names.resolve(tag.name);
                reader.start(space, name, tag.empty);
            }
            Piece::End(name) => {
                let (space, name) = reader.names.resolve(name);
                root_closed |= matches!(name.as_str(), "urlset" | "sitemapindex");
                reader.end(space, &name);
            }
            Piece::Text(text) => reader.text(&text),
        }
        if reader.n_read >= MAX_READ {
            root_closed = true;
            break;
        }
    }
    reader.close();
    let mut out = reader.finish();
    repairs::report(&markup.flaws, !root_closed, &mut out.problems);
    out
}

impl Reader<'_> {
    fn start(&mut self, space: Space, name: String, empty: bool) {
        match name.as_str() {
            "sitemapindex" => self.is_index = true,
            "url" | "sitemap" if space == Space::Own => {
                self.close();
                self.entry = Some((Entry::default(), self.depth));
            }
            _ if self.entry.is_some() && !empty => self.field = Some((space, name, String::new())),
            _ => {}
        }
        if !empty && self.depth < MAX_DEPTH {
            self.depth += 1;
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, _, value)) = &mut self.field
            && value.len() + text.len() <= MAX_FIELD_BYTES
        {
            value.push_str(text);
        }
    }

    fn end(&mut self, space: Space, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        if matches!(name, "url" | "sitemap") && space == Space::Own {
            self.close();
            return;
        }
        let (Some((space, field, value)), Some((entry, _))) = (self.field.take(), &mut self.entry) else {
            return;
        };
        match (space, field.as_str()) {
            (Space::Own, "loc") => {
                entry.link(&value, None, 1);
                self.child.0 = Some(value.trim().to_owned());
            }
            (Space::Own, "lastmod") => {
                entry.date(&value, 2);
                self.child.1 = Some(value);
            }
            (Space::News, "publication_date") => entry.date(&value, 1),
            (Space::News, "title") => entry.title(&value, Form::Plain, 1),
            _ => {}
        }
    }

    fn close(&mut self) {
        self.field = None;
        let child = std::mem::take(&mut self.child);
        let Some((entry, _)) = self.entry.take() else { return };
        self.n_read += 1;
        if self.is_index {
            if let Some(loc) = child.0 {
                let changed = child.1.and_then(|raw| self.changed(&raw));
                self.children.push((changed, loc));
            }
            return;
        }
        if entry.is_empty() {
            return;
        }
        let item = entry.finish(self.base);
        let changed = item.published_raw.as_deref().and_then(|raw| self.changed(raw));
        self.items.push((changed, item));
        if self.items.len() >= MAX_ITEMS * 2 {
            self.keep_newest();
        }
    }

    fn changed(&self, raw: &str) -> Option<DateTime<Utc>> {
        match parse_date(raw, self.zone, self.now) {
            DateReading::DayOnly(day) => Some(day.and_time(NaiveTime::MIN).and_utc()),
            reading => reading.instant(),
        }
    }

    /// A sitemap may hold 50,000 addresses in any order: the latest changed are kept.
    fn keep_newest(&mut self) {
        if self.items.len() <= MAX_ITEMS {
            return;
        }
        self.items.sort_by_key(|(changed, _)| std::cmp::Reverse(*changed));
        self.n_left_out += self.items.len() - MAX_ITEMS;
        self.items.truncate(MAX_ITEMS);
    }

    fn finish(mut self) -> Parsed {
        self.keep_newest();
        let mut out = Parsed::empty(if self.is_index { "sitemap-index" } else { "sitemap" });
        self.children.sort_by_key(|(changed, _)| std::cmp::Reverse(*changed));
        out.sitemaps = self
            .children
            .iter()
            .filter_map(|(_, loc)| self.base.join(loc).ok())
            .map(|url| url.as_str().to_owned())
            .take(MAX_CHILDREN)
            .collect();
        out.items = self.items.into_iter().map(|(_, item)| item).collect();
        if self.children.len() > MAX_CHILDREN {
            out.problems.push(format!("{} older sitemaps were left out", self.children.len() - MAX_CHILDREN));
        }
        if self.n_read >= MAX_READ {
            out.problems.push(format!("addresses beyond the first {MAX_READ} were not read"));
        }
        if self.n_left_out > 0 {
            out.problems.push(format!("{} older addresses were left out", self.n_left_out));
        }
        if let Some(prefix) = self.names.undeclared {
            out.problems.push(format!("namespace prefix {prefix:?} is not declared: taken by its usual meaning"));
        }
        out
    }
}

/// A plain list of addresses, one a line.
pub(crate) fn read_list(text: &str, base: &CanonicalUrl) -> Parsed {
    let mut out = Parsed::empty("sitemap");
    for line in text.lines().filter(|l| !l.trim().is_empty()).take(MAX_ITEMS) {
        let mut entry = Entry::default();
        entry.link(line, None, 1);
        out.items.push(entry.finish(base));
    }
    out
}
