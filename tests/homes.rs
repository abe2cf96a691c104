//! Homes in trouble: each is told what is wrong, and keeps what it has.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

#[expect(dead_code, reason = "each test binary uses its own part")]
mod support;

use std::fs;
use std::path::Path;

use support::{Home, Press, diembao, json_of, stdout_of};

fn stderr_of(home: &Home, args: &[&str], code: i32) -> String {
    let output = home.command(args).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", support::both(&output));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_folder_that_is_no_home_says_how_to_make_one() {
    let dir = tempfile::tempdir().unwrap();
    let output = diembao().arg("--home").arg(dir.path()).arg("run").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("diembao init"), "{said}");
}

#[test]
fn init_never_overwrites() {
    let home = Home::new();
    let output = diembao().arg("init").arg(home.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn every_mistake_in_every_file_is_reported_with_its_line() {
    let home = Home::new();
    home.change("diembao.toml", "host_concurrency", "host_concurency");
    let feeds = home.read("feeds.toml");
    fs::write(
        home.file("feeds.toml"),
        format!("{feeds}\n[[outlet]]\nid = \"Bad Id\"\nname = \"x\"\ntier = \"centrale\"\n"),
    )
    .unwrap();
    let rules = home.read("rules/incidents.toml");
    fs::write(home.file("rules/incidents.toml"), format!("{rules}\n[[flagg]]\nid = \"x\"\n")).unwrap();
    let said = stderr_of(&home, &["sources", "list"], 3);
    for part in ["diembao.toml:", "host_concurrency", "feeds.toml:", "outlet.tier", "rules/incidents.toml:", "flagg"] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
}

#[test]
fn broken_toml_names_file_and_line() {
    let home = Home::new();
    fs::write(home.file("diembao.toml"), "[agency]\nname = \"Bộ\nunit = 3\n").unwrap();
    let said = stderr_of(&home, &["run"], 3);
    assert!(said.contains("diembao.toml:2"), "{said}");
}

#[test]
fn a_missing_rules_folder_means_the_built_in_rules_and_says_so() {
    let home = Home::new();
    fs::remove_dir_all(home.file("rules")).unwrap();
    let _press = Press::serve(&home, &[]);
    let said = stderr_of(&home, &["collect"], 0);
    assert!(said.contains("built-in rules"), "{said}");
    assert!(!json_of(&mut home.command(&["desk", "list", "--json"])).is_empty());
}

#[test]
fn a_corrupt_index_is_made_again_and_says_so() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    stdout_of(&mut home.command(&["collect"]), 0);
    let total =
        |home: &Home| json_of(&mut home.command(&["search", "*", "--articles", "--json"])).remove(0)["total"].clone();
    let before = total(&home);
    let mut n_broken = 0;
    for entry in walk(&home.file("index")) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".store") || name.ends_with(".term") || name == "meta.json" {
            fs::write(&entry, b"rubbish").unwrap();
            n_broken += 1;
        }
    }
    assert!(n_broken > 1);
    let printed = stdout_of(&mut home.command(&["collect"]), 0);
    assert!(printed.contains("made again from the store"), "{printed}");
    assert_eq!(total(&home), before);
}

#[test]
fn a_flipped_bit_in_a_segment_is_found_and_the_index_made_again() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    stdout_of(&mut home.command(&["collect"]), 0);
    for kind in [".pos", ".idx", ".store"] {
        let segment = walk(&home.file("index")).into_iter().find(|f| f.to_string_lossy().ends_with(kind)).unwrap();
        let mut bytes = fs::read(&segment).unwrap();
        bytes[5] ^= 0x20;
        fs::write(&segment, bytes).unwrap();
        let sick = checked(&home);
        assert!(sick.contains("FAIL index") && sick.contains("damaged"), "{kind}: {sick}");
        let printed = stdout_of(&mut home.command(&["collect"]), 0);
        assert!(printed.contains("made again from the store"), "{kind}: {printed}");
        let well = checked(&home);
        assert!(well.contains("ok   index"), "{kind}: {well}");
    }
}

fn checked(home: &Home) -> String {
    String::from_utf8(home.command(&["doctor", "--offline"]).output().unwrap().stdout).unwrap()
}

fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn a_lost_index_is_filled_again() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    stdout_of(&mut home.command(&["collect"]), 0);
    fs::remove_dir_all(home.file("index")).unwrap();
    stdout_of(&mut home.command(&["collect"]), 0);
    let found = json_of(&mut home.command(&["search", "*", "--articles", "--json"])).remove(0);
    assert!(found["total"].as_u64().unwrap() > 100, "{}", found["total"]);
}

#[test]
fn an_index_that_cannot_be_written_does_not_keep_the_digest_from_leaving() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    // A file where the folder should be cannot be written by anyone, root included.
    fs::remove_dir_all(home.file("index")).unwrap();
    fs::write(home.file("index"), b"in the way").unwrap();
    let printed = stdout_of(&mut home.command(&["run"]), 1);
    assert!(printed.contains("search index could not be brought up to date"), "{printed}");
    assert_eq!(home.mails("mail").len(), 2);
    fs::remove_file(home.file("index")).unwrap();
    stdout_of(&mut home.command(&["run"]), 0);
    let found = json_of(&mut home.command(&["search", "*", "--articles", "--json"])).remove(0);
    assert!(found["total"].as_u64().unwrap() > 100);
}

#[test]
fn a_locked_database_is_waited_for_and_then_named() {
    let home = Home::new();
    home.change("diembao.toml", "busy_timeout = \"10s\"", "busy_timeout = \"300ms\"");
    fs::write(home.file("feeds.toml"), "").unwrap();
    stdout_of(&mut home.command(&["collect"]), 0);
    let url = format!("sqlite:{}", home.file("diembao.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let locker = runtime.block_on(async {
        use sqlx::{Connection, Executor};
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        connection.execute("BEGIN EXCLUSIVE").await.unwrap();
        connection
    });
    let file = home.file("in.jsonl");
    fs::write(&file, "{\"id\":\"a\",\"title\":\"Tin\",\"outlet\":\"bao-thu\"}\n").unwrap();
    let said = stderr_of(&home, &["import", file.to_str().unwrap()], 6);
    assert!(said.contains("diembao.db"), "{said}");
    drop(locker);
    drop(runtime);
    stdout_of(&mut home.command(&["import", file.to_str().unwrap()]), 0);
}

/// A full disk: a file system of its own of a few megabytes. Needs root and mount; says so when it has neither.
#[test]
fn a_full_disk_is_named_and_nothing_is_lost() {
    let home = Home::new();
    let small = home.file("small");
    fs::create_dir(&small).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"])
        .arg(&small)
        .output()
        .is_ok_and(|o| o.status.success());
    if !mounted {
        eprintln!("skipped: a small file system cannot be mounted here (needs root)");
        return;
    }
    let result = std::panic::catch_unwind(|| {
        home.change("diembao.toml", "sqlite:diembao.db", "sqlite:small/diembao.db");
        let press = Press::serve(&home, &[]);
        let said = stderr_of(&home, &["run"], 1);
        assert!(said.contains("no space is left"), "{said}");
        let grown = std::process::Command::new("mount").args(["-o", "remount,size=200m"]).arg(&small).status().unwrap();
        assert!(grown.success());
        stdout_of(&mut home.command(&["run"]), 0);
        let found = json_of(&mut home.command(&["search", "*", "--articles", "--json"])).remove(0);
        assert!(found["total"].as_u64().unwrap() > 100);
        drop(press);
    });
    let _ = std::process::Command::new("umount").arg(&small).status();
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn a_backup_brings_a_home_back() {
    let home = Home::new();
    let press = Press::serve(&home, &[]);
    stdout_of(&mut home.command(&["collect"]), 0);
    drop(press);
    let file = home.file("saved.tar.zst");
    let file_name = file.to_str().unwrap();
    let saved = json_of(&mut home.command(&["backup", file_name, "--json"])).remove(0);
    assert!(saved["backup"]["store_bytes"].as_u64().unwrap() > 0);
    let said = stderr_of(&home, &["backup", file_name], 1);
    assert!(said.contains("exists already"), "{said}");
    let counted = |home: &Path| {
        stdout_of(diembao().arg("--home").arg(home).arg("reindex"), 0);
        json_of(diembao().arg("--home").arg(home).args(["search", "*", "--articles", "--json"])).remove(0)["total"]
            .clone()
    };
    let before = counted(home.path());

    let other = tempfile::tempdir().unwrap();
    stdout_of(diembao().arg("--home").arg(other.path()).args(["restore", file_name]), 0);
    assert_eq!(counted(other.path()), before);
    assert_eq!(fs::read_to_string(other.path().join("feeds.toml")).unwrap(), home.read("feeds.toml"));

    // Over a home with files of its own: refused, then set aside.
    let output = diembao().arg("--home").arg(other.path()).args(["restore", file_name]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    fs::write(other.path().join("diembao.db"), "not a database").unwrap();
    let done = json_of(diembao().arg("--home").arg(other.path()).args(["restore", file_name, "--replace", "--json"]));
    let aside = Path::new(done[0]["set_aside"].as_str().unwrap());
    assert_eq!(fs::read_to_string(aside.join("diembao.db")).unwrap(), "not a database");
    assert_eq!(counted(other.path()), before);

    // A flipped bit is found before anything changes.
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let output = diembao().arg("--home").arg(empty.path()).args(["restore", file_name]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}
