//! The key that signs forms, and comparing in constant time.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use ring::hmac;

/// Signs and checks form tokens.
pub(crate) struct Key(hmac::Key);

impl Key {
    /// Reads the key's file, or makes it, readable by its owner only.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let place = || path.display().to_string();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => make(path).with_context(place)?,
            Err(e) => return Err(e).with_context(place),
        };
        let text = text.trim();
        anyhow::ensure!(text.len() >= 32, "{} holds no key; delete it, a new one is made", path.display());
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())))
    }

    /// The form token that belongs to a seed: a session's token, or that of a login form.
    pub(crate) fn form_token(&self, seed: &str) -> String {
        hmac::sign(&self.0, seed.as_bytes()).as_ref().iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Whether a form token belongs to a seed; takes as long for a wrong one as for the right one.
    pub(crate) fn is_form_token(&self, seed: &str, token: &str) -> bool {
        let bytes: Option<Vec<u8>> =
            token.as_bytes().chunks(2).map(|c| u8::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok()).collect();
        bytes.is_some_and(|b| hmac::verify(&self.0, seed.as_bytes(), &b).is_ok())
    }
}

fn make(path: &Path) -> anyhow::Result<String> {
    use std::os::unix::fs::OpenOptionsExt;
    let (key, _) = diembao_pipeline::new_token()?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{key}")?;
    file.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.key");
        let token = Key::open(&path).unwrap().form_token("a");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = Key::open(&path).unwrap();
        assert!(again.is_form_token("a", &token));
        assert!(!again.is_form_token("b", &token));
        assert!(!again.is_form_token("a", "é"));
        assert!(!again.is_form_token("a", ""));
    }
}
