//! An answer that many pages share: made once for all who ask, and kept for a moment.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::answer::Stop;

/// An answer past its time still serves for so long, while a new one is made: nobody waits for what is always asked.
const OLD: TimeDelta = TimeDelta::seconds(10);

/// Keeps one answer. Cheap to clone.
pub(crate) struct Held<T>(Arc<Inner<T>>);

struct Inner<T> {
    keep: TimeDelta,
    kept: Mutex<Option<(DateTime<Utc>, Arc<T>)>>,
    making: Arc<tokio::sync::Mutex<()>>,
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Send + Sync + 'static> Held<T> {
    /// Keeps answers for so long.
    pub(crate) fn new(keep: TimeDelta) -> Self {
        Self(Arc::new(Inner { keep, kept: Mutex::default(), making: Arc::default() }))
    }

    /// The answer. One that is somewhat too old is given once more and made anew meanwhile; for the first, and after
    /// a pause, everybody waits for the one that makes it.
    pub(crate) async fn get(
        &self,
        now: DateTime<Utc>,
        make: impl Future<Output = Result<T, Stop>> + Send + 'static,
    ) -> Result<Arc<T>, Stop> {
        match self.look(now, OLD) {
            Some((at, value)) if now < at + self.0.keep => Ok(value),
            Some((_, value)) => {
                if let Ok(turn) = Arc::clone(&self.0.making).try_lock_owned() {
                    let held = self.clone();
                    tokio::spawn(async move {
                        let _turn = turn;
                        // What went wrong is in the log; the next who asks tries again.
                        if let Ok(value) = make.await {
                            held.keep(now, value);
                        }
                    });
                }
                Ok(value)
            }
            None => {
                let _turn = self.0.making.lock().await;
                match self.look(now, TimeDelta::zero()) {
                    Some((_, value)) => Ok(value),
                    None => Ok(self.keep(now, make.await?)),
                }
            }
        }
    }

    /// Makes the answer anew, whatever is kept.
    pub(crate) async fn renew(
        &self,
        now: DateTime<Utc>,
        make: impl Future<Output = Result<T, Stop>>,
    ) -> Result<(), Stop> {
        let _turn = self.0.making.lock().await;
        self.keep(now, make.await?);
        Ok(())
    }

    /// What is kept and not older than asked for.
    fn look(&self, now: DateTime<Utc>, older: TimeDelta) -> Option<(DateTime<Utc>, Arc<T>)> {
        let kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone().filter(|(at, _)| (*at..*at + self.0.keep + older).contains(&now))
    }

    fn keep(&self, now: DateTime<Utc>, value: T) -> Arc<T> {
        let value = Arc::new(value);
        *self.0.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&value)));
        value
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn an_old_answer_serves_while_a_new_one_is_made_and_a_very_old_one_does_not() {
        let made = Arc::new(AtomicU32::new(0));
        let make = || {
            let made = Arc::clone(&made);
            async move { Ok(made.fetch_add(1, Ordering::Relaxed) + 1) }
        };
        let held = Held::new(TimeDelta::seconds(5));
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert_eq!(*held.get(at(0), make()).await.unwrap(), 1);
        assert_eq!(*held.get(at(4), make()).await.unwrap(), 1);
        assert_eq!(*held.get(at(6), make()).await.unwrap(), 1, "past its time, and at once");
        while held.look(at(6), TimeDelta::zero()).is_none() {
            tokio::task::yield_now().await;
        }
        assert_eq!(*held.get(at(7), make()).await.unwrap(), 2);
        assert_eq!(*held.get(at(60), make()).await.unwrap(), 3, "too old to be shown");
        held.renew(at(61), make()).await.unwrap();
        assert_eq!(*held.get(at(62), make()).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn what_fails_leaves_the_old_answer_and_is_tried_again() {
        let held = Held::new(TimeDelta::seconds(5));
        let now = DateTime::UNIX_EPOCH;
        assert!(held.get(now, async { Err::<u32, _>(Stop::Failed) }).await.is_err());
        assert_eq!(*held.get(now, async { Ok(1) }).await.unwrap(), 1);
        assert!(held.renew(now, async { Err(Stop::Failed) }).await.is_err());
        assert_eq!(*held.get(now, async { Ok(2) }).await.unwrap(), 1);
    }
}
