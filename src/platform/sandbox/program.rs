//! Runs another program for one file, such as ffmpeg: no shell, a fixed set of arguments, an empty environment, limits,
//! and a maximum output. A process of this binary limits and confines itself and then becomes the program.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use clap::Args;
use rustix::process::nice;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::time::timeout;
use uuid::Uuid;

use super::confine::confine_program;
use super::limits::{Limits, allow_for_good, restrict};
use super::{Pool, SandboxError};

/// The argument that starts this binary as such a process.
pub const PROGRAM_COMMAND: &str = "confined-program";
/// Factor by which a program may exceed its processor time in wall-clock time.
const SLOWNESS: u32 = 8;
/// Exit code if the program is not installed, as in a shell.
const NOT_FOUND: u8 = 127;
/// Exit code if the process could not be confined.
const NOT_CONFINED: u8 = 126;
/// Signals that kill a program whose processor time is used up: SIGXCPU, then SIGKILL.
const OUT_OF_TIME: [i32; 2] = [24, 9];
const NICENESS: i32 = 5;

/// A program to run on one file.
pub struct Program<'a> {
    pub name: &'static str,
    pub arguments: &'a [&'a OsStr],
    /// The only user file that it can open.
    pub input: &'a Path,
    /// Bytes of private memory.
    pub memory: u64,
    pub processor: Duration,
    /// Maximum output, in bytes. A program that writes more is killed.
    pub output_max: u64,
}

/// Runs the program within the limits that `pool` sets for all work together; `group` is the owner of the work. Returns
/// its standard output.
///
/// # Errors
/// [`SandboxError::Missing`] if it is not installed, [`SandboxError::Failed`] if it ends with an error,
/// [`SandboxError::TimedOut`] if it uses up its time.
pub async fn run(pool: &Pool, group: Uuid, program: &Program<'_>) -> Result<Vec<u8>, SandboxError> {
    let _reserved = pool.reserve(group, program.memory).await?;
    let mut command = Command::new(pool.program());
    command
        .arg(PROGRAM_COMMAND)
        .args(["--memory", &program.memory.to_string()])
        .args(["--processor-seconds", &program.processor.as_secs().max(1).to_string()])
        .arg("--input")
        .arg(program.input)
        .arg("--")
        .arg(program.name)
        .args(program.arguments)
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut child = command.spawn()?;
    let output = async {
        let mut output = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout.take(program.output_max + 1).read_to_end(&mut output).await?;
        }
        if output.len() as u64 > program.output_max {
            return Err(SandboxError::Failed(program.name));
        }
        let status = child.wait().await?;
        match (status.code(), status.signal()) {
            (Some(0), _) => Ok(output),
            (Some(code), _) if code == i32::from(NOT_FOUND) => Err(SandboxError::Missing(program.name)),
            (Some(code), _) if code == i32::from(NOT_CONFINED) => {
                Err(io::Error::other("failed to set up the sandbox").into())
            }
            (_, Some(signal)) if OUT_OF_TIME.contains(&signal) => Err(SandboxError::TimedOut),
            // A crash on a hostile file is an ordinary failure.
            _ => Err(SandboxError::Failed(program.name)),
        }
    };
    let most = program.processor * SLOWNESS + Duration::from_secs(1);
    timeout(most, output).await.unwrap_or(Err(SandboxError::TimedOut))
}

/// The command line of the process.
#[derive(Debug, Clone, Args)]
pub struct Confined {
    #[arg(long)]
    memory: u64,
    #[arg(long)]
    processor_seconds: u64,
    #[arg(long)]
    input: PathBuf,
    #[arg(last = true, required = true)]
    program: Vec<OsString>,
}

/// Limits and confines this process, then becomes the program. Returns only on failure.
pub fn become_program(confined: &Confined) -> ExitCode {
    let limits = Limits { memory: confined.memory, processor: Duration::from_secs(confined.processor_seconds) };
    let _ = nice(NICENESS);
    let ready =
        restrict(confined.memory).and_then(|()| allow_for_good(limits)).and_then(|()| confine_program(&confined.input));
    let Some((name, arguments)) = confined.program.split_first().filter(|_| ready.is_ok()) else {
        return ExitCode::from(NOT_CONFINED);
    };
    let error = std::process::Command::new(name).args(arguments).exec();
    ExitCode::from(if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_CONFINED })
}
