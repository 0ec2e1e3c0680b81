//! Which connections to PostgreSQL are not to be used any more.
//!
//! A connection can outlive what it was good for: its server was made read-only, is stopping, or cannot be reached through it any more.
//! Other connections that were opened before the same moment are no better. They are replaced when they are next asked for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::fault;

/// The moment up to which connections are suspect. Shared by the pools of a database.
#[derive(Debug, Clone, Default)]
pub struct Suspicion(Arc<Mutex<Option<Instant>>>);

impl Suspicion {
    /// Takes note of a failed statement.
    pub fn note(&self, error: Option<&sqlx::Error>) {
        if error.is_some_and(fault::spoils_connection) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// Whether a connection of this age was open at a failure.
    pub fn covers(&self, age: Duration) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|failure| failure.elapsed() <= age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_open_at_a_failure_is_suspect() {
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
