//! Progress of a run, drawn on standard error.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

use diembao_pipeline::{Event, Progress};
use indicatif::{ProgressBar, ProgressStyle};

/// Progress drawn as a bar on a terminal, as a line a stage elsewhere; nothing when `quiet`.
pub(crate) fn progress(quiet: Quiet) -> Progress {
    match quiet {
        Quiet::Yes => Progress::default(),
        Quiet::No if std::io::stderr().is_terminal() => bars(),
        Quiet::No => lines(),
    }
}

/// Whether progress is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quiet {
    /// Nothing is drawn.
    Yes,
    /// Progress is drawn.
    No,
}

fn bars() -> Progress {
    let current: Mutex<Option<ProgressBar>> = Mutex::new(None);
    Progress::to(move |event| {
        let Ok(mut current) = current.lock() else { return };
        match event {
            Event::Begin(stage, total) => {
                let (bar, template) = match total {
                    Some(n) => (ProgressBar::new(n), "{spinner} {prefix:<9} {bar:30} {pos}/{len} {elapsed}"),
                    None => (ProgressBar::new_spinner(), "{spinner} {prefix:<9} {pos} {elapsed}"),
                };
                bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
                bar.set_prefix(stage.as_str());
                bar.enable_steady_tick(Duration::from_millis(120));
                *current = Some(bar);
            }
            Event::Advance(_, n) => {
                if let Some(bar) = current.as_ref() {
                    bar.inc(n);
                }
            }
            Event::End(_) => {
                if let Some(bar) = current.take() {
                    bar.finish_and_clear();
                }
            }
        }
    })
}

fn lines() -> Progress {
    let done: Mutex<u64> = Mutex::new(0);
    Progress::to(move |event| {
        let Ok(mut done) = done.lock() else { return };
        match event {
            Event::Begin(stage, total) => {
                *done = 0;
                let of = total.map_or_else(String::new, |n| format!(" {n}"));
                tell(&format!("{}{of} …", stage.as_str()));
            }
            Event::Advance(stage, n) => {
                let before = *done / 500;
                *done += n;
                if *done / 500 > before {
                    tell(&format!("{} {} done", stage.as_str(), *done));
                }
            }
            Event::End(_) => {}
        }
    })
}

fn tell(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
