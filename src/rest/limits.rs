//! Rate limits per caller and address, in windows of a minute. Counted in memory, by each server separately: they keep
//! a runaway script from crowding out others, and a row for each request would cost more than it protects.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::timestamp::Timestamp;

const WINDOW: i64 = 60_000;
/// Multiplier for an address, which may have several callers.
const PER_ADDRESS: u32 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    Address(IpAddr),
    /// An access token or a session's member.
    Caller(Uuid),
}

/// The remaining requests of a caller, for the headers of the response.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    limit: u32,
    remaining: u32,
    /// Seconds until the window ends.
    reset: u32,
}

#[derive(Debug, Default)]
struct Window {
    started: i64,
    counts: HashMap<Key, u32>,
}

#[derive(Debug)]
pub struct Limits {
    /// Limit of a caller; `None`: no limit.
    per_minute: Option<u32>,
    window: Mutex<Window>,
}

impl Limits {
    pub fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, window: Mutex::default() }
    }

    /// Counts a request. Fails with 429 if there were too many in this minute.
    pub fn count(&self, key: Key, now: Timestamp) -> (Option<Left>, Result<()>) {
        let Some(per_minute) = self.per_minute else { return (None, Ok(())) };
        let limit = match key {
            Key::Address(_) => per_minute.saturating_mul(PER_ADDRESS),
            Key::Caller(_) => per_minute,
        };
        let started = now.0 - now.0.rem_euclid(WINDOW);
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.started != started {
            *window = Window { started, counts: HashMap::new() };
        }
        let count = window.counts.entry(key).or_default();
        *count = count.saturating_add(1);
        let reset = u32::try_from((started + WINDOW - now.0 + 999) / 1000).unwrap_or(1).max(1);
        let left = Left { limit, remaining: limit.saturating_sub(*count), reset };
        if *count <= limit {
            return (Some(left), Ok(()));
        }
        let message = format!(
            "The limit is {limit} requests per minute. Wait {reset} seconds, then send fewer \
            requests."
        );
        (Some(left), Err(AppError::retry_later(ErrorKind::RateLimited, message, reset)))
    }
}

impl Left {
    /// Writes the headers of the IETF draft, which most clients know.
    pub fn write(self, headers: &mut HeaderMap) {
        for (name, value) in
            [("ratelimit-limit", self.limit), ("ratelimit-remaining", self.remaining), ("ratelimit-reset", self.reset)]
        {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_requests() {
        let limits = Limits::new(Some(2));
        let key = Key::Caller(Uuid::from_u128(1));
        let (left, first) = limits.count(key, Timestamp(60_000));
        assert!(first.is_ok() && left.unwrap().remaining == 1 && left.unwrap().reset == 60);
        assert!(limits.count(key, Timestamp(90_000)).1.is_ok());
        let (left, third) = limits.count(key, Timestamp(90_001));
        assert_eq!(third.unwrap_err().retry_after, Some(30));
        assert_eq!(left.unwrap().remaining, 0);
        // Another caller, and the next minute.
        assert!(limits.count(Key::Caller(Uuid::from_u128(2)), Timestamp(90_001)).1.is_ok());
        assert!(limits.count(key, Timestamp(120_000)).1.is_ok());
        assert!(Limits::new(None).count(key, Timestamp(0)).0.is_none());
    }
}
