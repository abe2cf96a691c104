//! The index on disk: writing, crashes, damage, other processes.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, ArticleText, CanonicalUrl, OutletId};
use diembao_search::{Index, IndexDoc, Query, SearchError, Unit};

fn now() -> DateTime<Utc> {
    "2026-11-21T03:00:00Z".parse().unwrap()
}

fn id(n: usize) -> ArticleId {
    ArticleId::of_url(&CanonicalUrl::parse(&format!("https://example.vn/{n}")).unwrap())
}

fn with_doc(n: usize, body: &str, put: impl FnOnce(&IndexDoc<'_>)) {
    let text = ArticleText { title: format!("Tin số {n}"), lead: String::new(), body: body.to_owned() };
    put(&IndexDoc {
        id: id(n),
        reference: None,
        url: Some("https://example.vn/"),
        text: &text,
        outlet: &OutletId::parse("bao-sen").unwrap(),
        published: now(),
        first_seen: now(),
        story: None,
        topics: vec![],
        flags: vec![],
        severity: None,
        provinces: vec![],
        section: None,
        facilities: Vec::new(),
    });
}

fn filled(dir: &Path, n: usize) -> Index {
    let index = Index::open(dir).unwrap();
    let mut writer = index.writer().unwrap();
    for i in 0..n {
        with_doc(i, "bệnh viện huyện mở thêm khoa", |d| writer.put(d).unwrap());
    }
    writer.commit().unwrap();
    index
}

fn total(index: &Index, text: &str) -> u64 {
    index.search(&Query { unit: Unit::Articles, ..Query::new(text, now()) }).unwrap().total
}

fn generation(dir: &Path) -> std::path::PathBuf {
    dir.join(fs::read_to_string(dir.join("CURRENT")).unwrap().trim())
}

#[test]
fn putting_again_replaces_and_removing_removes() {
    let dir = tempfile::tempdir().unwrap();
    let index = filled(dir.path(), 3);
    let mut writer = index.writer().unwrap();
    with_doc(1, "trạm y tế xã", |d| writer.put(d).unwrap());
    writer.remove(id(2)).unwrap();
    assert_eq!(index.count().unwrap(), 3, "nothing is visible before the commit");
    writer.commit().unwrap();
    assert_eq!((index.count().unwrap(), total(&index, "huyện"), total(&index, "trạm")), (2, 1, 1));
    let mut ids = vec![id(0), id(1)];
    ids.sort();
    assert_eq!(index.ids().unwrap(), ids);
    assert_eq!(total(&Index::open(dir.path()).unwrap(), "trạm"), 1);
}

#[test]
fn only_one_writes() {
    let dir = tempfile::tempdir().unwrap();
    let index = filled(dir.path(), 1);
    let writer = index.writer().unwrap();
    assert!(matches!(index.writer(), Err(SearchError::Locked { .. })));
    assert!(matches!(Index::rebuild(dir.path()), Err(SearchError::Locked { .. })));
    drop(writer);
    assert!(index.writer().is_ok());
}

#[test]
fn what_was_not_committed_is_lost_without_harm() {
    let dir = tempfile::tempdir().unwrap();
    let index = filled(dir.path(), 2);
    let mut writer = index.writer().unwrap();
    with_doc(9, "dở dang", |d| writer.put(d).unwrap());
    drop(writer);
    assert_eq!(Index::open(dir.path()).unwrap().count().unwrap(), 2);
}

#[test]
fn a_rebuild_answers_at_once_or_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let index = filled(dir.path(), 3);
    let mut rebuild = Index::rebuild(dir.path()).unwrap();
    with_doc(7, "bản mới", |d| rebuild.add(d).unwrap());
    assert_eq!(index.count().unwrap(), 3);
    drop(rebuild);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3, "CURRENT, LOCK and one generation");
    let mut rebuild = Index::rebuild(dir.path()).unwrap();
    with_doc(7, "bản mới", |d| rebuild.add(d).unwrap());
    rebuild.finish().unwrap();
    assert_eq!((index.count().unwrap(), total(&index, "bản mới")), (1, 1));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
}

#[test]
fn a_crash_between_the_generations_leaves_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), 2));
    fs::create_dir(dir.path().join("g000002")).unwrap();
    fs::write(dir.path().join("CURRENT.new"), "g00").unwrap();
    assert_eq!(Index::open(dir.path()).unwrap().count().unwrap(), 2);
    Index::rebuild(dir.path()).unwrap().finish().unwrap();
    assert_eq!(Index::open(dir.path()).unwrap().count().unwrap(), 0);
}

#[test]
fn another_version_asks_for_a_rebuild() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), 1));
    fs::write(generation(dir.path()).join("VERSION"), "0").unwrap();
    let error = Index::open(dir.path()).unwrap_err();
    assert!(matches!(&error, SearchError::Mismatch { found, .. } if found == "0") && error.wants_rebuild(), "{error}");
    Index::rebuild(dir.path()).unwrap().finish().unwrap();
    assert!(Index::open(dir.path()).is_ok());
}

#[test]
fn damage_is_told_never_a_panic() {
    for name in ["meta.json", "VERSION", ".idx", ".pos", ".term", ".store", ".fast", ".fieldnorm"] {
        for damage in [&b""[..], &b"\xff\xfe rubbish"[..]] {
            let dir = tempfile::tempdir().unwrap();
            drop(filled(dir.path(), 50));
            let path = fs::read_dir(generation(dir.path())).unwrap().map(|e| e.unwrap().path());
            let path = path.into_iter().find(|p| p.to_string_lossy().ends_with(name)).unwrap();
            fs::write(&path, damage).unwrap();
            let asked = Index::open(dir.path()).and_then(|i| i.search(&Query::new("\"bệnh viện\"", now())).map(drop));
            if let Err(e) = asked {
                assert!(e.wants_rebuild(), "{name}: {e}");
            }
            Index::rebuild(dir.path()).unwrap().finish().unwrap();
            assert!(Index::open(dir.path()).is_ok(), "{name}");
        }
    }
}

#[test]
fn flipped_bits_are_found_by_verifying() {
    let dir = tempfile::tempdir().unwrap();
    let index = filled(dir.path(), 20);
    index.verify().unwrap();
    let files = fs::read_dir(generation(dir.path())).unwrap().map(|e| e.unwrap().path());
    for path in files.filter(|p| p.extension().is_some_and(|e| e == "store")) {
        let mut bytes = fs::read(&path).unwrap();
        bytes[3] ^= 0x40;
        fs::write(&path, bytes).unwrap();
    }
    let index = Index::open(dir.path()).unwrap();
    assert!(matches!(index.verify(), Err(SearchError::Corrupt { .. })));
    if let Err(e) = index.search(&Query::new("bệnh viện", now())) {
        assert!(e.wants_rebuild());
    }
}

#[test]
fn a_folder_that_cannot_be_locked_still_answers() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), 2));
    // Stands in for a read-only folder, which the superuser's tests cannot make: no file of this name can be opened.
    for name in [generation(dir.path()).join(".tantivy-meta.lock"), dir.path().join("LOCK")] {
        _ = fs::remove_file(&name);
        fs::create_dir(&name).unwrap();
    }
    let index = Index::open(dir.path()).unwrap();
    assert_eq!((index.count().unwrap(), total(&index, "huyện")), (2, 2));
    assert!(matches!(index.writer(), Err(SearchError::Io { .. })));
}
