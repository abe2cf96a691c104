//! A home that is open for work.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use diembao_store::{Store, StoreOptions};

use crate::group::Remembered;
use crate::{Clock, Home, Indexing, Metrics, Progress};

/// A home with its store open, the time, and who watches.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// The home's files.
    pub home: std::sync::Arc<Home>,
    /// The truth.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Who watches.
    pub progress: Progress,
    /// What was done so far.
    pub metrics: Metrics,
    /// Tells the daemon's loops that there is work, at once.
    pub wake: std::sync::Arc<Wake>,
    /// Who writes the index.
    pub indexing: std::sync::Arc<Indexing>,
    latest: Latest,
    /// The stories of the last weeks.
    pub(crate) remembered: std::sync::Arc<Remembered>,
}

/// The home as the daemon last took it in, shared by every clone of a pipeline.
type Latest = std::sync::Arc<Mutex<std::sync::Arc<Home>>>;

/// Work that a loop of the daemon waits for.
#[derive(Debug, Default)]
pub struct Wake {
    /// Articles were stored.
    pub articles: tokio::sync::Notify,
    /// The desk has something to tell.
    pub alerts: tokio::sync::Notify,
    /// Held while articles are filed, and while an edition is frozen.
    pub(crate) filing: tokio::sync::Mutex<()>,
}

impl Pipeline {
    /// Opens a home's store, making it when it is new.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub async fn open(home: Home, clock: Clock, progress: Progress) -> anyhow::Result<Self> {
        let options = StoreOptions { busy_timeout: home.settings.store.busy_timeout, ..StoreOptions::default() };
        let store = Store::open(&home.store_url(), &options).await?;
        // A rule speaks only on the days it is valid for.
        let today = clock.now().with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).date_naive();
        let home = Home { rules: home.rules.on(today), ..home };
        let (metrics, wake, indexing, remembered) = Default::default();
        let home = std::sync::Arc::new(home);
        let latest = Latest::new(Mutex::new(std::sync::Arc::clone(&home)));
        Ok(Self { home, store, clock, progress, metrics, wake, indexing, latest, remembered })
    }

    /// The home with the rules that judge now; `home` keeps those it was opened with.
    #[must_use]
    pub fn latest_home(&self) -> std::sync::Arc<Home> {
        std::sync::Arc::clone(&self.latest.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the home, also for who asks for the latest.
    pub(crate) fn take_in(&mut self, home: Home) {
        self.home = std::sync::Arc::new(home);
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = std::sync::Arc::clone(&self.home);
    }

    /// Takes the home for writing; it is given back when the lock is dropped, or the process dies. What a
    /// predecessor that was killed has asked of a server is over then.
    ///
    /// # Errors
    /// [`Busy`] when another process has it; when the store fails.
    pub async fn lock(&self) -> anyhow::Result<Lock> {
        let path = self.home.root.join(LOCK);
        let mut lock = lock(&path)?;
        let predecessor = fs::read_to_string(&path).unwrap_or_default();
        if !predecessor.is_empty() {
            self.store.end_connections(&predecessor, PATIENCE).await?;
        }
        // Only now: a process that dies before has written nothing.
        lock.sign(self.store.connection_name()).with_context(|| path.display().to_string())?;
        Ok(lock)
    }
}

/// The file that is locked while a process writes in a home.
pub(crate) const LOCK: &str = "diembao.lock";
/// How long a server may go on with what a killed process asked of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Locks a home's lock file, making it when it is not there.
pub(crate) fn lock(path: &Path) -> anyhow::Result<Lock> {
    let open = File::options().create(true).truncate(false).write(true).open(path);
    let file = open.with_context(|| path.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { file }),
        Err(TryLockError::WouldBlock) => Err(Busy { path: path.to_owned() }.into()),
        Err(TryLockError::Error(e)) => Err(e).with_context(|| format!("cannot lock {}", path.display())),
    }
}

/// Another process works in this home.
#[derive(Debug, thiserror::Error)]
#[error("another diembao works in this home ({} is locked); wait until it is done, or stop it", path.display())]
pub struct Busy {
    path: PathBuf,
}

/// The right to write in a home.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Writes down whose the lock is, by the name of its connections.
    fn sign(&mut self, name: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(name.as_bytes())
    }
}
