//! A run that is killed at any instruction leaves, after it is run to the end, what an uninterrupted
//! run leaves: the same articles, topics, flags, stories, edition and deliveries.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

mod support;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Backend, Home, Press, json_of, stdout_of};

/// Kills of one home, until its run is done.
const KILLS: u32 = 12;
/// Kills of runs that were alive, over all homes.
const MIN_KILLS: u32 = 55;

#[test]
fn killed_runs_end_as_uninterrupted_ones_on_sqlite() {
    kill_and_compare(|| Some(Backend::Sqlite));
}

#[test]
fn killed_runs_end_as_uninterrupted_ones_on_postgresql() {
    let mut n = 0;
    kill_and_compare(|| {
        n += 1;
        Backend::postgres(&format!("killed{n}"))
    });
}

fn kill_and_compare(mut backend: impl FnMut() -> Option<Backend>) {
    let reference = Home::new();
    let Some(store) = backend() else { return };
    store.give_to(&reference);
    let _press = Press::serve(&reference, &[]);
    let started = Instant::now();
    stdout_of(&mut reference.command(&["run"]), 0);
    let whole = started.elapsed();
    let expected = outcome(&reference);

    // A small generator is enough to spread the kills, and its seed makes a failure repeatable.
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut n_killed = 0;
    let mut reach = whole / 4;
    for round in 0.. {
        let home = Home::new();
        let Some(store) = backend() else { return };
        store.give_to(&home);
        std::fs::copy(reference.file("feeds.toml"), home.file("feeds.toml")).unwrap();
        for _ in 0..KILLS {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if !kill_after(&home, reach * (random % 1000) as u32 / 1000) {
                // It was done before its time: the machine is faster now than at the first run.
                reach = reach * 9 / 10;
                break;
            }
            n_killed += 1;
        }
        stdout_of(&mut home.command(&["run"]), 0);
        let found = outcome(&home);
        for (key, value) in &expected {
            assert_eq!(found.get(key), Some(value), "round {round}: {key} differs");
        }
        assert_eq!(found.len(), expected.len(), "round {round}");
        alarms_arrived(&home);
        if n_killed >= MIN_KILLS {
            return;
        }
        assert!(round < 40, "only {n_killed} runs were alive when they were killed");
    }
}

/// Starts a run and kills it; whether it was still alive then.
fn kill_after(home: &Home, delay: Duration) -> bool {
    let mut child = home.command(&["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + delay;
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        let now = Instant::now();
        if now >= deadline {
            break;
        }
        std::thread::park_timeout((deadline - now).min(Duration::from_millis(2)));
    }
    // On Unix, kill is SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

/// Every alarm was handed over, and none is left in doubt once the time of doubt is over.
fn alarms_arrived(home: &Home) {
    let later = "2026-11-21T20:00:00+07:00";
    let alerts = json_of(home.command(&["desk", "alerts", "--send", "--json"]).env("DIEMBAO_NOW", later));
    let cases = json_of(&mut home.command(&["desk", "list", "--all", "--json"]));
    let alarming = |c: &&Value| ["red", "orange"].contains(&c["severity"].as_str().unwrap());
    // Older ones are an archive's.
    let is_news = |c: &&Value| c["published"].as_str().unwrap() > "2026-11-19";
    for case in cases.iter().filter(alarming).filter(is_news) {
        let of_case: Vec<&Value> = alerts.iter().filter(|a| a["case"] == case["case"] && a["rung"] == 0).collect();
        let last = of_case.iter().max_by_key(|a| a["version"].as_i64()).unwrap();
        assert_eq!(last["state"], "sent", "case {}: {of_case:?}", case["case"]);
    }
    assert!(!home.mails("mail/alerts").is_empty());
}

/// All that a run leaves, by name, without what differs between any two runs.
fn outcome(home: &Home) -> BTreeMap<String, String> {
    let mut left = BTreeMap::new();
    let found = json_of(&mut home.command(&["search", "*", "--articles", "--json", "--limit", "1000"])).remove(0);
    let hits = found["hits"].as_array().unwrap();
    let mut stories: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for hit in hits {
        stories.entry(hit["story"].as_str().unwrap()).or_default().push(hit["url"].as_str().unwrap());
    }
    for hit in hits {
        let mut story = stories[hit["story"].as_str().unwrap()].clone();
        story.sort_unstable();
        let row = format!("{} {} {} {} {story:?}", hit["title"], hit["topics"], hit["flags"], hit["severity"]);
        assert!(left.insert(format!("article {}", hit["url"]), row).is_none(), "{} is there twice", hit["url"]);
    }
    let status = json_of(&mut home.command(&["digest", "status", "--json"])).remove(0);
    for delivery in status["deliveries"].as_array().unwrap() {
        let key = format!("delivery {} {}", delivery["audience"], delivery["recipient"]);
        assert!(left.insert(key, format!("{} {}", delivery["message_id"], delivery["state"])).is_none());
    }
    left.insert("mails".to_owned(), format!("{}", home.mails("mail").len()));
    left.insert("edition".to_owned(), without_minutes(&stdout_of(&mut home.command(&["digest", "preview"]), 0)));
    let mut cases: Vec<String> = json_of(&mut home.command(&["desk", "list", "--all", "--json"]))
        .iter()
        .map(|c: &Value| format!("{} {} {} {}", c["title"], c["severity"], c["n_articles"], c["n_outlets"]))
        .collect();
    cases.sort();
    left.insert("cases".to_owned(), cases.join("\n"));
    left
}

/// The text without the minutes of the test's own hour: the cut-off is when a run happens to freeze.
fn without_minutes(text: &str) -> String {
    text.split("06:").enumerate().fold(String::new(), |out, (i, part)| {
        let part = if i > 0 { part.get(2..).unwrap_or(part) } else { part };
        out + part
    })
}
