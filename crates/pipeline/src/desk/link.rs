//! The links in alerts with which their receiver says that a case is taken. The console shows what a link
//! is for and asks before it acts: mail programs open links by themselves.

use std::fs;
use std::io::{ErrorKind, Write};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_mail::{Secret, new_key, seal, unseal};
use diembao_news::CaseId;

use crate::{Home, Pipeline};

/// How long a link works.
const LASTS: TimeDelta = TimeDelta::days(3);

/// Characters of a key.
const MIN_KEY: usize = 32;

/// What a link stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckLink {
    /// The case.
    pub case: CaseId,
    /// Whose alert it was in: who acts by it.
    pub who: String,
    /// Until when it works.
    pub until: DateTime<Utc>,
}

/// The sealed word of a link; the console serves it at `/nhan/WORD`.
///
/// # Errors
/// When the key can be neither read nor made.
pub fn ack_link(home: &Home, case: CaseId, who: &str, now: DateTime<Utc>) -> anyhow::Result<String> {
    let until = (now + LASTS).timestamp();
    Ok(seal(&key(home)?, &format!("ack/{case}/{until}/{who}")))
}

/// What a sealed word stands for; none when it was not made here, or its time is over.
///
/// # Errors
/// When the key cannot be read.
pub fn read_ack_link(p: &Pipeline, word: &str) -> anyhow::Result<Option<AckLink>> {
    let Some(text) = unseal(&key(&p.home)?, word) else {
        return Ok(None);
    };
    let mut parts = text.splitn(4, '/');
    let link = (|| {
        let ("ack", case, until, who) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?) else {
            return None;
        };
        let until = DateTime::from_timestamp(until.parse().ok()?, 0)?;
        Some(AckLink { case: case.parse().ok()?, who: who.to_owned(), until })
    })();
    Ok(link.filter(|link| p.clock.now() < link.until))
}

/// The key of the home, made at its first use and readable by its owner only.
fn key(home: &Home) -> anyhow::Result<Secret> {
    let path = home.root.join(&home.settings.desk.link_key);
    match fs::read_to_string(&path) {
        Ok(text) if text.trim().len() >= MIN_KEY => return Ok(Secret::new(text.trim().to_owned())),
        Ok(_) => anyhow::bail!("{} holds no key: {MIN_KEY} characters at least", path.display()),
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        Err(e) => return Err(e).with_context(|| path.display().to_string()),
    }
    let made = new_key().map_err(anyhow::Error::msg)?;
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&new).and_then(|mut file| {
        file.write_all(made.as_bytes())?;
        file.sync_all()?;
        // Fails when another process was faster: then its key counts.
        match fs::hard_link(&new, &path) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(e),
            _ => fs::read_to_string(&path),
        }
    });
    let _ = fs::remove_file(&new);
    let text = written.with_context(|| path.display().to_string())?;
    Ok(Secret::new(text.trim().to_owned()))
}
