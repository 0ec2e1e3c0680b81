//! Password hashing: Argon2id with the crate's defaults, off the async threads, a few at a time because each takes 19 MB.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use tokio::sync::Semaphore;

use crate::platform::error::{AppError, Result};

static HASHING: Semaphore = Semaphore::const_new(4);

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _permit = HASHING.acquire().await.map_err(|error| AppError::unexpected("password hashing", error))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| AppError::unexpected("password hashing", error))
}

/// The PHC string to store.
pub async fn hash(password: String) -> Result<String> {
    off_thread(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
        .await?
        .map_err(|error| AppError::unexpected("password hashing", error))
}

/// Whether `password` is the one that `stored` was made of. Without a stored hash it takes as long and answers no, so that
/// the time does not tell which emails have an account.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool> {
    tracing::debug!("checking a password");
    let Some(stored) = stored else {
        hash(password).await?;
        return Ok(false);
    };
    off_thread(move || {
        PasswordHash::new(&stored)
            .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await
}
