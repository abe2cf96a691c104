//! What a fetcher may do: whom it says it is, where it may go, how fast, how long and how much.

use std::time::Duration;

use crate::AddressPolicy;

/// All settings of a fetcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchSettings {
    /// What is sent as `User-Agent`: the product, its version and a contact. Its first word, up to
    /// a slash, is the name robots.txt knows it by.
    pub user_agent: String,
    /// Which addresses may be connected to.
    pub addresses: AddressPolicy,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// How much is read.
    pub limits: Limits,
    /// How often one host is asked.
    pub pace: Pace,
    /// Whether robots.txt is obeyed.
    pub robots: RobotsPolicy,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            user_agent: concat!("diembao/", env!("CARGO_PKG_VERSION"), " (press monitoring; no contact configured)")
                .to_owned(),
            addresses: AddressPolicy::PublicOnly,
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            pace: Pace::default(),
            robots: RobotsPolicy::Obey,
        }
    }
}

/// How long each step of one exchange may take. Waiting for the host's turn is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name resolution, TCP and TLS.
    pub connect: Duration,
    /// From the start until the answer's headers are complete.
    pub headers: Duration,
    /// From the headers to the last byte; cuts bodies that drip.
    pub body: Duration,
    /// The whole fetch, all redirects included.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(20),
            body: Duration::from_secs(45),
            whole: Duration::from_secs(90),
        }
    }
}

/// How much of an answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A channel's body, in bytes, both on the wire and unpacked.
    pub feed_bytes: usize,
    /// A page's body, in bytes, both on the wire and unpacked.
    pub page_bytes: usize,
    /// How many redirects are followed.
    pub max_redirects: usize,
    /// How many headers an answer may have.
    pub max_headers: usize,
    /// How many bytes all headers of an answer may have.
    pub header_bytes: usize,
    /// How much of a robots.txt is read, in bytes; the rest does not count (RFC 9309, 2.5).
    pub robots_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            feed_bytes: 50 << 20,
            page_bytes: 8 << 20,
            max_redirects: 5,
            max_headers: 128,
            header_bytes: 64 << 10,
            robots_bytes: 500 << 10,
        }
    }
}

/// How often one host is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The least time from the start of one request to the start of the next.
    pub interval: Duration,
    /// How many requests may be open at a time.
    pub concurrency: usize,
    /// What counts as one host.
    pub scope: Scope,
    /// The longest `Crawl-delay` of a robots.txt that is honoured; a longer one counts as this.
    pub max_crawl_delay: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(2),
            concurrency: 2,
            scope: Scope::Host,
            max_crawl_delay: Duration::from_secs(30),
        }
    }
}

/// What counts as one host when requests are paced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The host name: `suckhoe.bao.vn` and `bao.vn` are two.
    Host,
    /// The registrable domain: `suckhoe.bao.vn` and `bao.vn` are one.
    RegistrableDomain,
}

/// Whether robots.txt is obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RobotsPolicy {
    /// By RFC 9309.
    Obey,
    /// Neither fetched nor obeyed: for hosts of one's own.
    Ignore,
}
