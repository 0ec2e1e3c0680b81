//! Time and randomness, injected, so that expiry, rate limits and clean-up are tested without sleeping.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uuid::{ContextV7, Uuid};

use super::timestamp::Timestamp;

/// The only reader of the system's clock and random source.
#[derive(Debug)]
pub struct Clock {
    /// Milliseconds added to the system's time: 0 except in tests.
    offset: AtomicI64,
    ids: std::sync::Mutex<ContextV7>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { offset: AtomicI64::new(0), ids: std::sync::Mutex::new(ContextV7::new()) }
    }
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the clock is where the system's time comes in")]
    pub fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        Timestamp(millis.saturating_add(self.offset.load(Ordering::Relaxed)))
    }

    /// Moves this clock forward. For tests and demonstration data.
    pub fn advance(&self, by: Duration) {
        self.offset.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Turns this clock back, for demonstration data. Call it before the server accepts requests.
    pub fn rewind(&self, by: Duration) {
        self.offset.fetch_sub(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::Relaxed);
    }

    /// Returns to the system's time.
    pub fn reset(&self) {
        self.offset.store(0, Ordering::Relaxed);
    }

    /// Creates a UUIDv7 (RFC 9562). Ids made by one server sort in the order in which they were made.
    pub fn new_id(&self) -> Uuid {
        let now = self.now().0.unsigned_abs();
        let nanos = u32::try_from(now % 1000).unwrap_or(0) * 1_000_000;
        let context = self.ids.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Uuid::new_v7(uuid::Timestamp::from_unix(&*context, now / 1000, nanos))
    }

    /// Returns random bytes from the operating system.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        bytes
    }
}
