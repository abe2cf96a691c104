//! How fast one session, token or address may ask: a bucket each, filled at a steady rate.
//!
//! It keeps one misbehaving script from starving the desk. Passwords have a stricter count of their
//! own, in the store, which survives a restart.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Requests a second that go on for ever.
const RATE: f64 = 20.0;
/// Requests at once, after a rest: a page in several tabs, its parts, a fast typist.
const BURST: f64 = 240.0;
/// Buckets at most; the full ones, whose owners rest, are dropped first.
const MAX_BUCKETS: usize = 50_000;

/// The buckets of everybody who asked lately.
#[derive(Default)]
pub(crate) struct Pace(Mutex<HashMap<String, Bucket>>);

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: DateTime<Utc>,
}

impl Bucket {
    fn filled(self, now: DateTime<Utc>) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a pause")]
        let seconds = (now - self.at).num_milliseconds().max(0) as f64 / 1000.0;
        Self { left: (self.left + seconds * RATE).min(BURST), at: now }
    }
}

impl Pace {
    /// Takes one request from somebody's bucket; false when it is empty.
    pub(crate) fn take(&self, who: &str, now: DateTime<Utc>) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(who) {
            buckets.retain(|_, bucket| bucket.filled(now).left < BURST);
            if buckets.len() >= MAX_BUCKETS {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(who.to_owned()).or_insert(Bucket { left: BURST, at: now });
        *bucket = bucket.filled(now);
        if bucket.left < 1.0 {
            return false;
        }
        bucket.left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_flood_is_stopped_and_only_its_sender() {
        let (pace, now) = (Pace::default(), DateTime::UNIX_EPOCH);
        let taken = (0..1000).filter(|_| pace.take("script", now)).count();
        assert_eq!(taken, 240);
        assert!(pace.take("officer", now));
        let later = now + TimeDelta::seconds(3);
        assert_eq!((0..1000).filter(|_| pace.take("script", later)).count(), 60, "twenty a second");
        assert!(!pace.take("script", now), "a clock that went back fills nothing");
    }

    #[test]
    fn many_senders_take_bounded_room() {
        let (pace, now) = (Pace::default(), DateTime::UNIX_EPOCH);
        for i in 0..MAX_BUCKETS + 10 {
            assert!(pace.take(&i.to_string(), now));
        }
        assert!(pace.0.lock().unwrap().len() <= MAX_BUCKETS);
    }
}
