//! feeds.toml and the formats of channels: RSS, Atom, JSON Feed, sitemaps, section pages.
