//! HEIC, HEIF and AVIF, by `heif-convert` of libheif, or by `ffmpeg` if that is not installed.

use std::ffi::OsStr;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use super::Reader;
use super::av;
use crate::platform::sandbox::SandboxError;

const TIME: Duration = Duration::from_secs(5);
/// Private memory, in bytes: a photo of 48 megapixels, its tiles and its colors.
const MEMORY: u64 = 420_000_000;
/// Maximum size of its output PNG, in bytes.
const DRAWN_MAX: u64 = 160_000_000;
/// The same program under its old name and its new one.
const PROGRAMS: [&str; 2] = ["heif-convert", "heif-dec"];

/// A picture that a program has rendered, upright.
pub struct Drawn {
    pub png: Vec<u8>,
    /// Whether it has as many pixels as the file.
    pub is_whole: bool,
}

pub async fn picture(reader: &Reader<'_>, path: &Path) -> Result<Drawn, SandboxError> {
    for program in PROGRAMS {
        match convert(reader, program, path).await {
            Ok(png) if !png.is_empty() => return Ok(Drawn { png, is_whole: true }),
            Err(SandboxError::Missing(_)) => {}
            // It can't read this one. The other may.
            Ok(_) | Err(SandboxError::Failed(_)) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(Drawn { png: av::first(reader, path, "mov").await?, is_whole: false })
}

/// Runs the program. It writes to a file whose name ends in its format, and nothing can be written here: the name is a
/// link to standard output.
async fn convert(reader: &Reader<'_>, program: &'static str, path: &Path) -> Result<Vec<u8>, SandboxError> {
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("out.png");
    // The first of several pictures has a number.
    for name in ["out.png", "out-1.png"] {
        symlink("/proc/self/fd/1", folder.path().join(name))?;
    }
    let arguments: [&OsStr; 3] = [OsStr::new("--quiet"), path.as_os_str(), output.as_os_str()];
    reader.run(program, &arguments, path, MEMORY, TIME, DRAWN_MAX).await
}
