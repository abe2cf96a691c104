//! The archive: everything that was fetched, in WARC files, one a day, beside the store.
//!
//! The store keeps the pages of articles for a while; the archive keeps all bodies, for longer, in a form that
//! other programs read. It is not the truth: a run goes on when it cannot be written.

mod warc;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_store::Page;

use self::warc::{Member, N_HEAD, member_at};

const SOFTWARE: &str = concat!("diembao/", env!("CARGO_PKG_VERSION"));
const ENDING: &str = ".warc.gz";
/// Workers that write to one folder at a time.
const MAX_WRITERS: u32 = 100;
/// How far behind a damaged place the next record is looked for at a time.
const SEARCHED: u64 = 4 << 20;

/// The archive of a home.
#[derive(Debug)]
pub struct Archive {
    dir: PathBuf,
    keep: TimeDelta,
    open: Mutex<Option<(NaiveDate, File)>>,
}

/// An answer in the form it is archived in.
#[derive(Debug, Clone)]
pub(crate) struct Record(Vec<u8>);

impl Record {
    /// Packs an answer. Work for a blocking thread.
    pub(crate) fn of(page: &Page) -> Self {
        Self(warc::response(page))
    }
}

/// What reading the archive met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadBack {
    /// Answers read.
    pub n_pages: u64,
    /// Places that were damaged and passed over.
    pub n_damaged: u64,
}

impl Archive {
    /// The archive in a folder, which is made when it is first written to. `keep` is how long a day's file
    /// is kept; zero: nothing is archived.
    #[must_use]
    pub fn new(dir: PathBuf, keep: TimeDelta) -> Self {
        Self { dir, keep, open: Mutex::new(None) }
    }

    /// The same archive, to read it on another thread.
    #[must_use]
    pub fn reader(&self) -> Self {
        Self::new(self.dir.clone(), self.keep)
    }

    /// Whether anything is archived at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.keep > TimeDelta::zero()
    }

    /// Appends records to the day's file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn append(&self, now: DateTime<Utc>, records: &[Record]) -> io::Result<()> {
        if !self.is_on() || records.is_empty() {
            return Ok(());
        }
        let day = now.with_timezone(&Ho_Chi_Minh).date_naive();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_none_or(|(of, _)| *of != day) {
            *open = Some((day, self.open_day(day, now)?));
        }
        let Some((_, file)) = open.as_mut() else { return Ok(()) };
        let bytes: Vec<u8> = records.iter().flat_map(|r| r.0.iter().copied()).collect();
        let written = file.write_all(&bytes);
        if written.is_err() {
            // Half a record may stand at the end: it is cut off when the file is opened again.
            *open = None;
        }
        written
    }

    /// Opens the first of the day's files that no other process writes to, and cuts a torn end off.
    fn open_day(&self, day: NaiveDate, now: DateTime<Utc>) -> io::Result<File> {
        fs::create_dir_all(&self.dir)?;
        for n in 1..=MAX_WRITERS {
            let path = self.dir.join(file_name(day, n));
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(e)) => return Err(e),
            }
            let length = file.metadata()?.len();
            let sound = sound_length(&mut file, length)?;
            if sound < length {
                tracing::warn!(file = %path.display(), n_bytes = length - sound, "archive: a torn record was cut off");
                file.set_len(sound)?;
            }
            if sound == 0 {
                file.write_all(&warc::info(now, SOFTWARE))?;
            }
            return Ok(file);
        }
        Err(io::Error::other(format!("more than {MAX_WRITERS} processes write to {}", self.dir.display())))
    }

    /// Deletes the files of days that are past keeping; how many.
    ///
    /// # Errors
    /// When the folder cannot be read or a file not deleted.
    pub fn prune(&self, now: DateTime<Utc>) -> io::Result<u64> {
        let oldest = now.checked_sub_signed(self.keep).map(|t| t.with_timezone(&Ho_Chi_Minh).date_naive());
        let mut n = 0;
        for (day, path) in days(&self.dir)? {
            if self.is_on() && oldest.is_some_and(|oldest| day < oldest) {
                fs::remove_file(&path)?;
                n += 1;
            }
        }
        Ok(n)
    }

    /// Hands over every answer archived on a day or later, the oldest first. Damaged places are passed over.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(&self, from: NaiveDate, mut take: impl FnMut(Page)) -> io::Result<ReadBack> {
        let mut met = ReadBack::default();
        for (_, path) in days(&self.dir)?.into_iter().filter(|(day, _)| *day >= from) {
            read_file(&path, &mut take, &mut met)?;
        }
        Ok(met)
    }
}

fn file_name(day: NaiveDate, n: u32) -> String {
    if n == 1 { format!("{day}{ENDING}") } else { format!("{day}-{n}{ENDING}") }
}

/// The archive's files with their days, in order.
fn days(dir: &Path) -> io::Result<Vec<(NaiveDate, PathBuf)>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if let Some(day) = name.get(..10).filter(|_| name.ends_with(ENDING)).and_then(|day| day.parse().ok()) {
            files.push((day, path));
        }
    }
    files.sort();
    Ok(files)
}

/// How many bytes of a file are whole records; the last of them is unpacked to be sure of it.
fn sound_length(file: &mut File, length: u64) -> io::Result<u64> {
    let mut at = 0;
    let mut last = 0;
    while let Member::Whole(n) = look(file, at, length)? {
        last = at;
        at += n as u64;
    }
    if at > last {
        let mut member = vec![0; usize::try_from(at - last).unwrap_or(0)];
        file.seek(SeekFrom::Start(last))?;
        file.read_exact(&mut member)?;
        if !warc::is_sound(&member) {
            return Ok(last);
        }
    }
    Ok(at)
}

fn look(file: &mut File, at: u64, length: u64) -> io::Result<Member> {
    let mut head = Vec::with_capacity(N_HEAD);
    file.seek(SeekFrom::Start(at))?;
    file.take(N_HEAD as u64).read_to_end(&mut head)?;
    Ok(member_at(&head, length - at))
}

fn read_file(path: &Path, take: &mut impl FnMut(Page), met: &mut ReadBack) -> io::Result<()> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut at = 0;
    while at < length {
        let Member::Whole(n) = look(&mut file, at, length)? else {
            met.n_damaged += 1;
            let mut rest = Vec::new();
            file.seek(SeekFrom::Start(at))?;
            (&file).take(SEARCHED).read_to_end(&mut rest)?;
            match warc::next_start(&rest) {
                Some(next) => at += next as u64,
                None => at += SEARCHED,
            }
            continue;
        };
        let mut member = vec![0; n];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut member)?;
        if let Some(page) = warc::read_response(&member) {
            met.n_pages += 1;
            take(page);
        } else if !warc::is_sound(&member) {
            met.n_damaged += 1;
        }
        at += n as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
