//! Rate limits, counted in the database so that they apply to all servers together.

use std::time::Duration;

use super::Platform;
use super::db::{execute, fetch_optional};
use super::error::{AppError, ErrorKind, Result};
use super::timestamp::Timestamp;

/// A number of attempts per window. A window begins with the first attempt.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub tries: i64,
    pub window: Duration,
}

/// Counts an attempt under `key`; rejects it with 429 and `Retry-After` if there were too many. One statement, so exact
/// under concurrency.
pub async fn count(platform: &Platform, key: &str, limit: Limit) -> Result<()> {
    let window = i64::try_from(limit.window.as_millis()).unwrap_or(i64::MAX);
    let now = platform.clock.now().0;
    let over = now.saturating_sub(window);
    let (tries, started) = fetch_optional!(
        &platform.db,
        (i64, i64),
        "INSERT INTO rate_limits (key, window_start, tries) VALUES ($1, $2, 1)
         ON CONFLICT (key) DO UPDATE SET
           tries = CASE WHEN rate_limits.window_start > $3 THEN rate_limits.tries + 1 ELSE 1 END,
           window_start = CASE WHEN rate_limits.window_start > $3 THEN rate_limits.window_start ELSE $2 END
         RETURNING tries, window_start",
        key,
        now,
        over
    )?
    .unwrap_or((1, now));
    if tries <= limit.tries {
        return Ok(());
    }
    // Rounded up, so that a retry after exactly this time succeeds.
    let seconds = u32::try_from((started + window - now + 999).max(1000) / 1000).unwrap_or(u32::MAX);
    let message = format!("Too many attempts. Try again in {}.", wait(seconds));
    Err(AppError::retry_later(ErrorKind::RateLimited, message, seconds))
}

/// Clears the count of `key`, after a success.
pub async fn reset(platform: &Platform, key: &str) -> Result<()> {
    execute!(&platform.db, "DELETE FROM rate_limits WHERE key = $1", key)?;
    Ok(())
}

/// Clears the counts of all keys that begin with `start`.
pub async fn reset_all(platform: &Platform, start: &str) -> Result<()> {
    execute!(&platform.db, "DELETE FROM rate_limits WHERE substr(key, 1, length($1)) = $1", start)?;
    Ok(())
}

/// Removes counts whose window began before a time. Returns the number of removed counts.
pub async fn forget_before(platform: &Platform, before: Timestamp) -> sqlx::Result<u64> {
    execute!(&platform.db, "DELETE FROM rate_limits WHERE window_start < $1", before)
}

fn wait(seconds: u32) -> String {
    match seconds {
        0..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}
