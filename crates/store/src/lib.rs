//! The truth in SQL: SQLite by default, PostgreSQL by URL.
//!
//! In go the news nouns and the desk's cases, out come the same; nobody else sees SQL.
//! One code base serves both databases through `sqlx::Any`. Every writing method is one
//! transaction and may be called again with the same arguments without changing the result.
//! Times are kept as microseconds UTC; no method reads a clock.

mod alerts;
mod articles;
mod audit;
mod case_rows;
mod case_writes;
mod cases;
mod channels;
mod claims;
mod classifications;
mod connections;
mod counts;
mod deliveries;
mod edition_files;
mod editions;
mod edits;
mod error;
mod grouping;
mod handovers;
mod hosts;
mod index;
mod items;
mod layouts;
mod leases;
mod load;
mod migrate;
mod notices;
mod pages;
mod saved;
mod sessions;
mod sql;
mod store;
mod stories;
mod trend;
mod upkeep;
mod users;
mod versions;

pub use alerts::{AlertState, QueuedAlert};
pub use articles::{Added, NewArticle, StoredArticle};
pub use audit::{AuditEntry, AuditFilter};
pub use case_writes::Attached;
pub use cases::{CaseCursor, CaseFilter, CaseStates, LoggedEvent};
pub use channels::{ChannelState, Conduct, NewItems, Poll, PollResult, Reading};
pub use claims::Claim;
pub use classifications::Unclassified;
pub use counts::Counts;
pub use edition_files::EditionFile;
pub use editions::{Freeze, Freezing, RenderedPart};
pub use edits::{Correction, EditRow};
pub use error::StoreError;
pub use grouping::{Member, Round, Waiting};
pub use handovers::SignedHandover;
pub use hosts::{HostRequest, HostTurn};
pub use items::{Outcome, PendingItem};
pub use layouts::{LayoutCount, LayoutDay};
pub use leases::Lease;
pub use notices::Notice;
pub use pages::Page;
pub use saved::{SavedMail, SavedSearch};
pub use sessions::{ApiToken, Session};
pub use store::{Store, StoreOptions};
pub use stories::{LinkKind, StoryLink, StoryRow, Which};
pub use trend::{DayHealth, ItemCounts};
pub use users::{Role, User};
pub use versions::{Change, Look, PageVersion, Watch};
