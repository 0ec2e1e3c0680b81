//! Clean-up of many rows: a failing row is skipped, so that it does not stop the others.

use std::fmt::Display;

use super::error::{AppError, Result};

/// Number of consecutive failures that end a run, because the database or the storage does not work. The run is retried
/// later.
const FAILURES_IN_A_ROW: u32 = 20;

/// Counts changes and failures of a run.
#[derive(Debug)]
pub struct Sweep {
    of: &'static str,
    done: u64,
    failed: u64,
    in_a_row: u32,
}

impl Sweep {
    /// Creates a counter. `of` says in the log what is cleaned up.
    pub fn new(of: &'static str) -> Self {
        Self { of, done: 0, failed: 0, in_a_row: 0 }
    }

    /// Records the outcome of one row: the number of changes. Returns the error after too many consecutive failures.
    pub fn note(&mut self, id: impl Display, outcome: Result<u64, AppError>) -> Result<()> {
        match outcome {
            Ok(count) => {
                self.done += count;
                self.in_a_row = 0;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, %id, of = self.of, "clean-up skipped one");
                self.failed += 1;
                self.in_a_row += 1;
                if self.in_a_row < FAILURES_IN_A_ROW { Ok(()) } else { Err(error) }
            }
        }
    }

    pub fn done(&self) -> u64 {
        self.done
    }

    /// Logs the number of failures. Returns the number of changes.
    pub fn end(&self) -> u64 {
        if self.failed > 0 {
            tracing::warn!(of = self.of, failed = self.failed, done = self.done, "clean-up is incomplete");
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_passed_over_until_nothing_works() {
        let mut sweep = Sweep::new("test");
        for number in 0..100 {
            let outcome = if number % 10 == 9 { Ok(1) } else { Err(AppError::internal()) };
            assert!(sweep.note(number, outcome).is_ok());
        }
        assert_eq!((sweep.end(), sweep.failed), (10, 90));
        let ended = (0..100).position(|number| sweep.note(number, Err(AppError::internal())).is_err());
        assert_eq!(ended, Some(19));
    }
}
