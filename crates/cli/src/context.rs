//! What every command needs: the home, the time, the open pipeline.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, FixedOffset, Utc};
use clap::Args;
use diembao_fetch::FetchSettings;
use diembao_pipeline::{Clock, Home, Pipeline, Progress};

use crate::progress::{Quiet, progress};

/// Options of all commands.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The home: a folder with feeds.toml and diembao.toml [default: the current folder]
    #[arg(long, global = true, env = "DIEMBAO_HOME", value_name = "DIR")]
    home: Option<PathBuf>,
    /// Pretend that it is this time, RFC 3339; for trying things out
    #[arg(long, global = true, env = "DIEMBAO_NOW", value_name = "TIME", value_parser = parse_time)]
    now: Option<DateTime<FixedOffset>>,
    /// Show no progress, and only errors
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Show what is done; twice for details
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

fn parse_time(s: &str) -> Result<DateTime<FixedOffset>, String> {
    DateTime::parse_from_rfc3339(s).map_err(|e| format!("expected a time such as 2026-11-21T06:30:00+07:00: {e}"))
}

impl Global {
    /// The log level asked for.
    pub(crate) fn verbosity(&self) -> Option<&'static str> {
        match (self.quiet, self.verbose) {
            (true, _) => Some("error"),
            (false, 0) => None,
            (false, 1) => Some("info"),
            (false, _) => Some("debug"),
        }
    }

    /// The home's folder.
    pub(crate) fn home_dir(&self) -> PathBuf {
        self.home.clone().unwrap_or_else(|| PathBuf::from("."))
    }

    /// The home's files, read and checked.
    pub(crate) fn home(&self) -> anyhow::Result<Home> {
        Ok(Home::load(&self.home_dir())?)
    }

    /// The same options for another home.
    pub(crate) fn with_home(&self, home: PathBuf) -> Self {
        Self { home: Some(home), ..self.clone() }
    }

    /// The clock: the system's, or one that started at `--now`.
    #[expect(clippy::disallowed_methods, reason = "the one clock read of the program")]
    pub(crate) fn clock(&self) -> Clock {
        match self.now {
            None => Clock::new(Utc::now),
            Some(start) => {
                let started = Instant::now();
                let start = start.with_timezone(&Utc);
                Clock::new(move || start + started.elapsed())
            }
        }
    }

    /// Progress as asked for.
    pub(crate) fn progress(&self) -> Progress {
        progress(if self.quiet { Quiet::Yes } else { Quiet::No })
    }

    /// How addresses given on the command line are fetched.
    pub(crate) fn fetch_settings(&self) -> FetchSettings {
        self.home()
            .map_or_else(|_| FetchSettings::default(), |home| diembao_pipeline::fetch_settings(&home.settings.collect))
    }

    /// The home with its store open, to read or to answer.
    pub(crate) async fn open(&self) -> anyhow::Result<Pipeline> {
        let home = self.home()?;
        for warning in &home.warnings {
            tracing::warn!("{warning}");
        }
        let root = home.root.display().to_string();
        Pipeline::open(home, self.clock(), self.progress())
            .await
            .with_context(|| format!("cannot open the home {root}"))
    }
}
