//! An answer that many pages share: made once, by the first who asks, and kept for a moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::answer::Stop;

/// An answer that took this long is dear: after a change it still serves for [`SHARE`] times as long as it
/// took, so that making it never takes more than a small share of the machine.
const DEAR: Duration = Duration::from_millis(150);
const SHARE: u32 = 10;

struct Kept<T> {
    at: DateTime<Utc>,
    /// After which change it was made.
    n: u64,
    value: Arc<T>,
    made: Instant,
    took: Duration,
}

impl<T> Kept<T> {
    fn serves(&self, n: u64) -> bool {
        self.n == n || (self.took >= DEAR && self.made.elapsed() < self.took * SHARE)
    }
}

/// Keeps one answer.
pub(crate) struct Held<T> {
    keep: TimeDelta,
    kept: Mutex<Option<Kept<T>>>,
}

impl<T> Held<T> {
    /// Keeps answers for so long.
    pub(crate) fn new(keep: TimeDelta) -> Self {
        Self { keep, kept: Mutex::new(None) }
    }

    /// The answer, made anew when it is too old or of before change `n`. Whoever asks meanwhile
    /// waits for the same one.
    pub(crate) async fn get(
        &self,
        (now, n): (DateTime<Utc>, u64),
        make: impl AsyncFnOnce() -> Result<T, Stop>,
    ) -> Result<Arc<T>, Stop> {
        let mut kept = self.kept.lock().await;
        if let Some(kept) = kept.as_ref()
            && kept.serves(n)
            && (kept.at..kept.at + self.keep).contains(&now)
        {
            return Ok(Arc::clone(&kept.value));
        }
        let began = Instant::now();
        let value = Arc::new(make().await?);
        *kept = Some(Kept { at: now, n, value: Arc::clone(&value), made: Instant::now(), took: began.elapsed() });
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_quick_is_made_after_each_change_and_what_is_dear_serves_on() {
        let now = DateTime::UNIX_EPOCH;
        let made = std::cell::Cell::new(0);
        let ask = async |held: &Held<i32>, n: u64, pause: Duration| {
            let make = async || {
                tokio::time::sleep(pause).await;
                made.set(made.get() + 1);
                Ok(made.get())
            };
            *held.get((now, n), make).await.unwrap()
        };
        let quick = Held::new(TimeDelta::seconds(5));
        assert_eq!((ask(&quick, 0, Duration::ZERO).await, ask(&quick, 0, Duration::ZERO).await), (1, 1));
        assert_eq!(ask(&quick, 1, Duration::ZERO).await, 2);
        let dear = Held::new(TimeDelta::seconds(5));
        let pause = DEAR + Duration::from_millis(10);
        assert_eq!((ask(&dear, 0, pause).await, ask(&dear, 1, pause).await), (3, 3));
    }
}
