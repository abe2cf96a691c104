//! A Chromium spoken to in its `DevTools` protocol, over two pipes: JSON objects, each ended by a zero byte.

#![expect(unreachable_pub, reason = "shared by the test binaries")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// The protocol's ends are the file descriptors 3 and 4 of the browser.
const PIPED: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 >/dev/null 2>&1 </dev/null";
const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
];
/// A command that takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is started before it is held to be unable.
const TRIES: u32 = 3;

type Answer = Result<Value, String>;

/// A running browser; ends when dropped.
pub struct Browser {
    wire: Arc<Wire>,
    child: Child,
    _profile: TempDir,
}

struct Wire {
    to: Mutex<ChildStdin>,
    n: AtomicU64,
    asked: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    /// What the last drag of a tab carries, by session.
    dragged: Mutex<HashMap<String, Value>>,
}

/// One tab.
pub struct Tab {
    wire: Arc<Wire>,
    session: String,
}

impl Browser {
    /// Starts it; none where there is none, or where it cannot run.
    pub async fn launch() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let programs = std::env::split_paths(&path).flat_map(|dir| NAMES.map(|name| dir.join(name)));
        let program: PathBuf = programs.into_iter().find(|program| program.is_file())?;
        for _ in 0..TRIES {
            let browser = Self::start(&program);
            match browser.wire.ask(None, "Browser.getVersion", json!({})).await {
                Ok(_) => return Some(browser),
                Err(e) => eprintln!("{} does not start: {e}", program.display()),
            }
        }
        None
    }

    fn start(program: &Path) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", PIPED])
            .arg(program)
            .args(ARGUMENTS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let wire = Arc::new(Wire {
            to: Mutex::new(to),
            n: AtomicU64::new(0),
            asked: Mutex::default(),
            dragged: Mutex::default(),
        });
        let hearing = Arc::clone(&wire);
        std::thread::spawn(move || hearing.hear(from));
        Self { wire, child, _profile: profile }
    }

    /// A tab with cookies of its own.
    pub async fn tab(&self) -> Tab {
        let ask = async |method: &str, params: Value, wanted: &str| {
            let answer = self.wire.ask(None, method, params).await.unwrap();
            answer[wanted].as_str().unwrap().to_owned()
        };
        let context = ask("Target.createBrowserContext", json!({}), "browserContextId").await;
        let target = json!({ "url": "about:blank", "browserContextId": context });
        let target = ask("Target.createTarget", target, "targetId").await;
        let session = json!({ "targetId": target, "flatten": true });
        let session = ask("Target.attachToTarget", session, "sessionId").await;
        let tab = Tab { wire: Arc::clone(&self.wire), session };
        tab.tell("Page.enable", json!({})).await;
        tab
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.wire.send(None, "Browser.close", &json!({}));
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_secs(5) && !matches!(self.child.try_wait(), Ok(Some(_))) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tab {
    /// Sends a command.
    pub async fn ask(&self, method: &str, params: Value) -> Answer {
        self.wire.ask(Some(&self.session), method, params).await
    }

    /// Sends a command that must be obeyed.
    pub async fn tell(&self, method: &str, params: Value) -> Value {
        self.ask(method, params).await.unwrap_or_else(|e| panic!("{method}: {e}"))
    }

    /// What a drag that began here carries, once.
    pub fn dragged(&self) -> Option<Value> {
        lock(&self.wire.dragged).remove(&self.session)
    }
}

impl Wire {
    fn send(&self, session: Option<&str>, method: &str, params: &Value) -> std::io::Result<()> {
        let id = self.n.fetch_add(1, Ordering::Relaxed);
        self.write(id, session, method, params)
    }

    fn write(&self, id: u64, session: Option<&str>, method: &str, params: &Value) -> std::io::Result<()> {
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        lock(&self.to).write_all(&bytes)
    }

    async fn ask(&self, session: Option<&str>, method: &str, params: Value) -> Answer {
        let (answer, answered) = oneshot::channel();
        let id = self.n.fetch_add(1, Ordering::Relaxed);
        lock(&self.asked).insert(id, answer);
        self.write(id, session, method, &params).map_err(|e| e.to_string())?;
        let answered = tokio::time::timeout(PATIENCE, answered).await;
        answered.map_err(|_| "no answer")?.map_err(|_| "the browser has ended")?
    }

    fn hear(&self, from: ChildStdout) {
        let mut from = BufReader::new(from);
        let mut bytes = Vec::new();
        while from.read_until(0, &mut bytes).is_ok_and(|n| n > 0) {
            let text = bytes.strip_suffix(&[0]).unwrap_or(&bytes);
            if let Ok(mut message) = serde_json::from_slice(text) {
                self.take(&mut message);
            }
            bytes.clear();
        }
        lock(&self.asked).clear();
    }

    fn take(&self, message: &mut Value) {
        if let Some(id) = message["id"].as_u64() {
            let answer = match message["error"].take() {
                Value::Null => Ok(message["result"].take()),
                error => Err(error.to_string()),
            };
            if let Some(asked) = lock(&self.asked).remove(&id) {
                let _ = asked.send(answer);
            }
            return;
        }
        let Some(session) = message["sessionId"].as_str() else { return };
        match message["method"].as_str() {
            // Whoever is asked whether they are sure is sure.
            Some("Page.javascriptDialogOpening") => {
                let _ = self.send(Some(session), "Page.handleJavaScriptDialog", &json!({ "accept": true }));
            }
            Some("Input.dragIntercepted") => {
                lock(&self.dragged).insert(session.to_owned(), message["params"]["data"].clone());
            }
            _ => {}
        }
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
