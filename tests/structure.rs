//! What must stay true of the workspace itself: the floors of the crates, the size of files and
//! functions, a word of purpose at the head of every file.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};

const FLOORS: &[&[&str]] = &[
    &["text", "news"],
    &["feeds", "extract", "rules", "stories", "desk", "digest", "samplepress"],
    &["fetch", "store", "search", "mail", "print"],
    &["pipeline"],
    &["web"],
    &["cli"],
];
/// Lines of code: neither blank nor comment, and outside a file's tests.
const MAX_FILE_LINES: usize = 400;
/// Tests may be longer: a scenario reads from top to bottom.
const MAX_FUNCTION_LINES: usize = 60;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn floor(name: &str) -> Option<usize> {
    let name = name.strip_prefix("diembao-")?;
    FLOORS.iter().position(|floor| floor.contains(&name))
}

#[test]
fn a_crate_sees_only_lower_floors() {
    let metadata = MetadataCommand::new().current_dir(root()).other_options(["--locked".to_owned()]).exec().unwrap();
    let mut n_seen = 0;
    for package in metadata.workspace_packages() {
        let own = floor(&package.name).unwrap_or_else(|| panic!("{} stands on no floor", package.name));
        n_seen += 1;
        for dependency in package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal) {
            if let Some(other) = floor(&dependency.name) {
                assert!(other < own, "{} (floor {own}) sees {} (floor {other})", package.name, dependency.name);
            }
        }
    }
    assert_eq!(n_seen, FLOORS.iter().map(|f| f.len()).sum::<usize>());
}

fn sources() -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root().join("crates"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|n| n != "target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.insert(path.clone(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// A table: most of its lines hold literals, nothing to follow.
fn is_flat_table(text: &str) -> bool {
    let is_row = |line: &&str| {
        let line = line.trim();
        line.is_empty()
            || line.starts_with("//")
            || line.starts_with(|c: char| "\"'([{])}&".contains(c) || c.is_ascii_digit())
    };
    text.lines().filter(is_row).count() * 10 >= text.lines().count() * 7
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut bad = Vec::new();
    for (path, text) in sources() {
        let n = code_lines(text.split("#[cfg(test)]").next().unwrap_or_default().lines());
        if n > MAX_FILE_LINES && !is_flat_table(&text) {
            bad.push(format!("{}: {n} lines; {MAX_FILE_LINES} is the limit", path.display()));
        }
        if !text.starts_with("//!") {
            bad.push(format!("{}: does not begin with a //! that says what it is for", path.display()));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn functions_are_short() {
    let mut bad = Vec::new();
    let in_src = |path: &PathBuf| path.components().any(|c| c.as_os_str() == "src");
    for (path, text) in sources().into_iter().filter(|(path, _)| in_src(path)) {
        let lines: Vec<&str> = text.split("#[cfg(test)]").next().unwrap_or_default().lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let code = line.trim_start();
            let is_function = code.starts_with("fn ")
                || (code.starts_with("pub") || code.starts_with("async ")) && code.contains("fn ");
            if !is_function || code.ends_with(';') || code.ends_with('}') {
                continue;
            }
            // rustfmt closes a function at its own indentation.
            let end = format!("{}}}", &line[..indent]);
            let Some(n) = lines[i..].iter().position(|l| *l == end) else {
                continue;
            };
            let body = lines[i..=i + n].join("\n");
            if n + 1 > MAX_FUNCTION_LINES && !is_flat_table(&body) && !is_one_match(&lines[i + 1..i + n]) {
                bad.push(format!("{}:{}: {} lines; {MAX_FUNCTION_LINES} is the limit", path.display(), i + 1, n + 1));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

fn code_lines<'t>(lines: impl Iterator<Item = &'t str>) -> usize {
    lines.map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//")).count()
}

/// A function that is one `match` of short arms reads as a table.
fn is_one_match(body: &[&str]) -> bool {
    let arms = body.iter().filter(|l| l.contains("=>")).count();
    arms * 2 >= body.len()
}
