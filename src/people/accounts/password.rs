//! Passwords: which are refused, and hashing by Argon2id with the crate's defaults, off the async threads, a few at a time because each
//! takes 19 MB.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use super::model::check_password;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::normal_form::composed;
use crate::platform::tally::Tally;

/// New passwords and checks have separate queues, so that a flood of sign-ups does not block log-ins. A network has two thirds of a queue
/// at most, so that it does not block those of others.
static NEW: LazyLock<Queue> = LazyLock::new(|| Queue::new(1, 20, 14));
static CHECKS: LazyLock<Queue> = LazyLock::new(|| Queue::new(2, 60, 40));
/// How long a thread of a queue waits for its next password before it ends.
const THREAD_LIFETIME: Duration = Duration::from_hours(24);
/// Seconds after which a full queue has room again.
const RETRY_AFTER: u32 = 5;

/// A password that takes fewer guesses is refused, as a power of ten. zxcvbn's own bounds: below 10⁶ a password does not withstand
/// guessing through a log-in with limits.
const GUESSES_MIN: f64 = 6.0;
/// What zxcvbn looks at: the time it takes grows with the square of the length.
const LOOKED_AT: usize = 100;

/// Refuses passwords that are too short, too long, common, or made of what others know: `words` of the owner, such as name and email.
pub fn check(password: &str, words: &[&str]) -> Result<()> {
    let password = &composed(password);
    check_password(password)?;
    let start: String = password.chars().take(LOOKED_AT).collect();
    let known: Vec<&str> =
        words.iter().flat_map(|word| word.split([' ', '@', '.'])).chain(words.iter().copied()).collect();
    if zxcvbn::zxcvbn(&start, &known).guesses_log10() < GUESSES_MIN {
        let message = "This password is too common. Use several unrelated words.";
        return Err(AppError::invalid("password", message));
    }
    Ok(())
}

/// A few at a time, and not too many waiting.
struct Queue {
    running: Semaphore,
    /// Threads of its own: the C library keeps the memory of a hash for every thread that ever made one, and the server has hundreds.
    threads: Runtime,
    /// Those that run and those that wait.
    places: Semaphore,
    /// Places that each network has.
    by_network: Tally<String>,
    of_one_network: u64,
}

fn too_many() -> AppError {
    let message = "Too many people are signing up or logging in right now. Try again in a few seconds.";
    AppError::retry_later(ErrorKind::RateLimited, message, RETRY_AFTER)
}

impl Queue {
    fn new(running: usize, waiting: usize, of_one_network: u64) -> Self {
        let mut threads = Builder::new_current_thread();
        threads.max_blocking_threads(running).thread_keep_alive(THREAD_LIFETIME);
        Self {
            running: Semaphore::new(running),
            threads: threads.build().expect("a runtime without drivers always starts"),
            places: Semaphore::new(running + waiting),
            by_network: Tally::default(),
            of_one_network,
        }
    }

    /// # Errors
    /// [`ErrorKind::RateLimited`] at once when too many wait, of all or of this network.
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
        // Held by the thread: it goes on when the request is dropped.
        let work = move || {
            let _held = (place, turn, share);
            work()
        };
        self.threads.spawn_blocking(work).await.map_err(|error| AppError::unexpected("password hashing", error))
    }
}

/// Returns the PHC string to store, of the composed form (NFC): which form a keyboard types depends on the system. `network` is where the
/// request came from, or who else asks for it.
pub async fn hash(password: String, network: &str) -> Result<String> {
    hash_in(&NEW, composed(&password), network).await
}

async fn hash_in(queue: &'static Queue, password: String, network: &str) -> Result<String> {
    queue
        .run(network, move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
        .await?
        .map_err(|error| AppError::unexpected("password hashing", error))
}

/// Returns whether `password` in any form is the one that `stored` was made of. Without a stored hash it takes as long and answers no, so that
/// the time does not tell which emails have an account.
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

/// Returns the forms in which a password may be stored: composed, and as it was typed or decomposed for hashes of older versions.
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

    /// Hashes new passwords at the same time, one for each network. Returns how many were refused.
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

    /// In one test: the queues are those of the process.
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
