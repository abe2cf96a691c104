//! Mails as files: for demonstrations, archives and machines without a mail server.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{MailError, SendOutcome};

pub(crate) fn prepare(path: &Path) -> Result<(), MailError> {
    fs::create_dir_all(path).map_err(|source| MailError::Folder { path: path.to_owned(), source })
}

/// Writes the mail under a name made from its Message-ID: whole or not at all, and never twice.
pub(crate) async fn write(folder: &Path, message_id: &str, mail: Vec<u8>) -> SendOutcome {
    let target = folder.join(file_name(message_id));
    let name = target.display().to_string();
    match tokio::task::spawn_blocking(move || write_atomically(&target, &mail, Keep::ThroughPowerCuts)).await {
        Ok(Ok(())) => SendOutcome::Sent { reply: format!("written to {name}") },
        Ok(Err(error)) => SendOutcome::Deferred { reply: format!("{name} cannot be written: {error}") },
        Err(error) => SendOutcome::Deferred { reply: format!("{name} was not written: {error}") },
    }
}

/// How hard a file is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    ThroughPowerCuts,
    ThroughCrashes,
}

pub(crate) fn write_atomically(target: &Path, bytes: &[u8], keep: Keep) -> io::Result<()> {
    // One temporary name per target: a crash leaves at most one, and the next try overwrites it.
    let temporary = target.with_extension("tmp");
    let mut file = fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    if keep == Keep::ThroughPowerCuts {
        file.sync_all()?;
    }
    fs::rename(&temporary, target)
}

/// The readable part of the Message-ID, and a hash where anything had to be left out.
pub(crate) fn file_name(message_id: &str) -> String {
    let id = message_id.trim_matches(['<', '>', ' ']);
    let plain: String = id
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '@' | '_') { c } else { '_' })
        .take(120)
        .collect();
    let plain = plain.trim_start_matches('.');
    if plain == id && !id.is_empty() {
        return format!("{plain}.eml");
    }
    let hash: String = Sha256::digest(id.as_bytes()).iter().take(6).map(|b| format!("{b:02x}")).collect();
    format!("thu-{plain}-{hash}.eml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_safe_and_distinct() {
        assert_eq!(file_name("<2026-11-21.a.ff@byt.example>"), "2026-11-21.a.ff@byt.example.eml");
        for hostile in ["<../../etc/passwd>", "<a/b>", "<.>", "<>", "<a\0b>", "<ă@b>"] {
            let name = file_name(hostile);
            assert!(!name.contains(['/', '\0']) && !name.starts_with('.') && name.ends_with(".eml"), "{name}");
        }
        assert_ne!(file_name("<a/b>"), file_name("<a_b>"));
        assert!(file_name(&format!("<{}>", "x".repeat(5000))).len() < 200);
    }

    #[test]
    fn writing_twice_leaves_one_whole_file() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a@b.eml");
        write_atomically(&target, b"first", Keep::ThroughPowerCuts).unwrap();
        write_atomically(&target, b"second", Keep::ThroughCrashes).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"second");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
