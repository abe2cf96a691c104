//! Checking a password takes 19 MiB and a core for a while: few are checked at a time, some wait their turn, and
//! the rest are told to come again.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::answer::Stop;

/// At the same time.
const N_AT_ONCE: usize = 2;
/// With those that wait: more would wait longer than people do.
const N_WAITING: usize = 256;

/// The places there are.
pub(crate) struct Hashing {
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Hashing {
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(N_AT_ONCE)), room: Arc::new(Semaphore::new(N_WAITING)) }
    }

    /// Does the work when its turn comes. Who hangs up meanwhile ends their request and not the work: its place is
    /// free when it is done.
    pub(crate) async fn turn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Stop> {
        let room = Arc::clone(&self.room).try_acquire_owned().map_err(|_| Stop::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Stop::Busy)?;
        let working = tokio::spawn(async move {
            let done = work.await;
            drop((turn, room));
            done
        });
        Ok(working.await.map_err(anyhow::Error::new)?)
    }

    /// Hashes a new password when its turn comes.
    pub(crate) async fn hash(&self, name: &str, password: String) -> Result<anyhow::Result<String>, Stop> {
        let name = name.to_owned();
        let hash = move || diembao_pipeline::hash_password(&name, &password);
        let hashed = self.turn(async { tokio::task::spawn_blocking(hash).await }).await?;
        Ok(hashed.map_err(anyhow::Error::new)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn few_at_a_time_some_wait_the_rest_come_again() {
        let (hashing, at_once) = (Hashing::new(), Arc::new(AtomicUsize::new(0)));
        let work = || {
            let at_once = Arc::clone(&at_once);
            async move {
                assert!(at_once.fetch_add(1, Ordering::SeqCst) < N_AT_ONCE);
                tokio::task::yield_now().await;
                at_once.fetch_sub(1, Ordering::SeqCst);
            }
        };
        let all = join_all((0..N_WAITING + 10).map(|_| hashing.turn(work()))).await;
        assert_eq!(all.iter().filter(|done| matches!(done, Err(Stop::Busy))).count(), 10);
        assert_eq!(all.iter().filter(|done| done.is_ok()).count(), N_WAITING);
    }

    #[tokio::test]
    async fn who_hangs_up_keeps_the_place_until_the_work_is_done() {
        let hashing = Hashing::new();
        let (finish, finished) = tokio::sync::watch::channel(());
        let work = || {
            let mut finished = finished.clone();
            async move { finished.changed().await.is_ok() }
        };
        for _ in 0..N_AT_ONCE {
            let mut request = Box::pin(hashing.turn(work()));
            assert!(futures::poll!(&mut request).is_pending());
        }
        let began = Arc::new(AtomicUsize::new(0));
        let begin = Arc::clone(&began);
        let mut next = Box::pin(hashing.turn(async move { begin.fetch_add(1, Ordering::SeqCst) }));
        for _ in 0..10 {
            assert!(futures::poll!(&mut next).is_pending());
            tokio::task::yield_now().await;
        }
        assert_eq!(began.load(Ordering::SeqCst), 0, "both are still at work");
        finish.send_replace(());
        assert!(next.await.is_ok());
    }
}
