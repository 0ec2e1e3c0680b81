//! Retries of transactions that the database ends because of a collision.

use std::future::Future;

use crate::platform::error::{AppError, Result};

/// Runs a transaction, and once more if the database ended it because of another one (a deadlock or a serialization
/// failure). `run` begins the transaction, so nothing of the first attempt remains.
///
/// # Errors
/// `unavailable` if it was ended twice.
pub async fn retry_collisions<T, F>(mut run: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    match run().await {
        Err(error) if error.is_collision => {
            tracing::warn!("a transaction collided with another one and is retried");
            run().await.map_err(|error| if error.is_collision { AppError::collision() } else { error })
        }
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::platform::error::ErrorKind;

    fn collision() -> AppError {
        AppError { is_collision: true, ..AppError::internal() }
    }

    #[tokio::test]
    async fn a_collision_is_retried_once_and_nothing_else_is() {
        for (failures, error, tries, kind) in [
            (0, collision(), 1, None),
            (1, collision(), 2, None),
            (9, collision(), 2, Some(ErrorKind::Unavailable)),
            (9, AppError::not_found("file"), 1, Some(ErrorKind::NotFound)),
        ] {
            let runs = Cell::new(0);
            let outcome = retry_collisions(|| {
                runs.set(runs.get() + 1);
                let outcome = if runs.get() > failures { Ok(()) } else { Err(error.clone()) };
                async { outcome }
            });
            assert_eq!(outcome.await.err().map(|error| error.kind), kind);
            assert_eq!(runs.get(), tries);
        }
    }
}
