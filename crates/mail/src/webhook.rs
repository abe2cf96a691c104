//! The second channel: a signed JSON message to an address of one's own (a chat room, a pager), for
//! when mail itself is what fails.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Client, StatusCode, Url};
use ring::hmac;

use crate::https::{self, is_loopback};
use crate::{MailError, Secret, SendOutcome};

/// How long the receiver may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// An address that takes messages.
pub struct Webhook {
    url: Url,
    secret: Secret,
    client: Client,
}

impl fmt::Debug for Webhook {
    /// Without path and query: with many receivers they are the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({})", self.url.host_str().unwrap_or_default())
    }
}

impl Webhook {
    /// Takes the address, which must be https outside this machine, and the secret both sides know.
    ///
    /// # Errors
    /// When the address is none or would be spoken to unencrypted.
    pub fn new(url: &str, secret: Secret) -> Result<Self, MailError> {
        let setting = |reason: String| MailError::Setting { key: "webhook", reason };
        let url = Url::parse(url).map_err(|e| setting(e.to_string()))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(MailError::Unencrypted { host }),
            scheme => return Err(setting(format!("{scheme} is neither http nor https"))),
        }
        let client = https::client(PATIENCE).map_err(setting)?;
        Ok(Self { url, secret, client })
    }

    /// Sends one message. `id` names it, the same at every try; `at` is the time of sending, which
    /// the signature covers, so that an old message cannot be played again.
    pub async fn post(&self, id: &str, json: &str, at: DateTime<Utc>) -> SendOutcome {
        let request = self
            .client
            .post(self.url.clone())
            .header("Content-Type", "application/json")
            .header("X-Diembao-Id", id)
            .header("X-Diembao-Signature", signature(&self.secret, at, json))
            .body(json.to_owned());
        match request.send().await {
            Ok(response) => outcome(response.status()),
            Err(error) if error.is_builder() => SendOutcome::Bounced { reply: error.without_url().to_string() },
            Err(error) => SendOutcome::Deferred { reply: error.without_url().to_string() },
        }
    }
}

/// The value of `X-Diembao-Signature`: `t=` the time in seconds since 1970, `v1=` the HMAC-SHA256 in
/// hexadecimal of that number, a dot and the body.
#[must_use]
pub fn signature(secret: &Secret, at: DateTime<Utc>, body: &str) -> String {
    let time = at.timestamp();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let tag: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    format!("t={time},v1={tag}")
}

fn outcome(status: StatusCode) -> SendOutcome {
    let reply = format!("status {}", status.as_u16());
    match status.as_u16() {
        200..=299 => SendOutcome::Sent { reply },
        408 | 425 | 429 | 500..=599 => SendOutcome::Deferred { reply },
        _ => SendOutcome::Bounced { reply },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn the_signature_is_the_documented_one() {
        let at = Utc.with_ymd_and_hms(2026, 11, 21, 0, 0, 0).unwrap();
        let secret = Secret::new("khoa".to_owned());
        // printf '1795219200.{}' | openssl dgst -sha256 -hmac khoa
        assert_eq!(signature(&secret, at, "{}"), EXPECTED);
        assert_ne!(signature(&secret, at, "{ }"), EXPECTED);
    }

    const EXPECTED: &str = "t=1795219200,v1=1aecf5ef985bf0b20e03e5df1393c339b6f21a290e9bcdd317af2b57eb28dc16";

    #[test]
    fn only_encrypted_addresses_are_taken() {
        let make = |url: &str| Webhook::new(url, Secret::new("x".to_owned()));
        assert!(matches!(make("http://chat.byt.example/x"), Err(MailError::Unencrypted { .. })));
        assert!(matches!(make("ftp://chat.byt.example/x"), Err(MailError::Setting { .. })));
        assert!(matches!(make("chat"), Err(MailError::Setting { .. })));
        let hook = make("https://chat.byt.example/hooks/bi-mat?key=bi-mat").unwrap();
        assert!(!format!("{hook:?}").contains("bi-mat"));
    }
}
