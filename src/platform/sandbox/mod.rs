//! Runs code that reads hostile files in child processes that can do no harm: little memory, little processor time, no network,
//! no files but those that are handed to them. Knows nothing of what the children read.
//!
//! [`Pool`] keeps long-lived workers of this same binary. [`program::run`] starts one other program, such as ffmpeg, for one file.

mod confine;
mod exchange;
mod limits;
mod pool;
pub mod program;
pub mod worker;

pub use exchange::Answer;
pub use pool::{Pool, Work};

use std::io;
use std::path::PathBuf;

/// Why a child process did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The file needs more memory, or broke the code that read it. Another try would end the same.
    #[error("the worker died")]
    Died,
    /// The file needs more processor time than a file may. Another try would end the same.
    #[error("the worker ran out of time")]
    TimedOut,
    /// All workers were at work for others until the caller's patience ended. Worth another try.
    #[error("all workers are busy")]
    Busy,
    /// The program is not installed.
    #[error("{0} is not installed")]
    Missing(&'static str),
    /// The program ended with an error: it cannot read this file.
    #[error("{0} could not read the file")]
    Failed(&'static str),
    /// Not the file's fault. Worth another try.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The executable of this process. On Linux the link stays right when the file is replaced by an upgrade.
pub fn own_executable() -> PathBuf {
    if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe().unwrap_or_default() }
}
