//! PostgreSQL connections that must not be used again.
//!
//! A connection can become useless: its server was made read-only, is stopping, or can't be reached through it any
//! more. Other connections that were opened before the same time are no better. They are replaced at their next use.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::fault;

/// The time before which connections are suspect. Shared by the pools of a database.
#[derive(Debug, Clone, Default)]
pub struct Suspicion(Arc<Mutex<Option<Instant>>>);

impl Suspicion {
    /// Records the error of a failed statement.
    pub fn note(&self, error: Option<&sqlx::Error>) {
        if error.is_some_and(fault::spoils_connection) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// Returns whether a connection of this age was open at a failure.
    pub fn covers(&self, age: Duration) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|failure| failure.elapsed() <= age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_open_at_a_failure_are_suspect() {
        let suspicion = Suspicion::default();
        assert!(!suspicion.covers(Duration::from_hours(1)));
        suspicion.note(None);
        suspicion.note(Some(&sqlx::Error::RowNotFound));
        assert!(!suspicion.covers(Duration::from_hours(1)));
        suspicion.note(Some(&sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())));
        assert!(suspicion.covers(Duration::from_mins(1)));
        assert!(!suspicion.covers(Duration::ZERO), "one that was opened since");
    }
}
