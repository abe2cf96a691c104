//! What is new, told to open pages by server-sent events: only that something changed, never
//! what. The page asks again with its own rights.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use crate::access::Actor;
use crate::answer::Stop;
use crate::state::Console;

/// Open streams at most; a page that gets none is reloaded by hand.
const MAX_STREAMS: usize = 500;
/// Streams of one user at most, so that one who opens many leaves room for the others.
const MAX_OF_ONE: usize = 12;
/// A stream ends after this, and the browser asks for another with the rights it has by then.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Between two looks at the store while somebody listens.
const LOOK: Duration = Duration::from_secs(2);
/// A board that takes long is made less often, so that it never takes more than a small share of the machine.
const SHARE: u32 = 10;
/// Between two events of one stream: what changes in between is told once.
const PAUSE: Duration = Duration::from_secs(1);
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// The number of changes seen, and who may listen.
pub(crate) struct Live {
    changes: watch::Sender<u64>,
    room: Arc<Semaphore>,
    of_users: Arc<Mutex<HashMap<String, usize>>>,
    closing: watch::Sender<bool>,
}

/// One stream's place, given back when it ends.
struct Place {
    user: String,
    of_users: Arc<Mutex<HashMap<String, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut of_users = self.of_users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = of_users.get_mut(&self.user) {
            *n -= 1;
            if *n == 0 {
                of_users.remove(&self.user);
            }
        }
    }
}

impl Live {
    pub(crate) fn new() -> Self {
        Self {
            changes: watch::Sender::new(0),
            room: Arc::new(Semaphore::new(MAX_STREAMS)),
            of_users: Arc::default(),
            closing: watch::Sender::new(false),
        }
    }

    /// How many changes there were.
    pub(crate) fn count(&self) -> u64 {
        *self.changes.borrow()
    }

    /// Tells every open page that something changed.
    pub(crate) fn tell(&self) {
        self.changes.send_modify(|n| *n += 1);
    }

    /// Ends every stream: the console is closing.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    fn place(&self, user: &str) -> Option<Place> {
        let permit = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let mut of_users = self.of_users.lock().unwrap_or_else(PoisonError::into_inner);
        let n = of_users.entry(user.to_owned()).or_default();
        if *n >= MAX_OF_ONE {
            return None;
        }
        *n += 1;
        Some(Place { user: user.to_owned(), of_users: Arc::clone(&self.of_users), _permit: permit })
    }
}

/// Looks at the store while pages are open, for what other processes and the schedule did.
pub(crate) async fn watch(console: Console) {
    let mut last: Option<[i64; 3]> = console.p.store.last_change().await.ok();
    let mut pause = LOOK;
    loop {
        tokio::time::sleep(pause).await;
        if console.live.changes.receiver_count() == 0 {
            continue;
        }
        match console.p.store.last_change().await {
            Ok(found) => {
                let known = last.replace(found).unwrap_or(found);
                // The pages ask again when they are told: the board must be the new one by then.
                let begun = Instant::now();
                if known[0] != found[0] && console.renew_board().await.is_err() {
                    // Tried again at the next look.
                    last = Some(known);
                }
                pause = LOOK.max(begun.elapsed() * SHARE);
                if known != found {
                    console.live.tell();
                }
            }
            Err(e) => tracing::warn!("live updates: {e}"),
        }
    }
}

/// One open stream.
struct Listener {
    changes: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    ends: Instant,
    told: Option<Instant>,
    _place: Place,
}

impl Listener {
    /// The number of the next change; none when the stream is over.
    async fn next(&mut self) -> Option<u64> {
        let change = async {
            if let Some(told) = self.told {
                tokio::time::sleep_until(told + PAUSE).await;
            }
            self.changes.changed().await.ok()?;
            Some(*self.changes.borrow_and_update())
        };
        let n = tokio::select! {
            n = change => n?,
            _ = self.closing.wait_for(|closing| *closing) => return None,
            () = tokio::time::sleep_until(self.ends) => return None,
        };
        self.told = Some(Instant::now());
        Some(n)
    }
}

/// What a page knows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Known {
    seen: String,
}

/// GET /events: with `seen`, what changed between the page's making and its listening is told at once.
pub(crate) async fn events(State(console): State<Console>, actor: Actor, Query(known): Query<Known>) -> Response {
    let Some(place) = console.live.place(&actor.user.name) else {
        return Stop::Busy.into_response();
    };
    let mut changes = console.live.changes.subscribe();
    if known.seen.parse::<u64>().is_ok_and(|seen| seen != *changes.borrow()) {
        changes.mark_changed();
    }
    let listener = Listener {
        changes,
        closing: console.live.closing.subscribe(),
        ends: Instant::now() + LONGEST,
        told: None,
        _place: place,
    };
    let changes = stream::unfold(listener, |mut listener| async move {
        let n = listener.next().await?;
        Some((Ok::<_, Infallible>(Event::default().event("change").data(n.to_string())), listener))
    });
    Sse::new(changes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}
