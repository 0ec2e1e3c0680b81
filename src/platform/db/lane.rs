//! Lanes: which kind of work a statement belongs to, and how long it may run.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// Maximum duration of one statement of a request.
pub const STATEMENT_LIMIT: Duration = Duration::from_secs(20);
/// Maximum duration of one statement of a background job: that of the job itself.
pub const JOB_STATEMENT_LIMIT: Duration = Duration::from_mins(9);

tokio::task_local! {
    static LANE: Lane;
}

/// The kind of work. Requests, searches and background jobs have separate limits, and on PostgreSQL separate
/// connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Request,
    /// A search with its deadline.
    Search(Instant),
    Job,
}

impl Lane {
    /// Returns the lane of the running task. A task spawned from it is in the request lane again.
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
