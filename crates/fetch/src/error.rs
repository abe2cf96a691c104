//! Why nothing was fetched, and how gravely that counts against the channel.

use std::borrow::Cow;
use std::time::Duration;

/// How gravely a failure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// It will not mend by itself: gone, forbidden, too large, a loop.
    Hard,
    /// It may mend: name resolution, connection, certificate, challenge.
    Soft,
    /// It asks for patience: busy, time-out, cut connection.
    Temporary,
}

impl FailureClass {
    /// What one such failure adds to a channel's score of failures.
    #[must_use]
    pub fn weight(self) -> f64 {
        match self {
            Self::Hard => 1.0,
            Self::Soft => 0.5,
            Self::Temporary => 0.25,
        }
    }

    /// The name used in stores and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::Temporary => "temporary",
        }
    }
}

/// A fetch that brought nothing, with the address it stopped at.
#[derive(Debug, thiserror::Error)]
#[error("{}{problem}", prefix(.url))]
pub struct FetchError {
    url: Box<str>,
    problem: Box<Problem>,
    retry_after: Option<Duration>,
}

fn prefix(url: &str) -> String {
    if url.is_empty() { String::new() } else { format!("{url}: ") }
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The fetcher cannot be made from its settings.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
    /// The address is not one to fetch.
    #[error("not an address to fetch: {0}")]
    Address(String),
    /// The name has no address.
    #[error("the name cannot be resolved: {0}")]
    Dns(String),
    /// All its addresses are forbidden.
    #[error("the address {0} is {1}; only public addresses are fetched")]
    PrivateAddress(String, &'static str),
    /// No connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// No trusted encryption.
    #[error("the encrypted connection failed: {0}")]
    Tls(String),
    /// A step took too long.
    #[error("no end of {step} within {limit_ms} ms")]
    Timeout {
        /// Which step: "connecting", "headers", "the body", "the whole fetch".
        step: &'static str,
        /// What it was allowed.
        limit_ms: u64,
    },
    /// The body is too large.
    #[error("the body is larger than {limit} bytes{}", if *.packed { " on the wire" } else { "" })]
    TooLarge {
        /// What was allowed, in bytes.
        limit: usize,
        /// Whether that was counted before unpacking.
        packed: bool,
    },
    /// Too many or too long headers.
    #[error("the headers are larger than allowed: {0}")]
    Headers(String),
    /// The connection broke inside the answer.
    #[error("the answer broke off: {0}")]
    Interrupted(String),
    /// The answer is not HTTP.
    #[error("the answer is not HTTP: {0}")]
    Protocol(String),
    /// The body cannot be unpacked.
    #[error("the body cannot be unpacked as {0}")]
    Encoding(String),
    /// A redirect leads back.
    #[error("redirects lead in a circle")]
    RedirectLoop,
    /// Too many redirects.
    #[error("more than {0} redirects")]
    TooManyRedirects(usize),
    /// A redirect leads nowhere.
    #[error("the redirect to {0:?} cannot be followed")]
    BadRedirect(String),
    /// The server answered with an error.
    #[error("the server answered {0}")]
    Status(u16),
    /// robots.txt forbids it.
    #[error("robots.txt forbids it")]
    Robots,
    /// robots.txt cannot be read, and so forbids all (RFC 9309, 2.3.1.4).
    #[error("robots.txt cannot be read ({0}); nothing is fetched until it can")]
    RobotsUnreachable(String),
    /// The host asked not to be asked again so soon (`Retry-After`), and is not.
    #[error("the host asked to be left alone; nothing is fetched from it for another {0} s")]
    HeldOff(u64),
    /// The site asks to prove that a person is reading.
    #[error("the site answers programs with a challenge ({0}); it is not evaded")]
    Challenge(&'static str),
}

impl Problem {
    /// A short word for reports: "dns", "timeout", "status-404" …
    #[must_use]
    pub fn kind(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Setup(_) => "setup",
            Self::Address(_) => "bad-address",
            Self::Dns(_) => "dns",
            Self::PrivateAddress(..) => "private-address",
            Self::Connect(_) => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout { .. } => "timeout",
            Self::TooLarge { .. } => "too-large",
            Self::Headers(_) => "headers",
            Self::Interrupted(_) => "interrupted",
            Self::Protocol(_) => "protocol",
            Self::Encoding(_) => "encoding",
            Self::RedirectLoop => "redirect-loop",
            Self::TooManyRedirects(_) => "too-many-redirects",
            Self::BadRedirect(_) => "bad-redirect",
            Self::Status(status) => return Cow::Owned(format!("status-{status}")),
            Self::Robots => "robots",
            Self::RobotsUnreachable(_) => "robots-unreachable",
            Self::HeldOff(_) => "held-off",
            Self::Challenge(_) => "challenge",
        })
    }

    fn class(&self) -> FailureClass {
        match self {
            // The name server is silent, which says nothing of the outlet.
            Self::Dns(reason) if reason.contains("emporary failure") => FailureClass::Temporary,
            Self::Status(408 | 425 | 429 | 500..=599)
            | Self::Timeout { .. }
            | Self::Interrupted(_)
            | Self::HeldOff(_)
            | Self::RobotsUnreachable(_) => FailureClass::Temporary,
            Self::Dns(_)
            | Self::Connect(_)
            | Self::Tls(_)
            | Self::Challenge(_)
            | Self::Protocol(_)
            | Self::Encoding(_)
            | Self::Status(401 | 403 | 406 | 409 | 412 | 421 | 451) => FailureClass::Soft,
            _ => FailureClass::Hard,
        }
    }
}

impl FetchError {
    pub(crate) fn new(url: &str, problem: Problem) -> Self {
        Self { url: url.into(), problem: Box::new(problem), retry_after: None }
    }

    pub(crate) fn with_retry_after(mut self, after: Option<Duration>) -> Self {
        self.retry_after = after;
        self
    }

    /// How gravely it counts.
    #[must_use]
    pub fn class(&self) -> FailureClass {
        self.problem.class()
    }

    /// How long the server asked to be left alone, on 429 and 503 and whatever else says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// A short word for reports: "dns", "connect", "tls", "timeout", "too-large", "redirect-loop",
    /// "status-404", "robots", "private-address", "challenge" …
    #[must_use]
    pub fn kind(&self) -> Cow<'static, str> {
        self.problem.kind()
    }

    /// What went wrong.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The address the fetch stopped at: after redirects, not always the one asked for.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The HTTP status, when there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match *self.problem {
            Problem::Status(status) => Some(status),
            _ => None,
        }
    }
}
