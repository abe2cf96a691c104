//! The feeds.toml that points at a served press.

use std::fmt::Write;

use crate::channels::FEED_TAIL;
use crate::outlets::{Channel, Format, Outlet, section_name};
use crate::press::troubled_outlet;
use crate::slug::slug;
use crate::{Misbehaviour, Press};

/// Writes it; `home` gives an outlet's address without a trailing slash.
pub(crate) fn write(press: &Press, home: impl Fn(&str) -> String) -> String {
    let mut out = String::from("# The sample press. Every paper, hospital, person and event in it is invented.\n");
    for (index, outlet) in press.outlets().iter().enumerate() {
        let base = home(&outlet.id);
        head(&mut out, outlet, &base);
        for channel in &outlet.channels {
            row(&mut out, channel, &base);
        }
        if press.n_generated_of(index) > FEED_TAIL {
            let archive = Channel { name: "Kho", path: "sitemap-kho.xml", format: Format::SitemapIndex, sections: &[] };
            row(&mut out, &archive, &base);
        }
    }
    for kind in &press.spec().misbehave {
        troubled(&mut out, *kind, &home(&kind.outlet_id()));
    }
    out
}

fn head(out: &mut String, outlet: &Outlet, base: &str) {
    let _ = write!(
        out,
        "\n[[outlet]]\nid = \"{}\"\nname = \"{}\"\nhome = \"{base}/\"\ntier = \"{}\"\n",
        outlet.id, outlet.name, outlet.tier
    );
    if !outlet.extract.is_empty() {
        out.push_str("\n[outlet.extract]\n");
        for (key, selectors) in outlet.extract {
            let quoted: Vec<String> = selectors.iter().map(|s| format!("\"{s}\"")).collect();
            let _ = writeln!(out, "{key} = [{}]", quoted.join(", "));
        }
    }
}

fn row(out: &mut String, channel: &Channel, base: &str) {
    let kind = channel.format.kind();
    let _ = write!(
        out,
        "\n[[outlet.channel]]\nname = \"{}\"\nkind = \"{kind}\"\nurl = \"{base}/{}\"\n",
        slug(channel.name),
        channel.path
    );
    if let [only] = channel.sections {
        let _ = writeln!(out, "section = \"{}\"", section_name(only).unwrap_or(only));
    }
    if channel.format == Format::Section {
        out.push_str("links = \"a.tieu-de-tin\"\npattern = '-\\d{6,}\\.html$'\n");
    }
}

fn troubled(out: &mut String, kind: Misbehaviour, base: &str) {
    let outlet = troubled_outlet(kind);
    let base = match kind {
        Misbehaviour::TlsFault => &base.replacen("http://", "https://", 1),
        _ => base,
    };
    head(out, &outlet, base);
    let channel = Channel { name: "Mới nhất", path: "moi-nhat.rss", format: Format::Rss, sections: &[] };
    row(out, &channel, base);
}

#[cfg(test)]
mod tests {
    use crate::slug::slug;
    use crate::{Misbehaviour, Press, PressSpec};

    #[test]
    fn it_is_toml_and_names_every_outlet() {
        let spec =
            PressSpec { misbehave: Misbehaviour::ALL.to_vec(), outlets: 30, articles: 9000, ..PressSpec::default() };
        let press = Press::new(&spec);
        for text in [press.feeds_toml(([127, 0, 0, 1], 80).into()), press.feeds_toml_hosts(([127, 0, 0, 1], 81).into())]
        {
            let table: toml::Table = text.parse().unwrap();
            let outlets = table["outlet"].as_array().unwrap();
            assert_eq!(outlets.len(), 30 + Misbehaviour::ALL.len());
            for outlet in outlets {
                let channels = outlet["channel"].as_array().unwrap();
                let names: Vec<&str> = channels.iter().map(|c| c["name"].as_str().unwrap()).collect();
                assert!(!names.is_empty() && names.iter().all(|n| !n.is_empty() && *n == slug(n)), "{names:?}");
            }
        }
    }
}
