//! Work that something else must not stop, such as the renewal of its lease.

use futures::future::{Either, select};

/// Completes `aside` while `work` continues, because `work` may hold what `aside` waits for: SQLite has one
/// connection that writes. Returns the output of `work`, too, if it ended.
pub async fn alongside<W, A>(work: &mut W, aside: A) -> (Option<W::Output>, A::Output)
where
    W: Future + Unpin,
    A: Future + Unpin,
{
    match select(work, aside).await {
        Either::Left((ended, aside)) => (Some(ended), aside.await),
        Either::Right((aside, _)) => (None, aside),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::Mutex;
    use tokio::time::{sleep, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_gives_up_what_is_waited_for() {
        let connection = Mutex::new(0);
        let mut work = Box::pin(async {
            let held = connection.lock().await;
            sleep(Duration::from_secs(2)).await;
            drop(held);
            sleep(Duration::from_secs(2)).await;
            "done"
        });
        timeout(Duration::from_secs(1), &mut work).await.unwrap_err();
        let aside = Box::pin(async { *connection.lock().await += 1 });
        assert_eq!(timeout(Duration::from_mins(1), alongside(&mut work, aside)).await, Ok((None, ())));
        assert_eq!(alongside(&mut work, Box::pin(sleep(Duration::from_secs(9)))).await, (Some("done"), ()));
        assert_eq!(*connection.lock().await, 1);
    }
}
