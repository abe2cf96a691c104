//! Identifiers: slugs for what people name, hashes for what arrives, numbers for what is opened.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::{CanonicalUrl, EditionKind};

/// An identifier that does not have the form its kind asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a valid {kind}: expected {expected}")]
pub struct IdError {
    kind: &'static str,
    value: String,
    expected: &'static str,
}

fn is_slug(s: &str) -> bool {
    !s.is_empty()
        && s.len() <= 64
        && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !s.starts_with('-')
        && !s.ends_with('-')
}

macro_rules! slug_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Parses the identifier.
            ///
            /// # Errors
            /// When the text does not have the documented form.
            pub fn parse(s: &str) -> Result<Self, IdError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(s) {
                    Ok(Self(s.to_owned()))
                } else {
                    Err(IdError { kind: $kind, value: s.to_owned(), expected: $expected })
                }
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(s: &str) -> Result<Self, IdError> {
                Self::parse(s)
            }
        }
    };
}

slug_id!(
    /// A newspaper, broadcaster or authority: `tuoi-tre`.
    OutletId, "outlet id", "1 to 64 of a-z, 0-9 and inner hyphens", is_slug
);
slug_id!(
    /// One polled URL of an outlet: `tuoi-tre/suc-khoe`.
    ChannelId, "channel id", "OUTLET/NAME, both of a-z, 0-9 and inner hyphens",
    |s| s.split_once('/').is_some_and(|(o, n)| is_slug(o) && is_slug(n))
);
slug_id!(
    /// Who receives which cut of an edition: `lanh-dao`.
    AudienceId, "audience id", "1 to 64 of a-z, 0-9 and inner hyphens", is_slug
);
slug_id!(
    /// One edition: the day `2026-11-21` of the digest; with `-bat-cap` that day's second bulletin, with
    /// `-dinh-chinh-3` the third correction as a mail of its own.
    EditionId, "edition id", "a date YYYY-MM-DD, or one followed by -bat-cap or -dinh-chinh-N",
    |s| is_edition(s)
);

impl ChannelId {
    /// The outlet part, before the slash.
    #[must_use]
    pub fn outlet(&self) -> OutletId {
        let (outlet, _) = self.0.split_once('/').expect("a channel id holds a slash");
        OutletId(outlet.to_owned())
    }
}

impl EditionId {
    /// The edition of a day.
    #[must_use]
    pub fn of_day(day: NaiveDate) -> Self {
        Self(day.format("%Y-%m-%d").to_string())
    }

    /// The second bulletin of a day.
    #[must_use]
    pub fn bulletin_of_day(day: NaiveDate) -> Self {
        Self(format!("{}{BULLETIN}", day.format("%Y-%m-%d")))
    }

    /// A correction that leaves by itself, by its number.
    #[must_use]
    pub fn correction_of_day(day: NaiveDate, number: u32) -> Self {
        Self(format!("{}{CORRECTION}{number}", day.format("%Y-%m-%d")))
    }

    /// The day of the edition.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        self.0[..DAY].parse().expect("an edition id begins with a date")
    }

    /// What kind of edition it is.
    #[must_use]
    pub fn kind(&self) -> EditionKind {
        match &self.0[DAY..] {
            "" => EditionKind::Digest,
            BULLETIN => EditionKind::Bulletin,
            _ => EditionKind::Correction,
        }
    }
}

/// Bytes of a date YYYY-MM-DD.
const DAY: usize = 10;
const BULLETIN: &str = "-bat-cap";
const CORRECTION: &str = "-dinh-chinh-";

fn is_edition(s: &str) -> bool {
    let Some((day, kind)) = s.split_at_checked(DAY) else {
        return false;
    };
    let number =
        |n: &str| n.len() <= 6 && !n.starts_with('0') && n.bytes().all(|b| b.is_ascii_digit()) && !n.is_empty();
    day.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        && day.parse::<NaiveDate>().is_ok()
        && (kind.is_empty() || kind == BULLETIN || kind.strip_prefix(CORRECTION).is_some_and(number))
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ID_BITS: u32 = 60;
const ID_CHARS: u32 = ID_BITS / 5;

/// An article, identified by the hash of what makes it unique: its canonical URL,
/// or for print and broadcast its outlet and reference. The same article therefore
/// has the same id in every store, whatever the order of arrival.
///
/// Printed as 12 characters of Crockford's base 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArticleId(u64);

impl ArticleId {
    /// The id of the article at a URL.
    #[must_use]
    pub fn of_url(url: &CanonicalUrl) -> Self {
        Self::hash(&["url", url.key()])
    }

    /// The id of an article without a URL, from its outlet and the outlet's reference to it.
    #[must_use]
    pub fn of_reference(outlet: &OutletId, reference: &str) -> Self {
        Self::hash(&["ref", outlet.as_str(), reference])
    }

    fn hash(parts: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let digest = hasher.finalize();
        let head: [u8; 8] = digest[..8].try_into().expect("a SHA-256 digest has 32 bytes");
        Self(u64::from_le_bytes(head) >> (64 - ID_BITS))
    }

    /// The id as a number below 2^60, for stores.
    #[must_use]
    pub fn as_i64(self) -> i64 {
        i64::try_from(self.0).expect("ids are below 2^60")
    }

    /// The id read back from a store.
    ///
    /// # Errors
    /// When the number is not in 0..2^60.
    pub fn from_i64(n: i64) -> Result<Self, IdError> {
        match u64::try_from(n) {
            Ok(n) if n >> ID_BITS == 0 => Ok(Self(n)),
            _ => Err(IdError { kind: "article id", value: n.to_string(), expected: "a number in 0..2^60" }),
        }
    }

    /// Parses the printed form.
    ///
    /// # Errors
    /// When the text is not 12 characters of Crockford's base 32.
    pub fn parse(s: &str) -> Result<Self, IdError> {
        let digits = s.bytes().map(|b| ALPHABET.iter().position(|&a| a == b.to_ascii_lowercase()));
        let mut n = 0u64;
        let mut count = 0;
        for digit in digits {
            count += 1;
            match digit {
                Some(d) if count <= ID_CHARS => n = n << 5 | d as u64,
                _ => count = u32::MAX / 2,
            }
        }
        if count == ID_CHARS {
            Ok(Self(n))
        } else {
            Err(IdError {
                kind: "article id",
                value: s.to_owned(),
                expected: "12 characters as printed by search or show",
            })
        }
    }
}

impl fmt::Display for ArticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for i in (0..ID_CHARS).rev() {
            let digit = usize::try_from(self.0 >> (5 * i) & 31).expect("five bits fit");
            write!(f, "{}", char::from(ALPHABET[digit]))?;
        }
        Ok(())
    }
}

impl FromStr for ArticleId {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        Self::parse(s)
    }
}

/// A story, identified by the article it began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoryId(ArticleId);

impl StoryId {
    /// The story that begins with an article.
    #[must_use]
    pub fn beginning_with(article: ArticleId) -> Self {
        Self(article)
    }

    /// The article the story began with.
    #[must_use]
    pub fn first_article(self) -> ArticleId {
        self.0
    }

    /// Parses the printed form, which is that of the article.
    ///
    /// # Errors
    /// As [`ArticleId::parse`].
    pub fn parse(s: &str) -> Result<Self, IdError> {
        ArticleId::parse(s).map(Self)
    }
}

impl fmt::Display for StoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for StoryId {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        Self::parse(s)
    }
}

/// A case on the duty desk, numbered in the order of opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(i64);

impl CaseId {
    /// The case with a number.
    ///
    /// # Errors
    /// When the number is not positive.
    pub fn new(n: i64) -> Result<Self, IdError> {
        if n > 0 {
            Ok(Self(n))
        } else {
            Err(IdError { kind: "case number", value: n.to_string(), expected: "a positive number" })
        }
    }

    /// The number.
    #[must_use]
    pub fn as_i64(self) -> i64 {
        self.0
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CaseId {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        s.trim_start_matches('#').parse::<i64>().ok().and_then(|n| Self::new(n).ok()).ok_or(IdError {
            kind: "case number",
            value: s.to_owned(),
            expected: "a positive number",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_accept_only_their_form() {
        for (input, ok) in [("tuoi-tre", true), ("a", true), ("", false), ("-a", false), ("A", false), ("a/b", false)] {
            assert_eq!(OutletId::parse(input).is_ok(), ok, "{input}");
        }
        for (input, ok) in [("a/b", true), ("a", false), ("a/b/c", false), ("/b", false)] {
            assert_eq!(ChannelId::parse(input).is_ok(), ok, "{input}");
        }
        for (input, kind) in [
            ("2026-11-21", Some(EditionKind::Digest)),
            ("2026-11-21-bat-cap", Some(EditionKind::Bulletin)),
            ("2026-11-21-dinh-chinh-12", Some(EditionKind::Correction)),
            ("2026-02-30", None),
            ("2026-11-2", None),
            ("2026-11-21-", None),
            ("2026-11-21-dinh-chinh-", None),
            ("2026-11-21-dinh-chinh-0", None),
            ("ngày-21-11-26", None),
        ] {
            assert_eq!(EditionId::parse(input).ok().map(|id| id.kind()), kind, "{input}");
        }
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        assert_eq!(EditionId::bulletin_of_day(day).day(), day);
        assert_eq!(EditionId::correction_of_day(day, 3).as_str(), "2026-11-21-dinh-chinh-3");
    }

    #[test]
    fn article_ids_round_trip() {
        let id = ArticleId::of_url(&CanonicalUrl::parse("https://example.vn/a").unwrap());
        assert_eq!(ArticleId::parse(&id.to_string()).unwrap(), id);
        assert_eq!(ArticleId::from_i64(id.as_i64()).unwrap(), id);
        assert_eq!(id.to_string().len(), 12);
        for bad in ["", "0", "0123456789abc", "0123456789a!", "0123456789aé"] {
            assert!(ArticleId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn parts_of_a_hash_do_not_run_together() {
        let a = ArticleId::of_reference(&OutletId::parse("ab").unwrap(), "c");
        let b = ArticleId::of_reference(&OutletId::parse("a").unwrap(), "bc");
        assert_ne!(a, b);
    }
}
