//! The index folder: one generation is in use, the file `CURRENT` names it.
//!
//! ```text
//! index/CURRENT     the name of the generation in use
//! index/LOCK        held by the one process that writes
//! index/g000001/    a generation: a tantivy index and the file VERSION
//! ```
//! A rebuild makes the next generation beside the current one and then replaces `CURRENT`, so that a crash at any
//! instant leaves the old index or the new one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};
use tantivy::{IndexReader, IndexSettings, ReloadPolicy, TantivyError};

use crate::SearchError;
use crate::schema::{Fields, VERSION, schema, tokenizers};

const CURRENT: &str = "CURRENT";
const LOCK: &str = "LOCK";
const VERSION_FILE: &str = "VERSION";
const FIRST: &str = "g000001";

/// An open generation.
#[derive(Clone)]
pub(crate) struct Open {
    pub(crate) index: tantivy::Index,
    pub(crate) reader: IndexReader,
    pub(crate) fields: Fields,
    /// Which generation, and which commit of it.
    pub(crate) stamp: Stamp,
}

/// What changes when the index on disk does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) generation: String,
    commit: Option<(SystemTime, u64)>,
}

/// The right to write; given back when dropped.
#[derive(Debug)]
pub(crate) struct WriteLock {
    _file: File,
}

/// Takes the right to write.
pub(crate) fn lock(dir: &Path) -> Result<WriteLock, SearchError> {
    fs::create_dir_all(dir).map_err(|e| io_error(dir, e))?;
    let path = dir.join(LOCK);
    let open = OpenOptions::new().write(true).create(true).truncate(false).open(path);
    let file = open.map_err(|e| io_error(dir, e))?;
    match file.try_lock() {
        Ok(()) => Ok(WriteLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(SearchError::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(e)) => Err(io_error(dir, e)),
    }
}

/// What is on disk now; none when there is no index.
pub(crate) fn stamp(dir: &Path) -> Result<Option<Stamp>, SearchError> {
    let generation = match fs::read_to_string(dir.join(CURRENT)) {
        Ok(name) => name.trim().to_owned(),
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io_error(dir, e)),
    };
    if !is_generation(&generation) {
        return Err(SearchError::Corrupt { dir: dir.to_owned(), what: format!("CURRENT names {generation:?}") });
    }
    let meta = fs::metadata(dir.join(&generation).join("meta.json")).ok();
    let commit = meta.and_then(|m| Some((m.modified().ok()?, m.len())));
    Ok(Some(Stamp { generation, commit }))
}

fn is_generation(name: &str) -> bool {
    name.len() == FIRST.len() && name.starts_with('g') && name[1..].bytes().all(|b| b.is_ascii_digit())
}

/// Opens the generation in use; makes an empty one when there is none.
pub(crate) fn open_or_create(dir: &Path) -> Result<Open, SearchError> {
    if stamp(dir)?.is_none() {
        let lock = lock(dir)?;
        if stamp(dir)?.is_none() {
            sweep(dir, None);
            create(dir, FIRST)?;
            switch(dir, FIRST)?;
        }
        drop(lock);
    }
    open(dir)
}

/// Opens the generation in use.
pub(crate) fn open(dir: &Path) -> Result<Open, SearchError> {
    let mut tries = 0;
    loop {
        let missing = || SearchError::Corrupt { dir: dir.to_owned(), what: "CURRENT is missing".to_owned() };
        let stamp = stamp(dir)?.ok_or_else(missing)?;
        match open_generation(dir, stamp) {
            // A commit or rebuild of another process may have replaced the files between two looks.
            Err(SearchError::Corrupt { .. }) if tries < 3 => tries += 1,
            result => return result,
        }
    }
}

fn open_generation(dir: &Path, stamp: Stamp) -> Result<Open, SearchError> {
    let path = dir.join(&stamp.generation);
    let found = match fs::read_to_string(path.join(VERSION_FILE)) {
        Ok(v) => v.trim().to_owned(),
        Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
        Err(e) => return Err(io_error(dir, e)),
    };
    if found != VERSION {
        if !path.is_dir() {
            return Err(SearchError::Corrupt { dir: dir.to_owned(), what: format!("{} is missing", stamp.generation) });
        }
        return Err(SearchError::Mismatch { dir: dir.to_owned(), found, expected: VERSION });
    }
    let opened = || -> tantivy::Result<Open> {
        let (schema, fields) = schema();
        let mut index = tantivy::Index::open(QuietDirectory::open(&path)?)?;
        if index.schema() != schema {
            return Err(TantivyError::SchemaError("the schema differs from the version's".to_owned()));
        }
        index.set_tokenizers(tokenizers());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Open { index, reader, fields, stamp })
    };
    opened().map_err(|e| engine_error(dir, e))
}

/// Makes an empty generation.
pub(crate) fn create(dir: &Path, generation: &str) -> Result<tantivy::Index, SearchError> {
    let path = dir.join(generation);
    let made = || -> tantivy::Result<tantivy::Index> {
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)?;
        fs::write(path.join(VERSION_FILE), VERSION)?;
        let (schema, _) = schema();
        let settings = IndexSettings { docstore_blocksize: 16 * 1024, ..IndexSettings::default() };
        let mut index = tantivy::Index::create(QuietDirectory::open(&path)?, schema, settings)?;
        index.set_tokenizers(tokenizers());
        Ok(index)
    };
    made().map_err(|e| engine_error(dir, e))
}

/// The name of the generation after the current one.
pub(crate) fn next_generation(dir: &Path) -> Result<String, SearchError> {
    let now = match stamp(dir) {
        Ok(stamp) => stamp.and_then(|s| s.generation[1..].parse::<u32>().ok()).unwrap_or(0),
        Err(SearchError::Corrupt { .. }) => 0,
        Err(e) => return Err(e),
    };
    Ok(format!("g{:06}", if now >= 999_999 { 1 } else { now + 1 }))
}

/// Puts a generation in use, at once and for good.
pub(crate) fn switch(dir: &Path, generation: &str) -> Result<(), SearchError> {
    let put = || -> io::Result<()> {
        let new = dir.join("CURRENT.new");
        let mut file = File::create(&new)?;
        writeln!(file, "{generation}")?;
        file.sync_all()?;
        fs::rename(&new, dir.join(CURRENT))?;
        File::open(dir)?.sync_all()
    };
    put().map_err(|e| io_error(dir, e))
}

/// Removes all generations but one. What cannot be removed stays until the next time.
pub(crate) fn sweep(dir: &Path, keep: Option<&str>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if is_generation(name) && Some(name) != keep {
            _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// An error of the file system, as the caller can act on it.
pub(crate) fn io_error(dir: &Path, source: io::Error) -> SearchError {
    match source.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => SearchError::ReadOnly { dir: dir.to_owned() },
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData => {
            SearchError::Corrupt { dir: dir.to_owned(), what: source.to_string() }
        }
        _ => SearchError::Io { dir: dir.to_owned(), source },
    }
}

/// An error of the engine, as the caller can act on it.
pub(crate) fn engine_error(dir: &Path, e: TantivyError) -> SearchError {
    let own = |e: &io::Error| io::Error::new(e.kind(), e.to_string());
    match e {
        TantivyError::IoError(e) => io_error(dir, own(&e)),
        TantivyError::OpenReadError(OpenReadError::IoError { io_error: e, .. }) => io_error(dir, own(&e)),
        TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: e, .. }) => io_error(dir, own(&e)),
        TantivyError::LockFailure(LockError::LockBusy, _) => SearchError::Locked { dir: dir.to_owned() },
        TantivyError::LockFailure(LockError::IoError(e), _) => io_error(dir, own(&e)),
        other => SearchError::Corrupt { dir: dir.to_owned(), what: other.to_string() },
    }
}

/// The folder of a generation, read without writing: tantivy locks a file even to read,
/// which a folder that cannot be written refuses.
#[derive(Debug, Clone)]
struct QuietDirectory(MmapDirectory);

impl QuietDirectory {
    fn open(path: &Path) -> tantivy::Result<Self> {
        Ok(Self(MmapDirectory::open(path)?))
    }
}

impl Directory for QuietDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.0.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.0.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.0.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.0.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.0.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.0.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.0.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        match self.0.acquire_lock(lock) {
            // The lock keeps files from being removed while they are opened; without it opening is tried again.
            Err(LockError::IoError(_)) if lock.is_blocking => Ok(DirectoryLock::from(Box::new(()))),
            result => result,
        }
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.0.watch(callback)
    }
}

/// Where a generation lies.
pub(crate) fn path_of(dir: &Path, generation: &str) -> PathBuf {
    dir.join(generation)
}
