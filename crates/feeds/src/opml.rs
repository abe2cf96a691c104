//! Lists of feeds as other programs exchange them: OPML 2.0.

use std::collections::{HashMap, HashSet};

use diembao_news::{CanonicalUrl, Channel, ChannelId, ChannelKind, ExtractRules, Outlet, OutletId, SectionRules};

use crate::markup::{Markup, Piece, Tag};
use crate::outlets::DEFAULT_ZONE;
use crate::plain;
use crate::slugs::{channel_name, slug, tier_of, unique};

const MAX_FEEDS: usize = 5000;

/// A text that is not OPML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpmlError {
    /// There is no `opml` element.
    #[error("no opml element was found: is this an OPML file?")]
    NotOpml,
}

/// The outlets an OPML file names: one for each host, with a channel for each feed. Folders become sections.
/// Tiers are unknown to OPML: `gov.vn` is an authority, all others central until a person says otherwise.
/// The second part says what was left out, and why.
///
/// # Errors
/// When the text is not OPML at all.
pub fn opml_read(text: &str) -> Result<(Vec<Outlet>, Vec<String>), OpmlError> {
    let mut markup = Markup::new(text);
    let mut list = List::default();
    let mut folders: Vec<Option<String>> = Vec::new();
    let mut is_opml = false;
    while let Some(piece) = markup.next_piece() {
        match piece {
            Piece::Start(tag) if tag.name.eq_ignore_ascii_case("opml") => is_opml = true,
            Piece::Start(tag) if tag.name.eq_ignore_ascii_case("outline") => {
                let folder = list.outline(&tag, folders.iter().rev().flatten().next());
                if !tag.empty && folders.len() < 100 {
                    folders.push(folder);
                }
            }
            Piece::End(name) if name.eq_ignore_ascii_case("outline") => {
                folders.pop();
            }
            _ => {}
        }
    }
    if is_opml { Ok((list.outlets, list.left_out)) } else { Err(OpmlError::NotOpml) }
}

#[derive(Default)]
struct List {
    outlets: Vec<Outlet>,
    /// Hosts without `www.`, and the place of their outlet.
    hosts: HashMap<String, usize>,
    ids: HashSet<String>,
    urls: HashSet<CanonicalUrl>,
    left_out: Vec<String>,
}

impl List {
    /// Takes a feed, or gives back the name of a folder.
    fn outline(&mut self, tag: &Tag<'_>, folder: Option<&String>) -> Option<String> {
        let text = |name| tag.attribute(name).map(|t| plain::from_html(&t, 120)).filter(|t| !t.is_empty());
        let title = text("text").or_else(|| text("title"));
        let Some(address) = tag.attribute("xmlurl") else {
            return title;
        };
        let url = match CanonicalUrl::parse(&address) {
            Ok(url) if self.urls.len() < MAX_FEEDS => url,
            Ok(_) => return None,
            Err(error) => {
                self.left_out.push(error.to_string());
                return None;
            }
        };
        if !self.urls.insert(url.clone()) {
            self.left_out.push(format!("{url} stands there twice"));
            return None;
        }
        let home = tag.attribute("htmlurl").and_then(|h| CanonicalUrl::parse(&h).ok());
        let title = title.unwrap_or_else(|| url.host().to_owned());
        // Our own way to write it: a folder for each outlet, "outlet - section" inside.
        let (name, section) = match folder.and_then(|f| title.strip_prefix(f.as_str()).map(|rest| (f, rest))) {
            Some((outlet, "")) => (outlet.clone(), None),
            Some((outlet, rest)) if rest.starts_with(" - ") => (outlet.clone(), Some(rest[3..].to_owned())),
            _ => (title, folder.cloned()),
        };
        self.add(url, home, name, section);
        None
    }

    fn add(&mut self, url: CanonicalUrl, home: Option<CanonicalUrl>, name: String, section: Option<String>) {
        let host = url.host().trim_start_matches("www.").to_ascii_lowercase();
        let at = match self.hosts.get(&host) {
            Some(at) => *at,
            None => {
                let home = home.or_else(|| url.join("/").ok());
                let tier = tier_of(&host);
                let id = unique(&slug(&host), &mut self.ids);
                self.outlets.push(Outlet {
                    id: OutletId::parse(&id).expect("a slug is a valid id"),
                    name,
                    home,
                    tier,
                    time_zone: DEFAULT_ZONE.to_owned(),
                    extract: ExtractRules::default(),
                    channels: Vec::new(),
                    note: None,
                });
                self.hosts.insert(host, self.outlets.len() - 1);
                self.outlets.len() - 1
            }
        };
        let outlet = &mut self.outlets[at];
        let name = channel_name(&url, outlet);
        outlet.channels.push(Channel {
            id: ChannelId::parse(&format!("{}/{name}", outlet.id)).expect("two slugs are a valid id"),
            kind: ChannelKind::Feed,
            url,
            section,
            rules: SectionRules::default(),
            enabled: true,
        });
    }
}

/// The outlets as OPML 2.0: one outline for each outlet with its feeds inside.
/// Sitemaps and section pages have no place in OPML and are left out, as are channels that are not polled.
#[must_use]
pub fn opml_write(outlets: &[Outlet]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head><title>diembao</title></head>\n  <body>\n",
    );
    for outlet in outlets {
        let feeds: Vec<&Channel> =
            outlet.channels.iter().filter(|c| c.kind == ChannelKind::Feed && c.enabled).collect();
        if feeds.is_empty() {
            continue;
        }
        out.push_str(&format!("    <outline text=\"{}\">\n", escaped(&outlet.name)));
        for channel in feeds {
            let title = match &channel.section {
                Some(section) => format!("{} - {section}", outlet.name),
                None => outlet.name.clone(),
            };
            out.push_str(&format!(
                "      <outline type=\"rss\" text=\"{}\" xmlUrl=\"{}\"",
                escaped(&title),
                escaped(channel.url.as_str())
            ));
            if let Some(home) = &outlet.home {
                out.push_str(&format!(" htmlUrl=\"{}\"", escaped(home.as_str())));
            }
            out.push_str("/>\n");
        }
        out.push_str("    </outline>\n");
    }
    out.push_str("  </body>\n</opml>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"<?xml version="1.0"?><opml version="2.0"><head><title>x</title></head><body>
        <outline text="Y tế"><outline type="rss" text="Báo Mẫu &amp; bạn" xmlUrl="https://www.baomau.example/rss/suc-khoe.rss" htmlUrl="https://www.baomau.example/"/>
        <outline text="Hai" xmlUrl="https://baomau.example/rss/thoi-su.rss"/></outline>
        <outline text="Sở Y tế" xmlUrl="https://soyte.example.gov.vn/feed/"/>
        <outline text="Lặp" xmlUrl="http://soyte.example.gov.vn/feed"/>
        <outline text="Xấu" xmlUrl="ftp://a.example/"/></body></opml>"#;

    #[test]
    fn feeds_of_one_host_are_one_outlet() {
        let (outlets, left_out) = opml_read(LIST).unwrap();
        let said: Vec<String> = outlets
            .iter()
            .flat_map(|o| o.channels.iter().map(move |c| (o, c)))
            .map(|(o, c)| {
                format!("{} | {} | {} | {}", o.name, o.tier.as_str(), c.id, c.section.as_deref().unwrap_or("-"))
            })
            .collect();
        assert_eq!(
            said,
            [
                "Báo Mẫu & bạn | central | baomau-example/suc-khoe | Y tế",
                "Báo Mẫu & bạn | central | baomau-example/thoi-su | Y tế",
                "Sở Y tế | gov | soyte-example-gov-vn/feed | -",
            ]
        );
        assert_eq!(left_out.len(), 2);
        assert_eq!(opml_read("<rss/>").unwrap_err(), OpmlError::NotOpml);
    }

    #[test]
    fn what_is_written_reads_back() {
        let (outlets, _) = opml_read(LIST).unwrap();
        let (again, left_out) = opml_read(&opml_write(&outlets)).unwrap();
        assert_eq!(format!("{outlets:?}"), format!("{again:?}"));
        assert!(left_out.is_empty());
    }
}
