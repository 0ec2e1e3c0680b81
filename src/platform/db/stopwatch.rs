//! How long statements take. A slow one is logged by its place in the code and its text, never with its values.

use std::time::Duration;

use metrics::histogram;
use tokio::time::Instant;

/// Slower statements, and those that wait longer for a connection, are logged.
pub const SLOW: Duration = Duration::from_millis(500);
/// Longest part of a statement's text that is logged, in characters.
const TEXT_MAX: usize = 160;

pub const DURATION: &str = "attache_database_statement_duration_seconds";

/// Measures one statement until it is dropped: at its end, or when nobody waits for it any more.
pub struct Stopwatch {
    place: &'static str,
    text: &'static str,
    since: Instant,
    leased: Option<Instant>,
}

impl Stopwatch {
    pub fn start(place: &'static str, text: &'static str) -> Self {
        Self { place, text, since: Instant::now(), leased: None }
    }

    /// There is a connection: until now the statement waited for one.
    pub fn leased(&mut self) {
        self.leased = Some(Instant::now());
    }
}

/// Waits for a connection. Measures the statement that it is for until the second result is dropped.
pub async fn timed<T>(place: &'static str, text: &'static str, lease: impl Future<Output = T>) -> (T, Stopwatch) {
    let mut stopwatch = Stopwatch::start(place, text);
    let lease = lease.await;
    stopwatch.leased();
    (lease, stopwatch)
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        let now = Instant::now();
        let leased = self.leased.unwrap_or(now);
        let (waited, took) = (leased - self.since, now - leased);
        histogram!(DURATION).record(took);
        if waited.max(took) >= SLOW {
            let place = self.place.split_once("::").map_or(self.place, |(_, place)| place);
            let text: String = self.text.split_whitespace().flat_map(|word| [word, " "]).collect();
            let text: String = text.trim_end().chars().take(TEXT_MAX).collect();
            let (waited_ms, took_ms) = (millis(waited), millis(took));
            tracing::warn!(statement = place, text, waited_ms, took_ms, "slow database statement");
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
