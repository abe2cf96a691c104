//! An answer that many pages share: made once, by the first who asks, and kept for a moment.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::answer::Stop;

/// What is kept, when it was made and after which change.
type Kept<T> = (DateTime<Utc>, u64, Arc<T>);

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
        if let Some((at, of, value)) = kept.as_ref()
            && *of == n
            && (*at..*at + self.keep).contains(&now)
        {
            return Ok(Arc::clone(value));
        }
        let value = Arc::new(make().await?);
        *kept = Some((now, n, Arc::clone(&value)));
        Ok(value)
    }
}
