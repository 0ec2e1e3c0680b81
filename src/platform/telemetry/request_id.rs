//! The id of a request: in each response, in its log lines and in error messages.

use axum::http::request::Parts;
use dioxus::fullstack::FullstackContext;
use uuid::Uuid;

/// A `UUIDv7` that this server made. What a client sends under the same header is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

tokio::task_local! {
    static CURRENT: RequestId;
}

impl RequestId {
    /// Returns the id of the request that is answered now. `None` in jobs, and in tasks that a request has started.
    pub fn current() -> Option<Self> {
        // A page is drawn, and a server function runs, in a task of the framework.
        CURRENT.try_with(|id| *id).ok().or_else(|| FullstackContext::current()?.extension())
    }

    /// Runs a request's own work under its id.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    pub fn of(parts: &Parts) -> Option<Self> {
        parts.extensions.get().copied()
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
