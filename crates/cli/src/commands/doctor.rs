//! `diembao doctor`

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::doctor_network;
use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, stdout};

/// How to print.
#[derive(Debug, Args)]
#[command(after_help = "Asks a few hosts of feeds.toml once each, for name resolution, encryption and the clock.\n\n\
Examples:\n  diembao doctor\n  diembao doctor --offline --json")]
pub(crate) struct Options {
    /// Ask nobody outside
    #[arg(long)]
    offline: bool,
    /// Print one JSON object a check
    #[arg(long)]
    json: bool,
}

struct Check {
    name: &'static str,
    result: Result<String, String>,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let counts = p.store.counts().await?;
    let mut checks = vec![
        Check {
            name: "home",
            result: Ok(format!("{} outlets, rules {}", p.home.outlets.len(), p.home.rules.version())),
        },
        Check {
            name: "store",
            result: Ok(format!(
                "{} articles, {} stories, {} open cases",
                counts.articles, counts.stories, counts.open_cases
            )),
        },
        Check { name: "index", result: index(&p, counts.articles) },
        Check { name: "disk", result: disk(&p.home.root) },
        Check { name: "mail", result: mail(&p).await },
    ];
    let damages = p.store.damages().await?;
    if !damages.is_empty() {
        checks.push(Check { name: "store", result: Err(format!("damaged: {}", damages.join("; "))) });
    }
    if !options.offline {
        let asked = doctor_network::checks(&p).await;
        checks.extend(asked.into_iter().map(|(name, result)| Check { name, result }));
    }
    checks.extend(p.home.warnings.iter().map(|w| Check { name: "warning", result: Ok(w.clone()) }));
    let mut out = stdout();
    for check in &checks {
        let (ok, text) = match &check.result {
            Ok(text) => (true, text),
            Err(text) => (false, text),
        };
        if options.json {
            json_line(&mut out, &json!({"check": check.name, "ok": ok, "text": text}))?;
        } else {
            writeln!(out, "{} {:<8} {text}", if ok { "ok  " } else { "FAIL" }, check.name)?;
        }
    }
    out.flush()?;
    Ok(if checks.iter().all(|c| c.result.is_ok()) { Exit::Done } else { Exit::Failed })
}

fn index(p: &diembao_pipeline::Pipeline, n_articles: i64) -> Result<String, String> {
    let read = || {
        let index = diembao_pipeline::open_index(&p.home)?;
        index.verify()?;
        index.count()
    };
    let count = read().map_err(|e: diembao_search::SearchError| e.to_string())?;
    if i64::try_from(count) == Ok(n_articles) {
        Ok(format!("{count} articles"))
    } else {
        Err(format!(
            "holds {count} of {n_articles} articles; `diembao collect` or `diembao reindex` brings it up to date"
        ))
    }
}

/// Below this a morning may not fit.
const LEAST_FREE: u64 = 1 << 30;

fn disk(root: &std::path::Path) -> Result<String, String> {
    let path = root.join(".diembao-doctor");
    std::fs::write(&path, b"diembao")
        .and_then(|()| std::fs::remove_file(&path))
        .map_err(|e| format!("{}: {e}", root.display()))?;
    let stat = rustix::fs::statvfs(root).map_err(|e| format!("{}: {e}", root.display()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if free < LEAST_FREE {
        return Err(format!(
            "{} has only {} MB left: make room, or keep pages for less long",
            root.display(),
            free >> 20
        ));
    }
    Ok(format!("{} can be written, {} GB are free", root.display(), free >> 30))
}

async fn mail(p: &diembao_pipeline::Pipeline) -> Result<String, String> {
    let mailer = diembao_pipeline::mailer(&p.home).map_err(|e| format!("{e:#}"))?;
    mailer.check().await
}
