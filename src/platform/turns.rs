//! Waiting for one's turn. What is changed step by step is changed by one request at a time; which one is written in the
//! database, and whoever comes second waits here until the first is done.

use std::future::Future;
use std::time::Duration;

use tokio::pin;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::error::Result;

/// How long a request waits for others.
const PATIENCE: Duration = Duration::from_secs(10);
/// No word comes when another server is done: so often the database is asked.
const ASK: Duration = Duration::from_millis(250);

#[derive(Default)]
pub struct Turns {
    over: Notify,
}

/// Held while something is changed. When it is dropped, those who wait on this server try again.
pub struct Turn<'a>(&'a Turns);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.over.notify_waiters();
    }
}

impl Turns {
    pub fn begin(&self) -> Turn<'_> {
        Turn(self)
    }

    /// Tries until it is this request's turn: then `attempt` answers something. None when others took too long.
    pub async fn wait_for<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<Option<T>>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let over = self.over.notified();
            pin!(over);
            // Listens before it tries, so that no turn ends unheard in between.
            over.as_mut().enable();
            if let Some(answer) = attempt().await? {
                return Ok(Some(answer));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            let _ = timeout_at(deadline.min(Instant::now() + ASK), over).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn who_waits_is_next_when_a_turn_is_over() {
        let (turns, is_free, tries) = (Turns::default(), Cell::new(false), Cell::new(0));
        let first = turns.begin();
        let begun = Instant::now();
        let second = turns.wait_for(|| {
            tries.set(tries.get() + 1);
            let answer = is_free.get().then_some("done");
            async move { Ok(answer) }
        });
        let (answer, ()) = tokio::join!(second, async {
            is_free.set(true);
            drop(first);
        });
        assert_eq!((answer.unwrap(), tries.get()), (Some("done"), 2));
        assert!(begun.elapsed() < ASK, "it was told, it did not ask");
    }
}
