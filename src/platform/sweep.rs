//! Clean-up that goes through many rows: one that fails is passed over, so that it does not stop the others.

use std::fmt::Display;

use super::error::{AppError, Result};

/// So many failures one after the other mean that the database or the storage does not work: the run ends, and is tried again.
const FAILURES_IN_A_ROW: u32 = 20;

/// Counts what a run has done and what has failed.
#[derive(Debug)]
pub struct Sweep {
    of: &'static str,
    done: u64,
    failed: u64,
    in_a_row: u32,
}

impl Sweep {
    /// `of` says in the log what is swept.
    pub fn new(of: &'static str) -> Self {
        Self { of, done: 0, failed: 0, in_a_row: 0 }
    }

    /// Notes what became of one row: how many things changed. Returns the error when all have failed for a while.
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

    /// Returns how many things changed, and logs how many could not be.
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
