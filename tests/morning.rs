//! The whole morning, as a newcomer and as a ministry run it.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

#[expect(dead_code, reason = "each test binary uses its own part")]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use support::{Home, Press, diembao, json_of, stdout_of};

#[test]
fn the_demo_ends_with_a_digest_and_three_commands_that_work() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let printed = stdout_of(diembao().arg("demo").arg("--dir").arg(&home), 0);
    let html = printed
        .lines()
        .find_map(|l| l.strip_prefix("edition  ").filter(|l| l.ends_with(".html")))
        .expect("the edition's path is printed");
    let html = fs::read_to_string(html).unwrap();
    assert!(html.contains("Điểm báo y tế"), "{html}");
    assert!(html.len() <= 100 * 1024, "{} bytes", html.len());

    let next: Vec<&str> = printed.lines().skip_while(|l| *l != "try next:").skip(1).collect();
    assert_eq!(next.len(), 3, "{printed}");
    for command in next {
        let (program, rest) = command.trim().split_once(' ').unwrap();
        let args: Vec<String> = rest.split(' ').map(|a| a.trim_matches('\'').to_owned()).collect();
        // The query of two words is one argument in the shell.
        let args = rejoin(args);
        let output = std::process::Command::new(program).args(&args).output().unwrap();
        assert!(output.status.success(), "{command}\n{}", support::both(&output));
        assert!(!output.stdout.is_empty(), "{command} printed nothing");
    }
    let mails = fs::read_dir(home.join("received")).unwrap().count();
    assert!(mails >= 2, "{mails} mails");
}

fn rejoin(args: Vec<String>) -> Vec<String> {
    let at = args.iter().position(|a| a == "ngộ");
    match at {
        Some(i) => [&args[..i], &["ngộ độc".to_owned()], &args[i + 2..]].concat(),
        None => args,
    }
}

#[test]
fn a_second_run_fetches_files_and_sends_nothing_again() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    let first = json_of(&mut home.command(&["run", "--json"])).remove(0);
    assert_eq!(first["edition"]["outcome"], "frozen");
    let mails = home.mails("mail");
    assert_eq!(mails.len(), 2);
    let before: Vec<Vec<u8>> = mails.iter().map(|m| fs::read(m).unwrap()).collect();

    let second = json_of(&mut home.command(&["run", "--json"])).remove(0);
    assert_eq!(second["edition"]["outcome"], "already frozen");
    let pages = second["stages"].as_array().unwrap().iter().find(|s| s["stage"] == "pages").unwrap();
    assert_eq!(pages["n_in"], 0);
    stdout_of(&mut home.command(&["digest", "send"]), 0);
    let after: Vec<Vec<u8>> = home.mails("mail").iter().map(|m| fs::read(m).unwrap()).collect();
    assert!(before == after, "a mail was written again");
}

#[test]
fn every_healthy_outlet_is_read_and_every_item_has_one_outcome() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    let report = json_of(&mut home.command(&["run", "--json"])).remove(0);
    assert_eq!(report["channels"]["polled"], report["channels"]["answered"], "{report}");
    let stages = report["stages"].as_array().unwrap();
    let pages = stages.iter().find(|s| s["stage"] == "pages").unwrap();
    let others: u64 = pages["counts"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(pages["n_in"].as_u64().unwrap(), pages["n_out"].as_u64().unwrap() + others, "{pages}");
    assert!(pages["n_out"].as_u64().unwrap() >= 200, "{pages}");
    let doctor = stdout_of(&mut home.command(&["doctor"]), 0);
    assert!(!doctor.contains("FAIL"), "{doctor}");
}

#[test]
fn outlets_with_bad_habits_harm_only_themselves() {
    let titles = |home: &Home| -> BTreeSet<String> {
        let found = json_of(&mut home.command(&["search", "*", "--articles", "--json", "--limit", "1000"])).remove(0);
        let hits = found["hits"].as_array().unwrap();
        hits.iter().map(|h| format!("{} {} {} {}", h["outlet"], h["title"], h["topics"], h["flags"])).collect()
    };
    let healthy = Home::new();
    let good = {
        let _press = Press::serve(&healthy, &[]);
        stdout_of(&mut healthy.command(&["run"]), 0);
        titles(&healthy)
    };
    let home = Home::new();
    home.change("diembao.toml", "total_timeout = \"60s\"", "total_timeout = \"3s\"");
    home.change("diembao.toml", "max_feed_bytes = 52428800", "max_feed_bytes = 4000000");
    let kinds = "slow,404,429,500,503,428,tls,html-as-rss,endless,redirect-loop,wrong-charset,huge-feed,challenge,\
                 empty-feed,bad-dates,double-encoded,same-etag";
    // Each has a host of its own, as in the world: one that wants to be left alone speaks for itself.
    let _press = Press::serve(&home, &["--hosts", "--misbehave", kinds]);
    let output = home.command(&["run", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", support::both(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["edition"]["outcome"], "frozen");
    assert!(report["channels"]["answered"].as_u64() < report["channels"]["polled"].as_u64());
    let missing: Vec<String> = good.difference(&titles(&home)).cloned().collect();
    assert_eq!(missing, Vec::<String>::new());
    let text = stdout_of(&mut home.command(&["digest", "preview"]), 0);
    assert!(text.contains("nguồn đọc được"), "{text}");
    let rows = json_of(&mut home.command(&["sources", "list", "--json"]));
    let grade = |id: &str| rows.iter().find(|r| r["outlet"] == id).unwrap()["grade"].as_str().unwrap().to_owned();
    for (kind, expected) in [("428", "broken"), ("challenge", "broken"), ("html-as-rss", "broken"), ("tls", "doubtful")]
    {
        assert_eq!(grade(&format!("hong-{kind}")), expected, "{kind}");
    }
}

#[test]
fn without_internet_the_digest_leaves_and_says_so() {
    let home = Home::new();
    // Names under .invalid never resolve, with or without a network.
    fs::write(
        home.file("feeds.toml"),
        (0..6)
            .map(|i| {
                format!(
                    "[[outlet]]\nid = \"bao-{i}\"\nname = \"Báo {i}\"\ntier = \"central\"\n\n[[outlet.channel]]\nname = \"tin\"\nkind = \"feed\"\nurl = \"https://bao-{i}.invalid/rss\"\n\n"
                )
            })
            .collect::<String>(),
    )
    .unwrap();
    let printed = stdout_of(&mut home.command(&["run"]), 4);
    assert!(printed.contains("6 of 6 channels could not be read"), "{printed}");
    assert_eq!(home.mails("mail").len(), 2, "the digest left all the same");
    let text = stdout_of(&mut home.command(&["digest", "preview"]), 0);
    assert!(text.contains("0/6 nguồn"), "{text}");
    // A general outage charges nobody.
    let rows = json_of(&mut home.command(&["sources", "list", "--json"]));
    assert!(rows.iter().all(|r| r["failures"] == 0.0), "{rows:?}");
}

#[test]
fn the_repository_is_a_home() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let printed = stdout_of(diembao().arg("--home").arg(root).args(["sources", "check", "--offline"]), 0);
    assert!(printed.contains("no mistakes"), "{printed}");
}
