//! The dated digest, who gets it, and whether they have it.

use chrono::{DateTime, Utc};

use crate::{AudienceId, EditionId};

/// Who gets which cut of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// Its id.
    pub id: AudienceId,
    /// Its Vietnamese name: "Lãnh đạo Bộ".
    pub name: String,
    /// Mail addresses.
    pub recipients: Vec<String>,
    /// Only these topics (empty: all).
    pub topics: Vec<String>,
}

/// What an edition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EditionKind {
    /// The digest of a day.
    Digest,
    /// The second bulletin, "Thông tin bất cập".
    Bulletin,
    /// A correction that leaves by itself.
    Correction,
}

/// Where an edition is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EditionState {
    /// May still change.
    Draft,
    /// Its content is fixed and its deliveries are queued.
    Frozen,
}

impl EditionState {
    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Frozen => "frozen",
        }
    }

    /// Reads the name used in stores and JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Draft, Self::Frozen].into_iter().find(|v| v.as_str() == s)
    }
}

/// One dated digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Its id: the day.
    pub id: EditionId,
    /// Where it is in its life.
    pub state: EditionState,
    /// What it covers: articles first seen from here …
    pub from: DateTime<Utc>,
    /// … up to, not including, here: its cut-off.
    pub to: DateTime<Utc>,
    /// When its content was fixed.
    pub frozen_at: Option<DateTime<Utc>>,
}

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// To be sent.
    Queued,
    /// Handed to the server; the answer is not recorded yet. Found so after a crash, it is in doubt.
    Sending,
    /// The server took it.
    Sent,
    /// The server or the network asked to try later.
    Deferred,
    /// The server refused it for good.
    Bounced,
}

impl DeliveryState {
    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
        }
    }

    /// Reads the name used in stores and JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Queued, Self::Sending, Self::Sent, Self::Deferred, Self::Bounced].into_iter().find(|v| v.as_str() == s)
    }
}

/// One edition on its way to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The edition.
    pub edition: EditionId,
    /// The audience whose cut is sent.
    pub audience: AudienceId,
    /// The mail address.
    pub recipient: String,
    /// Made from edition × recipient, the same at every try.
    pub message_id: String,
    /// Where it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// What the server last said.
    pub last_reply: Option<String>,
}
