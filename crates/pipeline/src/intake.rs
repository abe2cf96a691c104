//! What reading the press needs beside the home: the fetcher, the archive, and the name under which this worker
//! claims channels and pages. It lives as long as the process, so that robots.txt and the hosts' turns are remembered.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_fetch::Fetcher;
use diembao_store::Claim;

use crate::archive::{Archive, Record};
use crate::hosts::Hosts;
use crate::{Pipeline, RunReport, fetch_settings};

/// Pages thrown away in one transaction.
const PRUNED_AT_ONCE: usize = 500;

/// How a worker shares the press with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// It holds the home's lock: whatever stands in its name was left by a predecessor that died.
    Home,
    /// It is one of several: it has a name of its own, and ends only when nobody has anything left.
    Worker,
}

/// What reading the press needs.
pub struct Intake {
    pub(crate) fetcher: Fetcher,
    pub(crate) archive: Archive,
    worker: String,
    share: Share,
    lease: Duration,
    tidied: Mutex<Option<DateTime<Utc>>>,
}

impl Intake {
    /// Makes ready to read.
    ///
    /// # Errors
    /// When the settings make no fetcher, or the store cannot be written.
    pub async fn open(p: &Pipeline, share: Share) -> anyhow::Result<Self> {
        let collect = &p.home.settings.collect;
        let settings = fetch_settings(collect);
        let worker = worker_name(p, share);
        let fetcher = if p.home.store_url().starts_with("postgres") {
            Fetcher::sharing(&settings, Arc::new(Hosts::of(p, &worker)))?
        } else {
            Fetcher::new(&settings)?
        };
        p.store.give_back_claims(&worker).await?;
        let keep = TimeDelta::from_std(collect.keep_archive).unwrap_or(TimeDelta::MAX);
        let archive = Archive::new(p.home.archive_dir(), keep);
        Ok(Self { fetcher, archive, worker, share, lease: collect.lease, tidied: Mutex::new(None) })
    }

    /// The worker's claim, made now.
    pub(crate) fn claim(&self, p: &Pipeline) -> Claim<'_> {
        let lease = TimeDelta::from_std(self.lease).unwrap_or(TimeDelta::minutes(1));
        Claim { holder: &self.worker, now: p.clock.now(), lease }
    }

    /// Whether it waits for what others have claimed: they may die.
    pub(crate) fn waits(&self) -> bool {
        self.share == Share::Worker
    }

    /// Works while what is claimed is renewed.
    pub(crate) async fn holding<T>(&self, p: &Pipeline, work: impl Future<Output = T>) -> T {
        let renewing = async {
            loop {
                tokio::time::sleep(self.lease / 3).await;
                if let Err(e) = p.store.renew_claims(&self.claim(p)).await {
                    tracing::warn!("claims could not be renewed: {e}");
                }
            }
        };
        tokio::select! {
            done = work => done,
            never = renewing => never,
        }
    }

    /// Throws away, once an hour, what is past keeping: pages in the store and days in the archive.
    pub(crate) async fn tidy(&self, p: &Pipeline) -> anyhow::Result<()> {
        let now = p.clock.now();
        {
            let mut tidied = self.tidied.lock().unwrap_or_else(PoisonError::into_inner);
            if tidied.is_some_and(|at| now - at < TimeDelta::hours(1)) {
                return Ok(());
            }
            *tidied = Some(now);
        }
        let keep = TimeDelta::from_std(p.home.settings.collect.keep_pages).unwrap_or(TimeDelta::MAX);
        if let Some(before) = now.checked_sub_signed(keep) {
            while p.store.prune_pages(before, PRUNED_AT_ONCE).await? > 0 {}
        }
        if let Err(e) = self.archive.prune(now) {
            tracing::warn!("archive: old days cannot be deleted: {e}");
        }
        Ok(())
    }

    /// Archives records; a full disk is told and stops nothing.
    pub(crate) fn keep(&self, p: &Pipeline, records: &[Record], report: &mut RunReport) {
        if let Err(e) = self.archive.append(p.clock.now(), records) {
            tracing::warn!("archive: {e}");
            let notice = format!("fetched pages are not archived: {}: {e}", p.home.archive_dir().display());
            if !report.notices.contains(&notice) {
                report.notices.push(notice);
            }
        }
    }
}

fn worker_name(p: &Pipeline, share: Share) -> String {
    let machine = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match share {
        Share::Home => {
            let mut hasher = DefaultHasher::new();
            fs::canonicalize(&p.home.root).unwrap_or_else(|_| p.home.root.clone()).hash(&mut hasher);
            format!("{}/home/{:x}", machine.trim(), hasher.finish())
        }
        Share::Worker => {
            format!("{}/{}/{}", machine.trim(), std::process::id(), p.clock.now().timestamp_micros())
        }
    }
}
