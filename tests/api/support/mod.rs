//! Support for tests: the real router on a real socket, a new database, people of every role.

mod answer;
mod app;
mod barrier;
mod database;
mod engines;
mod event_source;
pub mod files;
pub mod hostile;
mod parts;
mod process;
mod program;
mod receiver;
mod relay;
mod statements;
mod upload;
mod user;
pub mod zip;

pub use answer::{Answer, text};
pub use app::{PASSWORD, TestApp, files_under};
pub use barrier::{Barrier, meet, meet_in_order, overtaken_by_role};
pub use database::{assert_database_is_whole, end_leases};
pub use engines::Engines;
pub use event_source::EventSource;
pub use parts::{Parts, checksum};
pub use process::{Installation, Process, until};
pub use program::{Part, Program};
pub use receiver::{Received, Receiver, Reply};
pub use relay::{Line, line_before, lose_answer, relay};
pub use statements::{Fault, Statements, statements_before};
pub use upload::Upload;
pub use user::User;

/// Turns each `async fn name(app: TestApp)` into two tests, one for each pair of engines.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite_local {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::TestApp::start($crate::support::Engines::SqliteLocal).await).await;
            })+
        }
        mod postgres_garage {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::TestApp::start($crate::support::Engines::PostgresGarage).await).await;
            })+
        }
    };
}

/// The same, each in its own storage, because objects of other tests are in a shared one.
macro_rules! alone_on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite_local {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::TestApp::start_alone($crate::support::Engines::SqliteLocal).await).await;
            })+
        }
        mod postgres_garage {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::TestApp::start_alone($crate::support::Engines::PostgresGarage).await).await;
            })+
        }
    };
}

/// Declares tests for one pair only, for example for a signed URL of local disk.
macro_rules! on_one_pair {
    ($module:ident, $engines:ident: $($name:ident),+ $(,)?) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::TestApp::start($crate::support::Engines::$engines).await).await;
            })+
        }
    };
}

/// Declares tests with separate servers: each `async fn name(installation: Installation)`.
macro_rules! as_process_on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite_local {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::Installation::new($crate::support::Engines::SqliteLocal).await).await;
            })+
        }
        mod postgres_garage {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::Installation::new($crate::support::Engines::PostgresGarage).await).await;
            })+
        }
    };
}

pub(crate) use {alone_on_both_engines, as_process_on_both_engines, on_both_engines, on_one_pair};
