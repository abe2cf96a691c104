//! A home in one file: its settings, its rules and a consistent copy of its SQLite store.
//!
//! The file is a tar archive compressed with zstd. Its first member, `manifest.json`, names every
//! other one with its length and SHA-256, so that a restore knows what it holds before it touches
//! anything. The index is left out, because it can be made again from the store; so are secrets, which
//! the settings only name, and the archive of fetched bytes, whose dated files never change.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Pipeline;
use crate::pipeline::{LOCK, lock};

const MANIFEST: &str = "manifest.json";
/// The name of the store inside a backup, whatever it is called in the home.
const STORE: &str = "store.db";
/// Files and folders of a home that a person may have changed.
const WRITTEN_BY_PEOPLE: &[&str] = &["diembao.toml", "feeds.toml", "rules", "registry"];
const LEVEL: i32 = 6;
/// A manifest is a few kilobytes; more is not ours.
const MAX_MANIFEST_BYTES: u64 = 4 << 20;
const BUFFER_BYTES: usize = 1 << 16;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSummary {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// How many files of settings, rules and registry.
    pub n_files: usize,
    /// Bytes of the store's copy; `None`: the store is a PostgreSQL database, and not in the backup.
    pub store_bytes: Option<u64>,
    /// Bytes of the backup itself.
    pub bytes: u64,
}

/// What happens to a home that a restore would overwrite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// The restore is refused.
    Keep,
    /// Its files are moved into a folder `before-restore-…` in the home.
    SetAside,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup held.
    pub backup: BackupSummary,
    /// Where the home's former files are, if it had any.
    pub set_aside: Option<PathBuf>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    made_at: DateTime<Utc>,
    version: String,
    files: BTreeMap<String, Member>,
}

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Member {
    bytes: u64,
    sha256: String,
}

/// The name a backup gets when none is given: `diembao-20261121-063000.tar.zst`, Hà Nội time.
#[must_use]
pub fn backup_name(now: DateTime<Utc>) -> String {
    format!("diembao-{}.tar.zst", now.with_timezone(&Ho_Chi_Minh).format("%Y%m%d-%H%M%S"))
}

/// Writes a backup of a home to a new file, while others go on working.
///
/// # Errors
/// When the file exists, cannot be written, or the store cannot be read.
pub async fn backup(p: &Pipeline, to: &Path) -> anyhow::Result<BackupSummary> {
    ensure!(!to.exists(), "{} exists already; name another file", to.display());
    let dir = to.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
    let work = tempfile::Builder::new().prefix(".diembao-backup-").tempdir_in(&dir)?;
    let store = if p.home.store_url().starts_with("sqlite:") {
        let copy = work.path().join(STORE);
        p.store.backup(&copy).await?;
        Some(copy)
    } else {
        None
    };
    let (root, to, now) = (p.home.root.clone(), to.to_owned(), p.clock.now());
    tokio::task::spawn_blocking(move || {
        let mut files = home_files(&root)?;
        files.extend(store.map(|copy| (STORE.to_owned(), copy)));
        let packed = work.path().join("packed");
        let summary = pack(&files, now, &packed)?;
        // The file has its name only when it is whole and on the disk.
        fs::rename(&packed, &to).with_context(|| to.display().to_string())?;
        Ok(summary)
    })
    .await?
}

/// Puts a backup back into a home that nobody works in. Everything is unpacked beside it and
/// checked first; only then do files change places.
///
/// # Errors
/// When another process works in the home, the backup is damaged or not one, the home has files and `existing` keeps them, or the disk fails.
pub fn restore(from: &Path, root: &Path, existing: Existing, now: DateTime<Utc>) -> anyhow::Result<Restored> {
    fs::create_dir_all(root).with_context(|| root.display().to_string())?;
    let lock_file = root.join(LOCK);
    let _lock = lock_file.exists().then(|| lock(&lock_file)).transpose()?;
    let work = tempfile::Builder::new().prefix(".restore-").tempdir_in(root)?;
    let manifest = unpack(from, work.path()).with_context(|| from.display().to_string())?;
    let store_file = store_file(work.path())?;
    let mut places: Vec<(PathBuf, PathBuf)> = Vec::new();
    for name in manifest.files.keys() {
        let home_name = if name == STORE { store_file.clone() } else { PathBuf::from(name) };
        places.push((work.path().join(name), root.join(home_name)));
    }
    let in_the_way = in_the_way(root, &store_file);
    let set_aside = match (in_the_way.first(), existing) {
        (None, _) => None,
        (Some(first), Existing::Keep) => {
            bail!("{} exists already; nothing was restored", first.display());
        }
        (Some(_), Existing::SetAside) => Some(move_aside(root, &in_the_way, now)?),
    };
    for (unpacked, place) in &places {
        if let Some(dir) = place.parent() {
            fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        }
        fs::rename(unpacked, place).with_context(|| place.display().to_string())?;
    }
    Ok(Restored { backup: summary(&manifest, fs::metadata(from)?.len()), set_aside })
}

/// What a home holds that people wrote, by its path in the home.
fn home_files(root: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for name in WRITTEN_BY_PEOPLE {
        gather(root, Path::new(name), &mut files)?;
    }
    Ok(files)
}

fn gather(root: &Path, name: &Path, files: &mut Vec<(String, PathBuf)>) -> anyhow::Result<()> {
    let path = root.join(name);
    if path.is_file() {
        files.push((name.to_str().context("a file's name is not UTF-8")?.to_owned(), path));
    } else if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(&path)?.collect::<io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            gather(root, &name.join(entry.file_name()), files)?;
        }
    }
    Ok(())
}

fn pack(files: &[(String, PathBuf)], now: DateTime<Utc>, to: &Path) -> anyhow::Result<BackupSummary> {
    let mut manifest =
        Manifest { format: 1, made_at: now, version: env!("CARGO_PKG_VERSION").to_owned(), files: BTreeMap::new() };
    for (name, path) in files {
        let (bytes, sha256) =
            digest(&mut File::open(path)?, &mut io::sink()).with_context(|| path.display().to_string())?;
        manifest.files.insert(name.clone(), Member { bytes, sha256 });
    }
    let mut tar = tar::Builder::new(zstd::Encoder::new(File::create_new(to)?, LEVEL)?);
    let text = serde_json::to_vec_pretty(&manifest)?;
    append(&mut tar, MANIFEST, text.len() as u64, now, &mut text.as_slice())?;
    for (name, path) in files {
        // A file that grew since it was hashed would otherwise damage what follows it.
        let bytes = manifest.files[name].bytes;
        append(&mut tar, name, bytes, now, &mut File::open(path)?.take(bytes))?;
    }
    let file = tar.into_inner()?.finish()?;
    file.sync_all()?;
    Ok(summary(&manifest, file.metadata()?.len()))
}

fn append(
    tar: &mut tar::Builder<impl Write>,
    name: &str,
    bytes: u64,
    now: DateTime<Utc>,
    content: &mut dyn Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(now.timestamp()).unwrap_or_default());
    tar.append_data(&mut header, name, content)
}

fn summary(manifest: &Manifest, bytes: u64) -> BackupSummary {
    let store_bytes = manifest.files.get(STORE).map(|m| m.bytes);
    let n_files = manifest.files.len() - usize::from(store_bytes.is_some());
    BackupSummary { made_at: manifest.made_at, n_files, store_bytes, bytes }
}

/// Unpacks a backup into a folder and checks every file against the manifest.
fn unpack(from: &Path, into: &Path) -> anyhow::Result<Manifest> {
    let not_one = "this is not a backup of diembao, or it is damaged";
    let mut archive = tar::Archive::new(zstd::Decoder::new(File::open(from)?).context(not_one)?);
    let mut entries = archive.entries().context(not_one)?;
    let first = entries.next().context(not_one)?.context(not_one)?;
    ensure!(first.path_bytes().as_ref() == MANIFEST.as_bytes(), not_one);
    let manifest: Manifest = serde_json::from_reader(first.take(MAX_MANIFEST_BYTES)).context(not_one)?;
    ensure!(manifest.format == 1, "the backup was made by a newer diembao ({}); update this one", manifest.version);
    let mut n_found = 0;
    for entry in entries {
        let mut entry = entry.context(not_one)?;
        let name = String::from_utf8(entry.path_bytes().into_owned()).context(not_one)?;
        let wanted = manifest.files.get(&name).with_context(|| format!("{name} is not in the manifest"))?;
        ensure!(is_ours(&name), "{name} is not a file of a home");
        let place = into.join(&name);
        fs::create_dir_all(place.parent().unwrap_or(into))?;
        let mut file = File::create_new(&place).with_context(|| name.clone())?;
        let (bytes, sha256) = digest(&mut entry.by_ref().take(wanted.bytes), &mut file)?;
        ensure!(*wanted == Member { bytes, sha256 }, "{name} is damaged: it is not what was saved");
        file.sync_all()?;
        n_found += 1;
    }
    ensure!(n_found == manifest.files.len(), "files of the manifest are missing: the backup was cut off");
    Ok(manifest)
}

/// Whether a name is one a backup may bring: below the home, and a kind of file we save.
fn is_ours(name: &str) -> bool {
    let path = Path::new(name);
    let plain = path.components().all(|c| matches!(c, Component::Normal(_)));
    let top = path.components().next().and_then(|c| c.as_os_str().to_str()).unwrap_or_default();
    plain && (name == STORE || WRITTEN_BY_PEOPLE.contains(&top))
}

/// Copies bytes and tells their number and their SHA-256.
fn digest(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut bytes = 0;
    loop {
        let n = from.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        hash.update(&buffer[..n]);
        to.write_all(&buffer[..n])?;
        bytes += n as u64;
    }
    Ok((bytes, hash.finalize().iter().map(|b| format!("{b:02x}")).collect()))
}

/// The name the restored settings give the store's file.
fn store_file(unpacked: &Path) -> anyhow::Result<PathBuf> {
    let text = fs::read_to_string(unpacked.join("diembao.toml")).context("the backup has no diembao.toml")?;
    let settings = crate::settings::parse(&text, "diembao.toml").map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(lines.join("\n"))
    })?;
    Ok(PathBuf::from(settings.store.url.strip_prefix("sqlite:").unwrap_or(STORE)))
}

/// What of a home a restore would overwrite or contradict; the index is derived from a store that goes.
fn in_the_way(root: &Path, store_file: &Path) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = WRITTEN_BY_PEOPLE.iter().map(PathBuf::from).collect();
    let store = store_file.as_os_str().to_string_lossy();
    names.extend(["", "-wal", "-shm"].map(|suffix| PathBuf::from(format!("{store}{suffix}"))));
    names.push("index".into());
    names.into_iter().map(|name| root.join(name)).filter(|path| path.exists()).collect()
}

fn move_aside(root: &Path, paths: &[PathBuf], now: DateTime<Utc>) -> anyhow::Result<PathBuf> {
    let stamp = now.with_timezone(&Ho_Chi_Minh).to_rfc3339_opts(SecondsFormat::Millis, true).replace(':', "");
    let aside = root.join(format!("before-restore-{stamp}"));
    fs::create_dir(&aside).with_context(|| aside.display().to_string())?;
    for path in paths {
        let name = path.strip_prefix(root).map_or_else(|_| path.file_name().unwrap_or_default().into(), Path::to_owned);
        let place = aside.join(name);
        fs::create_dir_all(place.parent().unwrap_or(&aside))?;
        fs::rename(path, &place).with_context(|| path.display().to_string())?;
    }
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hostile(name: &str, content: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (bytes, sha256) = digest(&mut &content[..], &mut io::sink()).unwrap();
        let files = BTreeMap::from([(name.to_owned(), Member { bytes, sha256 })]);
        let manifest = Manifest { format: 1, made_at: DateTime::UNIX_EPOCH, version: "0".into(), files };
        let mut tar = tar::Builder::new(zstd::Encoder::new(file.reopen().unwrap(), 1).unwrap());
        for (name, content) in [(MANIFEST, serde_json::to_vec(&manifest).unwrap()), (name, content.to_vec())] {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            // The library refuses such names; a hostile archive is written without it.
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            tar.append(&header, content.as_slice()).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
        file
    }

    #[test]
    fn a_backup_cannot_write_outside_the_home() {
        for name in ["../outside", "/tmp/outside", "rules/../../outside", ".bashrc", "index/x"] {
            let home = tempfile::tempdir().unwrap();
            let file = hostile(name, b"x");
            let error = restore(file.path(), home.path(), Existing::SetAside, DateTime::UNIX_EPOCH).unwrap_err();
            assert!(format!("{error:#}").contains("not a file of a home"), "{error:#}");
            assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn what_is_no_backup_says_so() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("x.tar.zst");
        for content in [&b""[..], b"not a backup", &zstd::bulk::compress(b"neither", 1).unwrap()] {
            fs::write(&file, content).unwrap();
            let error = restore(&file, home.path(), Existing::Keep, DateTime::UNIX_EPOCH).unwrap_err();
            assert!(format!("{error:#}").contains("not a backup"), "{error:#}");
        }
    }
}
