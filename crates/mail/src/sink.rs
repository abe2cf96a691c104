//! A small real SMTP server on loopback for demonstrations and tests: it writes every mail it takes
//! to a folder, and can be told to misbehave.

mod session;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::folder::{Keep, file_name, write_atomically};

/// More connections at a time are refused with 421.
const MAX_CONNECTIONS: usize = 256;

/// How the server treats mails.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Behaviour {
    /// It takes every mail.
    #[default]
    Accept,
    /// 451 to every recipient.
    Defer,
    /// 550 to this recipient, others are taken.
    Reject(String),
    /// 554 after the text.
    FailAfterData,
    /// 451 after the text.
    DeferAfterData,
    /// Closes the connection when a mail is begun.
    DropBeforeData,
    /// Closes the connection in the middle of the text.
    DropInData,
    /// Keeps the mail, then closes the connection without an answer: the sender cannot know.
    TakeAndDrop,
    /// Closes the connection after the text without keeping the mail: the sender cannot know.
    DropAfterData,
    /// Waits so long before every answer.
    Slow(Duration),
    /// 421 to every connection.
    Busy,
    /// Offers login and refuses it (535).
    RefuseLogin,
}

/// The running server. Ends when dropped.
pub struct Sink {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    folder: PathBuf,
    behaviour: Mutex<Behaviour>,
    n_received: AtomicUsize,
    n_open: AtomicUsize,
    log: Mutex<Vec<String>>,
}

impl Sink {
    /// Starts the server on a free port of 127.0.0.1; it writes to `folder`, which is made.
    /// Runs on a thread of its own and needs no runtime.
    ///
    /// # Errors
    /// When the folder cannot be made or no port is free.
    pub fn start(folder: &Path, behaviour: Behaviour) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            behaviour: Mutex::new(behaviour),
            n_received: AtomicUsize::new(0),
            n_open: AtomicUsize::new(0),
            log: Mutex::default(),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("smtp-sink".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, serving) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        })?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// How many mails it has kept.
    #[must_use]
    pub fn received(&self) -> usize {
        self.shared.n_received.load(Ordering::SeqCst)
    }

    /// Changes what it does from the next command on.
    pub fn set(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// The first commands it was given, in order, without the mails' text and without credentials.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let others = shared.n_open.fetch_add(1, Ordering::SeqCst);
            // A client that leaves in the middle is its own business.
            let _ = session::run(stream, &shared, others >= MAX_CONNECTIONS).await;
            shared.n_open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

impl Shared {
    fn behaviour(&self) -> Behaviour {
        self.behaviour.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, command: &str) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() < 10_000 {
            log.push(command.to_owned());
        }
    }

    /// Keeps a mail. Its number stands in the file's name, so that a mail sent twice is seen twice.
    fn keep(&self, mail: &[u8], message_id: &str) -> io::Result<()> {
        let number = self.n_received.fetch_add(1, Ordering::SeqCst) + 1;
        let name = format!("{number:05}-{}", file_name(message_id));
        write_atomically(&self.folder.join(name), mail, Keep::ThroughCrashes)
    }
}
