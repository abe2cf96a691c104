//! What is new, told to open pages by server-sent events: only that something changed, never
//! what. The page asks again with its own rights.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use tokio::sync::{Semaphore, watch};

use crate::answer::Stop;
use crate::state::Console;

/// Open streams at most; a page that gets none is reloaded by hand.
const MAX_STREAMS: usize = 500;
/// Between two looks at the store while somebody listens.
const LOOK: Duration = Duration::from_secs(2);
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// The number of changes seen, and who may listen.
pub(crate) struct Live {
    changes: watch::Sender<u64>,
    room: Arc<Semaphore>,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self { changes: watch::Sender::new(0), room: Arc::new(Semaphore::new(MAX_STREAMS)) }
    }

    /// The number of changes so far.
    pub(crate) fn n_changes(&self) -> u64 {
        *self.changes.borrow()
    }

    /// Tells every open page that something changed.
    pub(crate) fn tell(&self) {
        self.changes.send_modify(|n| *n += 1);
    }
}

/// Looks at the store while pages are open, for what other processes and the schedule did.
pub(crate) async fn watch(console: Console) {
    let mut last = None;
    loop {
        tokio::time::sleep(LOOK).await;
        if console.live.changes.receiver_count() == 0 {
            continue;
        }
        match console.p.store.last_change().await {
            Ok(found) => {
                if last.is_some_and(|known| known != found) {
                    console.live.tell();
                }
                last = Some(found);
            }
            Err(e) => tracing::warn!("live updates: {e}"),
        }
    }
}

/// GET /events
pub(crate) async fn events(State(console): State<Console>) -> Response {
    let Ok(permit) = Arc::clone(&console.live.room).try_acquire_owned() else {
        return Stop::Busy.into_response();
    };
    let receiver = console.live.changes.subscribe();
    let changes = stream::unfold((receiver, permit), |(mut receiver, permit)| async move {
        receiver.changed().await.ok()?;
        let n = *receiver.borrow_and_update();
        let event = Event::default().event("change").data(n.to_string());
        Some((Ok::<_, Infallible>(event), (receiver, permit)))
    });
    Sse::new(changes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}
