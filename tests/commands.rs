//! The contracts of commands that other programs call.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

#[expect(dead_code, reason = "each test binary uses its own part")]
mod support;

use std::collections::{BTreeSet, VecDeque};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Home, Press, Running, both, diembao, json_of, stdout_of};

/// Feeds JSON lines to a command and reads its JSON lines.
fn through(args: &[&str], input: &[Value]) -> Vec<Value> {
    let mut child = diembao().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for value in input {
        writeln!(stdin, "{value}").unwrap();
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn try_feed_reads_files() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tin.rss");
    std::fs::write(
        &file,
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Báo Thử</title><item><title>Ổ dịch ở Mường La</title>\
         <link>https://bao-thu.vn/o-dich.html?utm_source=rss</link><description>Sáu ca</description>\
         <pubDate>Fri, 20 Nov 2026 08:15:00 +0700</pubDate></item></channel></rss>",
    )
    .unwrap();
    let rows = json_of(diembao().args(["try", "feed", "--json"]).arg(&file));
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["file"], file.to_str().unwrap());
    assert_eq!(rows[0]["kind"], "rss");
    assert_eq!(rows[0]["title"], "Báo Thử");
    let item = &rows[0]["items"][0];
    assert_eq!(item["url"], "https://bao-thu.vn/o-dich.html");
    assert_eq!(item["title"], "Ổ dịch ở Mường La");
    assert_eq!(item["published"], "2026-11-20T08:15:00+07:00");
}

#[test]
fn try_extract_classify_and_group_answer_line_by_line() {
    let paragraph = "Trung tâm y tế cho biết các học sinh đã qua cơn nguy kịch, ngành chức năng đang lấy mẫu thức ăn để xét nghiệm. ";
    let body: String = (0..6).map(|i| format!("<p>Đoạn {i}. {paragraph}</p>")).collect();
    let html = format!(
        "<html><head><title>68 học sinh nhập viện - Báo Thử</title></head><body><article><h1>68 học sinh nhập viện</h1>{body}</article></body></html>"
    );
    let rows = through(&["try", "extract", "--json"], &[json!({"id": 7, "url": "https://bao-thu.vn/x", "html": html})]);
    assert_eq!(rows[0]["id"], 7);
    assert_eq!(rows[0]["title"], "68 học sinh nhập viện");
    assert!(rows[0]["body"].as_str().unwrap().contains("Đoạn 5"), "{}", rows[0]);

    let article = json!({"id": "a", "url": "https://bao-thu.vn/x", "title": "68 học sinh nhập viện nghi ngộ độc thực phẩm sau bữa ăn bán trú", "lead": "", "body": ""});
    let rows = through(&["try", "classify", "--json"], std::slice::from_ref(&article));
    assert_eq!(rows[0]["health"], true, "{}", rows[0]);
    let flag = &rows[0]["flags"][0];
    assert_eq!(flag["kind"], "incident");
    let (start, end) = (flag["evidence"][0]["start"].as_u64().unwrap(), flag["evidence"][0]["end"].as_u64().unwrap());
    let title = article["title"].as_str().unwrap();
    assert_eq!(flag["evidence"][0]["text"], title[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]);

    let mut copy = article.clone();
    copy["id"] = "b".into();
    copy["published"] = "2026-11-20T08:15:00+07:00".into();
    let rows = through(&["try", "group", "--json"], &[article, copy]);
    assert_eq!(rows[0]["story"], rows[1]["story"]);
}

#[test]
fn imported_articles_are_found_by_their_ref_with_and_without_accents() {
    let home = Home::new();
    let rows = [
        json!({"id": "k1", "url": "https://bao-thu.vn/1", "title": "Mổ nhầm chân ở bệnh viện huyện", "lead": "", "body": "Ê kíp trực bị đình chỉ.", "published": "2026-11-20T08:00:00+07:00", "outlet": "bao-thu"}),
        json!({"id": "k2", "url": "https://bao-thu.vn/2", "title": "Mỏ than khởi công", "lead": "", "body": "Công nhân vào ca.", "published": "2026-11-20T09:00:00+07:00", "outlet": "bao-thu"}),
        json!({"id": "k3", "title": "", "lead": "", "body": "", "outlet": "bao-thu"}),
    ];
    let file = home.file("in.jsonl");
    std::fs::write(&file, rows.map(|r| r.to_string()).join("\n")).unwrap();
    let printed = stdout_of(&mut home.command(&["import", file.to_str().unwrap()]), 1);
    assert!(printed.contains("2 new") && printed.contains("1 refused") && printed.contains("line 3"), "{printed}");

    let refs = |query: &str| -> Vec<String> {
        let found = json_of(&mut home.command(&["search", "--json", "--articles", query])).remove(0);
        found["hits"].as_array().unwrap().iter().map(|h| h["ref"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(refs("mổ"), ["k1"]);
    assert_eq!(refs("mỏ"), ["k2"]);
    assert_eq!(refs("mo").len(), 2);
    assert_eq!(refs("*").len(), 2);
    let queries = home.file("q.txt");
    std::fs::write(&queries, "mổ\nkhởi công\n").unwrap();
    let answers =
        json_of(&mut home.command(&["search", "--json", "--articles", "--queries", queries.to_str().unwrap()]));
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1]["hits"][0]["ref"], "k2");
    assert!(answers[1]["took_us"].as_u64().is_some());
}

#[test]
fn a_csv_of_broadcasts_has_no_addresses() {
    let home = Home::new();
    let file = home.file("phat-thanh.csv");
    std::fs::write(&file, "id,outlet,title,lead,body,published,authors\nb1,Đài PT-TH Hà Tĩnh,Ổ dịch sởi ở miền núi,,Mười hai ca mắc,20/11/2026 18:30,A. N.; B. T.\n").unwrap();
    stdout_of(&mut home.command(&["import", file.to_str().unwrap()]), 0);
    let shown = json_of(&mut home.command(&["show", "b1", "--json"])).remove(0);
    assert_eq!(shown["outlet"], "dai-pt-th-ha-tinh");
    assert_eq!(shown["published"], "2026-11-20T18:30:00+07:00");
    assert_eq!(shown["authors"], json!(["A. N.", "B. T."]));
    assert_eq!(shown["url"], Value::Null);
}

#[test]
fn an_index_made_again_gives_the_same_answers() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    stdout_of(&mut home.command(&["collect"]), 0);
    let ask = |query: &str| {
        let mut answer =
            json_of(&mut home.command(&["search", "--json", "--by", "outlet", "--limit", "500", query])).remove(0);
        answer["took_us"] = 0.into();
        for hit in answer["hits"].as_array_mut().unwrap() {
            // Segments differ, and with them the last bits of a score.
            hit["score"] = 0.into();
        }
        answer
    };
    let before: Vec<Value> = ["*", "bệnh viện", "ngo doc", "\"bệnh nhân\" -mổ"].map(ask).to_vec();
    assert!(before[0]["total"].as_u64().unwrap() > 50);
    stdout_of(&mut home.command(&["reindex"]), 0);
    let sorted = |mut answer: Value| {
        answer["hits"].as_array_mut().unwrap().sort_by_key(|h| h["id"].to_string());
        answer
    };
    for (before, query) in before.into_iter().zip(["*", "bệnh viện", "ngo doc", "\"bệnh nhân\" -mổ"]) {
        assert_eq!(sorted(before), sorted(ask(query)), "{query}");
    }
}

#[test]
fn the_desk_keeps_a_log_of_every_case() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    stdout_of(&mut home.command(&["collect"]), 0);
    let cases = json_of(&mut home.command(&["desk", "list", "--json"]));
    assert!(!cases.is_empty(), "the sample press has incidents");
    let number = cases[0]["case"].to_string();
    stdout_of(&mut home.command(&["desk", "ack", &number, "--by", "Trực ban A"]), 0);
    stdout_of(&mut home.command(&["desk", "escalate", &number, "--to", "Chánh Văn phòng", "--by", "Trực ban A"]), 0);
    stdout_of(&mut home.command(&["desk", "dismiss", &number, "--reason", "old-case", "--by", "Trực ban A"]), 0);
    let shown = json_of(&mut home.command(&["desk", "show", &number, "--json"])).remove(0);
    let actions: Vec<&str> =
        shown["events"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions.first(), Some(&"open"));
    assert_eq!(actions[actions.len() - 3..], ["ack", "escalate", "dismiss"]);
    // People overrule: collecting again does not open it again.
    stdout_of(&mut home.command(&["collect"]), 0);
    let again = json_of(&mut home.command(&["desk", "show", &number, "--json"])).remove(0);
    assert_eq!(again["state"], "dismissed");
    stdout_of(&mut home.command(&["desk", "show", "999999"]), 5);
}

#[test]
fn an_outlet_is_proposed_from_its_home_page_and_written() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    let rows = json_of(&mut home.command(&["sources", "list", "--json"]));
    let url = rows.iter().find(|r| r["kind"] == "feed").unwrap()["url"].as_str().unwrap();
    let paper = url.splitn(5, '/').take(4).collect::<Vec<_>>().join("/") + "/";
    std::fs::write(home.file("feeds.toml"), "# kept\n").unwrap();
    let shown = stdout_of(&mut home.command(&["sources", "add", &paper]), 0);
    assert!(shown.contains("[[outlet]]") && shown.contains("nothing was written"), "{shown}");
    assert_eq!(home.read("feeds.toml"), "# kept\n");
    stdout_of(&mut home.command(&["sources", "add", &paper, "--write"]), 0);
    assert!(home.read("feeds.toml").starts_with("# kept\n"));
    assert!(!json_of(&mut home.command(&["sources", "list", "--json"])).is_empty());
    let opml = stdout_of(&mut home.command(&["sources", "export"]), 0);
    std::fs::write(home.file("list.opml"), opml).unwrap();
    let toml = stdout_of(&mut home.command(&["sources", "import", home.file("list.opml").to_str().unwrap()]), 0);
    assert!(toml.contains("[[outlet.channel]]"), "{toml}");
}

#[test]
fn a_check_shows_how_each_outlet_is_read() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    let rows = json_of(&mut home.command(&["sources", "check", "--sample", "--json"]));
    let samples: Vec<&Value> = rows.iter().filter(|r| r["sample"].is_string()).collect();
    let outlets = rows.iter().filter_map(|r| r["channel"].as_str()?.split('/').next()).collect::<BTreeSet<_>>();
    assert_eq!(samples.len(), outlets.len(), "{rows:#?}");
    for sample in samples {
        let body = sample["body"].as_str().unwrap();
        assert!(sample["kind"] == "article" && !sample["title"].as_str().unwrap().is_empty(), "{sample:#}");
        assert!(body.lines().count() >= 3 && sample["published"].is_string(), "{sample:#}");
        assert!(!["Xem thêm", "Tin liên quan", "Bình luận"].iter().any(|gone| body.contains(gone)), "{body}");
    }
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let script = stdout_of(diembao().args(["completions", shell]), 0);
        assert!(script.contains("samplepress"), "{shell}");
    }
    assert!(stdout_of(diembao().arg("exit-codes"), 0).contains("no source could be read"));
}

#[test]
fn serve_answers_healthz_and_stops_when_told() {
    let home = Home::new();
    std::fs::write(home.file("feeds.toml"), "").unwrap();
    let (mut child, address) = serving(&home);
    let answer = ask(&address, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"ok\""), "{answer}");
    // While it works, a second writer is told so.
    stdout_of(&mut home.command(&["collect"]), 6);
    let killed = std::process::Command::new("kill").args(["-TERM", &child.0.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let deadline = Instant::now() + Duration::from_secs(20);
    while child.0.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it did not stop");
        std::thread::yield_now();
    }
    assert!(child.0.wait().unwrap().success());
}

#[test]
fn the_first_administrator_is_made_by_a_command_and_signs_in() {
    let home = Home::new();
    std::fs::write(home.file("feeds.toml"), "").unwrap();
    let add = |name: &str, password: &str| {
        let mut command = home.command(&["users", "add", name, "--role", "admin", "--display", "Nguyễn An"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
        both(&child.wait_with_output().unwrap())
    };
    assert!(add("an.nguyen", "ngắn quá").contains("shorter than 12 characters"));
    assert!(json_of(&mut home.command(&["users", "list", "--json"])).is_empty());
    assert!(add("an.nguyen", "bốn từ rời nhau").contains("user.add admin"));
    assert!(add("an.nguyen", "từ khác hẳn thế").contains("there is a user an.nguyen already"));
    let users = json_of(&mut home.command(&["users", "list", "--json"]));
    assert_eq!((&users[0]["name"], &users[0]["role"]), (&json!("an.nguyen"), &json!("admin")));

    let (_daemon, address) = serving(&home);
    let form = ask(&address, "GET /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let cookie = between(&form, "set-cookie: ", ";");
    let token = between(&form, "name=\"csrf\" value=\"", "\"");
    let typed = |password: &str| {
        let body = format!("csrf={token}&name=an.nguyen&password={password}");
        let head = format!("Host: x\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\nConnection: close");
        let kind = format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}", body.len());
        ask(&address, &format!("POST /login HTTP/1.1\r\n{head}\r\n{kind}\r\n\r\n{body}"))
    };
    assert!(!typed("sai+hoàn+toàn+rồi").starts_with("HTTP/1.1 303"));
    let answer = typed("b%E1%BB%91n+t%E1%BB%AB+r%E1%BB%9Di+nhau");
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
}

/// A hundred and forty sign in, and most hang up while their password is checked: that takes 19 MiB each, but few are
/// checked at once, and who is in reads on meanwhile.
#[test]
fn many_logins_at_once_take_little_memory_and_hold_nobody_up() {
    let home = Home::new();
    std::fs::write(home.file("feeds.toml"), "").unwrap();
    let mut add = home.command(&["users", "add", "an.nguyen", "--role", "viewer", "--display", "Nguyễn An"]);
    let mut child = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "bốn từ rời nhau").unwrap();
    assert!(child.wait().unwrap().success());
    let (daemon, address) = serving(&home);
    let form = ask(&address, "GET /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let (cookie, token) = (between(&form, "set-cookie: ", ";"), between(&form, "name=\"csrf\" value=\"", "\""));
    let body = format!("csrf={token}&name=an.nguyen&password=b%E1%BB%91n+t%E1%BB%AB+r%E1%BB%9Di+nhau");
    let login = format!(
        "POST /login HTTP/1.1\r\nHost: x\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let welcome = ask(&address, &login);
    let session = between(&welcome, "set-cookie: diembao=", ";");
    let page = format!("GET / HTTP/1.1\r\nHost: x\r\nCookie: diembao={session}\r\nConnection: close\r\n\r\n");
    assert!(ask(&address, &page).starts_with("HTTP/1.1 200"));
    let before = peak_mib(&daemon);

    let read = || {
        let answer = ask(&address, &page);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    std::thread::scope(|scope| {
        let patient: Vec<_> = (0..20).map(|_| scope.spawn(|| ask(&address, &login))).collect();
        let mut impatient = VecDeque::new();
        for _ in 0..120 {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.write_all(login.as_bytes()).unwrap();
            impatient.push_back(stream);
            read();
            if impatient.len() > 8 {
                impatient.pop_front();
            }
        }
        for answer in patient {
            let answer = answer.join().unwrap();
            assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        }
    });
    let more = peak_mib(&daemon) - before;
    assert!(more < 16 * 19, "{more} MiB more");
}

/// The most memory that a process has held.
fn peak_mib(process: &Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.0.id())).unwrap();
    between(&status, "VmHWM:", "kB").trim().parse::<u64>().unwrap() / 1024
}

/// A daemon and where it listens.
fn serving(home: &Home) -> (Running, String) {
    let mut child =
        Running(home.command(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.0.stdout.take().unwrap()), &mut line).unwrap();
    let address = line.trim().strip_prefix("serving http://").unwrap().trim_end_matches('/').to_owned();
    (child, address)
}

/// The answer to a request, head and body.
fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before:?} is not in {text}"));
    rest.split_once(after).unwrap().0
}
