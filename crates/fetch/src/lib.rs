//! Polite and safe HTTP fetching.
//!
//! In goes an address with what is remembered of it, out come bytes or a reason why not.
//! Every request waits for its host's turn and obeys robots.txt; every address is checked after
//! resolution and at every redirect; every size and every wait has an end. Challenges are
//! recognised and reported, never evaded. Knows nothing of feeds or articles.

mod address;
mod body;
mod challenge;
mod charset;
mod client;
mod dns;
mod error;
mod fetcher;
mod gate;
mod hints;
mod journey;
mod limiter;
mod robots;
mod settings;

pub use address::AddressPolicy;
pub use challenge::challenge;
pub use charset::{Decoded, decode};
pub use error::{FailureClass, FetchError, Problem};
pub use fetcher::{Body, Fetched, Fetcher, Purpose, Request};
pub use hints::{CacheHints, Validators};
pub use limiter::{HostAsk, SharedHosts, SharedTurn};
pub use reqwest::header::HeaderMap;
pub use robots::RobotsRules;
pub use settings::{FetchSettings, Limits, Pace, RobotsPolicy, Scope, Timeouts};
