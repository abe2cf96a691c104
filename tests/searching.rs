//! The analysts' commands: search, its forms and pages, saved searches, trends.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

#[expect(dead_code, reason = "each test binary uses its own part")]
mod support;

use std::collections::{BTreeSet, HashMap};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{Connection, Row};
use support::{Home, Press, Running, both, diembao, json_of, stdout_of};

/// A home with some articles.
fn home_with(articles: &[Value]) -> Home {
    let home = Home::new();
    if !articles.is_empty() {
        import(&home, articles);
    }
    home
}

fn import(home: &Home, articles: &[Value]) {
    let file = home.file("in.jsonl");
    let lines: Vec<String> = articles.iter().map(Value::to_string).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    stdout_of(&mut home.command(&["import", file.to_str().unwrap()]), 0);
}

fn article(id: &str, day: &str, title: &str, body: &str) -> Value {
    json!({"id": id, "url": format!("https://bao-thu.vn/{id}"), "title": title, "lead": "", "body": body,
           "published": format!("2026-11-{day}T08:00:00+07:00"), "outlet": "bao-thu"})
}

fn search(home: &Home, args: &[&str]) -> Value {
    json_of(&mut home.command(&[&["search", "--json"], args].concat())).remove(0)
}

fn refs(answer: &Value) -> Vec<&str> {
    answer["hits"].as_array().unwrap().iter().map(|h| h["ref"].as_str().unwrap()).collect()
}

fn shortages() -> Vec<Value> {
    vec![
        article("v1", "18", "Thiếu vắc xin ở Bình Phước", "Trạm y tế xã hết vắc xin sởi."),
        article("v2", "19", "Đồng Nai thiếu vắc xin sởi", "Người dân chờ vắc xin tại Bệnh viện Nhi đồng Đồng Nai."),
        article("v3", "20", "Cần Thơ đủ vắc xin", "Ngành y tế Cần Thơ nói không thiếu vắc xin."),
        article("v4", "20", "=Giá vàng | tăng", "Chợ đông người."),
    ]
}

#[test]
fn old_province_names_find_the_new_one_and_facilities_are_counted() {
    let home = home_with(&shortages());
    let found = |args: &[&str]| {
        let mut names: Vec<String> =
            refs(&search(&home, &[args, &["--articles"]].concat())).into_iter().map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(found(&["vắc xin", "--province", "đồng nai"]), ["v1", "v2"]);
    assert_eq!(found(&["vắc xin province:binh-phuoc"]), ["v1", "v2"]);
    assert_eq!(found(&["*", "--facility", "nhi dong"]), ["v2"]);
    assert_eq!(found(&["facility:\"Nhi đồng\""]), ["v2"]);
    let unknown = search(&home, &["province:atlantis"]);
    assert!(unknown["notes"][0].as_str().unwrap().contains("atlantis"), "{unknown}");
    let counts = search(&home, &["*", "--by", "province", "--by", "facility", "--by", "month"]);
    let provinces = counts["facets"]["province"].as_array().unwrap();
    assert_eq!(provinces[0], json!({"value": "Đồng Nai", "count": 2}));
    assert_eq!(counts["facets"]["facility"][0]["value"], "Bệnh viện Nhi đồng Đồng Nai");
    assert_eq!(counts["facets"]["month"], json!([{"value": "2026-11", "count": 4}]));
    let week = search(&home, &["*", "--by", "week"]);
    assert_eq!(week["facets"]["week"][0]["value"], "2026-11-16");
}

#[test]
fn pages_hold_together_while_the_index_grows() {
    let articles: Vec<Value> = (0..25)
        .map(|i| article(&format!("p{i:02}"), "19", &format!("Dịch sởi lan rộng, tin số {i}"), "sởi ".repeat(i).trim()))
        .collect();
    for sort in ["relevance", "date", "severity", "outlets"] {
        let home = home_with(&articles);
        let (mut seen, mut after) = (Vec::new(), None::<String>);
        for page in 0.. {
            let mut args = vec!["sởi", "--limit", "10", "--sort", sort, "--articles"];
            if let Some(cursor) = &after {
                args.extend(["--after", cursor]);
            }
            let answer = search(&home, &args);
            seen.extend(refs(&answer).into_iter().map(str::to_owned));
            // Every page is followed by new articles that would come first in it.
            let late = article(&format!("late{page}"), "21", "Sởi, sởi và sởi", "sởi sởi sởi sởi");
            import(&home, &[late]);
            match answer["next"].as_str() {
                Some(next) => after = Some(next.to_owned()),
                None => break,
            }
        }
        let first: Vec<&String> = seen.iter().filter(|r| r.starts_with('p')).collect();
        let different: BTreeSet<&&String> = first.iter().collect();
        assert_eq!((first.len(), different.len()), (25, 25), "{sort}: {seen:?}");
        assert!(seen.iter().all(|r| r.starts_with('p')), "{sort}: what came later is left out: {seen:?}");
        let cursor = after.unwrap();
        let other = home.command(&["search", "cúm", "--after", &cursor]).output().unwrap();
        assert_eq!(other.status.code(), Some(1), "{}", both(&other));
        assert!(String::from_utf8_lossy(&other.stderr).contains("cursor"), "{}", both(&other));
    }
}

#[test]
fn an_answer_is_handed_on_as_csv_and_markdown() {
    let home = home_with(&shortages());
    let csv = stdout_of(&mut home.command(&["search", "*", "--csv", "--articles", "--sort", "date"]), 0);
    let rows: Vec<csv_row::Row> = csv_row::read(&csv);
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[0][0], "id");
    let gold = rows.iter().find(|r| r[1] == "v4").unwrap();
    assert_eq!(gold[10], "'=Giá vàng | tăng", "no spreadsheet runs a headline");
    let counts = stdout_of(&mut home.command(&["search", "*", "--csv", "--by", "day"]), 0);
    assert!(counts.starts_with("by,value,name,articles\nday,2026-11-18,2026-11-18,1\n"), "{counts}");
    let md = stdout_of(&mut home.command(&["search", "*", "--md", "--by", "outlet"]), 0);
    assert!(md.contains("| Báo | Số bài |\n|---|---:|\n| bao-thu | 4 |"), "{md}");
    assert!(md.contains("=Giá vàng \\| tăng"), "{md}");
    assert_eq!(stdout_of(&mut home.command(&["search", "thiếu vắc xin", "--articles", "--count"]), 0), "3\n");
    assert_eq!(stdout_of(&mut home.command(&["search", "thiếu vắc xin", "--count"]), 0), "1\n", "they are one story");
    let both_forms = home.command(&["search", "*", "--md", "--csv"]).output().unwrap();
    assert_eq!(both_forms.status.code(), Some(2));
}

/// A reader of CSV small enough to be right.
mod csv_row {
    pub(crate) type Row = Vec<String>;

    pub(crate) fn read(text: &str) -> Vec<Row> {
        let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Row::new(), String::new(), false);
        for c in text.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut field)),
                '\n' if !quoted => {
                    row.push(std::mem::take(&mut field));
                    rows.push(std::mem::take(&mut row));
                }
                c => field.push(c),
            }
        }
        rows
    }
}

#[test]
fn a_trend_is_counted_and_drawn() {
    let home = home_with(&shortages());
    let trend = |args: &[&str]| json_of(&mut home.command(&[&["trend", "vắc xin", "--json"], args].concat())).remove(0);
    let days = trend(&["--last", "7d"]);
    assert_eq!((&days["total"], days["counts"].as_array().unwrap().len()), (&json!(3), 8));
    assert_eq!(days["counts"][4], json!({"from": "2026-11-18", "count": 1}));
    assert_eq!(trend(&[])["counts"].as_array().unwrap().len(), 91, "ninety days by default");
    assert_eq!(trend(&["--by", "month"])["counts"].as_array().unwrap().last().unwrap()["count"], 3);
    assert_eq!(trend(&["--from", "19/11/2026", "--to", "2026-11-20"])["counts"].as_array().unwrap().len(), 2);
    let (svg, png) = (home.file("t.svg"), home.file("t.png"));
    let (svg_name, png_name) = (svg.to_str().unwrap(), png.to_str().unwrap());
    let printed = stdout_of(&mut home.command(&["trend", "thiếu vắc xin", "--svg", svg_name, "--png", png_name]), 0);
    assert!(
        printed.contains("3 articles by day") && printed.contains('█') && printed.contains("2026-11-18"),
        "{printed}"
    );
    let drawn = std::fs::read_to_string(svg).unwrap();
    assert!(drawn.contains("tổng cộng 3 bài") && drawn.contains(">thiếu vắc xin</text>"), "{drawn}");
    assert!(std::fs::read(png).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn similar_articles_are_listed() {
    let home = home_with(&shortages());
    let rows = json_of(&mut home.command(&["similar", "v2", "--json"]));
    assert!(["v1", "v3"].contains(&rows[0]["ref"].as_str().unwrap()), "{rows:?}");
    assert!(rows.iter().all(|r| r["ref"] != "v2"));
    stdout_of(&mut home.command(&["similar", "khong-co"]), 5);
}

#[test]
fn a_saved_search_tells_what_is_new_once() {
    let home = home_with(&[]);
    stdout_of(
        &mut home.command(&[
            "search",
            "save",
            "vắc xin",
            "thiếu",
            "vắc xin",
            "--last",
            "30d",
            "--mail",
            "a@byt.example",
            "--mail",
            "b@byt.example",
        ]),
        0,
    );
    let dry = |home: &Home| stdout_of(&mut home.command(&["search", "watch", "vắc xin", "--dry-run"]), 0);
    assert_eq!(dry(&home), "nothing new\n");
    import(&home, &shortages());
    let told = dry(&home);
    assert!(
        told.contains("would mail a@byt.example: [Tìm kiếm] vắc xin: 3 bài mới")
            && told.contains("* Thiếu vắc xin ở Bình Phước"),
        "{told}"
    );
    assert!(home.mails("mail").is_empty(), "a dry run sends nothing");
    let mailed = stdout_of(&mut home.command(&["search", "watch", "vắc xin"]), 0);
    assert_eq!(mailed.matches("mailed ").count(), 2, "{mailed}");
    assert_eq!(home.mails("mail").len(), 2);
    assert_eq!(stdout_of(&mut home.command(&["search", "watch", "vắc xin"]), 0), "nothing new\n");
    assert_eq!(home.mails("mail").len(), 2, "told once");
    import(&home, &[article("v9", "21", "Lại thiếu vắc xin", "")]);
    let again = json_of(&mut home.command(&["search", "watch", "vắc xin", "--json"])).remove(0);
    assert_eq!(again["new"][0]["ref"], "v9");
    assert_eq!(home.mails("mail").len(), 4);
    let run = json_of(&mut home.command(&["search", "run", "vắc xin", "--json"])).remove(0);
    assert_eq!((&run["query"], &run["total"]), (&json!("thiếu vắc xin"), &json!(1)), "four articles, one story");
    assert_eq!(
        json_of(&mut home.command(&["search", "list", "--json"]))[0]["mail"],
        json!(["a@byt.example", "b@byt.example"])
    );
    stdout_of(&mut home.command(&["search", "delete", "vắc xin", "--dry-run"]), 0);
    stdout_of(&mut home.command(&["search", "delete", "vắc xin"]), 0);
    stdout_of(&mut home.command(&["search", "run", "vắc xin"]), 5);
}

#[test]
fn mail_that_could_not_leave_waits_and_leaves_once() {
    let home = home_with(&[]);
    let settings = home.read("diembao.toml");
    home.change("diembao.toml", "transport = \"folder\"", "transport = \"smtp\"");
    // A port nobody listens on.
    let smtp = "[mail.smtp]\nhost = \"127.0.0.1\"\nport = 9\ntls = \"none\"\n\n# [mail.smtp]\n";
    home.change("diembao.toml", "# [mail.smtp]\n", smtp);
    stdout_of(&mut home.command(&["search", "save", "v", "vắc xin", "--mail", "a@byt.example"]), 0);
    import(&home, &shortages());
    stdout_of(&mut home.command(&["search", "watch", "v"]), 7);
    std::fs::write(home.file("diembao.toml"), settings).unwrap();
    let later = |args: &[&str]| {
        let mut command = home.command(args);
        command.env("DIEMBAO_NOW", "2026-11-21T09:00:00+07:00");
        stdout_of(&mut command, 0)
    };
    assert_eq!(later(&["search", "watch", "v"]), "nothing new\n");
    assert_eq!(home.mails("mail").len(), 1);
    later(&["search", "watch", "v"]);
    assert_eq!(home.mails("mail").len(), 1);
}

/// While `serve` runs, articles become searchable as they are committed, and reading goes on beside it.
#[test]
fn an_article_is_searchable_within_a_second_of_its_commit() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    let _daemon = Running(home.command(&["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap());
    let url = format!("sqlite:{}", home.file("diembao.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut stored, mut found): (HashMap<i64, Instant>, HashMap<i64, Instant>) = (HashMap::new(), HashMap::new());
    let begun = Instant::now();
    let mut db: Option<sqlx::SqliteConnection> = None;
    while begun.elapsed() < Duration::from_secs(120) && (found.len() < 60 || found.len() < stored.len()) {
        if let Ok(index) = diembao_search::Index::open(&home.file("index")) {
            let now = Instant::now();
            for id in index.ids().unwrap_or_default() {
                found.entry(id.as_i64()).or_insert(now);
            }
        }
        if db.is_none() {
            db = runtime.block_on(sqlx::SqliteConnection::connect(&url)).ok();
        }
        if let Some(db) = &mut db {
            let rows = runtime.block_on(sqlx::query("SELECT id FROM articles").fetch_all(db)).unwrap_or_default();
            let now = Instant::now();
            for row in rows {
                stored.entry(row.get(0)).or_insert(now);
            }
        }
        std::thread::yield_now();
    }
    assert!(found.len() >= 60, "{} of {} articles were found", found.len(), stored.len());
    let mut late: Vec<Duration> =
        found.iter().filter_map(|(id, at)| Some(at.duration_since(*stored.get(id)?))).collect();
    late.sort();
    let at = |share: usize| late[(late.len() - 1) * share / 100];
    eprintln!("searchable after {:?} at the median, {:?} at the latest", at(50), at(100));
    // A second is the promise for a machine that is not busy with other tests.
    let busy = if std::env::var_os("DIEMBAO_TEST_IDLE").is_some() { 1 } else { 5 };
    assert!(at(90) < Duration::from_secs(busy), "{:?}", at(90));
    let refused = home.command(&["reindex"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(6), "a second writer is refused: {}", both(&refused));
    assert!(json_of(&mut home.command(&["search", "*", "--json"]))[0]["total"].as_u64().unwrap() > 0);
}

/// However often `reindex` is killed, there is an index that answers, and nothing is left beside it in the end.
#[test]
fn a_killed_reindex_leaves_the_old_index_or_the_new() {
    let many: Vec<Value> = (0..400)
        .map(|i| {
            article(&format!("k{i}"), "18", &format!("Trạm y tế xã số {i}"), &"Người dân đến tiêm vắc xin. ".repeat(40))
        })
        .collect();
    let home = home_with(&many);
    let count = || stdout_of(&mut home.command(&["search", "trạm y tế", "--articles", "--count"]), 0);
    let generation = || std::fs::read_to_string(home.file("index/CURRENT")).unwrap();
    let (before, first) = (count(), generation());
    assert_eq!(before, "400\n");
    let started = Instant::now();
    stdout_of(&mut home.command(&["reindex"]), 0);
    let whole = started.elapsed();
    let mut n_killed = 0;
    for step in 1..=16 {
        let mut child = home.command(&["reindex"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * step / 16);
        n_killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(count(), before, "killed after {step} sixteenths");
    }
    assert!(n_killed >= 4, "only {n_killed} were alive when they were killed");
    stdout_of(&mut home.command(&["reindex"]), 0);
    assert_ne!(generation(), first);
    let left = std::fs::read_dir(home.file("index")).unwrap().filter(|e| e.as_ref().unwrap().path().is_dir()).count();
    assert_eq!((count(), left), (before, 1), "one generation is left");
}

fn runs(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    assert!(output.status.success(), "{program} {args:?}: {}", both(&output));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn shells_take_their_completions_and_man_its_pages() {
    let dir = tempfile::tempdir().unwrap();
    for (shell, args) in
        [("bash", ["--noprofile", "-n"]), ("zsh", ["-f", "-n"]), ("fish", ["--no-config", "--no-execute"])]
    {
        let file = dir.path().join(shell);
        std::fs::write(&file, stdout_of(diembao().args(["completions", shell]), 0)).unwrap();
        if runs(shell, &[args[0], args[1], file.to_str().unwrap()]).is_none() {
            eprintln!("skipped: no {shell} here");
        }
    }
    let script = format!(
        "source {}; COMP_WORDS=(diembao tre); COMP_CWORD=1; _diembao diembao tre diembao; echo \"${{COMPREPLY[@]}}\"",
        dir.path().join("bash").display()
    );
    if let Some(words) = runs("bash", &["--noprofile", "-c", &script]) {
        assert_eq!(words.trim(), "trend");
    }
    let pages = dir.path().join("man");
    stdout_of(diembao().arg("man").arg(&pages), 0);
    for page in ["diembao.1", "diembao-search.1", "diembao-search-watch.1", "diembao-trend.1"] {
        let path = pages.join(page);
        assert!(path.exists(), "{page} is missing");
        match runs("man", &["-P", "cat", "--warnings", "-l", path.to_str().unwrap()]) {
            Some(text) => assert!(text.contains("SYNOPSIS"), "{page}: {text}"),
            None => eprintln!("skipped: no man here"),
        }
    }
}

/// Every command of the analysts' page still runs, and finds something.
#[test]
fn the_analysts_page_holds() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    stdout_of(&mut home.command(&["collect"]), 0);
    let page = include_str!("../docs/analysts.md");
    let commands: Vec<&str> = page.lines().filter_map(|l| l.strip_prefix("$ diembao ")).collect();
    let is_question = |l: &&str| l.strip_prefix("### ").is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit()));
    let n_questions = page.lines().filter(is_question).count();
    assert!(commands.len() >= 20 && n_questions == 20, "{} commands, {n_questions} questions", commands.len());
    for command in commands {
        let first = search(&home, &["ngộ độc", "--articles"])["hits"][0]["id"].as_str().unwrap().to_owned();
        let args = words(&command.replace("{first:ngộ độc}", &first));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let printed = stdout_of(&mut home.command(&args), 0);
        assert!(!printed.is_empty() && !printed.starts_with("0 "), "{command}: {printed}");
    }
}

/// Splits a line as a shell does, as far as the page needs it.
fn words(line: &str) -> Vec<String> {
    let (mut out, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => out.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    out.push(word);
    out
}
