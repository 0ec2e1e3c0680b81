//! HEIC, HEIF and AVIF, by `heif-convert` of libheif, or by `ffmpeg` if that is not installed.

use std::ffi::OsStr;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::Reader;
use super::av;
use crate::platform::file_types::iso;
use crate::platform::file_types::recognize::SNIFF_BYTES;
use crate::platform::sandbox::SandboxError;

const TIME: Duration = Duration::from_secs(5);
/// Private memory, in bytes: a photo of 48 megapixels, its tiles and its colors.
const MEMORY: u64 = 420_000_000;
/// Maximum size of its output PNG, in bytes.
const DRAWN_MAX: u64 = 160_000_000;
/// Length of the signature and the first chunk of a PNG, in bytes.
const PNG_HEAD: usize = 33;
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
            Ok(png) if !png.is_empty() => return Ok(Drawn { png: with_colors(png, path).await?, is_whole: true }),
            Err(SandboxError::Missing(_)) => {}
            // It can't read this one. The other may.
            Ok(_) | Err(SandboxError::Failed(_)) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(Drawn { png: av::first(reader, path, "mov").await?, is_whole: false })
}

/// Adds the file's color codes, which the program omits: the chunk `cICP` (PNG, third edition, §11.3.2.6) after the first.
async fn with_colors(png: Vec<u8>, path: &Path) -> Result<Vec<u8>, SandboxError> {
    let mut start = Vec::new();
    tokio::fs::File::open(path).await?.take(SNIFF_BYTES).read_to_end(&mut start).await?;
    let (Some([primaries, transfer]), Some((head, rest))) = (iso::color_codes(&start), png.split_at_checked(PNG_HEAD))
    else {
        return Ok(png);
    };
    let chunk = [b'c', b'I', b'C', b'P', primaries, transfer, 0, 1];
    Ok([head, &4_u32.to_be_bytes(), &chunk, &crc32fast::hash(&chunk).to_be_bytes(), rest].concat())
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
