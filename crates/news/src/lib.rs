//! The nouns of press monitoring, shared by every stage.
//!
//! Plain data only: no I/O, no file or wire formats, no clock. Ids and canonical
//! URLs can only be made by parsing, so a value of the type is a valid one.

mod article;
mod classification;
pub mod dates;
mod edition;
mod ids;
mod outlet;
mod problem;
mod url;

pub use article::{Article, ArticleText, ArticleTimes, Field, Item, TimeSource};
pub use classification::{Classification, Evidence, Flag, FlagKind, Severity, Stance, TopicMatch};
pub use edition::{Audience, Delivery, DeliveryState, Edition, EditionKind, EditionState};
pub use ids::{ArticleId, AudienceId, CaseId, ChannelId, EditionId, IdError, OutletId, StoryId};
pub use outlet::{Channel, ChannelKind, ExtractRules, Outlet, SectionRules, Tier};
pub use problem::{Problem, nearest};
pub use url::{CanonicalUrl, UrlError};
