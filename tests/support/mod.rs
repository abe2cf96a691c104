//! What the end-to-end tests share: the real binary, a home, a press on loopback.

#![expect(unreachable_pub, reason = "shared by the test binaries")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Instant;

use tempfile::TempDir;

/// The morning every test begins on; it goes on from there as the test does.
const MORNING: &str = "2026-11-21T06:30:00+07:00";

fn now() -> String {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    let morning = chrono::DateTime::parse_from_rfc3339(MORNING).unwrap();
    (morning + BEGUN.get_or_init(Instant::now).elapsed()).to_rfc3339()
}

/// The real binary, without a home from the environment.
pub fn diembao() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diembao"));
    for name in ["DIEMBAO_HOME", "DIEMBAO_STORE", "DIEMBAO_USER", "RUST_LOG"] {
        command.env_remove(name);
    }
    command.env("DIEMBAO_NOW", now()).stdin(Stdio::null());
    command
}

/// What a command printed, which must have ended with a code.
#[track_caller]
pub fn stdout_of(command: &mut Command, code: i32) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{}", both(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Both outputs, for messages.
pub fn both(output: &Output) -> String {
    format!("stdout: {}\nstderr: {}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The JSON objects a command printed, one a line.
#[track_caller]
pub fn json_of(command: &mut Command) -> Vec<serde_json::Value> {
    stdout_of(command, 0).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A home of its own in a temporary folder.
pub struct Home {
    dir: TempDir,
}

impl Home {
    /// A home with the shipped settings, fit for loopback.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Self { dir };
        stdout_of(diembao().arg("init").arg(home.path()), 0);
        home.change("diembao.toml", "allow_loopback = false", "allow_loopback = true");
        home.change("diembao.toml", "host_interval = \"2s\"", "host_interval = \"0s\"");
        home.change("diembao.toml", "host_concurrency = 2", "host_concurrency = 16");
        home.change("diembao.toml", "first_window = \"24h\"", "first_window = \"3d\"");
        home
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// Replaces a text that must stand in a file.
    pub fn change(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "{name} does not hold {old:?}");
        fs::write(self.file(name), text.replace(old, new)).unwrap();
    }

    /// A command in this home.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = diembao();
        command.arg("--home").arg(self.path()).args(args);
        command
    }

    /// The names of the mails in a folder of the home, sorted.
    pub fn mails(&self, folder: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.file(folder)) else {
            return Vec::new();
        };
        let paths = entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "eml"));
        let mut paths: Vec<PathBuf> = paths.collect();
        paths.sort();
        paths
    }
}

/// A process that ends with the test, however the test ends.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The fictional press, served by the real binary until dropped.
pub struct Press {
    _child: Running,
}

impl Press {
    /// Serves a press and points a home's feeds.toml at it.
    pub fn serve(home: &Home, args: &[&str]) -> Self {
        let mut command = diembao();
        command.arg("samplepress").arg("--write-feeds").arg(home.file("feeds.toml")).args(args);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("serving"), "{line:?}");
        Self { _child: Running(child) }
    }
}

/// A store of its own for a home: the SQLite file it has, or a new PostgreSQL database.
pub enum Backend {
    Sqlite,
    Postgres { admin: String, name: String },
}

impl Backend {
    /// PostgreSQL, if `DIEMBAO_TEST_POSTGRES` names a server.
    pub fn postgres(test: &str) -> Option<Self> {
        let Ok(admin) = std::env::var("DIEMBAO_TEST_POSTGRES") else {
            eprintln!("skipped on PostgreSQL: DIEMBAO_TEST_POSTGRES names no server (tests/run starts one)");
            return None;
        };
        let name = format!("diembao_{test}_{}", std::process::id());
        psql(&admin, &format!("CREATE DATABASE {name}"));
        Some(Self::Postgres { admin, name })
    }

    /// Makes a home use it.
    pub fn give_to(&self, home: &Home) {
        if let Self::Postgres { admin, name } = self {
            let (server, rest) = admin.rsplit_once('/').unwrap();
            let options = rest.split_once('?').map(|(_, o)| format!("?{o}")).unwrap_or_default();
            home.change("diembao.toml", "sqlite:diembao.db", &format!("{server}/{name}{options}"));
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if let Self::Postgres { admin, name } = self {
            psql(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn psql(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::{AssertSqlSafe, Connection, Executor};
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        connection.execute(sqlx::query(AssertSqlSafe(sql.to_owned()))).await.unwrap();
    });
}
