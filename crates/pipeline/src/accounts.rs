//! Users, passwords and tokens: what the command line and the console share.
//!
//! A login answers the same, after the same work, whether the name exists or not. Passwords are
//! kept as argon2id; of a token only its SHA-256 is kept, so a copied store opens no door.

use anyhow::Context;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_store::{AuditEntry, Session, User};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

use crate::Pipeline;

/// The shortest password, in characters.
pub const MIN_PASSWORD: usize = 12;
/// The longest password, in bytes: more would only be work for the hash.
const MAX_PASSWORD: usize = 1024;
/// Failed logins are counted over this long.
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Failed logins of one name from one address, of one name, of one address.
const LIMITS: [i64; 3] = [5, 50, 30];
/// A hash nobody has the password of: what an unknown name is compared with.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y2hhbmcgY28gYWkgY2E$5cR0cJ3IvR8y1o9tP3S5m0yk0b0G5y2pQv1sC1kqJ0Y";

/// A password that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("the password is shorter than {MIN_PASSWORD} characters; take a longer one, such as four words")]
    Short,
    /// Too long.
    #[error("the password is longer than 1024 bytes; take a shorter one")]
    Long,
    /// It says who it belongs to.
    #[error("the password holds the login name; take another")]
    HoldsName,
    /// One character, or a run of them.
    #[error("the password is made of too few different characters; take another")]
    Plain,
}

/// How a login ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// They are in; the token goes into their cookie and nowhere else.
    Welcome {
        /// Who.
        user: User,
        /// Their new session's token.
        token: String,
    },
    /// The name or the password is wrong, or the user is disabled: nobody is told which.
    Refused,
    /// Too many failures; the next try counts after some minutes.
    Locked,
}

/// Somebody who wants to come in.
#[derive(Clone)]
pub struct Credentials {
    /// The login name as typed.
    pub name: String,
    /// The password as typed.
    pub password: String,
    /// From where.
    pub address: String,
}

/// Hashes a password for the store: argon2id, 19 MiB, two passes. Takes tens of milliseconds.
///
/// # Errors
/// When the password is not to be taken, or the system gives no random bytes.
pub fn hash_password(name: &str, password: &str) -> anyhow::Result<String> {
    check_password(name, password)?;
    let mut salt = [0_u8; 16];
    fill(&mut salt)?;
    let hash = argon2::Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|e| anyhow::anyhow!("the password cannot be hashed: {e}"))?;
    Ok(hash.to_string())
}

fn check_password(name: &str, password: &str) -> Result<(), PasswordError> {
    let different: std::collections::HashSet<char> = password.chars().collect();
    if password.chars().count() < MIN_PASSWORD {
        Err(PasswordError::Short)
    } else if password.len() > MAX_PASSWORD {
        Err(PasswordError::Long)
    } else if !name.is_empty() && password.to_lowercase().contains(&name.to_lowercase()) {
        Err(PasswordError::HoldsName)
    } else if different.len() < 5 {
        Err(PasswordError::Plain)
    } else {
        Ok(())
    }
}

fn is_password(hash: &str, password: &str) -> bool {
    password.len() <= MAX_PASSWORD && argon2::Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

/// Whether a login name may be given: 2 to 40 of a-z, 0-9, dot, hyphen and underscore.
#[must_use]
pub fn is_login_name(name: &str) -> bool {
    (2..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
}

/// A new token of 256 random bits, and what the store keeps of it.
///
/// # Errors
/// When the system gives no random bytes.
pub fn new_token() -> anyhow::Result<(String, String)> {
    let mut bytes = [0_u8; 32];
    fill(&mut bytes)?;
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let kept = token_hash(&token);
    Ok((token, kept))
}

/// What the store keeps of a token: its SHA-256 in hexadecimal.
#[must_use]
pub fn token_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

fn fill(bytes: &mut [u8]) -> anyhow::Result<()> {
    SystemRandom::new().fill(bytes).ok().context("the system gives no random bytes")
}

/// Lets somebody in who knows the password: a new session each time, never one that was there.
///
/// # Errors
/// When the store fails.
pub async fn sign_in(p: &Pipeline, who: Credentials) -> anyhow::Result<SignIn> {
    let now = p.clock.now();
    let name = who.name.trim().to_lowercase();
    let name: String = name.chars().take(64).collect();
    let counted = counted(&name, &who.address);
    if is_locked(p, &counted, now).await? {
        audit(p, entry(now, (&name, "login.locked"), &who.address)).await?;
        return Ok(SignIn::Locked);
    }
    let kept = p.store.password_of(&name).await?;
    let hash = kept.clone().unwrap_or_else(|| NOBODY.to_owned());
    let right = tokio::task::spawn_blocking(move || is_password(&hash, &who.password)).await?;
    let user = if right && kept.is_some() { p.store.user(&name).await? } else { None };
    let Some(user) = user.filter(|u| u.disabled_at.is_none()) else {
        p.store.record_login_failure(&counted, now - WINDOW, now).await?;
        audit(p, entry(now, (&name, "login.refused"), &who.address)).await?;
        return Ok(SignIn::Refused);
    };
    for what in &counted[..2] {
        p.store.forgive_login_failures(what).await?;
    }
    let token = open_session(p, &user, &who.address).await?;
    Ok(SignIn::Welcome { user, token })
}

/// Opens a session for a user whom the caller knows to be who they say.
///
/// # Errors
/// When the store fails.
pub async fn open_session(p: &Pipeline, user: &User, address: &str) -> anyhow::Result<String> {
    let now = p.clock.now();
    let (token, kept) = new_token()?;
    let address = address.to_owned();
    let session =
        Session { token: kept, user: user.name.clone(), created_at: now, seen_at: now, address: address.clone() };
    p.store.open_session(&session).await?;
    audit(p, entry(now, (&user.name, "login"), &address)).await?;
    Ok(token)
}

fn counted(name: &str, address: &str) -> [String; 3] {
    [format!("both/{name}/{address}"), format!("name/{name}"), format!("from/{address}")]
}

async fn is_locked(p: &Pipeline, counted: &[String; 3], now: DateTime<Utc>) -> anyhow::Result<bool> {
    for (what, limit) in counted.iter().zip(LIMITS) {
        if p.store.login_failures(what, now - WINDOW).await? >= limit {
            return Ok(true);
        }
    }
    Ok(false)
}

fn entry(at: DateTime<Utc>, (actor, action): (&str, &str), address: &str) -> AuditEntry {
    AuditEntry {
        id: 0,
        at,
        actor: actor.to_owned(),
        action: action.to_owned(),
        target: actor.to_owned(),
        detail: String::new(),
        address: address.to_owned(),
    }
}

/// Writes down what somebody did.
///
/// # Errors
/// When the store cannot be written.
pub async fn audit(p: &Pipeline, entry: AuditEntry) -> anyhow::Result<()> {
    p.store.record_audit(&entry).await.context("the audit trail cannot be written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_other() {
        let hash = hash_password("lan", "bốn từ rời nhau").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(is_password(&hash, "bốn từ rời nhau"));
        assert!(!is_password(&hash, "bốn từ rời nha"));
        assert_ne!(hash, hash_password("lan", "bốn từ rời nhau").unwrap(), "the salt is new each time");
    }

    #[test]
    fn weak_passwords_are_not_taken() {
        for (password, why) in [
            ("ngắn", PasswordError::Short),
            ("hoanglan-12345", PasswordError::HoldsName),
            ("aaaaaaaaaaaaaaaa", PasswordError::Plain),
            (&"x1y2z".repeat(300), PasswordError::Long),
        ] {
            assert_eq!(check_password("lan", password), Err(why), "{password}");
        }
        assert_eq!(check_password("lan", "con mèo trèo cây cau"), Ok(()));
    }

    #[test]
    fn nobody_has_the_password_of_nobody_and_it_costs_as_much() {
        assert!(!is_password(NOBODY, ""));
        assert!(argon2::password_hash::phc::PasswordHash::new(NOBODY).is_ok(), "else comparing would be quicker");
    }

    #[test]
    fn login_names() {
        for (name, good) in [("lan.nguyen", true), ("a", false), ("Lan", false), ("1a", false), ("a/../b", false)] {
            assert_eq!(is_login_name(name), good, "{name}");
        }
    }

    #[test]
    fn tokens_are_long_and_kept_as_a_hash() {
        let (token, kept) = new_token().unwrap();
        assert_eq!((token.len(), kept.len()), (43, 64));
        assert_eq!(kept, token_hash(&token));
    }
}
