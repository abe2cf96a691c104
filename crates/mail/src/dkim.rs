//! Signs mails so that receivers know which domain sent them (DKIM, RFC 6376; Ed25519 by RFC 8463).
//!
//! Written here and not taken from a library because `ring`, which encrypts the connections already,
//! signs in constant time; the crates usually used for it do not.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use crate::MailError;

/// What is signed, where a mail has it. `from` stands twice: no second one can be added unseen.
const SIGNED: &[&str] = &[
    "from",
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-id",
    "list-unsubscribe",
    "auto-submitted",
];

/// A domain's key, with which its mails are signed.
#[derive(Clone)]
pub struct Dkim {
    domain: String,
    selector: String,
    key: Arc<Key>,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl fmt::Debug for Dkim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dkim({}._domainkey.{})", self.selector, self.domain)
    }
}

impl Dkim {
    /// Takes a domain, the selector under which its public key stands in DNS, and the private key:
    /// RSA of at least 2048 bits (PKCS#1 or PKCS#8) or Ed25519 (PKCS#8), as PEM.
    ///
    /// # Errors
    /// When domain or selector are no names, or the key is none that can sign.
    pub fn new(domain: &str, selector: &str, key_pem: &[u8]) -> Result<Self, MailError> {
        for (key, name) in [("dkim.domain", domain), ("dkim.selector", selector)] {
            if !is_name(name) {
                return Err(MailError::Setting { key, reason: format!("{name:?} is no DNS name") });
            }
        }
        let key = key_from(key_pem).map_err(|reason| MailError::Setting { key: "dkim.key", reason })?;
        Ok(Self { domain: domain.to_owned(), selector: selector.to_owned(), key: Arc::new(key) })
    }

    /// The mail with its signature before it. `at` is the time of signing, in seconds since 1970.
    pub(crate) fn sign(&self, mail: Vec<u8>, at: i64) -> Vec<u8> {
        let Some((head, body)) = split(&mail) else { return mail };
        let headers = fields(head);
        let names: Vec<&str> = present(&headers).map(|(name, _)| name).collect();
        let algorithm = match *self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let hash = STANDARD.encode(Sha256::digest(relaxed_body(body)));
        let unsigned = format!(
            "v=1; a={algorithm}; c=relaxed/relaxed; d={}; s={};\r\n t={at}; h={};\r\n bh={hash};\r\n b=",
            self.domain,
            self.selector,
            names.join(":\r\n  "),
        );
        let mut text = String::new();
        for (name, value) in present(&headers) {
            if let Some(value) = value {
                text.push_str(&format!("{name}:{}\r\n", relaxed_value(value)));
            }
        }
        text.push_str(&format!("dkim-signature:{}", relaxed_value(&unsigned)));
        let Some(signature) = self.key.sign(text.as_bytes()) else {
            return mail;
        };
        let mut signed = format!("DKIM-Signature: {unsigned}{}\r\n", folded(&STANDARD.encode(signature))).into_bytes();
        signed.extend_from_slice(&mail);
        signed
    }
}

impl Key {
    fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
                Some(signature)
            }
            // RFC 8463, 3: the hash is what is signed.
            Self::Ed25519(key) => Some(key.sign(&Sha256::digest(text)).as_ref().to_vec()),
        }
    }
}

fn key_from(pem: &[u8]) -> Result<Key, String> {
    let der = PrivateKeyDer::from_pem_slice(pem).map_err(|e| format!("no private key in PEM: {e}"))?;
    let rsa = |key: Result<RsaKeyPair, ring::error::KeyRejected>| {
        key.map(|k| Key::Rsa(Box::new(k))).map_err(|e| format!("the key cannot sign: {e}"))
    };
    match &der {
        PrivateKeyDer::Pkcs1(der) => rsa(RsaKeyPair::from_der(der.secret_pkcs1_der())),
        PrivateKeyDer::Pkcs8(der) => match Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der()) {
            Ok(key) => Ok(Key::Ed25519(Box::new(key))),
            Err(_) => rsa(RsaKeyPair::from_pkcs8(der.secret_pkcs8_der())),
        },
        _ => Err("neither RSA nor Ed25519".to_owned()),
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

fn split(mail: &[u8]) -> Option<(&str, &[u8])> {
    let end = mail.windows(4).position(|w| w == b"\r\n\r\n")?;
    Some((std::str::from_utf8(&mail[..end + 2]).ok()?, &mail[end + 4..]))
}

/// Names in small letters, values with their folds.
fn fields(head: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in head.split_inclusive("\r\n") {
        match (fields.last_mut(), line.starts_with([' ', '\t'])) {
            (Some((_, value)), true) => value.push_str(line),
            _ => {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                fields.push((name.trim().to_ascii_lowercase(), value.to_owned()));
            }
        }
    }
    fields
}

/// The names to sign, each with its value; a name that stands once more than the mail has it has none.
fn present(fields: &[(String, String)]) -> impl Iterator<Item = (&'static str, Option<&str>)> {
    SIGNED.iter().enumerate().filter_map(|(i, name)| {
        let mut values = fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let earlier = SIGNED[..i].iter().filter(|n| *n == name).count();
        match values.nth(earlier) {
            Some(value) => Some((*name, Some(value))),
            None if earlier > 0 => Some((*name, None)),
            None => None,
        }
    })
}

/// RFC 6376, 3.4.2.
fn relaxed_value(value: &str) -> String {
    value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// RFC 6376, 3.4.4.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len());
    let mut n_empty = 0;
    for line in body.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let words: Vec<&[u8]> = line.split(|b| matches!(b, b' ' | b'\t')).filter(|w| !w.is_empty()).collect();
        if words.is_empty() {
            n_empty += 1;
            continue;
        }
        relaxed.extend(std::iter::repeat_n(*b"\r\n", n_empty).flatten());
        n_empty = 0;
        if matches!(line.first(), Some(b' ' | b'\t')) {
            relaxed.push(b' ');
        }
        relaxed.extend(words.join(&b' '));
        relaxed.extend_from_slice(b"\r\n");
    }
    relaxed
}

fn folded(text: &str) -> String {
    let pieces: Vec<&str> = text.as_bytes().chunks(70).map(|c| std::str::from_utf8(c).unwrap_or_default()).collect();
    pieces.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_relaxed_as_the_rfc_shows() {
        assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        assert_eq!(relaxed_body(b""), b"");
        assert_eq!(relaxed_body(b"\r\n\r\n"), b"");
        assert_eq!(relaxed_body(b"a\r\n\r\nb"), b"a\r\n\r\nb\r\n");
        // RFC 8463, A.3.
        let body = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
        assert_eq!(STANDARD.encode(Sha256::digest(relaxed_body(body))), "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
    }

    #[test]
    fn headers_are_relaxed_as_the_rfc_shows() {
        let fields = fields("A: X\r\nB : Y\t\r\n\tZ  \r\n");
        let relaxed: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), relaxed_value(v))).collect();
        assert_eq!(relaxed, [("a", "X".to_owned()), ("b", "Y Z".to_owned())]);
    }

    #[test]
    fn from_is_signed_once_more_than_it_stands() {
        let fields = fields("From: a\r\nTo: b\r\nSubject: c\r\n");
        let names: Vec<_> = present(&fields).collect();
        assert_eq!(
            names,
            [("from", Some(" a\r\n")), ("from", None), ("to", Some(" b\r\n")), ("subject", Some(" c\r\n"))]
        );
    }

    #[test]
    fn what_cannot_sign_is_refused() {
        let key = |domain: &str, selector: &str, pem: &str| match Dkim::new(domain, selector, pem.as_bytes()) {
            Err(MailError::Setting { key, .. }) => key,
            other => panic!("{other:?}"),
        };
        assert_eq!(key("byt example", "s", ""), "dkim.domain");
        assert_eq!(key("byt.example", "s;x", ""), "dkim.selector");
        assert_eq!(
            key("byt.example", "s", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            "dkim.key"
        );
    }
}
