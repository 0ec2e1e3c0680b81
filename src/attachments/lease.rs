//! Work on an upload, by one request or job at a time over all servers. A lease lasts as long as its work, and two minutes longer than
//! a server that died.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::store::AttachmentRow;
use super::store::upload::{self, Lease};
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};

/// How long a lease lasts without being renewed.
pub const LEASE: Duration = Duration::from_mins(2);
const RENEW_INTERVAL: Duration = Duration::from_secs(30);

/// Takes the lease of an upload that is not complete. Returns `None` if somebody else holds it or the upload has changed.
pub async fn take(platform: &Platform, row: &AttachmentRow) -> Result<Option<Lease>> {
    let now = platform.clock.now();
    Ok(upload::lease(platform.db.on(), row, platform.clock.new_id(), now, now.plus(LEASE)).await?)
}

/// Does work under a lease, which is renewed until the work ends and then given back.
///
/// # Errors
/// What the work returns; `unavailable` if the lease could not be renewed in time: the work stops before somebody else can begin.
pub async fn hold<T>(
    platform: &Platform,
    lease: Lease,
    mut work: Pin<Box<impl Future<Output = Result<T>>>>,
) -> Result<T> {
    let mut expires = Instant::now() + LEASE;
    loop {
        if let Ok(outcome) = timeout(RENEW_INTERVAL, &mut work).await {
            upload::release(platform.db.on(), lease).await?;
            return outcome;
        }
        let asked = Instant::now();
        match timeout(RENEW_INTERVAL, upload::renew(platform.db.on(), lease, platform.clock.now().plus(LEASE))).await {
            Ok(Ok(true)) => expires = asked + LEASE,
            Ok(Ok(false)) => return Err(AppError::conflict("Another request works on this upload. Try again.")),
            failed => {
                tracing::warn!(error = ?failed.err(), "the lease of an upload could not be renewed");
                // The next try may take both intervals.
                if asked + 3 * RENEW_INTERVAL > expires {
                    return Err(AppError::unavailable("The database does not answer. Try again in a moment.", 5));
                }
            }
        }
    }
}
