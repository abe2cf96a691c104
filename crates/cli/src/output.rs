//! Standard output is data, standard error is progress and logs.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use comfy_table::{ContentArrangement, Table, TableStyle};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

/// Standard output, buffered.
pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// Writes one JSON value on one line.
pub(crate) fn json_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// A table without frames, as wide as the terminal.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    table
}

/// A time for people, in Hà Nội: `20/11 14:05`.
pub(crate) fn local(t: DateTime<Utc>) -> String {
    t.with_timezone(&Ho_Chi_Minh).format("%d/%m %H:%M").to_string()
}

/// A time for people with its year: `2026-11-20 14:05`.
pub(crate) fn local_long(t: DateTime<Utc>) -> String {
    t.with_timezone(&Ho_Chi_Minh).format("%Y-%m-%d %H:%M").to_string()
}

/// A time for programs: RFC 3339 with +07:00.
pub(crate) fn rfc3339(t: DateTime<Utc>) -> String {
    t.with_timezone(&Ho_Chi_Minh).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// A text on one line, without the signs that a terminal obeys.
pub(crate) fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Sends logs to standard error: warnings unless asked for more; `RUST_LOG` wins.
pub(crate) fn start_logging(verbosity: Option<&str>) {
    let level = verbosity.unwrap_or("warn");
    let fallback =
        || EnvFilter::new(format!("{level},sqlx=warn,tantivy=warn,hyper=warn,html5ever=error,selectors=error"));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| fallback());
    let ansi = io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(ansi)
        .without_time()
        .init();
}
