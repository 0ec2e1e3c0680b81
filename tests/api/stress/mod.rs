//! Hostile files, kills and restarts for minutes, against a separate server on each pair of engines. `make stress` runs
//! them, `make soak` the one that runs for an hour.

mod client;
mod facts;
mod hostile;
mod hostile_files;
mod kills;
mod process_tree;
pub mod random;
mod restarts;
mod soak;
mod verify;
mod watcher;

/// Clients begin a new channel after this many rounds, so that the verification of each stays small.
const ROUNDS_OF_BOOK: u64 = 10;

/// Turns each `async fn name(installation: Installation)` into two tests, one for each pair of engines. `make test`
/// does not include them.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite_local {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "minutes: make stress"]
            async fn $name() {
                super::$name($crate::support::Installation::as_released($crate::support::Engines::SqliteLocal).await).await;
            })+
        }
        mod postgres_garage {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "minutes: make stress"]
            async fn $name() {
                super::$name($crate::support::Installation::as_released($crate::support::Engines::PostgresGarage).await).await;
            })+
        }
    };
}

use on_both_engines;
