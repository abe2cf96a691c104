//! Sealed words: a text with its HMAC-SHA256, fit for an address in a mail, that nobody without the key
//! can make or change.

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::Secret;

const KEY_BYTES: usize = 32;

/// A new random key, in hexadecimal.
///
/// # Errors
/// When the system gives no random numbers.
pub fn new_key() -> Result<String, String> {
    let mut bytes = [0_u8; KEY_BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| "the system gives no random numbers".to_owned())?;
    Ok(hex(&bytes))
}

/// The text sealed: hexadecimal, a dot, the tag.
#[must_use]
pub fn seal(key: &Secret, text: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.reveal().as_bytes()), text.as_bytes());
    format!("{}.{}", hex(text.as_bytes()), hex(tag.as_ref()))
}

/// The text of sealed words; none when they were not sealed with this key. Takes the same time
/// whatever the tag is.
#[must_use]
pub fn unseal(key: &Secret, sealed: &str) -> Option<String> {
    let (text, tag) = sealed.split_once('.')?;
    let (text, tag) = (unhex(text)?, unhex(tag)?);
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key.reveal().as_bytes()), &text, &tag).ok()?;
    String::from_utf8(text).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(s: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        s.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_is_opened() {
        let key = Secret::new(new_key().unwrap());
        let sealed = seal(&key, "ack/12/truc@example.vn");
        assert_eq!(unseal(&key, &sealed).as_deref(), Some("ack/12/truc@example.vn"));
        let forged = seal(&Secret::new("khác".to_owned()), "ack/12/truc@example.vn");
        for other in [forged.as_str(), "", ".", "zz.zz", &sealed[..sealed.len() - 1], &sealed.replacen('6', "7", 1)] {
            assert_eq!(unseal(&key, other), None, "{other}");
        }
        assert_ne!(new_key().unwrap(), new_key().unwrap());
    }
}
