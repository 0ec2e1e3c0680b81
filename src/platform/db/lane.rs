//! Whose work a statement is part of, and how long it may run.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// The longest that one statement of a request runs.
pub const STATEMENT_LIMIT: Duration = Duration::from_secs(20);
/// The longest that one statement of a background job runs: as long as the job itself.
pub const JOB_STATEMENT_LIMIT: Duration = Duration::from_mins(9);

tokio::task_local! {
    static LANE: Lane;
}

/// Requests, searches and background jobs have limits of their own, and on PostgreSQL connections of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Request,
    /// A search, which ends at its deadline.
    Search(Instant),
    Job,
}

impl Lane {
    /// The lane of the task that is running. What is spawned from it is a request again.
    pub fn current() -> Self {
        LANE.try_with(|lane| *lane).unwrap_or(Self::Request)
    }

    /// Returns how long a statement that starts now may run.
    pub fn limit(self) -> Duration {
        match self {
            Self::Request => STATEMENT_LIMIT,
            Self::Search(deadline) => deadline.saturating_duration_since(Instant::now()),
            Self::Job => JOB_STATEMENT_LIMIT,
        }
    }

    /// Runs `work` with this lane's limits.
    pub async fn run<T>(self, work: impl Future<Output = T>) -> T {
        LANE.scope(self, work).await
    }
}
