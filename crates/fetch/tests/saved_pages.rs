//! Pages and feeds of real sites: all are read as text, none is mistaken for a challenge.

use std::path::{Path, PathBuf};

use async_compression::tokio::bufread::GzipDecoder;
use diembao_fetch::{HeaderMap, challenge, decode};
use tokio::io::AsyncReadExt;

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

#[expect(clippy::print_stderr, reason = "says why a test did nothing")]
async fn saved(folder: &str, ending: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths = Vec::new();
    files(&Path::new(DATA).join(folder), &mut paths);
    let mut saved = Vec::new();
    for path in paths.into_iter().filter(|p| p.to_string_lossy().ends_with(ending)) {
        let bytes = std::fs::read(&path).expect("a listed file is there");
        let mut unpacked = Vec::new();
        if ending.ends_with(".gz") {
            GzipDecoder::new(&bytes[..]).read_to_end(&mut unpacked).await.expect("it is gzip");
        } else {
            unpacked = bytes;
        }
        saved.push((path, unpacked));
    }
    if saved.is_empty() {
        eprintln!("skipped: {folder} is not on this machine");
    }
    saved
}

#[tokio::test]
async fn no_saved_page_or_feed_is_taken_for_a_challenge() {
    let mut mistaken = Vec::new();
    for (folder, ending) in [("pages", ".gz"), ("feeds", ".xml"), ("feeds", ".rss")] {
        for (path, bytes) in saved(folder, ending).await {
            mistaken.extend(challenge(200, &HeaderMap::new(), &bytes).map(|name| (path, name)));
        }
    }
    assert!(mistaken.is_empty(), "{mistaken:?}");
}

#[tokio::test]
async fn saved_pages_read_whole() {
    for (path, bytes) in saved("pages", ".gz").await {
        let decoded = decode(&bytes, None);
        let n_lost = decoded.text.matches('\u{fffd}').count();
        let report = format!("{}: {n_lost} lost as {}: {:?}", path.display(), decoded.charset, decoded.problems);
        assert!(n_lost <= 5, "{report}");
    }
}
