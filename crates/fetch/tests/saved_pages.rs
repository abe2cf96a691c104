//! Pages and feeds of real sites: all are read as text, none is mistaken for a challenge.

use std::path::{Path, PathBuf};

use diembao_fetch::{HeaderMap, challenge, decode};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn no_saved_page_is_taken_for_a_challenge() {
    let mut pages = Vec::new();
    files(&Path::new(DATA).join("pages"), &mut pages);
    pages.retain(|p| p.extension().is_some_and(|e| e == "html" || e == "htm"));
    if pages.is_empty() {
        eprintln!("skipped: the saved pages are not on this machine");
        return;
    }
    let mistaken: Vec<_> = pages
        .iter()
        .filter_map(|p| {
            let bytes = std::fs::read(p).ok()?;
            challenge(200, &HeaderMap::new(), &bytes).map(|name| (p, name))
        })
        .collect();
    assert!(
        mistaken.is_empty(),
        "{} of {}: {mistaken:?}",
        mistaken.len(),
        pages.len()
    );
}

#[test]
fn every_saved_page_reads_without_replacement_characters() {
    let mut pages = Vec::new();
    files(&Path::new(DATA).join("pages"), &mut pages);
    pages.retain(|p| p.extension().is_some_and(|e| e == "html" || e == "htm"));
    if pages.is_empty() {
        eprintln!("skipped: the saved pages are not on this machine");
        return;
    }
    for path in pages {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let decoded = decode(&bytes, None);
        let n_lost = decoded.text.matches('\u{fffd}').count();
        assert!(
            n_lost <= 20,
            "{}: {n_lost} characters lost as {}: {:?}",
            path.display(),
            decoded.charset,
            decoded.problems
        );
    }
}
