//! `diembao backup` and `diembao restore`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use diembao_pipeline::{BackupSummary, Existing, backup_name};
use serde_json::json;

use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, local_long, rfc3339, stdout};

/// Where to.
#[derive(Debug, Args)]
#[command(after_help = "The backup holds the settings, the rules, the registry and a consistent copy of the \
SQLite store; work goes on meanwhile. A PostgreSQL database is saved with pg_dump.\n\n\
Examples:\n  diembao backup\n  diembao --home /srv/diembao backup /backups/diembao.tar.zst")]
pub(crate) struct BackupOptions {
    /// The file to write; it must not exist [default: diembao-DATE-TIME.tar.zst in this folder]
    file: Option<PathBuf>,
    /// Print what was saved as one JSON object
    #[arg(long)]
    json: bool,
}

/// Where from.
#[derive(Debug, Args)]
#[command(after_help = "Everything is checked against the backup's own list before a file of the home changes. \
Afterwards run `diembao reindex`.\n\n\
Examples:\n  diembao --home /srv/new restore diembao-20261121-063000.tar.zst\n  diembao restore backup.tar.zst --replace")]
pub(crate) struct RestoreOptions {
    /// The backup
    file: PathBuf,
    /// Move the home's present files into a folder before-restore-… instead of refusing
    #[arg(long)]
    replace: bool,
    /// Print what was restored as one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) async fn backup(options: &BackupOptions, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let file = options.file.clone().unwrap_or_else(|| backup_name(p.clock.now()).into());
    let saved = diembao_pipeline::backup(&p, &file).await?;
    let mut out = stdout();
    if options.json {
        json_line(&mut out, &json!({"file": file, "backup": json_of(&saved)}))?;
    } else {
        writeln!(out, "{}", file.display())?;
    }
    out.flush()?;
    if saved.store_bytes.is_none() {
        tracing::warn!("the store is a PostgreSQL database and not in the backup; save it with pg_dump");
    }
    Ok(Exit::Done)
}

pub(crate) fn restore(options: &RestoreOptions, global: &Global) -> anyhow::Result<Exit> {
    let existing = if options.replace { Existing::SetAside } else { Existing::Keep };
    let root = global.home_dir();
    let done = diembao_pipeline::restore(&options.file, &root, existing, global.clock().now())?;
    let mut out = stdout();
    if options.json {
        let value = json!({"home": root, "set_aside": done.set_aside, "backup": json_of(&done.backup)});
        json_line(&mut out, &value)?;
    } else {
        let made = local_long(done.backup.made_at);
        writeln!(out, "{} is as it was at {made}; `diembao reindex` makes it searchable", root.display())?;
        if let Some(aside) = &done.set_aside {
            writeln!(out, "what it held before is in {}", aside.display())?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn json_of(b: &BackupSummary) -> serde_json::Value {
    json!({"made_at": rfc3339(b.made_at), "n_files": b.n_files, "store_bytes": b.store_bytes, "bytes": b.bytes})
}
