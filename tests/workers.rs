//! Several processes read one press together: nothing is asked twice, each host is asked as gently as by one, and
//! what a killed one had begun is finished by the others.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

#[expect(dead_code, reason = "each test binary uses its own part")]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use support::{Backend, Home, Running, both, json_of};

const HOSTS: usize = 6;
const CHANNELS: usize = 5;
/// Between two requests to one host, and what a busy machine may shorten it by on the way.
const INTERVAL: Duration = Duration::from_millis(300);
const LATE: Duration = Duration::from_millis(200);

/// A press that writes down when it was asked for what.
struct Log {
    port: u16,
    seen: Arc<Mutex<Vec<(Instant, String, String)>>>,
    open: Arc<Open>,
}

/// How long an answer takes, and how many were being given by one host at most.
#[derive(Default)]
struct Open {
    lasting: Duration,
    by_host: Mutex<BTreeMap<String, (usize, usize)>>,
}

impl Log {
    fn start() -> Self {
        Self::slow(Duration::ZERO)
    }

    fn slow(lasting: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let open = Arc::new(Open { lasting, ..Open::default() });
        let (log, opened) = (Arc::clone(&seen), Arc::clone(&open));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, opened) = (Arc::clone(&log), Arc::clone(&opened));
                std::thread::spawn(move || answer(stream, &log, &opened));
            }
        });
        Self { port, seen, open }
    }

    /// When each path of each host was asked for.
    fn by_path(&self) -> BTreeMap<String, Vec<Instant>> {
        let mut by_path: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
        for (at, host, path) in self.seen.lock().unwrap().iter() {
            by_path.entry(format!("{host}{path}")).or_default().push(*at);
        }
        by_path
    }
}

fn answer(stream: TcpStream, log: &Mutex<Vec<(Instant, String, String)>>, open: &Open) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut host = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? <= 2 {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("host:") {
            host = value.trim().to_owned();
        }
    }
    log.lock().unwrap().push((Instant::now(), host.clone(), path.clone()));
    let count = |change: fn(usize) -> usize| {
        let mut by_host = open.by_host.lock().unwrap();
        let (now, most) = by_host.entry(host.clone()).or_default();
        *now = change(*now);
        *most = (*now).max(*most);
    };
    count(|n| n + 1);
    std::thread::park_timeout(open.lasting);
    count(|n| n - 1);
    let body = match path.strip_prefix("/rss-") {
        Some(n) => format!(
            "<rss version=\"2.0\"><channel><title>Báo</title><item><title>Tin {n}</title>\
             <link>http://{host}/tin-{n}.html</link></item></channel></rss>"
        ),
        None if path == "/robots.txt" => String::new(),
        None => "<html><body><p>Trang không phải bài báo.</p></body></html>".to_owned(),
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    reader.get_mut().write_all(format!("{head}{body}").as_bytes()).ok()
}

/// Homes of several workers that share a database and a press.
fn workers(press: &Log, store: &Backend, n: usize) -> Vec<Home> {
    let mut feeds = String::new();
    for host in 0..HOSTS {
        feeds.push_str(&format!("[[outlet]]\nid = \"bao-{host}\"\nname = \"Báo {host}\"\ntier = \"central\"\n\n"));
        for channel in 0..CHANNELS {
            feeds.push_str(&format!(
                "[[outlet.channel]]\nname = \"k{channel}\"\nkind = \"feed\"\n\
                 url = \"http://bao-{host}.localhost:{}/rss-{channel}\"\n\n",
                press.port
            ));
        }
    }
    let homes = (0..n).map(|_| {
        let home = Home::new();
        store.give_to(&home);
        home.change("diembao.toml", "host_interval = \"0s\"", "host_interval = \"300ms\"");
        home.change("diembao.toml", "host_concurrency = 16", "host_concurrency = 1");
        home.change("diembao.toml", "lease = \"60s\"", "lease = \"3s\"");
        home.change("diembao.toml", "\nconcurrency = 32", "\nconcurrency = 6");
        fs::write(home.file("feeds.toml"), &feeds).unwrap();
        home
    });
    homes.collect()
}

fn start(home: &Home) -> Running {
    let mut command = home.command(&["collect", "--gather", "--json"]);
    // Workers that share hosts share the time.
    command.env_remove("DIEMBAO_NOW");
    Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

#[track_caller]
fn finish(mut worker: Running) {
    let status = worker.0.wait().unwrap();
    assert!(status.success(), "{status}");
}

#[test]
fn two_workers_ask_nothing_twice_and_no_host_too_soon() {
    let Some(store) = Backend::postgres("workers") else { return };
    let press = Log::start();
    let homes = workers(&press, &store, 2);
    let running: Vec<Running> = homes.iter().map(start).collect();
    running.into_iter().for_each(finish);
    let asked = press.by_path();
    let mut n = 0;
    for (path, times) in asked.iter().filter(|(path, _)| !path.ends_with("/robots.txt")) {
        assert_eq!(times.len(), 1, "{path} was asked for {} times", times.len());
        n += 1;
    }
    assert_eq!(n, HOSTS * CHANNELS * 2, "every channel and its page");
    let mut by_host: BTreeMap<&str, Vec<Instant>> = BTreeMap::new();
    for (path, times) in &asked {
        by_host.entry(path.split('/').next().unwrap()).or_default().extend(times);
    }
    for (host, mut times) in by_host {
        times.sort();
        let soonest = times.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
        assert!(soonest + LATE >= INTERVAL, "{host} was asked again after {soonest:?}");
    }
    let rows = json_of(homes[0].command(&["sources", "list", "--json"]).env_remove("DIEMBAO_NOW"));
    assert_eq!(rows.iter().filter(|r| r["last_read"].is_string()).count(), HOSTS * CHANNELS);
}

#[test]
fn two_workers_together_have_no_more_open_at_a_host_than_one_may() {
    let Some(store) = Backend::postgres("openathost") else { return };
    let press = Log::slow(Duration::from_millis(250));
    let homes = workers(&press, &store, 2);
    for home in &homes {
        home.change("diembao.toml", "host_interval = \"300ms\"", "host_interval = \"1ms\"");
        home.change("diembao.toml", "host_concurrency = 1", "host_concurrency = 2");
        home.change("diembao.toml", "\nconcurrency = 6", "\nconcurrency = 24");
    }
    let running: Vec<Running> = homes.iter().map(start).collect();
    running.into_iter().for_each(finish);
    let by_host = press.open.by_host.lock().unwrap();
    assert_eq!(by_host.len(), HOSTS);
    for (host, (_, most)) in by_host.iter() {
        assert!(*most <= 2, "{most} requests were open at {host}");
    }
    assert!(by_host.values().any(|(_, most)| *most == 2), "nobody used what was allowed");
}

#[test]
fn what_a_killed_worker_had_begun_is_finished_by_another() {
    let Some(store) = Backend::postgres("killedworker") else { return };
    let press = Log::start();
    let homes = workers(&press, &store, 2);
    let mut victim = start(&homes[0]);
    let begun = Instant::now();
    while press.by_path().len() < 12 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the first worker does not begin");
        std::thread::park_timeout(Duration::from_millis(5));
    }
    let survivor = start(&homes[1]);
    victim.0.kill().unwrap();
    victim.0.wait().unwrap();
    finish(survivor);
    let asked = press.by_path();
    let wanted = asked.keys().filter(|path| !path.ends_with("/robots.txt")).count();
    assert_eq!(wanted, HOSTS * CHANNELS * 2, "every channel and its page was asked for");
    let output = homes[1].command(&["doctor", "--offline"]).env_remove("DIEMBAO_NOW").output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    let rows = json_of(homes[1].command(&["sources", "list", "--json"]).env_remove("DIEMBAO_NOW"));
    assert_eq!(rows.iter().filter(|r| r["last_read"].is_string()).count(), HOSTS * CHANNELS);
}
