//! Proposes an outlet from its home page: what `sources add` shows, checks and writes.

use diembao_news::{CanonicalUrl, Channel, ChannelId, ChannelKind, ExtractRules, Outlet, OutletId, SectionRules};

use crate::discover::discover;
use crate::outlets::DEFAULT_ZONE;
use crate::plain;
use crate::section::{parse_page, selector};
use crate::slugs::{channel_name, slug, tier_of};

const MAX_CHANNELS: usize = 60;
const MAX_NAME: usize = 100;
/// Parts of hosts that name nobody.
const NAMELESS: &[&str] = &["www", "m", "com", "org", "net", "gov", "edu", "vn", "info", "news", "online"];

/// The outlet a home page (or a page that lists feeds) suggests: its name, an id from its host, and every channel
/// [`discover`] finds; without any, the page itself as a section channel. Nothing was fetched: each channel must
/// still be proved, and a person must look at name, id and tier.
#[must_use]
pub fn propose_outlet(html: &str, home: &CanonicalUrl) -> Outlet {
    let host = home.host().to_ascii_lowercase();
    let id = slug(host.split('.').find(|label| !NAMELESS.contains(label)).unwrap_or(&host));
    let name = name_of(html).unwrap_or_else(|| host.clone());
    let mut outlet = Outlet {
        id: OutletId::parse(&id).expect("a slug is a valid id"),
        home: home.join("/").ok(),
        tier: tier_of(&host),
        time_zone: DEFAULT_ZONE.to_owned(),
        extract: ExtractRules::default(),
        channels: Vec::new(),
        note: None,
        name,
    };
    for found in discover(html, home).into_iter().take(MAX_CHANNELS) {
        let section = section_of(&found.title, &outlet.name);
        add(&mut outlet, found.url, found.kind, section);
    }
    if outlet.channels.is_empty() {
        add(&mut outlet, home.clone(), ChannelKind::Section, None);
    }
    outlet
}

fn add(outlet: &mut Outlet, url: CanonicalUrl, kind: ChannelKind, section: Option<String>) {
    if outlet.channels.iter().any(|c| c.url == url) {
        return;
    }
    let name = channel_name(&url, outlet);
    outlet.channels.push(Channel {
        id: ChannelId::parse(&format!("{}/{name}", outlet.id)).expect("two slugs are a valid id"),
        kind,
        url,
        section,
        rules: SectionRules::default(),
        enabled: true,
    });
}

/// The site's own name, or the last part of the page's title.
fn name_of(html: &str) -> Option<String> {
    let (page, _) = parse_page(html);
    let stated = page
        .select(&selector("meta[property='og:site_name'], meta[name='application-name']"))
        .find_map(|meta| meta.attr("content"))
        .map(|name| plain::from_html(name, MAX_NAME));
    let title = page.select(&selector("title")).next().map(|t| plain::from_text(&t.text().collect::<String>(), 300));
    stated.filter(|name| !name.is_empty()).or_else(|| {
        let title = title?;
        let last = title.rsplit(['|', '–', '—']).next().unwrap_or(&title).rsplit(" - ").next().unwrap_or(&title).trim();
        (!last.is_empty()).then(|| last.chars().take(MAX_NAME).collect())
    })
}

/// A feed's title without the outlet's name.
fn section_of(title: &str, outlet: &str) -> Option<String> {
    let title = title.replace(outlet, "").replace("RSS", "");
    let title = title.trim_matches(|c: char| !c.is_alphanumeric());
    (!title.is_empty()).then(|| title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{add_outlet, parse_outlets};

    #[test]
    fn a_home_page_suggests_its_outlet() {
        let html = r#"<head><title>Tin tức 24h | Báo Mẫu</title><link rel="alternate" type="application/rss+xml" title="Báo Mẫu RSS - Sức khỏe" href="/rss/suc-khoe-210.rss"></head><a href="/rss/thoi-su.rss">Thời sự</a>"#;
        let outlet = propose_outlet(html, &CanonicalUrl::parse("https://www.baomau.com.vn/rss").unwrap());
        assert_eq!((outlet.id.as_str(), outlet.name.as_str()), ("baomau", "Báo Mẫu"));
        let channels: Vec<_> = outlet.channels.iter().map(|c| (c.id.as_str(), c.section.as_deref())).collect();
        assert_eq!(channels, [("baomau/suc-khoe", Some("Sức khỏe")), ("baomau/thoi-su", Some("Thời sự"))]);
        assert!(parse_outlets(&add_outlet("", &outlet), "f").is_ok());
    }

    #[test]
    fn a_page_without_feeds_is_a_section() {
        let outlet = propose_outlet("<p>", &CanonicalUrl::parse("https://syt.example.gov.vn/tin-tuc").unwrap());
        assert_eq!((outlet.name.as_str(), outlet.tier.as_str()), ("syt.example.gov.vn", "gov"));
        assert_eq!(outlet.channels[0].kind, ChannelKind::Section);
        assert_eq!(outlet.channels[0].id.as_str(), "syt/tin-tuc");
    }
}
