//! Leases of uploads: one request or job at a time works on an upload, over all servers. A lease lasts as long as its
//! work, and two minutes longer if its server dies.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::store::{self, Lease};
use super::{Owner, Staged};
use crate::platform::Platform;
use crate::platform::alongside::alongside;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::wait_queue::WorkGuard;

/// Duration of a lease without renewal.
const LEASE: Duration = Duration::from_mins(2);
const RENEW_INTERVAL: Duration = Duration::from_secs(30);
/// Seconds to wait before a retry if the lease could not be renewed.
const RETRY_AFTER: u32 = 5;
/// Seconds to wait before a retry while another request has the lease.
const BUSY_RETRY_AFTER: u32 = 5;

/// Claims the lease of an upload that is not complete. Returns `None` if somebody else has it or the upload has
/// changed.
pub async fn take(platform: &Platform, staged: &Staged) -> Result<Option<Lease>> {
    let now = platform.clock.now();
    Ok(store::claim(platform.db.on(), staged, platform.clock.new_id(), now, now.plus(LEASE)).await?)
}

/// Waits for the lease of an upload while other requests have it. `read` returns its row, and the upload if it is to be
/// leased. Returns the row as it is under the lease; without the lease, if there is nothing to lease by then.
///
/// # Errors
/// `conflict` with `Retry-After` if others take too long.
pub async fn wait<R, F>(
    platform: &Platform,
    owner: Owner,
    read: impl Fn() -> F,
) -> Result<(R, Option<(Lease, WorkGuard<'_>)>)>
where
    F: Future<Output = Result<(R, Option<Staged>)>>,
{
    let leased = platform.wait_queue.wait_for(|| async {
        let (row, staged) = read().await?;
        let Some(staged) = staged else { return Ok(Some((row, None))) };
        let lease = take(platform, &staged).await?;
        let Some(lease) = lease.map(|lease| (lease, platform.wait_queue.begin())) else { return Ok(None) };
        // Read again, because the previous holder of the lease may have changed it.
        Ok(Some((read().await?.0, Some(lease))))
    });
    leased.await?.ok_or_else(|| busy(owner))
}

fn busy(owner: Owner) -> AppError {
    let message = match owner {
        Owner::Attachments => "This upload is being checked. Try again in a moment.",
        Owner::Pictures => "This picture is being checked. Try again in a moment.",
    };
    AppError::retry_later(ErrorKind::Conflict, message, BUSY_RETRY_AFTER)
}

/// Runs work under a lease, which is renewed until the work ends and then released.
///
/// # Errors
/// The errors of the work; `conflict` if somebody else has the lease; `unavailable` if it could not be renewed in time.
pub async fn hold<T>(platform: &Platform, lease: Lease, work: Pin<Box<impl Future<Output = Result<T>>>>) -> Result<T> {
    let renew = || async { Ok(store::renew(platform.db.on(), lease, platform.clock.now().plus(LEASE)).await?) };
    let outcome = while_renewed(work, renew).await;
    give_back(platform, lease).await;
    outcome
}

/// Releases a lease. The work is done by then, so a failure is ignored: the lease expires.
async fn give_back(platform: &Platform, lease: Lease) {
    for _ in 0..2 {
        match store::release(platform.db.on(), lease).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "the lease of an upload could not be released"),
        }
    }
}

/// Runs work while `renew` returns true. It stops before an unrenewed lease expires, because somebody else could begin
/// then.
async fn while_renewed<T, F>(mut work: Pin<Box<impl Future<Output = Result<T>>>>, renew: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<bool>>,
{
    let mut expires = Instant::now() + LEASE;
    loop {
        if let Ok(outcome) = timeout(RENEW_INTERVAL, &mut work).await {
            return outcome;
        }
        let asked = Instant::now();
        let (ended, renewed) = alongside(&mut work, Box::pin(timeout(RENEW_INTERVAL, renew()))).await;
        if let Some(outcome) = ended {
            return outcome;
        }
        match renewed {
            Ok(Ok(true)) => expires = asked + LEASE,
            Ok(Ok(false)) => return Err(AppError::conflict("Another request is changing this upload. Try again.")),
            failed => {
                tracing::warn!(error = ?failed.err(), "failed to renew the lease of an upload");
                // The work may run for one interval, and the next renewal may take another.
                if Instant::now() + 2 * RENEW_INTERVAL > expires {
                    return Err(AppError::unavailable(
                        "The database is not responding. Try again in a moment.",
                        RETRY_AFTER,
                    ));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use tokio::sync::Mutex;
    use tokio::time::sleep;

    use super::*;

    fn five_minutes() -> Pin<Box<impl Future<Output = Result<()>>>> {
        Box::pin(async {
            sleep(Duration::from_mins(5)).await;
            Ok(())
        })
    }

    #[tokio::test(start_paused = true)]
    async fn long_work_keeps_its_lease() {
        let renewed = Cell::new(Instant::now());
        let renew = || {
            assert!(renewed.replace(Instant::now()).elapsed() < LEASE / 2);
            async { Ok(true) }
        };
        while_renewed(five_minutes(), renew).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn work_may_hold_the_connection_that_a_renewal_waits_for() {
        let connection = Mutex::new(());
        let work = async {
            let held = connection.lock().await;
            sleep(RENEW_INTERVAL + Duration::from_secs(1)).await;
            drop(held);
            Ok(Instant::now())
        };
        let renew = || async {
            drop(connection.lock().await);
            Ok(true)
        };
        let begun = Instant::now();
        let ended = timeout(LEASE, while_renewed(Box::pin(work), renew)).await.unwrap().unwrap();
        assert_eq!(ended - begun, RENEW_INTERVAL + Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn one_failed_renewal_does_not_end_the_work() {
        let count = Cell::new(0);
        let renew = || {
            count.set(count.get() + 1);
            let fails = count.get() == 2;
            async move { if fails { Err(AppError::internal()) } else { Ok(true) } }
        };
        while_renewed(five_minutes(), renew).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn work_ends_before_somebody_else_can_begin() {
        let begun = Instant::now();
        let lost = while_renewed(five_minutes(), || async { Ok(false) }).await.unwrap_err();
        assert_eq!((lost.kind, begun.elapsed()), (ErrorKind::Conflict, RENEW_INTERVAL));

        for hangs in [false, true] {
            let begun = Instant::now();
            let renew = || async move { if hangs { pending().await } else { Err(AppError::internal()) } };
            let ended = while_renewed(five_minutes(), renew).await.unwrap_err();
            assert_eq!(ended.kind, ErrorKind::Unavailable);
            assert!(begun.elapsed() <= LEASE, "{:?}", begun.elapsed());
        }
    }
}
