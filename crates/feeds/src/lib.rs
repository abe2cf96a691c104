//! feeds.toml and the formats of channels.
//!
//! In: the text of feeds.toml, or the bytes a channel answered. Out: outlets, or the items found
//! together with what was wrong ([`Parsed::problems`]). Broken bytes are read as far as they make
//! sense; they never stop a run. This crate does not know HTTP, SQL or the clock.

mod channel;
mod charset;
mod discover;
mod edit;
mod entry;
mod feed;
mod fields;
pub mod health;
mod json;
mod markup;
mod names;
mod opml;
mod outlets;
mod parsed;
mod plain;
mod propose;
mod repairs;
pub mod schedule;
mod section;
mod sitemap;
mod slugs;
mod standard;

pub use channel::{parse_any, parse_channel};
pub use discover::{Discovered, discover};
pub use edit::{add_channel, add_outlet};
pub use opml::{OpmlError, opml_read, opml_write};
pub use outlets::parse_outlets;
pub use parsed::{Found, ParseContext, Parsed};
pub use propose::propose_outlet;
