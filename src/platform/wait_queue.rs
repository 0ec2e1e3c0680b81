//! A wait queue for work that one request does at a time. The database says which one has the lease; a second request
//! waits here until the first is done.

use std::future::Future;
use std::time::Duration;

use tokio::pin;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::error::Result;

/// How long a request waits for others.
const WAIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often to check the database, because another server does not signal its end.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

#[derive(Default)]
pub struct WaitQueue {
    over: Notify,
}

/// Held during the change. When dropped, waiting requests on this server retry.
pub struct WorkGuard<'a>(&'a WaitQueue);

impl Drop for WorkGuard<'_> {
    fn drop(&mut self) {
        self.0.over.notify_waiters();
    }
}

impl WaitQueue {
    pub fn begin(&self) -> WorkGuard<'_> {
        WorkGuard(self)
    }

    /// Retries until `attempt` returns a value, which means that this request has the lease. `None` if others took too
    /// long.
    pub async fn wait_for<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<Option<T>>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        let deadline = Instant::now() + WAIT_TIMEOUT;
        loop {
            let over = self.over.notified();
            pin!(over);
            // Subscribes before the attempt, so that no signal is missed in between.
            over.as_mut().enable();
            if let Some(answer) = attempt().await? {
                return Ok(Some(answer));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            let _ = timeout_at(deadline.min(Instant::now() + POLL_INTERVAL), over).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_waiter_continues_when_the_work_ends() {
        let (wait_queue, is_free, tries) = (WaitQueue::default(), Cell::new(false), Cell::new(0));
        let first = wait_queue.begin();
        let begun = Instant::now();
        let second = wait_queue.wait_for(|| {
            tries.set(tries.get() + 1);
            let answer = is_free.get().then_some("done");
            async move { Ok(answer) }
        });
        let (answer, ()) = tokio::join!(second, async {
            is_free.set(true);
            drop(first);
        });
        assert_eq!((answer.unwrap(), tries.get()), (Some("done"), 2));
        assert!(begun.elapsed() < POLL_INTERVAL, "it was told, it did not ask");
    }
}
