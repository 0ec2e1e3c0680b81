//! Programs that read what this one does not: `ffmpeg` and `ffprobe` for sound and video, `pdftoppm` and `pdfinfo` for PDF. They
//! may be missing. Files come from anybody: no shell, a fixed set of arguments, a clean environment, a time limit, and no more
//! output than is waited for.

use std::ffi::OsStr;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::Command;

#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    #[error("{0} is not installed")]
    Missing(&'static str),
    /// The file's fault: another try would end the same.
    #[error("{0} could not read it")]
    Failed(&'static str),
    #[error("{0} took too long")]
    TooSlow(&'static str),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs a program; answers what it wrote, which is at most `most` bytes.
pub async fn run(program: &'static str, arguments: &[&OsStr], time: Duration, most: u64) -> Result<Vec<u8>, ToolError> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ToolError::Missing(program),
        _ => error.into(),
    })?;
    let output = async {
        let mut output = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout.take(most + 1).read_to_end(&mut output).await?;
        }
        if output.len() as u64 > most {
            return Err(ToolError::Failed(program));
        }
        // A crash on a hostile file is a failure like any other.
        if child.wait().await?.success() { Ok(output) } else { Err(ToolError::Failed(program)) }
    };
    // Dropped with its future, the program is ended.
    tokio::time::timeout(time, output).await.unwrap_or(Err(ToolError::TooSlow(program)))
}
