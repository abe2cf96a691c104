//! A fictional Vietnamese press served over HTTP on loopback, with the bad habits of real sites.
//!
//! In: a [`PressSpec`] (seed, size, "now", misbehaviours). Out: a [`Press`] whose outlets, feeds,
//! sitemaps, section pages and article pages [`serve`] answers over real HTTP, and the `feeds.toml`
//! that points at them. The same spec always gives the same press.
//!
//! Provinces are real; every paper, hospital, person and event is invented. This crate must not know
//! the product: it writes `feeds.toml` as text and depends on no other crate of the workspace.

mod article;
mod channels;
mod dates;
mod feeds_toml;
mod generate;
mod markup;
mod misbehave;
mod outlets;
mod pages;
mod press;
mod serve;
mod slug;
mod spec;
mod texts;

pub use article::{Labels, SampleArticle};
pub use press::Press;
pub use serve::serve;
pub use spec::{Misbehaviour, PressSpec};
