//! Passwords: which are rejected, and hashing by Argon2id with the crate's defaults, off the async threads, a few at a
//! time because each uses 19 MB.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use super::model::check_password;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::normal_form::composed;
use crate::platform::tally::Tally;

/// New passwords and checks have separate queues, so that a flood of sign-ups does not block log-ins. A network can use
/// two thirds of a queue, so that it does not block those of others.
static NEW: LazyLock<Queue> = LazyLock::new(|| Queue::new(1, 20, 14));
static CHECKS: LazyLock<Queue> = LazyLock::new(|| Queue::new(2, 60, 40));
/// Seconds to wait before retrying when a queue is full.
const RETRY_AFTER: u32 = 5;

/// Minimum number of guesses for a password, as a power of ten. zxcvbn's own limit: a password below 10⁶ does not
/// withstand guessing through a rate-limited log-in.
const GUESSES_MIN: f64 = 6.0;
/// Number of characters that zxcvbn checks: its time grows with the square of the length.
const CHECKED_CHARS: usize = 100;

/// Rejects passwords that are too short, too long, common, or contain what others know: `words` of the owner, such as
/// name and email.
pub fn check(password: &str, words: &[&str]) -> Result<()> {
    let password = &composed(password);
    check_password(password)?;
    let start: String = password.chars().take(CHECKED_CHARS).collect();
    let known: Vec<&str> =
        words.iter().flat_map(|word| word.split([' ', '@', '.'])).chain(words.iter().copied()).collect();
    if zxcvbn::zxcvbn(&start, &known).guesses_log10() < GUESSES_MIN {
        let message = "This password is too common. Use several unrelated words.";
        return Err(AppError::invalid("password", message));
    }
    Ok(())
}

/// A queue with a few running and a limited number of waiting tasks.
struct Queue {
    running: Semaphore,
    /// Slots of running and waiting tasks.
    places: Semaphore,
    /// Slots in use by network.
    by_network: Tally<String>,
    of_one_network: u64,
}

fn too_many() -> AppError {
    let message = "Too many people are signing up or logging in right now. Try again in a few seconds.";
    AppError::retry_later(ErrorKind::RateLimited, message, RETRY_AFTER)
}

impl Queue {
    fn new(running: usize, waiting: usize, of_one_network: u64) -> Self {
        let (running, places) = (Semaphore::new(running), Semaphore::new(running + waiting));
        Self { running, places, by_network: Tally::default(), of_one_network }
    }

    /// Runs work in the queue.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`] immediately if too many wait, in total or from this network.
    async fn run<T: Send + 'static>(
        &'static self,
        network: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let mut share = self.by_network.share(network.to_owned());
        if share.add(1) > self.of_one_network {
            return Err(too_many());
        }
        let place = self.places.try_acquire().map_err(|_| too_many())?;
        let turn = self.running.acquire().await.map_err(|error| AppError::unexpected("password hashing", error))?;
        // Owned by the thread, which continues when the request is dropped.
        let work = move || {
            let _held = (place, turn, share);
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| AppError::unexpected("password hashing", error))
    }
}

/// Returns the PHC string to store, of the composed form (NFC), because keyboards type different forms. `network` is
/// the network of the request, or another name for its origin.
pub async fn hash(password: String, network: &str) -> Result<String> {
    hash_in(&NEW, composed(&password), network).await
}

async fn hash_in(queue: &'static Queue, password: String, network: &str) -> Result<String> {
    queue
        .run(network, move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
        .await?
        .map_err(|error| AppError::unexpected("password hashing", error))
}

/// Returns whether `password` in any form matches `stored`. Without a stored hash it takes as long and returns `false`,
/// so that the time does not show which emails have an account.
pub async fn verify(password: String, stored: Option<String>, network: &str) -> Result<bool> {
    tracing::debug!("checking a password");
    let Some(stored) = stored else {
        for form in forms(password) {
            hash_in(&CHECKS, form, network).await?;
        }
        return Ok(false);
    };
    let check = move || {
        let Ok(parsed) = PasswordHash::new(&stored) else { return false };
        forms(password).iter().any(|form| Argon2::default().verify_password(form.as_bytes(), &parsed).is_ok())
    };
    CHECKS.run(network, check).await
}

/// Returns the forms in which a password may be stored: composed, and as typed or decomposed for hashes of older
/// versions.
fn forms(password: String) -> Vec<String> {
    let mut forms = vec![composed(&password)];
    for form in [password.nfd().collect(), password] {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_refused_and_long_phrases_accepted() {
        for common in [
            "password1234",
            "Password1234",
            "passwordpassword",
            "qwertyuiop12",
            "123456789012",
            "aaaaaaaaaaaa",
            "iloveyou1234",
            "abcdefghijkl",
            "P@ssw0rd1234",
            "administrator",
            "letmeinletmein",
            "mara.ellis@example.com",
            "1q2w3e4r5t6y",
        ] {
            let error = check(common, &["Mara Ellis", "mara.ellis@example.com"]).expect_err(common);
            assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::InvalidValue, Some("password")), "{common}");
        }
        for good in [
            "correct horse battery",
            "a long enough password",
            "harbour lane demo",
            "wrong horse battery",
            "vK7#qpXz!m2Lr9",
        ] {
            check(good, &["Mara Ellis", "mara.ellis@example.com"]).expect(good);
        }
        check(&"x7Q ".repeat(256), &[]).expect_err("what repeats is guessed");
    }

    #[tokio::test]
    async fn a_password_is_the_same_in_every_form() {
        let (composed, decomposed) = ("Caf\u{e9} br\u{fb}l\u{e9} 12", "Cafe\u{301} bru\u{302}le\u{301} 12");
        let old = Argon2::default().hash_password(decomposed.as_bytes()).unwrap().to_string();
        for stored in
            [hash(composed.to_owned(), "c").await.unwrap(), hash(decomposed.to_owned(), "c").await.unwrap(), old]
        {
            for typed in [composed, decomposed] {
                assert!(verify(typed.to_owned(), Some(stored.clone()), "c").await.unwrap());
            }
            assert!(!verify("Cafe brule 12".to_owned(), Some(stored), "c").await.unwrap());
        }
        assert_eq!(forms("plain".to_owned()), ["plain"]);
    }

    /// Hashes new passwords at the same time, one for each network. Returns the number of rejected ones.
    async fn refused(networks: impl Iterator<Item = String>) -> usize {
        let flood: Vec<_> = networks
            .map(|network| tokio::spawn(async move { hash("correct horse battery".to_owned(), &network).await }))
            .collect();
        let mut refused = 0;
        for one in flood {
            if let Err(error) = one.await.unwrap() {
                assert_eq!((error.kind, error.retry_after), (ErrorKind::RateLimited, Some(RETRY_AFTER)));
                refused += 1;
            }
        }
        refused
    }

    /// One test for all, because the queues belong to the process.
    #[tokio::test]
    async fn a_flood_is_refused_and_others_go_on() {
        let stored = hash("correct horse battery".to_owned(), "a").await.unwrap();
        let flood = tokio::spawn(refused((0..60).map(|number| number.to_string())));
        tokio::task::yield_now().await;
        assert!(verify("correct horse battery".to_owned(), Some(stored), "a").await.unwrap());
        let all = flood.await.unwrap();
        assert!((30..=40).contains(&all), "21 have a place, and more as they end: {all}");

        let of_one = tokio::spawn(refused((0..60).map(|_| "a".to_owned())));
        while NEW.by_network.share("a".to_owned()).add(0) < NEW.of_one_network {
            tokio::task::yield_now().await;
        }
        hash("correct horse battery".to_owned(), "b").await.expect("another network has a place");
        let of_one = of_one.await.unwrap();
        assert!((30..=46).contains(&of_one), "14 of it have a place, and more as they end: {of_one}");
    }
}
