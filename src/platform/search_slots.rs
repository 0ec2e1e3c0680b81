//! Limits of searches: the duration of one, the concurrent searches of a person, and those of all people, so that other
//! reads always find a connection.

use std::future::Future;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::db::{self, Lane};
use super::error::{AppError, ErrorKind, Result};
use super::fair_limit::FairLimit;

/// Deadline of the work of one search, without waiting.
pub const SEARCH_DEADLINE: Duration = Duration::from_secs(5);
/// Maximum concurrent searches of one person.
const PER_PERSON: usize = 2;
/// How long a search waits for others of the same person.
const PERSON_WAIT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a search waits for those of other people.
const WAIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How much longer to wait for a statement that the database should have ended itself.
const GRACE: Duration = Duration::from_secs(1);
/// Seconds to wait before searching again.
const TRY_AGAIN: u32 = 3;

#[derive(Debug)]
pub struct SearchSlots {
    slots: FairLimit,
    own_wait: Duration,
    wait: Duration,
    deadline: Duration,
}

impl Default for SearchSlots {
    fn default() -> Self {
        Self::new(db::SEARCHES, (PERSON_WAIT_TIMEOUT, WAIT_TIMEOUT), SEARCH_DEADLINE)
    }
}

impl SearchSlots {
    fn new(all: usize, (own_wait, wait): (Duration, Duration), deadline: Duration) -> Self {
        Self { slots: FairLimit::new(all, PER_PERSON), own_wait, wait, deadline }
    }

    /// Runs a search of `person` when a slot is free. Fails with 429 while others of the same person run, and with 503
    /// while those of others do, and after its deadline. If dropped, it ends in the database too.
    pub fn run<'a, T: Send + 'a>(
        &'a self,
        person: Uuid,
        search: impl Future<Output = Result<T>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T>> {
        // Boxed, because searches are large and several handlers contain one.
        Box::pin(self.wait_and_run(person, Box::pin(search)))
    }

    async fn wait_and_run<T>(&self, person: Uuid, search: BoxFuture<'_, Result<T>>) -> Result<T> {
        let own = timeout(self.own_wait, self.slots.group_slot(person)).await.map_err(|_| {
            let message = "Your other searches are still running. Wait for them to finish, then try again.";
            AppError::retry_later(ErrorKind::RateLimited, message, TRY_AGAIN)
        })?;
        let _slot = timeout(self.wait, own.slot())
            .await
            .map_err(|_| AppError::unavailable("Too many searches are running. Try again in a moment.", TRY_AGAIN))?;
        let lane = Lane::Search(Instant::now() + self.deadline);
        match timeout(self.deadline + GRACE, lane.run(search)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(AppError::search_timeout()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures::FutureExt;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_mins(1);
    const ANNA: Uuid = Uuid::from_u128(1);
    const BEN: Uuid = Uuid::from_u128(2);

    #[tokio::test]
    async fn two_searches_of_a_person_run_and_a_third_waits_and_is_refused() {
        let slots = SearchSlots::new(4, (SHORT, LONG), LONG);
        let mut held = Vec::new();
        for _ in 0..2 {
            let mut search = Box::pin(slots.run(ANNA, pending::<Result<()>>()));
            assert!(search.as_mut().now_or_never().is_none());
            held.push(search);
        }
        let third = slots.run(ANNA, ready(Ok(3))).await.unwrap_err();
        assert_eq!((third.kind, third.retry_after), (ErrorKind::RateLimited, Some(TRY_AGAIN)));
        assert_eq!(slots.run(BEN, ready(Ok(1))).await, Ok(1), "another person searches meanwhile");
        held.pop();
        assert_eq!(slots.run(ANNA, ready(Ok(3))).await, Ok(3));
        drop(held);
    }

    #[tokio::test]
    async fn searches_over_all_people_are_bounded() {
        let slots = SearchSlots::new(1, (LONG, SHORT), LONG);
        let mut held = Box::pin(slots.run(ANNA, pending::<Result<()>>()));
        assert!(held.as_mut().now_or_never().is_none());
        let refused = slots.run(BEN, ready(Ok(()))).await.unwrap_err();
        assert_eq!((refused.kind, refused.retry_after), (ErrorKind::Unavailable, Some(TRY_AGAIN)));
        drop(held);
        assert_eq!(slots.run(BEN, ready(Ok(()))).await, Ok(()));
    }

    #[tokio::test]
    async fn a_search_ends_at_its_deadline() {
        let slots = SearchSlots::new(1, (LONG, LONG), SHORT);
        let late = slots.run(ANNA, pending::<Result<()>>()).await.unwrap_err();
        assert_eq!(late.kind, ErrorKind::SearchTimeout);
    }
}
