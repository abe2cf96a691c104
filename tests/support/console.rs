//! The console over the fictional press of one morning, in this process, so that its time can be moved.

#![expect(unreachable_pub, reason = "shared by the test binaries")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use diembao_mail::sink::{Behaviour, Sink};
use diembao_pipeline::desk::{Teller, send_alerts, warn_of_clocks};
use diembao_pipeline::{Clock, Pipeline, Progress};
use diembao_store::{Role, User};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::support::{Home, Press, stdout_of};

/// Everybody's password.
pub const PASSWORD: &str = "bốn từ rời nhau";
/// When the press was read; the console opens a little later.
const OPENS: &str = "2026-11-21T06:45:00+07:00";

/// A console that answers until dropped.
pub struct Console {
    pub url: String,
    pub p: Pipeline,
    pub mails: PathBuf,
    passed: Arc<AtomicI64>,
    _sink: Sink,
    _stop: oneshot::Sender<()>,
    _dir: TempDir,
}

impl Console {
    /// Over a copy of the morning, with one user of each role, named after it, and a second officer.
    pub async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy(&tokio::task::spawn_blocking(morning).await.unwrap(), dir.path());
        let mails = dir.path().join("received");
        let sink = Sink::start(&mails, Behaviour::Accept).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = dir.path().join("diembao.toml");
        let smtp = format!("[mail.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n", sink.addr().port());
        let text = fs::read_to_string(&settings).unwrap();
        let text = text
            .replace("transport = \"folder\"", "transport = \"smtp\"")
            .replace("# [mail.smtp]\n", &smtp)
            .replace("http://127.0.0.1:8080", &url);
        fs::write(&settings, text).unwrap();

        let passed = Arc::new(AtomicI64::new(0));
        let opens: DateTime<Utc> = DateTime::parse_from_rfc3339(OPENS).unwrap().into();
        let clock = {
            let passed = Arc::clone(&passed);
            Clock::new(move || opens + TimeDelta::milliseconds(passed.fetch_add(1, Ordering::Relaxed)))
        };
        let home = diembao_pipeline::Home::load(dir.path()).unwrap();
        let p = Pipeline::open(home, clock, Progress::default()).await.unwrap();
        let hash = tokio::task::spawn_blocking(|| diembao_pipeline::hash_password("", PASSWORD).unwrap());
        let hash = hash.await.unwrap();
        for (name, display, role) in [
            ("viewer", "Vũ Thị Hạnh", Role::Viewer),
            ("editor", "Nguyễn Lan", Role::Editor),
            ("officer", "Lê Ngọc Chi", Role::Officer),
            ("next", "Trần Thị Bình", Role::Officer),
            ("unit", "Phạm Văn Dũng", Role::Unit),
            ("admin", "Đỗ Minh Quân", Role::Admin),
        ] {
            let unit = (role == Role::Unit).then(|| "Cục An toàn thực phẩm".to_owned());
            let (name, display) = (name.to_owned(), display.to_owned());
            let user = User { name, display, role, unit, created_at: p.clock.now(), disabled_at: None };
            assert!(p.store.add_user(&user, Some(&hash)).await.unwrap());
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = diembao_web::serve(p.clone(), listener, async {
            let _ = stopped.await;
        });
        tokio::spawn(serving);
        Self { url, p, mails, passed, _sink: sink, _stop: stop, _dir: dir }
    }

    /// Lets time pass, and the daemon's look at the clocks and the outbox follow.
    pub async fn wait(&self, d: TimeDelta) {
        self.passed.fetch_add(d.num_milliseconds(), Ordering::Relaxed);
        warn_of_clocks(&self.p).await.unwrap();
        send_alerts(&self.p, &Teller::new(&self.p.home).unwrap()).await.unwrap();
    }

    /// The mails that arrived, as they came over the wire.
    pub fn received(&self) -> Vec<Vec<u8>> {
        let Ok(entries) = fs::read_dir(&self.mails) else { return Vec::new() };
        let paths = entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "eml"));
        paths.map(|p| fs::read(p).unwrap()).collect()
    }
}

/// A home that has read the press this morning, made once for all tests of a binary.
fn morning() -> PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    static MAKING: Mutex<()> = Mutex::new(());
    let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    MADE.get_or_init(|| {
        let home = Home::new();
        let _press = Press::serve(&home, &[]);
        stdout_of(&mut home.command(&["collect"]), 0);
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-morning");
        let _ = fs::remove_dir_all(&kept);
        copy(home.path(), &kept);
        kept
    })
    .clone()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
