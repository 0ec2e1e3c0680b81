//! Sandbox: runs code that reads hostile files in child processes with little memory and processor time, no network,
//! and no files but those that are passed to them. Has no knowledge of what the children read.
//!
//! [`Pool`] keeps long-lived workers of this same binary. [`program::run`] starts one other program, such as ffmpeg,
//! for one file.

mod confine;
mod exchange;
mod limits;
mod pool;
pub mod program;
pub mod worker;

pub use exchange::Answer;
pub use pool::{DEATHS, Pool, Work};

use std::io;
use std::path::PathBuf;

/// Why a child process failed.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The file needs more memory, or crashed the code that read it. A retry would fail again.
    #[error("the worker died")]
    Died,
    /// The file needs more processor time than allowed. A retry would fail again.
    #[error("the worker ran out of time")]
    TimedOut,
    /// All workers were busy until the caller's deadline. Retry later.
    #[error("all workers are busy")]
    Busy,
    /// The program is not installed.
    #[error("{0} is not installed")]
    Missing(&'static str),
    /// The program ended with an error: it can't read this file.
    #[error("{0} could not read the file")]
    Failed(&'static str),
    /// Not the file's fault. Retry later.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Returns the executable of this process. On Linux the link stays valid when an upgrade replaces the file.
pub fn own_executable() -> PathBuf {
    if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe().unwrap_or_default() }
}
