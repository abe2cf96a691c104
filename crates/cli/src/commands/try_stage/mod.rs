//! `diembao try`: one stage alone, on files or standard input. Touches no store and no home.

mod classify;
mod extract;
mod feed;
mod group;

use std::io::{BufRead, Read};

use anyhow::Context;
use clap::Subcommand;
use serde::de::DeserializeOwned;

use crate::context::Global;
use crate::exit::Exit;

/// Which stage.
#[derive(Debug, Subcommand)]
pub(crate) enum Try {
    /// Read feeds, sitemaps or section pages and print their items.
    Feed(feed::Options),
    /// Read article pages and print what was extracted.
    Extract(extract::Options),
    /// Judge articles by the rules and print topics and flags with evidence.
    Classify(classify::Options),
    /// Group articles into stories.
    Group(group::Options),
}

/// Runs one stage.
pub(crate) async fn run(stage: Try, global: &Global) -> anyhow::Result<Exit> {
    match stage {
        Try::Feed(options) => feed::run(&options, global),
        Try::Extract(options) => extract::run(&options, global).await,
        Try::Classify(options) => classify::run(&options, global),
        Try::Group(options) => group::run(&options),
    }
}

const MAX_LINE_BYTES: u64 = 64 << 20;

/// Calls `each` with every JSON line of standard input; an error names the line.
fn json_lines<T: DeserializeOwned>(mut each: impl FnMut(T) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        let n =
            input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line).context("cannot read standard input")?;
        if n == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let value = serde_json::from_slice(&line).with_context(|| format!("standard input, line {number}"))?;
        each(value)?;
    }
    Ok(())
}

/// An id as callers write it: a text or a number; printed back unchanged.
#[derive(Debug, Clone, serde::Deserialize, serde::Serialize)]
#[serde(transparent)]
struct CallerId(serde_json::Value);
