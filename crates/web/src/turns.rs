//! Work that takes much memory or a core for a while: a little of it at a time, some waits its turn, and the rest is
//! told to come again.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::answer::Stop;

/// The places there are for one kind of work.
pub(crate) struct Turns {
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Turns {
    /// So many at a time, and so many with those that wait.
    pub(crate) fn new(n_at_once: usize, n_waiting: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(n_at_once)), room: Arc::new(Semaphore::new(n_waiting)) }
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
        let (turns, at_once) = (Turns::new(2, 50), Arc::new(AtomicUsize::new(0)));
        let work = || {
            let at_once = Arc::clone(&at_once);
            async move {
                assert!(at_once.fetch_add(1, Ordering::SeqCst) < 2);
                tokio::task::yield_now().await;
                at_once.fetch_sub(1, Ordering::SeqCst);
            }
        };
        let all = join_all((0..60).map(|_| turns.turn(work()))).await;
        assert_eq!(all.iter().filter(|done| matches!(done, Err(Stop::Busy))).count(), 10);
        assert_eq!(all.iter().filter(|done| done.is_ok()).count(), 50);
    }

    #[tokio::test]
    async fn who_hangs_up_keeps_the_place_until_the_work_is_done() {
        let turns = Turns::new(2, 50);
        let (finish, finished) = tokio::sync::watch::channel(());
        let work = || {
            let mut finished = finished.clone();
            async move { finished.changed().await.is_ok() }
        };
        for _ in 0..2 {
            let mut request = Box::pin(turns.turn(work()));
            assert!(futures::poll!(&mut request).is_pending());
        }
        let began = Arc::new(AtomicUsize::new(0));
        let begin = Arc::clone(&began);
        let mut next = Box::pin(turns.turn(async move { begin.fetch_add(1, Ordering::SeqCst) }));
        for _ in 0..10 {
            assert!(futures::poll!(&mut next).is_pending());
            tokio::task::yield_now().await;
        }
        assert_eq!(began.load(Ordering::SeqCst), 0, "both are still at work");
        finish.send_replace(());
        assert!(next.await.is_ok());
    }
}
